//! What a FAQ's texts come to, before any index is touched.

use std::collections::HashSet;

use crate::analyse::{self, MAX_CHARS, Spotted, Stems, Term, TermKind};
use crate::fold::fold_into;
use crate::grams::{GRAM_CHARS, Seen};
use crate::index::FaqText;
use crate::num::{Numbers, small};

/// Terms of an answer that are indexed: so many different telling ones, from its start. A
/// character pair counts as two, because most pairs are new to the desk and cost a new entry.
const ANSWER_TERMS: usize = 256;

/// A FAQ taken apart, ready for [`Index::insert`](crate::Index::insert). Most of the time of an upsert goes into this, and
/// it needs no index: who loads many FAQs can prepare some while others are put in.
#[derive(Debug, Default)]
pub struct Prepared {
    /// Folded texts, one a line; see [`Doc`](crate::doc::Doc).
    pub(crate) texts: String,
    /// Whether no text was cut.
    pub(crate) whole: bool,
    /// The end of each text's keys among all.
    pub(crate) ends: Vec<usize>,
    /// Keys of the texts' terms, of each text the different ones in their order.
    pub(crate) text_keys: Vec<Key>,
    /// Keys of exact texts and affixes.
    pub(crate) other_keys: Vec<Key>,
    pub(crate) answer_keys: Vec<Key>,
    /// All keys, each once if [`Prepared::of`] made it.
    pub(crate) counts: Vec<Count>,
    /// The different n-grams of each text, one text's after the other's.
    pub(crate) grams: Vec<u32>,
    /// Terms of the questions, and of the answer.
    pub(crate) asked: usize,
    pub(crate) answered: usize,
    /// Texts that are not empty.
    pub(crate) live_texts: usize,
}

/// A key, and the place among the counts, as they came, where it is.
pub(crate) type Key = (u64, u32);

/// How often a FAQ has a key.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) key: u64,
    pub(crate) weight: f32,
    pub(crate) asked: u32,
    pub(crate) answered: u32,
}

/// What is kept from one FAQ to the next while many are taken apart.
#[derive(Debug, Default)]
pub(crate) struct Tools {
    pub(crate) stems: Stems,
    seen: Seen,
    folded: String,
    /// Keys of the FAQ's texts so far.
    exact: Vec<u64>,
    /// Keys of the answer so far.
    answered: HashSet<u64, Numbers>,
}

impl Prepared {
    /// Takes a FAQ apart.
    pub fn of(faq: &FaqText<'_>) -> Self {
        let mut all = Self::default();
        all.take_apart(faq, &mut Tools::default());
        all.counts.sort_unstable_by_key(|count| count.key);
        all.counts.dedup_by(|next, kept| {
            let same = next.key == kept.key;
            if same {
                kept.asked += next.asked;
                kept.answered += next.answered;
            }
            same
        });
        all
    }

    /// Becomes another FAQ, whose counts are left as they come: keys repeat.
    pub(crate) fn take_apart(&mut self, faq: &FaqText<'_>, tools: &mut Tools) {
        self.clear();
        tools.exact.clear();
        self.question(faq.question, tools);
        for text in faq.similar {
            self.texts.push('\n');
            self.question(text, tools);
        }
        self.answer(faq.answer, tools);
        self.other_keys.sort_unstable();
        self.other_keys.dedup_by_key(|key| key.0);
    }

    /// The keys that the index keeps with the FAQ, in its order.
    pub(crate) fn kept_keys(&self) -> impl Iterator<Item = Key> {
        let others: &[Key] = if self.whole { &[] } else { &self.other_keys };
        self.text_keys.iter().chain(&self.answer_keys).chain(others).copied()
    }

    fn clear(&mut self) {
        self.texts.clear();
        self.ends.clear();
        for keys in [&mut self.text_keys, &mut self.other_keys, &mut self.answer_keys] {
            keys.clear();
        }
        self.counts.clear();
        self.grams.clear();
        (self.asked, self.answered, self.live_texts, self.whole) = (0, 0, 0, true);
    }

    fn question(&mut self, text: &str, tools: &mut Tools) {
        let Tools { stems, seen, folded, exact, .. } = tools;
        fold_into(text, MAX_CHARS, folded);
        let Some(key) = analyse::exact_key(folded).filter(|key| !exact.contains(key)) else {
            self.ends.push(self.text_keys.len());
            return;
        };
        exact.push(key);
        self.other(key);
        let from = self.text_keys.len();
        analyse::each_term(folded, stems, |Spotted { text, weight, key, .. }| {
            self.asked += 1;
            self.text_keys.push((key, small(self.counts.len())));
            self.counts.push(Count { key, weight, asked: 1, answered: 0 });
            for key in analyse::affix_keys(text).into_iter().flatten() {
                self.other(key);
            }
        });
        // By key, not by id: sums over the list then do not depend on the index's history.
        self.text_keys[from..].sort_unstable();
        let mut kept = from;
        for at in from..self.text_keys.len() {
            if at == from || self.text_keys[at].0 != self.text_keys[kept - 1].0 {
                self.text_keys[kept] = self.text_keys[at];
                kept += 1;
            }
        }
        self.text_keys.truncate(kept);
        self.ends.push(kept);
        let kept = folded.char_indices().nth(GRAM_CHARS).map_or(folded.as_str(), |(end, _)| &folded[..end]);
        self.whole &= kept.len() == folded.len();
        self.texts.push_str(kept);
        seen.each(kept, |gram| self.grams.push(gram));
        self.live_texts += 1;
    }

    fn other(&mut self, key: u64) {
        self.other_keys.push((key, small(self.counts.len())));
        self.counts.push(Count { key, weight: 0.0, asked: 1, answered: 0 });
    }

    fn answer(&mut self, text: &str, tools: &mut Tools) {
        let Tools { stems, folded, answered, .. } = tools;
        answered.clear();
        fold_into(text, MAX_CHARS, folded);
        let (mut left, mut full) = (ANSWER_TERMS, false);
        analyse::each_term(folded, stems, |Spotted { kind, weight, key, .. }| {
            if full || !tells(kind, weight) {
                return;
            }
            if !answered.contains(&key) {
                let cost = if kind == TermKind::Pair { 2 } else { 1 };
                if left < cost {
                    full = true;
                    return;
                }
                left -= cost;
                answered.insert(key);
                self.answer_keys.push((key, small(self.counts.len())));
            }
            self.counts.push(Count { key, weight, asked: 0, answered: 1 });
            self.answered += 1;
        });
    }
}

/// The keys beside its terms' by which a text is found.
pub(crate) fn other_keys(exact: u64, terms: &[Term]) -> impl Iterator<Item = u64> {
    let affixes = terms.iter().filter_map(|t| analyse::affix_keys(&t.text)).flatten();
    std::iter::once(exact).chain(affixes)
}

/// Whether a term of an answer is worth its memory.
fn tells(kind: TermKind, weight: f32) -> bool {
    matches!(kind, TermKind::Word | TermKind::Whole | TermKind::Pair) && weight >= 0.5
}
