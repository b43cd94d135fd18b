//! Schedules against a model that looks at every minute.

use proptest::prelude::*;

use super::*;

const MINUTE_MS: i64 = 60_000;

fn slot(start: &str, end: &str, weekday: i64) -> Slot {
    Slot { start_time: start.into(), end_time: end.into(), weekday }
}

fn schedule(slots: &[(&str, &str, i64)]) -> Schedule {
    let slots: Vec<Slot> = slots.iter().map(|(start, end, weekday)| slot(start, end, *weekday)).collect();
    Schedule::new(&slots).unwrap()
}

fn ms(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn text(at: Option<i64>) -> String {
    at.map_or_else(|| "never".into(), |ms| Timestamp::from_millisecond(ms).unwrap().to_string())
}

#[test]
fn without_slots_every_time_is_on_duty() {
    let always = Schedule::default();
    assert!(always.is_empty() && always.on_duty(&TimeZone::UTC, 0));
    assert_eq!(always.next_change(&TimeZone::UTC, 0), None);
    let whole_week = schedule(&[("00:00", "24:00", 9)]);
    assert_eq!(whole_week.next_change(&zone("Europe/Berlin").unwrap(), ms("2026-03-28T12:00:00Z")), None);
    assert!(whole_week.on_duty(&TimeZone::UTC, i64::MAX) && whole_week.on_duty(&TimeZone::UTC, i64::MIN));
}

#[test]
fn weekdays_have_their_codes() {
    // 2026-01-05 is a Monday.
    for (code, days) in
        [(1, vec![5]), (7, vec![11]), (9, (5..12).collect()), (10, (5..10).collect()), (11, vec![10, 11])]
    {
        let schedule = schedule(&[("09:00", "17:00", code)]);
        for day in 5..12 {
            let noon = ms(&format!("2026-01-{day:02}T12:00:00Z"));
            assert_eq!(schedule.on_duty(&TimeZone::UTC, noon), days.contains(&day), "weekday {code}, day {day}");
        }
    }
}

#[test]
fn a_slot_holds_its_start_and_not_its_end() {
    let office = schedule(&[("09:00", "17:00", 10)]);
    for (at, expected) in [
        ("2026-01-05T08:59:59.999Z", false),
        ("2026-01-05T09:00:00Z", true),
        ("2026-01-05T16:59:59.999Z", true),
        ("2026-01-05T17:00:00Z", false),
    ] {
        assert_eq!(office.on_duty(&TimeZone::UTC, ms(at)), expected, "{at}");
    }
    let next = |at: &str| text(office.next_change(&TimeZone::UTC, ms(at)));
    assert_eq!(next("2026-01-05T08:00:00.001Z"), "2026-01-05T09:00:00Z");
    assert_eq!(next("2026-01-05T09:00:00Z"), "2026-01-05T17:00:00Z");
    assert_eq!(next("2026-01-09T17:00:00Z"), "2026-01-12T09:00:00Z");
}

#[test]
fn an_end_before_the_start_is_on_the_next_day() {
    let night = schedule(&[("22:00", "06:00", 7)]);
    // Sunday the 11th into Monday the 12th.
    for (at, expected) in [
        ("2026-01-11T05:00:00Z", false),
        ("2026-01-11T22:00:00Z", true),
        ("2026-01-12T05:59:00Z", true),
        ("2026-01-12T06:00:00Z", false),
        ("2026-01-12T22:00:00Z", false),
    ] {
        assert_eq!(night.on_duty(&TimeZone::UTC, ms(at)), expected, "{at}");
    }
    let till_midnight = schedule(&[("22:00", "00:00", 1)]);
    let end = till_midnight.next_change(&TimeZone::UTC, ms("2026-01-05T23:00:00Z"));
    assert_eq!(text(end), "2026-01-06T00:00:00Z");
    // Slots that meet are one.
    let joined = schedule(&[("08:00", "12:00", 1), ("12:00", "24:00", 1), ("00:00", "01:00", 2)]);
    assert_eq!(text(joined.next_change(&TimeZone::UTC, ms("2026-01-05T09:00:00Z"))), "2026-01-06T01:00:00Z");
}

#[test]
fn summer_time_moves_the_office_hours() {
    let berlin = zone("Europe/Berlin").unwrap();
    let office = schedule(&[("09:00", "17:00", 9)]);
    let next = |at: &str| text(office.next_change(&berlin, ms(at)));
    assert_eq!(next("2026-03-28T17:00:00Z"), "2026-03-29T07:00:00Z");
    assert_eq!(next("2026-10-24T16:00:00Z"), "2026-10-25T08:00:00Z");
    // From 02:00 to 03:00 is left out on 29 March, and comes twice on 25 October.
    let small_hours = schedule(&[("02:00", "03:00", 7)]);
    assert_eq!(text(small_hours.next_change(&berlin, ms("2026-03-28T12:00:00Z"))), "2026-04-05T00:00:00Z");
    assert_eq!(text(small_hours.next_change(&berlin, ms("2026-10-25T00:00:00Z"))), "2026-10-25T02:00:00Z");
    // A slot that ends in the hour that is left out ends when the clock changes.
    let gap = schedule(&[("01:00", "02:30", 7)]);
    assert_eq!(text(gap.next_change(&berlin, ms("2026-03-29T00:30:00Z"))), "2026-03-29T01:00:00Z");
}

#[test]
fn a_wrong_slot_is_named() {
    let fault = |start: &str, end: &str, weekday| Schedule::new(&[slot(start, end, weekday)]).unwrap_err();
    for bad in ["", "9:00", "09:60", "24:00", "24:01", "25:00", "09.00", "09:00:00", "+9:00", "ab:cd", "０９:00"] {
        assert_eq!(fault(bad, "18:00", 1).at, "[0].start_time", "{bad}");
    }
    for bad in ["9:00", "24:01", "18:61"] {
        assert_eq!(fault("08:00", bad, 1).at, "[0].end_time", "{bad}");
    }
    assert!(fault("08:00", "08:00", 1).why.contains("whole day"));
    for bad in [0, 8, 12, -1] {
        assert_eq!(fault("08:00", "18:00", bad).at, "[0].weekday", "{bad}");
    }
    assert_eq!(Schedule::new(&vec![slot("08:00", "18:00", 1); 51]).unwrap_err().at, "");
    assert!(Schedule::new(&[slot("00:00", "24:00", 9)]).is_ok());
}

#[test]
fn a_schedule_is_stored_as_it_is_written() {
    let stored = r#"[{"start_time":"08:05","end_time":"24:00","weekday":10}]"#;
    let schedule: Schedule = serde_json::from_str(stored).unwrap();
    assert_eq!(serde_json::to_string(&schedule).unwrap(), stored);
    assert!(serde_json::from_str::<Schedule>(r#"[{"start_time":"8","end_time":"24:00","weekday":10}]"#).is_err());
}

#[test]
fn time_zones_are_known_by_their_iana_names() {
    for name in ["UTC", "Europe/Berlin", "Asia/Shanghai", "America/Argentina/Buenos_Aires"] {
        assert_eq!(zone(name).unwrap().iana_name(), Some(name));
    }
    for bad in ["", "Mars/Olympus", "CEST", "+02:00", "Etc/Unknown"] {
        assert!(zone(bad).is_none(), "{bad}");
    }
}

/// The minutes of a week, Monday first, that slots cover: painted one by one.
fn painted(slots: &[Slot]) -> Vec<bool> {
    let mut week = vec![false; 7 * 1440];
    let minute = |text: &str| text[..2].parse::<usize>().unwrap() * 60 + text[3..].parse::<usize>().unwrap();
    for slot in slots {
        let days: Vec<usize> = match slot.weekday {
            9 => (0..7).collect(),
            10 => (0..5).collect(),
            11 => vec![5, 6],
            day => vec![usize::try_from(day).unwrap() - 1],
        };
        let (start, mut end) = (minute(&slot.start_time), minute(&slot.end_time));
        if end < start {
            end += 1440;
        }
        for day in days {
            for at in start..end {
                week[(day * 1440 + at) % (7 * 1440)] = true;
            }
        }
    }
    week
}

fn model(week: &[bool], zone: &TimeZone, at: i64) -> bool {
    let local = Timestamp::from_millisecond(at).unwrap().to_zoned(zone.clone());
    let day = usize::from(local.weekday().to_monday_zero_offset().unsigned_abs());
    week[day * 1440 + usize::from(minute_of(local.hour())) * 60 + usize::from(minute_of(local.minute()))]
}

fn slots() -> impl Strategy<Value = Vec<Slot>> {
    // Coarse times, so that slots meet, overlap and touch changes of the clock.
    let slot = (0_u16..48, 0_u16..=48, 0..WEEKDAYS.len()).prop_filter_map("ends at its start", |(start, end, day)| {
        let clock = |half: u16| format!("{:02}:{:02}", half / 2, half % 2 * 30);
        (start != end).then(|| slot(&clock(start), &clock(end), WEEKDAYS[day]))
    });
    proptest::collection::vec(slot, 1..5)
}

// Changes at odd hours and by odd amounts; Apia left a day out in 2011.
const ZONES_TRIED: [&str; 10] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Pacific/Apia",
    "Africa/Cairo",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
];

#[test]
fn somebody_is_there_until_the_last_of_those_who_relieve_each_other_leaves() {
    let (utc, monday) = (TimeZone::UTC, ms("2026-01-05T08:00:00Z"));
    let early = schedule(&[("07:00", "12:00", 10)]);
    let late = schedule(&[("11:00", "18:30", 10)]);
    let told = |schedules: &[Schedule], now: i64| {
        let (on_duty, until) = hours(schedules, &utc, now);
        (on_duty, text(until))
    };
    let both = [early.clone(), late.clone()];
    assert_eq!(told(&both, monday), (true, "2026-01-05T18:30:00Z".into()));
    assert_eq!(told(&[early], monday), (true, "2026-01-05T12:00:00Z".into()));
    // Friday evening: nobody until Monday.
    assert_eq!(told(&both, ms("2026-01-09T19:00:00Z")), (false, "2026-01-12T07:00:00Z".into()));
    assert_eq!(told(&[late, Schedule::default()], monday), (true, "never".into()));
    assert_eq!(told(&[], monday), (false, "never".into()));
    let (day, night) = (schedule(&[("06:00", "18:00", 9)]), schedule(&[("18:00", "06:00", 9)]));
    assert_eq!(told(&[day, night], monday), (true, "never".into()), "relieved at once, always");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn duty_and_its_next_change_are_those_of_every_minute(
        slots in slots(),
        name in 0..ZONES_TRIED.len(),
        // 2010 to 2035, in minutes; half of them shortly before a change of the clock.
        minute in 21_038_400_i64..34_187_040,
        near_change in any::<bool>(),
        back in 0_i64..3_000,
    ) {
        let zone = zone(ZONES_TRIED[name]).unwrap();
        let mut now = minute * MINUTE_MS;
        if near_change && let Some(change) = zone.following(timestamp(now)).next() {
            now = change.timestamp().as_millisecond() - back * MINUTE_MS;
        }
        let (schedule, week) = (Schedule::new(&slots).unwrap(), painted(&slots));
        let duty = model(&week, &zone, now);
        prop_assert_eq!(schedule.on_duty(&zone, now), duty);
        let expected = (1..HORIZON_DAYS * 1440).map(|m| now + m * MINUTE_MS).find(|at| model(&week, &zone, *at) != duty);
        let found = schedule.next_change(&zone, now);
        prop_assert_eq!(text(found), text(expected), "from {}", text(Some(now)));
        if let Some(at) = found {
            prop_assert_eq!(schedule.on_duty(&zone, at), model(&week, &zone, at));
        }
    }
}

#[test]
fn slots_that_cover_the_same_time_are_found() {
    let overlap = |slots: &[(&str, &str, i64)]| {
        let slot = |&(start, end, weekday): &(&str, &str, i64)| Slot {
            start_time: start.into(),
            end_time: end.into(),
            weekday,
        };
        Schedule::new(&slots.iter().map(slot).collect::<Vec<_>>()).unwrap().overlap()
    };
    assert_eq!(overlap(&[]), None);
    assert_eq!(overlap(&[("09:00", "12:00", 1), ("12:00", "17:00", 1), ("09:00", "12:00", 2)]), None);
    assert_eq!(overlap(&[("00:00", "24:00", 9)]), None);
    assert_eq!(overlap(&[("22:00", "21:59", 9)]), None);
    assert_eq!(overlap(&[("13:00", "17:00", 3), ("09:00", "12:01", 10), ("12:00", "13:00", 5)]), Some((1, 2)));
    assert_eq!(overlap(&[("22:00", "06:00", 1), ("05:59", "07:00", 2)]), Some((0, 1)));
    // Sunday's night reaches into Monday.
    assert_eq!(overlap(&[("05:00", "07:00", 1), ("22:00", "06:00", 11)]), Some((0, 1)));
    assert_eq!(overlap(&[("06:00", "07:00", 1), ("22:00", "06:00", 11)]), None);
}
