//! Fields of a schema as the page lists them: one row each, those of inner objects with their whole path.

use serde_json::Value;

use super::{Reference, name_of};

/// How deep inner objects are listed.
const DEPTH_MAX: usize = 6;

/// A field.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// `faq.tags`, `faqs[].id`.
    pub path: String,
    /// `string`, `array of integer`, …
    pub kind: String,
    /// Whether it must be there, or always is.
    pub required: bool,
    /// What is allowed, in words.
    pub limits: Vec<String>,
    /// What it means.
    pub description: String,
}

/// The fields of an object, or of the objects in an array.
pub fn of(reference: &Reference, schema: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    members(reference, schema, "", &mut Vec::new(), &mut fields);
    fields
}

/// One field by itself, such as a parameter.
pub fn one(reference: &Reference, name: &str, schema: &Value, required: bool) -> Field {
    let proper = reference.resolved(schema);
    // What is said beside a reference comes before what it refers to.
    let text = |schema: &Value| schema["description"].as_str().map(str::to_owned);
    Field {
        path: name.to_owned(),
        kind: kind(reference, schema),
        required,
        limits: limits(proper),
        description: text(schema).or_else(|| text(proper)).unwrap_or_default(),
    }
}

fn members<'a>(
    reference: &'a Reference,
    schema: &'a Value,
    path: &str,
    above: &mut Vec<&'a str>,
    fields: &mut Vec<Field>,
) {
    let name = name_of(schema);
    // A tree is listed once.
    if above.len() >= DEPTH_MAX || name.is_some_and(|name| above.contains(&name)) {
        return;
    }
    above.push(name.unwrap_or_default());
    let proper = reference.resolved(schema);
    // An option's type is a list: `["array", "null"]`.
    if proper["items"].is_object() {
        members(reference, &proper["items"], &format!("{path}[]"), above, fields);
    }
    for choice in proper["anyOf"].as_array().into_iter().flatten() {
        members(reference, choice, path, above, fields);
    }
    let required = proper["required"].as_array();
    for (name, member) in proper["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let required = required.is_some_and(|names| names.iter().any(|n| n == name));
        fields.push(one(reference, &path, member, required));
        members(reference, member, &path, above, fields);
    }
    above.pop();
}

/// The type in words.
fn kind(reference: &Reference, schema: &Value) -> String {
    let proper = reference.resolved(schema);
    if let Some(choices) = proper["anyOf"].as_array().or_else(|| proper["oneOf"].as_array()) {
        let mut kinds: Vec<String> = choices.iter().map(|choice| kind(reference, choice)).collect();
        kinds.retain(|kind| kind != "null");
        kinds.dedup();
        return kinds.join(" or ");
    }
    let types = proper["type"].as_array().cloned().unwrap_or_else(|| vec![proper["type"].clone()]);
    let word = |kind: &Value| match kind.as_str() {
        Some("array") => format!("array of {}", kind_of_items(reference, &proper["items"])),
        Some(word) => word.to_owned(),
        None => "any JSON".to_owned(),
    };
    let words: Vec<String> = types.iter().filter(|kind| *kind != "null").map(word).collect();
    words.join(" or ")
}

fn kind_of_items(reference: &Reference, items: &Value) -> String {
    let kind = kind(reference, items);
    if kind.contains(" or ") { format!("({kind})") } else { kind }
}

/// What a schema allows, in words.
fn limits(schema: &Value) -> Vec<String> {
    let mut limits = Vec::new();
    let values = schema["enum"].as_array().or_else(|| schema["items"]["enum"].as_array());
    if let Some(values) = values {
        let values: Vec<String> = values.iter().filter(|value| !value.is_null()).map(text).collect();
        limits.push(format!("one of {}", values.join(", ")));
    }
    let number = |key: &str| schema.get(key).map(text);
    limits.extend(range(number("minimum"), number("maximum"), ""));
    limits.extend(range(number("minLength"), number("maxLength"), " characters"));
    limits.extend(range(number("minItems"), number("maxItems"), " items"));
    let of_items = |key: &str| schema["items"].get(key).map(text);
    limits.extend(range(of_items("minLength"), of_items("maxLength"), " characters each"));
    if let Some(pattern) = schema["pattern"].as_str() {
        limits.push(format!("pattern {pattern}"));
    }
    if let Some(default) = schema.get("default") {
        limits.push(format!("{} if left out", text(default)));
    }
    limits
}

fn range(min: Option<String>, max: Option<String>, unit: &str) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) => Some(format!("{min} to {max}{unit}")),
        (Some(min), None) => Some(format!("at least {min}{unit}")),
        (None, Some(max)) => Some(format!("at most {max}{unit}")),
        (None, None) => None,
    }
}

/// A value as people write it; whole floats without their point.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number
            .as_f64()
            .filter(|n| n.fract() == 0.0 && n.abs() < 1e15)
            .map_or_else(|| number.to_string(), |n| format!("{n:.0}")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    #[test]
    fn inner_objects_are_listed_with_their_paths_and_trees_once() {
        let node = json!({"type": "object", "required": ["id"], "properties": {
            "id": {"type": "string", "description": "Its id.", "maxLength": 19},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}, "maxItems": 10},
            "list": {"type": ["array", "null"], "items": {"type": "object", "properties": {"m": {"type": "string"}}}},
            "inner": {"description": "Inside.", "anyOf": [{"type": "string"}, {"type": "object", "properties": {"n": {"type": ["integer", "null"], "enum": [1, 2, null]}}}]},
        }});
        let schemas = Map::from_iter([("Node".to_owned(), node)]);
        let reference = Reference { operations: Vec::new(), schemas, failure: Value::Null };
        let fields = of(&reference, &json!({"$ref": "#/components/schemas/Node"}));
        let rows: Vec<_> =
            fields.iter().map(|f| (f.path.as_str(), f.kind.as_str(), f.required, f.limits.join("; "))).collect();
        assert_eq!(
            rows,
            [
                ("children", "array of object", false, "at most 10 items".into()),
                ("id", "string", true, "at most 19 characters".into()),
                ("inner", "string or object", false, String::new()),
                ("inner.n", "integer", false, "one of 1, 2".into()),
                ("list", "array of object", false, String::new()),
                ("list[].m", "string", false, String::new()),
            ]
        );
        assert_eq!((fields[1].description.as_str(), fields[2].description.as_str()), ("Its id.", "Inside."));
    }
}
