//! The reference as types: what each endpoint takes and answers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

const TEXT: &str = include_str!("../../../testdata/helpdesk-v1.json");

/// Fields by their names.
pub type Fields = BTreeMap<String, Field>;

#[derive(Debug, Deserialize)]
pub struct Reference {
    pub endpoints: Vec<Endpoint>,
    pub events_envelope: EventsEnvelope,
    pub events: Vec<Event>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Endpoint {
    pub id: String,
    pub method: String,
    pub path: String,
    pub token_types: Vec<String>,
    pub scopes: Vec<String>,
    pub app_types: Vec<String>,
    pub rate_limit: Option<RateLimit>,
    pub path_params: Vec<Parameter>,
    pub query: Vec<Parameter>,
    pub body: Option<Fields>,
    pub response_data: Option<Fields>,
    pub binary_response: bool,
    pub errors: Vec<ErrorRow>,
    #[serde(default = "yes")]
    pub errors_documented: bool,
    #[serde(default)]
    pub operator_roles: Vec<String>,
    #[serde(default)]
    pub sdk_extra_fields: Extra,
}

#[derive(Debug, Clone, Deserialize)]
pub struct RateLimit {
    pub limits: Option<Vec<Limit>>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Limit {
    pub requests: u32,
}

/// A parameter of a path or a query: a field with a name.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameter {
    pub name: String,
    #[serde(flatten)]
    pub field: Field,
}

#[derive(Debug, Clone, Deserialize)]
pub struct ErrorRow {
    pub http: u16,
    pub code: i64,
    pub msg: String,
}

/// Paths that SDK models carry beyond the documented fields.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Extra {
    pub body: Vec<String>,
    pub response: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Field {
    #[serde(rename = "type")]
    pub kind: Kind,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub effectively_required: bool,
    #[serde(default)]
    pub always_present: bool,
    #[serde(default, rename = "enum")]
    pub options: Vec<Value>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub max_len: Option<usize>,
    pub also_accept: Option<String>,
    #[serde(default)]
    pub fields: Fields,
}

#[derive(Debug, Deserialize)]
pub struct EventsEnvelope {
    pub header: Field,
}

#[derive(Debug, Deserialize)]
pub struct Event {
    #[serde(rename = "type")]
    pub kind: String,
    pub body: Fields,
}

/// A field's type.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Kind {
    String,
    Int,
    Float,
    Bool,
    Object,
    StringOrObject,
    /// An object with texts as values.
    Map,
    Array(Box<Kind>),
    /// The object that holds this field.
    Same,
}

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let item = text.strip_prefix("array<").and_then(|rest| rest.strip_suffix('>'));
        if let Some(item) = item {
            return Ok(Self::Array(Box::new(Self::try_from(item.to_owned())?)));
        }
        match text.as_str() {
            "string" => Ok(Self::String),
            "int" | "int64" => Ok(Self::Int),
            "float" => Ok(Self::Float),
            "bool" => Ok(Self::Bool),
            "object" => Ok(Self::Object),
            "string|object" => Ok(Self::StringOrObject),
            "map<string,string>" => Ok(Self::Map),
            // The only recursive shape of the reference.
            "category" => Ok(Self::Same),
            other => Err(format!("the reference has a type {other} that this test does not know")),
        }
    }
}

impl Endpoint {
    /// Whether it takes a user token; else a tenant token.
    pub fn takes_user(&self) -> bool {
        self.token_types == ["user"]
    }

    pub fn is_read(&self) -> bool {
        self.method == "GET"
    }

    pub fn row(&self, http: u16, code: i64) -> Option<&ErrorRow> {
        self.errors.iter().find(|row| (row.http, row.code) == (http, code))
    }

    pub fn has_row(&self, http: u16, code: i64) -> bool {
        self.row(http, code).is_some()
    }

    /// The calls that are allowed at once: the lowest limit, or 50 where the page has no figures.
    pub fn burst(&self) -> u32 {
        let limits = self.rate_limit.as_ref().and_then(|rate| rate.limits.as_ref());
        limits.and_then(|limits| limits.iter().map(|limit| limit.requests).min()).unwrap_or(50)
    }

    /// The answer to a path that names nothing.
    pub fn unknown(&self) -> (u16, i64) {
        if self.has_row(404, 154_004) || !self.errors_documented { (404, 154_004) } else { (400, 154_000) }
    }

    /// The answer to a malformed decimal id in the path.
    pub fn malformed(&self) -> (u16, i64) {
        if self.has_row(400, 154_000) || !self.errors_documented { (400, 154_000) } else { (404, 154_004) }
    }
}

const fn yes() -> bool {
    true
}

/// Reads it.
pub fn read() -> Reference {
    let mut reference: Reference = serde_json::from_str(TEXT).expect("the reference has the form of these types");
    // Two pages have no table of errors; their sibling's holds for them.
    let sibling = reference.endpoints.iter().find(|e| e.id == "notification.cancel_approve").expect("an endpoint");
    let rows = sibling.errors.clone();
    for endpoint in reference.endpoints.iter_mut().filter(|e| !e.errors_documented) {
        endpoint.errors.clone_from(&rows);
    }
    reference
}
