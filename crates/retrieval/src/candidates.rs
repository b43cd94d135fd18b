//! From the postings to the few FAQs worth a closer look.

use crate::index::{Index, TermEntry};
use crate::num::{narrow, ratio, wide};
use crate::pool::Pool;
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

/// What the answer counts beside the questions when candidates are chosen.
pub(crate) const ANSWER_SHARE: f32 = 0.3;

/// Added where a text equals the query, so that no other sum comes near.
pub(crate) const EXACT: f32 = 1e6;

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
pub(crate) type Sums = [f32; 4];

/// BM25's part that depends on the list alone.
#[derive(Clone, Copy)]
pub(crate) struct Weights {
    pub(crate) asked: f32,
    pub(crate) answered: f32,
    mean_asked: f32,
    mean_answered: f32,
}

impl Weights {
    /// Those for one FAQ. None if words that stand for the term say nothing of it: the FAQ has them itself, or has the
    /// term only in its answer.
    pub(crate) fn at(self, index: &Index, term: &QueryTerm, posting: Posting) -> Option<Self> {
        if term.instead.is_empty() {
            return Some(self);
        }
        let asked = narrow(term.mass_beside(|id| index.asks(id, posting.slot())));
        (asked > 0.0 && posting.asked() > 0).then_some(Self { asked, ..self })
    }

    /// The most that a FAQ's rough sum can get from the list; a little more, because sums are rounded.
    fn most(&self, entry: &TermEntry) -> f32 {
        let peak = entry.list.peak();
        let part = |there: u32, weight: f32, best: f32| if there > 0 { weight * best } else { 0.0 };
        let asked = part(entry.asked, self.asked, tf(peak.asked, peak.shortest, self.mean_asked));
        let answered = part(entry.answered(), self.answered, tf(peak.answered, 0, self.mean_answered));
        1.001 * (asked + ANSWER_SHARE * answered)
    }

    pub(crate) fn add(&self, sums: &mut Sums, index: &Index, posting: Posting) {
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
pub(crate) fn tf(times: u32, length: u16, mean: f32) -> f32 {
    let times = u16::try_from(times).map_or(f32::MAX, f32::from);
    times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * f32::from(length) / mean))
}

/// The sum by which candidates are chosen.
#[inline]
pub(crate) fn rough(sums: &Sums) -> f32 {
    sums[0] + ANSWER_SHARE * sums[1] + sums[3]
}

/// What each posting of a list adds.
#[derive(Clone, Copy)]
pub(crate) enum Add<'a> {
    /// A bonus for having the key at all.
    Bonus(f32),
    Term(&'a QueryTerm, Weights),
}

/// A list of a query.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) entry: &'a TermEntry,
    /// Postings that count, from the first.
    pub(crate) length: usize,
    pub(crate) add: Add<'a>,
}

/// The lists of a query, in the order in which each FAQ's sums get their parts.
struct Plan<'a> {
    /// Lists that the budget has room for.
    sources: Vec<Source<'a>>,
    /// Lists that are looked up for the best FAQs so far, each with the most that it and those behind it can add to a
    /// FAQ's rough sum.
    late: Vec<(Source<'a>, f32)>,
    /// Postings of the sources.
    steps: usize,
}

impl<'a> Plan<'a> {
    /// The keys' lists as far as the budget goes, then the terms' lists, rarest first. The first list is read in any
    /// case.
    fn new(index: &'a Index, query: &'a Query, budget: usize) -> Self {
        let mut plan = Self { sources: Vec::new(), late: Vec::new(), steps: 0 };
        let bonuses = query.exact.iter().map(|id| (id, EXACT)).chain(query.affixes.iter().map(|id| (id, AFFIX)));
        for (id, bonus) in bonuses {
            let entry = &index.terms[wide(*id)];
            let length = entry.list.len().min(budget.saturating_sub(plan.steps));
            plan.sources.push(Source { entry, length, add: Add::Bonus(bonus) });
            plan.steps += length;
        }
        let (mean_asked, _, mean_answered) = index.totals.means(index.len());
        let (mean_asked, mean_answered) = (narrow(mean_asked), narrow(mean_answered));
        for term in &query.known {
            let Some(id) = term.id else { continue };
            let entry = &index.terms[wide(id)];
            let (asked, answered) = (narrow(term.asked), narrow(term.answered));
            let weights = Weights { asked, answered, mean_asked, mean_answered };
            let most = wide(entry.asked.max(entry.answered()));
            let source = Source { entry, length: entry.list.len(), add: Add::Term(term, weights) };
            if plan.steps > 0 && plan.steps + most > budget {
                plan.late.push((source, weights.most(entry)));
                continue;
            }
            plan.steps += source.length;
            plan.sources.push(source);
        }
        let mut rest = 0.0;
        for (_, most) in plan.late.iter_mut().rev() {
            rest += *most;
            *most = rest;
        }
        plan
    }
}

/// The best [`MAX_HITS`] FAQs by a rough sum, best first, ties by id, and those of `extra` in any case.
/// Adds the postings read and looked up to `steps`.
pub(crate) fn find(index: &Index, query: &Query, extra: &[u32], steps: &mut usize) -> Vec<Candidate> {
    find_within(index, query, extra, (POSTING_BUDGET, FINISHED), steps)
}

/// [`find`] with another budget, and another number of FAQs that lists are looked up for.
fn find_within(
    index: &Index,
    query: &Query,
    extra: &[u32],
    (budget, finished): (usize, usize),
    steps: &mut usize,
) -> Vec<Candidate> {
    let plan = Plan::new(index, query, budget);
    *steps += plan.steps;
    let finished = (!plan.late.is_empty()).then_some(finished);
    let rest = plan.late.first().map_or(0.0, |(_, rest)| *rest);
    let mut pool = Pool::new(index, extra, finished);
    pool.read(&plan.sources, rest);
    *steps += pool.look_up(&plan.late);
    let found = pool.sorted();
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

#[cfg(test)]
#[path = "candidates_tests.rs"]
mod tests;
