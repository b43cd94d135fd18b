//! FAQs (reference: helpdesk-v1 4; helpdesk-v1.json `faq.*`). Times are Unix **seconds** here.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::category::Category;
use crate::flex;
use crate::user::TicketUser;

/// A FAQ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Faq {
    /// Decimal id.
    pub faq_id: String,
    /// The same; the older name.
    pub id: String,
    /// Decimal id of the help desk.
    pub helpdesk_id: String,
    /// The question.
    pub question: String,
    /// The answer as plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The answer as rich text; an array in every answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_richtext: Option<Vec<Richtext>>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_time: Option<i64>,
    /// When it last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_time: Option<i64>,
    /// Its categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<Category>>,
    /// Similar questions, in spite of the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// When it can no longer be restored; only of a FAQ in the recycle bin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expire_time: Option<i64>,
    /// Who last changed it; without e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_user: Option<TicketUser>,
    /// Who made it; without e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_user: Option<TicketUser>,
}

/// A piece of rich text. Which members it has depends on `type`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Richtext {
    /// `text`, `hyperlink`, `img` or `line break`.
    #[schemars(extend("enum" = ["text", "hyperlink", "img", "line break"]))]
    pub r#type: String,
    /// Of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Of a hyperlink: what is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Of a hyperlink: where it leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Of a picture: its address. As sent it may be the picture itself, `data:image/…;base64,…`, which is stored and
    /// answered as `key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub src: Option<String>,
    /// Of a picture: its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Of a picture: pixels, digits in a string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<String>,
    /// Of a picture: pixels, digits in a string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<String>,
}

/// `answer_richtext` as sent: create documents a string, patch an array, and older pages and SDKs swap them, so both are
/// taken everywhere (reference: helpdesk-v1 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum RichtextInput {
    /// The array itself.
    Items(Vec<Richtext>),
    /// A string that holds the array as JSON.
    Text(String),
}

// By hand, because serde's untagged enums cannot tell which item is wrong.
impl<'de> Deserialize<'de> for RichtextInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsOrText;

        impl<'de> Visitor<'de> for ItemsOrText {
            type Value = RichtextInput;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of rich text items, or a string that holds one")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RichtextInput, E> {
                Ok(RichtextInput::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<RichtextInput, A::Error> {
                flex::required_objects(SeqAccessDeserializer::new(items)).map(RichtextInput::Items)
            }
        }

        deserializer.deserialize_any(ItemsOrText)
    }
}

impl RichtextInput {
    /// The items.
    ///
    /// # Errors
    /// What is wrong with the string, for people.
    pub fn into_items(self) -> Result<Vec<Richtext>, String> {
        match self {
            Self::Items(items) => Ok(items),
            Self::Text(text) if text.trim().is_empty() => Ok(Vec::new()),
            Self::Text(text) => serde_json::from_str(&text)
                .map_err(|error| format!("the string must hold a JSON array of rich text items: {error}")),
        }
    }
}

/// Path of a FAQ's endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaqPath {
    /// Decimal id, not yet checked.
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub id: String,
}

/// Path of `faq.faq_image`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaqImagePath {
    /// Decimal id of the FAQ, not yet checked.
    pub id: String,
    /// `img_…`
    pub image_key: String,
}

/// What create and patch take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaqInput {
    /// Decimal id of a category.
    #[schemars(regex(pattern = r"^(0|[1-9][0-9]{0,18})?$"))]
    pub category_id: Option<String>,
    /// The question; required even in patch.
    #[schemars(length(min = 1, max = 1000))]
    pub question: String,
    /// The answer as plain text.
    #[schemars(length(max = 20000))]
    pub answer: Option<String>,
    /// The answer as rich text. One of both has to be given.
    pub answer_richtext: Option<RichtextInput>,
    /// Similar questions.
    #[schemars(length(max = 200), inner(length(max = 1000)))]
    pub tags: Option<Vec<String>>,
}

/// Body of `faq.create` and `faq.patch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["faq"]))]
pub struct FaqBody {
    /// The FAQ. The platform calls it optional, though nothing can be done without it.
    #[serde(default, deserialize_with = "flex::object")]
    #[schemars(with = "FaqInput")]
    pub faq: Option<FaqInput>,
}

/// Data of `faq.create` and `faq.get`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FaqData {
    /// The FAQ.
    pub faq: Faq,
}

/// Query of `faq.list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListQuery {
    /// Decimal id of a category.
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub category_id: Option<String>,
    /// `1` online, `0` deleted but restorable, `2` gone.
    #[schemars(extend("enum" = ["0", "1", "2"]))]
    pub status: Option<String>,
    /// A word of the question, its keywords or a user's name.
    pub search: Option<String>,
    /// Where the page starts; left out for the first.
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub page_token: Option<String>,
    /// 20 if left out, 100 at most.
    #[schemars(range(min = 1, max = 100))]
    pub page_size: Option<i64>,
}

/// Query of `faq.search`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SearchQuery {
    /// What is searched for; base64 of it if `base64` is `true`.
    pub query: String,
    /// `true` switches decoding on.
    #[schemars(extend("enum" = ["true"]))]
    pub base64: Option<String>,
    /// Where the page starts; left out for the first.
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub page_token: Option<String>,
    /// 20 if left out, 100 at most.
    #[schemars(range(min = 1, max = 100))]
    pub page_size: Option<i64>,
}

/// Data of `faq.list` and `faq.search`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PageData {
    /// Whether there is more.
    pub has_more: bool,
    /// Where the next page starts. Left out on the last one: the Go iterator would start over for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
    /// How many FAQs this page has.
    pub page_size: i64,
    /// How many there are in all.
    pub total: i64,
    /// The page.
    pub items: Vec<Faq>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rich_text_is_read_as_string_and_as_array() {
        for text in [
            r#"{"faq":{"question":"q","answer_richtext":"[{\"type\":\"text\",\"content\":\"a\"}]"}}"#,
            r#"{"faq":{"question":"q","answer_richtext":[{"type":"text","content":"a"}]}}"#,
        ] {
            let body: FaqBody = serde_json::from_str(text).unwrap();
            let items = body.faq.unwrap().answer_richtext.unwrap().into_items().unwrap();
            assert_eq!(items[0].content.as_deref(), Some("a"));
        }
        assert!(RichtextInput::Text("hello".into()).into_items().unwrap_err().contains("JSON array"));
        for bad in ["7", "{}", r#"[["text","a"]]"#, r#"[{"type":7}]"#] {
            assert!(serde_json::from_str::<RichtextInput>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_last_page_has_no_token() {
        let text = serde_json::to_string(&PageData::default()).unwrap();
        assert_eq!(text, r#"{"has_more":false,"page_size":0,"total":0,"items":[]}"#);
    }

    #[test]
    fn a_line_break_has_its_type_alone() {
        let item = Richtext { r#type: "line break".into(), ..Richtext::default() };
        assert_eq!(serde_json::to_string(&item).unwrap(), r#"{"type":"line break"}"#);
    }
}
