//! Which help desks are in memory: those asked last, as far as a budget goes, and none that was idle for long.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Moment;

/// What one help desk takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) faqs: usize,
    pub(super) bytes: usize,
}

/// Things of help desks, each by the desk's id. Whatever is taken out of it is handed back, so that the caller can let go
/// of it where that holds up nobody.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    /// Bytes of all things together.
    budget: usize,
    /// How long a thing stays that nobody uses.
    idle: Duration,
    places: HashMap<i64, Place<T>>,
    /// The desks, the longest unused first.
    order: BTreeMap<u64, i64>,
    uses: u64,
    total: Size,
}

#[derive(Debug)]
struct Place<T> {
    thing: Arc<T>,
    size: Size,
    used: Moment,
    /// Its key in the order.
    turn: u64,
}

impl<T> Shelf<T> {
    pub(super) fn new(budget: usize, idle: Duration) -> Self {
        Self { budget, idle, places: HashMap::new(), order: BTreeMap::new(), uses: 0, total: Size::default() }
    }

    /// The desk's thing, which is used from now on; a new one of no size if there is none.
    pub(super) fn take(&mut self, desk: i64, now: Moment, new: impl FnOnce() -> T) -> Arc<T> {
        self.uses += 1;
        let turn = self.uses;
        let place = self.places.entry(desk).or_insert_with(|| Place {
            thing: Arc::new(new()),
            size: Size::default(),
            used: now,
            turn,
        });
        self.order.remove(&place.turn);
        (place.used, place.turn) = (now, turn);
        self.order.insert(turn, desk);
        Arc::clone(&place.thing)
    }

    /// The desk's thing if there is one, without its being a use.
    pub(super) fn peek(&self, desk: i64) -> Option<Arc<T>> {
        self.places.get(&desk).map(|place| Arc::clone(&place.thing))
    }

    /// Notes how big a thing is now. One that is no longer here counts nothing.
    pub(super) fn weigh(&mut self, desk: i64, thing: &Arc<T>, size: Size) {
        let Some(place) = self.places.get_mut(&desk).filter(|place| Arc::ptr_eq(&place.thing, thing)) else { return };
        self.total.faqs = self.total.faqs - place.size.faqs + size.faqs;
        self.total.bytes = self.total.bytes - place.size.bytes + size.bytes;
        place.size = size;
    }

    /// Takes out what was unused the longest, until the rest is within the budget. What somebody holds stays, and so
    /// does the one used last: a desk that is bigger than the budget would be built anew for every question.
    pub(super) fn trim(&mut self) -> Vec<Arc<T>> {
        let (mut gone, mut from) = (Vec::new(), 0);
        let last = self.last_turn();
        while self.total.bytes > self.budget
            && let Some((turn, desk)) = self.order.range(from..last).next().map(|(turn, desk)| (*turn, *desk))
        {
            from = turn + 1;
            gone.extend(self.let_go(desk));
        }
        gone
    }

    /// Takes out what nobody has used for long and nobody holds.
    pub(super) fn expire(&mut self, now: Moment) -> Vec<Arc<T>> {
        let due = |desk: &&i64| self.places.get(desk).is_some_and(|place| place.used + self.idle <= now);
        let due: Vec<i64> = self.order.values().take_while(due).copied().collect();
        due.into_iter().filter_map(|desk| self.let_go(desk)).collect()
    }

    /// When the one unused the longest has been so for too long.
    pub(super) fn due(&self) -> Option<Moment> {
        let desk = self.order.first_key_value()?.1;
        self.places.get(desk).map(|place| place.used + self.idle)
    }

    /// How long a thing stays that nobody uses.
    pub(super) fn idle(&self) -> Duration {
        self.idle
    }

    fn last_turn(&self) -> u64 {
        self.order.last_key_value().map_or(0, |(turn, _)| *turn)
    }

    fn let_go(&mut self, desk: i64) -> Option<Arc<T>> {
        // Whoever else holds it got it from here, under the same lock; so a count of one cannot grow meanwhile.
        if self.places.get(&desk).is_none_or(|place| Arc::strong_count(&place.thing) > 1) {
            return None;
        }
        let place = self.places.remove(&desk)?;
        self.order.remove(&place.turn);
        self.total.faqs -= place.size.faqs;
        self.total.bytes -= place.size.bytes;
        Some(place.thing)
    }

