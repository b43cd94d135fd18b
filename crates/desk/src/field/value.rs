//! Values of tickets' fields.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use db::{DbError, Tx, params};

use super::{Choice, FIELDS_MAX, Family, Field, FieldType, all, choice};
use crate::directory::{Helpdesk, json};
use crate::faq::to_json;
use crate::{Cx, Refusal, ids};

/// Longest value of a string field, in characters.
pub const STRING_MAX: usize = 1_000;
/// Longest value of a multiline field, in characters.
pub const MULTILINE_MAX: usize = 10_000;

/// A field's new value, as `ticket.update` gives it: the field is named by its id or by its key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewValue {
    /// The field's id as given.
    pub id: Option<String>,
    /// The field's key.
    pub key_name: Option<String>,
    /// The value; an empty one removes it.
    pub value: Option<String>,
}

/// A field of a ticket with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The field's id.
    pub field_id: i64,
    /// The field's key.
    pub key_name: String,
    /// The field's name.
    pub display_name: String,
    /// The value; of a drop-down, the display name of what was picked.
    pub value: String,
    /// The field's place.
    pub position: i64,
    /// Whether agents have to fill it in.
    pub required: bool,
    /// Whether it may be changed.
    pub editable: bool,
}

/// A value that passed all checks.
#[derive(Debug, PartialEq, Eq)]
enum Checked {
    Removed,
    Text(String),
    /// The text as shown now, and the tags.
    Picks(String, Vec<String>),
}

/// Sets values of a ticket's fields; fields that are not named stay. Refuses what is no field of this help desk, what may
/// not be changed, and a drop-down's value that is not among its options.
///
/// A drop-down takes an option's tag or its display name, a nested one a leaf's tag or the names from the top down with
/// `/` between them. Where several may be picked they come with commas between them or as a JSON list. Required fields
/// may be left out and emptied: whether a form is complete is for whoever shows it.
pub fn set(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ticket_id: i64, values: &[NewValue]) -> Result<(), Refusal> {
    if values.is_empty() {
        return Ok(());
    }
    if values.len() > FIELDS_MAX {
        return Err(Refusal::invalid("customized_fields", format!("at most {FIELDS_MAX} are allowed")));
    }
    let fields = all(tx, desk, Family::Ticket)?;
    let (mut seen, mut checked) = (HashSet::new(), Vec::new());
    for (i, new) in values.iter().enumerate() {
        let at = format!("customized_fields[{i}]");
        let field = named(&fields, new, &at)?;
        if !seen.insert(field.id) {
            return Err(Refusal::invalid(at, format!("field {} is named twice", field.is.key_name)));
        }
        if !field.is.editable {
            return Err(Refusal::invalid(at, format!("the value of field {} may not be changed", field.is.key_name)));
        }
        let given = new
            .value
            .as_deref()
            .ok_or_else(|| Refusal::invalid(format!("{at}.value"), "must be given; an empty text removes the value"))?;
        let value = check(field, given).map_err(|why| Refusal::invalid(format!("{at}.value"), why))?;
        checked.push((field.id, value));
    }
    for (field_id, value) in checked {
        write(tx, cx, desk, (ticket_id, field_id), &value)?;
    }
    Ok(())
}

fn named<'f>(fields: &'f [Field], new: &NewValue, at: &str) -> Result<&'f Field, Refusal> {
    let given = |text: &Option<String>| text.clone().filter(|t| !t.is_empty());
    let field = match (given(&new.id), given(&new.key_name)) {
        (None, None) => return Err(Refusal::invalid(format!("{at}.id"), "id or key_name must be given")),
        (Some(id), _) => {
            let id = ids::parse(&id);
            fields.iter().find(|field| Some(field.id) == id).ok_or("id")
        }
        (None, Some(key)) => fields.iter().find(|field| field.is.key_name == key).ok_or("key_name"),
    };
    let no_field = |member| Refusal::invalid(format!("{at}.{member}"), "no such field in this help desk");
    let field = field.map_err(no_field)?;
    match given(&new.key_name) {
        Some(key) if key != field.is.key_name => {
            let why = format!("field {} has the key {}", field.id, field.is.key_name);
            Err(Refusal::invalid(format!("{at}.key_name"), why))
        }
        _ => Ok(field),
    }
}

