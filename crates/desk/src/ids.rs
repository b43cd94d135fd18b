//! Ids in the platform's own forms, from one injected source.
//!
//! Decimal ids are 19 digits: Unix seconds in the upper 32 bits, as the platform's are, then 10 bits of milliseconds,
//! 10 bits of server number and 12 bits of counter. They grow with time on one server and never repeat across servers,
//! because server numbers are leased in the database ([`crate::node`]).

use std::sync::Mutex;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Server numbers go from 0 to this, exclusive.
pub const NODES: i64 = 1024;
const COUNTER_MAX: i64 = 4096;

/// The source of ids and randomness of one server.
pub struct Ids {
    node: i64,
    inner: Mutex<Inner>,
}

struct Inner {
    rng: StdRng,
    last_ms: i64,
    counter: i64,
}

impl std::fmt::Debug for Ids {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ids").field("node", &self.node).finish_non_exhaustive()
    }
}

impl Ids {
    /// Ids of server number `node` (0..1024), with randomness from `seed`.
    pub fn new(node: i64, seed: [u8; 32]) -> Self {
        let inner = Inner { rng: StdRng::from_seed(seed), last_ms: 0, counter: 0 };
        Self { node: node.rem_euclid(NODES), inner: Mutex::new(inner) }
    }

    fn with<T>(&self, f: impl FnOnce(&mut Inner) -> T) -> T {
        // A panic while the lock is held leaves only random state behind, which is safe to go on with.
        f(&mut self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// A new 19-digit id for something made at `now` (Unix ms). Ids of one server strictly grow, even if the clock
    /// stands still or goes back.
    pub fn decimal(&self, now: i64) -> i64 {
        self.with(|inner| {
            if now > inner.last_ms {
                inner.last_ms = now;
                inner.counter = 0;
            } else {
                inner.counter += 1;
                if inner.counter == COUNTER_MAX {
                    inner.last_ms += 1;
                    inner.counter = 0;
                }
            }
            floor_at(inner.last_ms) | (self.node << 12) | inner.counter
        })
    }

    /// `prefix` and 32 random hex digits, such as `om_…`.
    pub fn tagged(&self, prefix: &str) -> String {
        let mut id = String::with_capacity(prefix.len() + 32);
        id.push_str(prefix);
        push_hex(&mut id, &self.bytes::<16>());
        id
    }

    /// A new message id, `om_` and 32 hex digits, that hides the message's position in its chat: a message is found by
    /// its id without an index of random ids, whose every insert would touch another page.
    pub fn message(&self, position: i64) -> String {
        let mut bytes = self.bytes::<16>();
        let place = u32::try_from(position).unwrap_or(u32::MAX).to_be_bytes();
        for (i, part) in place.into_iter().enumerate() {
            bytes[12 + i] = bytes[i] ^ part;
        }
        let mut id = String::with_capacity(35);
        id.push_str("om_");
        push_hex(&mut id, &bytes);
        id
    }

    /// A random version 4 UUID in its usual form.
    pub fn uuid(&self) -> String {
        let mut bytes = self.bytes::<16>();
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        uuid_text(&bytes)
    }

    /// A new id for an event of `now` (Unix ms): a version 7 UUID, which begins with the time, so that ids of events that
    /// happen one after another lie side by side in an index.
    pub fn event(&self, now: i64) -> String {
        let mut bytes = self.bytes::<16>();
        bytes[..6].copy_from_slice(&now.to_be_bytes()[2..]);
        bytes[6] = (bytes[6] & 0x0f) | 0x70;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        uuid_text(&bytes)
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.with(|inner| inner.rng.fill_bytes(&mut bytes));
        bytes
    }
}

/// The smallest decimal id that can be made at `ms` (Unix milliseconds).
pub fn floor_at(ms: i64) -> i64 {
    (ms.div_euclid(1000) << 32) | (ms.rem_euclid(1000) << 22)
}

/// When a decimal id was made, Unix milliseconds.
pub fn made_at(id: i64) -> i64 {
    (id >> 32) * 1000 + ((id >> 22) & 0x3ff)
}

/// The smallest decimal id that can have been made `ms` before the one given.
pub fn before(id: i64, ms: i64) -> i64 {
    floor_at(made_at(id) - ms)
}

/// The position that a message id hides; `None` for what is no message id.
pub fn message_position(id: &str) -> Option<i64> {
    let bytes: [u8; 16] = hex::decode(id.strip_prefix("om_")?).ok()?.try_into().ok()?;
    let place = [0, 1, 2, 3].map(|i| bytes[i] ^ bytes[12 + i]);
    Some(i64::from(u32::from_be_bytes(place)))
}

/// Reads a decimal id: digits only, above zero, no sign and no leading zero.
pub fn parse(text: &str) -> Option<i64> {
    let well_formed = !text.is_empty() && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    if well_formed { text.parse().ok() } else { None }
}

fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

fn uuid_text(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (i, byte) in bytes.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        push_hex(&mut text, std::slice::from_ref(byte));
    }
    text
}

fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    let dashes = text.len() == 36 && [8, 13, 18, 23].iter().all(|&i| text.as_bytes()[i] == b'-');
    let digits: String = text.chars().filter(|&c| c != '-').collect();
    if !dashes || digits.len() != 32 {
        return None;
    }
    hex::decode(digits).ok()?.try_into().ok()
}

