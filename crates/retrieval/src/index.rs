//! The index of one help desk: what is stored, and how it changes.

use crate::analyse;
use crate::counts::Counts;
use crate::dictionary::Dictionary;
use crate::doc::Doc;
use crate::grams;
use crate::num::{float, hash64, small, spread, wide};
use crate::postings::{List, MAX_SLOTS, Posting, at};
use crate::prepared::{Prepared, other_keys};

/// Decimal FAQ id.
pub type FaqId = i64;

/// Keeps the hashes of whole FAQs apart from those of terms.
const PRINT: u64 = 7;

/// The texts of one FAQ. Of each, the first [`MAX_CHARS`](crate::MAX_CHARS) characters count.
#[derive(Clone, Copy, Debug)]
pub struct FaqText<'a> {
    /// The question as the desk wrote it.
    pub question: &'a str,
    /// Other ways to ask it; texts equal to an earlier one but for punctuation change nothing.
    pub similar: &'a [String],
    /// The answer in plain text. Its first 256 different telling words (128 pairs of Chinese
    /// characters) help a little.
    pub answer: &'a str,
}

/// All FAQs of one help desk, searchable.
///
/// A change is seen by the next [`Index::rank`], costs time in proportion to the FAQ's own
/// texts, and leaves the statistics exactly as if the index had been built anew from the FAQs
/// it now has. An index holds at most 16,777,215 FAQs; a further one is not added.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// The slot of each FAQ, by the hash of its id.
    slots: Dictionary,
    pub(crate) docs: Vec<Doc>,
    /// Beside `docs`, because scoring reads lengths at every posting.
    pub(crate) lengths: Vec<Lengths>,
    free: Vec<u32>,
    dictionary: Dictionary,
    pub(crate) terms: Vec<TermEntry>,
    free_terms: Vec<u32>,
    /// The few weights that terms have; a term keeps the place of its own.
    weights: Vec<f32>,
    pub(crate) grams: Counts,
    pub(crate) totals: Totals,
    /// Bytes of documents and lists on the heap.
    heap: usize,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lengths {
    pub(crate) asked: u16,
    pub(crate) answered: u16,
}

impl Lengths {
    pub(crate) fn new(asked: usize, answered: usize) -> Self {
        let short = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        Self { asked: short(asked), answered: short(answered) }
    }
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
    /// FAQs with the term in a question.
    pub(crate) asked: u32,
    /// FAQs with the term in the answer, and above those bits the place of its weight.
    answered: u32,
    pub(crate) list: List,
}

impl TermEntry {
    /// FAQs with the term in the answer.
    pub(crate) fn answered(&self) -> u32 {
        self.answered & MAX_SLOTS
    }

    fn weight(&self) -> usize {
        wide(self.answered >> MAX_SLOTS.count_ones())
    }
}

/// Adds to a vector that is big and grows slowly: doubling would leave much of it empty.
pub(crate) fn push<T>(all: &mut Vec<T>, one: T) {
    if all.len() == all.capacity() {
        all.reserve_exact(all.len() / 8 + 16);
    }
    all.push(one);
}

impl Index {
    /// Adds a FAQ or replaces the one with this id.
    pub fn upsert(&mut self, id: FaqId, text: &FaqText<'_>) {
        self.insert(id, &Prepared::of(text));
    }