/// The value as it is stored, or what is allowed.
fn check(field: &Field, given: &str) -> Result<Checked, String> {
    let text = given.trim();
    if text.is_empty() {
        return Ok(Checked::Removed);
    }
    let (choices, max) = match field.is.field_type {
        FieldType::String => (None, STRING_MAX),
        FieldType::Multiline => (None, MULTILINE_MAX),
        FieldType::Dropdown | FieldType::DropdownNested => (Some(&field.is.choices), usize::MAX),
    };
    let Some(choices) = choices else {
        if text.chars().count() > max {
            return Err(format!("at most {max} characters are allowed"));
        }
        if field.is.field_type == FieldType::String && text.contains(['\n', '\r']) {
            return Err("must be one line; the field is no multiline field".into());
        }
        return Ok(Checked::Text(text.to_owned()));
    };
    let none = |name: &str| format!("{name:?} is no option; options: [{}]", choice::listed(choices));
    let tags = if field.is.multiple {
        several(choices, text).map_err(|name| none(&name))?
    } else {
        vec![choice::pick(choices, text).ok_or_else(|| none(text))?.to_owned()]
    };
    let Some(shown) = shown(choices, &tags) else { return Ok(Checked::Removed) };
    Ok(Checked::Picks(shown, tags))
}

/// The tags of several picks in the order of the options, each once: a JSON list, or names with commas between them.
/// Otherwise the name that is none.
fn several(choices: &[Choice], text: &str) -> Result<Vec<String>, String> {
    let picked = match serde_json::from_str::<Vec<String>>(text) {
        Ok(list) => {
            let tag = |name: &String| choice::pick(choices, name.trim()).ok_or_else(|| name.clone());
            list.iter().map(tag).collect::<Result<HashSet<_>, _>>()?
        }
        Err(_) => split(choices, text)?,
    };
    Ok(choices.iter().filter(|c| picked.contains(c.tag.as_str())).map(|c| c.tag.clone()).collect())
}

/// Names may hold commas themselves, so at each place the longest name that fits is taken.
fn split<'c>(choices: &'c [Choice], text: &str) -> Result<HashSet<&'c str>, String> {
    let parts: Vec<&str> = text.split(',').collect();
    // A name of many commas would have to be looked for at every place; no list has so many picks.
    if parts.len() > choice::CHOICES_MAX {
        return Err(format!("{} picks", parts.len()));
    }
    let longest = choices.iter().map(|c| c.display_name.matches(',').count() + 1).max().unwrap_or(1);
    let (mut picked, mut from) = (HashSet::new(), 0);
    while from < parts.len() {
        let ends = (from + 1..=parts.len().min(from + longest)).rev();
        let found =
            ends.into_iter().find_map(|to| Some((to, choice::pick(choices, parts[from..to].join(",").trim())?)));
        let (to, tag) = found.ok_or_else(|| parts[from].trim().to_owned())?;
        picked.insert(tag);
        from = to;
    }
    Ok(picked)
}

/// What a ticket shows for these tags; `None` if there are none or one is no option any more.
fn shown(choices: &[Choice], tags: &[String]) -> Option<String> {
    let names: Option<Vec<String>> = tags.iter().map(|tag| choice::shown(choices, tag)).collect();
    names.map(|names| names.join(",")).filter(|text| !text.is_empty())
}

fn write(
    tx: &mut Tx<'_>,
    cx: &Cx,
    desk: &Helpdesk,
    (ticket_id, field_id): (i64, i64),
    value: &Checked,
) -> Result<(), DbError> {
    let (text, tags) = match value {
        Checked::Removed => {
            tx.execute(
                "DELETE FROM field_value WHERE tenant = $1 AND ticket_id = $2 AND field_id = $3",
                &params![&desk.tenant, ticket_id, field_id],
            )?;
            return Ok(());
        }
        Checked::Text(text) => (text, None),
        Checked::Picks(text, tags) => (text, Some(to_json(tags))),
    };
    tx.execute(
        "INSERT INTO field_value (tenant, ticket_id, field_id, value, tags, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant, ticket_id, field_id)
         DO UPDATE SET value = excluded.value, tags = excluded.tags, updated_at = excluded.updated_at",
        &params![&desk.tenant, ticket_id, field_id, text, &tags, cx.now],
    )?;
    Ok(())
}

struct Stored {
    ticket_id: i64,
    field_id: i64,
    value: String,
    tags: Option<Vec<String>>,
}

/// The fields with a value of each of these tickets, by position; tickets without any are left out. One query if none
/// has a value, otherwise two.
pub fn of_tickets(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_ids: &[i64]) -> Result<HashMap<i64, Vec<Value>>, DbError> {
    let stored = stored(tx, desk, ticket_ids)?;
    let mut found: HashMap<i64, Vec<Value>> = HashMap::new();
    if stored.is_empty() {
        return Ok(found);
    }
    let fields = all(tx, desk, Family::Ticket)?;
    let place: HashMap<i64, usize> = fields.iter().enumerate().map(|(place, field)| (field.id, place)).collect();
    let mut rows: Vec<(usize, Stored)> =
        stored.into_iter().filter_map(|row| Some((*place.get(&row.field_id)?, row))).collect();
    rows.sort_by_key(|(place, _)| *place);
    for (place, row) in rows {
        let Field { id, is, .. } = &fields[place];
        let current = row.tags.and_then(|tags| shown(&is.choices, &tags));
        found.entry(row.ticket_id).or_default().push(Value {
            field_id: *id,
            key_name: is.key_name.clone(),
            display_name: is.display_name.clone(),
            value: current.unwrap_or(row.value),
            position: is.position,
            required: is.required,
            editable: is.editable,
        });
    }
    Ok(found)
}

