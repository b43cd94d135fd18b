//! Customized fields of tickets.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod patch;

use desk::directory::Helpdesk;
use desk::field::{Change, Choice, Definition, Field, FieldType};
use wire::field::{CreateBody, DropdownOption, DropdownOptions, PatchBody, TicketField};

use super::ticket::user;
use crate::api::ApiError;

/// The field as SDKs read it.
pub(crate) fn shape(desk: &Helpdesk, field: &Field) -> TicketField {
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

/// The field that a body asks for; a help desk it names has to be this one.
pub(crate) fn definition(desk: &Helpdesk, body: CreateBody) -> Result<Definition, ApiError> {
    let own = desk.id.to_string();
    if body.helpdesk_id.as_ref().is_some_and(|id| !id.is_empty() && *id != own) {
        return Err(ApiError::invalid("helpdesk_id", format!("must be the help desk of the header, {own}")));
    }
    let words = FieldType::ALL.map(FieldType::as_str).join(",");
    let field_type = FieldType::parse(&body.field_type);
    Ok(Definition {
        field_type: field_type.ok_or_else(|| ApiError::invalid("field_type", format!("options: [{words}]")))?,
        key_name: body.key_name,
        display_name: body.display_name,
        position: position(&body.position)?,
        description: body.description,
        visible: body.visible,
        editable: body.editable.unwrap_or(true),
        required: body.required,
        multiple: body.dropdown_allow_multiple.unwrap_or(false),
        choices: body.dropdown_options.map(choices).unwrap_or_default(),
    })
}

/// The change that a body asks for.
pub(crate) fn change(body: PatchBody) -> Result<Change, ApiError> {
    Ok(Change {
        display_name: body.display_name,
        position: body.position.as_deref().map(position).transpose()?,
        description: body.description,
        visible: body.visible,
        required: body.required,
        choices: body.dropdown_options.map(choices),
    })
}
