//! An app or an agent writes into a ticket's conversation.

use db::{DbError, Tx};
use serde_json::Value;

use super::{Message, New, Sender, append, outgoing};
use crate::directory::Helpdesk;
use crate::person::Person;
use crate::ticket::Ticket;
use crate::{Cx, Refusal, image, ticket};

/// Sends a message into an open ticket as the desk's bot. Pictures of a post have to be this chat's or a FAQ's.
pub fn send(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket_id: i64,
    msg_type: &str,
    content: &Value,
) -> Result<Message, Refusal> {
    let (text, content) = outgoing(msg_type, content)?;
    let ticket = ticket::get(tx, desk, ticket_id)?;
    if !ticket.state.is_open() {
        return Err(Refusal::Closed(ticket_id.to_string()));
    }
    image::check_post(tx, desk, Some(&ticket.chat_id), &content)?;
    let kind = if msg_type == "post" { "post" } else { "text" };
    let new = New { sender: Sender::Bot, person: None, kind, text, content, answer: None, client_id: None };
    append(tx, cx, desk, (&ticket).into(), new).map_err(Refusal::from)
}

/// What an agent says: as [`outgoing`] answered it.
pub(crate) struct Words<'a> {
    /// `text` or `post`.
    pub kind: &'a str,
    pub text: String,
    pub content: Value,
    pub client_id: Option<&'a str>,
}

/// Appends an agent's words to an open ticket.
pub(crate) fn reply(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &Ticket,
    agent: &Person,
    words: Words<'_>,
) -> Result<Message, DbError> {
    let person = Some((agent.who(), agent.name.clone()));
    let Words { kind, text, content, client_id } = words;
    let new = New { sender: Sender::Agent, person, kind, text, content, answer: None, client_id };
    append(tx, cx, desk, ticket.into(), new)
}
