//! Customized fields: what a help desk wants to know of its tickets and of its users.
//!
//! [`create`], [`patch`] and [`delete`] keep the definitions of tickets' fields; desk files make fields of both families.
//! [`set`] and [`of_tickets`] are the values in tickets.

pub mod choice;
mod value;

use db::{DbError, Row, Tx, params};
use serde::{Deserialize, Serialize};

pub use choice::Choice;
pub use value::{NewValue, Value, of_tickets, set};

use crate::audit::Told;
use crate::directory::{Helpdesk, Role, json};
use crate::faq::{require_role, to_json};
use crate::ticket::{Contact, contact};
use crate::{Cx, Kind, Refusal};

/// Most fields of one family of a help desk.
pub const FIELDS_MAX: usize = 200;
/// Longest key, in characters.
pub const KEY_MAX: usize = 100;
/// Longest name, in characters.
pub const NAME_MAX: usize = 200;
/// Longest description, in characters.
pub const DESCRIPTION_MAX: usize = 1_000;
/// Last place.
pub const POSITION_MAX: i64 = 999_999;

/// Whose fields they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Of tickets.
    Ticket,
    /// Of users.
    User,
}

impl Family {
    /// The word in the database and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::User => "user",
        }
    }
}

/// What a field's value looks like (reference: helpdesk-v1 6).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line of text.
    #[default]
    String,
    /// Several lines of text.
    Multiline,
    /// A pick from a list.
    Dropdown,
    /// A pick from a tree of at most three levels.
    DropdownNested,
}

impl FieldType {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::String, Self::Multiline, Self::Dropdown, Self::DropdownNested];

    /// The word in the database, in the open API and in desk files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Multiline => "multiline",
            Self::Dropdown => "dropdown",
            Self::DropdownNested => "dropdown_nested",
        }
    }

    /// The type behind a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == word)
    }

    /// The type that a row of `field` names.
    pub(crate) fn stored(word: &str) -> Result<Self, DbError> {
        Self::parse(word).ok_or_else(|| DbError::Corrupt(format!("a field has the unknown type {word}")))
    }

    /// How many levels of options it has; none for a text.
    pub fn levels(self) -> usize {
        match self {
            Self::String | Self::Multiline => 0,
            Self::Dropdown => 1,
            Self::DropdownNested => choice::LEVELS_MAX,
        }
    }
}

/// What a field is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the open API's flags, each on its own")]
pub struct Definition {
    /// Its key, unique in its family; never changes.
    pub key_name: String,
    /// Its name.
    pub display_name: String,
    /// Its place, 0 to [`POSITION_MAX`]; fields in the same place follow each other by age.
    pub position: i64,
    /// What its value looks like; never changes.
    pub field_type: FieldType,
    /// What it is for.
    pub description: String,
    /// Whether agents see it.
    pub visible: bool,
    /// Whether its value may be changed.
    pub editable: bool,
    /// Whether agents have to fill it in.
    pub required: bool,
    /// Whether several options may be picked; only of a drop-down, never changes.
    pub multiple: bool,
    /// The options of a drop-down.
    pub choices: Vec<Choice>,
}

impl Definition {
    /// It in short, for the audit log.
    fn told(&self) -> String {
        serde_json::json!({
            "key_name": self.key_name, "display_name": self.display_name, "field_type": self.field_type.as_str(),
            "description": self.description, "visible": self.visible, "required": self.required,
            "choices": self.choices,
        })
        .to_string()
    }
}

/// A customized field.
#[derive(Debug, Clone)]
pub struct Field {
    /// 19 digits.
    pub id: i64,
    /// What it is.
    pub is: Definition,
    /// When it was made, Unix ms.
    pub created_at: i64,
    /// When it was last changed, Unix ms.
    pub updated_at: i64,
    /// Who made it; nobody if a desk file did.
    pub created_by: Option<Contact>,
    /// Who changed it last; nobody if a desk file did.
    pub updated_by: Option<Contact>,
}

/// What is to change of a field; `None` leaves a member as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name.
    pub display_name: Option<String>,
    /// Its place.
    pub position: Option<i64>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether agents see it.
    pub visible: Option<bool>,
    /// Whether agents have to fill it in.
    pub required: Option<bool>,
    /// The options of a drop-down, all anew.
    pub choices: Option<Vec<Choice>>,
}

