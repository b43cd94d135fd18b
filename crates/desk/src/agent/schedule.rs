//! When an agent is on duty: weekly slots on the clock of the help desk's time zone.
//!
//! A slot is read on the wall clock, so an agent who works from 09:00 does so in summer and in winter. An hour that the
//! clock shows twice is on duty both times, and one that it leaves out never comes.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most slots of one agent.
pub const SLOTS_MAX: usize = 50;
/// What `weekday` may be: 1 to 7 Monday to Sunday, 9 every day, 10 weekdays, 11 the weekend (reference: `weekday`).
pub const WEEKDAYS: [i64; 10] = [1, 2, 3, 4, 5, 6, 7, 9, 10, 11];

/// Minutes of a day without a change of the clock.
const DAY_MIN: u16 = 1440;
/// Minutes of a week.
const WEEK_MIN: u16 = 7 * DAY_MIN;
/// How far [`Schedule::next_change`] looks: two weeks and a day, because a change of the clock can leave a slot out once.
const HORIZON_DAYS: i64 = 15;

/// How many changes of single schedules [`hours`] looks through: a week in which agents relieve each other six times a day.
const CHANGES_MAX: usize = 48;

// The time zones that this program was built with; the machine's own may be older, or missing.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The time zone of an IANA name such as `Europe/Berlin`; `None` if there is none.
pub fn zone(name: &str) -> Option<TimeZone> {
    // `Etc/Unknown` is there, but it is the name of none.
    ZONES.get(name).ok().filter(|zone| zone.iana_name().is_some())
}

/// A slot of a weekly schedule as it is written. An end before the start lies on the next day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// `HH:MM`, from 00:00 to 23:59.
    pub start_time: String,
    /// `HH:MM`, from 00:00 to 24:00; before `start_time` it is on the next day.
    pub end_time: String,
    /// 1 to 7 Monday to Sunday, 9 every day, 10 weekdays, 11 the weekend.
    pub weekday: i64,
}

/// What is wrong with a list of slots.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct SlotFault {
    /// Where, behind the list's own name: `[0].end_time`; empty for the list.
    pub at: String,
    /// What is wrong and what is allowed.
    pub why: String,
}

impl SlotFault {
    fn new(i: usize, field: &str, why: String) -> Self {
        Self { at: format!("[{i}].{field}"), why }
    }
}

/// A checked slot: minutes since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u16,
    end: u16,
    weekday: i64,
}

impl Span {
    /// Whether the slot begins on this day, 1 Monday to 7 Sunday.
    fn on(self, day: i64) -> bool {
        match self.weekday {
            9 => true,
            10 => day <= 5,
            11 => day >= 6,
            only => day == only,
        }
    }

    fn covers(self, day: i64, minute: u16) -> bool {
        if self.start < self.end {
            return self.on(day) && (self.start..self.end).contains(&minute);
        }
        let yesterday = if day == 1 { 7 } else { day - 1 };
        self.on(day) && minute >= self.start || self.on(yesterday) && minute < self.end
    }
}

/// A checked weekly schedule; an empty one is always on duty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Slot>", into = "Vec<Slot>")]
pub struct Schedule(Vec<Span>);

