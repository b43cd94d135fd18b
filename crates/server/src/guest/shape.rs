//! Shapes of the guest API.

use desk::answer::Shown;
use desk::message::Message;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message of the chat.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Message")]
pub struct MessageOut {
    /// `om_…`
    message_id: String,
    /// Position in the chat, from 1; `after` and `Last-Event-ID` count in it.
    pub position: i64,
    /// Left out outside of tickets.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket_id: Option<String>,
    /// `guest`, `bot`, `agent` or `system`.
    from: &'static str,
    /// Who sent it; left out for the bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<Person>,
    /// `text`, `post`, `image`, `answer` or `notice`.
    kind: String,
    /// The text, or the post or answer as one.
    text: String,
    /// Of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    image_key: Option<String>,
    /// Of a post: `{title, content}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<Value>,
    /// The card's JSON; `text` says what is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<Value>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    answer: Option<Shown>,
    /// What a notice tells: `human`, `closed`, `recalled` (this message was) or `recall` (another was).
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
    /// The message that a `recall` took back.
    #[serde(skip_serializing_if = "Option::is_none")]
    recalled_message_id: Option<String>,
    /// The guest's feedback on an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    solved: Option<bool>,
    /// Unix ms.
    created_at: i64,
}

/// A person in the chat.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Person {
    /// `ou_…`
    pub open_id: String,
    /// Display name.
    pub name: String,
}

impl From<Message> for MessageOut {
    fn from(m: Message) -> Self {
        let member = |name: &str| m.content.get(name).and_then(Value::as_str).map(str::to_owned);
        let (image_key, notice) = (member("image_key"), member("notice"));
        let recalled_message_id = member("recalled_message_id");
        // A post comes under its language; the page wants the one there is.
        let post = m.content.get("post").and_then(Value::as_object).and_then(|p| p.values().next()).cloned();
        Self {
            message_id: m.message_id,
            position: m.position,
            ticket_id: (m.ticket_id != 0).then(|| m.ticket_id.to_string()),
            from: m.sender.word(),
            sender: m.person.map(|(who, name)| Person { open_id: who.open_id, name }),
            kind: m.kind,
            text: m.text,
            image_key,
            post,
            card: m.content.get("card").cloned(),
            answer: m.answer,
            notice,
            recalled_message_id,
            solved: m.solved,
            created_at: m.created_at,
        }
    }
}

/// A stored message and its ticket.
#[derive(Debug, Serialize, JsonSchema)]
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

/// Who comes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OpenSession {
    /// A known user; in `serve` only with `identity_token`.
    pub open_id: Option<String>,
    /// Display name of somebody new; at most 200 characters.
    #[schemars(length(max = 200))]
    pub name: Option<String>,
    /// E-mail address of somebody new; at most 200 characters.
    #[schemars(length(max = 200))]
    pub email: Option<String>,
    /// Such as `zh-CN`.
    #[schemars(length(max = 200))]
    pub language: Option<String>,
    /// HS256 JWT with `sub` = `open_id`, signed with the help desk's widget secret.
    pub identity_token: Option<String>,
}

/// The path of a help desk.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "the document reads its schema, the handler its one segment")]
pub struct DeskPath {
    /// Decimal id.
    helpdesk_id: String,
}

/// The path of a message.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "the document reads its schema, the handler its one segment")]
pub struct MessagePath {
    /// `om_…`
    message_id: String,
}

/// The path of a picture.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "the document reads its schema, the handler its one segment")]
pub struct ImagePath {
    /// `img_…`
    image_key: String,
}
