//! Valid calls, and how to make them wrong.

use serde_json::Value;
use testkit::server::OWNER;

use super::reference::{Endpoint, Fields, Kind};

/// A call of an endpoint without its credentials.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub path: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub body: Option<Value>,
}

/// Where a value stands in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Query(&'static str),
    Body(&'static str),
}

/// A wrong value and the codes it may get.
#[derive(Debug, Clone)]
pub struct Wrong {
    pub at: At,
    pub value: Value,
    pub codes: Vec<(u16, i64)>,
    /// Whether the answer has to name the field.
    pub named: bool,
}

/// A valid call of an endpoint, with what a machine cannot read off the reference.
#[derive(Debug, Clone)]
pub struct Sample {
    pub id: &'static str,
    /// The call, with every field the caller may fill.
    pub given: Given,
    /// More valid calls, made after the first.
    pub others: Vec<Given>,
    /// Who calls, where a user token is needed.
    pub operator: &'static str,
    /// Fields that the server ignores, by their path without indexes.
    pub ignored: &'static [&'static str],
    /// Values of the right type that are wrong: unknown and malformed ids, forms that only notes tell of.
    pub wrong: Vec<Wrong>,
    /// Who may not call it, and the code they get; what `operator_roles` says need not be named.
    pub refused: Vec<(&'static str, (u16, i64))>,
    /// Whole bodies that are wrong.
    pub bodies: Vec<(Value, Vec<(u16, i64)>)>,
    /// Calls that are refused because of how things are: which, whether at another help desk, and the code.
    pub never: Vec<(Given, bool, (u16, i64))>,
}

pub const INVALID: (u16, i64) = (400, 154_000);
pub const FIELD: (u16, i64) = (400, 99_992_402);
pub const FORBIDDEN: (u16, i64) = (403, 154_003);
pub const NOT_FOUND: (u16, i64) = (404, 154_004);
pub const METHOD_FORBIDDEN: (u16, i64) = (405, 154_005);

impl Given {
    #[must_use]
    pub fn path(mut self, name: &str, value: impl Into<String>) -> Self {
        self.path.push((name.to_owned(), value.into()));
        self
    }

    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "samples read better without references to literals")]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The path and query of this call of `endpoint`.
    pub fn target(&self, endpoint: &Endpoint) -> String {
        let mut target = endpoint.path.clone();
        for (name, value) in &self.path {
            target = target.replace(&format!(":{name}"), value);
        }
        if self.query.is_empty() {
            return target;
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish();
        format!("{target}?{query}")
    }

    /// The same call with this parameter once, and so.
    pub fn with_query(&self, name: &str, value: &str) -> Self {
        let mut given = self.clone();
        given.query.retain(|(other, _)| other != name);
        given.query.push((name.to_owned(), value.to_owned()));
        given
    }

    /// The same call with `value` there.
    pub fn with(&self, at: At, value: &Value) -> Self {
        let mut given = self.clone();
        match at {
            At::Query(name) => {
                given = given.with_query(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            }
            At::Body(path) => given.body = given.body.map(|body| Place::parse(path).set(&body, Some(value.clone()))),
        }
        given
    }
}

impl Sample {
    pub fn new(id: &'static str) -> Self {
        Self {
            id,
            given: Given::default(),
            others: Vec::new(),
            operator: OWNER,
            ignored: &[],
            wrong: Vec::new(),
            refused: Vec::new(),
            bodies: Vec::new(),
            never: Vec::new(),
        }
    }

    #[must_use]
    pub fn path(mut self, name: &str, value: impl Into<String>) -> Self {
        self.given = self.given.path(name, value);
        self
    }

    #[must_use]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.given = self.given.query(name, value);
        self
    }

    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.given = self.given.body(body);
        self
    }

    /// One more valid call.
    #[must_use]
    pub fn and(mut self, change: impl FnOnce(Given) -> Given) -> Self {
        self.others.push(change(Given { path: self.given.path.clone(), ..Given::default() }));
        self
    }

    #[must_use]
    pub fn wrong(mut self, at: At, value: impl Into<Value>, codes: &[(u16, i64)]) -> Self {
        self.wrong.push(Wrong { at, value: value.into(), codes: codes.to_vec(), named: true });
        self
    }

    /// A value that is right by itself, but not in the state that things are in.
    #[must_use]
    pub fn conflict(mut self, at: At, value: impl Into<Value>, codes: &[(u16, i64)]) -> Self {
        self.wrong.push(Wrong { at, value: value.into(), codes: codes.to_vec(), named: false });
        self
    }

    #[must_use]
    pub fn wrong_body(mut self, body: Value, codes: &[(u16, i64)]) -> Self {
        self.bodies.push((body, codes.to_vec()));
        self
    }

    /// The call on another thing, which is not in the state for it.
    #[must_use]
    pub fn never_on(mut self, value: impl Into<String>, code: (u16, i64)) -> Self {
        let mut given = self.given.clone();
        given.path[0].1 = value.into();
        self.never.push((given, false, code));
        self
    }

    /// The call with this body at another help desk.
    #[must_use]
    pub fn never_elsewhere(mut self, body: Value, code: (u16, i64)) -> Self {
        self.never.push((self.given.clone().body(body), true, code));
        self
    }

    #[must_use]
    pub fn refused(mut self, operator: &'static str, code: (u16, i64)) -> Self {
        self.refused.push((operator, code));
        self
    }

    #[must_use]
    pub fn ignoring(mut self, fields: &'static [&'static str]) -> Self {
        self.ignored = fields;
        self
    }
}

