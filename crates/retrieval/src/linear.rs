//! A linear classifier over a desk's own texts: from features to a probability for each FAQ.
//!
//! Softmax regression, fitted by gradient descent in a fixed order from a fixed start, so that the same texts give the
//! same weights on every server.

use std::collections::HashMap;

use crate::index::FaqId;
use crate::num::{Numbers, float, narrow, small, wide};

/// FAQs a classifier tells apart at most: its size and the time to fit it grow with them.
const MAX_CLASSES: usize = 1_000;
/// Texts times FAQs at most: what a pass costs.
const MAX_WORK: usize = 4_000_000;
/// Texts a FAQ needs on average: from a single one there is nothing to learn.
const TEXTS: usize = 2;
/// Weights at most, of one byte each once fitted and of four while they are.
pub(crate) const MAX_WEIGHTS: usize = 8_000_000;
/// Passes over all examples.
const PASSES: usize = 40;
/// Length of the first step; later ones fall in a straight line to nothing.
const STEP: f32 = 4.0;

/// Whether so many texts of so many FAQs are worth a classifier, and few enough for one.
pub(crate) fn worthwhile(faqs: usize, texts: usize) -> bool {
    (2..=MAX_CLASSES).contains(&faqs) && texts >= TEXTS * faqs && texts.saturating_mul(faqs) <= MAX_WORK
}

/// One text: its features by number, and the FAQ it belongs to, by its place among the classes.
pub(crate) struct Example {
    pub(crate) features: Vec<(u32, f32)>,
    pub(crate) class: u32,
}

/// Which FAQ a text is likely to belong to.
#[derive(Clone, Debug)]
pub(crate) struct Linear {
    /// The place of each FAQ among the classes.
    classes: HashMap<FaqId, u32, Numbers>,
    /// One row a feature, one number a class; a row's numbers are to be multiplied by its scale.
    weights: Box<[i8]>,
    scales: Box<[f32]>,
    bias: Box<[f32]>,
}

impl Linear {
    /// Fits `features` rows of weights to the examples. The classes are the places of `faqs`.
    pub(crate) fn fit(faqs: &[FaqId], features: usize, examples: &[Example]) -> Self {
        let count = faqs.len();
        let mut weights = vec![0.0_f32; features * count];
        let mut bias = vec![0.0_f32; count];
        let mut chances = vec![0.0_f32; count];
        let order = order(examples.len());
        for pass in 0..PASSES {
            let step = STEP * (1.0 - narrow(float(pass) / float(PASSES)));
            for at in &order {
                let example = &examples[*at];
                chances.copy_from_slice(&bias);
                for (feature, value) in &example.features {
                    add(&mut chances, row(&weights, *feature, count), *value);
                }
                softmax(&mut chances);
                // The slope of the log-likelihood: what is, less what was expected.
                for chance in &mut chances {
                    *chance *= -step;
                }
                chances[wide(example.class)] += step;
                for (feature, value) in &example.features {
                    let from = wide(*feature) * count;
                    add(&mut weights[from..from + count], &chances, *value);
                }
                add(&mut bias, &chances, 0.05);
            }
        }
        let mut packed = Self {
            classes: faqs.iter().zip(0..).map(|(faq, class)| (*faq, class)).collect(),
            weights: vec![0; weights.len()].into(),
            scales: vec![0.0; features].into(),
            bias: bias.into(),
        };
        let rows = weights.chunks_exact(count).zip(packed.weights.chunks_exact_mut(count));
        for ((from, to), scale) in rows.zip(&mut packed.scales) {
            let most = from.iter().fold(f32::MIN_POSITIVE, |most, weight| most.max(weight.abs()));
            *scale = most / 127.0;
            for (weight, byte) in from.iter().zip(to) {
                *byte = rounded(weight / *scale);
            }
        }
        packed
    }

    /// The log-probability of each class, at most 0.
    pub(crate) fn log_chances(&self, features: &[(u32, f32)]) -> Vec<f32> {
        let mut sums = self.bias.to_vec();
        for (feature, value) in features {
            let row = &self.weights[wide(*feature) * sums.len()..][..sums.len()];
            let value = value * self.scales[wide(*feature)];
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum += value * f32::from(*weight);
            }
        }
        let most = sums.iter().copied().fold(f32::MIN, f32::max);
        let all: f32 = sums.iter().map(|sum| (sum - most).exp()).sum();
        let all = most + all.ln();
        for sum in &mut sums {
            *sum -= all;
        }
        sums
    }

    /// The place of a FAQ among the classes, if it was there when this was fitted.
    pub(crate) fn class(&self, faq: FaqId) -> Option<usize> {
        self.classes.get(&faq).map(|class| wide(*class))
    }

    /// Bytes in memory.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.weights.len() + 4 * (self.scales.len() + self.bias.len()) + 16 * self.classes.capacity()
    }
}

/// The examples, mixed, so that those of one FAQ do not follow each other.
fn order(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|at| small(*at).wrapping_mul(0x9e37_79b1).rotate_left(15).wrapping_mul(0x85eb_ca6b));
    order
}

fn row(weights: &[f32], feature: u32, count: usize) -> &[f32] {
    &weights[wide(feature) * count..][..count]
}

fn add(to: &mut [f32], row: &[f32], times: f32) {
    for (to, x) in to.iter_mut().zip(row) {
        *to += times * x;
    }
}

fn softmax(values: &mut [f32]) {
    let most = values.iter().copied().fold(f32::MIN, f32::max);
    let mut all = 0.0;
    for value in values.iter_mut() {
        *value = (*value - most).exp();
        all += *value;
    }
    for value in values {
        *value /= all;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates, and this one is in range")]
fn rounded(value: f32) -> i8 {
    value.round() as i8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_find_their_faq_and_the_rest_is_in_between() {
        let example =
            |features: &[u32], class| Example { features: features.iter().map(|f| (*f, 0.7)).collect(), class };
        let examples = [example(&[0, 1], 0), example(&[0, 2], 0), example(&[3, 1], 1), example(&[3, 4], 1)];
        let fitted = Linear::fit(&[70, 50], 5, &examples);
        assert_eq!((fitted.class(70), fitted.class(50), fitted.class(60)), (Some(0), Some(1), None));
        let chance = |features: &[(u32, f32)], class: usize| fitted.log_chances(features)[class].exp();
        assert!(chance(&[(0, 1.0)], 0) > 0.95);
        assert!(chance(&[(3, 0.7), (4, 0.7)], 1) > 0.95);
        assert!((chance(&[], 0) - 0.5).abs() < 0.2, "{}", chance(&[], 0));
        assert!((chance(&[(1, 1.0)], 0) + chance(&[(1, 1.0)], 1) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn order_is_a_permutation() {
        let mut sorted = order(1000);
        assert_ne!(sorted[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..1000).collect::<Vec<_>>());
    }
}
