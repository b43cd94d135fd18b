//! Customized fields of tickets.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod patch;

use desk::directory::Helpdesk;
use desk::field::{Choice, Field, FieldType};
use wire::field::{DropdownOption, DropdownOptions, TicketField};

use super::ticket::user;
use crate::api::ApiError;

/// The field as SDKs read it.
pub(super) fn shape(desk: &Helpdesk, field: &Field) -> TicketField {
    let is = &field.is;
    let options = || DropdownOptions { children: options(&is.choices) };
    TicketField {
        ticket_customized_field_id: field.id.to_string(),
        helpdesk_id: Some(desk.id.to_string()),
        key_name: is.key_name.clone(),
        display_name: is.display_name.clone(),
        position: is.position.to_string(),
        field_type: is.field_type.as_str().to_owned(),
        description: is.description.clone(),
        visible: is.visible,
        editable: Some(is.editable),
        required: is.required,
        created_at: Some(field.created_at.to_string()),
        updated_at: Some(field.updated_at.to_string()),
        created_by: field.created_by.as_ref().map(user),
        updated_by: field.updated_by.as_ref().map(user),
        dropdown_options: (is.field_type.levels() > 0).then(options),
        dropdown_allow_multiple: (is.field_type == FieldType::Dropdown).then_some(is.multiple),
    }
}

fn options(choices: &[Choice]) -> Option<Vec<DropdownOption>> {
    let option = |c: &Choice| DropdownOption {
        tag: c.tag.clone(),
        display_name: c.display_name.clone(),
        children: options(&c.children),
    };
    (!choices.is_empty()).then(|| choices.iter().map(option).collect())
}

/// The tree as it was sent.
fn choices(options: DropdownOptions) -> Vec<Choice> {
    below(options.children)
}

fn below(options: Option<Vec<DropdownOption>>) -> Vec<Choice> {
    let choice = |o: DropdownOption| Choice::new(&o.tag, &o.display_name, below(o.children));
    options.unwrap_or_default().into_iter().map(choice).collect()
}

/// A place, which comes as digits in a string.
fn position(text: &str) -> Result<i64, ApiError> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let place = if digits { text.parse().ok() } else { None };
    place.ok_or_else(|| ApiError::invalid("position", format!("{text:?} is no place; digits in a string are")))
}
