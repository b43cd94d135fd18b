//! Time that moves only when a test says so.

use std::future::Future;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use answerer::Clock;
use tokio::sync::watch;

/// Unix ms of the clock's begin.
const BEGIN: i64 = 1_763_800_000_000;
/// How long a test waits in earnest for what has to come.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A clock that stands still.
pub struct Held {
    now: watch::Sender<Duration>,
    /// Waits that were asked for: when, and how long.
    waits: Mutex<Vec<(Duration, Duration)>>,
}

impl Held {
    pub fn new() -> Self {
        Self { now: watch::Sender::new(Duration::ZERO), waits: Mutex::default() }
    }

    pub fn advance(&self, time: Duration) {
        self.now.send_modify(|now| *now += time);
    }

    /// Waits until somebody waits for a time in this range, and answers the time.
    pub async fn asked(&self, range: RangeInclusive<Duration>) -> Duration {
        let found = || {
            let (now, waits) = (self.running(), self.waits.lock().unwrap_or_else(PoisonError::into_inner));
            let standing = waits.iter().filter(|(since, time)| *since + *time > now);
            standing.map(|(_, time)| *time).find(|time| range.contains(time))
        };
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(time) = found() {
                return time;
            }
            assert!(tokio::time::Instant::now() < until, "nobody waits for {range:?}: {:?}", self.waits);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Lets time go by, a tenth of a second after the other, until `done`.
    pub async fn pass_until(&self, what: &str, mut done: impl FnMut() -> bool) {
        let until = tokio::time::Instant::now() + PATIENCE;
        while !done() {
            assert!(tokio::time::Instant::now() < until, "waited for {what} until {:?}", self.running());
            self.advance(Duration::from_millis(100));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

impl Clock for Held {
    fn unix_ms(&self) -> i64 {
        BEGIN + i64::try_from(self.running().as_millis()).expect("a short test")
    }

    fn running(&self) -> Duration {
        *self.now.borrow()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (mut now, since) = (self.now.subscribe(), self.running());
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).push((since, time));
        Box::pin(async move {
            if now.wait_for(|now| *now >= since + time).await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}
