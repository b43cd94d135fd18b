//! Counts tries to log in: a few for an account and more for an address, each within [`WINDOW_MS`] of the first. In
//! memory of each server, and bounded.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};

use desk::secret::token_hash;

/// After the first try, this long until all are forgotten, in ms.
pub(super) const WINDOW_MS: i64 = 300_000;
/// Tries for an account.
pub(super) const ACCOUNT_TRIES: u32 = 10;
/// Tries from an address; many people may share one.
pub(super) const ADDRESS_TRIES: u32 = 100;
/// Tries from an address that are put on record though they are at nobody's account or come too soon.
const RECORDED: u32 = 10;
/// How many accounts and how many addresses are remembered.
const ENTRIES_MAX: usize = 10_000;

/// The tries of accounts and addresses.
#[derive(Debug)]
pub(super) struct Throttle {
    accounts: Tally<String>,
    addresses: Tally<IpAddr>,
    /// Tries that were put on record though they were at nobody's account or came too soon.
    recorded: Tally<IpAddr>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            accounts: Tally::new(ACCOUNT_TRIES),
            addresses: Tally::new(ADDRESS_TRIES),
            recorded: Tally::new(RECORDED),
        }
    }
}

impl Throttle {
    /// Counts a try, whose outcome is not known yet: so many tries at the same time do not slip through.
    ///
    /// # Errors
    /// How long to wait, in ms. Then nothing was counted.
    pub fn admit(&mut self, email: &str, address: IpAddr, now_ms: i64) -> Result<(), i64> {
        let (account, network) = (account(email), network(address));
        self.accounts.room(&account, now_ms)?;
        self.addresses.room(&network, now_ms)?;
        self.accounts.count(account, now_ms);
        self.addresses.count(network, now_ms);
        Ok(())
    }

    /// Whether a try at nobody's account, or one that came too soon, may still be put on record. It counts as if it were.
    pub fn may_record(&mut self, address: IpAddr, now_ms: i64) -> bool {
        let network = network(address);
        let may = self.recorded.room(&network, now_ms).is_ok();
        if may {
            self.recorded.count(network, now_ms);
        }
        may
    }

    /// The try succeeded: the account starts anew.
    pub fn forgive(&mut self, email: &str, address: IpAddr) {
        self.accounts.entries.remove(&account(email));
        self.addresses.take_back(&network(address));
    }

    /// The try could not be made.
    pub fn take_back(&mut self, email: &str, address: IpAddr) {
        self.accounts.take_back(&account(email));
        self.addresses.take_back(&network(address));
    }
}

/// Whatever was typed has the same size.
fn account(email: &str) -> String {
    token_hash(&email.to_lowercase())
}

/// Who has one IPv6 address has the whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

#[derive(Debug)]
struct Tally<K> {
    most: u32,
    entries: HashMap<K, Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    tries: u32,
    until_ms: i64,
}

impl<K: Hash + Eq + Clone> Tally<K> {
    fn new(most: u32) -> Self {
        Self { most, entries: HashMap::new() }
    }

    fn room(&self, key: &K, now_ms: i64) -> Result<(), i64> {
        match self.entries.get(key) {
            Some(entry) if now_ms < entry.until_ms && entry.tries >= self.most => Err(entry.until_ms - now_ms),
            _ => Ok(()),
        }
    }

    fn count(&mut self, key: K, now_ms: i64) {
        if self.entries.len() >= ENTRIES_MAX && !self.entries.contains_key(&key) {
            self.make_room(now_ms);
        }
        let fresh = Entry { tries: 0, until_ms: now_ms + WINDOW_MS };
        let entry = self.entries.entry(key).or_insert(fresh);
        if now_ms >= entry.until_ms {
            *entry = fresh;
        }
        entry.tries += 1;
    }

    fn take_back(&mut self, key: &K) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.tries = entry.tries.saturating_sub(1);
        }
    }

    /// Forgets what is over and, if that is nothing, who would be forgotten next.
    fn make_room(&mut self, now_ms: i64) {
        self.entries.retain(|_, entry| now_ms < entry.until_ms);
        if self.entries.len() >= ENTRIES_MAX {
            let next = self.entries.iter().min_by_key(|(_, entry)| entry.until_ms).map(|(key, _)| key.clone());
            if let Some(next) = next {
                self.entries.remove(&next);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_account_has_ten_tries_in_five_minutes_wherever_they_come_from() {
        let mut throttle = Throttle::default();
        for i in 0..ACCOUNT_TRIES {
            assert_eq!(throttle.admit("Ada@demo.test", from(&format!("192.0.2.{i}")), 1_000), Ok(()));
        }
        assert_eq!(throttle.admit("ada@demo.test", from("198.51.100.1"), 1_000), Err(WINDOW_MS));
        assert_eq!(throttle.admit("bob@demo.test", from("198.51.100.1"), 1_000), Ok(()));
        assert_eq!(throttle.admit("ada@demo.test", from("198.51.100.1"), WINDOW_MS + 999), Err(1));
        assert_eq!(throttle.admit("ada@demo.test", from("198.51.100.1"), WINDOW_MS + 1_000), Ok(()));
    }

    #[test]
    fn an_address_has_a_hundred_whoever_they_are_for() {
        let mut throttle = Throttle::default();
        for i in 0..ADDRESS_TRIES {
            assert_eq!(throttle.admit(&format!("u{i}@demo.test"), from(&format!("2001:db8::{i:x}")), 0), Ok(()));
        }
        assert_eq!(throttle.admit("ada@demo.test", from("2001:db8::ffff"), 0), Err(WINDOW_MS));
        assert_eq!(throttle.admit("ada@demo.test", from("2001:db8:0:1::1"), 0), Ok(()));
    }

    #[test]
    fn a_success_starts_anew_and_a_try_that_was_not_made_does_not_count() {
        let mut throttle = Throttle::default();
        let here = from("192.0.2.1");
        for _ in 0..1_000 {
            assert_eq!(throttle.admit("ada@demo.test", here, 0), Ok(()));
            throttle.take_back("ada@demo.test", here);
        }
        for _ in 0..1_000 {
            assert_eq!(throttle.admit("ada@demo.test", here, 0), Ok(()));
            throttle.forgive("ada@demo.test", here);
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut throttle = Throttle::default();
        let count = i64::try_from(ENTRIES_MAX).unwrap() + 100;
        for i in 0..count {
            let address = IpAddr::V4(std::net::Ipv4Addr::from_bits(u32::try_from(i).unwrap()));
            assert_eq!(throttle.admit(&i.to_string(), address, i), Ok(()));
        }
        assert_eq!((throttle.accounts.entries.len(), throttle.addresses.entries.len()), (ENTRIES_MAX, ENTRIES_MAX));
        assert_eq!(throttle.admit("late", from("192.0.2.1"), count + WINDOW_MS), Ok(()));
        assert_eq!(throttle.accounts.entries.len(), 1);
    }
}
