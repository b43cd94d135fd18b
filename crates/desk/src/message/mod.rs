//! Messages of a chat: the guest's, the bot's, the agents', and notices of the desk's own.

pub mod card;
mod content;
mod direct;
mod picture;
mod post;
mod read;
mod recall;
mod send;

use db::{DbError, Tx, params};
use serde_json::{Value, json};

pub(crate) use content::SCHEMES_TOLD;
pub use content::{allowed_url, outgoing};
pub use direct::{Direct, send_direct};
pub(crate) use direct::{card_content, tell};
pub use picture::picture;
pub(crate) use post::{CLIENT_ID_MAX, check_client_id};
pub use post::{Draft, Posted, TEXT_MAX, post};
pub use read::{Page, feed, find, of_ticket};
pub(crate) use read::{after, before, by_id};
pub(crate) use recall::{Sent, recall};
pub use send::send;
pub(crate) use send::{Words, reply};

use crate::answer::Shown;
use crate::directory::Helpdesk;
use crate::event::{MessageSnapshot, Snapshot, Who};
use crate::ticket::Ticket;
use crate::ticket::state::stage;
use crate::{Cx, Effect, console, language, outbox};

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The bot, or an app through the open API.
    Bot,
    /// The guest.
    Guest,
    /// An agent.
    Agent,
    /// The desk itself: a notice.
    System,
}

impl Sender {
    /// The number in the database; 1 to 3 are the open API's `sender_type`.
    pub fn number(self) -> i64 {
        match self {
            Self::Bot => 1,
            Self::Guest => 2,
            Self::Agent => 3,
            Self::System => 4,
        }
    }

    /// The sender behind a number.
    pub fn of(number: i64) -> Self {
        match number {
            1 => Self::Bot,
            2 => Self::Guest,
            3 => Self::Agent,
            _ => Self::System,
        }
    }

    /// The guest API's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Guest => "guest",
            Self::Agent => "agent",
            Self::System => "system",
        }
    }
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// `om_…`
    pub message_id: String,
    /// 19 digits.
    pub ticket_message_id: i64,
    /// Position in the chat, from 1.
    pub position: i64,
    /// Its ticket; 0 outside of tickets.
    pub ticket_id: i64,
    /// Who wrote it.
    pub sender: Sender,
    /// The person who wrote it, with their name; none for the bot and notices.
    pub person: Option<(Who, String)>,
    /// `text`, `post`, `image`, `card`, `answer` or `notice`.
    pub kind: String,
    /// The text; empty for pictures.
    pub text: String,
    /// The open API's message content.
    pub content: Value,
    /// On a bot's answer, what was shown.
    pub answer: Option<Shown>,
    /// Whether the guest said that this solved it.
    pub solved: Option<bool>,
    /// The body's id of its event.
    pub event_id: String,
    /// When it was written, Unix ms.
    pub created_at: i64,
}

impl Message {
    /// The open API's message type: `text`, `post` or `image`.
    pub fn msg_type(&self) -> &str {
        msg_type(&self.kind)
    }

    /// Whether a notification brought it.
    pub fn is_pushed(&self) -> bool {
        self.content.get("notification_id").is_some()
    }
}

fn msg_type(kind: &str) -> &str {
    match kind {
        "post" | "image" => kind,
        _ => "text",
    }
}

/// What to append to a chat.
pub(crate) struct New<'a> {
    pub sender: Sender,
    pub person: Option<(Who, String)>,
    pub kind: &'a str,
    pub text: String,
    pub content: Value,
    pub answer: Option<Shown>,
    pub client_id: Option<&'a str>,
}

/// Where a message goes.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub chat_id: &'a str,
    /// 0 outside of tickets.
    pub ticket_id: i64,
    /// The ticket's status, which its event tells.
    pub ticket_status: i64,
    /// Whether the ticket is at the human stage, where agents follow it.
    pub with_human: bool,
}

impl<'a> From<&'a Ticket> for Place<'a> {
    fn from(ticket: &'a Ticket) -> Self {
        let with_human = ticket.state.stage == stage::HUMAN;
        Self { chat_id: &ticket.chat_id, ticket_id: ticket.id, ticket_status: ticket.state.status, with_human }
    }
}

