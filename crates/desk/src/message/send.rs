//! An app writes into a ticket's conversation.

use db::Tx;
use serde_json::Value;

use super::{Message, New, Sender, append, outgoing};
use crate::directory::Helpdesk;
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
    image::check_post(tx, desk, &ticket.chat_id, &content)?;
    let kind = if msg_type == "post" { "post" } else { "text" };
    let new = New { sender: Sender::Bot, person: None, kind, text, content, answer: None, client_id: None };
    append(tx, cx, desk, (&ticket).into(), new).map_err(Refusal::from)
}
