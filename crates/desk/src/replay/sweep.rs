//! Past questions under many scores at once: what a graph of them is drawn from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Evidence, Verdict, View};
use crate::answer::{Match, Mode};
use crate::answering::Answering;
use crate::threshold::Own;

/// How many steps there are from 0 to 1, beside 0 itself.
const STEPS: u8 = 20;

/// How many bands there are from 0 to 1, beside that of 1 itself: as fine as people set scores.
const BANDS: u8 = 100;

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

impl Share {
    fn add(&mut self, verdict: Verdict) {
        self.questions += 1;
        match verdict {
            Verdict::Solved => self.solved += 1,
            Verdict::Missed => self.missed += 1,
            Verdict::Wrong => self.wrong += 1,
            Verdict::Unknown => self.unknown += 1,
        }
    }
}

/// Questions whose best FAQ has about the same score, and what they would get. A question is answered directly if its score
/// is not below the direct score, with a list if it is not below the list score, and else not at all; so these figures tell
/// what any two scores would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ThresholdBand")]
pub struct Band {
    /// The best FAQ's score is at least this, 0 to 1, and below that of the next band.
    pub score: f64,
    /// If they were answered directly.
    pub direct: Share,
    /// If they were answered with a list.
    pub list: Share,
    /// If they were not answered.
    pub none: Share,
}

/// Questions whose best FAQ is of a category with scores of its own, and what they get by the scores of today. What the
/// help desk's scores do to them depends on the category's, so they are in no band.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ThresholdsOfCategories")]
pub struct OfCategories {
    /// Answered directly.
    pub direct: Share,
    /// Answered with a list.
    pub list: Share,
    /// Not answered.
    pub none: Share,
}

impl OfCategories {
    fn add(&mut self, mode: Mode, verdict: Verdict) {
        let share = match mode {
            Mode::Direct => &mut self.direct,
            Mode::List => &mut self.list,
            Mode::None => &mut self.none,
        };
        share.add(verdict);
    }
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
        share.add(view.verdict(evidence));
    }
}

/// Questions under direct scores of 0, 0.05 and so on to 1, and by the scores of their best FAQs.
#[derive(Debug, Clone)]
pub struct Sweep {
    answering: Answering,
    steps: Vec<Step>,
    bands: Vec<Band>,
    of_categories: OfCategories,
}

impl Sweep {
    /// For a help desk that otherwise answers so.
    pub fn new(answering: &Answering) -> Self {
        let step = |step: u8| Step { direct_score: f64::from(step) / f64::from(STEPS), ..Step::default() };
        let band = |band: u8| Band { score: f64::from(band) / f64::from(BANDS), ..Band::default() };
        let (steps, bands) = ((0..=STEPS).map(step).collect(), (0..=BANDS).map(band).collect());
        Self { answering: answering.clone(), steps, bands, of_categories: OfCategories::default() }
    }

    /// Counts a question for which these FAQs were found, best first. `own` is what the category of the best one says of
    /// scores.
    pub fn add(&mut self, own: Own, evidence: Evidence, matches: &[Match]) {
        for step in &mut self.steps {
            step.add(&self.answering, own, evidence, matches);
        }
        let Some(best) = matches.first().map(|best| best.score) else { return };
        if own != Own::default() {
            let view = View::of(&self.answering, own, matches);
            self.of_categories.add(view.mode, view.verdict(evidence));
            return;
        }
        let above = self.bands.partition_point(|band| band.score <= best);
        let Some(band) = above.checked_sub(1).and_then(|place| self.bands.get_mut(place)) else { return };
        let view = |mode: Mode| View::in_mode(&self.answering, mode, matches).verdict(evidence);
        band.direct.add(view(Mode::Direct));
        band.list.add(view(Mode::List));
        band.none.add(view(Mode::None));
    }

    /// The steps and the bands, the lowest score first, and what is in no band but for questions without any FAQ.
    pub fn into_parts(self) -> (Vec<Step>, Vec<Band>, OfCategories) {
        (self.steps, self.bands, self.of_categories)
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
        // A category that wants more of a direct answer than any step, and one that wants less.
        for direct_score in [1.0, 0.5] {
            sweep.add(Own { direct_score: Some(direct_score), list_score: None }, right, &faqs(2, 0.6));
        }
        let (steps, bands, of_categories) = sweep.into_parts();
        assert_eq!(steps.len(), 21);
        assert_eq!((steps[0].direct_score, steps[3].direct_score, steps[20].direct_score), (0.0, 0.15, 1.0));
        for step in &steps {
            assert_eq!(step.direct.questions + step.list.questions + step.none.questions, 5);
        }
        let (listed, wrong) = (
            Share { questions: 1, solved: 1, ..Share::default() },
            Share { questions: 1, wrong: 1, ..Share::default() },
        );
        assert_eq!(of_categories, OfCategories { direct: wrong, list: listed, none: Share::default() });
        let direct = Share { questions: 4, solved: 1, wrong: 2, unknown: 1, ..Share::default() };
        assert_eq!((steps[6].direct_score, steps[6].direct), (0.3, direct));
        // Above the third question's score it gets nothing, although no list begins before 0.4.
        let none = Share { questions: 1, missed: 1, ..Share::default() };
        assert_eq!((steps[7].direct.questions, steps[7].none), (3, none));
        let list = Share { questions: 3, solved: 3, ..Share::default() };
        assert_eq!((steps[13].list, steps[13].direct), (list, wrong));
        assert_eq!((bands.len(), bands[60].score, bands[60].direct.questions), (101, 0.6, 2));
        assert_eq!((bands[60].direct.solved, bands[60].direct.wrong, bands[60].list.solved), (1, 1, 2));
        assert_eq!((bands[60].none.missed, bands[30].list.unknown, bands[30].none.missed), (2, 1, 1));
    }

    #[test]
    fn bands_tell_what_every_step_does() {
        let mut sweep = Sweep::new(&Answering { list_score: 0.25, ..Answering::default() });
        let knows = [
            Evidence { right: Some((1, Witness::Agent)), wrong: None },
            Evidence { right: None, wrong: Some(1) },
            Evidence::default(),
        ];
        for (i, evidence) in (0..=200_u8).zip(knows.iter().cycle()) {
            let score = f64::from(i) / 200.0;
            sweep.add(Own::default(), *evidence, &[Match { faq_id: 1 + i64::from(i % 2), score, log_odds: None }]);
        }
        sweep.add(Own::default(), Evidence::default(), &[]);
        let (steps, bands, _) = sweep.into_parts();
        let sum = |shares: Vec<Share>| {
            shares
                .iter()
                .map(|s| (s.questions, s.solved, s.wrong, s.missed))
                .fold((0, 0, 0, 0), |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2, a.3 + b.3))
        };
        for step in steps {
            let list_score = 0.25_f64.min(step.direct_score);
            let direct = bands.iter().filter(|band| band.score >= step.direct_score).map(|band| band.direct).collect();
            let listed = |band: &&Band| band.score < step.direct_score && band.score >= list_score;
            let list = bands.iter().filter(listed).map(|band| band.list).collect();
            assert_eq!(sum(direct), sum(vec![step.direct]), "{step:?}");
            assert_eq!(sum(list), sum(vec![step.list]), "{step:?}");
        }
    }
}
