//! Tickets (reference: helpdesk-v1 3; helpdesk-v1.json `ticket.*`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::flex;
use crate::user::{I18n, TicketUser};

/// A ticket. Times are Unix milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Ticket {
    /// Decimal id.
    pub ticket_id: String,
    /// Decimal id of the help desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helpdesk_id: Option<String>,
    /// Who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest: Option<TicketUser>,
    /// The remark; one object in spite of its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<Comments>,
    /// The stage: 1 bot, 2 human.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [1, 2]))]
    pub ticket_type: Option<i64>,
    /// 1 to 5 in progress; 50, 51, 52 closed by bot, agent, user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [1, 2, 3, 4, 5, 50, 51, 52]))]
    pub status: Option<i64>,
    /// 1 dissatisfied, 2 neutral, 3 satisfied.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [1, 2, 3]))]
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
    /// Why the guest is dissatisfied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dissatisfaction_reason: Option<I18n>,
    /// Agents who worked on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agents: Option<Vec<TicketUser>>,
    /// 2 QR code, 9 open API, 13 search, 14 share, else other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<i64>,
    /// 1 not solved, 2 solved. Requests call it `solved`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [1, 2]))]
    pub solve: Option<i64>,
    /// Who closed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<TicketUser>,
    /// Who else works on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collaborators: Option<Vec<TicketUser>>,
    /// Fields with a value; left out when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customized_fields: Option<Vec<CustomizedField>>,
    /// Minutes from the agent's entry to their last reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_service_duration: Option<f64>,
    /// Seconds from the agent's entry to their first reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_first_response_duration: Option<i64>,
    /// Seconds from opening to the agent's entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bot_service_duration: Option<i64>,
    /// Seconds from the first agent's entry to closing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_resolution_time: Option<i64>,
    /// The same without the time in status 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual_processing_time: Option<i64>,
    /// When the agent came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_entry_time: Option<i64>,
    /// When the agent first replied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_first_response_time: Option<i64>,
    /// When the agent last replied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_last_response_time: Option<i64>,
    /// The agent in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_owner: Option<TicketUser>,
    /// Left out when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<TicketTag>>,
}

/// The remark on a ticket. Its ids are JSON numbers, and may be above 2^53.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Comments {
    /// Its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// When it was made, Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<i64>,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// The author's picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_avatar_url: Option<String>,
    /// The author's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The author's id as a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<i64>,
}

/// A tag of a ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TicketTag {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A customized field's value in a ticket (reference: helpdesk-v1.json `customized_field_display_item`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CustomizedField {
    /// The field's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The field's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
    /// The field's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// A number here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// Whether agents have to fill it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Whether it may be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub editable: Option<bool>,
}

/// Body of `ticket.update`; at least one member has to be given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UpdateBody {
    /// 1, 2, 3, 4, 5, 50 or 51.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [1, 2, 3, 4, 5, 50, 51]))]
    pub status: Option<i64>,
    /// All tags the ticket has from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 50)))]
    pub tag_names: Option<Vec<String>>,
    /// The new remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5000))]
    pub comment: Option<String>,
    /// Fields with their new values.
    #[serde(deserialize_with = "flex::objects", skip_serializing_if = "Option::is_none")]
    pub customized_fields: Option<Vec<UpdateField>>,
    /// The stage: 1 bot, 2 human.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [1, 2]))]
    pub ticket_type: Option<i64>,
    /// 1 not solved, 2 solved. The ticket calls it `solve`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [1, 2]))]
    pub solved: Option<i64>,
    /// As in the ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub channel: Option<i64>,
}

/// A customized field's new value. What else SDKs send of a field (its name, position and flags) is not read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UpdateField {
    /// The field's id; or give its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The value; an empty one removes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The field's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
}

/// Path of a ticket's endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketPath {
    /// Decimal id, not yet checked.
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub ticket_id: String,
}

/// Body of `ticket.start_service`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StartServiceBody {
    /// For whom.
    pub open_id: String,
    /// Straight to a human.
    pub human_service: Option<bool>,
    /// Agents' open ids; needs `human_service`.
    pub appointed_agents: Option<Vec<String>>,
    /// Where the ticket comes from; at most 1024 characters.
    #[schemars(length(max = 1024))]
    pub customized_info: Option<String>,
}

/// Data of `ticket.start_service`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StartServiceData {
    /// `oc_…`
    pub chat_id: String,
    /// Only for a ticket that went to a human.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<String>,
}

