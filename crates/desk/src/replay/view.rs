//! What a guest sees of an answer, and whether that is right.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Evidence;
use crate::answer::{Match, Mode, mode};
use crate::answering::Answering;
use crate::question::Asked;
use crate::threshold::{Own, Thresholds};

/// What a guest sees of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// How it is shown.
    pub mode: Mode,
    /// The FAQs that are shown, best first; none with [`Mode::None`].
    pub faqs: Vec<Match>,
}

/// Whether an answer is right, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ReplayVerdict")]
pub enum Verdict {
    /// The right FAQ is known, and is the direct answer or in the list.
    Solved,
    /// Nothing is shown, or a list without the FAQ that is known to be right.
    Missed,
    /// A direct answer that is known to be wrong: it did not help, or another FAQ is known to be right.
    Wrong,
    /// Something is shown, and nothing known says whether it is right.
    Unknown,
}

impl View {
    /// What is shown of `matches`, best first. `own` is what the category of the best one says of scores.
    pub fn of(answering: &Answering, own: Own, matches: &[Match]) -> Self {
        let mode = mode(Thresholds::of(answering).under(own), matches.first().map(|best| best.score));
        Self::in_mode(answering, mode, matches)
    }

    /// What is shown of `matches`, best first, in this mode.
    pub(super) fn in_mode(answering: &Answering, mode: Mode, matches: &[Match]) -> Self {
        Self { mode, faqs: matches.iter().take(mode.places(answering)).copied().collect() }
    }

    /// What was shown when the question was asked; `None` if nobody answered. How long the list was then is not kept:
    /// it is cut as it would be today.
    pub fn then(answering: &Answering, asked: &Asked) -> Option<Self> {
        let mode = asked.mode?;
        Some(Self { mode, faqs: asked.found.iter().take(mode.places(answering)).copied().collect() })
    }

    /// The best FAQ that is shown.
    pub fn best(&self) -> Option<i64> {
        self.faqs.first().map(|best| best.faq_id)
    }

    /// Whether a guest would see something else: another way of showing, or another FAQ at the top.
    pub fn differs(&self, other: &Self) -> bool {
        self.mode != other.mode || self.best() != other.best()
    }

    /// Whether it is right. Related questions under a direct answer do not make up for a wrong one.
    pub fn verdict(&self, evidence: Evidence) -> Verdict {
        let best = self.best();
        match (self.mode, evidence.right) {
            (Mode::Direct, Some((right, _))) if best == Some(right) => Verdict::Solved,
            (Mode::Direct, Some(_)) => Verdict::Wrong,
            (Mode::Direct, None) if evidence.wrong.is_some() && best == evidence.wrong => Verdict::Wrong,
            (Mode::List, Some((right, _))) if self.faqs.iter().any(|faq| faq.faq_id == right) => Verdict::Solved,
            (Mode::None, _) | (Mode::List, Some(_)) => Verdict::Missed,
            (Mode::Direct | Mode::List, None) => Verdict::Unknown,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::answer::AnsweredBy;
    use crate::replay::Witness;

    pub(in crate::replay) fn found(ids: &[i64]) -> Vec<Match> {
        ids.iter().map(|id| Match { faq_id: *id, score: 0.9, log_odds: None }).collect()
    }

    /// A question that nobody has judged.
    pub(in crate::replay) fn asked(mode: Mode, ids: &[i64]) -> Asked {
        Asked {
            ticket_id: 1,
            event_id: "event".into(),
            text: "text".into(),
            asked_at: 1,
            answered_by: Some(AnsweredBy::Builtin),
            found: found(ids),
            mode: Some(mode),
            solved: None,
            chosen_faq: None,
            agent_faq: None,
            handed_over: false,
        }
    }

    fn view(mode: Mode, ids: &[i64]) -> View {
        View { mode, faqs: found(ids) }
    }

    #[test]
    fn an_answer_is_shown_as_guests_see_it() {
        let answering = Answering { list_size: 2, ..Answering::default() };
        let with = |score: f64| {
            let matches: Vec<_> = (1..=5).map(|faq_id| Match { faq_id, score, log_odds: None }).collect();
            let view = View::of(&answering, Own::default(), &matches);
            (view.mode, view.faqs.len())
        };
        assert_eq!(with(0.8), (Mode::Direct, 3));
        assert_eq!(with(0.5), (Mode::List, 2));
        assert_eq!(with(0.1), (Mode::None, 0));
        assert_eq!(View::of(&answering, Own::default(), &[]).mode, Mode::None);
        // What a category says comes before what the help desk does.
        let own = |direct_score, list_score| Own { direct_score, list_score };
        for (own, mode) in [
            (own(None, None), Mode::List),
            (own(Some(0.5), None), Mode::Direct),
            (own(None, Some(0.6)), Mode::None),
            (own(Some(0.95), Some(0.5)), Mode::List),
        ] {
            let matches = [Match { faq_id: 1, score: 0.5, log_odds: None }];
            assert_eq!(View::of(&answering, own, &matches).mode, mode, "{own:?}");
        }
        let then = View::then(&answering, &asked(Mode::List, &[1, 2, 3])).unwrap();
        assert_eq!(then, view(Mode::List, &[1, 2]));
        assert_eq!(View::then(&answering, &Asked { mode: None, ..asked(Mode::List, &[]) }), None);
    }

    #[test]
    fn every_answer_has_its_verdict() {
        let right = Evidence { right: Some((1, Witness::Agent)), wrong: None };
        let wrong = Evidence { right: None, wrong: Some(1) };
        let nothing = Evidence::default();
        for (view, evidence, verdict) in [
            (view(Mode::Direct, &[1, 2]), right, Verdict::Solved),
            (view(Mode::Direct, &[2, 1]), right, Verdict::Wrong),
            (view(Mode::List, &[2, 1]), right, Verdict::Solved),
            (view(Mode::List, &[2, 3]), right, Verdict::Missed),
            (view(Mode::None, &[]), right, Verdict::Missed),
            (view(Mode::Direct, &[1]), wrong, Verdict::Wrong),
            (view(Mode::Direct, &[2, 1]), wrong, Verdict::Unknown),
            (view(Mode::List, &[1]), wrong, Verdict::Unknown),
            (view(Mode::None, &[]), wrong, Verdict::Missed),
            (view(Mode::Direct, &[1]), nothing, Verdict::Unknown),
            (view(Mode::List, &[1]), nothing, Verdict::Unknown),
            (view(Mode::None, &[]), nothing, Verdict::Missed),
        ] {
            assert_eq!(view.verdict(evidence), verdict, "{view:?} {evidence:?}");
        }
    }

    #[test]
    fn what_a_guest_would_not_notice_is_no_difference() {
        let old = view(Mode::List, &[1, 2]);
        assert!(!old.differs(&view(Mode::List, &[1, 3])));
        assert!(old.differs(&view(Mode::List, &[2, 1])));
        assert!(old.differs(&view(Mode::Direct, &[1, 2])));
        assert!(!view(Mode::None, &[]).differs(&view(Mode::None, &[])));
    }
}
