//! The index of one help desk: what is stored, and how it changes.

use std::collections::HashMap;

use crate::analyse::{self, MAX_CHARS, Term, TermKind};
use crate::dictionary::Dictionary;
use crate::fold::fold;
use crate::grams::{self, GRAM_CHARS};
use crate::num::{Numbers, float, hash64, small, wide};
use crate::postings::{List, MAX_SLOTS, Posting, at};

/// Decimal FAQ id.
pub type FaqId = i64;

/// Terms of an answer that are indexed: so many different telling ones, from its start. A
/// character pair counts as two, because most pairs are new to the desk and cost a new entry.
const ANSWER_TERMS: usize = 32;

/// Keeps the hashes of whole FAQs apart from those of terms.
const PRINT: u64 = 7;

/// Places for counting character n-grams, a power of two: 128 KiB.
const GRAM_PLACES: u32 = 1 << 15;

/// The texts of one FAQ. Of each, the first [`MAX_CHARS`] characters count.
#[derive(Clone, Copy, Debug)]
pub struct FaqText<'a> {
    /// The question as the desk wrote it.
    pub question: &'a str,
    /// Other ways to ask it; texts equal to an earlier one but for punctuation change nothing.
    pub similar: &'a [String],
    /// The answer in plain text. Its first 32 different telling words (16 pairs of Chinese
    /// characters) help a little.
    pub answer: &'a str,
}

/// All FAQs of one help desk, searchable.
///
/// A change is seen by the next [`Index::rank`], costs time in proportion to the FAQ's own
/// texts, and leaves the statistics exactly as if the index had been built anew from the FAQs
/// it now has. An index holds at most 16,777,216 FAQs; a further one is not added.
#[derive(Clone, Debug, Default)]
pub struct Index {
    pub(crate) slots: HashMap<FaqId, u32, Numbers>,
    pub(crate) docs: Vec<Doc>,
    /// Beside `docs`, because scoring reads lengths at every posting.
    pub(crate) lengths: Vec<Lengths>,
    /// Hash of each FAQ's questions, by which others see that they are still the same.
    pub(crate) prints: Vec<u32>,
    free: Vec<u32>,
    dictionary: Dictionary,
    pub(crate) terms: Vec<TermEntry>,
    free_terms: Vec<u32>,
    /// In how many texts the n-grams of a place occur; empty until the first FAQ. N-grams
    /// share places: the count only has to tell common from rare, and a table of its own for
    /// every n-gram would be the biggest part of the index.
    grams: Vec<u32>,
    pub(crate) totals: Totals,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lengths {
    pub(crate) asked: u16,
    pub(crate) answered: u16,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) texts: usize,
    asked: u64,
    answered: u64,
}

impl Totals {
    /// Mean number of terms of a FAQ's questions together, of one text, of an answer.
    pub(crate) fn means(&self, faqs: usize) -> (f64, f64, f64) {
        let mean = |sum: u64, n: usize| float(usize::try_from(sum).unwrap_or(usize::MAX)) / float(n.max(1));
        (mean(self.asked, faqs).max(1.0), mean(self.asked, self.texts).max(1.0), mean(self.answered, faqs).max(1.0))
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TermEntry {
    key: u64,
    /// The term's own weight before rarity; 0 for keys that are no terms of a text.
    pub(crate) weight: f32,
    /// FAQs with the term in a question, and in the answer.
    pub(crate) asked: u32,
    pub(crate) answered: u32,
    pub(crate) list: List,
}

/// One FAQ. Two allocations, because there are many.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doc {
    pub(crate) id: FaqId,
    /// Folded texts, one a line, question first; an empty line for a repeated or empty text.
    texts: Box<str>,
    /// `[texts, end of each text's terms .., term ids of text 1, 2 .., other term ids]`; the
    /// other ones are the answer's, the exact texts' and the affixes'.
    forward: Box<[u32]>,
}

impl Doc {
    /// Each text with its different term ids, question first.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &[u32])> {
        let count = wide(self.forward.first().copied().unwrap_or(0));
        let mut from = 1 + count;
        self.texts.split('\n').take(count).enumerate().map(move |(i, text)| {
            let end = wide(self.forward[1 + i]);
            let terms = &self.forward[from..end];
            from = end;
            (text, terms)
        })
    }

    fn term_ids(&self) -> &[u32] {
        let count = wide(self.forward.first().copied().unwrap_or(0));
        self.forward.get(1 + count..).unwrap_or(&[])
    }
}

/// What an upsert gathers before anything is changed.
#[derive(Default)]
struct Draft {
    texts: String,
    ends: Vec<usize>,
    text_keys: Vec<(u64, f32)>,
    other_keys: Vec<(u64, f32)>,
    /// (key, weight, times asked, times answered), to be merged by key.
    counts: Vec<(u64, f32, u32, u32)>,
    lengths: (usize, usize),
    live_texts: usize,
}

