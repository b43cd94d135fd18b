//! The logistic regression over the features.

use crate::features::{COUNT, Said};
pub(crate) use crate::weights::Weights;
use crate::weights::{LEARNED, MEANING, MEANING_LEARNED, WORDS};

/// Share of the scale that only an exact match reaches.
const EXACT: f64 = 0.98;

/// What a score rests on: how much there is about a FAQ beside its words. Each has weights of its own, so that nothing
/// has to be made up for what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Basis {
    /// Its words alone.
    Words,
    /// Also what the desk's similar questions taught.
    Learned,
    /// Words and sentence vectors.
    Meaning,
    /// Words, sentence vectors, and what both taught.
    MeaningLearned,
}

impl Basis {
    pub(crate) fn of(said: &Said) -> Self {
        match (said.learned, said.meaning, said.meaning_learned) {
            (Some(_), Some(_), Some(_)) => Self::MeaningLearned,
            (_, Some(_), _) => Self::Meaning,
            (Some(_), None, _) => Self::Learned,
            (None, None, _) => Self::Words,
        }
    }

    pub(crate) fn weights(self) -> &'static Weights {
        match self {
            Self::Words => &WORDS,
            Self::Learned => &LEARNED,
            Self::Meaning => &MEANING,
            Self::MeaningLearned => &MEANING_LEARNED,
        }
    }
}

/// The log-odds that a FAQ with these features is the right one.
pub(crate) fn log_odds(weights: &Weights, features: &[f64; COUNT]) -> f64 {
    weights.constant + features.iter().zip(&weights.features).map(|(f, w)| f * w).sum::<f64>()
}

/// The log-odds as a probability; an exact match keeps the top of the scale to itself.
pub(crate) fn score(log_odds: f64, exact: bool) -> f64 {
    let p = 1.0 / (1.0 + (-log_odds).exp());
    if exact { EXACT + (1.0 - EXACT) * p } else { EXACT * p }
}
