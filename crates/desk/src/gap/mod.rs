//! Gaps in a help desk's FAQs: questions of guests that no FAQ answered, what could close them, what people decided about
//! that, and what it was good for.
//!
//! Whether two texts ask the same is not decided here: the caller puts questions into [`Cluster`]s and says by a key which
//! texts are equal.

mod change;
mod decision;
mod effect;
mod group;
mod past;
mod propose;
mod reply;
mod withdraw;

pub use change::{Approval, Change, approve, keep_apart, reject};
pub use decision::{Decided, Decision, Kind, about_groups, apart, decisions, latest};
pub use effect::{Effect, SPAN_MAX_MS, Spans, Tally, effect, spans};
pub use group::{Cluster, EXAMPLES_MAX, Example, Group, groups};
pub use past::{Marks, Past, Reply, answers_since, before, marks, replies};
pub use propose::{AgentAnswer, Because, Evidence, Ground, Proposal, ProposalKind, propose};
pub use reply::{GREETING_GROUPS, answer};
pub use withdraw::withdraw;

use crate::answer::Mode;

/// How far back is looked, in ms: 90 days.
pub const WINDOW_MS: i64 = 90 * 86_400_000;
/// How many questions that tell something about gaps are looked at, the newest ones.
pub const GAPS_MAX: usize = 5_000;
/// How many questions are read to find those.
pub const READ_MAX: usize = 50_000;
/// How many groups are told.
pub const GROUPS_MAX: usize = 200;
/// How many different texts of a group are kept with a decision.
pub const TEXTS_KEPT: usize = 100;

/// How long a question without any answer counts as waiting for one, in ms: as long as an app may take at most.
const WAITS_MS: i64 = 600_000;
/// How long a guest has to pick from a list before they count as gone, in ms.
const PICKS_MS: i64 = 1_800_000;

/// Why a question is a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Miss {
    /// Nothing was shown.
    Unanswered,
    /// A list was shown, and the guest picked nothing and left or asked for a human.
    NotChosen,
    /// An answer was shown, and the guest said that it did not help.
    NotSolved,
}

impl Past {
    /// Why this question is a gap as of `now` (Unix ms); none if it is none, if nobody can tell yet, or if its outcome is
    /// from before outcomes were kept.
    pub fn miss(&self, now: i64) -> Option<Miss> {
        let asked = &self.asked;
        if asked.text.trim().is_empty() || asked.solved == Some(true) {
            return None;
        }
        let age = now - asked.asked_at;
        match asked.mode {
            _ if asked.solved == Some(false) && asked.mode != Some(Mode::None) => Some(Miss::NotSolved),
            Some(Mode::None) => Some(Miss::Unanswered),
            None if self.is_known && (age >= WAITS_MS || self.is_closed || asked.handed_over) => Some(Miss::Unanswered),
            Some(Mode::List) if asked.chosen_faq.is_none() => {
                (age >= PICKS_MS || self.is_closed || asked.handed_over).then_some(Miss::NotChosen)
            }
            Some(Mode::List | Mode::Direct) | None => None,
        }
    }

    /// The FAQ that the guest picked from a list and did not call useless: it says which FAQ such a text looks for.
    pub fn picked(&self) -> Option<i64> {
        let asked = &self.asked;
        let by_words = !asked.text.trim().is_empty() && asked.solved != Some(false);
        asked.chosen_faq.filter(|_| by_words && asked.mode == Some(Mode::List))
    }

    /// The FAQ that was shown and did not help.
    pub fn useless(&self) -> Option<i64> {
        self.asked.seen_last().filter(|_| self.asked.solved == Some(false))
    }
}

/// The first characters of a guest's text, as many as a question may have.
fn cut(text: &str) -> String {
    text.trim().chars().take(crate::faq::QUESTION_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{AnsweredBy, Match};
    use crate::question::Asked;

    /// A question that was answered in this mode an hour ago.
    pub(super) fn past(text: &str, mode: Option<Mode>) -> Past {
        let asked = Asked {
            ticket_id: 1,
            event_id: "e".into(),
            text: text.into(),
            asked_at: 0,
            answered_by: Some(AnsweredBy::Builtin),
            found: vec![Match { faq_id: 7, score: 0.9, log_odds: None }],
            mode,
            solved: None,
            chosen_faq: None,
            agent_faq: None,
            handed_over: false,
        };
        Past { asked, position: 1, guest: "g".into(), is_closed: false, is_replied: false, is_known: true }
    }

    const NOW: i64 = 3_600_000;

    #[test]
    fn what_was_shown_and_what_came_of_it_make_a_gap() {
        let with = |mode, change: fn(&mut Past)| {
            let mut past = past("where is my invoice", mode);
            change(&mut past);
            past
        };
        for (mode, change, miss) in [
            (Some(Mode::None), (|_| ()) as fn(&mut Past), Some(Miss::Unanswered)),
            (Some(Mode::None), |p| p.asked.solved = Some(true), None),
            (Some(Mode::None), |p| p.asked.text = "  ".into(), None),
            (None, |_| (), Some(Miss::Unanswered)),
            (None, |p| p.is_known = false, None),
            (None, |p| p.asked.asked_at = NOW - 1_000, None),
            (None, |p| (p.asked.asked_at, p.asked.handed_over) = (NOW - 1_000, true), Some(Miss::Unanswered)),
            (Some(Mode::List), |_| (), Some(Miss::NotChosen)),
            (Some(Mode::List), |p| p.asked.asked_at = NOW - 1_000, None),
            (Some(Mode::List), |p| (p.asked.asked_at, p.is_closed) = (NOW - 1_000, true), Some(Miss::NotChosen)),
            (Some(Mode::List), |p| p.asked.chosen_faq = Some(7), None),
            (
                Some(Mode::List),
                |p| (p.asked.chosen_faq, p.asked.solved) = (Some(7), Some(false)),
                Some(Miss::NotSolved),
            ),
            (Some(Mode::Direct), |_| (), None),
            (Some(Mode::Direct), |p| p.asked.handed_over = true, None),
            (Some(Mode::Direct), |p| p.asked.solved = Some(false), Some(Miss::NotSolved)),
        ] {
            let past = with(mode, change);
            assert_eq!(past.miss(NOW), miss, "{past:?}");
        }
    }

    #[test]
    fn a_pick_speaks_for_a_faq_and_a_complaint_against_it() {
        let mut listed = past("invoice", Some(Mode::List));
        listed.asked.chosen_faq = Some(5);
        assert_eq!((listed.picked(), listed.useless()), (Some(5), None));
        listed.asked.solved = Some(false);
        assert_eq!((listed.picked(), listed.useless()), (None, Some(5)));
        let mut direct = past("invoice", Some(Mode::Direct));
        assert_eq!((direct.picked(), direct.useless()), (None, None));
        direct.asked.solved = Some(false);
        assert_eq!(direct.useless(), Some(7));
    }
}
