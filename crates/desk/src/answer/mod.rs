//! Answering a guest's question, whoever answers: an app through `answer_user_query` ([`app`]), or the built-in engine
//! ([`builtin`]). Both end in [`show`].

pub mod app;
pub mod builtin;
mod guest;
mod show;
pub mod why;

use db::{DbError, Tx, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use guest::{choose, feedback};
pub(crate) use show::{Answered, Best, mode, show};
pub use show::{Mode, Preview, preview};
pub use why::Why;

use crate::directory::{Helpdesk, json};
use crate::faq::{self, RichItem};

/// Most FAQs in one answer.
pub const FAQS_MAX: usize = 50;

/// Who answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnsweredBy {
    /// An app, through `answer_user_query`.
    App,
    /// The built-in engine.
    Builtin,
}

/// A FAQ that matches a question, and how well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// The FAQ.
    pub faq_id: i64,
    /// 0 to 1: how likely it answers the question.
    pub score: f64,
    /// The built-in engine's log-odds before this help desk's calibration, to which that is fitted. None in an app's
    /// answer, and for an exact match, whose score calibration leaves alone.
    pub log_odds: Option<f64>,
}

/// What the guest is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    /// How it is shown.
    pub mode: Mode,
    /// Best first; only the first of a direct answer carries its answer.
    pub faqs: Vec<ShownFaq>,
    /// Who answered.
    pub answered_by: AnsweredBy,
    /// The body's event id of the question.
    pub event_id: String,
}

/// A FAQ as it was when it was shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShownFaq {
    /// 19 digits.
    pub id: String,
    /// The question.
    pub question: String,
    /// The plain answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer: Option<String>,
    /// The rich answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer_richtext: Option<Vec<RichItem>>,
    /// 0 to 1.
    pub score: f64,
}

/// The part of a FAQ that an answer shows; `None` if the help desk has no such FAQ online.
pub(crate) fn online(tx: &mut Tx<'_>, desk: &Helpdesk, faq_id: i64) -> Result<Option<FaqText>, DbError> {
    let found = tx.query_opt(
        "SELECT status, question, answer, answer_richtext, category_id FROM faq
         WHERE tenant = $1 AND helpdesk_id = $2 AND faq_id = $3",
        &params![&desk.tenant, desk.id, faq_id],
        |row| {
            if row.int(0)? != faq::status::ONLINE {
                return Ok(None);
            }
            let richtext = json(row.text(3)?)?;
            let (question, answer, category_id) = (row.string(1)?, row.string(2)?, row.opt_int(4)?);
            Ok(Some(FaqText { faq_id, question, answer, richtext, category_id }))
        },
    )?;
    Ok(found.flatten())
}

/// The part of a FAQ that an answer shows.
#[derive(Debug, Clone)]
pub(crate) struct FaqText {
    pub faq_id: i64,
    pub question: String,
    pub answer: String,
    pub richtext: Vec<RichItem>,
    /// The category, whose thresholds decide how it is shown.
    pub category_id: Option<i64>,
}
