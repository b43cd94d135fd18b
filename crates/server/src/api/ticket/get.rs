//! `ticket.get`: one ticket.

use axum::http::Method;
use desk::ticket;
use wire::ticket::{TicketData, TicketPath};
use wire::{Code, Nothing};

use super::{shapes, ticket_id};
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const ID: &'static str = "ticket.get";
    const SUMMARY: &'static str = "Read a ticket.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/tickets/{ticket_id}";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Tier7;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::NOT_FOUND];

    type Path = TicketPath;
    type Query = Nothing;
    type Body = Nothing;
    type Data = TicketData;

    async fn call(app: &App, caller: Caller, path: TicketPath, _: Nothing, _: Nothing) -> Result<TicketData, ApiError> {
        let id = ticket_id(&path.ticket_id)?;
        let data = app
            .read(move |tx, _| {
                let ticket = ticket::get(tx, &caller.helpdesk, id)?;
                Ok(TicketData { ticket: shapes(tx, &caller.helpdesk, &[ticket])?.remove(0) })
            })
            .await?;
        Ok(data)
    }
}
