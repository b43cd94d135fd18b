//! Events: subscription, envelope 2.0 and bodies (reference: helpdesk-v1 8; platform-protocol 5.1).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::flex;
use crate::message::MessageContent;
use crate::user::UserId;

/// Body of `event.subscribe` and `event.unsubscribe`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubscribeBody {
    /// Which events.
    #[serde(deserialize_with = "flex::required_objects")]
    #[schemars(length(min = 1))]
    pub events: Vec<Subscription>,
}

/// One event to subscribe to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subscription {
    /// Such as `helpdesk.ticket_message`.
    #[schemars(extend("enum" = ["helpdesk.ticket", "helpdesk.ticket_message", "helpdesk.notification"]))]
    pub r#type: String,
    /// Such as `ticket_message.created_v1`; only together with its type.
    #[schemars(extend("enum" = [
        "ticket.created_v1",
        "ticket.updated_v1",
        "ticket_message.created_v1",
        "notification.approve_v1"
    ]))]
    pub subtype: String,
}

/// An event as it is delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope<T> {
    /// `2.0`
    pub schema: String,
    /// Which event, when, for whom.
    pub header: Header,
    /// The body.
    pub event: T,
}

/// The header of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Header {
    /// 32 hex digits; the same in every repetition of this event.
    pub event_id: String,
    /// Such as `helpdesk.ticket_message.created_v1`.
    pub event_type: String,
    /// Unix milliseconds as digits.
    pub create_time: String,
    /// The app's verification token.
    pub token: String,
    /// `cli_…`
    pub app_id: String,
    /// The tenant.
    pub tenant_key: String,
}

impl<T: Serialize> Envelope<T> {
    /// The envelope of a body.
    pub fn new(header: Header, event: T) -> Self {
        Self { schema: "2.0".to_owned(), header, event }
    }

    /// The text to deliver: compact, members in order, only what JSON must escape, as `JSON.stringify` writes it. The
    /// Node receiver makes the text anew to check the signature and refuses any other (platform-protocol 5.1).
    ///
    /// # Panics
    /// With a body whose maps have keys other than strings; none of this module has.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("event bodies have string keys and whole numbers only")
    }
}

/// Who asks, in a ticket event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TicketUserEvent {
    /// Their ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<UserId>,
    /// Their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Body of `helpdesk.ticket.created_v1`, and `object` of `helpdesk.ticket.updated_v1`. Times are Unix milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TicketEvent {
    /// Decimal id.
    pub ticket_id: String,
    /// Decimal id of the help desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helpdesk_id: Option<String>,
    /// Who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest: Option<TicketUserEvent>,
    /// 1 bot, 2 human. Resources call it `ticket_type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<i64>,
    /// As in the ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// 1 to 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// When it was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<i64>,
    /// When it last changed; -1 for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<i64>,
    /// As in the ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<i64>,
    /// 1 not solved, 2 solved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solve: Option<i64>,
    /// `oc_…`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<String>,
}

/// Body of `helpdesk.ticket.updated_v1`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TicketUpdated {
    /// The ticket after the change.
    pub object: TicketEvent,
    /// What changed, as it was before.
    pub old_object: TicketEventUpdateInfo,
}

/// Old values; only of what changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TicketEventUpdateInfo {
    /// 1 bot, 2 human.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<i64>,
    /// As in the ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
}

/// Body of `helpdesk.ticket_message.created_v1`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MessageCreated {
    /// Decimal id.
    pub ticket_message_id: String,
    /// `om_…`
    pub message_id: String,
    /// `text`, `post` or `image`.
    pub msg_type: String,
    /// Place in the chat, as digits: what the documentation and all SDK types say.
    pub position: String,
    /// Who sent it; left out for the bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender_id: Option<UserId>,
    /// 1 bot, 2 guest, 3 agent.
    pub sender_type: i64,
    /// The text.
    pub text: String,
    /// The ticket, reduced. Remarks are left out: no form of them suits all SDKs (helpdesk-v1 11.9).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<EventTicket>,
    /// A UUID, other than the header's id: what `answer_user_query` wants.
    pub event_id: String,
    /// `oc_…`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<String>,
    /// The content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<MessageContent>,
}

/// The ticket in a message event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EventTicket {
    /// Decimal id.
    pub ticket_id: String,
    /// 1 bot, 2 human.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_type: Option<i64>,
    /// As in the ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
}

/// Body of `helpdesk.notification.approve_v1`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NotificationApprove {
    /// Decimal id.
    pub notification_id: String,
    /// Decimal id of the help desk.
    pub helpdesk_id: String,
    /// `APPROVED`, `REJECTED`, `CANCELED` or `DELETED`.
    pub approve_status: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_written_as_json_stringify_would() {
        let header = Header {
            event_type: "helpdesk.ticket_message.created_v1".into(),
            create_time: "1763800000000".into(),
            ..Header::default()
        };
        let body = MessageCreated {
            position: "222".into(),
            sender_type: 1,
            text: "a/b <c> & \"é中\u{1f600}\u{2028}\"\n\u{1}".into(),
            ..MessageCreated::default()
        };
        let expected = "{\"schema\":\"2.0\",\"header\":{\"event_id\":\"\",\
            \"event_type\":\"helpdesk.ticket_message.created_v1\",\"create_time\":\"1763800000000\",\"token\":\"\",\
            \"app_id\":\"\",\"tenant_key\":\"\"},\"event\":{\"ticket_message_id\":\"\",\"message_id\":\"\",\
            \"msg_type\":\"\",\"position\":\"222\",\"sender_type\":1,\
            \"text\":\"a/b <c> & \\\"é中\u{1f600}\u{2028}\\\"\\n\\u0001\",\"event_id\":\"\"}}";
        assert_eq!(Envelope::new(header, body).to_json(), expected);
    }

    #[test]
    fn old_values_that_did_not_change_are_left_out() {
        let info = TicketEventUpdateInfo { status: Some(1), ..TicketEventUpdateInfo::default() };
        assert_eq!(serde_json::to_string(&info).unwrap(), r#"{"status":1}"#);
    }
}