    /// Takes out everything.
    pub(super) fn clear(&mut self) -> Vec<Arc<T>> {
        self.order.clear();
        self.total = Size::default();
        self.places.drain().map(|(_, place)| place.thing).collect()
    }

    /// How many desks there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// What all of them take.
    pub(super) fn total(&self) -> Size {
        self.total
    }

    /// Whether there is room for another thing of this size.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.total.bytes + bytes <= self.budget
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::HeldNetwork;

    const SECOND: Duration = Duration::from_secs(1);

    fn size(bytes: usize) -> Size {
        Size { faqs: 1, bytes }
    }

    struct Desks {
        shelf: Shelf<i64>,
        network: HeldNetwork,
    }

    impl Desks {
        fn of(budget: usize) -> Self {
            Self { shelf: Shelf::new(budget, 10 * SECOND), network: HeldNetwork::default() }
        }

        fn take(&mut self, desk: i64, bytes: usize) -> Arc<i64> {
            let thing = self.shelf.take(desk, self.network.timers().now(), || desk);
            self.shelf.weigh(desk, &thing, size(bytes));
            thing
        }

        fn there(&self) -> Vec<i64> {
            self.shelf.order.values().copied().collect()
        }
    }

    #[test]
    fn what_was_unused_the_longest_goes_first() {
        let mut desks = Desks::of(30);
        for desk in [1, 2, 3] {
            desks.take(desk, 10);
        }
        assert!(desks.shelf.trim().is_empty());
        desks.take(1, 10);
        desks.take(4, 10);
        let gone: Vec<i64> = desks.shelf.trim().iter().map(|thing| **thing).collect();
        assert_eq!((gone, desks.there()), (vec![2], vec![3, 1, 4]));
        assert_eq!((desks.shelf.len(), desks.shelf.total()), (3, Size { faqs: 3, bytes: 30 }));
        // It grew.
        desks.take(4, 25);
        desks.shelf.trim();
        assert_eq!(desks.there(), [4]);
        assert!(desks.shelf.has_room(5) && !desks.shelf.has_room(6));
    }

    #[test]
    fn what_somebody_holds_stays_and_so_does_the_last() {
        let mut desks = Desks::of(10);
        let held = desks.take(1, 10);
        desks.take(2, 10);
        desks.take(3, 50);
        assert_eq!(desks.shelf.trim().len(), 1);
        assert_eq!(desks.there(), [1, 3]);
        drop(held);
        desks.shelf.trim();
        assert_eq!((desks.there(), desks.shelf.total()), (vec![3], size(50)));
        assert!(desks.shelf.trim().is_empty());
    }

    #[test]
    fn what_is_idle_for_long_goes() {
        let mut desks = Desks::of(1_000);
        let now = |desks: &Desks| desks.network.timers().now();
        assert_eq!(desks.shelf.due(), None);
        desks.take(1, 10);
        desks.network.advance(4 * SECOND);
        desks.take(2, 10);
        let due = desks.shelf.due().unwrap();
        assert_eq!(due, now(&desks) + 6 * SECOND);
        desks.network.advance(Duration::from_nanos(5_999_999_999));
        assert!(desks.shelf.expire(now(&desks)).is_empty());
        desks.network.advance(Duration::from_nanos(1));
        assert_eq!(desks.shelf.expire(now(&desks)).len(), 1);
        assert_eq!((desks.there(), desks.shelf.total()), (vec![2], size(10)));
        // Somebody holds it, so it is not idle.
        let held = desks.shelf.peek(2).unwrap();
        desks.network.advance(60 * SECOND);
        assert!(desks.shelf.expire(now(&desks)).is_empty());
        drop(held);
        assert_eq!(desks.shelf.expire(now(&desks)).len(), 1);
    }

    #[test]
    fn one_that_is_no_longer_here_counts_nothing() {
        let mut desks = Desks::of(1_000);
        let old = desks.take(1, 10);
        assert_eq!(desks.shelf.clear().len(), 1);
        assert_eq!(desks.shelf.total(), Size::default());
        desks.take(1, 20);
        desks.shelf.weigh(1, &old, size(500));
        assert_eq!(desks.shelf.total(), size(20));
        assert!(desks.shelf.peek(7).is_none());
    }
}
