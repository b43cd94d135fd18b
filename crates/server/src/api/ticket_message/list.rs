//! `ticket_message.list`: a ticket's messages in numbered pages, oldest first.

use axum::http::Method;
use desk::message::{self, Message};
use wire::message::{ListData, ListQuery, TicketMessage};
use wire::ticket::TicketPath;
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token, number, ranged};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct List;

impl Endpoint for List {
    const ID: &'static str = "ticket_message.list";
    const SUMMARY: &'static str = "List the messages of a ticket by numbered page, oldest first.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/tickets/{ticket_id}/messages";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::FORBIDDEN];

    type Path = TicketPath;
    type Query = ListQuery;
    type Body = Nothing;
    type Data = ListData;

    async fn call(
        app: &App,
        caller: Caller,
        path: TicketPath,
        query: ListQuery,
        _: Nothing,
    ) -> Result<ListData, ApiError> {
        let id = number("ticket_id", &path.ticket_id)?;
        let page = ranged("page", query.page.unwrap_or(1), 1, i64::MAX)?;
        let page_size = ranged("page_size", query.page_size.unwrap_or(20), 1, 200)?;
        // `time_end` names a whole second.
        let start = query.time_start.map_or(0, milliseconds);
        let end = query.time_end.map_or(i64::MAX, |end| milliseconds(end).saturating_add(999));
        let found =
            app.read(move |tx, _| message::of_ticket(tx, &caller.helpdesk, id, (start, end), page, page_size)).await?;
        Ok(ListData { messages: found.messages.into_iter().map(shape).collect(), total: found.total })
    }
}

/// The filter counts in seconds, though messages carry milliseconds; clients send either (reference: helpdesk-v1 3).
fn milliseconds(time: i64) -> i64 {
    if time < 100_000_000_000 { time.saturating_mul(1000) } else { time }
}

fn shape(message: Message) -> TicketMessage {
    let message_type = message.msg_type().to_owned();
    let mut content = message.content;
    // The page knows no more of a post than its text and pictures.
    if let Some(members) = content.as_object_mut() {
        members.remove("post");
    }
    let (user_id, user_name) = message.person.map(|(who, name)| (who.open_id, name)).unzip();
    TicketMessage {
        id: Some(message.ticket_message_id.to_string()),
        message_id: Some(message.message_id),
        message_type,
        created_at: message.created_at,
        content: content.to_string(),
        user_name,
        avatar_url: None,
        user_id,
    }
}
