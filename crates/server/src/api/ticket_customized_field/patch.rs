//! `ticket_customized_field.patch`: key, type and whether several options may be picked never change.

use axum::http::Method;
use desk::field;
use wire::field::{FieldPath, PatchBody};
use wire::{Code, Nothing};

use super::change;
use crate::api::{ApiError, Caller, Endpoint, Token, number};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Patch;

impl Endpoint for Patch {
    const ID: &'static str = "ticket_customized_field.patch";
    const SUMMARY: &'static str = "Change a customized field of tickets; what is left out stays, and options are given all anew. The operator \
         must be an admin of the help desk or its owner.";
    const METHOD: Method = Method::PATCH;
    const PATH: &'static str = "/open-apis/helpdesk/v1/ticket_customized_fields/{ticket_customized_field_id}";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::FORBIDDEN];

    type Path = FieldPath;
    type Query = Nothing;
    type Body = PatchBody;
    type Data = Nothing;

    async fn call(
        app: &App,
        caller: Caller,
        path: FieldPath,
        _: Nothing,
        body: PatchBody,
    ) -> Result<Nothing, ApiError> {
        let id = number("ticket_customized_field_id", &path.ticket_customized_field_id)?;
        let change = change(body)?;
        app.write(move |tx, cx| field::patch(tx, cx, &caller.helpdesk, caller.user_id(), id, &change)).await?;
        Ok(Nothing {})
    }
}
