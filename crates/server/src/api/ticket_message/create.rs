//! `ticket_message.create`: an app writes into a ticket.

use axum::http::Method;
use desk::message::send;
use wire::message::{CreateBody, CreateData};
use wire::ticket::TicketPath;
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token, number};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Create;

impl Endpoint for Create {
    const ID: &'static str = "ticket_message.create";
    const SUMMARY: &'static str = "Write into an open ticket as the help desk bot.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/tickets/{ticket_id}/messages";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const FORBIDDEN: Code = Code::FORBIDDEN_401;
    const RATE: Rate = Rate::Tier4;
    const ERRORS: &'static [Code] =
        &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::FORBIDDEN_401, Code::TICKET_CLOSED, Code::BAD_URL];

    type Path = TicketPath;
    type Query = Nothing;
    type Body = CreateBody;
    type Data = CreateData;

    async fn call(
        app: &App,
        caller: Caller,
        path: TicketPath,
        _: Nothing,
        body: CreateBody,
    ) -> Result<CreateData, ApiError> {
        let id = number("ticket_id", &path.ticket_id)?;
        let content = body.content.into_value();
        let sent = app.write(move |tx, cx| send(tx, cx, &caller.helpdesk, id, &body.msg_type, &content)).await?;
        Ok(CreateData { message_id: sent.message_id })
    }
}