impl Definition {
    /// The first mistake: the member as the open API names it, and what is allowed.
    pub fn fault(&self) -> Option<(String, String)> {
        for (member, text, max, may_be_empty) in [
            ("key_name", &self.key_name, KEY_MAX, false),
            ("display_name", &self.display_name, NAME_MAX, false),
            ("description", &self.description, DESCRIPTION_MAX, true),
        ] {
            if !may_be_empty && text.trim().is_empty() {
                return Some((member.into(), "must not be empty".into()));
            }
            if text.chars().count() > max {
                return Some((member.into(), format!("at most {max} characters are allowed")));
            }
            if text.chars().any(|c| c.is_control() && !(may_be_empty && c == '\n')) {
                return Some((member.into(), "must not hold control characters".into()));
            }
        }
        if !(0..=POSITION_MAX).contains(&self.position) {
            return Some(("position".into(), format!("0 to {POSITION_MAX} is allowed")));
        }
        if self.multiple && self.field_type != FieldType::Dropdown {
            return Some(("dropdown_allow_multiple".into(), "only a dropdown allows several picks".into()));
        }
        let levels = self.field_type.levels();
        if levels == 0 && !self.choices.is_empty() {
            let why = format!("a {} field has no options", self.field_type.as_str());
            return Some(("dropdown_options".into(), why));
        }
        if levels > 0 && self.choices.is_empty() {
            return Some(("dropdown_options.children".into(), "a drop-down needs at least one option".into()));
        }
        choice::fault(&self.choices, levels)
    }

    fn check(&self) -> Result<(), Refusal> {
        self.fault().map_or(Ok(()), |(member, why)| Err(Refusal::invalid(member, why)))
    }
}

/// The columns that [`read`] reads, with their joins.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT f.field_id, f.key_name, f.display_name, f.place, f.field_type, f.description, f.visible,
                    f.editable, f.required, f.multiple, f.choices, f.created_at, f.updated_at,
                    c.open_id, c.union_id, c.user_id, c.name, c.email, c.city, c.country,
                    u.open_id, u.union_id, u.user_id, u.name, u.email, u.city, u.country
             FROM field f
             LEFT JOIN person c ON c.tenant = f.tenant AND c.user_id = f.created_by
             LEFT JOIN person u ON u.tenant = f.tenant AND u.user_id = f.updated_by ",
            $tail
        )
    };
}

fn read(row: &Row<'_>) -> Result<Field, DbError> {
    Ok(Field {
        id: row.int(0)?,
        is: Definition {
            key_name: row.string(1)?,
            display_name: row.string(2)?,
            position: row.int(3)?,
            field_type: FieldType::stored(row.text(4)?)?,
            description: row.string(5)?,
            visible: row.flag(6)?,
            editable: row.flag(7)?,
            required: row.flag(8)?,
            multiple: row.flag(9)?,
            choices: json(row.text(10)?)?,
        },
        created_at: row.int(11)?,
        updated_at: row.int(12)?,
        created_by: contact(row, 13)?,
        updated_by: contact(row, 20)?,
    })
}

/// All fields of a family by place, at most [`FIELDS_MAX`].
pub fn all(tx: &mut Tx<'_>, desk: &Helpdesk, family: Family) -> Result<Vec<Field>, DbError> {
    tx.query(
        select!("WHERE f.tenant = $1 AND f.helpdesk_id = $2 AND f.family = $3 ORDER BY f.place, f.field_id"),
        &params![&desk.tenant, desk.id, family.as_str()],
        read,
    )
}

/// Tickets' fields after the field `after` (0 for the first page) by age, at most `limit`, and whether there are more.
/// With `visible` only those that are so.
pub fn list(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    visible: Option<bool>,
    after: i64,
    limit: usize,
) -> Result<(Vec<Field>, bool), DbError> {
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut fields = tx.query(
        select!(
            "WHERE f.tenant = $1 AND f.helpdesk_id = $2 AND f.family = $3 AND f.field_id > $4
               AND (CAST($5 AS BIGINT) IS NULL OR f.visible = $5)
             ORDER BY f.field_id LIMIT $6"
        ),
        &params![&desk.tenant, desk.id, Family::Ticket.as_str(), after, visible, one_more],
        read,
    )?;
    let has_more = fields.len() > limit;
    fields.truncate(limit);
    Ok((fields, has_more))
}

