//! Lists of the FAQs that contain a term.

use crate::num::wide;

/// One entry in 32 bits: slot (24), times in the questions (6), times in the answer (2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Posting(u32);

/// Number of slots a posting can tell apart.
pub(crate) const MAX_SLOTS: u32 = 1 << 24;

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

/// Postings sorted by slot. Most terms are in one or two FAQs, so short lists live in place;
/// long ones are cut into blocks, so that an insertion never moves more than one block.
#[derive(Clone, Debug)]
pub(crate) enum List {
    Short(u8, [Posting; SHORT]),
    Flat(Vec<Posting>),
    #[expect(clippy::box_collection, reason = "a plain Vec would make every list 32 bytes instead of 24")]
    Blocks(Box<Vec<Vec<Posting>>>),
}

const SHORT: usize = 3;
const BLOCK: usize = 1024;

impl Default for List {
    fn default() -> Self {
        Self::Short(0, [Posting(0); SHORT])
    }
}

impl List {
    /// The list in pieces, in order.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &[Posting]> {
        let (one, many): (&[Posting], &[Vec<Posting>]) = match self {
            Self::Short(len, items) => (&items[..usize::from(*len)], &[]),
            Self::Flat(items) => (items, &[]),
            Self::Blocks(blocks) => (&[], blocks),
        };
        std::iter::once(one).chain(many.iter().map(Vec::as_slice))
    }

    pub(crate) fn get(&self, slot: u32) -> Option<Posting> {
        let piece: &[Posting] = match self {
            Self::Short(len, items) => &items[..usize::from(*len)],
            Self::Flat(items) => items,
            Self::Blocks(blocks) => blocks.get(block_of(blocks, slot))?,
        };
        let at = piece.binary_search_by_key(&slot, |p| p.slot()).ok()?;
        Some(piece[at])
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
                    let mut flat = Vec::with_capacity(SHORT + 1);
                    flat.extend_from_slice(items);
                    flat.insert(at, posting);
                    *self = Self::Flat(flat);
                }
            }
            Self::Flat(items) if items.len() < BLOCK => insert_sorted(items, posting),
            Self::Flat(items) => {
                let mut blocks = vec![std::mem::take(items)];
                insert_blocks(&mut blocks, posting);
                *self = Self::Blocks(Box::new(blocks));
            }
            Self::Blocks(blocks) => insert_blocks(blocks, posting),
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
            Self::Blocks(blocks) => {
                let b = block_of(blocks, slot);
                let block = blocks.get_mut(b)?;
                let at = block.binary_search_by_key(&slot, |p| p.slot()).ok()?;
                let gone = block.remove(at);
                if block.is_empty() {
                    blocks.remove(b);
                }
                Some(gone)
            }
        }
    }

    /// Bytes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Short(..) => 0,
            Self::Flat(items) => 4 * items.capacity() + 16,
            Self::Blocks(blocks) => blocks.iter().map(|b| 4 * b.capacity() + 40).sum::<usize>() + 40,
        }
    }
}

/// The block that has or would have the slot.
fn block_of(blocks: &[Vec<Posting>], slot: u32) -> usize {
    blocks.partition_point(|b| b.first().is_some_and(|p| p.slot() <= slot)).saturating_sub(1)
}

fn insert_sorted(items: &mut Vec<Posting>, posting: Posting) {
    let at = items.partition_point(|p| p.slot() < posting.slot());
    // Growth by an eighth instead of by doubling: lists are many and mostly grow slowly.
    if items.len() == items.capacity() {
        items.reserve_exact(items.len() / 8 + 2);
    }
    items.insert(at, posting);
}

fn insert_blocks(blocks: &mut Vec<Vec<Posting>>, posting: Posting) {
    let b = block_of(blocks, posting.slot());
    if blocks.is_empty() {
        blocks.push(vec![posting]);
        return;
    }
    if blocks[b].len() >= BLOCK {
        let last = blocks[b].last().is_some_and(|p| p.slot() < posting.slot());
        // Filling in order leaves full blocks behind instead of half-full ones.
        let tail = if last { Vec::new() } else { blocks[b].split_off(BLOCK / 2) };
        blocks.insert(b + 1, tail);
        let into_tail = last || blocks[b + 1].first().is_some_and(|p| p.slot() < posting.slot());
        insert_sorted(&mut blocks[b + usize::from(into_tail)], posting);
    } else {
        insert_sorted(&mut blocks[b], posting);
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
        for step in 0..20_000 {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let slot = (x >> 8) % 6000;
            let adding = step < 9000 || x.is_multiple_of(3);
            if adding && !truth.contains_key(&slot) {
                list.insert(Posting::new(slot, step % 70, 1));
                truth.insert(slot, (step % 70).min(63));
            } else if !adding {
                assert_eq!(list.remove(slot).map(Posting::asked), truth.remove(&slot));
            }
        }
        let all: Vec<(u32, u32)> = list.pieces().flatten().map(|p| (p.slot(), p.asked())).collect();
        assert_eq!(all, truth.clone().into_iter().collect::<Vec<_>>());
        for slot in 0..6000 {
            assert_eq!(list.get(slot).map(Posting::asked), truth.get(&slot).copied());
        }
    }

    #[test]
    fn in_order_filling_keeps_blocks_full() {
        let mut list = List::default();
        for slot in 0..10_000 {
            list.insert(Posting::new(slot, 1, 0));
        }
        assert!(list.heap_bytes() < 10_000 * 5);
        assert_eq!(size_of::<List>(), 24);
    }
}