/// Data of `ticket.get`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TicketData {
    /// The ticket.
    pub ticket: Ticket,
}

/// Query of `ticket.list`. Times are Unix milliseconds, inclusive, and come in pairs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListQuery {
    /// One ticket.
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub ticket_id: Option<String>,
    /// An agent's open id.
    pub agent_id: Option<String>,
    /// The open id of the agent who closed it.
    pub closed_by_id: Option<String>,
    /// The stage: 1 bot, 2 human.
    #[schemars(extend("enum" = [1, 2]))]
    pub r#type: Option<i64>,
    /// As in the ticket.
    pub channel: Option<i64>,
    /// 1 not solved, 2 solved.
    #[schemars(extend("enum" = [1, 2]))]
    pub solved: Option<i64>,
    /// 1 to 3.
    #[schemars(extend("enum" = [1, 2, 3]))]
    pub score: Option<i64>,
    /// Any of these.
    #[schemars(length(max = 8), extend("items" = {"type": "integer", "enum": [1, 2, 3, 4, 5, 50, 51, 52]}))]
    pub status_list: Option<Vec<i64>>,
    /// The guest's name.
    pub guest_name: Option<String>,
    /// The guest's open id.
    pub guest_id: Option<String>,
    /// Tags.
    pub tags: Option<Vec<String>>,
    /// From 1; 1 if left out.
    #[schemars(range(min = 1))]
    pub page: Option<i64>,
    /// 20 if left out, 200 at most.
    #[schemars(range(min = 1, max = 200))]
    pub page_size: Option<i64>,
    /// Needs `create_time_end`.
    pub create_time_start: Option<i64>,
    /// Needs `create_time_start`.
    pub create_time_end: Option<i64>,
    /// Needs `update_time_end`.
    pub update_time_start: Option<i64>,
    /// Needs `update_time_start`.
    pub update_time_end: Option<i64>,
}

/// Data of `ticket.list`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListData {
    /// 10000 at most.
    pub total: i64,
    /// One page.
    pub tickets: Vec<Ticket>,
}

/// Body of `ticket.answer_user_query`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AnswerUserQueryBody {
    /// The id of the event that brought the question: the body's, or the header's.
    pub event_id: String,
    /// What matches; nothing, if left out or empty.
    #[serde(default, deserialize_with = "flex::objects", skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 50))]
    pub faqs: Option<Vec<UserQueryFaqInfo>>,
}

/// A FAQ that matches a question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UserQueryFaqInfo {
    /// Its id, unique within the help desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(required, regex(pattern = r"^[1-9][0-9]{0,18}$"))]
    pub id: Option<String>,
    /// How well it matches, a number from 0 to 1. Read as any JSON, because a wrong one is 154000 here, not 9499.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<f64>", range(min = 0.0, max = 1.0))]
    pub score: Option<serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_without_values_is_its_id() {
        let ticket = Ticket { ticket_id: "69".into(), ..Ticket::default() };
        assert_eq!(serde_json::to_string(&ticket).unwrap(), r#"{"ticket_id":"69"}"#);
    }

    #[test]
    fn an_update_ignores_what_sdks_send_besides() {
        let text =
            r#"{"status":2,"customized_fields":[{"id":"1","value":"v","key_name":"k","position":"x","required":1}]}"#;
        let body: UpdateBody = serde_json::from_str(text).unwrap();
        let field = UpdateField { id: Some("1".into()), value: Some("v".into()), key_name: Some("k".into()) };
        assert_eq!((body.status, body.customized_fields), (Some(2), Some(vec![field])));
        assert!(serde_json::from_str::<UpdateBody>(r#"{"customized_fields":[["1","v"]]}"#).is_err());
    }

    #[test]
    fn the_body_of_the_reference_is_read() {
        let text = r#"{"event_id":"abcd","faqs":[{"id":"12345","score":0.9}]}"#;
        let body: AnswerUserQueryBody = serde_json::from_str(text).unwrap();
        assert_eq!(body.faqs.as_ref().unwrap()[0].score, Some(0.9.into()));
        assert_eq!(serde_json::to_string(&body).unwrap(), text);
        let body: AnswerUserQueryBody = serde_json::from_str(r#"{"event_id":"abcd"}"#).unwrap();
        assert!(body.faqs.is_none());
        assert!(serde_json::from_str::<AnswerUserQueryBody>(r#"{"event_id":"a","faqs":[["1",0.9]]}"#).is_err());
    }
}
