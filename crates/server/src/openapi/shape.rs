//! The schema of one type, made from the type, with all that it refers to.

use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value};

use crate::api::Answer;

/// Where a schema stands within a [`Shape`] before it has its name in the document.
pub const LOCAL: &str = "#/$defs/";

/// A schema. References are to [`Self::definitions`].
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// The type itself: mostly a reference.
    pub root: Value,
    /// What is referred to, by the short name of its type.
    pub definitions: Map<String, Value>,
    /// Whether clients send it. What they read has no `null` (reference: helpdesk-v1.json `wire.null_handling`).
    pub sent: bool,
}

impl Shape {
    /// Of what clients send.
    pub fn sent<T: JsonSchema>() -> Self {
        let mut generator = SchemaSettings::draft2020_12().for_deserialize().into_generator();
        let root = generator.subschema_for::<T>().to_value();
        Self::new(root, generator, true)
    }

    /// Of what clients read.
    pub fn read<T: JsonSchema>() -> Self {
        let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        let root = generator.subschema_for::<T>().to_value();
        Self::new(root, generator, false)
    }

    /// Of the `data` of an answer; `None` for a file.
    pub fn answer<T: Answer>() -> Option<Self> {
        let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        let root = T::schema(&mut generator)?.to_value();
        Some(Self::new(root, generator, false))
    }

    fn new(mut root: Value, mut generator: SchemaGenerator, sent: bool) -> Self {
        let mut definitions = generator.take_definitions(true);
        tidy(&mut root, sent);
        definitions.values_mut().for_each(|definition| tidy(definition, sent));
        Self { root, definitions, sent }
    }

    /// The short name of the type, if it has one.
    pub fn name(&self) -> Option<&str> {
        target(&self.root)
    }

    /// The schema proper: the root, or what it refers to.
    pub fn resolved(&self) -> &Value {
        self.name().and_then(|name| self.definitions.get(name)).unwrap_or(&self.root)
    }

    /// Members with their schemas, and whether each is required.
    pub fn members(&self) -> Vec<(&str, &Value, bool)> {
        let schema = self.resolved();
        let required = schema["required"].as_array();
        let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|n| n == name));
        let properties = schema["properties"].as_object();
        properties.into_iter().flatten().map(|(name, member)| (name.as_str(), member, is_required(name))).collect()
    }

    /// Whether it says nothing: an object without members.
    pub fn is_empty(&self) -> bool {
        let schema = self.resolved();
        schema["type"] == "object" && self.members().is_empty() && schema.get("additionalProperties").is_none()
    }
}

/// The name that a reference of a [`Shape`] leads to.
pub fn target(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix(LOCAL)
}

/// Calls `change` with the schema and every schema in it.
pub fn each(schema: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    let Value::Object(members) = schema else { return };
    change(members);
    for (key, member) in members {
        match (key.as_str(), member) {
            // Names with schemas.
            ("properties" | "patternProperties" | "$defs", Value::Object(named)) => {
                named.values_mut().for_each(|schema| each(schema, change));
            }
            // Values, which may look like schemas.
            ("enum" | "const" | "default" | "examples", _) => {}
            (_, Value::Array(items)) => items.iter_mut().for_each(|item| each(item, change)),
            (_, member) => each(member, change),
        }
    }
}

fn tidy(schema: &mut Value, sent: bool) {
    each(schema, &mut |members| {
        if let Some(Value::String(text)) = members.get_mut("description") {
            *text = plain(text);
        }
        // An answer has no defaults, and that something left out is empty goes without saying.
        if !sent || members.get("default").is_some_and(is_empty) {
            members.remove("default");
        }
        if sent { admit_null(members) } else { remove_null(members) }
    });
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty)
}

/// A doc comment as text: in one line for each paragraph, without links into the code and references of its writer.
fn plain(comment: &str) -> String {
    let paragraphs = comment.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    let text = paragraphs.collect::<Vec<_>>().join("\n\n").replace("[`", "`").replace("`]", "`");
    let mut parts = text.split(" (reference: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once(')').map_or("", |(_, rest)| rest))
}

/// An option that is limited to a few values takes `null` besides, as every option does.
fn admit_null(members: &mut Map<String, Value>) {
    let nullable = members.get("type").and_then(Value::as_array).is_some_and(|types| types.iter().any(|t| t == "null"));
    if nullable
        && let Some(Value::Array(values)) = members.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
}

/// Takes the `null` out of an option: where it is read, it is left out instead; in a query it cannot be said.
pub fn remove_null(members: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = members.get_mut("type") {
        types.retain(|t| t != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            members.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = members.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(choices)) = members.get_mut("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            members.remove("anyOf");
            // What the option says of itself wins over what its type says.
            for (key, value) in only {
                members.entry(key).or_insert(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(default)]
    #[derive(Default)]
    struct Inner {
        text: String,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Sample {
        /// One line (reference: a page 1;
        /// 2) and [`Inner`].
        #[schemars(extend("enum" = [1, 2]))]
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        inner: Option<Inner>,
        needed: bool,
    }

    #[test]
    fn an_option_is_null_where_it_is_sent_and_left_out_where_it_is_read() {
        let sent = Shape::sent::<Sample>();
        assert_eq!(sent.name(), Some("Sample"));
        let members = sent.members();
        assert_eq!(
            members.iter().map(|m| (m.0, m.2)).collect::<Vec<_>>(),
            [("inner", false), ("needed", true), ("number", false)]
        );
        assert_eq!(members[2].1["type"], json!(["integer", "null"]));
        assert_eq!(members[2].1["enum"], json!([1, 2, null]));
        assert_eq!(members[2].1["description"], "One line and `Inner`.");
        let read = Shape::read::<Sample>();
        let members = read.members();
        assert_eq!(members[0].1, &json!({"$ref": "#/$defs/Inner"}));
        assert_eq!((&members[2].1["type"], &members[2].1["enum"]), (&json!("integer"), &json!([1, 2])));
        assert_eq!(read.definitions["Inner"]["required"], json!(["text"]));
        assert!(sent.definitions["Inner"].get("required").is_none());
        assert!(Shape::sent::<wire::Nothing>().is_empty() && !sent.is_empty());
    }
}
