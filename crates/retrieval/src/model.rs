//! The logistic regression over the features.
//!
//! Fitted by `cargo run --release -p retrieval --example fit FOLDER OUT SET ..` on the project's
//! development sets clinc150, banking77, hint3-curekart, stackfaq, medfaq-zh and helpdesk-shop:
//! the 20 best candidates of every query, in scope and out of scope, every set of the same
//! weight, sets of many similar questions once more with two of them; Newton's method, ridge
//! 0.001. The example prints the numbers below, the constant first. To be fitted anew whenever
//! a feature or the analyser changes.

use crate::features::COUNT;

/// The log-odds where every feature is 0.
pub(crate) const BIAS: f64 = -2.2620;

/// One weight a feature, in the order of the names.
pub(crate) const WEIGHTS: [f64; COUNT] = [
    3.1971, -0.1092, 2.4352, 0.0680, 1.8740, 1.2190, 2.8160, -5.3284, 8.3500, -0.0484, 5.3138, 2.9345, 2.1129, 2.5573,
    -7.9136, 13.2667, 0.4136, -0.0107, 0.0500, -1.3379, -3.2191, -1.0052, -0.1175, -0.5985, -4.2025, -0.9613, 0.4471,
    0.8750, 1.3247, -0.5991, 2.1865,
];

/// Share of the scale that only an exact match reaches.
const EXACT: f64 = 0.98;

/// The log-odds as a probability; an exact match keeps the top of the scale to itself.
pub(crate) fn score(features: &[f64; COUNT], exact: bool) -> f64 {
    let logit = BIAS + features.iter().zip(&WEIGHTS).map(|(f, w)| f * w).sum::<f64>();
    let p = 1.0 / (1.0 + (-logit).exp());
    if exact { EXACT + (1.0 - EXACT) * p } else { EXACT * p }
}
