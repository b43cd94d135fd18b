//! Lists against plain vectors and maps.

use super::*;

fn all(list: &List) -> Vec<Posting> {
    let mut all = Vec::new();
    list.read().below(u32::MAX, usize::MAX, |posting| all.push(posting));
    all
}

/// How long a slot's questions are.
fn length(slot: u32) -> u16 {
    5 + u16::try_from(slot % 1_000).unwrap_or(0)
}

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
            list.insert(posting, length);
            truth.insert(slot, posting);
        } else if !adding {
            assert_eq!(list.remove(slot), truth.remove(&slot));
        }
        if let List::Blocks(blocks) = &list
            && step % 100 == 0
        {
            assert_eq!(blocks.len, truth.len());
            assert_eq!(blocks.bytes, blocks.all.iter().map(Block::heap_bytes).sum::<usize>());
            assert!(blocks.all.iter().all(|block| (1..=BLOCK).contains(&block.lows.len())));
        }
    }
    assert_eq!(all(&list), truth.values().copied().collect::<Vec<_>>());
    for slot in (0..6000).map(|at| at << (at % 3 * 5)) {
        assert_eq!(list.get(slot), truth.get(&slot).copied());
    }
    for slot in truth.keys() {
        assert!(list.remove(*slot).is_some());
    }
    assert_eq!(all(&list), []);
    assert_eq!((list.get(5), list.remove(5)), (None, None));
    list.insert(Posting::new(9, 2, 3), length);
    assert_eq!(all(&list), [Posting::new(9, 2, 3)]);
}

#[test]
fn in_order_filling_takes_about_two_bytes_each() {
    let mut list = List::default();
    for slot in 0..10_000 {
        list.insert(Posting::new(slot * 100, 1, 0), length);
    }
    assert!(list.heap_bytes() < 10_000 * 5 / 2, "{}", list.heap_bytes());
    assert_eq!(size_of::<List>(), 16);
}

#[test]
fn extending_is_inserting_in_order() {
    for (step, each) in [(1, 1), (3, 2), (1, 40), (7, 300), (900, 33), (8_000, 5)] {
        let (mut one, mut many) = (List::default(), List::default());
        let postings: Vec<Posting> =
            (0..2_000).map(|at| Posting::new(at * step, 1 + at % 7 / 5, at % 11 / 9)).collect();
        for postings in postings.chunks(each) {
            many.extend(postings, length);
            for posting in postings {
                one.insert(*posting, length);
            }
        }
        assert!(all(&many) == postings && many.len() == one.len());
        assert!(all(&one) == postings);
        let (mut left, mut parts) = (many.read(), Vec::new());
        for end in (0..=2_000 * step).step_by(9_777) {
            while left.below(end, 5, |posting| parts.push(posting)) > 0 {}
            assert!(parts.iter().all(|posting| posting.slot() < end));
        }
        left.below(u32::MAX, usize::MAX, |posting| parts.push(posting));
        assert!(parts == postings);
    }
}
