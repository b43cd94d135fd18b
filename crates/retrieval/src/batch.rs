//! Many FAQs taken apart together: what an index takes over in one go, and much faster than one FAQ after the other.

use crate::analyse::Stems;
use crate::counts::Places;
use crate::doc::Doc;
use crate::index::{FaqId, FaqText, Index, Lengths, push};
use crate::num::{small, wide};
use crate::postings::{MAX_SLOTS, Posting};
use crate::prepared::{Prepared, Tools};

/// FAQs from which on stems are worth keeping.
const KEEP_STEMS: usize = 50;

/// FAQs for [`Index::append`]. Of each term the index is asked once for all of them, so more FAQs in a batch cost less
/// each; some ten thousand are enough.
#[derive(Debug, Default)]
pub struct Batch {
    docs: Vec<BatchDoc>,
    /// Texts of all FAQs.
    texts: String,
    /// Ends of each text's terms, counted for each FAQ.
    ends: Vec<usize>,
    /// Numbers of the terms of all FAQs, as a [`Doc`] has them.
    numbers: Vec<u32>,
    /// Different terms; of each the postings follow those of the one before.
    terms: Vec<BatchTerm>,
    postings: Vec<Posting>,
    grams: Places,
    live_texts: usize,
}

#[derive(Debug)]
struct BatchDoc {
    id: FaqId,
    lengths: Lengths,
    whole: bool,
    /// Where its part ends among texts, ends and numbers.
    texts: usize,
    ends: usize,
    numbers: usize,
}

#[derive(Debug)]
struct BatchTerm {
    key: u64,
    weight: f32,
    /// FAQs with the term in a question, and in the answer.
    asked: u32,
    answered: u32,
    /// Postings.
    count: usize,
}

/// A key of a FAQ where it came.
#[derive(Clone, Copy, Default)]
struct Found {
    key: u64,
    posting: Posting,
    /// Its place among all.
    place: u32,
    weight: f32,
}

/// The FAQs so far, with keys in the order they came; the batch's numbers are still their places.
#[derive(Default)]
struct Collector {
    batch: Batch,
    found: Vec<Found>,
}

impl Batch {
    /// Takes FAQs apart. Where an id repeats, the last one counts.
    pub fn of<'a>(faqs: impl IntoIterator<Item = (FaqId, FaqText<'a>)>) -> Self {
        let (mut all, mut tools, mut faq) = (Collector::default(), Tools::default(), Prepared::default());
        for (id, text) in faqs {
            if all.batch.len() == KEEP_STEMS {
                tools.stems = Stems::kept();
            }
            faq.take_apart(&text, &mut tools);
            all.add(id, &faq);
        }
        all.sorted()
    }

    /// Number of FAQs, repeated ones included.
    pub fn len(&self) -> usize {
        self.docs.len()
    }

    /// Whether there is no FAQ.
    pub fn is_empty(&self) -> bool {
        self.docs.is_empty()
    }
}

impl Collector {
    fn add(&mut self, id: FaqId, faq: &Prepared) {
        let slot = small(self.batch.docs.len());
        let first = small(self.found.len());
        self.found.extend((first..).zip(&faq.counts).map(|(place, count)| {
            let posting = Posting::new(slot, count.asked, count.answered);
            Found { key: count.key, posting, place, weight: count.weight }
        }));
        let batch = &mut self.batch;
        batch.numbers.extend(faq.kept_keys().map(|(_, place)| first + place));
        for gram in &faq.grams {
            batch.grams.add(*gram);
        }
        batch.texts.push_str(&faq.texts);
        batch.ends.extend(&faq.ends);
        batch.live_texts += faq.live_texts;
        let lengths = Lengths::new(faq.asked, faq.answered);
        let (texts, ends, numbers) = (batch.texts.len(), batch.ends.len(), batch.numbers.len());
        batch.docs.push(BatchDoc { id, lengths, whole: faq.whole, texts, ends, numbers });
    }

