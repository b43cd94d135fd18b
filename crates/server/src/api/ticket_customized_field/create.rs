//! `ticket_customized_field.create`. The answer does not tell the new field's id; the list does.

use axum::http::Method;
use desk::field::{self, Definition, FieldType};
use wire::field::CreateBody;
use wire::{Code, Nothing};

use super::{choices, position};
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Create;

impl Endpoint for Create {
    const ID: &'static str = "ticket_customized_field.create";
    const SUMMARY: &'static str = "Make a customized field of tickets. The operator must be an admin of the help desk or its owner. The answer \
         does not tell the new field's id; list the fields to find it.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/ticket_customized_fields";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::FORBIDDEN];

    type Path = Nothing;
    type Query = Nothing;
    type Body = CreateBody;
    type Data = Nothing;

    async fn call(app: &App, caller: Caller, _: Nothing, _: Nothing, body: CreateBody) -> Result<Nothing, ApiError> {
        let own = caller.helpdesk.id.to_string();
        if body.helpdesk_id.as_ref().is_some_and(|id| !id.is_empty() && *id != own) {
            return Err(ApiError::invalid("helpdesk_id", format!("must be the help desk of the header, {own}")));
        }
        let new = definition(body)?;
        app.write(move |tx, cx| field::create(tx, cx, &caller.helpdesk, caller.user_id(), &new)).await?;
        Ok(Nothing {})
    }
}

fn definition(body: CreateBody) -> Result<Definition, ApiError> {
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
