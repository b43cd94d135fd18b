//! The id of a request, answered in `X-Tt-Logid` and named in errors and logs: 14 digits of UTC time and 16 hex digits
//! (reference: platform-protocol 1).

use std::sync::atomic::{AtomicU64, Ordering};

/// A request's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogId {
    text: [u8; LEN],
}

const LEN: usize = 30;

tokio::task_local! {
    /// The id of the request that this task answers.
    pub static CURRENT: LogId;
}

/// The id of the request being answered; all zeros outside one.
pub fn current() -> LogId {
    CURRENT.try_get().unwrap_or(LogId { text: [b'0'; LEN] })
}

impl LogId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }
}

impl std::fmt::Display for LogId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Makes ids that do not repeat on one server and, with a random seed, hardly ever across servers.
#[derive(Debug)]
pub struct LogIds {
    next: AtomicU64,
}

impl LogIds {
    /// Ids that start at a random `seed`.
    pub fn new(seed: [u8; 8]) -> Self {
        Self { next: AtomicU64::new(u64::from_le_bytes(seed)) }
    }

    /// A new id for a request that arrived at `now_ms` (Unix ms).
    pub fn make(&self, now_ms: i64) -> LogId {
        let mut text = [b'0'; LEN];
        write_utc(&mut text[..14], now_ms.div_euclid(1000));
        write_hex(&mut text[14..], scramble(self.next.fetch_add(1, Ordering::Relaxed)));
        LogId { text }
    }
}

// The finaliser of SplitMix64: a bijection, so that ids of one server never meet.
fn scramble(n: u64) -> u64 {
    let z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn write_hex(out: &mut [u8], mut value: u64) {
    for place in out.iter_mut().rev() {
        *place = b"0123456789abcdef"[usize::from(value.to_le_bytes()[0] & 15)];
        value >>= 4;
    }
}

fn write_decimal(out: &mut [u8], mut value: i64) {
    for place in out.iter_mut().rev() {
        *place = b'0' + value.rem_euclid(10).to_le_bytes()[0];
        value = value.div_euclid(10);
    }
}

/// Writes Unix seconds as `YYYYMMDDhhmmss`.
fn write_utc(out: &mut [u8], seconds: i64) {
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let in_day = seconds.rem_euclid(86_400);
    write_decimal(&mut out[0..4], year);
    write_decimal(&mut out[4..6], month);
    write_decimal(&mut out[6..8], day);
    write_decimal(&mut out[8..10], in_day / 3600);
    write_decimal(&mut out[10..12], in_day / 60 % 60);
    write_decimal(&mut out[12..14], in_day % 60);
}

// Days since 1970 to year, month, day in the Gregorian calendar; years start in March so that leap days come last.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_14_digits_of_utc_time_and_16_hex_digits() {
        let ids = LogIds::new([7; 8]);
        for (seconds, expected) in [
            (0, "19700101000000"),
            (951_782_400, "20000229000000"),
            (1_763_800_000, "20251122082640"),
            (4_107_542_399, "21000228235959"),
        ] {
            let id = ids.make(seconds * 1000 + 999);
            assert_eq!(&id.as_str()[..14], expected);
            assert!(id.as_str()[14..].bytes().all(|b| b.is_ascii_hexdigit()));
        }
        assert_ne!(ids.make(0), ids.make(0));
    }
}
