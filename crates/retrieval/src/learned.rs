//! What a desk's own similar questions teach, beside the general model.

use std::sync::Arc;

use crate::classifier::{Classifier, Opinion, Texts};
use crate::head::{Head, Judgement};
use crate::index::{FaqId, Index};
use crate::num::spread;
use crate::query::Query;
use crate::vectors::{QueryVector, VectorTexts, Vectors};

/// Texts of a desk, copied out of its index so that learning from them holds up nobody.
///
/// There is something to learn on a desk of 2 to 1,000 FAQs with at least two texts each on average, and at most
/// 4,000,000 texts times FAQs.
pub struct Lesson {
    words: Option<Texts>,
    meaning: Option<(Arc<str>, Vec<VectorTexts>)>,
}

impl std::fmt::Debug for Lesson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lesson").finish_non_exhaustive()
    }
}

impl Lesson {
    /// The texts of a desk as they are now, and their vectors if there are any.
    pub fn of(index: &Index, vectors: Option<&Vectors>) -> Self {
        let words = Texts::of(index);
        let meaning = vectors.filter(|_| words.is_some()).map(|vectors| (vectors.model().clone(), vectors.lines()));
        Self { words, meaning }
    }

    /// Fits the classifiers. Takes a processor a good second for 1,500 texts of 150 FAQs, some for the largest desk.
    pub fn learn(self) -> Learned {
        let words = self.words.map(|texts| Classifier::fit(&texts));
        let of_vectors = self
            .meaning
            .as_ref()
            .map(|(model, lines)| (Arc::clone(model), print(lines.iter().map(VectorTexts::print))));
        let meaning = self.meaning.and_then(|(model, lines)| Head::fit(model, &lines));
        Learned { words, of_vectors, meaning }
    }
}

/// Classifiers of one desk. They speak for a FAQ as long as it has the texts they were fitted on; for one that is new or
/// edited they are silent, and the general model ranks alone.
#[derive(Clone, Debug, Default)]
pub struct Learned {
    words: Option<Classifier>,
    /// Which vectors there were, by model and hash.
    of_vectors: Option<(Arc<str>, u64)>,
    meaning: Option<Head>,
}

/// A hash of which texts of which FAQs have a vector, in whatever order.
fn print(faqs: impl Iterator<Item = (FaqId, u64)>) -> u64 {
    faqs.fold(0, |all, (faq, texts)| all.wrapping_add(spread(texts ^ spread(faq.cast_unsigned()))))
}

impl Learned {
    /// Whether a new [`Lesson`] would teach nothing else.
    pub fn is_current(&self, index: &Index, vectors: Option<&Vectors>) -> bool {
        let Some(words) = &self.words else { return Texts::of(index).is_none() };
        let now = vectors.map(|vectors| (Arc::clone(vectors.model()), print(vectors.prints())));
        words.is_current(index) && self.of_vectors == now
    }

    /// Bytes in memory.
    pub fn memory_bytes(&self) -> usize {
        self.words.as_ref().map_or(0, Classifier::memory_bytes) + self.meaning.as_ref().map_or(0, Head::memory_bytes)
    }

    pub(crate) fn opinion(&self, query: &Query) -> Option<Opinion<'_>> {
        self.words.as_ref().map(|words| words.ask(&query.folded))
    }

    pub(crate) fn judgement(&self, query: &QueryVector) -> Option<Judgement<'_>> {
        self.meaning.as_ref().and_then(|head| head.ask(query))
    }
}
