//! Rate limits (reference: platform-protocol 4): counted per API, app and tenant, in memory of each server.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::api::error::Exceeded;
use crate::auth::app_number;
use crate::clock::Clock;

/// More calls in a period are no limit.
const CALLS_MAX: u32 = 1_000_000;

/// The platform's tiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// 10 a minute.
    Tier1,
    /// 20 a minute.
    Tier2,
    /// 100 a minute.
    Tier3,
    /// 1000 a minute and 50 a second.
    Tier4,
    /// 1 a second.
    Tier5,
    /// 5 a second.
    Tier6,
    /// 10 a second.
    Tier7,
    /// 20 a second.
    Tier8,
    /// 50 a second.
    Tier9,
    /// 50 a second, for business plans 100 on the platform.
    Tier10,
    /// 100 a second.
    Tier11,
    /// 3 a second.
    Tier21,
    /// "Special rate limit" without figures, and pages that state none: the operator's setting, tier 4 by default.
    Special,
}

/// One meter of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meter {
    /// Calls a second.
    PerSecond(NonZeroU32),
    /// Calls a minute.
    PerMinute(NonZeroU32),
}

const fn per_second(calls: u32) -> Meter {
    Meter::PerSecond(NonZeroU32::new(calls).expect("a tier allows at least one call"))
}

const fn per_minute(calls: u32) -> Meter {
    Meter::PerMinute(NonZeroU32::new(calls).expect("a tier allows at least one call"))
}

impl Rate {
    /// The meters of a tier; each one alone triggers. For [`Self::Special`] those of its default, tier 4.
    pub const fn meters(self) -> &'static [Meter] {
        match self {
            Self::Tier1 => &[const { per_minute(10) }],
            Self::Tier2 => &[const { per_minute(20) }],
            Self::Tier3 => &[const { per_minute(100) }],
            Self::Tier4 | Self::Special => &[const { per_second(50) }, const { per_minute(1000) }],
            Self::Tier5 => &[const { per_second(1) }],
            Self::Tier6 => &[const { per_second(5) }],
            Self::Tier7 => &[const { per_second(10) }],
            Self::Tier8 => &[const { per_second(20) }],
            Self::Tier9 | Self::Tier10 => &[const { per_second(50) }],
            Self::Tier11 => &[const { per_second(100) }],
            Self::Tier21 => &[const { per_second(3) }],
        }
    }
}

/// Reads a limit as an operator writes it: `tier4`, or `100/min`, `50/s` or both with a comma, or `off`. `None` for
/// anything else.
pub fn read(text: &str) -> Option<Vec<Meter>> {
    if text == "off" {
        return Some(Vec::new());
    }
    if let Some(tier) = text.strip_prefix("tier") {
        return tier_of(tier).map(|rate| rate.meters().to_vec());
    }
    let meters: Vec<Meter> = text.split(',').map(|part| read_meter(part.trim())).collect::<Option<_>>()?;
    let one_a_period = match meters.as_slice() {
        [Meter::PerSecond(_), Meter::PerSecond(_)] | [Meter::PerMinute(_), Meter::PerMinute(_)] => false,
        _ => meters.len() <= 2,
    };
    one_a_period.then_some(meters)
}

fn tier_of(number: &str) -> Option<Rate> {
    Some(match number {
        "1" => Rate::Tier1,
        "2" => Rate::Tier2,
        "3" => Rate::Tier3,
        "4" => Rate::Tier4,
        "5" => Rate::Tier5,
        "6" => Rate::Tier6,
        "7" => Rate::Tier7,
        "8" => Rate::Tier8,
        "9" => Rate::Tier9,
        "10" => Rate::Tier10,
        "11" => Rate::Tier11,
        "21" => Rate::Tier21,
        _ => return None,
    })
}

fn read_meter(text: &str) -> Option<Meter> {
    let (calls, period) = text.split_once('/')?;
    let digits = !calls.is_empty() && calls.bytes().all(|b| b.is_ascii_digit());
    let calls = digits.then(|| calls.parse().ok()).flatten().and_then(NonZeroU32::new);
    let calls = calls.filter(|calls| calls.get() <= CALLS_MAX)?;
    match period {
        "s" => Some(Meter::PerSecond(calls)),
        "min" => Some(Meter::PerMinute(calls)),
        _ => None,
    }
}

/// The injected clock as governor wants it: it never goes back, and developer mode moves it.
#[derive(Debug, Clone)]
struct Ticks(Clock);

impl governor::clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

// The key is the app's number: an app belongs to one tenant, so it names both.
type Keyed = RateLimiter<u64, DashMapStateStore<u64>, Ticks, NoOpMiddleware<Duration>>;

/// The limits of one endpoint. The default never triggers.
#[derive(Debug, Default)]
pub struct EndpointLimits {
    meters: Vec<(u32, Keyed)>,
    ticks: Option<Ticks>,
}

impl EndpointLimits {
    /// These limits by `clock`.
    pub fn new(meters: &[Meter], clock: &Clock) -> Self {
        let ticks = Ticks(clock.clone());
        let keyed = |meter: &Meter| {
            let (calls, quota) = match *meter {
                Meter::PerSecond(calls) => (calls, Quota::per_second(calls)),
                Meter::PerMinute(calls) => (calls, Quota::per_minute(calls)),
            };
            (calls.get(), RateLimiter::dashmap_with_clock(quota, ticks.clone()))
        };
        Self { meters: meters.iter().map(keyed).collect(), ticks: Some(ticks) }
    }

