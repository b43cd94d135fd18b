//! Messages of a ticket (reference: helpdesk-v1 3; helpdesk-v1.json `ticket_message.*`, `ticket.ticket_image`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message as the list shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TicketMessage {
    /// Decimal id of the ticket message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Id of the chat message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// `text`, `post`, `image`, `file` or `media`.
    pub message_type: String,
    /// Unix milliseconds, although the filter is in seconds.
    pub created_at: i64,
    /// JSON as text: text `{content,msg_type}`, post `{msg_type,content,image_keys}`, image `{msg_type,image_key}`.
    pub content: String,
    /// The sender's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The sender's picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// The sender's open id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// A message's content, in the list (as text) and in the event (as an object).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MessageContent {
    /// The text, or the post as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// `text`, `post` or `image`.
    pub msg_type: String,
    /// Pictures of a post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_keys: Option<Vec<String>>,
    /// The picture of an image message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_key: Option<String>,
}

/// Body of `ticket_message.create`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreateBody {
    /// `text` or `post`.
    #[schemars(extend("enum" = ["text", "post"]))]
    pub msg_type: String,
    /// What to send.
    pub content: ContentInput,
}

/// `content` as sent: an object, or a string that holds it (reference: helpdesk-v1 3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "an object or a string")]
pub enum ContentInput {
    /// A string: JSON of one of the objects below, or for text the text itself.
    Text(String),
    /// `{"text":…}`, `{"post":{locale:{title,content}}}`, `{locale:{…}}`, or the whole `{msg_type,content}` document.
    Object(serde_json::Map<String, Value>),
}

impl ContentInput {
    /// The content proper: the string parsed, the `{msg_type, content}` document and `post` unwrapped. For a text, the
    /// JSON string of it; for a post, the object with a member for each locale.
    pub fn into_value(self) -> Value {
        let mut value = match self {
            Self::Object(members) => Value::Object(members),
            Self::Text(text) => match serde_json::from_str(&text) {
                Ok(Value::Object(members)) => Value::Object(members),
                // Not JSON, or JSON such as `42` that somebody simply wrote.
                _ => return Value::String(text),
            },
        };
        // The document may be wrapped at most twice: {msg_type, content: "{\"post\": …}"}.
        if value.get("msg_type").is_some_and(Value::is_string)
            && let Some(inner) = value.get_mut("content").map(Value::take)
        {
            value = match inner {
                Value::String(text) => Self::Text(text).into_value(),
                other => other,
            };
        }
        for wrapper in ["post", "text"] {
            if let Some(inner) = value.get_mut(wrapper).map(Value::take) {
                return inner;
            }
        }
        value
    }
}

/// Body of `bot_message.create`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BotMessageBody {
    /// `text`, `post`, `image` or `interactive`.
    #[schemars(extend("enum" = ["text", "post", "image", "interactive"]))]
    pub msg_type: String,
    /// JSON in a string, in the instant messaging format of `msg_type`.
    pub content: String,
    /// Who gets it: an id of the kind chosen by `user_id_type`.
    pub receiver_id: String,
    /// `chat` (default): the user's service group, while no ticket of theirs is in progress; `user`: straight to them.
    #[serde(default)]
    #[schemars(extend("enum" = ["chat", "user"]))]
    pub receive_type: Option<String>,
}

/// Data of `ticket_message.create` and `bot_message.create`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CreateData {
    /// `om_…`
    pub message_id: String,
}

/// Query of `ticket_message.list`. Times are Unix seconds; 13 digits are taken as milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListQuery {
    /// From here.
    pub time_start: Option<i64>,
    /// To here.
    pub time_end: Option<i64>,
    /// From 1; 1 if left out.
    #[schemars(range(min = 1))]
    pub page: Option<i64>,
    /// 20 if left out, 200 at most.
    #[schemars(range(min = 1, max = 200))]
    pub page_size: Option<i64>,
}

/// Query of `ticket.ticket_image`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageQuery {
    /// Decimal id of the ticket.
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub ticket_id: String,
    /// `id` or `message_id` of a message as the list shows it.
    pub msg_id: String,
    /// Which picture of a post, from 0; not needed for an image message.
    #[schemars(range(min = 0))]
    pub index: Option<i64>,
}

/// Data of `ticket_message.list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListData {
    /// One page.
    pub messages: Vec<TicketMessage>,
    /// How many there are in all.
    pub total: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn value(content: Value) -> Value {
        serde_json::from_value::<ContentInput>(content).unwrap().into_value()
    }

    #[test]
    fn every_documented_form_of_a_text_is_its_text() {
        for content in [
            json!("hello"),
            json!({"text": "hello"}),
            json!(r#"{"text":"hello"}"#),
            json!({"msg_type": "text", "content": "hello"}),
            json!(r#"{"msg_type":"text","content":"{\"text\":\"hello\"}"}"#),
        ] {
            assert_eq!(value(content.clone()), json!("hello"), "{content}");
        }
        assert_eq!(value(json!("42")), json!("42"));
        assert!(serde_json::from_value::<ContentInput>(json!(42)).is_err());
    }

    #[test]
    fn every_documented_form_of_a_post_is_its_locales() {
        let locales = json!({"zh_cn": {"title": "t", "content": [[{"tag": "text", "text": "a"}]]}});
        for content in [
            locales.clone(),
            json!({"post": locales}),
            json!(json!({"post": locales}).to_string()),
            json!({"msg_type": "post", "content": {"post": locales}}),
            json!({"msg_type": "post", "content": locales.to_string()}),
        ] {
            assert_eq!(value(content.clone()), locales, "{content}");
        }
    }
}
