//! Which schema has which name in the document.
//!
//! Types are known by their short names, and two modules may use one name for two types. A schema keeps its short name
//! while no other schema wants it. Where two differ, each is told apart by its resource (`CategoryCreateBody`), then by
//! its endpoint. Equal schemas are one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::shape::{LOCAL, Shape, each, target};

/// Where the document keeps schemas.
pub const COMPONENTS: &str = "#/components/schemas/";

/// A schema with all it refers to, as text: what tells schemas apart.
type Closure = String;

/// All schemas of the document.
#[derive(Debug, Default)]
pub struct Names {
    claims: BTreeMap<Closure, Claim>,
    named: BTreeMap<Closure, String>,
    schemas: Map<String, Value>,
}

#[derive(Debug)]
struct Claim {
    /// The first of the endpoints that use it.
    endpoint: String,
    sent: bool,
    candidates: Vec<String>,
}

impl Names {
    /// Notes the schemas of an endpoint, before any is named.
    pub fn note(&mut self, endpoint: &str, shape: &Shape) {
        self.note_parts(endpoint, shape, &shape.root);
    }

    /// Notes the schemas of the members alone, where the shape itself does not stand in the document.
    pub fn note_members(&mut self, endpoint: &str, shape: &Shape) {
        shape.members().into_iter().for_each(|(_, member, _)| self.note_parts(endpoint, shape, member));
    }

    fn note_parts(&mut self, endpoint: &str, shape: &Shape, part: &Value) {
        for short in reached(shape, part).into_keys() {
            let root = shape.name() == Some(&short);
            let candidates = candidates(endpoint, &short, root, shape.sent);
            let claim = Claim { endpoint: endpoint.to_owned(), sent: shape.sent, candidates };
            let closure = closure(shape, &short);
            let earlier = self.claims.get(&closure);
            if earlier.is_none_or(|earlier| claim.endpoint < earlier.endpoint) {
                self.claims.insert(closure, claim);
            }
        }
    }

    /// Gives each its name.
    pub fn settle(&mut self) {
        let mut levels: BTreeMap<&Closure, usize> = self.claims.keys().map(|closure| (closure, 0)).collect();
        loop {
            let mut holders: BTreeMap<&str, Vec<&Closure>> = BTreeMap::new();
            for (closure, level) in &levels {
                holders.entry(&self.claims[*closure].candidates[*level]).or_default().push(closure);
            }
            let clashing = holders.into_values().filter(|h| h.len() > 1).flat_map(|h| self.giving_way(h));
            let last = |closure: &Closure| self.claims[closure].candidates.len() - 1;
            let movable: Vec<&Closure> = clashing.filter(|c| levels[*c] < last(c)).collect();
            if movable.is_empty() {
                break;
            }
            for closure in movable {
                levels.entry(closure).and_modify(|level| *level += 1);
            }
        }
        let mut taken = BTreeSet::new();
        for (closure, level) in levels {
            let name = &self.claims[closure].candidates[level];
            let free = (2..).map(|n| format!("{name}{n}"));
            let name = std::iter::once(name.clone()).chain(free).find(|name| !taken.contains(name)).unwrap_or_default();
            taken.insert(name.clone());
            self.named.insert(closure.clone(), name);
        }
    }

    /// Who of those that want one name takes another: all, but a type that is read keeps its name before what is sent.
    fn giving_way<'a>(&self, holders: Vec<&'a Closure>) -> Vec<&'a Closure> {
        let sent: Vec<&Closure> = holders.iter().copied().filter(|closure| self.claims[*closure].sent).collect();
        if sent.len() + 1 == holders.len() { sent } else { holders }
    }

    /// The schema of a shape, with references into the document, where its definitions now stand too.
    pub fn place(&mut self, shape: &Shape) -> Value {
        self.placed(shape, &shape.root)
    }

    /// The same for a part of the shape, such as a member.
    pub fn placed(&mut self, shape: &Shape, part: &Value) -> Value {
        for (short, definition) in reached(shape, part) {
            let Some(name) = self.named.get(&closure(shape, &short)).cloned() else { continue };
            if !self.schemas.contains_key(&name) {
                let renamed = self.renamed(shape, definition);
                self.schemas.insert(name, renamed);
            }
        }
        self.renamed(shape, part)
    }

    /// The schemas that were placed, by name.
    pub fn into_schemas(self) -> Map<String, Value> {
        self.schemas
    }

    fn renamed(&self, shape: &Shape, schema: &Value) -> Value {
        let mut schema = schema.clone();
        each(&mut schema, &mut |members| {
            let local = members.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix(LOCAL));
            let name = local.and_then(|short| self.named.get(&closure(shape, short)));
            if let Some(name) = name {
                members.insert("$ref".to_owned(), format!("{COMPONENTS}{name}").into());
            }
        });
        schema
    }
}

