//! From the postings to the few FAQs worth a closer look.

use crate::index::Index;
use crate::num::{ratio, wide};
use crate::postings::{Posting, at};
use crate::query::{Query, QueryTerm};

/// FAQs that get a closer look, and the most hits a ranking has.
pub const MAX_HITS: usize = 32;

/// Postings read for a query. Reached on desks of some 30,000 FAQs and more only; the commonest
/// terms, which are read last, then count only for the FAQs found by the rarer ones.
const POSTING_BUDGET: usize = 100_000;

/// FAQs for which terms beyond the budget are looked up one by one.
const FINISHED: usize = 512;

/// BM25's usual constants.
const K1: f32 = 1.2;
const B: f32 = 0.75;

/// Added where a text equals the query, so that no other sum comes near.
const EXACT: f32 = 1e6;

/// Added for the first or last letters of a word no FAQ has.
const AFFIX: f32 = 1.0;

/// What the postings say about one FAQ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) slot: u32,
    /// BM25 of the questions together and of the answer, as shares of the best possible.
    pub(crate) asked: f64,
    pub(crate) answered: f64,
    /// Share of the query's mass that occurs in the questions together.
    pub(crate) covered: f64,
    pub(crate) exact: bool,
}

/// Sums while reading: BM25 questions, BM25 answer, covered mass, other keys.
type Sums = [f32; 4];

/// BM25's part that depends on the list alone.
#[derive(Clone, Copy)]
struct Weights {
    asked: f32,
    answered: f32,
    mean_asked: f32,
    mean_answered: f32,
}

#[expect(clippy::cast_possible_truncation, reason = "sums need no more than an f32's precision")]
fn narrow(value: f64) -> f32 {
    value as f32
}

impl Weights {
    /// Those for one FAQ. None if words that stand for the term say nothing of it: the FAQ has them itself, or has the
    /// term only in its answer.
    fn at(self, index: &Index, term: &QueryTerm, posting: Posting) -> Option<Self> {
        if term.instead.is_empty() {
            return Some(self);
        }
        let asked = narrow(term.mass_beside(|id| index.asks(id, posting.slot())));
        (asked > 0.0 && posting.asked() > 0).then_some(Self { asked, ..self })
    }

    fn add(&self, sums: &mut Sums, index: &Index, posting: Posting) {
        let lengths = index.lengths[at(posting.slot())];
        let tf = |times: u32, length: u16, mean: f32| {
            let times = u16::try_from(times).map_or(f32::MAX, f32::from);
            times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * f32::from(length) / mean))
        };
        if posting.asked() > 0 {
            sums[0] += self.asked * tf(posting.asked(), lengths.asked, self.mean_asked);
            sums[2] += self.asked;
        }
        if posting.answered() > 0 {
            sums[1] += self.answered * tf(posting.answered(), lengths.answered, self.mean_answered);
        }
    }
}

/// The sum by which candidates are chosen.
fn rough(sums: &Sums) -> f32 {
    sums[0] + 0.3 * sums[1] + sums[3]
}

/// The sums of every FAQ, with the slots whose sums are above 0.
struct Reading<'a> {
    index: &'a Index,
    sums: Vec<Sums>,
    touched: Vec<u32>,
    steps: usize,
}

impl Reading<'_> {
    fn at(&mut self, slot: u32) -> &mut Sums {
        let sums = &mut self.sums[at(slot)];
        if sums.iter().all(|sum| *sum <= 0.0) {
            self.touched.push(slot);
        }
        self.steps += 1;
        sums
    }

    /// Adds `bonus` to the FAQs of an entry, as far as the budget goes.
    fn read_key(&mut self, id: u32, bonus: f32) {
        let index = self.index;
        let left = POSTING_BUDGET.saturating_sub(self.steps);
        for posting in index.terms[wide(id)].list.pieces().flatten().take(left) {
            self.at(posting.slot())[3] += bonus;
        }
    }

    /// Reads the terms' lists, rarest first; what the budget leaves out is looked up for the
    /// best FAQs so far. The first list is read in any case.
    fn read_terms(&mut self, query: &Query) {
        let index = self.index;
        let (mean_asked, _, mean_answered) = index.totals.means(index.len());
        let mut late = Vec::new();
        for term in &query.known {
            let Some(id) = term.id else { continue };
            let entry = &index.terms[wide(id)];
            let weights = Weights {
                asked: narrow(term.asked),
                answered: narrow(term.answered),
                mean_asked: narrow(mean_asked),
                mean_answered: narrow(mean_answered),
            };
            let length = wide(entry.asked.max(entry.answered));
            if self.steps > 0 && self.steps + length > POSTING_BUDGET {
                late.push((term, entry, weights));
                continue;
            }
            for posting in entry.list.pieces().flatten() {
                if let Some(weights) = weights.at(index, term, *posting) {
                    weights.add(self.at(posting.slot()), index, *posting);
                }
            }
        }
        if late.is_empty() {
            return;
        }
        self.keep_best(FINISHED);
        for (term, entry, weights) in &late {
            self.steps += self.touched.len();
            for slot in &self.touched {
                let posting = entry.list.get(*slot);
                if let Some((posting, weights)) = posting.and_then(|p| Some((p, weights.at(index, term, p)?))) {
                    weights.add(&mut self.sums[at(*slot)], index, posting);
                }
            }
        }
    }

    /// Leaves the best `limit` slots, best first, ties by id.
    fn keep_best(&mut self, limit: usize) {
        let (sums, index) = (&self.sums, self.index);
        let better = |a: &u32, b: &u32| {
            let (x, y) = (rough(&sums[at(*a)]), rough(&sums[at(*b)]));
            y.total_cmp(&x).then_with(|| index.docs[at(*a)].id.cmp(&index.docs[at(*b)].id))
        };
        if self.touched.len() > limit {
            self.touched.select_nth_unstable_by(limit, better);
            self.touched.truncate(limit);
        }
        self.touched.sort_unstable_by(better);
    }
}

/// The best [`MAX_HITS`] FAQs by a rough sum, best first, ties by id, and those of `extra` in any case.
/// Adds the postings read to `steps`.
pub(crate) fn find(index: &Index, query: &Query, extra: &[u32], steps: &mut usize) -> Vec<Candidate> {
    let sums = vec![[0.0; 4]; index.docs.len()];
    let mut reading = Reading { index, sums, touched: Vec::new(), steps: 0 };
    if let Some(id) = query.exact {
        reading.read_key(id, EXACT);
    }
    for id in &query.affixes {
        reading.read_key(*id, AFFIX);
    }
    reading.read_terms(query);
    reading.keep_best(MAX_HITS);
    for slot in extra {
        if !reading.touched.contains(slot) {
            reading.touched.push(*slot);
        }
    }
    *steps += reading.steps;
    reading.touched.iter().map(|slot| candidate(query, *slot, &reading.sums[at(*slot)])).collect()
}

fn candidate(query: &Query, slot: u32, sums: &Sums) -> Candidate {
    let most = f64::from(K1 + 1.0);
    Candidate {
        slot,
        asked: ratio(f64::from(sums[0]), query.mass * most).min(1.0),
        answered: ratio(f64::from(sums[1]), query.answer_mass * most).min(1.0),
        covered: ratio(f64::from(sums[2]), query.mass).min(1.0),
        exact: sums[3] >= EXACT,
    }
}
