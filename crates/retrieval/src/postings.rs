//! Lists of the FAQs that contain a term.

use thin_vec::ThinVec;

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
/// Postings of a block at most.
const BLOCK: usize = 256;

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

    /// Adds a posting whose slot is not in the list.
    pub(crate) fn insert(&mut self, posting: Posting) {
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
                blocks.extend(items);
                blocks.insert(posting);
                *self = Self::Blocks(Box::new(blocks));
            }
            Self::Blocks(blocks) => blocks.insert(posting),
        }
    }

    /// Adds postings in order whose slots are all above those in the list.
    pub(crate) fn extend(&mut self, postings: &[Posting]) {
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
            Self::Blocks(blocks) => return blocks.extend(postings),
        };
        if plain.len() + postings.len() <= FLAT {
            let mut flat = ThinVec::with_capacity(plain.len() + postings.len());
            flat.extend_from_slice(plain);
            flat.extend_from_slice(postings);
            *self = Self::Flat(flat);
        } else {
            let mut blocks = Blocks::default();
            blocks.extend(plain);
            blocks.extend(postings);
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

    /// Bytes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Short(..) => 0,
            Self::Flat(items) => 4 * items.capacity() + 32,
            Self::Blocks(blocks) => blocks.bytes + size_of::<Block>() * blocks.all.capacity() + 64,
        }
    }
}

/// A long list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocks {
    all: Vec<Block>,
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
    fn extend(&mut self, postings: &[Posting]) {
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
            return self.extend(&[posting]);
        };
        if tail && block.last() < Some(posting.slot()) {
            return self.extend(&[posting]);
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

/// Postings in two or three bytes each, which are read without unpacking: a query reads 100,000.
#[derive(Clone, Debug, Default)]
struct Block {
    /// No slot is below.
    base: u32,
    /// Slots, above the base.
    lows: ThinVec<u16>,
    /// Times in questions and answer; empty if all are [`ONCE`].
    times: ThinVec<u8>,
}

/// Once in the questions, not in the answer: what most postings say.
pub(crate) const ONCE: u8 = 1 << 2;

impl Block {
    fn of(posting: Posting) -> Self {
        let mut block = Self { base: posting.slot(), ..Self::default() };
        block.insert(posting);
        block
    }

    /// The slot's number in this block, if it can have one.
    fn low(&self, slot: u32) -> Option<u16> {
        u16::try_from(slot.checked_sub(self.base)?).ok()
    }

    fn reaches(&self, slot: u32) -> bool {
        self.low(slot).is_some()
    }

    fn last(&self) -> Option<u32> {
        Some(self.base + u32::from(*self.lows.last()?))
    }

    fn find(&self, slot: u32) -> Option<usize> {
        self.lows.binary_search(&self.low(slot)?).ok()
    }

    fn posting(&self, at: usize) -> Posting {
        let times = self.times.get(at).copied().unwrap_or(ONCE);
        Posting((self.base + u32::from(self.lows[at])) << 8 | u32::from(times))
    }

    /// Adds postings behind all others, as far as there is room, and answers the others.
    fn extend<'p>(&mut self, postings: &'p [Posting]) -> &'p [Posting] {
        let room = BLOCK - self.lows.len().min(BLOCK);
        let near = postings.iter().take(room).take_while(|posting| self.reaches(posting.slot())).count();
        let (now, left) = postings.split_at(near);
        self.reserve(now.len());
        for posting in now {
            self.insert(*posting);
        }
        left
    }

    fn reserve(&mut self, more: usize) {
        if self.lows.capacity() - self.lows.len() < more {
            self.lows.reserve_exact(more.max(self.lows.len() / 4 + 4));
        }
        if !self.times.is_empty() && self.times.capacity() - self.times.len() < more {
            self.times.reserve_exact(self.lows.capacity() - self.times.len());
        }
    }

    /// Adds a posting that the block reaches and does not have.
    fn insert(&mut self, posting: Posting) {
        let Some(low) = self.low(posting.slot()) else { return };
        self.reserve(1);
        let behind = self.lows.last().is_none_or(|last| *last < low);
        let at = if behind { self.lows.len() } else { self.lows.partition_point(|other| *other < low) };
        if self.times.is_empty() && posting.times() != ONCE {
            self.times.reserve_exact(self.lows.capacity());
            self.times.resize(self.lows.len(), ONCE);
        }
        // The first posting may be one of those.
        if !self.times.is_empty() || posting.times() != ONCE {
            self.times.insert(at, posting.times());
        }
        self.lows.insert(at, low);
    }

    fn remove(&mut self, at: usize) -> Posting {
        let gone = self.posting(at);
        self.lows.remove(at);
        if !self.times.is_empty() {
            self.times.remove(at);
        }
        gone
    }

    /// Takes the second half off.
    fn split(&mut self) -> Self {
        let half = self.lows.len() / 2;
        let from = self.lows[half];
        let lows = self.lows[half..].iter().map(|low| low - from).collect();
        let times = self.times.get(half..).unwrap_or_default().into();
        self.lows.truncate(half);
        self.times.truncate(half);
        self.shrink();
        Self { base: self.base + u32::from(from), lows, times }
    }

    fn shrink(&mut self) {
        self.lows.shrink_to_fit();
        self.times.shrink_to_fit();
    }

    fn heap_bytes(&self) -> usize {
        let vector = |bytes: usize| if bytes > 0 { bytes + 32 } else { 0 };
        vector(2 * self.lows.capacity()) + vector(self.times.capacity())
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
            let whole = block.last().is_none_or(|last| last < end);
            let lows = &block.lows[self.done..];
            let there = if whole { lows.len() } else { lows.partition_point(|low| block.base + u32::from(*low) < end) };
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

/// Index of a slot in a vector of slots.
pub(crate) fn at(slot: u32) -> usize {
    wide(slot)
}

#[cfg(test)]
#[path = "postings_tests.rs"]
mod tests;
