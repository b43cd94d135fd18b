//! From the model's log-odds to a score that is true of this help desk: two numbers, fitted to what became of its past
//! answers.
//!
//! The model's weights come from many desks, so the order of FAQs travels well and the size of the scores does not: on
//! a desk where most questions have no FAQ every score is too high. Platt scaling, a straight line through the
//! log-odds, repairs that. Guests' clicks are poor witnesses and sometimes hostile, so a fit needs many of them, has to
//! predict clicks that it has not seen better than no fit does, and moves the scores only a little with each.

use std::collections::HashMap;

use crate::model;
use crate::num::{float, hash64};

/// What a slope may be.
pub const SLOPES: (f64, f64) = (0.25, 4.0);
/// What an offset may be.
pub const OFFSETS: (f64, f64) = (-4.0, 4.0);
/// Labels that all guests together have to have given before a calibration is fitted.
pub const LEAST: f64 = 10.0;
/// Labels that one guest's questions count for at most.
pub const GUEST_MOST: f64 = 3.0;
/// How far one new label moves log-odds at most. Ten move a score by at most 0.2: `tanh(10 * STEP / 4)`.
pub const STEP: f64 = 0.08;
/// Log-odds beyond this, either way, count as this and are shifted as this is, so that nothing far out tilts the line
/// and nothing is moved further by it.
pub const REACH: f64 = 5.0;

/// Strength of the prior: what a slope costs that is not 1, and an offset that is not 0.
const SLOPE_PRIOR: f64 = 4.0;
const OFFSET_PRIOR: f64 = 0.5;
/// Parts of the labels, each of which is once held back.
const FOLDS: u64 = 5;
const ROUNDS: usize = 30;
/// Bands of [`reliability`].
const BANDS: usize = 10;

/// How log-odds become scores on a help desk. The default, slope 1 and offset 0, is the model as it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    slope: f64,
    offset: f64,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { slope: 1.0, offset: 0.0 }
    }
}

impl Calibration {
    /// A calibration within [`SLOPES`] and [`OFFSETS`]; the default if one of the numbers is none.
    pub fn new(slope: f64, offset: f64) -> Self {
        if slope.is_nan() || offset.is_nan() {
            return Self::default();
        }
        Self { slope: slope.clamp(SLOPES.0, SLOPES.1), offset: offset.clamp(OFFSETS.0, OFFSETS.1) }
    }

    /// What log-odds are multiplied by, within [`SLOPES`]: below 1 where the model is too sure either way.
    pub fn slope(self) -> f64 {
        self.slope
    }

    /// What is added to them, within [`OFFSETS`]: below 0 where the model is too hopeful.
    pub fn offset(self) -> f64 {
        self.offset
    }

    /// The score, 0..=1, of a FAQ with these raw log-odds ([`Hit::log_odds`](crate::Hit::log_odds)). Greater log-odds
    /// never score less, and an exact match keeps the top of the scale.
    pub fn score(self, log_odds: f64, exact: bool) -> f64 {
        model::score(self.shifted(log_odds), exact)
    }

    fn shifted(self, log_odds: f64) -> f64 {
        let near = log_odds.clamp(-REACH, REACH);
        self.slope * near + self.offset + (log_odds - near)
    }

    /// The furthest that log-odds move between two calibrations.
    fn distance(self, other: Self) -> f64 {
        (self.slope - other.slope).abs() * REACH + (self.offset - other.offset).abs()
    }

    /// On the way to `goal`, with no log-odds moved by more than `most`.
    fn towards(self, goal: Self, most: f64) -> Self {
        let distance = self.distance(goal);
        if distance <= most {
            return goal;
        }
        let share = most / distance;
        Self::new(self.slope + share * (goal.slope - self.slope), self.offset + share * (goal.offset - self.offset))
    }
}

/// What is known of the best FAQ of a past answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label<'a> {
    /// Its raw log-odds then.
    pub log_odds: f64,
    /// Whether it was the right one.
    pub right: bool,
    /// How much it counts, 0..=1.
    pub weight: f64,
    /// Whose question it was; all of a guest's together count up to [`GUEST_MOST`].
    pub guest: &'a str,
    /// Whether it came after the calibration that is in use was fitted.
    pub new: bool,
}

/// What a fit came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The labels make the scores better.
    Better,
    /// There are fewer labels than [`LEAST`], each guest's counted up to [`GUEST_MOST`].
    TooFew,
    /// On labels that it had not seen, a fit did no better than the model as it is.
    NoBetter,
}

/// A fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// What to use from now on. With [`Verdict::Better`] it goes to the best line, otherwise back to the default, and
    /// as far as the new labels carry it.
    pub calibration: Calibration,
    /// Why it goes there.
    pub verdict: Verdict,
    /// What all labels count for together.
    pub weight: f64,
}