/// A ticket's field of this help desk.
pub fn get(tx: &mut Tx<'_>, desk: &Helpdesk, field_id: i64) -> Result<Field, Refusal> {
    tx.query_opt(
        select!("WHERE f.tenant = $1 AND f.helpdesk_id = $2 AND f.field_id = $3 AND f.family = $4"),
        &params![&desk.tenant, desk.id, field_id, Family::Ticket.as_str()],
        read,
    )?
    .ok_or_else(|| Refusal::not_found(Kind::Field, field_id))
}

/// Makes a field of tickets; answers its id. `user_id` has to be an admin of the help desk.
pub fn create(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, new: &Definition) -> Result<i64, Refusal> {
    require_role(desk, user_id, Role::Admin)?;
    let new = tidy(new);
    new.check()?;
    let fields = all(tx, desk, Family::Ticket)?;
    if let Some(twin) = fields.iter().find(|field| field.is.key_name == new.key_name) {
        return Err(Refusal::invalid("key_name", format!("field {} has this key already", twin.id)));
    }
    if fields.len() >= FIELDS_MAX {
        return Err(Refusal::invalid("key_name", format!("a help desk has at most {FIELDS_MAX} fields; delete one")));
    }
    let field_id = cx.ids.decimal(cx.now);
    insert(tx, cx, (&desk.tenant, desk.id, Family::Ticket), field_id, &new, Some(user_id))?;
    cx.told = Some(Told::change(field_id, None, Some(new.told())));
    Ok(field_id)
}

/// Changes a field of tickets. Values in tickets stay; a drop-down's value whose option is gone keeps the text it had.
pub fn patch(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    field_id: i64,
    change: &Change,
) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Admin)?;
    let mut is = get(tx, desk, field_id)?.is;
    let before = is.told();
    let change = change.clone();
    is.display_name = change.display_name.unwrap_or(is.display_name);
    is.position = change.position.unwrap_or(is.position);
    is.description = change.description.unwrap_or(is.description);
    is.visible = change.visible.unwrap_or(is.visible);
    is.required = change.required.unwrap_or(is.required);
    is.choices = change.choices.unwrap_or(is.choices);
    let is = tidy(&is);
    is.check()?;
    update(tx, cx, (&desk.tenant, desk.id), field_id, &is, Some(user_id))?;
    cx.told = Some(Told::change(field_id, Some(before), Some(is.told())));
    Ok(())
}

/// Puts the fields of tickets into this order; all of them have to be named, each once.
pub fn arrange(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, ids: &[i64]) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Admin)?;
    let fields = all(tx, desk, Family::Ticket)?;
    let mut named = ids.to_vec();
    named.sort_unstable();
    let mut known: Vec<i64> = fields.iter().map(|field| field.id).collect();
    known.sort_unstable();
    if named != known {
        let why = format!("must name each of the {} fields of this help desk once; list them again", known.len());
        return Err(Refusal::invalid("ids", why));
    }
    for (position, id) in (0..).zip(ids) {
        let moved = fields.iter().find(|field| field.id == *id && field.is.position != position);
        if let Some(field) = moved {
            let is = Definition { position, ..field.is.clone() };
            update(tx, cx, (&desk.tenant, desk.id), *id, &is, Some(user_id))?;
        }
    }
    let name = |id: &i64| fields.iter().find(|field| field.id == *id).map(|field| field.is.display_name.as_str());
    let after: Vec<&str> = ids.iter().filter_map(name).collect();
    let before: Vec<&str> = fields.iter().map(|field| field.is.display_name.as_str()).collect();
    cx.told = Some(Told { before: Some(before.join("\n")), after: Some(after.join("\n")), ..Told::default() });
    Ok(())
}

/// Deletes a field of tickets. Its values stay in the database, shown nowhere: what tickets were told is not rewritten.
pub fn delete(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, field_id: i64) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Admin)?;
    let old = get(tx, desk, field_id)?;
    cx.told = Some(Told::change(field_id, Some(old.is.told()), None));
    remove(tx, (&desk.tenant, desk.id), field_id).map_err(Refusal::from)
}

