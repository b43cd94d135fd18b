//! Shapes of the guest API.

use desk::answer::Shown;
use desk::message::Message;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message.
#[derive(Debug, Serialize)]
pub struct MessageOut {
    message_id: String,
    /// Position in the chat, from 1; `after` and `Last-Event-ID` count in it.
    pub position: i64,
    ticket_id: String,
    from: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<Person>,
    kind: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<Value>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    answer: Option<Shown>,
    /// What a notice tells: `human`, `agent`, `requeued` or `closed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    solved: Option<bool>,
    /// Unix ms.
    created_at: i64,
}

/// A person in the chat.
#[derive(Debug, Serialize)]
pub struct Person {
    /// `ou_…`
    pub open_id: String,
    /// Display name.
    pub name: String,
}

impl From<Message> for MessageOut {
    fn from(m: Message) -> Self {
        let image_key = m.content.get("image_key").and_then(Value::as_str).map(str::to_owned);
        let notice = m.content.get("notice").and_then(Value::as_str).map(str::to_owned);
        // A post comes under its language; the page wants the one there is.
        let post = m.content.get("post").and_then(Value::as_object).and_then(|p| p.values().next()).cloned();
        Self {
            message_id: m.message_id,
            position: m.position,
            ticket_id: m.ticket_id.to_string(),
            from: m.sender.word(),
            sender: m.person.map(|(who, name)| Person { open_id: who.open_id, name }),
            kind: m.kind,
            text: m.text,
            image_key,
            post,
            answer: m.answer,
            notice,
            solved: m.solved,
            created_at: m.created_at,
        }
    }
}

/// A stored message and its ticket.
#[derive(Debug, Serialize)]
pub struct Posted {
    /// The message.
    pub message: MessageOut,
    /// 19 digits.
    pub ticket_id: String,
}

impl From<Message> for Posted {
    fn from(message: Message) -> Self {
        Self { ticket_id: message.ticket_id.to_string(), message: message.into() }
    }
}

/// `POST /guest/v1/desks/:helpdesk_id/sessions`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OpenSession {
    /// A known user; in `serve` only with `identity_token`.
    pub open_id: Option<String>,
    /// Display name of somebody new.
    pub name: Option<String>,
    /// E-mail address of somebody new.
    pub email: Option<String>,
    /// Such as `zh-CN`.
    pub language: Option<String>,
    /// HS256 JWT with `sub` = `open_id`, signed with the help desk's widget secret.
    pub identity_token: Option<String>,
}
