//! The injected clock. It tells two times.
//!
//! *Desk time* ([`Clock`]): the system's, plus an offset that developer mode and tests move. What people and the rules
//! of the desk wait for follows it: opening hours, an app's time to answer a question, tokens, tickets of discovery
//! URLs, retry schedules and leases, probes of silent apps, rate limits, the recycle bin.
//!
//! *Network time* ([`Timers`], by [`Clock::network`]): what waits for another machine, another process or a task follows
//! it: pings, limits of calls and connections, pauses between looks and after failures, shutdown. `POST /dev/v1/clock`
//! does not move it, because a developer who moves the desk by six hours must not lose every connection.

mod held;
mod network;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

pub use held::HeldNetwork;
pub use network::{Moment, TimedOut, Timers};

// Nobody sleeps longer at a stretch, so that a change of the system time is noticed.
const LONGEST_NAP_MS: i64 = 30_000;

/// The clock. Clones share one time.
#[derive(Debug, Clone)]
pub struct Clock {
    inner: Arc<Inner>,
    network: Timers,
}

#[derive(Debug)]
struct Inner {
    frozen_at: Option<i64>,
    offset_ms: AtomicI64,
    started: Moment,
    moved: watch::Sender<()>,
}

impl Clock {
    /// The system's time.
    pub fn system() -> Self {
        Self::make(None)
    }

    /// A clock that stands at `at_ms` (Unix ms) and moves only by [`Self::advance`].
    pub fn frozen(at_ms: i64) -> Self {
        Self::make(Some(at_ms))
    }

    fn make(frozen_at: Option<i64>) -> Self {
        let moved = watch::Sender::new(());
        let (offset_ms, network) = (AtomicI64::new(0), Timers::real());
        Self { inner: Arc::new(Inner { frozen_at, offset_ms, started: network.now(), moved }), network }
    }

    /// The same clock with another network time; without it that is tokio's.
    #[must_use]
    pub fn with_network(self, network: Timers) -> Self {
        Self { network, ..self }
    }

    /// Network time. [`Self::advance`] does not move it.
    pub fn network(&self) -> &Timers {
        &self.network
    }

    /// The time, Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        let base = self.inner.frozen_at.unwrap_or_else(system_ms);
        base.saturating_add(self.inner.offset_ms.load(Ordering::Acquire))
    }

    /// Time since this clock was made. Never goes back with the system's time, but follows [`Self::advance`].
    pub fn elapsed(&self) -> Duration {
        let offset = self.inner.offset_ms.load(Ordering::Acquire);
        let offset = Duration::from_millis(u64::try_from(offset).unwrap_or(0));
        match self.inner.frozen_at {
            Some(_) => offset,
            None => Timers::real().since(self.inner.started) + offset,
        }
    }

    /// Moves the clock forward by `ms` (0 or more) and wakes all who sleep on it.
    pub fn advance(&self, ms: i64) {
        self.inner.offset_ms.fetch_add(ms.max(0), Ordering::AcqRel);
        self.inner.moved.send_replace(());
    }

    /// Waits until the clock shows `at_ms` (Unix ms).
    pub async fn sleep_until(&self, at_ms: i64) {
        let mut moved = self.inner.moved.subscribe();
        loop {
            let left = at_ms.saturating_sub(self.now_ms());
            if left <= 0 {
                return;
            }
            if self.inner.frozen_at.is_some() {
                // The sender lives in `self`, so this fails only when the clock is gone, and then nothing is due.
                if moved.changed().await.is_err() {
                    return;
                }
                continue;
            }
            let nap = Duration::from_millis(u64::try_from(left.min(LONGEST_NAP_MS)).unwrap_or(1));
            let real = Timers::real();
            tokio::select! {
                () = real.sleep(nap) => {}
                _ = moved.changed() => {}
            }
        }
    }

    /// Waits until something is due (Unix ms); for ever if nothing is.
    pub async fn sleep_until_due(&self, next: Option<i64>) {
        match next {
            Some(at_ms) => self.sleep_until(at_ms).await,
            None => std::future::pending().await,
        }
    }

    /// Waits for `ms` of this clock's time.
    pub async fn sleep(&self, ms: i64) {
        self.sleep_until(self.now_ms().saturating_add(ms)).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the injected clock takes the system's time")]
fn system_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_advanced() {
        let clock = Clock::frozen(1_000);
        let twin = clock.clone();
        assert_eq!(clock.now_ms(), 1_000);
        twin.advance(500);
        twin.advance(-9);
        assert_eq!(clock.now_ms(), 1_500);
        assert_eq!(clock.elapsed(), Duration::from_millis(500));
    }

    #[tokio::test]
    async fn advancing_wakes_sleepers_of_both_kinds_of_clock() {
        for clock in [Clock::frozen(0), Clock::system()] {
            let due = clock.now_ms() + 3_600_000;
            let sleeper = tokio::spawn({
                let clock = clock.clone();
                async move { clock.sleep_until(due).await }
            });
            tokio::task::yield_now().await;
            clock.advance(1_800_000);
            tokio::task::yield_now().await;
            assert!(!sleeper.is_finished());
            clock.advance(1_800_000);
            Timers::real().timeout(Duration::from_secs(5), sleeper).await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn network_time_and_desk_time_do_not_move_each_other() {
        let held = HeldNetwork::default();
        let clock = Clock::frozen(0).with_network(held.timers());
        let began = clock.network().now();
        clock.advance(6 * 3_600_000);
        assert_eq!(clock.network().since(began), Duration::ZERO);
        held.advance(Duration::from_secs(30));
        assert_eq!((clock.now_ms(), clock.clone().network().since(began).as_secs()), (6 * 3_600_000, 30));
    }

    #[tokio::test]
    async fn a_time_that_has_come_does_not_wait() {
        Clock::frozen(5).sleep_until(5).await;
    }
}
