//! What happened, as the outbox keeps it. `server::push` turns these snapshots into the open API's events.
//!
//! A snapshot is taken in the transaction that causes the event, so a late or repeated delivery still tells what was
//! true then.

use serde::{Deserialize, Serialize};

/// Type of the event that tells of a new ticket (reference: helpdesk-v1.md section 8).
pub const TICKET_CREATED: &str = "helpdesk.ticket.created_v1";
/// Type of the event that tells of a changed stage or status.
pub const TICKET_UPDATED: &str = "helpdesk.ticket.updated_v1";
/// Type of the event that tells of a new message, the bot's included.
pub const MESSAGE_CREATED: &str = "helpdesk.ticket_message.created_v1";
/// Type of the event that tells of a decided notification approval.
pub const NOTIFICATION_APPROVED: &str = "helpdesk.notification.approve_v1";

/// Event types an app can list on its event page.
pub const TYPES: [&str; 4] = [TICKET_CREATED, TICKET_UPDATED, MESSAGE_CREATED, NOTIFICATION_APPROVED];

/// The event type that a subscription's `type` and `subtype` name together: `helpdesk.ticket_message` and
/// `ticket_message.created_v1` are `helpdesk.ticket_message.created_v1`. `None` if they name none of [`TYPES`].
pub fn subscribed_type(kind: &str, subtype: &str) -> Option<&'static str> {
    TYPES.into_iter().find(|t| {
        let (resource, _) = t.rsplit_once('.').unwrap_or((t, ""));
        resource == kind && t.strip_prefix("helpdesk.") == Some(subtype)
    })
}

/// A user as events show one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// `ou_…`
    pub open_id: String,
    /// `on_…`
    pub union_id: String,
    /// The tenant's own id of the user; delivered only to apps that may read it.
    pub user_id: String,
}

/// A ticket as events show one. Times are Unix ms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketSnapshot {
    /// 19 digits.
    pub ticket_id: i64,
    /// 19 digits.
    pub helpdesk_id: i64,
    /// Who asks.
    pub guest: Who,
    /// The guest's name.
    pub guest_name: String,
    /// 1 bot, 2 human.
    pub stage: i64,
    /// 1..5 open, 50..52 closed.
    pub status: i64,
    /// The guest's rating, 1..3.
    pub score: Option<i64>,
    /// 1 not solved, 2 solved.
    pub solve: Option<i64>,
    /// Where it came from (reference: `ticket_channel`).
    pub channel: i64,
    /// When it was opened.
    pub created_at: i64,
    /// When its stage or status last changed.
    pub updated_at: Option<i64>,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// `oc_…`
    pub chat_id: String,
}

/// The old values of what changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldTicket {
    /// The old stage, if it changed.
    pub stage: Option<i64>,
    /// The old status, if it changed.
    pub status: Option<i64>,
    /// The old time of change; `None` if there was none.
    pub updated_at: Option<i64>,
}

/// A message as events show one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageSnapshot {
    /// 19 digits.
    pub ticket_message_id: i64,
    /// `om_…`
    pub message_id: String,
    /// `text`, `post` or `image`.
    pub msg_type: String,
    /// Position in the chat, from 1.
    pub position: i64,
    /// Who wrote it; none for the bot.
    pub sender: Option<Who>,
    /// 1 bot, 2 guest, 3 agent.
    pub sender_type: i64,
    /// The text.
    pub text: String,
    /// 19 digits.
    pub ticket_id: i64,
    /// The ticket's status when the message was written.
    pub ticket_status: i64,
    /// `oc_…`
    pub chat_id: String,
    /// The open API's message content: `{content, msg_type}` and the like.
    pub content: serde_json::Value,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Snapshot {
    /// A ticket was opened.
    TicketCreated {
        /// The new ticket.
        ticket: TicketSnapshot,
    },
    /// A ticket's stage or status changed.
    TicketUpdated {
        /// The ticket after the change.
        ticket: TicketSnapshot,
        /// What it was before.
        old: OldTicket,
    },
    /// A message was written.
    MessageCreated {
        /// The message.
        message: MessageSnapshot,
    },
    /// The approval of a notification was decided or given up.
    NotificationApprove {
        /// 19 digits.
        notification_id: i64,
        /// 19 digits.
        helpdesk_id: i64,
        /// `APPROVED`, `REJECTED` or `CANCELED`.
        approve_status: String,
    },
}

impl Snapshot {
    /// The event's type.
    pub fn event_type(&self) -> &'static str {
        match self {
            Self::TicketCreated { .. } => TICKET_CREATED,
            Self::TicketUpdated { .. } => TICKET_UPDATED,
            Self::MessageCreated { .. } => MESSAGE_CREATED,
            Self::NotificationApprove { .. } => NOTIFICATION_APPROVED,
        }
    }

    /// The ticket it is about; 0 for what is about none.
    pub fn ticket_id(&self) -> i64 {
        match self {
            Self::TicketCreated { ticket } | Self::TicketUpdated { ticket, .. } => ticket.ticket_id,
            Self::MessageCreated { message } => message.ticket_id,
            Self::NotificationApprove { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_and_subtype_name_an_event_only_together() {
        assert_eq!(subscribed_type("helpdesk.ticket_message", "ticket_message.created_v1"), Some(MESSAGE_CREATED));
        assert_eq!(subscribed_type("helpdesk.ticket", "ticket.updated_v1"), Some(TICKET_UPDATED));
        assert_eq!(subscribed_type("helpdesk.ticket", "ticket_message.created_v1"), None);
        assert_eq!(subscribed_type("helpdesk.ticket", "ticket.deleted_v1"), None);
        assert_eq!(subscribed_type("", ""), None);
    }
}