/// The definition without spaces around its names.
pub(crate) fn tidy(is: &Definition) -> Definition {
    Definition {
        key_name: is.key_name.trim().to_owned(),
        display_name: is.display_name.trim().to_owned(),
        choices: choice::tidy(&is.choices),
        ..is.clone()
    }
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (tenant, helpdesk_id, family): (&str, i64, Family),
    field_id: i64,
    is: &Definition,
    user_id: Option<&str>,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO field (tenant, helpdesk_id, field_id, family, key_name, display_name, place, field_type,
                            description, visible, editable, required, multiple, choices, managed, created_by,
                            updated_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        &params![
            tenant,
            helpdesk_id,
            field_id,
            family.as_str(),
            &is.key_name,
            &is.display_name,
            is.position,
            is.field_type.as_str(),
            &is.description,
            is.visible,
            is.editable,
            is.required,
            is.multiple,
            &to_json(&is.choices),
            // Only a desk file acts for nobody.
            user_id.is_none(),
            user_id,
            user_id,
            cx.now,
            cx.now
        ],
    )?;
    Ok(())
}

pub(crate) fn update(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (tenant, helpdesk_id): (&str, i64),
    field_id: i64,
    is: &Definition,
    user_id: Option<&str>,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE field SET key_name = $1, display_name = $2, place = $3, field_type = $4, description = $5,
                          visible = $6, editable = $7, required = $8, multiple = $9, choices = $10, updated_by = $11,
                          updated_at = $12
         WHERE tenant = $13 AND helpdesk_id = $14 AND field_id = $15",
        &params![
            &is.key_name,
            &is.display_name,
            is.position,
            is.field_type.as_str(),
            &is.description,
            is.visible,
            is.editable,
            is.required,
            is.multiple,
            &to_json(&is.choices),
            user_id,
            cx.now,
            tenant,
            helpdesk_id,
            field_id
        ],
    )?;
    Ok(())
}

pub(crate) fn remove(tx: &mut Tx<'_>, (tenant, helpdesk_id): (&str, i64), field_id: i64) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM field WHERE tenant = $1 AND helpdesk_id = $2 AND field_id = $3",
        &params![tenant, helpdesk_id, field_id],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(field_type: FieldType, choices: &[&str]) -> Definition {
        Definition {
            key_name: "k".into(),
            display_name: "K".into(),
            position: 1,
            field_type,
            description: String::new(),
            visible: true,
            editable: true,
            required: false,
            multiple: false,
            choices: choices.iter().map(|c| Choice::new(c, c, Vec::new())).collect(),
        }
    }

    #[test]
    fn only_drop_downs_have_options_and_only_one_of_them_several_picks() {
        use FieldType::{Dropdown, DropdownNested, Multiline, String};
        let multiple = |is: Definition| Definition { multiple: true, ..is };
        let cases = [
            (definition(String, &[]), None),
            (definition(Multiline, &["a"]), Some("dropdown_options")),
            (definition(Dropdown, &[]), Some("dropdown_options.children")),
            (definition(DropdownNested, &["a"]), None),
            (multiple(definition(Dropdown, &["a"])), None),
            (multiple(definition(DropdownNested, &["a"])), Some("dropdown_allow_multiple")),
            (multiple(definition(String, &[])), Some("dropdown_allow_multiple")),
            (definition(Dropdown, &["a", "a"]), Some("dropdown_options.children[1].tag")),
        ];
        for (is, expected) in cases {
            assert_eq!(is.fault().map(|(member, _)| member).as_deref(), expected, "{is:?}");
        }
    }

    #[test]
    fn each_text_has_a_limit_and_the_place_a_range() {
        let good = definition(FieldType::String, &[]);
        let bad = [
            (Definition { key_name: " ".into(), ..good.clone() }, "key_name"),
            (Definition { key_name: "k\n".into(), ..good.clone() }, "key_name"),
            (Definition { display_name: "x".repeat(NAME_MAX + 1), ..good.clone() }, "display_name"),
            (Definition { description: "x".repeat(DESCRIPTION_MAX + 1), ..good.clone() }, "description"),
            (Definition { position: -1, ..good.clone() }, "position"),
            (Definition { position: POSITION_MAX + 1, ..good.clone() }, "position"),
        ];
        for (is, member) in bad {
            assert_eq!(is.fault().unwrap().0, member);
        }
        assert_eq!(Definition { description: "two\nlines".into(), ..good }.fault(), None);
    }
}
