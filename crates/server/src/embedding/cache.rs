//! Vectors of recent questions: guests ask the same again, and the same question is ranked while it is typed.

use std::collections::HashMap;
use std::sync::Arc;

use retrieval::QueryVector;

/// Questions kept: with 1,000 dimensions about a megabyte.
const MOST: usize = 1_024;

/// The most recently used questions.
#[derive(Debug, Default)]
pub(super) struct Cache {
    clock: u64,
    entries: HashMap<String, (u64, Arc<QueryVector>)>,
}

impl Cache {
    pub(super) fn get(&mut self, question: &str) -> Option<Arc<QueryVector>> {
        self.clock += 1;
        let (used, vector) = self.entries.get_mut(question)?;
        *used = self.clock;
        Some(Arc::clone(vector))
    }

    /// Adds one; if there are too many, the longest unused quarter goes, so that looking for it is rare.
    pub(super) fn put(&mut self, question: String, vector: Arc<QueryVector>) {
        self.clock += 1;
        self.entries.insert(question, (self.clock, vector));
        if self.entries.len() > MOST {
            let mut used: Vec<u64> = self.entries.values().map(|entry| entry.0).collect();
            let (_, cut, _) = used.select_nth_unstable(MOST / 4);
            let cut = *cut;
            self.entries.retain(|_, entry| entry.0 >= cut);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_unused_go_and_the_number_is_bounded() {
        let vector = Arc::new(QueryVector::new("m".into(), &[1.0], 1.0).unwrap());
        let mut cache = Cache::default();
        for i in 0..5_000 {
            cache.put(i.to_string(), Arc::clone(&vector));
            assert!(cache.get("0").is_some(), "used again and again");
            assert!(cache.entries.len() <= MOST);
        }
        assert!(cache.get("4999").is_some() && cache.get("1").is_none());
        assert!(cache.entries.len() >= MOST / 2);
    }
}
