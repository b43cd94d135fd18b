//! Tickets: what a discovery URL proves. They describe themselves and are authenticated, so any server with the same
//! master key takes one that another gave out; that one is used up is known to the server that took it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use desk::directory;
use desk::ids::Ids;
use desk::vault::Vault;

use super::SERVICE;
use crate::auth::Seal;

/// How long a URL is good, in ms.
pub(crate) const LIFE_MS: i64 = 60_000;
/// Tickets that are remembered as used up. More in one minute are refused, so that the memory is bounded.
const USED_MAX: usize = 100_000;
/// How much of a client's user agent a ticket carries, in bytes.
const USER_AGENT_MAX: usize = 120;

/// Makes and takes tickets.
#[derive(Debug)]
pub(crate) struct Tickets {
    seal: Seal,
    /// When a used ticket ends, and its device: the oldest first.
    used: Mutex<BTreeSet<(i64, i64)>>,
}

/// What a ticket says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// The app that may connect.
    pub(crate) app_id: String,
    /// The version of the secret that it asked with.
    pub(crate) secret_version: i64,
    /// The id of the connection to be.
    pub(crate) device_id: i64,
    /// Who asked, in the client's words.
    pub(crate) user_agent: String,
    expires_at: i64,
}

impl Tickets {
    /// Tickets under a key of `vault`, none of them used.
    pub(crate) fn new(vault: &Vault) -> Self {
        Self { seal: Seal::new(vault.key("long-connection")), used: Mutex::default() }
    }

    /// The query of a URL for `app`. Clients depend on its order: Node reads the whole URL as a query string and so
    /// loses the first parameter's name.
    pub(crate) fn query(&self, app: &directory::App, user_agent: &str, ids: &Ids, now_ms: i64) -> String {
        let (device_id, access_key) = (ids.decimal(now_ms), ids.bytes::<16>());
        let user_agent = &user_agent[..user_agent.floor_char_boundary(USER_AGENT_MAX)];
        let mut payload = Vec::with_capacity(64 + app.app_id.len() + user_agent.len());
        payload.extend_from_slice(&device_id.to_be_bytes());
        payload.extend_from_slice(&access_key);
        payload.extend_from_slice(&(now_ms + LIFE_MS).to_be_bytes());
        payload.extend_from_slice(&app.secret_version.to_be_bytes());
        // No app id holds a NUL: the database takes none.
        payload.extend_from_slice([app.app_id.as_str(), user_agent].join("\0").as_bytes());
        let (ticket, access_key) = (self.seal.seal("", &payload), hex::encode(access_key));
        format!(
            "fpid=493&aid=552564&device_id={device_id}&access_key={access_key}&service_id={SERVICE}&ticket={ticket}"
        )
    }

    /// The ticket in a URL's query, if it was made here, fits the rest of the query and is not over. It may be used up.
    pub(crate) fn read(&self, query: &str, now_ms: i64) -> Option<Ticket> {
        let parameter = |name: &str| {
            let mut all = form_urlencoded::parse(query.as_bytes());
            all.find(|(given, _)| given == name).map(|(_, value)| value)
        };
        let opened = self.seal.open(&parameter("ticket")?)?;
        let (device_id, rest) = opened.payload().split_first_chunk()?;
        let (access_key, rest) = rest.split_first_chunk::<16>()?;
        let (expires_at, rest) = rest.split_first_chunk()?;
        let (secret_version, names) = rest.split_first_chunk()?;
        let (app_id, user_agent) = std::str::from_utf8(names).ok()?.split_once('\0')?;
        let ticket = Ticket {
            app_id: app_id.to_owned(),
            secret_version: i64::from_be_bytes(*secret_version),
            device_id: i64::from_be_bytes(*device_id),
            user_agent: user_agent.to_owned(),
            expires_at: i64::from_be_bytes(*expires_at),
        };
        let fits = parameter("device_id")? == ticket.device_id.to_string()
            && parameter("access_key")? == hex::encode(access_key);
        (fits && now_ms < ticket.expires_at).then_some(ticket)
    }

    /// Uses a ticket up; false if it is used up already.
    pub(crate) fn take(&self, ticket: &Ticket, now_ms: i64) -> bool {
        // A panic while the lock is held leaves the set whole, so going on is safe.
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        while used.first().is_some_and(|(expires_at, _)| *expires_at <= now_ms) {
            used.pop_first();
        }
        used.len() < USED_MAX && used.insert((ticket.expires_at, ticket.device_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fixtures;

    const NOW: i64 = 1_767_600_000_000;

    fn tickets() -> Tickets {
        Tickets::new(&Vault::new([1; 32]))
    }

    fn query() -> String {
        tickets().query(&fixtures::app(), "oapi-sdk-python/1.7.5", &Ids::new(1, [1; 32]), NOW)
    }

    #[test]
    fn a_ticket_says_who_may_connect_until_its_minute_is_over() {
        let ticket = tickets().read(&query(), NOW + LIFE_MS - 1).unwrap();
        assert_eq!((ticket.app_id.as_str(), ticket.secret_version), (fixtures::APP_ID, 1));
        assert_eq!(ticket.user_agent, "oapi-sdk-python/1.7.5");
        assert_eq!(ticket.device_id.to_string().len(), 19);
        assert_eq!(tickets().read(&query(), NOW + LIFE_MS), None);
    }

    #[test]
    fn parameters_stand_in_the_platforms_order() {
        let names: Vec<String> =
            form_urlencoded::parse(query().as_bytes()).map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["fpid", "aid", "device_id", "access_key", "service_id", "ticket"]);
        assert!(query().contains("&service_id=33554678&"));
    }

    #[test]
    fn a_ticket_of_another_key_or_with_another_query_is_none() {
        assert_eq!(Tickets::new(&Vault::new([2; 32])).read(&query(), NOW), None);
        let other = tickets().query(&fixtures::app(), "", &Ids::new(2, [2; 32]), NOW);
        let (mine, _) = query().split_once("&ticket=").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let (_, theirs) = other.split_once("&ticket=").unwrap();
        assert_eq!(tickets().read(&format!("{mine}&ticket={theirs}"), NOW), None);
        for bad in ["", "ticket=", "ticket=abc", "device_id=1&access_key=2"] {
            assert_eq!(tickets().read(bad, NOW), None, "{bad}");
        }
    }

    #[test]
    fn a_ticket_is_used_up_by_its_first_use_and_forgotten_when_it_is_over() {
        let tickets = tickets();
        let ticket = tickets.read(&query(), NOW).unwrap();
        assert!(tickets.take(&ticket, NOW));
        assert!(!tickets.take(&ticket, NOW + 1));
        let later = Ticket { device_id: 7, expires_at: NOW + 2 * LIFE_MS, ..ticket };
        assert!(tickets.take(&later, NOW + LIFE_MS));
        assert_eq!(tickets.used.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_long_user_agent_is_cut_between_characters() {
        let agent = "客".repeat(100);
        let query = tickets().query(&fixtures::app(), &agent, &Ids::new(1, [1; 32]), NOW);
        assert_eq!(tickets().read(&query, NOW).unwrap().user_agent, "客".repeat(40));
    }
}
