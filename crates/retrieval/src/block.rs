//! The blocks that long lists of postings are cut into.

use thin_vec::ThinVec;

use crate::postings::Posting;

/// Postings of a block at most.
pub(crate) const BLOCK: usize = 256;

/// Postings in two or three bytes each, which are read without unpacking: a query reads 100,000.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// No slot is below.
    pub(crate) base: u32,
    /// Slots, above the base.
    pub(crate) lows: ThinVec<u16>,
    /// Times in questions and answer; empty if all are [`ONCE`].
    pub(crate) times: ThinVec<u8>,
}

/// Once in the questions, not in the answer: what most postings say.
pub(crate) const ONCE: u8 = 1 << 2;

impl Block {
    pub(crate) fn of(posting: Posting) -> Self {
        let mut block = Self { base: posting.slot(), ..Self::default() };
        block.insert(posting);
        block
    }

    /// The slot's number in this block, if it can have one.
    pub(crate) fn low(&self, slot: u32) -> Option<u16> {
        u16::try_from(slot.checked_sub(self.base)?).ok()
    }

    pub(crate) fn reaches(&self, slot: u32) -> bool {
        self.low(slot).is_some()
    }

    pub(crate) fn last(&self) -> Option<u32> {
        Some(self.base + u32::from(*self.lows.last()?))
    }

    pub(crate) fn find(&self, slot: u32) -> Option<usize> {
        self.lows.binary_search(&self.low(slot)?).ok()
    }

    pub(crate) fn posting(&self, at: usize) -> Posting {
        let times = self.times.get(at).copied().unwrap_or(ONCE);
        Posting::timed(self.base + u32::from(self.lows[at]), times)
    }

    /// Adds postings behind all others, as far as there is room, and answers the others.
    pub(crate) fn extend<'p>(&mut self, postings: &'p [Posting]) -> &'p [Posting] {
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
    pub(crate) fn insert(&mut self, posting: Posting) {
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

    pub(crate) fn remove(&mut self, at: usize) -> Posting {
        let gone = self.posting(at);
        self.lows.remove(at);
        if !self.times.is_empty() {
            self.times.remove(at);
        }
        gone
    }

    /// Takes the second half off.
    pub(crate) fn split(&mut self) -> Self {
        let half = self.lows.len() / 2;
        let from = self.lows[half];
        let lows = self.lows[half..].iter().map(|low| low - from).collect();
        let times = self.times.get(half..).unwrap_or_default().into();
        self.lows.truncate(half);
        self.times.truncate(half);
        self.shrink();
        Self { base: self.base + u32::from(from), lows, times }
    }

    pub(crate) fn shrink(&mut self) {
        self.lows.shrink_to_fit();
        self.times.shrink_to_fit();
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let vector = |bytes: usize| if bytes > 0 { bytes + 32 } else { 0 };
        vector(2 * self.lows.capacity()) + vector(self.times.capacity())
    }
}
