//! Reading lists for some slots at a time.
//!
//! Each list is read twice, while it is in the processor's cache. The first time estimates how high each FAQ's sum can
//! be at most, by one addition of small whole numbers for a posting; the second time works out the sums of the few FAQs
//! whose estimate is high enough.

use crate::candidates::{ANSWER_SHARE, Add, EXACT, Source, Sums, Weights, tf};
use crate::index::{Index, Lengths};
use crate::num::{narrow, small, wide};
use crate::pool::Found;
use crate::postings::{Cursor, ONCE, Posting, at};
use crate::query::QueryTerm;

/// Slots that are read at the same time: so many estimates fit into the processor's cache.
pub(crate) const SPAN: u32 = 1 << 15;

/// The first ones are fewer: until the best are known a little, all have to be worked out.
pub(crate) const LEAST_SPAN: u32 = 1 << 11;

/// What a term counts that is once in a text, by the text's length; longer texts are worked out one by one.
const USUAL: usize = 256;

/// An estimate is two whole numbers: of the questions above these bits, of the answer in them.
const ANSWER_BITS: u32 = 16;
/// Above both: the FAQ is worked out whatever its estimate.
const WANTED: u32 = 1 << 31;
/// The highest numbers.
const MOST_ASKED: u32 = (1 << 15) - 1;
const MOST_ANSWERED: u32 = (1 << ANSWER_BITS) - 1;

/// A term counts more where a text has it several times, in long texts up to that many times more. Estimates take texts
/// for no longer than this many times the mean, and count them higher in exchange.
const LONG: f32 = 2.0;

/// Estimates are rounded too.
const SURELY: f32 = 1.001;

/// How numbers of an estimate become sums, for questions or for answers.
struct Scale {
    /// What 1 is worth.
    unit: f32,
    /// No number is above.
    highest: u32,
    mean: f32,
    longest: u16,
    /// How much more a term counts that is there so many times, in a text of that length.
    times: [f32; 64],
}

impl Scale {
    fn new(mean: f32) -> Self {
        let longest = u16::try_from(whole(LONG * mean)).unwrap_or(u16::MAX);
        let times = |times| tf(small(times), longest, mean) / tf(1, longest, mean);
        Self { unit: 1.0, highest: 1, mean, longest, times: std::array::from_fn(times) }
    }

    /// Numbers of so many weights are `highest` at most together, where `sum` is the sum of the weights.
    fn fit(&mut self, sum: f32, weights: usize, highest: u32) {
        self.highest = highest;
        let levels = u16::try_from(highest.saturating_sub(small(weights))).unwrap_or(u16::MAX);
        self.unit = sum.max(f32::MIN_POSITIVE) / f32::from(levels.max(1));
    }

    /// The number for a weight that is there so many times, never too low for times that the weight's list has.
    fn number(&self, weight: f32, times: usize) -> u32 {
        if times == 0 {
            return 0;
        }
        whole(weight * self.times[times] / self.unit).min(self.highest - 1) + 1
    }

    /// The most that 1 is worth in a FAQ of this length.
    fn worth(&self, length: u16) -> f32 {
        SURELY * self.unit * tf(1, length.min(self.longest), self.mean)
    }
}

/// A number above 0 without its fraction.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is too big becomes the biggest")]
fn whole(value: f32) -> u32 {
    value as u32
}

/// A list that is being read.
struct Reading<'a> {
    postings: Cursor<'a>,
    /// Postings that may still be read.
    most: usize,
    /// Where the span begins, and its postings.
    again: (Cursor<'a>, usize),
    add: Add<'a>,
    /// Estimates by times in the questions, as far as [`TIMES`] goes, and in the answer.
    estimates: [u32; 4 * TIMES],
}

/// So many times and more have one estimate.
const TIMES: usize = 8;

/// The times that an estimate stands for.
fn taken_as(times: usize) -> usize {
    if times < TIMES - 1 { times } else { 63 }
}

/// The place of a posting's estimate.
#[inline]
fn place(posting: Posting) -> usize {
    wide(posting.asked()).min(TIMES - 1) << 2 | wide(posting.answered())
}

