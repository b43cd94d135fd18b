//! `ticket_customized_field.create`. The answer does not tell the new field's id; the list does.

use axum::http::Method;
use desk::field;
use wire::field::CreateBody;
use wire::{Code, Nothing};

use super::definition;
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
        let new = definition(&caller.helpdesk, body)?;
        app.write(move |tx, cx| field::create(tx, cx, &caller.helpdesk, caller.user_id(), &new)).await?;
        Ok(Nothing {})
    }
}
