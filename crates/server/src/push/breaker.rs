//! The circuit breaker of one addressee: how many deliveries it may have on their way.
//!
//! An address that answers, whatever it answers, is closed: as many as it has places. One that gave no answer the last
//! time gets one at a time, so that its time-outs take no places from others. One that gave none
//! [`OPENS_AFTER`] times in a row is open: nothing is sent for a while, then one probe, and only its failure counts as
//! an attempt. What waits meanwhile keeps its retry schedule, and goes out as soon as a probe is answered.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Attempts without any answer, one after another, that open the breaker: as many as may fail side by side before the
/// first result is known.
pub(super) const OPENS_AFTER: u32 = 16;
/// How long an open breaker first stays so, in ms of the injected clock. Each failed probe doubles it.
pub(super) const PAUSE_MS: i64 = 5_000;
/// The longest pause, in ms.
pub(super) const PAUSE_MAX_MS: i64 = 60_000;

/// What the breakers of one server let go, for people. An app that is not in it gets all.
#[derive(Debug, Default)]
pub(crate) struct Breakers(Mutex<HashMap<String, Allowed>>);

impl Breakers {
    /// Notes what an app's breaker lets go from now on.
    pub(super) fn note(&self, app_id: &str, allowed: Allowed) {
        // A panic while it is held leaves the map whole.
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match allowed {
            Allowed::All => _ = map.remove(app_id),
            _ => _ = map.insert(app_id.to_owned(), allowed),
        }
    }

    /// What an app's breaker lets go.
    pub(crate) fn of(&self, app_id: &str) -> Allowed {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(app_id).copied().unwrap_or(Allowed::All)
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    unanswered: u32,
    /// The latest pause, in ms; 0 while closed.
    pause_ms: i64,
    /// Unix ms; the past means that a probe may go.
    open_until: i64,
}

/// What may be on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// As much as there are places.
    All,
    /// One delivery.
    One,
    /// Nothing until this time, Unix ms.
    NothingUntil(i64),
}

impl Breaker {
    /// What may be on its way at `now`, Unix ms.
    pub(super) fn allows(&self, now: i64) -> Allowed {
        match self.unanswered {
            0 => Allowed::All,
            _ if self.open_until > now => Allowed::NothingUntil(self.open_until),
            _ => Allowed::One,
        }
    }

    /// An attempt ended at `now` (Unix ms) with an answer, good or bad, or without any. Answers whether that opened
    /// the breaker.
    pub(super) fn ended(&mut self, answered: bool, now: i64) -> bool {
        if answered {
            *self = Self::default();
            return false;
        }
        self.unanswered = self.unanswered.saturating_add(1);
        // What was already on its way when it opened proves nothing new.
        if self.unanswered < OPENS_AFTER || self.open_until > now {
            return false;
        }
        let first = self.pause_ms == 0;
        self.pause_ms = if first { PAUSE_MS } else { (self.pause_ms * 2).min(PAUSE_MAX_MS) };
        self.open_until = now + self.pause_ms;
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unanswered(breaker: &mut Breaker, times: u32, now: i64) {
        for _ in 0..times {
            breaker.ended(false, now);
        }
    }

    #[test]
    fn silence_narrows_then_opens_and_an_answer_closes() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.allows(0), Allowed::All);
        breaker.ended(false, 0);
        assert_eq!(breaker.allows(0), Allowed::One);
        unanswered(&mut breaker, OPENS_AFTER - 2, 0);
        assert_eq!(breaker.allows(0), Allowed::One);
        assert!(breaker.ended(false, 0));
        assert_eq!(breaker.allows(PAUSE_MS - 1), Allowed::NothingUntil(PAUSE_MS));
        assert_eq!(breaker.allows(PAUSE_MS), Allowed::One);
        breaker.ended(true, PAUSE_MS);
        assert_eq!(breaker.allows(PAUSE_MS), Allowed::All);
        breaker.ended(false, PAUSE_MS);
        assert_eq!(breaker.allows(PAUSE_MS), Allowed::One);
    }

    #[test]
    fn failed_probes_double_the_pause_up_to_a_limit_and_stragglers_do_not() {
        let (mut breaker, mut now) = (Breaker::default(), 0);
        unanswered(&mut breaker, OPENS_AFTER + 5, now);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let Allowed::NothingUntil(until) = breaker.allows(now) else { panic!("open at {now}") };
            pauses.push(until - now);
            now = until;
            assert!(!breaker.ended(false, now), "only the first is news");
        }
        assert_eq!(pauses, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    }

    #[test]
    fn an_answer_of_any_kind_keeps_it_closed() {
        let mut breaker = Breaker::default();
        for _ in 0..100 {
            unanswered(&mut breaker, OPENS_AFTER - 1, 0);
            breaker.ended(true, 0);
            assert_eq!(breaker.allows(0), Allowed::All);
        }
    }
}
