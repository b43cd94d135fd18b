//! From the postings to the few FAQs worth a closer look.

use std::cmp::Ordering;
use std::iter::{Peekable, Take};

use crate::index::Index;
use crate::num::{narrow, ratio, small, wide};
use crate::postings::{Cursor, List, Posting, at};
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

/// What each posting of a list adds.
enum Add<'a> {
    /// A bonus for having the key at all.
    Bonus(f32),
    Term(&'a QueryTerm, Weights),
}

/// A list that is being read.
struct Source<'a> {
    postings: Peekable<Take<Cursor<'a>>>,
    add: Add<'a>,
}

impl<'a> Source<'a> {
    fn new(list: &'a List, most: usize, add: Add<'a>) -> Self {
        Self { postings: list.iter().take(most).peekable(), add }
    }
}

/// Which lists to read, in their order, and which to look up later.
struct Plan<'a> {
    sources: Vec<Source<'a>>,
    late: Vec<(&'a List, &'a QueryTerm, Weights)>,
    /// Postings to be read.
    steps: usize,
}

impl<'a> Plan<'a> {
    /// The keys' lists as far as the budget goes, then the terms' lists, rarest first; what the budget leaves out is
    /// looked up for the best FAQs so far. The first list is read in any case.
    fn new(index: &'a Index, query: &'a Query) -> Self {
        let mut plan = Self { sources: Vec::new(), late: Vec::new(), steps: 0 };
        let bonuses = query.exact.iter().map(|id| (id, EXACT)).chain(query.affixes.iter().map(|id| (id, AFFIX)));
        for (id, bonus) in bonuses {
            let list = &index.terms[wide(*id)].list;
            let length = list.len().min(POSTING_BUDGET.saturating_sub(plan.steps));
            plan.sources.push(Source::new(list, length, Add::Bonus(bonus)));
            plan.steps += length;
        }
        let (mean_asked, _, mean_answered) = index.totals.means(index.len());
        let (mean_asked, mean_answered) = (narrow(mean_asked), narrow(mean_answered));
        for term in &query.known {
            let Some(id) = term.id else { continue };
            let entry = &index.terms[wide(id)];
            let (asked, answered) = (narrow(term.asked), narrow(term.answered));
            let weights = Weights { asked, answered, mean_asked, mean_answered };
            let length = wide(entry.asked.max(entry.answered()));
            if plan.steps > 0 && plan.steps + length > POSTING_BUDGET {
                plan.late.push((&entry.list, term, weights));
                continue;
            }
            plan.sources.push(Source::new(&entry.list, usize::MAX, Add::Term(term, weights)));
            plan.steps += entry.list.len();
        }
        plan
    }
}

/// A FAQ with its sums.
type Found = (u32, Sums);

/// The best FAQs of those read so far.
struct Best<'a> {
    index: &'a Index,
    limit: usize,
    found: Vec<Found>,
    /// Below this a FAQ is none of the best.
    floor: f32,
}

impl Best<'_> {
    fn order(&self) -> impl Fn(&Found, &Found) -> Ordering + use<'_> {
        |a, b| {
            let id = |found: &Found| self.index.docs[at(found.0)].id;
            rough(&b.1).total_cmp(&rough(&a.1)).then_with(|| id(a).cmp(&id(b)))
        }
    }

    fn add(&mut self, found: Found) {
        if rough(&found.1) < self.floor {
            return;
        }
        self.found.push(found);
        if self.found.len() >= 8 * self.limit {
            self.cut();
            self.floor = self.found.iter().map(|found| rough(&found.1)).fold(f32::INFINITY, f32::min);
        }
    }

    /// Leaves the best `limit`, in any order.
    fn cut(&mut self) {
        if self.found.len() > self.limit {
            let mut found = std::mem::take(&mut self.found);
            found.select_nth_unstable_by(self.limit, self.order());
            found.truncate(self.limit);
            self.found = found;
        }
    }

    /// The best `limit`, best first, ties by id.
    fn sorted(mut self, limit: usize) -> Vec<Found> {
        self.limit = limit;
        self.cut();
        let mut found = std::mem::take(&mut self.found);
        found.sort_unstable_by(self.order());
        found
    }
}

/// Slots whose sums are kept at the same time: so many fit into the processor's cache, where every posting finds its
/// sums at once.
const SPAN: u32 = 1 << 14;

/// Reads the sources span by span; a FAQ gets its parts in the sources' order. Also answers the sums of `extra`.
fn read(index: &Index, sources: &mut [Source<'_>], extra: &[u32], best: &mut Best<'_>) -> Vec<Found> {
    let slots = small(index.docs.len());
    let mut sums: Vec<Sums> = vec![[0.0; 4]; wide(SPAN.min(slots))];
    let mut touched: Vec<u32> = Vec::new();
    let mut extras = Vec::with_capacity(extra.len());
    for from in (0..slots).step_by(wide(SPAN)) {
        let span = from..from.saturating_add(SPAN).min(slots);
        for source in &mut *sources {
            while let Some(posting) = source.postings.next_if(|posting| posting.slot() < span.end) {
                let sums = &mut sums[at(posting.slot() - from)];
                let fresh = sums.iter().all(|sum| *sum <= 0.0);
                match &source.add {
                    Add::Bonus(bonus) => sums[3] += bonus,
                    Add::Term(term, weights) => match weights.at(index, term, posting) {
                        Some(weights) => weights.add(sums, index, posting),
                        None => continue,
                    },
                }
                if fresh {
                    touched.push(posting.slot());
                }
            }
        }
        extras.extend(extra.iter().filter(|slot| span.contains(slot)).map(|slot| (*slot, sums[at(slot - from)])));
        for slot in touched.drain(..) {
            best.add((slot, std::mem::take(&mut sums[at(slot - from)])));
        }
    }
    extras
}

/// The best [`MAX_HITS`] FAQs by a rough sum, best first, ties by id, and those of `extra` in any case.
/// Adds the postings read to `steps`.
pub(crate) fn find(index: &Index, query: &Query, extra: &[u32], steps: &mut usize) -> Vec<Candidate> {
    let Plan { mut sources, late, steps: read_steps } = Plan::new(index, query);
    *steps += read_steps;
    let limit = if late.is_empty() { MAX_HITS } else { FINISHED };
    let mut best = Best { index, limit, found: Vec::new(), floor: f32::NEG_INFINITY };
    let extras = read(index, &mut sources, extra, &mut best);
    best.cut();
    for (list, term, weights) in &late {
        *steps += best.found.len();
        for (slot, sums) in &mut best.found {
            let posting = list.get(*slot);
            if let Some((posting, weights)) = posting.and_then(|p| Some((p, weights.at(index, term, p)?))) {
                weights.add(sums, index, posting);
            }
        }
    }
    let finished: Vec<Found> =
        extra.iter().filter_map(|slot| best.found.iter().find(|f| f.0 == *slot).copied()).collect();
    let mut found = best.sorted(MAX_HITS);
    for slot in extra {
        if found.iter().all(|found| found.0 != *slot) {
            let sums = finished.iter().chain(&extras).find(|found| found.0 == *slot);
            found.push(sums.copied().unwrap_or((*slot, Sums::default())));
        }
    }
    found.iter().map(|(slot, sums)| candidate(query, *slot, sums)).collect()
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
