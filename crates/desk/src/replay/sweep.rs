//! Past questions under many direct scores at once: what a graph of them is drawn from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Evidence, Verdict, View};
use crate::answer::{Match, Mode};
use crate::answering::Answering;
use crate::threshold::Own;

/// How many steps there are from 0 to 1, beside 0 itself.
const STEPS: u8 = 20;

/// Questions that are answered in one way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ThresholdShare")]
pub struct Share {
    /// How many.
    pub questions: u32,
    /// Those whose right FAQ is known and shown.
    pub solved: u32,
    /// Those whose right FAQ is known and not shown, or to which nothing is shown.
    pub missed: u32,
    /// Direct answers that are known to be wrong.
    pub wrong: u32,
    /// Those of which nothing is known.
    pub unknown: u32,
}

/// What would be shown with one direct score.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ThresholdStep")]
pub struct Step {
    /// From this score on, 0 to 1, the best FAQ's answer is shown.
    pub direct_score: f64,
    /// Answered directly.
    pub direct: Share,
    /// Answered with a list.
    pub list: Share,
    /// Nothing found: the way to a human.
    pub none: Share,
}

impl Step {
    fn add(&mut self, answering: &Answering, own: Own, evidence: Evidence, matches: &[Match]) {
        // A list may not begin above the direct answer.
        let list_score = answering.list_score.min(self.direct_score);
        let answering = Answering { direct_score: self.direct_score, list_score, ..answering.clone() };
        let view = View::of(&answering, own, matches);
        let share = match view.mode {
            Mode::Direct => &mut self.direct,
            Mode::List => &mut self.list,
            Mode::None => &mut self.none,
        };
        share.questions += 1;
        match view.verdict(evidence) {
            Verdict::Solved => share.solved += 1,
            Verdict::Missed => share.missed += 1,
            Verdict::Wrong => share.wrong += 1,
            Verdict::Unknown => share.unknown += 1,
        }
    }
}

/// Questions under direct scores of 0, 0.05 and so on to 1.
#[derive(Debug, Clone)]
pub struct Sweep {
    answering: Answering,
    steps: Vec<Step>,
}

impl Sweep {
    /// For a help desk that otherwise answers so.
    pub fn new(answering: &Answering) -> Self {
        let step = |step: u8| Step { direct_score: f64::from(step) / f64::from(STEPS), ..Step::default() };
        Self { answering: answering.clone(), steps: (0..=STEPS).map(step).collect() }
    }

    /// Counts a question for which these FAQs were found, best first.
    /// `own` is what the category of the best one says of scores.
    pub fn add(&mut self, own: Own, evidence: Evidence, matches: &[Match]) {
        for step in &mut self.steps {
            step.add(&self.answering, own, evidence, matches);
        }
    }

    /// The steps, the lowest score first.
    pub fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Witness;

    #[test]
    fn a_higher_score_makes_answers_lists_and_the_list_score_ends_them() {
        let mut sweep = Sweep::new(&Answering { list_score: 0.4, ..Answering::default() });
        let right = Evidence { right: Some((1, Witness::Agent)), wrong: None };
        let faqs = |best: i64, score: f64| {
            [Match { faq_id: best, score, log_odds: None }, Match { faq_id: 1, score: 0.01, log_odds: None }]
        };
        sweep.add(Own::default(), right, &faqs(1, 0.6));
        sweep.add(Own::default(), right, &faqs(2, 0.6));
        sweep.add(Own::default(), Evidence::default(), &faqs(1, 0.3));
        let steps = sweep.into_steps();
        assert_eq!(steps.len(), 21);
        assert_eq!((steps[0].direct_score, steps[3].direct_score, steps[20].direct_score), (0.0, 0.15, 1.0));
        for step in &steps {
            assert_eq!(step.direct.questions + step.list.questions + step.none.questions, 3);
        }
        let direct = Share { questions: 3, solved: 1, wrong: 1, unknown: 1, ..Share::default() };
        assert_eq!((steps[6].direct_score, steps[6].direct), (0.3, direct));
        // Above the third question's score it gets nothing, although no list begins before 0.4.
        let none = Share { questions: 1, missed: 1, ..Share::default() };
        assert_eq!((steps[7].direct.questions, steps[7].none), (2, none));
        let list = Share { questions: 2, solved: 2, ..Share::default() };
        assert_eq!((steps[13].list, steps[13].direct), (list, Share::default()));
    }
}
