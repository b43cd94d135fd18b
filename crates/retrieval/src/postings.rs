//! Lists of the FAQs that contain a term.

use thin_vec::ThinVec;

pub(crate) use crate::block::ONCE;
use crate::block::{BLOCK, Block};
use crate::num::wide;

/// One entry in 32 bits: slot (24), times in the questions (6), times in the answer (2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Posting(u32);

/// Most slots there can be, so that one, and a count of them, is 24 bits.
pub(crate) const MAX_SLOTS: u32 = (1 << 24) - 1;

impl Posting {
    pub(crate) fn new(slot: u32, asked: u32, answered: u32) -> Self {
        Self(slot << 8 | asked.min(63) << 2 | answered.min(3))
    }
    pub(crate) fn slot(self) -> u32 {
        self.0 >> 8
    }
    /// Both times added to those of another posting of the slot.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self::new(self.slot(), self.asked() + other.asked(), self.answered() + other.answered())
    }
    /// With both times as one number.
    pub(crate) fn timed(slot: u32, times: u8) -> Self {
        Self(slot << 8 | u32::from(times))
    }
    /// The same so many slots behind.
    pub(crate) fn moved(self, slots: u32) -> Self {
        Self(self.0 + (slots << 8))
    }
    /// Both times as one number.
    pub(crate) fn times(self) -> u8 {
        self.0.to_le_bytes()[0]
    }
    /// Times in question and similar questions, 0..=63.
    pub(crate) fn asked(self) -> u32 {
        (self.0 >> 2) & 63
    }
    /// Times in the answer, 0..=3.
    pub(crate) fn answered(self) -> u32 {
        self.0 & 3
    }
}

/// Postings sorted by slot. Most terms are in one or two FAQs, so short lists live in place; long ones are cut into
/// packed blocks, so that an insertion never moves more than one block.
#[derive(Clone, Debug)]
pub(crate) enum List {
    Short(u8, [Posting; SHORT]),
    /// One pointer wide, because these are many.
    Flat(ThinVec<Posting>),
    Blocks(Box<Blocks>),
}

const SHORT: usize = 3;
const FLAT: usize = 256;

impl Default for List {
    fn default() -> Self {
        Self::Short(0, [Posting(0); SHORT])
    }
}

impl List {
    /// The postings, in order.
    pub(crate) fn read(&self) -> Cursor<'_> {
        match self {
            Self::Short(len, items) => Cursor { plain: &items[..usize::from(*len)], ..Cursor::default() },
            Self::Flat(items) => Cursor { plain: items, ..Cursor::default() },
            Self::Blocks(blocks) => Cursor { blocks: &blocks.all, ..Cursor::default() },
        }
    }

    pub(crate) fn get(&self, slot: u32) -> Option<Posting> {
        let plain: &[Posting] = match self {
            Self::Short(len, items) => &items[..usize::from(*len)],
            Self::Flat(items) => items,
            Self::Blocks(blocks) => {
                let block = blocks.all.get(blocks.of(slot))?;
                return Some(block.posting(block.find(slot)?));
            }
        };
        let at = plain.binary_search_by_key(&slot, |p| p.slot()).ok()?;
        Some(plain[at])
    }

    /// Adds a posting whose slot is not in the list. `length` tells how long a slot's questions are.
    pub(crate) fn insert(&mut self, posting: Posting, length: impl Fn(u32) -> u16) {
        match self {
            Self::Short(len, items) => {
                let n = usize::from(*len);
                let at = items[..n].partition_point(|p| p.slot() < posting.slot());
                if n < SHORT {
                    items.copy_within(at..n, at + 1);
                    items[at] = posting;
                    *len += 1;
                } else {
                    let mut flat = ThinVec::with_capacity(SHORT + 1);
                    flat.extend_from_slice(items);
                    flat.insert(at, posting);
                    *self = Self::Flat(flat);
                }
            }
            Self::Flat(items) if items.len() < FLAT => {
                let at = items.partition_point(|p| p.slot() < posting.slot());
                // Growth by an eighth instead of by doubling: lists are many and mostly grow slowly.
                if items.len() == items.capacity() {
                    items.reserve_exact(items.len() / 8 + 2);
                }
                items.insert(at, posting);
            }
            Self::Flat(items) => {
                let mut blocks = Blocks::default();
                blocks.extend(items, &length);
                blocks.peak.raise(posting, &length);
                blocks.insert(posting);
                *self = Self::Blocks(Box::new(blocks));
            }
            Self::Blocks(blocks) => {
                blocks.peak.raise(posting, &length);
                blocks.insert(posting);
            }
        }
    }

    /// Adds postings in order whose slots are all above those in the list, as [`Self::insert`] does.
    pub(crate) fn extend(&mut self, postings: &[Posting], length: impl Fn(u32) -> u16) {
        let plain: &[Posting] = match self {
            Self::Short(len, items) => {
                let n = usize::from(*len);
                if let Some(free) = items.get_mut(n..n + postings.len()) {
                    free.copy_from_slice(postings);
                    *len += u8::try_from(postings.len()).unwrap_or_default();
                    return;
                }
                &items[..n]
            }
            Self::Flat(items) if items.len() + postings.len() <= FLAT => {
                if items.len() + postings.len() > items.capacity() {
                    items.reserve_exact(postings.len() + items.len() / 8);
                }
                items.extend_from_slice(postings);
                return;
            }
            Self::Flat(items) => items,
            Self::Blocks(blocks) => return blocks.extend(postings, &length),
        };
        if plain.len() + postings.len() <= FLAT {
            let mut flat = ThinVec::with_capacity(plain.len() + postings.len());
            flat.extend_from_slice(plain);
            flat.extend_from_slice(postings);
            *self = Self::Flat(flat);
        } else {
            let mut blocks = Blocks::default();
            blocks.extend(plain, &length);
            blocks.extend(postings, &length);
            *self = Self::Blocks(Box::new(blocks));
        }
    }

    /// Removes a slot's posting and returns it.
    pub(crate) fn remove(&mut self, slot: u32) -> Option<Posting> {
        match self {
            Self::Short(len, items) => {
                let n = usize::from(*len);
                let at = items[..n].iter().position(|p| p.slot() == slot)?;
                let gone = items[at];
                items.copy_within(at + 1..n, at);
                *len -= 1;
                Some(gone)
            }
            Self::Flat(items) => {
                let at = items.binary_search_by_key(&slot, |p| p.slot()).ok()?;
                Some(items.remove(at))
            }
            Self::Blocks(blocks) => blocks.remove(slot),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Short(len, _) => usize::from(*len),
            Self::Flat(items) => items.len(),
            Self::Blocks(blocks) => blocks.len,
        }
    }

    /// What none of its postings is beyond; of a short list little is known.
    pub(crate) fn peak(&self) -> Peak {
        match self {
            Self::Short(..) | Self::Flat(_) => Peak { asked: 63, answered: 3, shortest: 0 },
            Self::Blocks(blocks) => blocks.peak,
        }
    }

    /// For looking slots up in their order.
    pub(crate) fn seek(&self) -> Seeker<'_> {
        let Cursor { plain, blocks, done } = self.read();
        Seeker { plain, blocks, done }
    }

    /// Bytes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Short(..) => 0,
            Self::Flat(items) => 4 * items.capacity() + 32,
            Self::Blocks(blocks) => blocks.bytes + size_of::<Block>() * blocks.all.capacity() + 64,
        }
    }
}

