//! `ticket_customized_field.delete`: tickets no longer show the field.

use axum::http::Method;
use desk::field;
use wire::field::FieldPath;
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token, number};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Delete;

impl Endpoint for Delete {
    const ID: &'static str = "ticket_customized_field.delete";
    const SUMMARY: &'static str = "Delete a customized field of tickets; tickets no longer show it. The operator must be an admin of the help \
         desk or its owner.";
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/open-apis/helpdesk/v1/ticket_customized_fields/{ticket_customized_field_id}";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::FORBIDDEN];

    type Path = FieldPath;
    type Query = Nothing;
    type Body = Nothing;
    type Data = Nothing;

    async fn call(app: &App, caller: Caller, path: FieldPath, _: Nothing, _: Nothing) -> Result<Nothing, ApiError> {
        let id = number("ticket_customized_field_id", &path.ticket_customized_field_id)?;
        app.write(move |tx, cx| field::delete(tx, cx, &caller.helpdesk, caller.user_id(), id)).await?;
        Ok(Nothing {})
    }
}