/// Statements are fixed texts, so a list of any length travels as one text of ids with 19 digits each, which the
/// statement cuts up again.
fn stored(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_ids: &[i64]) -> Result<Vec<Stored>, DbError> {
    if ticket_ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut list = String::with_capacity(19 * ticket_ids.len());
    for id in ticket_ids {
        // Writing to a string cannot fail.
        let _ = write!(list, "{id:019}");
    }
    let count = i64::try_from(ticket_ids.len()).unwrap_or(i64::MAX);
    tx.query(
        "WITH RECURSIVE place (i) AS (
           SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM place WHERE i + 1 < CAST($1 AS BIGINT)
         ), wanted AS MATERIALIZED (
           SELECT CAST(substr(CAST($2 AS TEXT), CAST(19 * i + 1 AS INTEGER), 19) AS BIGINT) AS id FROM place
         )
         SELECT v.ticket_id, v.field_id, v.value, v.tags FROM wanted CROSS JOIN field_value v
         WHERE v.tenant = $3 AND v.ticket_id = wanted.id",
        &params![count, &list, &desk.tenant],
        |row| {
            Ok(Stored {
                ticket_id: row.int(0)?,
                field_id: row.int(1)?,
                value: row.string(2)?,
                tags: row.opt_text(3)?.map(json).transpose()?,
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::Definition;
    use super::*;

    fn field(field_type: FieldType, multiple: bool, choices: Vec<Choice>) -> Field {
        let is = Definition {
            key_name: "k".into(),
            display_name: "K".into(),
            position: 1,
            field_type,
            description: String::new(),
            visible: true,
            editable: true,
            required: true,
            multiple,
            choices,
        };
        Field { id: 7, is, created_at: 0, updated_at: 0, created_by: None, updated_by: None }
    }

    fn colours() -> Vec<Choice> {
        ["Red", "Red, dark", "Blue"].iter().enumerate().map(|(i, n)| Choice::new(&format!("c{i}"), n, vec![])).collect()
    }

    #[test]
    fn texts_have_a_length_and_a_string_is_one_line() {
        let line = field(FieldType::String, false, vec![]);
        assert_eq!(check(&line, " hi "), Ok(Checked::Text("hi".into())));
        assert_eq!(check(&line, " "), Ok(Checked::Removed));
        assert!(check(&line, "a\nb").unwrap_err().contains("one line"));
        assert!(check(&line, &"x".repeat(STRING_MAX + 1)).unwrap_err().contains("1000"));
        let lines = field(FieldType::Multiline, false, vec![]);
        assert_eq!(check(&lines, "a\nb"), Ok(Checked::Text("a\nb".into())));
        assert!(check(&lines, &"x".repeat(MULTILINE_MAX + 1)).is_err());
    }

    #[test]
    fn a_drop_down_takes_a_tag_or_a_name_and_tells_its_options() {
        let one = field(FieldType::Dropdown, false, colours());
        for text in ["c1", "Red, dark"] {
            assert_eq!(check(&one, text), Ok(Checked::Picks("Red, dark".into(), vec!["c1".into()])), "{text}");
        }
        assert!(check(&one, "Green").unwrap_err().contains("options: [Red, Red, dark, Blue]"));
        assert!(check(&one, "Red,Blue").is_err(), "one pick only");
    }

    #[test]
    fn several_picks_come_with_commas_or_as_a_list_and_can_be_given_back() {
        let many = field(FieldType::Dropdown, true, colours());
        let both =
            |text: &str, tags: &[&str]| Ok(Checked::Picks(text.into(), tags.iter().map(|t| (*t).to_owned()).collect()));
        for text in ["Blue, Red, dark", "c2,c1", r#"["Blue", "c1"]"#, "Red, dark,Blue", "Blue,Blue,Red, dark"] {
            assert_eq!(check(&many, text), both("Red, dark,Blue", &["c1", "c2"]), "{text}");
        }
        assert_eq!(check(&many, "Red"), both("Red", &["c0"]));
        assert_eq!(check(&many, "[]"), Ok(Checked::Removed));
        for bad in ["Red,", "Red,Green", r#"["Green"]"#, "[1]"] {
            assert!(check(&many, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_option_that_is_gone_is_not_shown_from_the_tree() {
        assert_eq!(shown(&colours(), &["c1".into()]).as_deref(), Some("Red, dark"));
        assert_eq!(shown(&colours()[..1], &["c0".into(), "c1".into()]), None);
        assert_eq!(shown(&colours(), &[]), None);
    }
}
