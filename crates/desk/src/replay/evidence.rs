//! What became known of a question's right answer after it was asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::question::Asked;

/// Whose word it is that a FAQ is the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ReplayWitness")]
pub enum Witness {
    /// The guest said that its answer helped.
    Solved,
    /// An agent answered with it.
    Agent,
    /// The guest picked it from a list, and did not say that it did not help.
    Chosen,
}

/// What is known of the right answer to a question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The FAQ that answers it, and who says so.
    pub right: Option<(i64, Witness)>,
    /// A FAQ whose answer did not help.
    pub wrong: Option<i64>,
}

/// What became of a question, as far as it speaks for or against a FAQ.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcome {
    /// The FAQ whose answer the guest saw last: see [`Asked::seen_last`].
    pub seen: Option<i64>,
    /// What the guest said of it.
    pub solved: Option<bool>,
    /// The FAQ that the guest picked.
    pub chosen: Option<i64>,
    /// The FAQ that an agent answered with.
    pub by_agent: Option<i64>,
}

impl From<Outcome> for Evidence {
    fn from(outcome: Outcome) -> Self {
        let Outcome { seen, solved, chosen, by_agent } = outcome;
        let helped = seen.filter(|_| solved == Some(true)).map(|id| (id, Witness::Solved));
        let agent = by_agent.map(|id| (id, Witness::Agent));
        let chosen = chosen.filter(|_| solved != Some(false)).map(|id| (id, Witness::Chosen));
        let right = helped.or(agent).or(chosen);
        let wrong = seen.filter(|id| solved == Some(false) && right.is_none_or(|(right, _)| right != *id));
        Self { right, wrong }
    }
}

impl Evidence {
    /// What the record of a question says. The guest's own "solved" counts more than what an agent answered with, and
    /// that more than a pick from a list. A judgement is about the answer seen last: that of the FAQ the guest picked,
    /// or else the direct one. One about a list from which nothing was picked says nothing about a FAQ.
    pub fn of(asked: &Asked) -> Self {
        Self::from(Outcome {
            seen: asked.seen_last(),
            solved: asked.solved,
            chosen: asked.chosen_faq,
            by_agent: asked.agent_faq,
        })
    }

    /// Without what it says of FAQs that are not `there` any more: about an answer of today that says nothing.
    #[must_use]
    pub fn about(self, there: impl Fn(i64) -> bool) -> Self {
        Self { right: self.right.filter(|(id, _)| there(*id)), wrong: self.wrong.filter(|id| there(*id)) }
    }

    /// Whether anything is known.
    pub fn is_known(self) -> bool {
        self.right.is_some() || self.wrong.is_some()
    }
}

#[cfg(test)]
mod tests {
    use crate::answer::Mode;

    use super::super::view::tests::asked;
    use super::*;

    fn right(asked: &Asked) -> Option<(i64, Witness)> {
        Evidence::of(asked).right
    }

    #[test]
    fn a_judgement_is_about_the_answer_seen_last() {
        let direct = asked(Mode::Direct, &[1, 2]);
        assert_eq!(Evidence::of(&direct), Evidence::default(), "an answer that nobody judged says nothing");
        assert_eq!(right(&Asked { solved: Some(true), ..direct.clone() }), Some((1, Witness::Solved)));
        let unsolved = Evidence::of(&Asked { solved: Some(false), ..direct.clone() });
        assert_eq!(unsolved, Evidence { right: None, wrong: Some(1) });
        let related = Asked { chosen_faq: Some(2), ..direct };
        assert_eq!(right(&related), Some((2, Witness::Chosen)));
        assert_eq!(right(&Asked { solved: Some(true), ..related.clone() }), Some((2, Witness::Solved)));
        let unsolved = Evidence::of(&Asked { solved: Some(false), ..related });
        assert_eq!(unsolved, Evidence { right: None, wrong: Some(2) });
    }

    #[test]
    fn a_judged_list_names_no_faq() {
        let list = asked(Mode::List, &[1, 2]);
        for solved in [Some(true), Some(false), None] {
            assert_eq!(Evidence::of(&Asked { solved, ..list.clone() }), Evidence::default());
        }
        assert_eq!(right(&Asked { chosen_faq: Some(2), ..list }), Some((2, Witness::Chosen)));
    }

    #[test]
    fn an_agent_knows_better_than_a_pick_and_less_than_a_guest_who_was_helped() {
        let direct = Asked { agent_faq: Some(3), ..asked(Mode::Direct, &[1]) };
        assert_eq!(right(&direct), Some((3, Witness::Agent)));
        assert_eq!(right(&Asked { chosen_faq: Some(2), ..direct.clone() }), Some((3, Witness::Agent)));
        assert_eq!(right(&Asked { solved: Some(true), ..direct.clone() }), Some((1, Witness::Solved)));
        let unsolved = Evidence::of(&Asked { solved: Some(false), ..direct.clone() });
        assert_eq!(unsolved, Evidence { right: Some((3, Witness::Agent)), wrong: Some(1) });
        let same = Evidence::of(&Asked { solved: Some(false), agent_faq: Some(1), ..direct });
        assert_eq!(same, Evidence { right: Some((1, Witness::Agent)), wrong: None });
    }

    #[test]
    fn what_confirms_an_answer() {
        let (direct, list) = (Mode::Direct, Mode::List);
        for (mode, solved, chosen_faq, agent_faq, right) in [
            (direct, Some(true), None, None, Some(1)),
            (direct, None, None, None, None),
            (direct, Some(false), None, None, None),
            // A list that helped does not say which of its questions did, until one is picked.
            (list, Some(true), None, None, None),
            (list, Some(true), Some(2), None, Some(2)),
            (list, None, Some(2), None, Some(2)),
            (list, Some(false), Some(2), None, None),
            (direct, Some(false), None, Some(3), Some(3)),
            // The guest's own word counts most.
            (direct, Some(true), None, Some(3), Some(1)),
            (Mode::None, None, None, Some(3), Some(3)),
        ] {
            let asked = Asked { solved, chosen_faq, agent_faq, ..asked(mode, &[1, 2]) };
            assert_eq!(Evidence::of(&asked).right.map(|(id, _)| id), right, "{asked:?}");
        }
    }

    #[test]
    fn what_is_gone_is_no_evidence() {
        let unsolved = Asked { solved: Some(false), agent_faq: Some(3), ..asked(Mode::Direct, &[1]) };
        let evidence = Evidence::of(&unsolved);
        assert_eq!(evidence.about(|id| id != 3), Evidence { right: None, wrong: Some(1) });
        assert!(evidence.about(|id| id != 1).is_known());
        assert!(!evidence.about(|_| false).is_known());
    }
}
