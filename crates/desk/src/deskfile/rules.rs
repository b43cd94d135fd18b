//! Skill rules in a desk file name FAQ categories by path, because a file need not know their ids.

use serde_json::{Map, Value, json};

use crate::ids;
use crate::skill::rule::{Kind, Rule, values};

/// The rule with categories' ids instead of their paths; `id_of` knows the id of a path. Ids are taken as they are.
pub(super) fn with_ids(rule: &Rule, id_of: &dyn Fn(&str) -> Option<i64>) -> Result<Rule, String> {
    let Some(kind) = Kind::of(&rule.id).filter(|kind| kind.is_faq_category()) else { return Ok(rule.clone()) };
    let item = |value: &String| match id_of(value) {
        Some(id) => Ok(json!({"id": id.to_string(), "name": value})),
        None if ids::parse(value).is_some() => Ok(json!({"id": value})),
        None => Err(format!("no category {value:?} in this help desk; give its path, such as Accounts/Passwords")),
    };
    let items = values(kind, &rule.operand)?.iter().map(item).collect::<Result<Vec<_>, _>>()?;
    Ok(Rule { operand: operand(kind, items), ..rule.clone() })
}

/// The rule with categories' paths instead of their ids; `path_of` knows the path of an id.
pub(super) fn with_paths(rule: &Rule, path_of: &dyn Fn(i64) -> Option<String>) -> Rule {
    let kind = Kind::of(&rule.id).filter(|kind| kind.is_faq_category());
    let Some((kind, values)) = kind.and_then(|kind| Some((kind, values(kind, &rule.operand).ok()?))) else {
        return rule.clone();
    };
    let path = |value: String| ids::parse(&value).and_then(path_of).unwrap_or(value);
    let paths = values.into_iter().map(|value| Value::String(path(value))).collect();
    Rule { operand: operand(kind, paths), ..rule.clone() }
}

fn operand(kind: Kind, items: Vec<Value>) -> Map<String, Value> {
    Map::from_iter([(kind.members()[0].to_owned(), Value::Array(items))])
}
