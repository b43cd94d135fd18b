//! Words of one desk that mean the same though they share no letters, as its guests use them.
//!
//! A pair lets a word of the query find texts that have the other word, as a weaker match. Pairs come from answers that
//! people confirmed ([`mine`](crate::mine)).

use std::collections::HashMap;

use crate::analyse;
use crate::num::Numbers;

/// A match through a pair has at most this share of the word's own weight.
const SHARE: f64 = 0.6;
/// Most words that one word stands for.
const MEANS_MAX: usize = 3;

/// A word of queries, and a word of FAQs that it stands for. Both as [`analyse`](crate::analyse) gives them.
#[derive(Clone, Debug, PartialEq)]
pub struct Synonym {
    /// What queries say.
    pub word: String,
    /// What FAQs say.
    pub means: String,
    /// How sure that is, above 0 and at most 1.
    pub weight: f64,
}

/// A word that another one stands for.
#[derive(Clone, Debug)]
pub(crate) struct Meant {
    pub(crate) text: String,
    pub(crate) key: u64,
    /// Share of the word's weight that a match has.
    pub(crate) share: f64,
}

/// The pairs of one desk, ready for ranking.
#[derive(Clone, Debug, Default)]
pub struct Synonyms {
    by_word: HashMap<u64, Vec<Meant>, Numbers>,
}

impl Synonyms {
    /// Of one word the three surest pairs count, equals by the other word. Pairs without weight are left out.
    pub fn new(pairs: impl IntoIterator<Item = Synonym>) -> Self {
        let mut by_word: HashMap<u64, Vec<Meant>, Numbers> = HashMap::default();
        for pair in pairs.into_iter().filter(|pair| pair.weight > 0.0 && pair.word != pair.means) {
            let (key, share) = (analyse::word_key(&pair.means), SHARE * pair.weight.min(1.0));
            by_word.entry(analyse::word_key(&pair.word)).or_default().push(Meant { text: pair.means, key, share });
        }
        for meant in by_word.values_mut() {
            meant.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.text.cmp(&b.text)));
            meant.dedup_by(|a, b| a.key == b.key);
            meant.truncate(MEANS_MAX);
        }
        Self { by_word }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_word.is_empty()
    }

    /// Bytes in memory, about.
    pub fn memory_bytes(&self) -> usize {
        let meant = |meant: &Meant| size_of::<Meant>() + meant.text.len();
        self.by_word.values().flatten().map(meant).sum::<usize>() + 40 * self.by_word.capacity()
    }

    /// What a term stands for, the surest first.
    pub(crate) fn of(&self, key: u64) -> &[Meant] {
        self.by_word.get(&key).map_or(&[], Vec::as_slice)
    }
}
