//! Lists of the FAQs that contain a term.

use thin_vec::ThinVec;

use crate::num::wide;

/// One entry in 32 bits: slot (24), times in the questions (6), times in the answer (2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
/// packed blocks, so that an insertion never writes more than one block anew.
#[derive(Clone, Debug)]
pub(crate) enum List {
    Short(u8, [Posting; SHORT]),
    /// One pointer wide, because these are many.
    Flat(ThinVec<Posting>),
    Blocks(Box<Blocks>),
}

const SHORT: usize = 3;
const FLAT: usize = 256;
/// Postings of a block at most: looking one up reads half of them.
const BLOCK: usize = 256;

impl Default for List {
    fn default() -> Self {
        Self::Short(0, [Posting(0); SHORT])
    }
}

impl List {
    /// The postings, in order.
    pub(crate) fn iter(&self) -> Cursor<'_> {
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
                return block.iter().find(|p| p.slot() >= slot).filter(|p| p.slot() == slot);
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
                blocks.put(0, Block::of(items));
                blocks.len = items.len();
                blocks.insert(posting);
                *self = Self::Blocks(Box::new(blocks));
            }
            Self::Blocks(blocks) => blocks.insert(posting),
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
        self.all.partition_point(|block| block.first <= slot).saturating_sub(1)
    }

    fn put(&mut self, at: usize, block: Block) {
        // Growth by a quarter, for the reason above.
        if self.all.len() == self.all.capacity() {
            self.all.reserve_exact(self.all.len() / 4 + 2);
        }
        self.bytes += block.heap_bytes();
        self.all.insert(at, block);
    }

    fn insert(&mut self, posting: Posting) {
        self.len += 1;
        let at = self.of(posting.slot());
        let tail = at + 1 == self.all.len();
        let Some(block) = self.all.get_mut(at) else {
            self.put(0, Block::of(&[posting]));
            return;
        };
        let (full, before) = (usize::from(block.count) >= BLOCK, block.heap_bytes());
        if posting.slot() > block.last && !full {
            block.push(posting);
        } else if posting.slot() > block.last && tail {
            // Filling in order leaves full blocks behind instead of half-full ones.
            block.bytes.shrink_to_fit();
            self.bytes = self.bytes - before + block.heap_bytes();
            self.put(at + 1, Block::of(&[posting]));
            return;
        } else {
            let mut all: Vec<Posting> = block.iter().collect();
            all.insert(all.partition_point(|p| p.slot() < posting.slot()), posting);
            let rest = if full { all.split_off(all.len() / 2) } else { Vec::new() };
            *block = Block::of(&all);
            if !rest.is_empty() {
                self.bytes = self.bytes - before + self.all[at].heap_bytes();
                self.put(at + 1, Block::of(&rest));
                return;
            }
        }
        self.bytes = self.bytes - before + self.all[at].heap_bytes();
    }

    fn remove(&mut self, slot: u32) -> Option<Posting> {
        let at = self.of(slot);
        let block = self.all.get_mut(at)?;
        let mut all: Vec<Posting> = block.iter().collect();
        let gone = all.remove(all.binary_search_by_key(&slot, |p| p.slot()).ok()?);
        self.len -= 1;
        self.bytes -= block.heap_bytes();
        if all.is_empty() {
            self.all.remove(at);
        } else {
            *block = Block::of(&all);
            self.bytes += block.heap_bytes();
        }
        Some(gone)
    }
}

/// Postings in about two bytes each: of each the distance to the one before, times two, in groups of seven bits. An odd
/// number says that a byte follows with the times in questions and answer, an even one that it is once in the questions.
#[derive(Clone, Debug)]
struct Block {
    bytes: Vec<u8>,
    first: u32,
    last: u32,
    count: u16,
}

/// Once in the questions, not in the answer: what most postings say.
const ONCE: u32 = 1 << 2;

impl Block {
    /// Of one posting or more.
    fn of(postings: &[Posting]) -> Self {
        let first = postings.first().map_or(0, |p| p.slot());
        let mut block = Self { bytes: Vec::with_capacity(postings.len() * 3), first, last: first, count: 0 };
        for posting in postings {
            block.push(*posting);
        }
        block.bytes.shrink_to_fit();
        block
    }

