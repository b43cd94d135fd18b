//! What a desk's own similar questions teach: a classifier over the words, pairs of words and n-grams of all its texts.
//!
//! Fitted in the background and never waited for. It speaks for a FAQ only as long as the FAQ has the texts it was
//! fitted on; for one that is new or edited it is silent, and the general model ranks alone.

use std::collections::HashMap;

use crate::analyse::{self, Term, TermKind};
use crate::grams;
use crate::index::{FaqId, Index};
use crate::lexicon;
use crate::linear::{Example, Linear, MAX_WEIGHTS, worthwhile};
use crate::num::{Numbers, narrow, spread};
use crate::postings::at;
use crate::query::rarity;

/// Weight of what a word means beside the word's own, before rarity.
const SENSE: f32 = 0.7;

/// Kind of key, to keep n-grams apart from words.
const GRAM: u64 = 1 << 40;

/// How far apart the words of a pair stand at most: what is told apart by order ("from my card", "to my card") is near.
const FAR: usize = 3;

/// Beginning and end of a text among its words; no word has these keys.
const ENDS: [u64; 2] = [1, 2];

/// A desk's classifier.
#[derive(Clone, Debug)]
pub(crate) struct Classifier {
    features: Features,
    /// What each FAQ's texts were, as a hash.
    texts: HashMap<FaqId, u32, Numbers>,
    linear: Linear,
}

/// The texts a classifier is to be fitted on.
pub(crate) struct Texts {
    /// Each FAQ with the hash of its texts and the texts, by id.
    faqs: Vec<(FaqId, u32, Vec<String>)>,
}

impl Texts {
    /// None if there would be nothing to learn: see [`Lesson`](crate::Lesson).
    pub(crate) fn of(index: &Index) -> Option<Self> {
        if !worthwhile(index.len(), index.totals.texts) {
            return None;
        }
        let mut slots: Vec<(FaqId, u32)> = index.faqs().collect();
        slots.sort_unstable();
        let texts = |slot: u32| index.docs[at(slot)].texts().map(|(text, _)| text.to_owned());
        let one = |(faq, slot)| (faq, index.print(slot), texts(slot).filter(|text| !text.is_empty()).collect());
        Some(Self { faqs: slots.into_iter().map(one).collect() })
    }
}

impl Classifier {
    pub(crate) fn fit(texts: &Texts) -> Self {
        let mut found: HashMap<u64, u32, Numbers> = HashMap::default();
        let mut raw: Vec<(Vec<(u64, f32)>, u32)> = Vec::new();
        for ((_, _, texts), class) in texts.faqs.iter().zip(0..) {
            for text in texts {
                let keys = keys(text);
                for (key, _) in &keys {
                    *found.entry(*key).or_default() += 1;
                }
                raw.push((keys, class));
            }
        }
        // The commonest features first; of equals any, but always the same.
        let mut kept: Vec<(u64, u32)> = found.into_iter().collect();
        kept.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        kept.truncate(MAX_WEIGHTS / texts.faqs.len().max(1));
        let all = raw.len();
        let numbered = kept.iter().zip(0..).map(|((key, n), at)| (*key, (at, narrow(rarity(all, *n)))));
        let features = Features { known: numbered.collect(), unknown: narrow(rarity(all, 0)) };
        let ids: Vec<FaqId> = texts.faqs.iter().map(|(faq, ..)| *faq).collect();
        let examples: Vec<Example> =
            raw.iter().map(|(keys, class)| Example { features: features.weigh(keys), class: *class }).collect();
        let linear = Linear::fit(&ids, features.known.len(), &examples);
        Self { features, texts: texts.faqs.iter().map(|(faq, print, _)| (*faq, *print)).collect(), linear }
    }

    /// What it says about a folded query.
    pub(crate) fn ask(&self, folded: &str) -> Opinion<'_> {
        Opinion { classifier: self, log_chances: self.linear.log_chances(&self.features.weigh(&keys(folded))) }
    }

    /// Whether it knows all FAQs of the index as they are now, and no other.
    pub(crate) fn is_current(&self, index: &Index) -> bool {
        let same = |(faq, print): (&FaqId, &u32)| index.slot(*faq).is_some_and(|slot| index.print(slot) == *print);
        self.texts.len() == index.len() && self.texts.iter().all(same)
    }

    /// Bytes in memory.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.linear.memory_bytes() + 24 * self.features.known.capacity() + 24 * self.texts.capacity()
    }
}