/// Fits a calibration to labels, from the one in use. Work grows in a straight line with the labels; their order does
/// not matter but for rounding.
pub fn fit(labels: &[Label<'_>], before: Calibration) -> Fit {
    let points = points(labels);
    let weight = points.iter().map(|point| point.weight).sum();
    let (goal, verdict) = if weight < LEAST {
        (Calibration::default(), Verdict::TooFew)
    } else if gain(&points) > 0.0 {
        (line(&points.iter()), Verdict::Better)
    } else {
        (Calibration::default(), Verdict::NoBetter)
    };
    let new = guest_shares(labels, |label| label.new);
    let news = labels.iter().filter(|label| label.new).map(|label| label.weight.max(0.0) * new[label.guest]);
    Fit { calibration: before.towards(goal, STEP * news.sum::<f64>()), verdict, weight }
}

/// What labels count for together, each guest's up to [`GUEST_MOST`].
pub fn weight(labels: &[Label<'_>]) -> f64 {
    points(labels).iter().map(|point| point.weight).sum()
}

/// Scores between two bounds, and how often they were right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The least score of the band.
    pub from: f64,
    /// The score above it.
    pub to: f64,
    /// Labels in it.
    pub labels: usize,
    /// Their mean score by the calibration.
    pub score: f64,
    /// The share of them that was right, 0..=1, by their weight.
    pub right: f64,
}

/// How true the scores of a calibration are on labels: ten bands, without those that hold no label.
pub fn reliability(labels: &[Label<'_>], calibration: Calibration) -> Vec<Band> {
    let mut sums = [(0_usize, 0.0_f64, 0.0_f64, 0.0_f64); BANDS];
    for label in labels {
        let score = calibration.score(label.log_odds, false);
        let at = (1..BANDS).rev().find(|at| score >= edge(*at)).unwrap_or(0);
        let (count, weight, scores, right) = &mut sums[at];
        *count += 1;
        *weight += label.weight;
        *scores += label.weight * score;
        *right += if label.right { label.weight } else { 0.0 };
    }
    let band = |(at, (labels, weight, score, right)): (usize, (usize, f64, f64, f64))| {
        (weight > 0.0).then(|| Band {
            from: edge(at),
            to: edge(at + 1),
            labels,
            score: score / weight,
            right: right / weight,
        })
    };
    sums.into_iter().enumerate().filter_map(band).collect()
}

fn edge(band: usize) -> f64 {
    float(band) / float(BANDS)
}

/// The expected calibration error, 0..=1: how far scores are from the share that was right, over the bands.
pub fn error(labels: &[Label<'_>], calibration: Calibration) -> f64 {
    let bands = reliability(labels, calibration);
    let all: usize = bands.iter().map(|band| band.labels).sum();
    bands.iter().map(|band| float(band.labels) * (band.score - band.right).abs()).sum::<f64>() / float(all.max(1))
}

/// What each guest's labels have to be multiplied by.
fn guest_shares<'a>(labels: &[Label<'a>], counts: impl Fn(&Label<'_>) -> bool) -> HashMap<&'a str, f64> {
    let mut sums: HashMap<&str, f64> = HashMap::new();
    for label in labels.iter().filter(|label| counts(label)) {
        *sums.entry(label.guest).or_default() += label.weight.max(0.0);
    }
    for sum in sums.values_mut() {
        *sum = (GUEST_MOST / *sum).min(1.0);
    }
    sums
}

fn points(labels: &[Label<'_>]) -> Vec<Point> {
    let shares = guest_shares(labels, |_| true);
    labels.iter().map(|label| Point::of(label, shares[label.guest])).collect()
}

/// A label made ready for fitting.
struct Point {
    log_odds: f64,
    right: bool,
    weight: f64,
    fold: u64,
}

impl Point {
    fn of(label: &Label<'_>, share: f64) -> Self {
        Self {
            log_odds: label.log_odds.clamp(-REACH, REACH),
            right: label.right,
            weight: label.weight.max(0.0) * share,
            // A guest's labels stay together, so that nobody confirms themselves.
            fold: hash64(0, label.guest) % FOLDS,
        }
    }

    fn loss(&self, calibration: Calibration) -> f64 {
        let z = calibration.slope * self.log_odds + calibration.offset;
        let wrong = if self.right { -z } else { z };
        // ln(1 + e^x) without overflow.
        self.weight * (wrong.max(0.0) + (-wrong.abs()).exp().ln_1p())
    }
}

/// How much better lines predict the labels they were not fitted to than the model as it is; below 0 if worse.
fn gain(points: &[Point]) -> f64 {
    let one = |fold: u64| {
        let fitted = line(&points.iter().filter(|point| point.fold != fold));
        let held_back = points.iter().filter(|point| point.fold == fold);
        held_back.map(|point| point.loss(Calibration::default()) - point.loss(fitted)).sum::<f64>()
    };
    (0..FOLDS).map(one).sum()
}

/// The most likely line under the prior, by Newton's method.
fn line<'a>(points: &(impl Iterator<Item = &'a Point> + Clone)) -> Calibration {
    let mut at = Calibration::default();
    for _ in 0..ROUNDS {
        let (a, b) = (at.slope - 1.0, at.offset);
        let mut slope = [-2.0 * SLOPE_PRIOR * a, -2.0 * OFFSET_PRIOR * b];
        let mut curve = [2.0 * SLOPE_PRIOR, 0.0, 2.0 * OFFSET_PRIOR];
        for point in points.clone() {
            let x = point.log_odds;
            let p = 1.0 / (1.0 + (-(at.slope * x + at.offset)).exp());
            let (miss, bend) = (point.weight * (f64::from(point.right) - p), point.weight * p * (1.0 - p));
            slope = [slope[0] + miss * x, slope[1] + miss];
            curve = [curve[0] + bend * x * x, curve[1] + bend * x, curve[2] + bend];
        }
        let area = curve[0] * curve[2] - curve[1] * curve[1];
        let step =
            [(curve[2] * slope[0] - curve[1] * slope[1]) / area, (curve[0] * slope[1] - curve[1] * slope[0]) / area];
        // Steps of more than 1 may overshoot where the curve is flat.
        let shorter = 1.0 / step[0].abs().max(step[1].abs()).max(1.0);
        let next = Calibration::new(at.slope + shorter * step[0], at.offset + shorter * step[1]);
        let moved = at.distance(next);
        at = next;
        if moved < 1e-9 {
            break;
        }
    }
    at
}

#[cfg(test)]
#[path = "calibration_tests.rs"]
mod tests;
