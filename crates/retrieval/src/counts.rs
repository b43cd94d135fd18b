//! In how many texts of a desk each character n-gram occurs.

use std::collections::HashMap;

use crate::num::{Numbers, small, wide};

/// Places for counting, a power of two. N-grams share places: a count only has to tell common from rare, and a table of
/// its own for every n-gram would be the biggest part of an index.
const PLACES: usize = 1 << 15;
/// Places in a word of the bitmap.
const WORD: usize = 64;
/// Places in use from which on there is a plain array: it is as small then, and faster.
const MANY: usize = PLACES / 4;
/// A count that is kept elsewhere.
const BIG: u8 = u8::MAX;

/// The counts. Most desks are small and use few of the places, so those come packed.
#[derive(Clone, Debug)]
pub(crate) enum Counts {
    Few(Few),
    Many(Box<[u32]>),
}

impl Default for Counts {
    fn default() -> Self {
        Self::Few(Few::default())
    }
}

/// A bit for each place, and a byte for each place that is in use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Few {
    /// Empty until the first count.
    words: Vec<u64>,
    /// The number of places in use before each word.
    before: Vec<u16>,
    low: Vec<u8>,
    /// Counts too big for a byte, by place.
    big: HashMap<u32, u32, Numbers>,
}

impl Counts {
    /// In how many texts an n-gram occurs, or a little more.
    pub(crate) fn get(&self, gram: u32) -> u32 {
        match self {
            Self::Few(few) => few.get(gram),
            Self::Many(all) => all[place(gram)],
        }
    }

    /// Counts an n-gram of one more text.
    pub(crate) fn add(&mut self, gram: u32) {
        match self {
            Self::Few(few) => {
                few.add(gram);
                if few.low.len() >= MANY {
                    *self = Self::Many(few.plain());
                }
            }
            Self::Many(all) => all[place(gram)] += 1,
        }
    }

    /// Takes back one [`Self::add`].
    pub(crate) fn subtract(&mut self, gram: u32) {
        match self {
            Self::Few(few) => few.subtract(gram),
            Self::Many(all) => all[place(gram)] -= 1,
        }
    }

    /// Counts what was counted elsewhere.
    pub(crate) fn add_all(&mut self, places: &Places) {
        let many = matches!(self, Self::Many(_));
        let mut all = match std::mem::take(self) {
            Self::Few(few) => few.plain(),
            Self::Many(all) => all,
        };
        all.iter_mut().zip(&places.0).for_each(|(count, more)| *count += more);
        let few = !many && all.iter().filter(|count| **count > 0).count() < MANY;
        *self = if few { Self::Few(Few::of(&all)) } else { Self::Many(all) };
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Few(few) => 10 * few.words.capacity() + few.low.capacity() + 10 * few.big.capacity(),
            Self::Many(all) => 4 * all.len(),
        }
    }

    /// Gives back what is allocated ahead.
    pub(crate) fn shrink(&mut self) {
        if let Self::Few(few) = self {
            few.low.shrink_to_fit();
        }
    }
}

/// Counts of many FAQs before they are in an index.
#[derive(Debug)]
pub(crate) struct Places(Box<[u32]>);

impl Default for Places {
    fn default() -> Self {
        Self(vec![0; PLACES].into())
    }
}

impl Places {
    pub(crate) fn add(&mut self, gram: u32) {
        self.0[place(gram)] += 1;
    }
}

fn place(gram: u32) -> usize {
    wide(gram) % PLACES
}

impl Few {
    /// Whether a place is in use, and where its byte is or would be.
    fn find(&self, place: usize) -> (bool, usize) {
        let Some(word) = self.words.get(place / WORD) else { return (false, 0) };
        let bit = 1_u64 << (place % WORD);
        (word & bit > 0, usize::from(self.before[place / WORD]) + wide((word & (bit - 1)).count_ones()))
    }

    fn get(&self, gram: u32) -> u32 {
        match self.find(place(gram)) {
            (true, at) if self.low[at] == BIG => self.big.get(&small(place(gram))).copied().unwrap_or(0),
            (true, at) => u32::from(self.low[at]),
            (false, _) => 0,
        }
    }

    fn set(&mut self, place: usize) {
        if self.words.is_empty() {
            self.words.resize(PLACES / WORD, 0);
            self.before.resize(PLACES / WORD, 0);
        }
        self.words[place / WORD] |= 1 << (place % WORD);
        for before in &mut self.before[place / WORD + 1..] {
            *before += 1;
        }
    }

