//! Time, so that tests need not wait for it. Only signs of life on a connection and the limits of a single request go by
//! the network's own time.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use tokio::time::Instant;

/// What tells the time and waits.
pub trait Clock: Send + Sync {
    /// Unix ms.
    fn unix_ms(&self) -> i64;
    /// Time since a moment that stays the same; never goes back.
    fn running(&self) -> Duration;
    /// Ends after so much time.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    began: Instant,
}

impl SystemClock {
    /// A clock to share.
    pub fn shared() -> Arc<dyn Clock> {
        Arc::new(Self { began: Instant::now() })
    }
}

impl Clock for SystemClock {
    // Events carry the platform's time, so there is no other clock to compare them with.
    #[expect(clippy::disallowed_methods, reason = "the one place where this app takes the time")]
    fn unix_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn running(&self) -> Duration {
        self.began.elapsed()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}
