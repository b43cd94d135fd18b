//! A question's answers then, now and after a change, and how many of them are right.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Evidence, Verdict, View};
use crate::answer::Mode;
use crate::answering::Answering;
use crate::question::Asked;

/// How questions are answered, and how many of the answers are right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReplayCounts")]
pub struct Counts {
    /// Answered directly.
    pub direct: u32,
    /// Answered with a list of questions.
    pub list: u32,
    /// Nothing found: the way to a human.
    pub none: u32,
    /// The FAQ that is known to be right is shown.
    pub solved: u32,
    /// Nothing is shown, or a list without the FAQ that is known to be right.
    pub missed: u32,
    /// Direct answers that are known to be wrong.
    pub wrong: u32,
    /// Something is shown, and nobody knows whether it is right.
    pub unknown: u32,
}

impl Counts {
    fn add(&mut self, view: &View, verdict: Verdict) {
        match view.mode {
            Mode::Direct => self.direct += 1,
            Mode::List => self.list += 1,
            Mode::None => self.none += 1,
        }
        match verdict {
            Verdict::Solved => self.solved += 1,
            Verdict::Missed => self.missed += 1,
            Verdict::Wrong => self.wrong += 1,
            Verdict::Unknown => self.unknown += 1,
        }
    }
}

/// A question with its answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The question and what became of it.
    pub asked: Asked,
    /// What is known of its right answer.
    pub evidence: Evidence,
    /// What was shown then; `None` if nobody answered.
    pub then: Option<View>,
    /// What would be shown now.
    pub now: View,
    /// What would be shown after the change; `None` without a change.
    pub after: Option<View>,
}

impl Compared {
    /// With what was shown when it was asked.
    pub fn new(asked: Asked, evidence: Evidence, answering: &Answering, now: View, after: Option<View>) -> Self {
        let then = View::then(answering, &asked);
        Self { asked, evidence, then, now, after }
    }

    /// Whether today's answer is another one than the one of then.
    pub fn differs_from_then(&self) -> bool {
        self.then.as_ref().is_some_and(|then| self.now.differs(then))
    }

    /// Whether the change makes a difference.
    pub fn differs_from_now(&self) -> bool {
        self.after.as_ref().is_some_and(|after| after.differs(&self.now))
    }

    /// Whether the change makes a difference; without a change, whether today's answer is another one than then.
    pub fn changed(&self) -> bool {
        if self.after.is_some() { self.differs_from_now() } else { self.differs_from_then() }
    }

    /// Whether the answer after the change is right; without a change, today's.
    pub fn verdict(&self) -> Verdict {
        self.after.as_ref().unwrap_or(&self.now).verdict(self.evidence)
    }

    /// From which verdict to which it went by the change; without a change, since then.
    fn step(&self) -> Option<(Verdict, Verdict)> {
        let (old, new) = match &self.after {
            Some(after) => (Some(&self.now), after),
            None => (self.then.as_ref(), &self.now),
        };
        Some((old?.verdict(self.evidence), new.verdict(self.evidence)))
    }

    /// Whether it became right, or at least not wrong any more.
    pub fn better(&self) -> bool {
        self.step().is_some_and(|(old, new)| old != new && (new == Verdict::Solved || old == Verdict::Wrong))
    }

    /// Whether it became wrong, or at least not right any more.
    pub fn worse(&self) -> bool {
        self.step().is_some_and(|(old, new)| old != new && (old == Verdict::Solved || new == Verdict::Wrong))
    }
}

/// All questions of a replay in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReplaySummary")]
pub struct Summary {
    /// Questions in words; pictures cannot be replayed.
    pub questions: u32,
    /// Those of which something is known: which FAQ is right, or that one is wrong.
    pub known: u32,
    /// What was shown then. Questions that nobody answered are not in it.
    pub then: Counts,
    /// What would be shown now.
    pub now: Counts,
    /// What would be shown after the change; left out without a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Counts>,
    /// How many are answered otherwise by the change; without a change, otherwise than then.
    pub changed: u32,
    /// How many of them became right, or not wrong any more.
    pub better: u32,
    /// How many of them became wrong, or not right any more.
    pub worse: u32,
}

