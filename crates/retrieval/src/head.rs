//! A classifier over the sentence vectors of a desk's own texts: what [`crate::classifier`] is for words.

use std::collections::HashMap;
use std::sync::Arc;

use crate::index::FaqId;
use crate::linear::{Example, Linear, MAX_WEIGHTS, worthwhile};
use crate::num::Numbers;
use crate::vectors::{QueryVector, VectorTexts, Vectors};

/// How much longer than 1 vectors are made, so that weights need not be large.
const LENGTH: f32 = 2.0;

/// A desk's classifier for one model of sentence vectors.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    model: Arc<str>,
    /// What each FAQ's texts were, as a hash.
    texts: HashMap<FaqId, u64, Numbers>,
    width: usize,
    linear: Linear,
}

impl Head {
    /// None if there is nothing to learn.
    pub(crate) fn fit(model: Arc<str>, lines: &[VectorTexts]) -> Option<Self> {
        let all = lines.iter().map(|line| line.vectors.len()).sum();
        let width = lines.first()?.vectors.first()?.0.len();
        if !worthwhile(lines.len(), all) || width * lines.len() > MAX_WEIGHTS {
            return None;
        }
        let faqs: Vec<FaqId> = lines.iter().map(|line| line.faq).collect();
        let examples: Vec<Example> = (lines.iter().zip(0..))
            .flat_map(|(line, class)| line.unit_vectors().map(move |vector| (vector, class)))
            .map(|(vector, class)| Example { features: numbered(vector), class })
            .collect();
        let texts = lines.iter().map(|line| (line.faq, line.print)).collect();
        Some(Self { model, texts, width, linear: Linear::fit(&faqs, width, &examples) })
    }

    /// What it says about a question's vector; none if that is another model's.
    pub(crate) fn ask(&self, query: &QueryVector) -> Option<Judgement<'_>> {
        let features = numbered(query.unit());
        let fits = query.model == self.model && features.len() == self.width;
        fits.then(|| Judgement { head: self, log_chances: self.linear.log_chances(&features) })
    }

    /// Bytes in memory.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.linear.memory_bytes() + 24 * self.texts.capacity()
    }
}

fn numbered(vector: impl Iterator<Item = f32>) -> Vec<(u32, f32)> {
    (0..).zip(vector.map(|x| LENGTH * x)).collect()
}

/// What a head says about one question.
pub(crate) struct Judgement<'a> {
    head: &'a Head,
    log_chances: Vec<f32>,
}

impl Judgement<'_> {
    /// The log-probability of a FAQ; none if the head does not know it as it is now.
    pub(crate) fn of(&self, vectors: &Vectors, faq: FaqId) -> Option<f64> {
        let same = vectors.print(faq).is_some_and(|print| self.head.texts.get(&faq) == Some(&print));
        let class = self.head.linear.class(faq).filter(|_| same)?;
        self.log_chances.get(class).map(|chance| f64::from(*chance))
    }
}
