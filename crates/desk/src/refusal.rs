//! Why a use case said no. One flat type that callers can branch on; `server` maps it to codes in one place.

use db::DbError;

use crate::faq::sheet::Fault;

/// What an unknown id would have named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A ticket of this help desk.
    Ticket,
    /// A FAQ of this help desk that is online.
    Faq,
    /// A version of a FAQ that is kept.
    FaqVersion,
    /// A FAQ category of this help desk.
    Category,
    /// A user of this tenant.
    User,
    /// A message of this chat.
    Message,
    /// A picture of this chat.
    Image,
    /// A help desk.
    Helpdesk,
    /// An app.
    App,
    /// An event delivery.
    Delivery,
    /// An agent of this help desk.
    Agent,
    /// A skill of this help desk.
    Skill,
    /// A customized field of this help desk.
    Field,
    /// A notification of this help desk.
    Notification,
    /// Questions of guests that no FAQ of this help desk answered.
    Gap,
    /// What was decided about gaps and duplicates of this help desk.
    Decision,
    /// Two FAQs of this help desk that ask nearly the same.
    Duplicate,
    /// A kept case of this help desk.
    Case,
    /// A question that a guest asked at this help desk.
    Question,
    /// A canned reply of this help desk.
    CannedReply,
    /// An agent's draft for a ticket.
    Draft,
    /// A saved view.
    View,
    /// A pair of words of this help desk.
    Synonym,
    /// A session of the one who asks.
    Session,
}

impl Kind {
    /// Where it was looked for, for people.
    fn place(self) -> &'static str {
        match self {
            Self::Helpdesk | Self::App | Self::Session => "here",
            _ => "in this help desk",
        }
    }

    /// The word for people.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Faq => "FAQ",
            Self::FaqVersion => "kept version of this FAQ",
            Self::Category => "category",
            Self::User => "user",
            Self::Message => "message",
            Self::Image => "image",
            Self::Helpdesk => "help desk",
            Self::App => "app",
            Self::Delivery => "delivery",
            Self::Agent => "agent",
            Self::Skill => "skill",
            Self::Field => "customized field",
            Self::Notification => "notification",
            Self::Gap => "gap",
            Self::Decision => "decision",
            Self::Duplicate => "pair of duplicates",
            Self::Case => "kept case",
            Self::Question => "question",
            Self::CannedReply => "canned reply",
            Self::Draft => "draft for ticket",
            Self::View => "saved view",
            Self::Synonym => "pair of words",
            Self::Session => "session",
        }
    }
}

/// A use case's refusal. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// A field or parameter is wrong; `why` says what is allowed.
    #[error("{field}: {why}")]
    Invalid {
        /// The field as the caller named it, such as `faqs[0].score`.
        field: String,
        /// What is wrong and what is allowed.
        why: String,
    },
    /// A file of FAQs cannot be read, or not be imported as it is.
    #[error("file: {}", .0.why())]
    File(Box<Fault>),
    /// The id names nothing here.
    #[error("no {} {id} {}", kind.noun(), kind.place())]
    NotFound {
        /// What was looked for.
        kind: Kind,
        /// The id as given.
        id: String,
    },
    /// The caller may not do this; the text says what it takes.
    #[error("{0}")]
    Forbidden(String),
    /// This is not for the caller to do, or not now; the text says why (the platform's "method forbidden").
    #[error("{0}")]
    Barred(String),
    /// The user is outside the help desk's visibility.
    #[error("user {0} is outside this help desk's visibility")]
    NotVisible(String),
    /// The help desk is closed: nothing new begins there.
    #[error("the help desk {0} is closed and takes no new questions")]
    DeskClosed(String),
    /// The ticket is closed already.
    #[error("ticket {0} is closed")]
    Closed(String),
    /// The content holds a link with a scheme that is not allowed.
    #[error("the link {0} is not allowed; {told} are", told = crate::message::SCHEMES_TOLD)]
    BadUrl(String),
    /// The picture was there once and is no more.
    #[error("picture {0} has been deleted")]
    ImageDeleted(String),
    /// The database failed; nothing was written.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::File(Box::new(fault))
    }
}

impl Refusal {
    /// A wrong field.
    pub fn invalid(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), why: why.into() }
    }

    /// The same, where what a use case was told lies in the member `object` of the call.
    #[must_use]
    pub fn within(self, object: &str) -> Self {
        match self {
            Self::Invalid { field, why } => Self::Invalid { field: format!("{object}.{field}"), why },
            other => other,
        }
    }

    /// An id that names nothing.
    pub fn not_found(kind: Kind, id: impl std::fmt::Display) -> Self {
        Self::NotFound { kind, id: format!("{id}") }
    }
}