/// What no posting of a list is beyond. What is taken out does not lower it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peak {
    /// Most times in a FAQ's questions, and in an answer.
    pub(crate) asked: u32,
    pub(crate) answered: u32,
    /// Length of the shortest questions.
    pub(crate) shortest: u16,
}

impl Default for Peak {
    fn default() -> Self {
        Self { asked: 0, answered: 0, shortest: u16::MAX }
    }
}

impl Peak {
    #[inline]
    fn raise(&mut self, posting: Posting, length: impl Fn(u32) -> u16) {
        self.asked = self.asked.max(posting.asked());
        self.answered = self.answered.max(posting.answered());
        self.shortest = self.shortest.min(length(posting.slot()));
    }
}

/// A long list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocks {
    all: Vec<Block>,
    peak: Peak,
    /// Postings in all of them.
    len: usize,
    /// Bytes of all blocks' own allocations.
    bytes: usize,
}

impl Blocks {
    /// The block that has or would have the slot.
    fn of(&self, slot: u32) -> usize {
        self.all.partition_point(|block| block.base <= slot).saturating_sub(1)
    }

    fn put(&mut self, at: usize, block: Block) {
        // Growth by a quarter, for the reason above.
        if self.all.len() == self.all.capacity() {
            self.all.reserve_exact(self.all.len() / 4 + 2);
        }
        self.bytes += block.heap_bytes();
        self.all.insert(at, block);
    }

    /// Does something with a block and counts its bytes anew.
    fn change<T>(&mut self, at: usize, work: impl FnOnce(&mut Block) -> T) -> T {
        let block = &mut self.all[at];
        self.bytes -= block.heap_bytes();
        let done = work(block);
        self.bytes += block.heap_bytes();
        done
    }

    /// Adds postings in order behind all others.
    fn extend(&mut self, postings: &[Posting], length: impl Fn(u32) -> u16) {
        for posting in postings {
            self.peak.raise(*posting, &length);
        }
        self.append(postings);
    }

    fn append(&mut self, postings: &[Posting]) {
        self.len += postings.len();
        let mut left = postings;
        while let Some(next) = left.first() {
            let last = self.all.len().checked_sub(1);
            let open = last.filter(|at| self.all[*at].reaches(next.slot()) && self.all[*at].lows.len() < BLOCK);
            let Some(at) = open else {
                // Filling in order leaves full blocks behind instead of half-full ones.
                if let Some(at) = last {
                    self.change(at, Block::shrink);
                }
                self.put(self.all.len(), Block { base: next.slot(), ..Block::default() });
                continue;
            };
            left = self.change(at, |block| block.extend(left));
        }
    }