    /// [`Self::upsert`] of a FAQ that was taken apart before.
    pub fn insert(&mut self, id: FaqId, faq: &Prepared) {
        self.remove(id);
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None if small(self.docs.len()) >= MAX_SLOTS => return,
            None => {
                push(&mut self.docs, Doc::default());
                push(&mut self.lengths, Lengths::default());
                small(self.docs.len() - 1)
            }
        };
        for gram in &faq.grams {
            self.grams.add(*gram);
        }
        self.totals.texts += faq.live_texts;
        self.lengths[at(slot)] = Lengths::new(faq.asked, faq.answered);
        for count in &faq.counts {
            let term = self.term_id(count.key).unwrap_or_else(|| self.new_term(count.key, count.weight));
            let posting = Posting::new(slot, count.asked, count.answered);
            let entry = &mut self.terms[wide(term)];
            entry.asked += u32::from(count.asked > 0);
            entry.answered += u32::from(count.answered > 0);
            let before = entry.list.heap_bytes();
            entry.list.insert(posting, |slot| self.lengths[at(slot)].asked);
            self.heap = self.heap + entry.list.heap_bytes() - before;
        }
        let ids: Vec<u32> = faq.kept_keys().filter_map(|(key, _)| self.term_id(key)).collect();
        let doc = Doc::new(id, &faq.texts, faq.whole, &faq.ends, &ids);
        self.put_doc(slot, doc);
    }

    /// Puts a FAQ whose postings and lengths are there into a slot.
    pub(crate) fn put_doc(&mut self, slot: u32, doc: Doc) {
        self.add_lengths(self.lengths[at(slot)], true);
        self.heap += doc.heap_bytes();
        self.docs[at(slot)] = doc;
        let docs = &self.docs;
        self.slots.insert(slot, |slot| slot_key(docs[at(slot)].id));
    }

    /// Adds postings of new slots, whose lengths are there, to a term, with the FAQs that have it in a question and in the answer.
    pub(crate) fn add_postings(&mut self, term: u32, postings: &[Posting], [asked, answered]: [u32; 2]) {
        let entry = &mut self.terms[wide(term)];
        entry.asked += asked;
        entry.answered += answered;
        let before = entry.list.heap_bytes();
        entry.list.extend(postings, |slot| self.lengths[at(slot)].asked);
        self.heap = self.heap + entry.list.heap_bytes() - before;
    }

    /// Removes a FAQ; false if there was none with this id.
    pub fn remove(&mut self, id: FaqId) -> bool {
        let Some(slot) = self.slot(id) else {
            return false;
        };
        let docs = &self.docs;
        self.slots.remove(slot_key(id), |slot| slot_key(docs[at(slot)].id));
        let doc = std::mem::take(&mut self.docs[at(slot)]);
        self.heap -= doc.heap_bytes();
        for term in doc.term_ids().iter() {
            self.drop_posting(term, slot);
        }
        for text in doc.lines().split('\n').filter(|text| !text.is_empty()) {
            self.totals.texts -= 1;
            for gram in grams::distinct(text) {
                self.grams.subtract(gram);
            }
            if let Some(exact) = analyse::exact_key(text).filter(|_| doc.is_whole()) {
                for key in other_keys(exact, &analyse::terms(text)) {
                    if let Some(term) = self.term_id(key) {
                        self.drop_posting(term, slot);
                    }
                }
            }
        }
        let lengths = std::mem::take(&mut self.lengths[at(slot)]);
        self.add_lengths(lengths, false);
        self.free.push(slot);
        true
    }

    /// Gives back memory that was allocated ahead; for an index that has just been filled and will hardly grow.
    pub fn shrink(&mut self) {
        self.docs.shrink_to_fit();
        self.lengths.shrink_to_fit();
        self.terms.shrink_to_fit();
        self.grams.shrink();
    }

    /// Number of FAQs.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no FAQ.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is a FAQ with this id.
    pub fn contains(&self, id: FaqId) -> bool {
        self.slot(id).is_some()
    }

    /// Estimate of the memory in use, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.heap
            + self.docs.capacity() * size_of::<Doc>()
            + self.lengths.capacity() * size_of::<Lengths>()
            + self.terms.capacity() * size_of::<TermEntry>()
            + 4 * (self.free.capacity() + self.free_terms.capacity())
            + self.slots.heap_bytes()
            + self.dictionary.heap_bytes()
            + self.grams.heap_bytes()
    }

    pub(crate) fn slot(&self, id: FaqId) -> Option<u32> {
        self.slots.find(slot_key(id), |slot| slot_key(self.docs[at(slot)].id))
    }

    /// All FAQs with their slots, in any order.
    pub(crate) fn faqs(&self) -> impl Iterator<Item = (FaqId, u32)> {
        self.slots.numbers().map(|slot| (self.docs[at(slot)].id, slot))
    }

    /// Hash of a FAQ's questions, by which others see that they are still the same.
    pub(crate) fn print(&self, slot: u32) -> u32 {
        let hash = hash64(PRINT, self.docs[at(slot)].lines());
        small(usize::try_from(hash >> 32).unwrap_or_default())
    }

    /// A term's own weight before rarity; 0 for keys that are no terms of a text.
    pub(crate) fn weight(&self, term: u32) -> f32 {
        self.weights.get(self.terms[wide(term)].weight()).copied().unwrap_or(0.0)
    }

    pub(crate) fn term_id(&self, key: u64) -> Option<u32> {
        self.dictionary.find(key, |id| self.terms[wide(id)].key)
    }

    /// Orders terms by the FAQs that ask them, equals by their key: ids would depend on the index's history.
    pub(crate) fn rareness(&self, term: u32) -> (u32, u64) {
        let entry = &self.terms[wide(term)];
        (entry.asked, entry.key)
    }

    /// Whether a question of the FAQ has the term.
    pub(crate) fn asks(&self, term: u32, slot: u32) -> bool {
        self.terms[wide(term)].list.get(slot).is_some_and(|posting| posting.asked() > 0)
    }

    /// A term that is not there yet.
    pub(crate) fn new_term(&mut self, key: u64, weight: f32) -> u32 {
        let known = self.weights.iter().position(|known| known.to_bits() == weight.to_bits());
        let place = known.unwrap_or_else(|| {
            self.weights.push(weight);
            self.weights.len() - 1
        });
        let entry = TermEntry { key, answered: small(place) << MAX_SLOTS.count_ones(), ..TermEntry::default() };
        let id = if let Some(id) = self.free_terms.pop() {
            self.terms[wide(id)] = entry;
            id
        } else {
            push(&mut self.terms, entry);
            small(self.terms.len() - 1)
        };
        let terms = &self.terms;
        self.dictionary.insert(id, |id| terms[wide(id)].key);
        id
    }

    fn drop_posting(&mut self, term: u32, slot: u32) {
        let entry = &mut self.terms[wide(term)];
        let before = entry.list.heap_bytes();
        // A term of several texts is met several times; only the first finds its posting.
        let Some(gone) = entry.list.remove(slot) else {
            return;
        };
        self.heap = self.heap + entry.list.heap_bytes() - before;
        entry.asked -= u32::from(gone.asked() > 0);
        entry.answered -= u32::from(gone.answered() > 0);
        if entry.asked == 0 && entry.answered() == 0 {
            let key = entry.key;
            self.heap -= entry.list.heap_bytes();
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
        self.grams.get(gram)
    }
}

fn slot_key(id: FaqId) -> u64 {
    spread(id.cast_unsigned())
}