    /// [`Self::check`] by app id.
    ///
    /// # Errors
    /// As for [`Self::check`].
    pub fn check_app(&self, app_id: &str) -> Result<(), Exceeded> {
        self.check(app_number(app_id).unwrap_or_default())
    }

    /// Counts a call of an app.
    ///
    /// # Errors
    /// The limit that the call exceeds.
    pub fn check(&self, app_number: u64) -> Result<(), Exceeded> {
        let Some(ticks) = &self.ticks else { return Ok(()) };
        for (limit, meter) in &self.meters {
            if let Err(until) = meter.check_key(&app_number) {
                let wait = until.wait_time_from(ticks.now());
                let reset_s = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                return Err(Exceeded { limit: *limit, reset_s: reset_s.max(1) });
            }
        }
        Ok(())
    }

    /// Forgets apps whose meters are full again, so that memory follows use.
    pub fn forget_idle(&self) {
        for (_, meter) in &self.meters {
            meter.retain_recent();
            meter.shrink_to_fit();
        }
    }
}

/// The limits of all endpoints of one server.
#[derive(Debug)]
pub struct Limits {
    clock: Clock,
    on: bool,
    special: Vec<Meter>,
    endpoints: Mutex<Vec<Arc<EndpointLimits>>>,
}

impl Limits {
    /// No endpoint yet. With `on` false nothing is counted; `special` are the meters of [`Rate::Special`].
    pub fn new(clock: Clock, on: bool, special: Vec<Meter>) -> Self {
        Self { clock, on, special, endpoints: Mutex::default() }
    }

    /// The limits of a new endpoint.
    pub fn endpoint(&self, rate: Rate) -> Arc<EndpointLimits> {
        if !self.on {
            return Arc::default();
        }
        let meters = if rate == Rate::Special { &self.special } else { rate.meters() };
        let limits = Arc::new(EndpointLimits::new(meters, &self.clock));
        self.locked().push(Arc::clone(&limits));
        limits
    }

    /// Forgets idle apps everywhere.
    pub fn forget_idle(&self) {
        let endpoints = self.locked().clone();
        for limits in endpoints {
            limits.forget_idle();
        }
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Arc<EndpointLimits>>> {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_triggers_per_app_and_the_wait_is_whole_seconds() {
        let clock = Clock::frozen(0);
        let limits = EndpointLimits::new(Rate::Tier1.meters(), &clock);
        for _ in 0..10 {
            assert_eq!(limits.check(1), Ok(()));
        }
        assert_eq!(limits.check(1), Err(Exceeded { limit: 10, reset_s: 6 }));
        assert_eq!(limits.check(2), Ok(()));
        clock.advance(5_900);
        assert_eq!(limits.check(1), Err(Exceeded { limit: 10, reset_s: 1 }));
        clock.advance(100);
        assert_eq!(limits.check(1), Ok(()));
    }

    #[test]
    fn either_meter_of_tier_4_triggers() {
        let clock = Clock::frozen(0);
        let limits = EndpointLimits::new(Rate::Special.meters(), &clock);
        let mut allowed = 0;
        let mut hit = Vec::new();
        for _ in 0..60 {
            for _ in 0..50 {
                match limits.check(1) {
                    Ok(()) => allowed += 1,
                    Err(exceeded) => hit.push(exceeded.limit),
                }
            }
            assert_eq!(limits.check(1).map_err(|e| e.reset_s), Err(1));
            clock.advance(1_000);
        }
        assert!((1000..2050).contains(&allowed), "{allowed}");
        assert!(hit.contains(&1000));
    }

    #[test]
    fn switched_off_nothing_is_counted_and_idle_apps_are_forgotten() {
        let clock = Clock::frozen(0);
        let off = Limits::new(clock.clone(), false, Vec::new()).endpoint(Rate::Tier1);
        assert!((0..100).all(|_| off.check(1).is_ok()));
        let on = Limits::new(clock.clone(), true, Vec::new());
        let limits = on.endpoint(Rate::Tier1);
        assert_eq!(limits.check(1), Ok(()));
        clock.advance(3_600_000);
        on.forget_idle();
        assert!(limits.meters.iter().all(|(_, meter)| meter.is_empty()));
    }

    #[test]
    fn special_limits_are_the_operators() {
        let per = |text: &str| read(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(per("off"), []);
        assert_eq!(per("tier4"), Rate::Tier4.meters());
        assert_eq!(per("tier21"), [per_second(3)]);
        assert_eq!(per("100/min"), [per_minute(100)]);
        assert_eq!(per("1000/min, 50/s"), [per_minute(1000), per_second(50)]);
        for bad in [
            "",
            "on",
            "tier",
            "tier0",
            "tier12",
            "4",
            "0/s",
            "-1/s",
            "+1/s",
            "1/h",
            "1000001/s",
            "1/s,2/s",
            "1/s,",
            "1/s,1/min,1/s",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        let clock = Clock::frozen(0);
        let limits = Limits::new(clock.clone(), true, per("2/s")).endpoint(Rate::Special);
        assert_eq!([1, 1, 1].map(|app| limits.check(app).is_ok()), [true, true, false]);
        let free = Limits::new(clock.clone(), true, per("off"));
        assert!((0..5_000).all(|_| free.endpoint(Rate::Special).check(1).is_ok()));
        let tier = free.endpoint(Rate::Tier5);
        assert_eq!([1, 1].map(|app| tier.check(app).is_ok()), [true, false]);
    }
}
