//! How FAQs fare with guests: what of a help desk's questions each answered, and whether that helped.

use std::collections::HashMap;

use db::{DbError, Tx};

use crate::directory::Helpdesk;
use crate::question::{self, Asked};

/// Days that are looked at.
pub const DAYS: i64 = 30;
/// Most questions that are looked at, the newest.
pub const QUESTIONS_MAX: i64 = 5_000;

/// What became of a FAQ's answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Questions whose guest saw this answer last: it was given directly, or picked from a list.
    pub answered: u64,
    /// How many of them picked it from a list.
    pub chosen: u64,
    /// After how many of them the guest said that it helped.
    pub solved: u64,
    /// After how many of them the guest said that it did not help.
    pub not_solved: u64,
    /// Questions that an agent answered with it.
    pub by_agents: u64,
}

/// How the FAQs of a help desk fare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usages {
    /// Questions that were looked at: of the last [`DAYS`] days, at most [`QUESTIONS_MAX`].
    pub questions: u64,
    /// When the oldest of them was asked, Unix ms; nothing if all of the time was looked at.
    pub cut_at: Option<i64>,
    /// FAQs that answered any of them.
    pub faqs: HashMap<i64, Usage>,
}

/// How the FAQs of a help desk fare at `now`, Unix ms.
pub fn usages(tx: &mut Tx<'_>, desk: &Helpdesk, now: i64) -> Result<Usages, DbError> {
    let from = now - DAYS * 24 * 60 * 60 * 1_000;
    let asked = question::newest(tx, desk, (from, i64::MAX), None, QUESTIONS_MAX)?;
    Ok(counted(&asked))
}

fn counted(asked: &[Asked]) -> Usages {
    let is_cut = i64::try_from(asked.len()).is_ok_and(|count| count >= QUESTIONS_MAX);
    let mut usages = Usages {
        questions: asked.len() as u64,
        cut_at: asked.last().filter(|_| is_cut).map(|oldest| oldest.asked_at),
        faqs: HashMap::new(),
    };
    for question in asked {
        if let Some(faq_id) = question.seen_last() {
            let usage = usages.faqs.entry(faq_id).or_default();
            usage.answered += 1;
            usage.chosen += u64::from(question.chosen_faq == Some(faq_id));
            usage.solved += u64::from(question.solved == Some(true));
            usage.not_solved += u64::from(question.solved == Some(false));
        }
        if let Some(faq_id) = question.agent_faq {
            usages.faqs.entry(faq_id).or_default().by_agents += 1;
        }
    }
    usages
}
