//! What a FAQ's texts come to, before any index is touched.

use crate::analyse::{self, MAX_CHARS, Term, TermKind};
use crate::fold::fold;
use crate::grams::{self, GRAM_CHARS};
use crate::index::FaqText;

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
    pub(crate) text_keys: Vec<u64>,
    /// Keys of exact texts and affixes.
    pub(crate) other_keys: Vec<u64>,
    pub(crate) answer_keys: Vec<u64>,
    /// All keys, each once.
    pub(crate) counts: Vec<Count>,
    /// The different n-grams of each text, one text's after the other's.
    pub(crate) grams: Vec<u32>,
    /// Terms of the questions, and of the answer.
    pub(crate) asked: usize,
    pub(crate) answered: usize,
    /// Texts that are not empty.
    pub(crate) live_texts: usize,
}

/// How often a FAQ has a key.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) key: u64,
    pub(crate) weight: f32,
    pub(crate) asked: u32,
    pub(crate) answered: u32,
}

impl Prepared {
    /// Takes a FAQ apart.
    pub fn of(faq: &FaqText<'_>) -> Self {
        let mut all = Self { whole: true, ..Self::default() };
        let mut seen = Vec::with_capacity(1 + faq.similar.len());
        all.question(faq.question, &mut seen);
        for text in faq.similar {
            all.texts.push('\n');
            all.question(text, &mut seen);
        }
        all.answer(faq.answer);
        all.other_keys.sort_unstable();
        all.other_keys.dedup();
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

    fn question(&mut self, text: &str, seen: &mut Vec<u64>) {
        let (folded, _) = fold(text, MAX_CHARS);
        let exact = analyse::exact_key(&folded).filter(|key| !seen.contains(key));
        let Some(exact) = exact else {
            self.ends.push(self.text_keys.len());
            return;
        };
        seen.push(exact);
        let terms = analyse::terms(&folded);
        for key in other_keys(exact, &terms) {
            self.other_keys.push(key);
            self.counts.push(Count { key, weight: 0.0, asked: 1, answered: 0 });
        }
        self.asked += terms.len();
        self.counts.extend(terms.iter().map(|t| Count { key: t.key, weight: t.weight, asked: 1, answered: 0 }));
        let mut keys: Vec<u64> = terms.iter().map(|t| t.key).collect();
        // By key, not by id: sums over the list then do not depend on the index's history.
        keys.sort_unstable();
        keys.dedup();
        self.text_keys.extend(keys);
        self.ends.push(self.text_keys.len());
        let kept = folded.char_indices().nth(GRAM_CHARS).map_or(folded.as_str(), |(end, _)| &folded[..end]);
        self.whole &= kept.len() == folded.len();
        self.texts.push_str(kept);
        self.grams.extend(grams::distinct(kept));
        self.live_texts += 1;
    }

    fn answer(&mut self, text: &str) {
        let (folded, _) = fold(text, MAX_CHARS);
        let mut left = ANSWER_TERMS;
        for term in analyse::terms(&folded).iter().filter(|t| tells(t)) {
            if !self.answer_keys.contains(&term.key) {
                let cost = if term.kind == TermKind::Pair { 2 } else { 1 };
                if left < cost {
                    break;
                }
                left -= cost;
                self.answer_keys.push(term.key);
            }
            self.counts.push(Count { key: term.key, weight: term.weight, asked: 0, answered: 1 });
            self.answered += 1;
        }
    }
}

/// The keys beside its terms' by which a text is found.
pub(crate) fn other_keys(exact: u64, terms: &[Term]) -> impl Iterator<Item = u64> {
    let affixes = terms.iter().filter_map(|t| analyse::affix_keys(&t.text)).flatten();
    std::iter::once(exact).chain(affixes)
}

/// Whether a term of an answer is worth its memory.
fn tells(term: &Term) -> bool {
    matches!(term.kind, TermKind::Word | TermKind::Whole | TermKind::Pair) && term.weight >= 0.5
}