    fn clear(&mut self, place: usize) {
        self.words[place / WORD] &= !(1 << (place % WORD));
        for before in &mut self.before[place / WORD + 1..] {
            *before -= 1;
        }
    }

    fn add(&mut self, gram: u32) {
        let place = place(gram);
        let (used, at) = self.find(place);
        if !used {
            self.set(place);
            if self.low.len() == self.low.capacity() {
                self.low.reserve_exact(self.low.len() / 4 + 256);
            }
            self.low.insert(at, 1);
            return;
        }
        let key = small(place);
        match self.low[at] {
            BIG => *self.big.entry(key).or_default() += 1,
            count if count + 1 == BIG => {
                self.low[at] = BIG;
                self.big.insert(key, u32::from(BIG));
            }
            count => self.low[at] = count + 1,
        }
    }

    fn subtract(&mut self, gram: u32) {
        let place = place(gram);
        let (used, at) = self.find(place);
        if !used {
            return;
        }
        let key = small(place);
        match self.low[at] {
            BIG => {
                let left = self.big.get(&key).map_or(0, |count| count - 1);
                if left < u32::from(BIG) {
                    self.big.remove(&key);
                    self.low[at] = BIG - 1;
                } else {
                    self.big.insert(key, left);
                }
            }
            1 => {
                self.clear(place);
                self.low.remove(at);
            }
            count => self.low[at] = count - 1,
        }
    }

    fn of(all: &[u32]) -> Self {
        let mut few = Self { words: vec![0; PLACES / WORD], before: Vec::new(), ..Self::default() };
        let mut used = 0;
        for (word, counts) in few.words.iter_mut().zip(all.chunks(WORD)) {
            few.before.push(used);
            used += counts.iter().map(|count| u16::from(*count > 0)).sum::<u16>();
            *word = counts.iter().rev().fold(0, |bits, count| bits << 1 | u64::from(*count > 0));
        }
        let counts = (0..).zip(all.iter().copied()).filter(|(_, count)| *count > 0);
        few.low = counts.clone().map(|(_, count)| u8::try_from(count).unwrap_or(BIG)).collect();
        few.big = counts.filter(|(_, count)| *count >= u32::from(BIG)).collect();
        few
    }

    /// The same as an array.
    fn plain(&self) -> Box<[u32]> {
        (0..PLACES).map(|place| self.get(small(place))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts and takes back at random; `spread` places get used.
    fn same_as_an_array(spread: u32) -> Counts {
        let mut counts = Counts::default();
        let mut truth = vec![0_u32; PLACES];
        let mut x = 3_u32;
        for step in 0..60_000 {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // A few places get most.
            let gram = if x.is_multiple_of(3) { (x >> 9) % 7 * 4_099 } else { (x >> 9) % spread };
            if step < 30_000 || x.is_multiple_of(2) {
                counts.add(gram);
                truth[place(gram)] += 1;
            } else if truth[place(gram)] > 0 {
                counts.subtract(gram);
                truth[place(gram)] -= 1;
            }
        }
        for gram in (0..65_536).step_by(3) {
            assert_eq!(counts.get(gram), truth[place(gram)], "{gram}");
        }
        assert!(truth.iter().any(|count| *count > 300));
        counts
    }

    #[test]
    fn counting_elsewhere_is_counting_here() {
        for spread in [300, 5_000, 60_000] {
            let (mut one, mut many) = (Counts::default(), Counts::default());
            for round in 0..3 {
                let mut places = Places::default();
                for n in 0..9_000_u32 {
                    let gram = if n % 4 == 0 { 77 } else { n.wrapping_mul(2_654_435_761) % spread + round };
                    places.add(gram);
                    one.add(gram);
                }
                many.add_all(&places);
            }
            for gram in 0..65_536 {
                assert_eq!(many.get(gram), one.get(gram), "{gram} of {spread}");
            }
            assert_eq!(matches!(many, Counts::Few(_)), matches!(one, Counts::Few(_)), "{spread}");
            for gram in [77; 5] {
                one.subtract(gram);
                many.subtract(gram);
                assert_eq!(many.get(gram), one.get(gram));
            }
        }
    }

    #[test]
    fn few_and_many_count_alike() {
        let few = same_as_an_array(5_000);
        assert!(matches!(few, Counts::Few(_)));
        assert!(few.heap_bytes() < 24_000, "{}", few.heap_bytes());
        assert!(matches!(same_as_an_array(60_000), Counts::Many(_)));
        assert_eq!((Counts::default().heap_bytes(), Counts::default().get(7)), (0, 0));
    }
}
