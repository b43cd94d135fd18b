//! What a use case gets from outside: time, ids, and a list of who has to be woken after the commit.

use std::sync::Arc;

use crate::audit::Told;
use crate::faq::By;
use crate::ids::Ids;

/// Context of one use case.
#[derive(Debug, Clone)]
pub struct Cx {
    /// The injected clock's time, Unix milliseconds.
    pub now: i64,
    /// Source of ids and randomness.
    pub ids: Arc<Ids>,
    /// Who waits for what this use case changed; acted on only after the commit.
    pub effects: Vec<Effect>,
    /// What the audit log is to say about the change, if this is a change that it keeps.
    pub told: Option<Told>,
    /// By what it is changed, for the history of FAQs.
    pub by: By,
}

/// Something that waits in memory for a committed change. Losing one costs time, never data: every waiter also looks
/// into the database by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A chat has a new message or its ticket changed.
    Chat {
        /// `oc_…`
        chat_id: String,
    },
    /// An app has a delivery that is due.
    Delivery {
        /// `cli_…`
        app_id: String,
    },
    /// A question is due for the built-in engine at this time (Unix ms).
    QuestionDue {
        /// When the built-in engine may answer.
        at: i64,
    },
    /// A server has to do something for a notification at this time (Unix ms).
    NotificationDue {
        /// When.
        at: i64,
    },
    /// A help desk's queue may be given out further.
    Routing,
    /// Somebody said something about an answer.
    Feedback,
    /// A ticket at the human stage changed: consoles of its help desk show it.
    Desk {
        /// The help desk.
        helpdesk_id: i64,
        /// The ticket.
        ticket_id: i64,
    },
    /// Apps, help desks, agents or subscriptions changed.
    Directory,
}

impl Cx {
    /// A context for one use case at `now` (Unix ms).
    pub fn new(now: i64, ids: Arc<Ids>) -> Self {
        Self { now, ids, effects: Vec::new(), told: None, by: By::default() }
    }
}
