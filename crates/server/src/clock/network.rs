//! Network time: what waits for another machine, another process or a task is measured by it.
//!
//! It is not the desk's time: [`Clock::advance`](super::Clock::advance) and `POST /dev/v1/clock` do not move it. A
//! developer who moves the desk by six hours must not lose every connection, nor find every answer late.

use std::ops::Add;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::rt::TokioTimer;
use tokio::time::Instant;

use super::held::HeldNetwork;

// What is too far away to be counted is as good as never.
const FAR: Duration = Duration::from_hours(24 * 365 * 30);

/// A point in network time. It means something only to the [`Timers`] that it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub(super) Instant);

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self(self.0.checked_add(time).unwrap_or_else(|| self.0 + FAR))
    }
}

/// The time was over first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time is over")]
pub struct TimedOut;

/// Network time: tokio's, or one that stands in a test's hands ([`HeldNetwork`]). Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Timers {
    held: Option<HeldNetwork>,
}

#[expect(clippy::disallowed_methods, reason = "the one place where network time is tokio's")]
impl Timers {
    /// Tokio's time.
    pub fn real() -> Self {
        Self::default()
    }

    pub(super) fn held(by: HeldNetwork) -> Self {
        Self { held: Some(by) }
    }

    /// Now.
    pub fn now(&self) -> Moment {
        self.held.as_ref().map_or_else(|| Moment(Instant::now()), HeldNetwork::now)
    }

    /// How long ago `then` was; zero if it is still to come.
    pub fn since(&self, then: Moment) -> Duration {
        self.now().0.saturating_duration_since(then.0)
    }

    /// Waits for `time`, counted from this call.
    pub fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send + Sync + use<'_> {
        self.sleep_until(self.now() + time)
    }

    /// Waits until `at`.
    pub async fn sleep_until(&self, at: Moment) {
        match &self.held {
            None => tokio::time::sleep_until(at.0).await,
            Some(held) => held.sleep_until(at).await,
        }
    }

    /// Waits for `future`, but for `limit` at most, counted from this call.
    ///
    /// # Errors
    /// The time was over first; then the future is dropped.
    pub fn timeout<F: Future>(
        &self,
        limit: Duration,
        future: F,
    ) -> impl Future<Output = Result<F::Output, TimedOut>> + use<'_, F> {
        self.timeout_at(self.now() + limit, future)
    }

    /// Waits for `future`, but until `at` at most.
    ///
    /// # Errors
    /// The time was over first; then the future is dropped.
    pub async fn timeout_at<F: Future>(&self, at: Moment, future: F) -> Result<F::Output, TimedOut> {
        tokio::select! {
            biased;
            output = future => Ok(output),
            () = self.sleep_until(at) => Err(TimedOut),
        }
    }
}

/// For limits that hyper keeps by itself.
impl hyper::rt::Timer for Timers {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        match self.held {
            None => TokioTimer::new().sleep(duration),
            Some(_) => hyper::rt::Timer::sleep_until(self, (self.now() + duration).0.into_std()),
        }
    }

    fn sleep_until(&self, deadline: std::time::Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        if self.held.is_none() {
            return TokioTimer::new().sleep_until(deadline);
        }
        let timers = self.clone();
        Box::pin(Nap(Box::pin(async move { Self::sleep_until(&timers, Moment(deadline.into())).await })))
    }

    fn now(&self) -> std::time::Instant {
        Self::now(self).0.into_std()
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn hyper::rt::Sleep>>, new_deadline: std::time::Instant) {
        match self.held {
            None => TokioTimer::new().reset(sleep, new_deadline),
            Some(_) => *sleep = hyper::rt::Timer::sleep_until(self, new_deadline),
        }
    }
}

struct Nap(Pin<Box<dyn Future<Output = ()> + Send + Sync>>);

impl Future for Nap {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

impl hyper::rt::Sleep for Nap {}