impl Index {
    /// Adds a FAQ or replaces the one with this id.
    pub fn upsert(&mut self, id: FaqId, text: &FaqText<'_>) {
        self.remove(id);
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None if small(self.docs.len()) >= MAX_SLOTS => return,
            None => {
                self.docs.push(Doc::default());
                self.lengths.push(Lengths::default());
                self.prints.push(0);
                small(self.docs.len() - 1)
            }
        };
        let draft = Draft::of(text);
        self.slots.insert(id, slot);
        self.count_texts(&draft.texts, true);
        self.totals.texts += draft.live_texts;
        let short = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let lengths = Lengths { asked: short(draft.lengths.0), answered: short(draft.lengths.1) };
        self.add_lengths(lengths, true);
        self.lengths[at(slot)] = lengths;
        self.prints[at(slot)] = small_hash(&draft.texts);
        for (key, weight, asked, answered) in &draft.counts {
            let term = self.term_for(*key, *weight);
            let entry = &mut self.terms[wide(term)];
            entry.asked += u32::from(*asked > 0);
            entry.answered += u32::from(*answered > 0);
            entry.list.insert(Posting::new(slot, *asked, *answered));
        }
        let forward = self.forward(&draft);
        self.docs[at(slot)] = Doc { id, texts: draft.texts.into(), forward };
    }

    /// Removes a FAQ; false if there was none with this id.
    pub fn remove(&mut self, id: FaqId) -> bool {
        let Some(slot) = self.slots.remove(&id) else {
            return false;
        };
        let doc = std::mem::take(&mut self.docs[at(slot)]);
        for term in doc.term_ids() {
            self.drop_posting(*term, slot);
        }
        self.count_texts(&doc.texts, false);
        self.totals.texts -= doc.texts().filter(|(text, _)| !text.is_empty()).count();
        let lengths = std::mem::take(&mut self.lengths[at(slot)]);
        self.add_lengths(lengths, false);
        self.free.push(slot);
        true
    }

    /// Number of FAQs.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no FAQ.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether there is a FAQ with this id.
    pub fn contains(&self, id: FaqId) -> bool {
        self.slots.contains_key(&id)
    }

    /// Estimate of the memory in use, in bytes. Walks the whole index: for a metric now and
    /// then, not for every request.
    pub fn memory_bytes(&self) -> usize {
        // A table keeps one control byte an entry and at least an eighth of it empty.
        let table = |capacity: usize, entry: usize| capacity * 8 / 7 * (entry + 1);
        let docs: usize = self.docs.iter().map(|doc| doc.texts.len() + 4 * doc.forward.len() + 32).sum();
        let lists: usize = self.terms.iter().map(|term| term.list.heap_bytes()).sum();
        docs + lists
            + self.docs.capacity() * size_of::<Doc>()
            + self.lengths.capacity() * size_of::<Lengths>()
            + self.terms.capacity() * size_of::<TermEntry>()
            + 4 * (self.prints.capacity() + self.free.capacity() + self.free_terms.capacity())
            + table(self.slots.capacity(), 16)
            + self.dictionary.heap_bytes()
            + 4 * self.grams.capacity()
    }

    pub(crate) fn term_id(&self, key: u64) -> Option<u32> {
        self.dictionary.find(key, |id| self.terms[wide(id)].key)
    }

    /// Whether a question of the FAQ has the term.
    pub(crate) fn asks(&self, term: u32, slot: u32) -> bool {
        self.terms[wide(term)].list.get(slot).is_some_and(|posting| posting.asked() > 0)
    }

    fn term_for(&mut self, key: u64, weight: f32) -> u32 {
        if let Some(id) = self.term_id(key) {
            return id;
        }
        let entry = TermEntry { key, weight, ..TermEntry::default() };
        let id = if let Some(id) = self.free_terms.pop() {
            self.terms[wide(id)] = entry;
            id
        } else {
            // Many terms: growth by a quarter wastes less than doubling.
            if self.terms.len() == self.terms.capacity() {
                self.terms.reserve_exact(self.terms.len() / 4 + 16);
            }
            self.terms.push(entry);
            small(self.terms.len() - 1)
        };
        let terms = &self.terms;
        self.dictionary.insert(id, |id| terms[wide(id)].key);
        id
    }

    fn drop_posting(&mut self, term: u32, slot: u32) {
        let entry = &mut self.terms[wide(term)];
        // A term of several texts is met several times; only the first finds its posting.
        let Some(gone) = entry.list.remove(slot) else {
            return;
        };
        entry.asked -= u32::from(gone.asked() > 0);
        entry.answered -= u32::from(gone.answered() > 0);
        if entry.asked == 0 && entry.answered == 0 {
            let key = entry.key;
            let terms = &self.terms;
            self.dictionary.remove(key, |id| terms[wide(id)].key);
            self.terms[wide(term)] = TermEntry::default();
            self.free_terms.push(term);
        }
    }

    fn add_lengths(&mut self, lengths: Lengths, add: bool) {
        let (asked, answered) = (u64::from(lengths.asked), u64::from(lengths.answered));
        let totals = &mut self.totals;
        if add {
            (totals.asked, totals.answered) = (totals.asked + asked, totals.answered + answered);
        } else {
            (totals.asked, totals.answered) = (totals.asked - asked, totals.answered - answered);
        }
    }

    /// In how many texts an n-gram occurs, or a little more.
    pub(crate) fn gram_count(&self, gram: u32) -> u32 {
        self.grams.get(gram_place(gram)).copied().unwrap_or(0)
    }

    fn count_texts(&mut self, texts: &str, add: bool) {
        if self.grams.is_empty() {
            self.grams.resize(wide(GRAM_PLACES), 0);
        }
        for gram in texts.split('\n').flat_map(grams::distinct) {
            let count = &mut self.grams[gram_place(gram)];
            *count = if add { *count + 1 } else { *count - 1 };
        }
    }

    fn forward(&self, draft: &Draft) -> Box<[u32]> {
        let head = 1 + draft.ends.len();
        let mut out = Vec::with_capacity(head + draft.text_keys.len() + draft.other_keys.len());
        out.push(small(draft.ends.len()));
        out.extend(draft.ends.iter().map(|end| small(head + end)));
        let keys = draft.text_keys.iter().chain(&draft.other_keys);
        out.extend(keys.filter_map(|(key, _)| self.term_id(*key)));
        out.into()
    }
}