    /// Puts each key's postings together by sorting: a table of all keys would be bigger than the processor's cache.
    fn sorted(mut self) -> Batch {
        let mut numbers = vec![0; self.found.len()];
        by_low_bits(&mut self.found);
        let Self { mut batch, mut found } = self;
        // What low bits leave apart is sorted here; of one key they are in the order they came.
        for near in found.chunk_by_mut(|a, b| low(a.key) == low(b.key)) {
            if near.iter().any(|found| found.key != near[0].key) {
                near.sort_by_key(|found| found.key);
            }
            for same in near.chunk_by(|a, b| a.key == b.key) {
                let number = small(batch.terms.len());
                let before = batch.postings.len();
                for Found { posting, place, .. } in same {
                    numbers[wide(*place)] = number;
                    match batch.postings[before..].last_mut() {
                        Some(last) if last.slot() == posting.slot() => *last = last.plus(*posting),
                        _ => batch.postings.push(*posting),
                    }
                }
                let own = &batch.postings[before..];
                let asked = small(own.iter().filter(|posting| posting.asked() > 0).count());
                let answered = small(own.iter().filter(|posting| posting.answered() > 0).count());
                let (Found { key, weight, .. }, count) = (same[0], own.len());
                batch.terms.push(BatchTerm { key, weight, asked, answered, count });
            }
        }
        for number in &mut batch.numbers {
            *number = numbers[wide(*number)];
        }
        batch
    }
}

/// Bits by which keys are sorted, half of them at a time.
const BITS: u32 = 22;

/// The bits by which a [`Dictionary`](crate::dictionary::Dictionary) places a key: keys in their order are looked up in
/// the table's order.
fn low(key: u64) -> usize {
    usize::try_from(key % (1 << BITS)).unwrap_or_default()
}

/// Sorts by the low bits of keys, equals as they came.
fn by_low_bits(found: &mut Vec<Found>) {
    const HALF: usize = 1 << (BITS / 2);
    if found.len() < HALF {
        found.sort_by_key(|found| low(found.key));
        return;
    }
    let mut sorted = vec![Found::default(); found.len()];
    for digit in [|key| low(key) % HALF, |key| low(key) / HALF] {
        let mut starts = [0; HALF];
        for found in &*found {
            starts[digit(found.key)] += 1;
        }
        let mut next = 0;
        for start in &mut starts {
            next += std::mem::replace(start, next);
        }
        for one in &*found {
            let start = &mut starts[digit(one.key)];
            sorted[*start] = *one;
            *start += 1;
        }
        std::mem::swap(found, &mut sorted);
    }
}

impl Index {
    /// Adds FAQs or replaces those with their ids, as [`Self::upsert`] of one after the other would. False, and nothing is
    /// added, if that would be more FAQs than an index holds.
    #[must_use]
    pub fn append(&mut self, batch: Batch) -> bool {
        let Batch { docs, texts, ends, mut numbers, terms, mut postings, grams, live_texts } = batch;
        let first = small(self.docs.len());
        if docs.is_empty() || small(docs.len()) > MAX_SLOTS - first {
            return docs.is_empty();
        }
        for posting in &mut postings {
            *posting = posting.moved(first);
        }
        for doc in &docs {
            push(&mut self.lengths, doc.lengths);
        }
        let mut left = postings.as_slice();
        // All at first, because each waits for memory, and so many wait at the same time.
        let known: Vec<Option<u32>> = terms.iter().map(|term| self.term_id(term.key)).collect();
        let mut ids = Vec::with_capacity(terms.len());
        for (term, known) in terms.iter().zip(known) {
            let (own, rest) = left.split_at(term.count);
            left = rest;
            let id = known.unwrap_or_else(|| self.new_term(term.key, term.weight));
            self.add_postings(id, own, [term.asked, term.answered]);
            ids.push(id);
        }
        for number in &mut numbers {
            *number = ids[wide(*number)];
        }
        self.grams.add_all(&grams);
        self.totals.texts += live_texts;
        let (mut text, mut end, mut number) = (0, 0, 0);
        for (slot, doc) in (first..).zip(docs) {
            let (texts, ends) = (&texts[text..doc.texts], &ends[end..doc.ends]);
            let one = Doc::new(doc.id, texts, doc.whole, ends, &numbers[number..doc.numbers]);
            (text, end, number) = (doc.texts, doc.ends, doc.numbers);
            self.remove(doc.id);
            push(&mut self.docs, Doc::default());
            self.put_doc(slot, one);
        }
        true
    }
}
