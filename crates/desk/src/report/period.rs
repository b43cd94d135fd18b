//! The days a report is about, and the clock they are read on.

use std::ops::RangeInclusive;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use crate::Refusal;
use crate::directory::Helpdesk;

/// Most days of a report.
pub const DAYS_MAX: i64 = 366;
/// Farthest offset from UTC, in minutes.
pub const OFFSET_MAX_MIN: i64 = 14 * 60;
/// The years that days may lie in: a year before and after them is still a time that can be stored.
const YEARS: RangeInclusive<i16> = 1972..=9990;

/// Which days somebody asks for; days are `YYYY-MM-DD`.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The first day.
    pub from: Option<String>,
    /// The last day; today if left out.
    pub to: Option<String>,
    /// How many days until `to`, instead of `from`; 7 if both are left out.
    pub days: Option<i64>,
    /// Minutes from UTC, instead of the help desk's time zone.
    pub utc_offset_min: Option<i64>,
}

/// Whole days on a clock, the first and the last included.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    first: Date,
    last: Date,
    zone: TimeZone,
}

/// A moment as the clock on the wall shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wall {
    /// Days since the period began.
    pub day: usize,
    /// 1 Monday to 7 Sunday.
    pub weekday: i64,
    /// 0 to 23.
    pub hour: i64,
}

impl Period {
    /// Checks what is asked at `now` (Unix ms).
    pub fn new(desk: &Helpdesk, now: i64, wanted: &Wanted) -> Result<Self, Refusal> {
        let zone = match wanted.utc_offset_min {
            None => desk.timezone.clone(),
            Some(minutes) => fixed(minutes)?,
        };
        let today = zone.to_datetime(timestamp(now)).date();
        let last = wanted.to.as_deref().map_or(Ok(today), |text| date("to", text))?;
        let first = match (wanted.from.as_deref(), wanted.days) {
            (Some(_), Some(_)) => return Err(Refusal::invalid("days", "give from or days, not both")),
            (Some(text), None) => date("from", text)?,
            (None, days) => {
                let days = days.unwrap_or(7);
                if !(1..=DAYS_MAX).contains(&days) {
                    return Err(Refusal::invalid("days", format!("must be 1 to {DAYS_MAX}")));
                }
                last.saturating_sub((days - 1).days())
            }
        };
        if first > last {
            return Err(Refusal::invalid("from", format!("{first} is after to ({last})")));
        }
        let period = Self { first, last, zone };
        if period.length() > DAYS_MAX {
            let why = format!("{first} to {last} are {} days; at most {DAYS_MAX} are allowed", period.length());
            return Err(Refusal::invalid("from", why));
        }
        Ok(period)
    }

    /// The same number of days, just before.
    #[must_use]
    pub fn before(&self) -> Self {
        let back = self.length().days();
        Self { first: self.first.saturating_sub(back), last: self.last.saturating_sub(back), zone: self.zone.clone() }
    }

    /// How many days.
    pub fn length(&self) -> i64 {
        i64::from((self.last - self.first).get_days()) + 1
    }

    /// When the first day begins and when the last one is over, Unix ms.
    pub fn bounds(&self) -> (i64, i64) {
        (self.midnight(self.first), self.midnight(self.last.saturating_add(1.day())))
    }

    fn midnight(&self, day: Date) -> i64 {
        let start = day.to_zoned(self.zone.clone()).and_then(|at| at.start_of_day());
        start.map_or(i64::MAX, |at| at.timestamp().as_millisecond())
    }

    /// Its first and last day, `YYYY-MM-DD`.
    pub fn ends(&self) -> (String, String) {
        (self.first.to_string(), self.last.to_string())
    }

    /// All its days, `YYYY-MM-DD`.
    pub fn days(&self) -> impl Iterator<Item = String> + '_ {
        self.first.series(1.day()).take_while(|day| *day <= self.last).map(|day| day.to_string())
    }

    /// The clock's name: an IANA time zone, or an offset such as `+05:30`.
    pub fn clock(&self) -> String {
        let offset = || self.zone.to_offset(Timestamp::UNIX_EPOCH).to_string();
        self.zone.iana_name().map_or_else(offset, str::to_owned)
    }

    /// What the clock shows at a moment (Unix ms), to the second: `2026-03-31 17:05:00`.
    pub fn local(&self, at: i64) -> String {
        self.zone.to_datetime(timestamp(at)).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// What the clock shows at a moment of the period, Unix ms.
    pub fn wall(&self, at: i64) -> Wall {
        let local = self.zone.to_datetime(timestamp(at));
        let day = (local.date() - self.first).get_days();
        Wall {
            day: usize::try_from(day).unwrap_or(0),
            weekday: local.weekday().to_monday_one_offset().into(),
            hour: local.hour().into(),
        }
    }
}

fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

fn date(field: &'static str, text: &str) -> Result<Date, Refusal> {
    let is_shape = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let day = text.parse().ok().filter(|day: &Date| is_shape && YEARS.contains(&day.year()));
    day.ok_or_else(|| {
        let (first, last) = (YEARS.start(), YEARS.end());
        let why = format!("{text:?} is no day of the years {first} to {last}; write YYYY-MM-DD, such as 2026-03-31");
        Refusal::invalid(field, why)
    })
}

fn fixed(minutes: i64) -> Result<TimeZone, Refusal> {
    let allowed = (-OFFSET_MAX_MIN..=OFFSET_MAX_MIN).contains(&minutes);
    let seconds = i32::try_from(minutes * i64::from(allowed)).unwrap_or(0) * 60;
    let offset = Offset::from_seconds(seconds).ok().filter(|_| allowed);
    let why = || Refusal::invalid("utc_offset_min", format!("must be -{OFFSET_MAX_MIN} to {OFFSET_MAX_MIN}"));
    offset.map(TimeZone::fixed).ok_or_else(why)
}