/// The features that texts of the desk have.
#[derive(Clone, Debug)]
struct Features {
    /// Number and rarity of each.
    known: HashMap<u64, (u32, f32), Numbers>,
    /// Rarity of one that no text has.
    unknown: f32,
}

impl Features {
    /// Those features of a text that have a number, with their weights. Words and n-grams weigh the same together;
    /// what is unknown takes its share and is left out.
    fn weigh(&self, keys: &[(u64, f32)]) -> Vec<(u32, f32)> {
        let weigh = |(key, weight): &(u64, f32)| match self.known.get(key) {
            Some((number, rarity)) => (Some(*number), weight * rarity),
            None => (None, weight * self.unknown),
        };
        let (grams, words): (Vec<_>, Vec<_>) = keys.iter().partition(|(key, _)| key >> 32 == GRAM >> 32);
        let mut out = Vec::with_capacity(keys.len());
        for part in [words, grams] {
            let weighed: Vec<_> = part.iter().map(weigh).collect();
            let length = (2.0 * weighed.iter().map(|(_, w)| w * w).sum::<f32>()).sqrt().max(f32::MIN_POSITIVE);
            out.extend(weighed.into_iter().filter_map(|(number, w)| Some((number?, w / length))));
        }
        out
    }
}

/// What a classifier says about one query.
pub(crate) struct Opinion<'a> {
    classifier: &'a Classifier,
    log_chances: Vec<f32>,
}

impl Opinion<'_> {
    /// The log-probability of a FAQ; none if the classifier does not know it as it is now.
    pub(crate) fn of(&self, index: &Index, slot: u32) -> Option<f64> {
        let faq = index.docs[at(slot)].id;
        let same = self.classifier.texts.get(&faq).is_some_and(|text| *text == index.print(slot));
        let class = self.classifier.linear.class(faq).filter(|_| same)?;
        self.log_chances.get(class).map(|chance| f64::from(*chance))
    }
}

/// The different features of a folded text, each with its weight before rarity.
fn keys(folded: &str) -> Vec<(u64, f32)> {
    let terms = analyse::terms(folded);
    let mut keys: Vec<(u64, f32)> = terms.iter().map(|term| (term.key, term.weight)).collect();
    // What words mean in general, so that texts with other words of the same sense, or in the other language, teach too.
    keys.extend(lexicon::find(&lexicon::spoken(&terms)).iter().map(|found| (found.sense(), SENSE)));
    keys.extend(pairs(&terms).into_iter().map(|key| (key, 1.0)));
    keys.sort_unstable_by_key(|(key, _)| *key);
    keys.dedup_by_key(|(key, _)| *key);
    keys.extend(grams::distinct(folded).iter().map(|gram| (GRAM | u64::from(*gram), 1.0)));
    keys
}

/// A key for every two words, or characters of a run, that stand near each other, in their order.
fn pairs(terms: &[Term]) -> Vec<u64> {
    let words = terms.iter().filter(|term| matches!(term.kind, TermKind::Word | TermKind::Single));
    let [first, last] = ENDS;
    let words: Vec<u64> = [first].into_iter().chain(words.map(|term| term.key)).chain([last]).collect();
    let near = |at: usize| words[at.saturating_sub(FAR)..at].iter().map(move |before| (*before, at));
    (1..words.len()).flat_map(near).map(|(before, at)| pair(before, words[at])).collect()
}

/// The key of two words in this order.
fn pair(before: u64, after: u64) -> u64 {
    spread(before.rotate_left(7) ^ spread(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<u64> {
        pairs(&analyse::terms(text))
    }

    #[test]
    fn pairs_know_the_order_and_the_ends() {
        let (there, back) = (of("from card to bank"), of("from bank to card"));
        assert_eq!((there.len(), back.len()), (12, 12));
        assert!(there.iter().any(|pair| !back.contains(pair)));
        let shared = |a: &[u64], b: &[u64]| a.iter().filter(|pair| b.contains(pair)).count();
        assert_eq!(shared(&of("lost card"), &of("card lost")), 5);
        assert_eq!(shared(&of("card"), &of("lost")), 1, "only that a word stands between the ends");
        assert_eq!(shared(&of("退款"), &of("款退")), 5);
        assert_eq!(of("").len(), 1);
    }

    #[test]
    fn pairs_are_linear() {
        assert!(of(&"ab ".repeat(500)).len() <= FAR * 501);
    }
}
