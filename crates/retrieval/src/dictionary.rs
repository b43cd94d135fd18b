//! From a term's key to its number, at about six bytes a term: the keys stay with the terms.

use crate::num::{small, wide};

/// Open addressing with linear probing; a place holds a number plus one, 0 is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dictionary {
    places: Vec<u32>,
    len: usize,
}

impl Dictionary {
    /// The number whose key, as `key_of` tells it, is `key`.
    pub(crate) fn find(&self, key: u64, key_of: impl Fn(u32) -> u64) -> Option<u32> {
        let at = self.place(key, &key_of)?;
        self.places[at].checked_sub(1)
    }

    /// Adds a number whose key is not in yet.
    pub(crate) fn insert(&mut self, id: u32, key_of: impl Fn(u32) -> u64) {
        if 4 * (self.len + 1) > 3 * self.places.len() {
            let bigger = (2 * self.places.len()).max(16);
            let old = std::mem::replace(&mut self.places, vec![0; bigger]);
            for id in old.into_iter().filter_map(|place| place.checked_sub(1)) {
                self.put(id, &key_of);
            }
        }
        self.put(id, &key_of);
        self.len += 1;
    }

    /// Takes a key out.
    pub(crate) fn remove(&mut self, key: u64, key_of: impl Fn(u32) -> u64) {
        let Some(mut hole) = self.place(key, &key_of).filter(|at| self.places[*at] > 0) else { return };
        let mask = self.places.len() - 1;
        self.places[hole] = 0;
        self.len -= 1;
        // Moves back what probed over the hole, so that no search ends there too early.
        let mut at = (hole + 1) & mask;
        while let Some(id) = self.places[at].checked_sub(1) {
            let wanted = self.home(key_of(id));
            if at.wrapping_sub(wanted) & mask >= at.wrapping_sub(hole) & mask {
                self.places[hole] = std::mem::take(&mut self.places[at]);
                hole = at;
            }
            at = (at + 1) & mask;
        }
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// All numbers, in any order.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.places.iter().filter_map(|place| place.checked_sub(1))
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        4 * self.places.capacity()
    }

    fn home(&self, key: u64) -> usize {
        let low = u32::try_from(key & u64::from(small(self.places.len() - 1))).unwrap_or(0);
        wide(low)
    }

    /// Where the key is or would be; none in an empty table.
    fn place(&self, key: u64, key_of: &impl Fn(u32) -> u64) -> Option<usize> {
        if self.places.is_empty() {
            return None;
        }
        let mut at = self.home(key);
        while self.places[at].checked_sub(1).is_some_and(|id| key_of(id) != key) {
            at = (at + 1) & (self.places.len() - 1);
        }
        Some(at)
    }

    fn put(&mut self, id: u32, key_of: &impl Fn(u32) -> u64) {
        if let Some(at) = self.place(key_of(id), key_of) {
            self.places[at] = id + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaves_like_a_map() {
        // Few different homes, so that probing and moving back are exercised.
        let key_of = |id: u32| u64::from(id % 37) | (u64::from(id) << 32);
        let mut dictionary = Dictionary::default();
        let mut truth = std::collections::BTreeSet::new();
        let mut x = 1_u32;
        for _ in 0..4000 {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let id = (x >> 16) % 200;
            if truth.insert(id) {
                dictionary.insert(id, key_of);
            } else {
                truth.remove(&id);
                dictionary.remove(key_of(id), key_of);
            }
            for id in (0..200).step_by(7) {
                let want = truth.contains(&id).then_some(id);
                assert_eq!(dictionary.find(key_of(id), key_of), want);
            }
        }
    }
}