fn small_hash(text: &str) -> u32 {
    let hash = hash64(PRINT, text);
    small(usize::try_from(hash >> 32).unwrap_or_default())
}

fn gram_place(gram: u32) -> usize {
    wide(gram & (GRAM_PLACES - 1))
}

impl Draft {
    fn of(faq: &FaqText<'_>) -> Self {
        let mut draft = Self::default();
        let mut seen = Vec::with_capacity(1 + faq.similar.len());
        draft.question(faq.question, &mut seen);
        for text in faq.similar {
            draft.texts.push('\n');
            draft.question(text, &mut seen);
        }
        draft.answer(faq.answer);
        draft.other_keys.sort_unstable_by_key(|k| k.0);
        draft.other_keys.dedup_by_key(|k| k.0);
        draft.counts.sort_unstable_by_key(|c| c.0);
        draft.counts.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.2 += next.2;
                kept.3 += next.3;
            }
            same
        });
        draft
    }

    fn question(&mut self, text: &str, seen: &mut Vec<u64>) {
        let (folded, _) = fold(text, MAX_CHARS);
        let exact = analyse::exact_key(&folded).filter(|key| !seen.contains(key));
        let Some(exact) = exact else {
            self.ends.push(self.text_keys.len());
            return;
        };
        seen.push(exact);
        self.other(exact);
        let terms = analyse::terms(&folded);
        for key in terms.iter().filter_map(|t| analyse::affix_keys(&t.text)).flatten() {
            self.other(key);
        }
        self.lengths.0 += terms.len();
        let mut keys: Vec<(u64, f32)> = terms.iter().map(|t| (t.key, t.weight)).collect();
        self.counts.extend(keys.iter().map(|(key, weight)| (*key, *weight, 1, 0)));
        // By key, not by id: sums over the list then do not depend on the index's history.
        keys.sort_unstable_by_key(|k| k.0);
        keys.dedup_by_key(|k| k.0);
        self.text_keys.extend(keys);
        self.ends.push(self.text_keys.len());
        self.texts.extend(folded.chars().take(GRAM_CHARS));
        self.live_texts += 1;
    }

    fn other(&mut self, key: u64) {
        self.other_keys.push((key, 0.0));
        self.counts.push((key, 0.0, 1, 0));
    }

    fn answer(&mut self, text: &str) {
        let (folded, _) = fold(text, MAX_CHARS);
        let mut keys: Vec<(u64, f32)> = Vec::with_capacity(ANSWER_TERMS);
        let mut left = ANSWER_TERMS;
        for term in analyse::terms(&folded).iter().filter(|t| tells(t)) {
            if !keys.iter().any(|k| k.0 == term.key) {
                let cost = if term.kind == TermKind::Pair { 2 } else { 1 };
                if left < cost {
                    break;
                }
                left -= cost;
                keys.push((term.key, term.weight));
            }
            self.counts.push((term.key, term.weight, 0, 1));
            self.lengths.1 += 1;
        }
        self.other_keys.extend(keys);
    }
}

/// Whether a term of an answer is worth its memory.
fn tells(term: &Term) -> bool {
    matches!(term.kind, TermKind::Word | TermKind::Whole | TermKind::Pair) && term.weight >= 0.5
}