impl Summary {
    /// Of these questions.
    pub fn of(all: &[Compared]) -> Self {
        let mut summary = Self::default();
        for one in all {
            summary.add(one);
        }
        summary
    }

    fn add(&mut self, one: &Compared) {
        self.questions += 1;
        self.known += u32::from(one.evidence.is_known());
        if let Some(then) = &one.then {
            self.then.add(then, then.verdict(one.evidence));
        }
        self.now.add(&one.now, one.now.verdict(one.evidence));
        if let Some(after) = &one.after {
            self.after.get_or_insert_default().add(after, after.verdict(one.evidence));
        }
        self.changed += u32::from(one.changed());
        self.better += u32::from(one.better());
        self.worse += u32::from(one.worse());
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{asked, found};
    use super::*;

    fn view(mode: Mode, ids: &[i64]) -> View {
        View { mode, faqs: found(ids) }
    }

    fn compared(asked: Asked, now: View, after: Option<View>) -> Compared {
        let evidence = Evidence::of(&asked);
        Compared::new(asked, evidence, &Answering::default(), now, after)
    }

    #[test]
    fn a_change_is_measured_against_now_and_its_absence_against_then() {
        let then = Asked { solved: Some(false), ..asked(Mode::Direct, &[1]) };
        let fixed = compared(then.clone(), view(Mode::List, &[2]), None);
        assert!(fixed.changed() && fixed.better() && !fixed.worse());
        assert_eq!(fixed.verdict(), Verdict::Unknown);
        let undone = compared(then.clone(), view(Mode::List, &[2]), Some(view(Mode::Direct, &[1])));
        assert_eq!(undone.verdict(), Verdict::Wrong);
        assert!(undone.changed() && undone.worse() && !undone.better());
        let same = compared(then, view(Mode::Direct, &[1]), Some(view(Mode::Direct, &[1])));
        assert!(!same.changed() && !same.better() && !same.worse());
        let unanswered = Asked { mode: None, ..asked(Mode::None, &[]) };
        let answered = compared(unanswered, view(Mode::Direct, &[1]), None);
        assert!(!answered.changed() && !answered.better());
    }

    #[test]
    fn what_became_of_something_unknown_is_neither_better_nor_worse() {
        let quiet = compared(asked(Mode::Direct, &[1]), view(Mode::Direct, &[1]), Some(view(Mode::None, &[])));
        assert!(quiet.changed() && !quiet.better() && !quiet.worse());
    }

    #[test]
    fn all_questions_are_counted() {
        let solved = Asked { solved: Some(true), ..asked(Mode::Direct, &[1]) };
        let silent = Asked { mode: None, ..asked(Mode::None, &[]) };
        let summary = Summary::of(&[
            compared(solved, view(Mode::Direct, &[1]), Some(view(Mode::Direct, &[2]))),
            compared(asked(Mode::List, &[1]), view(Mode::List, &[1]), Some(view(Mode::None, &[]))),
            compared(silent, view(Mode::None, &[]), Some(view(Mode::None, &[]))),
        ]);
        let counts = |direct, list, none, solved, missed, wrong, unknown| Counts {
            direct,
            list,
            none,
            solved,
            missed,
            wrong,
            unknown,
        };
        assert_eq!(summary.then, counts(1, 1, 0, 1, 0, 0, 1));
        assert_eq!(summary.now, counts(1, 1, 1, 1, 1, 0, 1));
        assert_eq!(summary.after, Some(counts(1, 0, 2, 0, 2, 1, 0)));
        assert_eq!((summary.questions, summary.known, summary.changed), (3, 1, 2));
        assert_eq!((summary.better, summary.worse), (0, 1));
    }
}