    /// Adds a posting behind all others.
    fn push(&mut self, posting: Posting) {
        if self.bytes.capacity() - self.bytes.len() < 5 {
            self.bytes.reserve_exact(self.bytes.len() / 4 + 8);
        }
        let times = posting.0 & 0xff;
        let mut number = (posting.slot() - self.last) << 1 | u32::from(times != ONCE);
        while number >= 0x80 {
            self.bytes.push(low(number) | 0x80);
            number >>= 7;
        }
        self.bytes.push(low(number));
        if times != ONCE {
            self.bytes.push(low(times));
        }
        self.last = posting.slot();
        self.count += 1;
    }

    fn iter(&self) -> Cursor<'_> {
        Cursor { bytes: &self.bytes, slot: self.first, ..Cursor::default() }
    }

    fn heap_bytes(&self) -> usize {
        self.bytes.capacity() + 16
    }
}

fn low(number: u32) -> u8 {
    number.to_le_bytes()[0]
}

/// Where a reader is in a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cursor<'a> {
    plain: &'a [Posting],
    blocks: &'a [Block],
    /// What is left of a block, and the slot before that.
    bytes: &'a [u8],
    slot: u32,
}

impl Iterator for Cursor<'_> {
    type Item = Posting;

    #[inline]
    fn next(&mut self) -> Option<Posting> {
        if let Some((first, rest)) = self.plain.split_first() {
            self.plain = rest;
            return Some(*first);
        }
        if self.bytes.is_empty() {
            let (block, rest) = self.blocks.split_first()?;
            (self.blocks, self.bytes, self.slot) = (rest, &block.bytes, block.first);
        }
        let (mut number, mut shift) = (0, 0);
        loop {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u32::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                break;
            }
            shift += 7;
        }
        self.slot += number >> 1;
        let mut times = ONCE;
        if number & 1 == 1 {
            let (byte, rest) = self.bytes.split_first()?;
            (self.bytes, times) = (rest, u32::from(*byte));
        }
        Some(Posting(self.slot << 8 | times))
    }
}

/// Index of a slot in a vector of slots.
pub(crate) fn at(slot: u32) -> usize {
    wide(slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaves_like_a_sorted_map() {
        let mut list = List::default();
        let mut truth = std::collections::BTreeMap::new();
        let mut x = 7_u32;
        for step in 0..30_000 {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Neighbours and far ones.
            let slot = ((x >> 8) % 6000) << (x % 3 * 5);
            let adding = step < 12_000 || x.is_multiple_of(3);
            let times = if x.is_multiple_of(5) { (step % 70, step % 4) } else { (1, 0) };
            if adding && !truth.contains_key(&slot) {
                let posting = Posting::new(slot, times.0, times.1);
                list.insert(posting);
                truth.insert(slot, posting);
            } else if !adding {
                assert_eq!(list.remove(slot), truth.remove(&slot));
            }
            if let List::Blocks(blocks) = &list
                && step % 100 == 0
            {
                assert_eq!(blocks.len, truth.len());
                assert_eq!(blocks.bytes, blocks.all.iter().map(Block::heap_bytes).sum::<usize>());
                assert!(blocks.all.iter().all(|block| (1..=BLOCK).contains(&usize::from(block.count))));
            }
        }
        assert_eq!(list.iter().collect::<Vec<_>>(), truth.values().copied().collect::<Vec<_>>());
        for slot in (0..6000).map(|at| at << (at % 3 * 5)) {
            assert_eq!(list.get(slot), truth.get(&slot).copied());
        }
        for slot in truth.keys() {
            assert!(list.remove(*slot).is_some());
        }
        assert_eq!(list.iter().next(), None);
        assert_eq!((list.get(5), list.remove(5)), (None, None));
        list.insert(Posting::new(9, 2, 3));
        assert_eq!(list.iter().collect::<Vec<_>>(), [Posting::new(9, 2, 3)]);
    }

    #[test]
    fn in_order_filling_takes_about_two_bytes_each() {
        let mut list = List::default();
        for slot in 0..10_000 {
            list.insert(Posting::new(slot * 100, 1, 0));
        }
        assert!(list.heap_bytes() < 10_000 * 5 / 2, "{}", list.heap_bytes());
        assert_eq!(size_of::<List>(), 16);
    }
}