// The header's id is made from the body's id, so that one stored id answers for both. Any fixed bijection will do.
fn twist(bytes: [u8; 16]) -> [u8; 16] {
    let mut out = [0; 16];
    for (i, byte) in bytes.iter().enumerate() {
        out[15 - i] = byte ^ 0x5a;
    }
    out
}

/// The 32-digit `header.event_id` of the event whose body id is `event_id` (a UUID).
pub fn header_event_id(event_id: &str) -> String {
    uuid_bytes(event_id).map(|b| hex::encode(twist(b))).unwrap_or_default()
}

/// The body's id (a UUID) named by `text`, which may be that id or the header's 32 hex digits; `None` for anything else.
pub fn body_event_id(text: &str) -> Option<String> {
    if let Some(bytes) = uuid_bytes(text) {
        return Some(uuid_text(&bytes));
    }
    let bytes: [u8; 16] = hex::decode(text).ok()?.try_into().ok()?;
    Some(uuid_text(&twist(bytes)))
}

/// When the event with this body id happened, Unix ms; `None` for an id that begins with no time.
pub fn event_at(event_id: &str) -> Option<i64> {
    let bytes = uuid_bytes(event_id).filter(|bytes| bytes[6] >> 4 == 7)?;
    Some(bytes[..6].iter().fold(0, |at, byte| (at << 8) | i64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Ids {
        Ids::new(7, [1; 32])
    }

    #[test]
    fn decimal_ids_have_19_digits_and_grow_even_when_the_clock_goes_back() {
        let ids = ids();
        let mut last = 0;
        for now in [1_700_000_000_000, 1_700_000_000_000, 1_699_999_999_000, 1_700_000_000_001] {
            for _ in 0..5_000 {
                let id = ids.decimal(now);
                assert!(id > last);
                assert_eq!(id.to_string().len(), 19);
                last = id;
            }
        }
    }

    #[test]
    fn an_id_tells_when_it_was_made() {
        let id = ids().decimal(1_700_000_000_123);
        assert_eq!(before(id, 0), floor_at(1_700_000_000_123));
        assert_eq!(before(id, 1_124), floor_at(1_699_999_998_999));
    }

    #[test]
    fn ids_of_two_servers_differ_at_the_same_time() {
        let (a, b) = (Ids::new(1, [1; 32]), Ids::new(2, [1; 32]));
        assert_ne!(a.decimal(1_700_000_000_000), b.decimal(1_700_000_000_000));
    }

    #[test]
    fn an_event_is_named_by_its_body_id_and_by_its_header_id() {
        let body = ids().uuid();
        let header = header_event_id(&body);
        assert_eq!(header.len(), 32);
        assert_ne!(header, body.replace('-', ""));
        assert_eq!(body_event_id(&header).as_deref(), Some(body.as_str()));
        assert_eq!(body_event_id(&body.to_uppercase()).as_deref(), Some(body.as_str()));
        for bad in ["", "abc", "zz", "118a6492-122d-04ad-4370-010a3bb384d", "118a6492x122d-04ad-4370-010a3bb384d3", "é"]
        {
            assert_eq!(body_event_id(bad), None, "{bad}");
        }
    }

    #[test]
    fn ids_of_events_grow_with_time() {
        let ids = ids();
        let made = [1_700_000_000_000, 1_700_000_000_001, 1_800_000_000_000].map(|now| ids.event(now));
        assert!(made.is_sorted(), "{made:?}");
        assert!(made[0].starts_with("018bcfe5-6800-7"), "{made:?}");
        assert_ne!(ids.event(1), ids.event(1));
        assert_eq!(made.map(|id| event_at(&id)), [1_700_000_000_000, 1_700_000_000_001, 1_800_000_000_000].map(Some));
        assert_eq!((event_at(&ids.uuid()), event_at("x")), (None, None));
    }

    #[test]
    fn a_message_id_hides_its_position() {
        let ids = ids();
        for position in [1, 2, 222, 70_000, i64::from(u32::MAX)] {
            let id = ids.message(position);
            assert_eq!((id.len(), message_position(&id)), (35, Some(position)));
        }
        assert_ne!(ids.message(1), ids.message(1));
        for bad in ["", "om_", "om_12", "ou_00000000000000000000000000000000", "om_zz000000000000000000000000000000"] {
            assert_eq!(message_position(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_decimal_id_tells_when_it_was_made() {
        let ids = ids();
        for now in [1_700_000_000_000, 1_700_000_000_999, 1_700_000_001_001] {
            assert_eq!(made_at(ids.decimal(now)), now);
            assert_eq!(made_at(floor_at(now)), now);
        }
    }

    #[test]
    fn decimal_ids_are_read_strictly() {
        assert_eq!(parse("6900000000000000001"), Some(6_900_000_000_000_000_001));
        for bad in ["", "0", "-1", "+1", "01", "1a", "99999999999999999999", " 1"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
