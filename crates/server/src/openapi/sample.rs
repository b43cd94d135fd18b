//! Sample values for example requests, made from schemas.

use serde_json::{Map, Value, json};

use super::Reference;

/// How deep samples go.
const DEPTH_MAX: usize = 6;

/// A value that the schema takes: what is required and, of an object without required members, everything.
pub fn of(reference: &Reference, schema: &Value) -> Value {
    value(reference, "", schema, 0)
}

/// A value of a parameter or member of this name.
pub fn named(reference: &Reference, name: &str, schema: &Value) -> Value {
    value(reference, name, schema, 0)
}

fn value(reference: &Reference, name: &str, schema: &Value, depth: usize) -> Value {
    // What is said beside a reference, an example above all, comes before what it refers to.
    let given = [schema, reference.resolved(schema)].into_iter().find_map(|schema| {
        let first = |key: &str| schema[key].as_array().and_then(|values| values.first());
        first("examples").or_else(|| schema.get("const")).or_else(|| first("enum"))
    });
    if let Some(given) = given {
        return given.clone();
    }
    let schema = reference.resolved(schema);
    if let Some(first) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()).and_then(|all| all.first()) {
        return value(reference, name, first, depth);
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind.unwrap_or_default() {
        "object" => object(reference, schema, depth),
        "array" if depth < DEPTH_MAX => json!([value(reference, name, &schema["items"], depth + 1)]),
        "array" => json!([]),
        "integer" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "number" => json!(0.9),
        "boolean" => json!(true),
        _ if schema["pattern"].as_str().is_some_and(|pattern| pattern.contains("[0-9]")) || name.ends_with("id") => {
            json!("6900000000000001001")
        }
        _ => json!("…"),
    }
}

fn object(reference: &Reference, schema: &Value, depth: usize) -> Value {
    let Some(properties) = schema["properties"].as_object().filter(|_| depth < DEPTH_MAX) else { return json!({}) };
    let required = schema["required"].as_array().filter(|names| !names.is_empty());
    let wanted = |name: &str| required.is_none_or(|names| names.iter().any(|n| n == name));
    let members = properties.iter().filter(|(name, _)| wanted(name));
    Value::Object(
        members.map(|(name, member)| (name.clone(), value(reference, name, member, depth + 1))).collect::<Map<_, _>>(),
    )
}