impl Schedule {
    /// Checks slots.
    ///
    /// # Errors
    /// The first mistake: too many slots, a time that is none, an end equal to its start, an unknown weekday.
    pub fn new(slots: &[Slot]) -> Result<Self, SlotFault> {
        if slots.len() > SLOTS_MAX {
            let why = format!("at most {SLOTS_MAX} slots are allowed");
            return Err(SlotFault { at: String::new(), why });
        }
        slots.iter().enumerate().map(|(i, slot)| span(i, slot)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether there is no slot, so that every time is on duty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first two slots, by number, that cover the same time of some day. That does no harm, but it is hardly meant.
    pub fn overlap(&self) -> Option<(usize, usize)> {
        let mut taken: Vec<(u16, u16, usize)> = Vec::new();
        for (i, span) in self.0.iter().enumerate() {
            let length = if span.start < span.end { span.end - span.start } else { DAY_MIN - span.start + span.end };
            for (day, before) in (1..=7).zip(0..7) {
                let start = before * DAY_MIN + span.start;
                let end = start + length;
                // The night of Sunday ends on Monday.
                let parts = [(start, end.min(WEEK_MIN)), (0, end.saturating_sub(WEEK_MIN))];
                taken.extend(parts.into_iter().filter(|(from, to)| span.on(day) && from < to).map(|(f, t)| (f, t, i)));
            }
        }
        taken.sort_unstable();
        let both = taken.windows(2).find(|pair| pair[1].0 < pair[0].1)?;
        Some((both[0].2.min(both[1].2), both[0].2.max(both[1].2)))
    }

    /// The slots as they are written.
    pub fn slots(&self) -> Vec<Slot> {
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let slot = |s: &Span| Slot { start_time: clock(s.start), end_time: clock(s.end), weekday: s.weekday };
        self.0.iter().map(slot).collect()
    }

    /// Whether `now` (Unix ms) lies in a slot on the clock of `zone`.
    pub fn on_duty(&self, zone: &TimeZone, now: i64) -> bool {
        self.is_empty() || self.covers(zone, timestamp(now))
    }

    fn covers(&self, zone: &TimeZone, at: Timestamp) -> bool {
        let local = zone.to_datetime(at);
        let day = i64::from(local.weekday().to_monday_one_offset());
        let minute = minute_of(local.hour()) * 60 + minute_of(local.minute());
        self.0.iter().any(|span| span.covers(day, minute))
    }

    /// The first moment after `now` (Unix ms) at which [`Self::on_duty`] is another; `None` if it stays as it is.
    pub fn next_change(&self, zone: &TimeZone, now: i64) -> Option<i64> {
        if self.is_empty() {
            return None;
        }
        let now = timestamp(now);
        let duty = self.covers(zone, now);
        let mut moments = self.moments(zone, now);
        moments.retain(|at| *at > now);
        moments.sort_unstable();
        moments.into_iter().find(|at| self.covers(zone, *at) != duty).map(Timestamp::as_millisecond)
    }

    /// When slots begin or end or the clock changes, from the day of `now` to the horizon, in no order.
    fn moments(&self, zone: &TimeZone, now: Timestamp) -> Vec<Timestamp> {
        let mut edges: Vec<u16> = self.0.iter().flat_map(|span| [span.start, span.end % DAY_MIN]).collect();
        edges.sort_unstable();
        edges.dedup();
        let today = zone.to_datetime(now).date();
        let mut moments = Vec::new();
        for day in (0..=HORIZON_DAYS).filter_map(|days| today.checked_add(days.days()).ok()) {
            moments.extend(edges.iter().flat_map(|edge| at_edge(zone, day, *edge)).flatten());
        }
        let horizon = moments.iter().copied().max().unwrap_or(now);
        moments.extend(zone.following(now).map(|change| change.timestamp()).take_while(|at| *at <= horizon));
        moments
    }
}

/// Whether any of these schedules is on duty at `now` (Unix ms), and when that changes; `None` if it never does, or not
/// within [`CHANGES_MAX`] changes of single schedules.
pub fn hours(schedules: &[Schedule], zone: &TimeZone, now: i64) -> (bool, Option<i64>) {
    let on_duty = |at| schedules.iter().any(|schedule| schedule.on_duty(zone, at));
    let duty = on_duty(now);
    if schedules.iter().any(Schedule::is_empty) {
        return (true, None);
    }
    let mut at = now;
    for _ in 0..CHANGES_MAX {
        let next = schedules.iter().filter_map(|schedule| schedule.next_change(zone, at)).min();
        match next {
            Some(next) if on_duty(next) != duty => return (duty, Some(next)),
            Some(next) => at = next,
            None => break,
        }
    }
    (duty, None)
}

/// When the clock shows this minute of the day: once, twice, or never, when the change of the clock itself is the edge.
fn at_edge(zone: &TimeZone, day: Date, minute: u16) -> [Option<Timestamp>; 2] {
    let (hour, minute) = (minute / 60, minute % 60);
    let (Ok(hour), Ok(minute)) = (i8::try_from(hour), i8::try_from(minute)) else { return [None; 2] };
    let local = day.at(hour, minute, 0, 0);
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => [offset.to_timestamp(local).ok(), None],
        AmbiguousOffset::Gap { .. } => [None; 2],
        AmbiguousOffset::Fold { before, after } => [before.to_timestamp(local).ok(), after.to_timestamp(local).ok()],
    }
}

/// A time that the calendar can hold; those beyond are its ends.
fn timestamp(ms: i64) -> Timestamp {
    let end = if ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(ms).unwrap_or(end)
}

fn minute_of(part: i8) -> u16 {
    u16::from(part.unsigned_abs())
}

fn span(i: usize, slot: &Slot) -> Result<Span, SlotFault> {
    let start = minutes(&slot.start_time).filter(|start| *start < DAY_MIN).ok_or_else(|| {
        let why = format!("{:?} is not allowed; HH:MM from 00:00 to 23:59 is", slot.start_time);
        SlotFault::new(i, "start_time", why)
    })?;
    let end = minutes(&slot.end_time).ok_or_else(|| {
        let why = format!("{:?} is not allowed; HH:MM from 00:00 to 24:00 is", slot.end_time);
        SlotFault::new(i, "end_time", why)
    })?;
    if start == end {
        let why = "must differ from start_time; a whole day is 00:00 to 24:00".to_owned();
        return Err(SlotFault::new(i, "end_time", why));
    }
    if !WEEKDAYS.contains(&slot.weekday) {
        let why = "1 to 7 are Monday to Sunday, 9 is every day, 10 weekdays, 11 the weekend";
        return Err(SlotFault::new(i, "weekday", format!("{} is not allowed; {why}", slot.weekday)));
    }
    Ok(Span { start, end, weekday: slot.weekday })
}

/// `HH:MM` as minutes since midnight, up to 24:00.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |part: &str| {
        let two_digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        two_digits.then(|| part.parse::<u16>().ok())?
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY_MIN).then_some(total)
}

impl TryFrom<Vec<Slot>> for Schedule {
    type Error = SlotFault;

    fn try_from(slots: Vec<Slot>) -> Result<Self, SlotFault> {
        Self::new(&slots)
    }
}

impl From<Schedule> for Vec<Slot> {
    fn from(schedule: Schedule) -> Self {
        schedule.slots()
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
