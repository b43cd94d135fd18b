//! `ticket_customized_field.get`: the field stands directly in `data`.

use axum::http::Method;
use desk::field;
use wire::field::{FieldPath, TicketField};
use wire::{Code, Nothing};

use super::shape;
use crate::api::{ApiError, Caller, Endpoint, Token, number};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const ID: &'static str = "ticket_customized_field.get";
    const SUMMARY: &'static str = "Read a customized field of tickets.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/ticket_customized_fields/{ticket_customized_field_id}";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::FORBIDDEN];

    type Path = FieldPath;
    type Query = Nothing;
    type Body = Nothing;
    type Data = TicketField;

    async fn call(app: &App, caller: Caller, path: FieldPath, _: Nothing, _: Nothing) -> Result<TicketField, ApiError> {
        let id = number("ticket_customized_field_id", &path.ticket_customized_field_id)?;
        let data = app
            .read(move |tx, _| {
                let found = field::get(tx, &caller.helpdesk, id)?;
                Ok(shape(&caller.helpdesk, &found))
            })
            .await?;
        Ok(data)
    }
}
