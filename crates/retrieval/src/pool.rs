//! The FAQs that may still be among the best while the lists of a query are read.

use std::cmp::Ordering;

use crate::candidates::{Add, MAX_HITS, Source, Sums, rough};
use crate::index::Index;
use crate::num::small;
use crate::postings::at;
use crate::span::{LEAST_SPAN, SPAN, Span};

/// A FAQ with its sums.
pub(crate) type Found = (u32, Sums);

/// Sums are rounded as they grow: only what is below another one by more than this share is surely below it.
const SURELY: f32 = 0.9999;

/// FAQs for which lists are looked up before the others.
const AHEAD: usize = 2 * MAX_HITS;

/// A rough sum that so many FAQs reach. Nothing that comes later takes that back, because sums only grow.
struct Floor {
    limit: usize,
    at: f32,
    /// Sums above, with the best ones in any case.
    above: Vec<f32>,
}

impl Floor {
    fn new(limit: usize) -> Self {
        Self { limit, at: f32::NEG_INFINITY, above: Vec::new() }
    }

    fn note(&mut self, sum: f32) {
        if sum > self.at {
            self.above.push(sum);
        }
    }

    fn settle(&mut self) {
        if self.above.len() > self.limit {
            let (_, least, _) = self.above.select_nth_unstable_by(self.limit - 1, |a, b| b.total_cmp(a));
            self.at = self.at.max(*least);
            self.above.truncate(self.limit);
        }
    }

    /// What cannot reach this is surely none of so many.
    fn least(&self) -> f32 {
        self.at * SURELY
    }
}

/// The FAQs met that may be among the best, and those that are wanted in any case.
pub(crate) struct Pool<'a> {
    index: &'a Index,
    /// Slots that are wanted in any case.
    extra: &'a [u32],
    found: Vec<Found>,
    /// Those of `extra` that are none of the best.
    apart: Vec<Found>,
    /// What [`MAX_HITS`] reach.
    hits: Floor,
    /// What so many reach by the lists that are read, if no others may be looked up.
    finished: Option<Floor>,
}

impl<'a> Pool<'a> {
    /// `finished` are the FAQs for which lists are looked up, if there are such lists.
    pub(crate) fn new(index: &'a Index, extra: &'a [u32], finished: Option<usize>) -> Self {
        let (found, apart) = (Vec::new(), Vec::new());
        Self { index, extra, found, apart, hits: Floor::new(MAX_HITS), finished: finished.map(Floor::new) }
    }

    /// Reads lists span by span; a FAQ gets its parts in the lists' order. `rest` is the most that lists to be looked up can
    /// add to a rough sum.
    pub(crate) fn read(&mut self, sources: &[Source<'_>], rest: f32) {
        let slots = small(self.index.docs.len());
        let mut span = Span::new(self.index, sources);
        let (mut from, mut size) = (0, LEAST_SPAN);
        while from < slots {
            let end = from.saturating_add(size).min(slots);
            let finished = self.finished.as_ref().map_or(0.0, Floor::least);
            let least = (self.hits.least() - rest).max(finished).max(0.0);
            for found in span.read(from, end, self.extra, least) {
                let sum = rough(&found.1);
                if sum > least || (sum > 0.0 && self.extra.contains(&found.0)) {
                    self.found.push(found);
                    self.hits.note(sum);
                    self.finished.iter_mut().for_each(|floor| floor.note(sum));
                }
            }
            self.hits.settle();
            self.finished.iter_mut().for_each(Floor::settle);
            (from, size) = (end, (2 * size).min(SPAN));
        }
    }

    /// Adds what terms say about the best FAQs by what was read, each term with the most that it and those behind it can
    /// add to a rough sum. Answers how often a list was looked up for a FAQ.
    pub(crate) fn look_up(&mut self, late: &[(Source<'_>, f32)]) -> usize {
        if let Some(floor) = &self.finished {
            self.best(floor.limit);
        }
        for slot in self.extra {
            if self.found.iter().chain(&self.apart).all(|found| found.0 != *slot) {
                self.apart.push((*slot, Sums::default()));
            }
        }
        if late.is_empty() {
            return 0;
        }
        // The first ones show what has to be reached, so that few of the others have to be looked at.
        let mut others = Vec::new();
        if self.found.len() > AHEAD {
            let order = self.order();
            self.found.select_nth_unstable_by(AHEAD, order);
            others = self.found.split_off(AHEAD);
        }
        let mut first = std::mem::take(&mut self.found);
        let mut apart = std::mem::take(&mut self.apart);
        let mut steps = self.add(late, &mut apart, f32::NEG_INFINITY) + self.add(late, &mut first, f32::NEG_INFINITY);
        self.hits.above.clear();
        for found in &first {
            self.hits.note(rough(&found.1));
        }
        self.hits.settle();
        let kept: Vec<Found> = others.iter().filter(|found| self.extra.contains(&found.0)).copied().collect();
        steps += self.add(late, &mut others, self.hits.least());
        // Those that are wanted in any case may have been left out.
        let mut kept = kept.into_iter().filter(|kept| others.iter().all(|found| found.0 != kept.0)).collect();
        steps += self.add(late, &mut kept, f32::NEG_INFINITY);
        apart.append(&mut kept);
        first.append(&mut others);
        (self.found, self.apart) = (first, apart);
        steps
    }

    /// Adds what terms say about some FAQs, and leaves those out that cannot reach `least`.
    fn add(&self, late: &[(Source<'_>, f32)], found: &mut Vec<Found>, least: f32) -> usize {
        found.sort_unstable_by_key(|found| found.0);
        let mut steps = 0;
        for (source, rest) in late {
            let Add::Term(term, weights) = source.add else { continue };
            found.retain(|found| rough(&found.1) + rest >= least);
            let mut seeker = source.entry.list.seek();
            for (slot, sums) in &mut *found {
                let posting = seeker.get(*slot);
                if let Some((posting, weights)) = posting.and_then(|p| Some((p, weights.at(self.index, term, p)?))) {
                    weights.add(sums, self.index, posting);
                }
            }
            steps += found.len();
        }
        steps
    }

    fn order(&self) -> impl Fn(&Found, &Found) -> Ordering + use<'a> {
        let index = self.index;
        let id = |found: &Found| index.docs[at(found.0)].id;
        move |a, b| rough(&b.1).total_cmp(&rough(&a.1)).then_with(|| id(a).cmp(&id(b)))
    }

    /// Leaves the best `limit`, in any order.
    fn best(&mut self, limit: usize) {
        if self.found.len() > limit {
            let order = self.order();
            self.found.select_nth_unstable_by(limit, order);
            let others = self.found.drain(limit..);
            self.apart.extend(others.filter(|found| self.extra.contains(&found.0)));
        }
    }

    /// The best [`MAX_HITS`], best first, ties by id, and behind them what else is wanted.
    pub(crate) fn sorted(mut self) -> Vec<Found> {
        self.best(MAX_HITS);
        let order = self.order();
        let Self { extra, mut found, apart, .. } = self;
        found.sort_unstable_by(order);
        for slot in extra {
            if found.iter().all(|found| found.0 != *slot) {
                found.extend(apart.iter().find(|found| found.0 == *slot));
            }
        }
        found
    }
}