impl<'a> Place<'a> {
    /// In a chat, outside of any ticket.
    pub fn outside(chat_id: &'a str) -> Self {
        Self { chat_id, ticket_id: 0, ticket_status: 0, with_human: false }
    }
}

/// The content of a plain text message.
pub(crate) fn text_content(text: &str) -> Value {
    json!({"content": text, "msg_type": "text"})
}

/// Appends a message to its chat, together with its event. Notices have no event, as the platform knows none of them,
/// and what is outside of tickets has none, as the event is the ticket's.
pub(crate) fn append(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    place: Place<'_>,
    new: New<'_>,
) -> Result<Message, DbError> {
    let position = tx.query_one(
        "UPDATE chat SET position = position + 1 WHERE tenant = $1 AND chat_id = $2 RETURNING position",
        &params![&desk.tenant, place.chat_id],
        |row| row.int(0),
    )?;
    let message = Message {
        message_id: cx.ids.message(position),
        ticket_message_id: cx.ids.decimal(cx.now),
        position,
        ticket_id: place.ticket_id,
        sender: new.sender,
        person: new.person,
        kind: new.kind.to_owned(),
        text: new.text,
        content: new.content,
        answer: new.answer,
        solved: None,
        event_id: cx.ids.event(cx.now),
        created_at: cx.now,
    };
    let answer = message.answer.as_ref().map(crate::faq::to_json);
    tx.execute(
        "INSERT INTO message (tenant, chat_id, position, ticket_id, message_id, ticket_message_id, sender, sender_user,
                              kind, text, content, answer, event_id, client_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        &params![
            &desk.tenant,
            place.chat_id,
            position,
            message.ticket_id,
            &message.message_id,
            message.ticket_message_id,
            message.sender.number(),
            message.person.as_ref().map(|(who, _)| who.user_id.as_str()),
            &message.kind,
            &message.text,
            &message.content.to_string(),
            &answer,
            &message.event_id,
            new.client_id,
            cx.now
        ],
    )?;
    if message.sender != Sender::System && place.ticket_id != 0 {
        let event = Snapshot::MessageCreated { message: snapshot(&message, place) };
        outbox::append(tx, cx, desk, &message.event_id, &event)?;
    }
    if place.with_human {
        console::news::note(tx, cx, desk, place.ticket_id)?;
    }
    cx.effects.push(Effect::Chat { chat_id: place.chat_id.to_owned() });
    Ok(message)
}

fn snapshot(message: &Message, place: Place<'_>) -> MessageSnapshot {
    MessageSnapshot {
        ticket_message_id: message.ticket_message_id,
        message_id: message.message_id.clone(),
        msg_type: message.msg_type().to_owned(),
        position: message.position,
        sender: message.person.as_ref().map(|(who, _)| who.clone()),
        sender_type: message.sender.number(),
        text: message.text.clone(),
        ticket_id: message.ticket_id,
        ticket_status: place.ticket_status,
        chat_id: place.chat_id.to_owned(),
        content: message.content.clone(),
    }
}

/// What a notice tells, as a word that clients may act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The guest asked for a human and waits for one.
    Human,
    /// An agent has the ticket.
    Agent,
    /// The guest waits for another agent.
    Requeued,
    /// The conversation has ended.
    Closed,
}

/// Appends a notice of the desk's own, in Chinese or English, as the guest reads.
pub(crate) fn notice(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &Ticket,
    (notice, [chinese, english]): (Notice, [&str; 2]),
) -> Result<Message, DbError> {
    let text = if language::is_chinese(ticket.guest_language.as_deref()) { chinese } else { english };
    let word = match notice {
        Notice::Human => "human",
        Notice::Agent => "agent",
        Notice::Requeued => "requeued",
        Notice::Closed => "closed",
    };
    let new = New {
        sender: Sender::System,
        person: None,
        kind: "notice",
        text: text.to_owned(),
        content: json!({"content": text, "msg_type": "text", "notice": word}),
        answer: None,
        client_id: None,
    };
    append(tx, cx, desk, ticket.into(), new)
}