/// A place in a body, such as `faqs[0].score`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

impl Place {
    pub fn parse(text: &str) -> Self {
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (name, indexes) = part.split_once('[').map_or((part, ""), |(name, rest)| (name, rest));
            steps.push(Step::Name(name.to_owned()));
            let indexes = indexes.trim_end_matches(']').split("][").filter(|index| !index.is_empty());
            steps.extend(indexes.map(|index| Step::Index(index.parse().expect("a number in brackets"))));
        }
        Self(steps)
    }

    fn member(&self, name: &str) -> Self {
        Self(self.0.iter().cloned().chain([Step::Name(name.to_owned())]).collect())
    }

    pub fn item(&self, index: usize) -> Self {
        Self(self.0.iter().cloned().chain([Step::Index(index)]).collect())
    }

    /// The path without indexes, as the reference has it.
    pub fn plain(&self) -> String {
        let names = self.0.iter().filter_map(|step| match step {
            Step::Name(name) => Some(name.as_str()),
            Step::Index(_) => None,
        });
        names.collect::<Vec<_>>().join(".")
    }

    /// The body with another value here, or none.
    pub fn set(&self, body: &Value, value: Option<Value>) -> Value {
        let mut body = body.clone();
        let Some((last, above)) = self.0.split_last() else { return body };
        let holder = above.iter().try_fold(&mut body, |value, step| match step {
            Step::Name(name) => value.get_mut(name),
            Step::Index(index) => value.get_mut(index),
        });
        match (holder, last, value) {
            (Some(Value::Object(members)), Step::Name(name), Some(value)) => drop(members.insert(name.clone(), value)),
            (Some(Value::Object(members)), Step::Name(name), None) => drop(members.remove(name)),
            (Some(Value::Array(items)), Step::Index(index), Some(value)) => items[*index] = value,
            _ => panic!("the sample has nothing that could hold {self}: {body}"),
        }
        body
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Name(name) if i == 0 => f.write_str(name)?,
                Step::Name(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// A documented field of a body and where the sample has it, or could have it.
#[derive(Debug, Clone)]
pub struct Slot<'r> {
    pub place: Place,
    pub field: &'r super::reference::Field,
    pub filled: bool,
}

/// Every documented field of a body, in the places that the sample gives them. Members of array items are looked for in
/// all items, as pieces of rich text have different ones.
pub fn slots<'r>(fields: &'r Fields, body: &Value) -> Vec<Slot<'r>> {
    let mut all = Vec::new();
    walk(fields, body, &Place(Vec::new()), &mut all);
    let mut best: Vec<Slot<'r>> = Vec::new();
    for slot in all {
        match best.iter_mut().find(|other| other.place.plain() == slot.place.plain()) {
            Some(other) if !other.filled && slot.filled => *other = slot,
            Some(_) => {}
            None => best.push(slot),
        }
    }
    best
}

fn walk<'r>(fields: &'r Fields, body: &Value, above: &Place, into: &mut Vec<Slot<'r>>) {
    for (name, field) in fields {
        let place = above.member(name);
        let value = body.get(name);
        into.push(Slot { place: place.clone(), field, filled: value.is_some() });
        match (&field.kind, value) {
            (Kind::Object, Some(value)) => walk(&field.fields, value, &place, into),
            (Kind::Array(_), Some(Value::Array(items))) => {
                for (i, item) in items.iter().enumerate().filter(|(_, item)| item.is_object()) {
                    walk(&field.fields, item, &place.item(i), into);
                }
            }
            _ => {}
        }
    }
}
