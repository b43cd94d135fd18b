//! The shapes of a desk file. The doc comments are also the descriptions in its JSON Schema.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::agent::schedule::Slot;
use crate::answering::Answering;
use crate::directory::{AppType, Delivery};
use crate::person::UserRole;
use crate::skill::rule::Rule;
use crate::threshold::{Change, stated};

mod cases;
mod fields;
mod pictures;

pub use cases::Case;
pub use fields::{Field, Options};
pub use pictures::FaqImage;

/// A desk file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeskFile {
    /// The version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// The tenants (companies) of this server.
    pub tenants: Vec<Tenant>,
}

/// A tenant: a company with its people, apps and help desks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// The tenant's key: letters, digits, `_` and `-`.
    pub key: String,
    /// The company's name.
    pub name: String,
    /// People with an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<User>>,
    /// Apps that call the open API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apps: Option<Vec<App>>,
    /// Help desks. They are never removed, because tickets hang on them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helpdesks: Option<Vec<Helpdesk>>,
}

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The tenant's own id of the person.
    pub id: String,
    /// The display name.
    pub name: String,
    /// E-mail address, the login of the console. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Password for the console; kept as a hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// `ou_…`; made if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_id: Option<String>,
    /// City. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Country code, such as `DE`. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Language, such as `zh-CN`. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Ids of the departments the person belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departments: Option<Vec<String>>,
    /// The level that skill rules compare; a whole number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<i64>,
    /// The address of a picture, http or https. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// What the person may do in the whole tenant. Nothing if left out: unlike other keys, a role that is no longer
    /// written down is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<UserRole>,
}

/// An app that calls the open API and receives events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// `cli_` and 16 hex digits; unique on this server.
    #[schemars(regex(pattern = "^cli_[0-9a-f]{16}$"))]
    pub app_id: String,
    /// The app secret; made if left out, kept as a hash. A new one voids the app's access tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_secret: Option<Secret>,
    /// Whether the app was built for this tenant (`custom`, the default) or comes from a `store`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub app_type: Option<AppType>,
    /// How people know the app: the log-in page names it. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Granted scopes, such as `helpdesk:all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Where the log-in page may send people back to: `redirect_uri` has to be one of these, letter for letter. An app
    /// without any may use `http` addresses of its own machine, such as `http://127.0.0.1:3000/callback`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_urls: Option<Vec<String>>,
    /// The app's event page in the developer console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Events>,
}

/// An app's event page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// How events reach the app (`webhook` is the default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// The request URL of a webhook, http or https. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The token in every event; made if left out. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_token: Option<Secret>,
    /// With a key, events are encrypted and signed. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypt_key: Option<Secret>,
    /// The event types the app asks for, such as `helpdesk.ticket.created_v1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<String>>,
}

/// A help desk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Helpdesk {
    /// 19 digits; made if left out, and then the help desk is found by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[1-9][0-9]{18}$"))]
    pub id: Option<String>,
    /// The help desk token; made if left out, kept as a hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// The help desk's name.
    pub name: String,
    /// What a guest reads first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome: Option<String>,
    /// What a guest reads while no agent is on duty, below when they are back. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away: Option<String>,
    /// The colour of chat and widget, such as `#7a3ff2`; it is made darker or lighter where it could not be read. An empty
    /// text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^(#[0-9A-Fa-f]{6})?$"))]
    pub accent: Option<String>,
    /// What the help desk is for, in one line under its name. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub description: Option<String>,
    /// Its picture beside its name, as `data:image/png;base64,…`: PNG, JPEG, GIF or WebP, 512 KiB at most. An empty text
    /// removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// Signs guests' identity tokens; made if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub widget_secret: Option<Secret>,
    /// The user id of the owner, who is an agent too.
    pub owner: String,
    /// Whether it is closed: then it takes no new guests and tickets, and keeps all it has. Left out, a help desk that an
    /// administrator closed stays closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<bool>,
    /// The time zone of agents' schedules, an IANA name such as `Europe/Berlin` (`UTC` is the default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// What agents can do; the default skill need not be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skills: Option<Vec<Skill>>,
    /// The agents; the owner need not be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<Vec<Agent>>,
    /// Who may ask here (`all` is the default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// How questions are answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answering: Option<Answering>,
    /// Which apps get which events of this help desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriptions: Option<Vec<Subscription>>,
    /// What agents fill in for a ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_fields: Option<Vec<Field>>,
    /// What is known of a user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_fields: Option<Vec<Field>>,
    /// FAQ categories, a tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<Category>>,
    /// The FAQs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faqs: Option<Vec<Faq>>,
    /// Questions with the answer they have to get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cases: Option<Vec<Case>>,
}