/// The estimates of a span of slots, and the sums of the FAQs with the highest.
pub(crate) struct Span<'a> {
    index: &'a Index,
    readings: Vec<Reading<'a>>,
    answered: Scale,
    /// The most that 1 is worth for questions of a length; longer ones are worth no more than the last.
    worth: [f32; USUAL],
    /// Bonuses that a FAQ can have whatever its estimate.
    bonus: f32,
    /// What a term counts that is once in questions of a length.
    usual: [f32; USUAL],
    from: u32,
    /// By slot, from the first of the span; then the place among the found ones plus one.
    estimates: Vec<u32>,
    /// Slots that have estimates, and behind those one place that is written in vain.
    touched: Vec<u16>,
    count: usize,
    /// Those whose estimates may be high enough.
    near: Vec<(u32, u32, Lengths)>,
    found: Vec<Found>,
}

impl<'a> Span<'a> {
    pub(crate) fn new(index: &'a Index, sources: &[Source<'a>]) -> Self {
        let (mean, _, mean_answered) = index.totals.means(index.len());
        let (mean, mean_answered) = (narrow(mean), narrow(mean_answered));
        let (mut asked, mut answered) = (Scale::new(mean), Scale::new(mean_answered));
        let (mut sums, mut bonus) = ([0.0; 2], 0.0);
        for Source { entry, add, .. } in sources {
            match add {
                Add::Bonus(one) => bonus += if *one < EXACT { *one } else { 0.0 },
                Add::Term(_, weights) => {
                    let peak = entry.list.peak();
                    sums[0] += weights.asked * asked.times[taken_as(wide(peak.asked))];
                    sums[1] += weights.answered * answered.times[wide(peak.answered)];
                }
            }
        }
        asked.fit(sums[0], sources.len(), MOST_ASKED);
        answered.fit(sums[1], sources.len(), MOST_ANSWERED);
        let length = |length| u16::try_from(length).unwrap_or(u16::MAX);
        let worth = std::array::from_fn(|at| asked.worth(length(at)));
        let usual = std::array::from_fn(|at| tf(1, length(at), mean));
        let readings = sources.iter().map(|Source { entry, length, add }| {
            let estimates = match add {
                Add::Bonus(one) => [(1 << ANSWER_BITS) | if *one < EXACT { 0 } else { WANTED }; 4 * TIMES],
                Add::Term(_, weights) => estimates(&asked, &answered, *weights),
            };
            let again = (Cursor::default(), 0);
            Reading { postings: entry.list.read(), most: *length, again, add: *add, estimates }
        });
        let readings = readings.collect();
        let slots = wide(SPAN).min(index.docs.len());
        let (estimates, touched) = (vec![0; slots], vec![0; slots + 1]);
        let (near, found) = (Vec::new(), Vec::new());
        Self { index, readings, answered, worth, bonus, usual, from: 0, estimates, touched, count: 0, near, found }
    }

    /// Works out the sums of those from `from` to `end` that may have a rough sum of `least` or more, and of those of
    /// `extra` that have any; perhaps of some others too.
    pub(crate) fn read(&mut self, from: u32, end: u32, extra: &[u32], least: f32) -> impl Iterator<Item = Found> {
        self.from = from;
        self.estimate(end);
        for slot in extra.iter().filter(|slot| (from..end).contains(slot)) {
            let estimate = &mut self.estimates[at(slot - from)];
            *estimate |= if *estimate > 0 { WANTED } else { 0 };
        }
        self.choose(least);
        if !self.found.is_empty() {
            self.work_out();
        }
        for (slot, _) in &self.found {
            self.estimates[at(slot - from)] = 0;
        }
        self.found.drain(..)
    }

    /// Reads the span for estimates.
    fn estimate(&mut self, end: u32) {
        let from = self.from;
        let (estimates, touched, mut count) = (&mut self.estimates[..], &mut self.touched[..], 0);
        // Whether a slot is met for the first time is as good as random, so there is no branch.
        let mut add = |slot: u32, more: u32| {
            let low = slot - from;
            let estimate = &mut estimates[at(low)];
            touched[count] = low.to_le_bytes().first_chunk().map_or(0, |low| u16::from_le_bytes(*low));
            count += usize::from(*estimate == 0);
            *estimate += more;
        };
        for Reading { postings, most, again, add: what, estimates } in &mut self.readings {
            let begin = postings.clone();
            let meant = matches!(what, Add::Term(term, _) if !term.instead.is_empty());
            let read = postings.below(end, *most, |posting| {
                // What is meant by other words says nothing of an answer.
                if !meant || posting.asked() > 0 {
                    add(posting.slot(), estimates[place(posting)]);
                }
            });
            *most -= read;
            *again = (begin, read);
        }
        self.count = count;
    }

    /// Leaves the estimates of no FAQ but those that are worked out, which get their places instead.
    fn choose(&mut self, least: f32) {
        let least = least - self.bonus;
        // No estimate of questions alone that is lower is high enough, however short they are.
        let lowest = whole((least / self.worth[0]).clamp(0.0, 32_767.0)) << ANSWER_BITS;
        self.near.clear();
        for low in &self.touched[..self.count] {
            let estimate = std::mem::take(&mut self.estimates[usize::from(*low)]);
            if estimate >= lowest || estimate & MOST_ANSWERED > 0 {
                self.near.push((self.from + u32::from(*low), estimate, Lengths::default()));
            }
        }
        // Lengths are not in the cache: asked for one after the other, they are waited for together.
        for (slot, _, lengths) in &mut self.near {
            *lengths = self.index.lengths[at(*slot)];
        }
        for (slot, estimate, lengths) in &self.near {
            let number = |number: u32| u16::try_from(number).map_or(f32::MAX, f32::from);
            let (asked, answered) = (number((estimate & !WANTED) >> ANSWER_BITS), number(estimate & MOST_ANSWERED));
            let answer = if answered > 0.0 { answered * self.answered.worth(lengths.answered) } else { 0.0 };
            let most = asked * self.worth[usize::from(lengths.asked).min(USUAL - 1)] + ANSWER_SHARE * answer;
            if *estimate >= WANTED || most >= least {
                self.found.push((*slot, Sums::default()));
                self.estimates[at(slot - self.from)] = small(self.found.len());
            }
        }
    }

    /// Reads the span again for the sums of those found.
    fn work_out(&mut self) {
        let Self { index, readings, usual, from, estimates, found, .. } = self;
        for Reading { again: (postings, most), add, .. } in readings {
            let sums = |slot: u32| estimates[at(slot - *from)].checked_sub(1).map(wide);
            match add {
                Add::Bonus(bonus) => postings.below(u32::MAX, *most, |posting| {
                    if let Some(place) = sums(posting.slot()) {
                        found[place].1[3] += *bonus;
                    }
                }),
                Add::Term(term, weights) => postings.below(u32::MAX, *most, |posting| {
                    if let Some(place) = sums(posting.slot()) {
                        add_to(&mut found[place].1, index, term, *weights, posting, usual);
                    }
                }),
            };
        }
    }
}

/// The estimates of what postings of a term add.
fn estimates(asked: &Scale, answered: &Scale, weights: Weights) -> [u32; 4 * TIMES] {
    let asks: [u32; TIMES] = std::array::from_fn(|times| asked.number(weights.asked, taken_as(times)) << ANSWER_BITS);
    let answers: [u32; 4] = std::array::from_fn(|times| answered.number(weights.answered, times));
    std::array::from_fn(|at| asks[at >> 2] | answers[at & 3])
}

/// Adds a posting's parts to the sums of its FAQ.
fn add_to(sums: &mut Sums, index: &Index, term: &QueryTerm, weights: Weights, posting: Posting, usual: &[f32; USUAL]) {
    if term.instead.is_empty()
        && posting.times() == ONCE
        && let Some(tf) = usual.get(usize::from(index.lengths[at(posting.slot())].asked))
    {
        sums[0] += weights.asked * tf;
        sums[2] += weights.asked;
    } else if let Some(weights) = weights.at(index, term, posting) {
        weights.add(sums, index, posting);
    }
}
