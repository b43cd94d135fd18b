//! Network time in a test's hands.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::network::{Moment, Timers};

/// Network time that stands still and moves only by [`Self::advance`], so that a test can stand just before a limit and
/// just after it. Clones share one time.
#[derive(Debug, Clone)]
pub struct HeldNetwork {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    began: Moment,
    /// Time that passed since then.
    passed: watch::Sender<Duration>,
    /// How many wait, by what must have passed.
    waits: watch::Sender<BTreeMap<Duration, usize>>,
}

impl Default for HeldNetwork {
    fn default() -> Self {
        let (passed, waits) = (watch::Sender::new(Duration::ZERO), watch::Sender::new(BTreeMap::new()));
        Self { inner: Arc::new(Inner { began: Timers::real().now(), passed, waits }) }
    }
}

impl HeldNetwork {
    /// The timers that live by it.
    pub fn timers(&self) -> Timers {
        Timers::held(self.clone())
    }

    /// Moves it forward by `time` and ends the waits of exactly those whose time has come.
    pub fn advance(&self, time: Duration) {
        self.inner.passed.send_modify(|passed| *passed += time);
    }

    /// Waits until `count` or more wait for the moment that is exactly `ahead` from now. Whoever moves time past a limit
    /// has to know first that somebody counts by it.
    pub async fn awaited(&self, ahead: Duration, count: usize) {
        let due = *self.inner.passed.borrow() + ahead;
        let mut waits = self.inner.waits.subscribe();
        let enough = |waits: &BTreeMap<Duration, usize>| waits.get(&due).copied().unwrap_or(0) >= count;
        if waits.wait_for(enough).await.is_err() {
            // The sender lives in `self`.
            std::future::pending::<()>().await;
        }
    }

    pub(super) fn now(&self) -> Moment {
        self.inner.began + *self.inner.passed.borrow()
    }

    pub(super) async fn sleep_until(&self, at: Moment) {
        let due = at.0.saturating_duration_since(self.inner.began.0);
        let mut passed = self.inner.passed.subscribe();
        let _wait = Wait::new(&self.inner.waits, due);
        if passed.wait_for(|passed| *passed >= due).await.is_err() {
            // The sender lives in `self`.
            std::future::pending::<()>().await;
        }
    }
}

/// One that waits; dropping it ends that.
struct Wait<'a> {
    waits: &'a watch::Sender<BTreeMap<Duration, usize>>,
    due: Duration,
}

impl<'a> Wait<'a> {
    fn new(waits: &'a watch::Sender<BTreeMap<Duration, usize>>, due: Duration) -> Self {
        waits.send_modify(|waits| *waits.entry(due).or_default() += 1);
        Self { waits, due }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.waits.send_modify(|waits| {
            if let Some(count) = waits.get_mut(&self.due) {
                *count -= 1;
                if *count == 0 {
                    waits.remove(&self.due);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::TimedOut;
    use futures_util::FutureExt;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn advancing_ends_the_waits_of_exactly_those_who_are_due() {
        let held = HeldNetwork::default();
        let timers = held.timers();
        let mut sleepers: Vec<_> = [1, 2, 2, 3].map(|s| Box::pin(timers.sleep(s * SECOND))).into();
        let mut over = || sleepers.iter_mut().map(|s| s.now_or_never().is_some()).collect::<Vec<_>>();
        assert_eq!(over(), [false; 4]);
        held.awaited(2 * SECOND, 2).await;
        held.advance(Duration::from_nanos(1_999_999_999));
        assert_eq!(over(), [true, false, false, false]);
        drop(sleepers.remove(0));
        held.awaited(Duration::from_nanos(1), 2).await;
        held.advance(Duration::from_nanos(1));
        let over: Vec<bool> = sleepers.iter_mut().map(|s| s.now_or_never().is_some()).collect();
        assert_eq!(over, [true, true, false]);
        drop(sleepers);
        assert!(held.inner.waits.borrow().is_empty());
    }

    #[tokio::test]
    async fn a_limit_counts_from_the_call_and_what_is_there_in_time_counts() {
        let held = HeldNetwork::default();
        let (timers, began) = (held.timers(), held.timers().now());
        let limited = timers.timeout(SECOND, std::future::pending::<()>());
        held.advance(SECOND);
        assert_eq!(limited.await, Err(TimedOut));
        assert_eq!(timers.timeout(Duration::ZERO, async { 7 }).await, Ok(7));
        assert_eq!(timers.since(began), SECOND);
        assert_eq!(timers.since(timers.now() + SECOND), Duration::ZERO);
        let never = timers.sleep(Duration::MAX);
        held.advance(Duration::from_hours(24 * 365));
        assert_eq!(never.now_or_never(), None);
    }
}