/// What a schema may be called, best first.
fn candidates(endpoint: &str, short: &str, root: bool, sent: bool) -> Vec<String> {
    let (resource, method) = endpoint.split_once('.').unwrap_or((endpoint, ""));
    let (resource, method) = (pascal(resource), pascal(method));
    let with_resource = if short.starts_with(&resource) { short.to_owned() } else { format!("{resource}{short}") };
    let method_of_its_own = short.strip_prefix(&method).unwrap_or(short);
    let mut names = vec![short.to_owned()];
    // `CreateBody` and its like have their resource in their names from the start.
    let general = ["Create", "Delete", "Get", "List", "Patch", "Search", "Update", &method];
    if root && general.iter().any(|word| short.starts_with(word)) {
        names.clear();
    } else if sent {
        // One type, read in full and sent in part.
        names.push(format!("{short}Request"));
    }
    names.push(with_resource);
    names.push(format!("{resource}{method}{method_of_its_own}"));
    names
}

/// `agent_skill` as `AgentSkill`.
fn pascal(snake: &str) -> String {
    snake
        .split('_')
        .filter_map(|word| word.split_at_checked(1))
        .map(|(first, rest)| first.to_uppercase() + rest)
        .collect()
}

/// The definition and all it leads to.
fn closure(shape: &Shape, short: &str) -> Closure {
    let reached: Vec<_> = reached(shape, &json!({"$ref": format!("{LOCAL}{short}")})).into_iter().collect();
    format!("{short} {}", serde_json::to_string(&reached).unwrap_or_default())
}

/// The definitions that a schema leads to.
fn reached<'a>(shape: &'a Shape, schema: &Value) -> BTreeMap<String, &'a Value> {
    let mut reached = BTreeMap::new();
    let mut open = Vec::new();
    references(schema, &mut open);
    while let Some(name) = open.pop() {
        let Some(definition) = shape.definitions.get(&name) else { continue };
        let mut next = Vec::new();
        references(definition, &mut next);
        if reached.insert(name, definition).is_none() {
            open.extend(next);
        }
    }
    reached
}

fn references(schema: &Value, found: &mut Vec<String>) {
    found.extend(target(schema).map(str::to_owned));
    match schema {
        Value::Object(members) => members.values().for_each(|member| references(member, found)),
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(root: &str, definitions: Value, sent: bool) -> Shape {
        let Value::Object(definitions) = definitions else { panic!("an object") };
        Shape { root: json!({"$ref": format!("#/$defs/{root}")}), definitions, sent }
    }

    #[test]
    fn a_name_is_short_while_it_is_free_and_tells_its_resource_where_it_is_not() {
        let person = json!({"type": "object", "properties": {"name": {"type": "string"}}});
        let other = json!({"type": "object", "properties": {"age": {"type": "integer"}}});
        let read = json!({"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]});
        let body = |number: i64| json!({"const": number, "properties": {"p": {"$ref": "#/$defs/Person"}}});
        let shapes = [
            ("cat.create", shape("CreateBody", json!({"CreateBody": body(1), "Person": person}), true)),
            ("dog.create", shape("CreateBody", json!({"CreateBody": body(2), "Person": other}), true)),
            ("dog.get", shape("DogData", json!({"DogData": body(3), "Person": read}), false)),
            ("dog.patch", shape("DogData", json!({"DogData": body(3), "Person": read}), false)),
        ];
        let mut names = Names::default();
        for (id, shape) in &shapes {
            names.note(id, shape);
        }
        names.settle();
        let placed: Vec<Value> = shapes.iter().map(|(_, shape)| names.place(shape)).collect();
        let expected = ["CatCreateBody", "DogCreateBody", "DogData", "DogData"];
        assert_eq!(placed, expected.map(|name| json!({"$ref": format!("#/components/schemas/{name}")})));
        let schemas = names.into_schemas();
        let found: Vec<&str> = schemas.keys().map(String::as_str).collect();
        assert_eq!(found, ["CatCreateBody", "CatPerson", "DogCreateBody", "DogData", "DogPerson", "Person"]);
        assert_eq!(schemas["CatCreateBody"]["properties"]["p"]["$ref"], "#/components/schemas/CatPerson");
    }
}
