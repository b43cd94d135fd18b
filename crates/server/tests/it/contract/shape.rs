//! Compares JSON with the reference's fields.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::reference::{Field, Fields, Kind};

/// What a look at an answer found.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is wrong.
    pub faults: Vec<String>,
    /// The documented fields that were there, by their path without indexes.
    pub seen: BTreeSet<String>,
    /// Checks made.
    pub checks: usize,
}

/// Checks an object against the fields it may have; `extra` are paths that may be there as well.
pub fn object(fields: &Fields, value: &Value, extra: &[String]) -> Findings {
    let mut look = Look { extra, findings: Findings::default() };
    match value.as_object() {
        Some(members) => look.members(fields, members, ""),
        None => look.findings.faults.push(format!("an object was expected, not {value}")),
    }
    look.findings
}

/// Every path below these fields.
pub fn paths(fields: &Fields, above: &str, into: &mut BTreeSet<String>) {
    for (name, field) in fields {
        let path = join(above, name);
        paths(&field.fields, &path, into);
        into.insert(path);
    }
}

fn join(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") }
}

struct Look<'a> {
    extra: &'a [String],
    findings: Findings,
}

impl Look<'_> {
    fn members(&mut self, fields: &Fields, members: &Map<String, Value>, above: &str) {
        for (name, value) in members {
            let path = join(above, name);
            match fields.get(name) {
                Some(field) => {
                    self.value((field, &field.kind), (fields, above), value, &path);
                    self.findings.seen.insert(path);
                }
                None if self.extra.contains(&path) => {}
                None => self.findings.faults.push(format!("{path} is not in the reference")),
            }
        }
        for (name, _) in fields.iter().filter(|(name, f)| f.always_present && !members.contains_key(*name)) {
            self.findings.faults.push(format!("{} is missing, but always there by the reference", join(above, name)));
        }
    }

    /// A value of `field`, or an item of it, inside of an object with these fields at this path.
    fn value(&mut self, (field, kind): (&Field, &Kind), holder: (&Fields, &str), value: &Value, path: &str) {
        self.findings.checks += 1;
        let fits = match kind {
            Kind::String => value.is_string(),
            Kind::Int => value.is_i64() || value.is_u64(),
            Kind::Float => value.is_number(),
            Kind::Bool => value.is_boolean(),
            Kind::StringOrObject => value.is_string() || value.is_object(),
            Kind::Map => value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
            Kind::Object | Kind::Same => value.is_object(),
            Kind::Array(_) => value.is_array(),
        };
        if !fits {
            self.findings.faults.push(format!("{path} is {value}, by the reference {kind:?}"));
            return;
        }
        match (kind, value) {
            (Kind::Array(item), Value::Array(items)) => {
                for each in items {
                    self.value((field, item), holder, each, path);
                }
            }
            (Kind::Object, Value::Object(members)) => self.members(&field.fields, members, path),
            // Counted as fields of the level above, of which it is another one.
            (Kind::Same, Value::Object(members)) => self.members(holder.0, members, holder.1),
            _ if !field.options.is_empty() && !field.options.contains(value) => {
                self.findings.faults.push(format!("{path} is {value}, by the reference one of {:?}", field.options));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::object;
    use crate::contract::reference;

    #[test]
    fn every_kind_of_fault_is_found() {
        let reference = reference::read();
        let fields = |id: &str| {
            let endpoint = reference.endpoints.iter().find(|e| e.id == id).unwrap();
            endpoint.response_data.clone().unwrap()
        };
        let (ticket, tree) = (fields("ticket.get"), fields("category.list"));
        let leaf = json!({"category_id": "1", "id": "1", "name": "a", "parent_id": "0", "helpdesk_id": "1"});
        let mut branch = leaf.clone();
        branch["children"] = json!([leaf]);
        let mut deep = branch.clone();
        deep["children"] = json!([{"id": "1"}]);
        let cases = [
            (&ticket, json!({"ticket": {"ticket_id": "1", "status": 5, "agent_service_duration": 1}}), 0),
            (&ticket, json!({"ticket": {}}), 1),
            (&ticket, json!({"ticket": {"ticket_id": 1}}), 1),
            (&ticket, json!({"ticket": {"ticket_id": "1", "status": 6}}), 1),
            (&ticket, json!({"ticket": {"ticket_id": "1", "status": "1", "score": 1.5, "tags": {}}}), 3),
            (&ticket, json!({"ticket": {"ticket_id": "1", "channel": null, "invented": 1}}), 2),
            (&ticket, json!({"ticket": {"ticket_id": "1", "agents": [{"id": 1}, "x"]}}), 2),
            (&ticket, json!([]), 1),
            (&tree, json!({"categories": [branch]}), 0),
            // Four members are missing two levels down.
            (&tree, json!({"categories": [deep]}), 4),
            (&fields("agent.agent_email"), json!({"agents": {"ou_1": "a@b", "ou_2": 1}}), 1),
        ];
        for (fields, value, faults) in cases {
            let found = object(fields, &value, &[]).faults;
            assert_eq!(found.len(), faults, "{value}: {found:?}");
        }
        assert!(object(&ticket, &json!({"more": 1}), &["more".to_owned()]).faults.is_empty());
    }
}
