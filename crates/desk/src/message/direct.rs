//! The help desk's bot writes to a user outside of any ticket (reference: helpdesk-v1.json `bot_message.create`).

use db::{DbError, Tx};
use serde_json::{Map, Value, json};

use super::card::Card;
use super::{Message, New, Place, Sender, append, outgoing};
use crate::directory::Helpdesk;
use crate::person::{self, IdKind};
use crate::{Cx, Refusal, guest, image};

/// What to send to whom.
#[derive(Debug, Clone)]
pub struct Direct {
    /// The receiver, by an id of the kind below.
    pub receiver_id: String,
    /// The kind of `receiver_id`.
    pub id_kind: IdKind,
    /// `text`, `post`, `image` or `interactive`.
    pub msg_type: String,
    /// The content in the instant messaging format of that type, JSON in a string.
    pub content: String,
    /// Into the user's service group, which no ticket in progress may occupy; otherwise straight to the user. A user has
    /// one chat with a help desk here, so both land in it.
    pub to_group: bool,
}

/// A content that has been checked.
enum Content {
    Words { kind: &'static str, text: String, content: Value },
    Image(String),
    Card(Box<Card>),
}

/// Sends it.
pub fn send_direct(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ask: &Direct) -> Result<Message, Refusal> {
    let content = read_content(&ask.msg_type, &ask.content)?;
    let user = person::require_by(tx, &desk.tenant, ask.id_kind, &ask.receiver_id)?;
    if !desk.visible_to(&user.user_id, &user.departments) {
        let why = format!("user {} is outside this help desk's visibility", ask.receiver_id);
        return Err(Refusal::Forbidden(why));
    }
    let chat = guest::find_chat(tx, desk, &user.user_id)?;
    if let (true, Some(ticket_id)) = (ask.to_group, chat.as_ref().and_then(|chat| chat.open_ticket_id)) {
        let why = format!("ticket {ticket_id} of this user is in progress; write into it, or use receive_type user");
        return Err(Refusal::Barred(why));
    }
    let chat_id = chat.as_ref().map(|chat| chat.chat_id.as_str());
    match &content {
        Content::Image(key) if !image::may_show(tx, desk, chat_id, key)? => {
            let why = format!("no picture {key} in this user's chat or in this help desk's FAQs");
            return Err(Refusal::invalid("content.image_key", why));
        }
        Content::Words { content, .. } => image::check_post(tx, desk, chat_id, content)?,
        Content::Image(_) | Content::Card(_) => {}
    }
    let chat_id = match chat {
        Some(chat) => chat.chat_id,
        None => guest::new_chat(tx, cx, desk, &user.user_id)?,
    };
    let new = match content {
        Content::Words { kind, text, content } => bot(kind, text, content),
        Content::Image(key) => bot("image", String::new(), json!({"msg_type": "image", "image_key": key})),
        Content::Card(card) => {
            let text = card.text(user.reads_chinese()).to_owned();
            let content = card_content(&card, &text, None);
            bot("card", text, content)
        }
    };
    append(tx, cx, desk, Place::outside(&chat_id), new).map_err(Refusal::from)
}

fn bot(kind: &str, text: String, content: Value) -> New<'_> {
    New { sender: Sender::Bot, person: None, kind, text, content, answer: None, client_id: None }
}

/// The stored content of a card; `notification_id` if a notification brings it.
pub(crate) fn card_content(card: &Card, text: &str, notification_id: Option<i64>) -> Value {
    let mut content = json!({"msg_type": "interactive", "content": text, "card": card.json});
    if let Some(id) = notification_id {
        content["notification_id"] = json!(id.to_string());
    }
    content
}

/// The bot tells somebody something outside of any ticket: a text, or a card with its text.
pub(crate) fn tell(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    (text, content): (String, Value),
) -> Result<Message, DbError> {
    let chat_id = match guest::find_chat(tx, desk, user_id)? {
        Some(chat) => chat.chat_id,
        None => guest::new_chat(tx, cx, desk, user_id)?,
    };
    let kind = if content.get("card").is_some() { "card" } else { "text" };
    append(tx, cx, desk, Place::outside(&chat_id), bot(kind, text, content))
}

fn read_content(msg_type: &str, content: &str) -> Result<Content, Refusal> {
    let (kind, sample) = match msg_type {
        "text" => ("text", r#"{"text":"…"}"#),
        "post" => ("post", r#"{"post":{"zh_cn":{"title":"…","content":[[…]]}}}"#),
        "image" => ("image", r#"{"image_key":"img_…"}"#),
        "interactive" => return Card::parse("content", content).map(|card| Content::Card(Box::new(card))),
        _ => return Err(Refusal::invalid("msg_type", "options: [text,post,image,interactive]")),
    };
    let why = format!("must be JSON in a string, for {kind} such as {sample}");
    let mut members: Map<String, Value> =
        serde_json::from_str(content).map_err(|_| Refusal::invalid("content", why))?;
    match kind {
        "image" => match members.get("image_key").and_then(Value::as_str) {
            Some(key) if !key.is_empty() => Ok(Content::Image(key.to_owned())),
            _ => Err(Refusal::invalid("content.image_key", "content.image_key is required")),
        },
        "text" => words("text", &members.remove("text").unwrap_or_default()),
        _ => words("post", &members.remove("post").unwrap_or(Value::Object(members))),
    }
}

fn words(kind: &'static str, value: &Value) -> Result<Content, Refusal> {
    match outgoing(kind, value) {
        Ok((text, content)) => Ok(Content::Words { kind, text, content }),
        // The page knows no code of its own for a link.
        Err(link @ Refusal::BadUrl(_)) => Err(Refusal::invalid("content", link.to_string())),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_is_read_in_the_form_of_instant_messaging() {
        let lines = json!([[{"tag": "text", "text": "hi"}]]);
        let locales = json!({"zh_cn": {"title": "T", "content": lines}});
        for (msg_type, content) in [
            ("text", json!({"text": "hi"})),
            ("post", json!({"post": locales})),
            ("post", locales.clone()),
            ("image", json!({"image_key": "img_1"})),
            ("interactive", json!({"elements": [{"tag": "markdown", "content": "hi"}]})),
        ] {
            assert!(read_content(msg_type, &content.to_string()).is_ok(), "{msg_type} {content}");
        }
    }

    #[test]
    fn each_mistake_names_its_field() {
        let script = json!({"zh_cn": {"content": [[{"tag": "a", "href": "javascript:1", "text": "x"}]]}}).to_string();
        for (msg_type, content, field) in [
            ("audio", "{}", "msg_type"),
            ("text", "hi", "content"),
            ("text", "[]", "content"),
            ("text", "{}", "content.text"),
            ("text", r#"{"text":" "}"#, "content"),
            ("post", "{}", "content.post"),
            ("post", &script, "content"),
            ("image", "{}", "content.image_key"),
            ("interactive", r#"{"schema":"2.0","body":{}}"#, "content"),
        ] {
            let Err(Refusal::Invalid { field: named, .. }) = read_content(msg_type, content) else {
                panic!("{msg_type} {content} was taken");
            };
            assert_eq!(named, field, "{msg_type} {content}");
        }
    }
}
