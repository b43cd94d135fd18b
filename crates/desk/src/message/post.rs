//! The guest writes.

use db::{Tx, params};
use serde_json::json;

use super::{Message, New, Place, Sender, append, find, text_content};
use crate::answering::By;
use crate::directory::Helpdesk;
use crate::event::MESSAGE_CREATED;
use crate::guest::Chat;
use crate::ticket::state::stage;
use crate::ticket::{self, Opening};
use crate::{Cx, Effect, Refusal, image};

/// Longest message of a guest, in characters.
pub const TEXT_MAX: usize = 5_000;

/// What the guest sends: a text or a picture.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The text.
    pub text: Option<String>,
    /// A picture stored before.
    pub image_key: Option<String>,
    /// The client's own id of this message; the same one twice is one message.
    pub client_id: Option<String>,
}

/// The stored message.
#[derive(Debug, Clone)]
pub struct Posted {
    /// The message.
    pub message: Message,
    /// False if `client_id` had been used before, so nothing new was written.
    pub new: bool,
}

/// Stores a guest's message, opens a ticket if none is open, and puts the question to whoever answers here.
pub fn post(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, chat: &Chat, draft: &Draft) -> Result<Posted, Refusal> {
    check(draft)?;
    if let Some(message) = earlier(tx, desk, chat, draft.client_id.as_deref())? {
        return Ok(Posted { message, new: false });
    }
    let (kind, text, content) = match (&draft.text, &draft.image_key) {
        (_, Some(key)) => {
            if !image::exists(tx, &desk.tenant, &chat.chat_id, key)? {
                return Err(Refusal::invalid("image_key", format!("no picture {key} in this chat; upload it first")));
            }
            ("image", String::new(), json!({"msg_type": "image", "image_key": key}))
        }
        (text, None) => {
            let text = text.as_deref().unwrap_or_default().trim().to_owned();
            ("text", text.clone(), text_content(&text))
        }
    };
    let mut ticket = match chat.open_ticket_id {
        Some(id) => ticket::get(tx, desk, id)?,
        None => ticket::open(tx, cx, desk, chat, &Opening::default())?,
    };
    let follow = ticket::assign::guest_wrote(tx, cx, desk, &mut ticket)?;
    let person = Some((chat.guest.who(), chat.guest.name.clone()));
    let client_id = draft.client_id.as_deref();
    let new = New { sender: Sender::Guest, person, kind, text, content, answer: None, client_id };
    let message = append(tx, cx, desk, Place::from(&ticket), new)?;
    if ticket.state.stage == stage::BOT {
        ask(tx, cx, desk, &chat.chat_id, &message)?;
    }
    ticket::assign::follow(tx, cx, desk, &ticket, follow)?;
    Ok(Posted { message, new: true })
}

/// Puts a question to whoever answers at this help desk.
fn ask(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, chat_id: &str, message: &Message) -> Result<(), Refusal> {
    let app_listens = !desk.subscribers(MESSAGE_CREATED).is_empty();
    let due_at = match desk.answering.by {
        By::Builtin => Some(cx.now),
        _ if !app_listens => Some(cx.now),
        By::App => None,
        By::AppThenBuiltin => Some(cx.now + desk.answering.app_timeout_ms),
    };
    tx.execute(
        "INSERT INTO question (tenant, ticket_id, event_id, chat_id, position, text, state, due_at, asked_at, app_shown,
           helpdesk_id)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, 0, $9)",
        &params![
            &desk.tenant,
            message.ticket_id,
            &message.event_id,
            chat_id,
            message.position,
            &message.text,
            due_at,
            cx.now,
            desk.id
        ],
    )?;
    cx.effects.extend(due_at.map(|at| Effect::QuestionDue { at }));
    Ok(())
}

fn check(draft: &Draft) -> Result<(), Refusal> {
    let text = draft.text.as_deref().map(str::trim).unwrap_or_default();
    match (text.is_empty(), &draft.image_key) {
        (true, None) => return Err(Refusal::invalid("text", "text or image_key must be given")),
        (false, Some(_)) => return Err(Refusal::invalid("image_key", "a message is a text or a picture, not both")),
        _ => {}
    }
    if text.chars().count() > TEXT_MAX {
        return Err(Refusal::invalid("text", format!("at most {TEXT_MAX} characters are allowed")));
    }
    check_client_id(draft.client_id.as_deref())
}

/// Longest id that a client gives what it sends, in bytes.
pub(crate) const CLIENT_ID_MAX: usize = 100;

/// Refuses a client's own id of what it sends if it is too long, or empty.
pub(crate) fn check_client_id(client_id: Option<&str>) -> Result<(), Refusal> {
    if client_id.is_some_and(|id| id.is_empty() || id.len() > CLIENT_ID_MAX) {
        return Err(Refusal::invalid("client_id", format!("1 to {CLIENT_ID_MAX} bytes are allowed")));
    }
    Ok(())
}

fn earlier(tx: &mut Tx<'_>, desk: &Helpdesk, chat: &Chat, client_id: Option<&str>) -> Result<Option<Message>, Refusal> {
    let Some(client_id) = client_id else { return Ok(None) };
    let id = tx.query_opt(
        "SELECT position FROM message WHERE tenant = $1 AND chat_id = $2 AND client_id = $3",
        &params![&desk.tenant, &chat.chat_id, client_id],
        |row| row.int(0),
    )?;
    id.map(|position| find(tx, desk, &chat.chat_id, position)).transpose()
}