    fn insert(&mut self, posting: Posting) {
        let at = self.of(posting.slot());
        let tail = at + 1 >= self.all.len();
        let Some(block) = self.all.get(at) else {
            return self.append(&[posting]);
        };
        if tail && block.last() < Some(posting.slot()) {
            return self.append(&[posting]);
        }
        self.len += 1;
        if !block.reaches(posting.slot()) {
            let after = usize::from(posting.slot() > block.base);
            self.put(at + after, Block::of(posting));
            return;
        }
        let full = block.lows.len() >= BLOCK;
        let rest = self.change(at, |block| {
            let rest = full.then(|| block.split());
            match rest {
                Some(mut rest) if rest.base <= posting.slot() => {
                    rest.insert(posting);
                    Some(rest)
                }
                rest => {
                    block.insert(posting);
                    rest
                }
            }
        });
        if let Some(rest) = rest {
            self.put(at + 1, rest);
        }
    }

    fn remove(&mut self, slot: u32) -> Option<Posting> {
        let at = self.of(slot);
        let place = self.all.get(at)?.find(slot)?;
        let gone = self.change(at, |block| block.remove(place));
        self.len -= 1;
        if self.all[at].lows.is_empty() {
            self.bytes -= self.all[at].heap_bytes();
            self.all.remove(at);
        }
        Some(gone)
    }
}

/// Where a reader is in a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cursor<'a> {
    plain: &'a [Posting],
    blocks: &'a [Block],
    /// Postings of the first block that were read.
    done: usize,
}

impl Cursor<'_> {
    /// Reads on up to `end`, at most `most` postings, and answers how many those were.
    #[inline]
    pub(crate) fn below(&mut self, end: u32, most: usize, mut each: impl FnMut(Posting)) -> usize {
        let mut read = 0;
        while let Some((posting, rest)) = self.plain.split_first()
            && posting.slot() < end
            && read < most
        {
            self.plain = rest;
            read += 1;
            each(*posting);
        }
        while let Some((block, rest)) = self.blocks.split_first()
            && block.base < end
            && read < most
        {
            // The next block tells without a look into this one, which may have to be waited for.
            let whole = rest.first().map_or_else(|| block.last() < Some(end), |next| next.base <= end);
            let lows = &block.lows[self.done..];
            let there = if whole { lows.len() } else { reach(lows, |low| block.base + u32::from(*low) < end) };
            let now = there.min(most - read);
            let slots = lows[..now].iter().map(|low| (block.base + u32::from(*low)) << 8);
            if block.times.is_empty() {
                slots.for_each(|slot| each(Posting(slot | u32::from(ONCE))));
            } else {
                let times = &block.times[self.done..];
                slots.zip(times).for_each(|(slot, times)| each(Posting(slot | u32::from(*times))));
            }
            read += now;
            if self.done + now < block.lows.len() {
                self.done += now;
                break;
            }
            (self.blocks, self.done) = (rest, 0);
        }
        read
    }
}

/// Where a search of rising slots is in a list.
#[derive(Clone, Debug)]
pub(crate) struct Seeker<'a> {
    plain: &'a [Posting],
    blocks: &'a [Block],
    /// Postings of the first block that are behind.
    done: usize,
}

impl Seeker<'_> {
    /// The slot's posting. No slot may come after a higher one.
    pub(crate) fn get(&mut self, slot: u32) -> Option<Posting> {
        if self.blocks.is_empty() {
            self.plain = &self.plain[reach(self.plain, |posting| posting.slot() < slot)..];
            return self.plain.first().copied().filter(|posting| posting.slot() == slot);
        }
        let behind = reach(&self.blocks[1..], |block| block.base <= slot);
        (self.blocks, self.done) = (&self.blocks[behind..], if behind > 0 { 0 } else { self.done });
        let block = self.blocks.first()?;
        let low = block.low(slot)?;
        let left = &block.lows[self.done..];
        // In a block that was not looked into it is anywhere; halving takes the same steps whatever they find, so that
        // several searches wait for memory at the same time.
        self.done +=
            if behind > 0 { left.partition_point(|other| *other < low) } else { reach(left, |other| *other < low) };
        let found = *block.lows.get(self.done)? == low;
        found.then(|| block.posting(self.done))
    }
}

/// How many of sorted items are `before`, of which there are probably few: by steps that double, then halve.
#[inline]
fn reach<T>(items: &[T], before: impl Fn(&T) -> bool) -> usize {
    let mut step = 1;
    while items.get(step - 1).is_some_and(&before) {
        step *= 2;
    }
    let from = step / 2;
    from + items[from..(step - 1).min(items.len())].partition_point(before)
}

/// Index of a slot in a vector of slots.
pub(crate) fn at(slot: u32) -> usize {
    wide(slot)
}

#[cfg(test)]
#[path = "postings_tests.rs"]
mod tests;