/// An agent of a help desk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// The agent's user id.
    pub user: String,
    /// What the agent may do (`agent` is the default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<AgentRole>,
    /// Whether the agent takes tickets (`online` is the default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Presence>,
    /// When the agent works, in the help desk's time zone; an empty list, the default, is always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Vec<Slot>>,
    /// Names of the agent's skills; an empty list, the default, is the default skill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skills: Option<Vec<String>>,
    /// How many tickets the agent works on at a time (10 is the default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub capacity: Option<i64>,
}

/// A skill: agents who have it are for the tickets for which all its rules hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Skill {
    /// The name, unique in the help desk.
    pub name: String,
    /// Whether this is the default skill, which is for what no other skill is for and has no rules.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    /// The rules. Rules about FAQ categories name them by path, such as `Accounts/Passwords`, or by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Rule>>,
}

/// What an agent may do; the owner is named by the help desk's `owner`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentRole {
    /// Answers guests and keeps FAQs.
    Agent,
    /// Keeps skills, schedules and fields too.
    Admin,
}

/// Whether an agent takes tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Takes tickets.
    Online,
    /// Takes none.
    Offline,
}

/// An app's subscription to an event of a help desk.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// The app's `app_id`.
    pub app: String,
    /// The resource, such as `helpdesk.ticket_message`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The event of the resource, such as `ticket_message.created_v1`.
    pub subtype: String,
}

/// A FAQ category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// The name, unique under its parent.
    pub name: String,
    /// Its language, such as `zh_cn`. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// From this score on (0 to 1) the answer of a FAQ of this category or of one below it is shown. Left out it stays as
    /// it is, at first as above this category; null makes it so again.
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub direct_score: Option<Option<f64>>,
    /// From this score on (0 to 1, at most `direct_score`) a list of questions is shown; the rest as for `direct_score`.
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub list_score: Option<Option<f64>>,
    /// Categories below this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Category>,
}

impl Category {
    /// What becomes of its thresholds.
    pub(super) fn thresholds(&self) -> Change {
        Change { direct_score: self.direct_score, list_score: self.list_score }
    }
}

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Faq {
    /// 19 digits; made if left out, and then the FAQ is found by its question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[1-9][0-9]{18}$"))]
    pub id: Option<String>,
    /// The question.
    pub question: String,
    /// Other ways to ask it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similar: Option<Vec<String>>,
    /// The answer as plain text; this or `answer_richtext` has to be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The answer as the open API's rich text: `{type: text, content}`, `{type: hyperlink, text, url}`,
    /// `{type: img, key}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_richtext: Option<Vec<serde_json::Map<String, serde_json::Value>>>,
    /// The pictures that `img` items of `answer_richtext` name. They stay until the FAQ is gone for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Vec<FaqImage>>,
    /// The category as a path of names, such as `Accounts/Passwords`. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

/// Who may ask at a help desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody.
    All,
    /// Only these.
    Only(Audience),
}

/// The users and departments that may ask; agents always may.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Audience {
    /// User ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// Department ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<String>,
}

impl Serialize for Visibility {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::Only(audience) => audience.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Visibility {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AllOrAudience;
        impl<'de> Visitor<'de> for AllOrAudience {
            type Value = Visibility;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`all` or {users: […], departments: […]}")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Visibility, E> {
                if text == "all" {
                    Ok(Visibility::All)
                } else {
                    Err(E::invalid_value(serde::de::Unexpected::Str(text), &self))
                }
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Visibility, M::Error> {
                Audience::deserialize(MapAccessDeserializer::new(map)).map(Visibility::Only)
            }
        }
        deserializer.deserialize_any(AllOrAudience)
    }
}

impl JsonSchema for Visibility {
    fn schema_name() -> Cow<'static, str> {
        "Visibility".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let audience = generator.subschema_for::<Audience>();
        json_schema!({
            "description": "Who may ask at a help desk.",
            "oneOf": [{"const": "all", "description": "Everybody."}, audience]
        })
    }
}

/// A secret as the file gives it: the text itself, or `${ENV_NAME}` for the value of an environment variable. Never
/// shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(pub String);

impl Secret {
    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
