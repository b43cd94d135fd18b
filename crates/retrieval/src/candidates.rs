//! From the postings to the few FAQs worth a closer look.

use std::cmp::Ordering;

use crate::index::Index;
use crate::num::{narrow, ratio, small, wide};
use crate::postings::{Cursor, List, ONCE, Posting, at};
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

    /// The most that a FAQ's rough sum can get; a little more, because sums are rounded.
    fn most(&self) -> f32 {
        1.001 * (K1 + 1.0) * (self.asked + 0.3 * self.answered)
    }

    fn add(&self, sums: &mut Sums, index: &Index, posting: Posting) {
        let lengths = index.lengths[at(posting.slot())];
        if posting.asked() > 0 {
            sums[0] += self.asked * tf(posting.asked(), lengths.asked, self.mean_asked);
            sums[2] += self.asked;
        }
        if posting.answered() > 0 {
            sums[1] += self.answered * tf(posting.answered(), lengths.answered, self.mean_answered);
        }
    }
}

/// How much a term counts that a text of this length has so many times.
#[inline]
fn tf(times: u32, length: u16, mean: f32) -> f32 {
    let times = u16::try_from(times).map_or(f32::MAX, f32::from);
    times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * f32::from(length) / mean))
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
    postings: Cursor<'a>,
    /// Postings that may still be read.
    most: usize,
    add: Add<'a>,
}

impl<'a> Source<'a> {
    fn new(list: &'a List, most: usize, add: Add<'a>) -> Self {
        Self { postings: list.read(), most, add }
    }
}

/// A list that is looked up.
type Late<'a> = (&'a List, &'a QueryTerm, Weights);

/// Which lists to read, in their order, and which to look up later.
struct Plan<'a> {
    sources: Vec<Source<'a>>,
    late: Vec<Late<'a>>,
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

/// What a term counts that is once in a text, by the text's length; longer texts are worked out one by one.
const USUAL: usize = 256;

/// The sums of a span of slots.
struct Span {
    from: u32,
    sums: Vec<Sums>,
    /// Slots that have sums, and behind those one place that is written in vain.
    touched: Vec<u32>,
    count: usize,
}

/// A span that is being read.
struct Open<'s> {
    from: u32,
    sums: &'s mut [Sums],
    touched: &'s mut [u32],
    count: usize,
}

impl Open<'_> {
    /// The sums of a slot. Whether it is met for the first time is as good as random, so there is no branch.
    #[inline]
    fn at(&mut self, slot: u32) -> &mut Sums {
        let sums = &mut self.sums[at(slot - self.from)];
        self.touched[self.count] = slot;
        self.count += usize::from(sums[0] + sums[1] + sums[3] <= 0.0);
        sums
    }
}

impl Span {
    fn new(slots: usize) -> Self {
        Self { from: 0, sums: vec![[0.0; 4]; slots], touched: vec![0; slots + 1], count: 0 }
    }

    fn read(&mut self, index: &Index, source: &mut Source<'_>, end: u32, once: &[f32; USUAL]) {
        let Source { postings, most, add } = source;
        // A copy of its own stays in registers, which fields would not.
        let mut open = Open { from: self.from, sums: &mut self.sums, touched: &mut self.touched, count: self.count };
        *most -= match add {
            Add::Bonus(bonus) => postings.below(end, *most, |posting| open.at(posting.slot())[3] += *bonus),
            Add::Term(term, weights) if term.instead.is_empty() => postings.below(end, *most, |posting| {
                let sums = open.at(posting.slot());
                let usual = once.get(usize::from(index.lengths[at(posting.slot())].asked));
                if let Some(tf) = usual.filter(|_| posting.times() == ONCE) {
                    sums[0] += weights.asked * tf;
                    sums[2] += weights.asked;
                } else {
                    weights.add(sums, index, posting);
                }
            }),
            Add::Term(term, weights) => postings.below(end, *most, |posting| {
                if let Some(weights) = weights.at(index, term, posting) {
                    weights.add(open.at(posting.slot()), index, posting);
                }
            }),
        };
        self.count = open.count;
    }

    /// Hands the sums over and is empty.
    fn drain(&mut self, best: &mut Best<'_>) {
        for slot in &self.touched[..self.count] {
            best.add((*slot, std::mem::take(&mut self.sums[at(slot - self.from)])));
        }
        self.count = 0;
    }
}

/// Reads the sources span by span; a FAQ gets its parts in the sources' order. Also answers the sums of `extra`.
fn read(index: &Index, sources: &mut [Source<'_>], extra: &[u32], best: &mut Best<'_>) -> Vec<Found> {
    let slots = small(index.docs.len());
    let (mean, _, _) = index.totals.means(index.len());
    let once = std::array::from_fn(|length| tf(1, u16::try_from(length).unwrap_or(u16::MAX), narrow(mean)));
    let mut span = Span::new(wide(SPAN.min(slots)));
    let mut extras = Vec::with_capacity(extra.len());
    for from in (0..slots).step_by(wide(SPAN)) {
        let end = from.saturating_add(SPAN).min(slots);
        span.from = from;
        for source in &mut *sources {
            span.read(index, source, end, &once);
        }
        let here = extra.iter().filter(|slot| (from..end).contains(slot));
        extras.extend(here.map(|slot| (*slot, span.sums[at(slot - from)])));
        span.drain(best);
    }
    extras
}

/// Adds what the late terms say about the best FAQs so far. Leaves out, but for `extra`, those that can no longer be one
/// of the best [`MAX_HITS`].
fn finish(index: &Index, late: &[Late<'_>], extra: &[u32], best: &mut Best<'_>, steps: &mut usize) {
    best.found.sort_unstable_by_key(|found| found.0);
    let mut rest: f32 = late.iter().map(|(_, _, weights)| weights.most()).sum();
    let mut sums: Vec<f32> = Vec::with_capacity(best.found.len());
    for (list, term, weights) in late {
        if best.found.len() > MAX_HITS {
            sums.clear();
            sums.extend(best.found.iter().map(|found| rough(&found.1)));
            let (_, least, _) = sums.select_nth_unstable_by(MAX_HITS - 1, |a, b| b.total_cmp(a));
            let least = *least * 0.9999;
            best.found.retain(|found| rough(&found.1) + rest >= least || extra.contains(&found.0));
        }
        rest -= weights.most();
        *steps += best.found.len();
        for (slot, sums) in &mut best.found {
            let posting = list.get(*slot);
            if let Some((posting, weights)) = posting.and_then(|p| Some((p, weights.at(index, term, p)?))) {
                weights.add(sums, index, posting);
            }
        }
    }
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
    finish(index, &late, extra, &mut best, steps);
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
