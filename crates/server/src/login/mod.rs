//! Who somebody is, by e-mail address and password. The one place that looks at passwords, for every page that asks for
//! them.
//!
//! Tries are counted before they are made, for the account and for the address ([`throttle`]). Checking a password is
//! slow on purpose: it happens off the async threads, a few at a time, and takes as long for an address nobody has.

mod record;
mod throttle;

use std::net::IpAddr;
use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use desk::admin::session;
use desk::person::{self, Person};
use desk::{Refusal, secret};
use tokio::sync::Semaphore;

use self::throttle::Throttle;
use crate::app::App;

/// How many tries an account has in five minutes.
pub const TRIES: u32 = throttle::ACCOUNT_TRIES;
/// How many log-ins may wait for their turn; the next ones are told to come back.
const WAITING_MAX: usize = 64;
/// How many people of several tenants with one e-mail address are tried.
const CANDIDATES_MAX: usize = 8;
/// A longer text is no e-mail address.
const EMAIL_BYTES_MAX: usize = 254;
/// What an unknown address's password is compared with: a hash like all others, of a password that nobody has.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$ZGVza3dpcmUtbm9ib2R5IQ$fnYkKL8xL2zLQ2bDl3gGq6cVfDnR8oWmVb0pYx1sTnU";

/// Who has logged in.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// The tenant whose account it is.
    pub tenant: String,
    /// The person.
    pub person: Person,
    /// What a session remembers of the password.
    pub password_mark: String,
}

/// Why somebody has not.
#[derive(Debug)]
pub enum LoginFault {
    /// Address and password do not belong together.
    Wrong,
    /// The same address and password open accounts of several tenants, so one of these has to be named.
    Several(Vec<String>),
    /// Too many tries.
    Throttled {
        /// How long to wait, in ms.
        wait_ms: i64,
    },
    /// Too many others are logging in at this moment.
    Busy,
    /// The database failed.
    Failed(Refusal),
}

/// What a server keeps for log-ins between requests.
#[derive(Debug)]
pub struct Doorkeeper {
    throttle: Mutex<Throttle>,
    waiting: Arc<Semaphore>,
    checking: Arc<Semaphore>,
}

impl Default for Doorkeeper {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            throttle: Mutex::default(),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            checking: Arc::new(Semaphore::new(processors)),
        }
    }
}

impl Doorkeeper {
    /// Forgets all tries.
    pub fn forget(&self) {
        *self.throttle.lock().unwrap_or_else(PoisonError::into_inner) = Throttle::default();
    }
}

/// Checks an e-mail address and a password, sent from `address`, in one tenant or, with `None`, in all.
///
/// # Errors
/// Why there is nobody.
pub async fn check(
    app: &App,
    tenant: Option<&str>,
    email: &str,
    password: &str,
    address: IpAddr,
) -> Result<LoggedIn, LoginFault> {
    let (door, email) = (app.doorkeeper(), email.trim());
    let admitted = door.throttle().admit(email, address, now_ms(app));
    if let Err(wait_ms) = admitted {
        record::throttled(app, tenant, email, address).await;
        return Err(LoginFault::Throttled { wait_ms });
    }
    let checked = match candidates(app, tenant, email).await {
        Ok(found) => {
            let meant: Vec<LoggedIn> = found.iter().map(|(who, _)| who.clone()).collect();
            let checked = door.find(found, password).await;
            if matches!(checked, Err(LoginFault::Wrong)) {
                record::failed(app, tenant, &meant, address).await;
            }
            checked
        }
        Err(refusal) => Err(LoginFault::Failed(refusal)),
    };
    match &checked {
        // Who has the right password is not guessing.
        Ok(_) | Err(LoginFault::Several(_)) => door.throttle().forgive(email, address),
        // Not the user's fault, so not counted.
        Err(LoginFault::Failed(_) | LoginFault::Busy) => door.throttle().take_back(email, address),
        Err(LoginFault::Wrong | LoginFault::Throttled { .. }) => {}
    }
    checked
}

/// The clock's running time: it does not go back with the system's, and developer mode moves it.
fn now_ms(app: &App) -> i64 {
    i64::try_from(app.clock().elapsed().as_millis()).unwrap_or(i64::MAX)
}

/// Everybody who might be meant, with the hash of their password.
async fn candidates(app: &App, tenant: Option<&str>, email: &str) -> Result<Vec<(LoggedIn, String)>, Refusal> {
    if email.is_empty() || email.len() > EMAIL_BYTES_MAX || email.contains('\0') {
        return Ok(Vec::new());
    }
    let mut tenants: Vec<String> = match tenant {
        Some(tenant) => vec![tenant.to_owned()],
        None => app.directory().tenants.keys().cloned().collect(),
    };
    tenants.sort_unstable();
    let email = email.to_owned();
    app.read(move |tx, _| {
        let mut found = Vec::new();
        for tenant in &tenants {
            for (person, hash) in person::by_login(tx, tenant, &email)? {
                let password_mark = session::password_mark(&hash);
                found.push((LoggedIn { tenant: tenant.clone(), person, password_mark }, hash));
            }
        }
        found.truncate(CANDIDATES_MAX);
        Ok(found)
    })
    .await
}

impl Doorkeeper {
    // A panic while the lock is held leaves whole counters behind, which is safe to go on with.
    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does slow work off the async threads, a few at a time; `None` if too many wait for their turn already, or the server
    /// shuts down.
    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let place = Arc::clone(&self.waiting).try_acquire_owned().ok()?;
        let turn = Arc::clone(&self.checking).acquire_owned().await.ok()?;
        let work = move || {
            // Kept until the work is done, even if nobody waits for it any more.
            let _held = (place, turn);
            work()
        };
        tokio::task::spawn_blocking(work).await.ok()
    }

    /// The hash of a password; `None` if too many others are signing in at this moment.
    pub async fn hash(&self, password: String, salt: [u8; 16]) -> Option<String> {
        self.in_turn(move || secret::password_hash(&password, salt)).await
    }

    /// The one among `found` whose password it is. Of several in one tenant the first.
    async fn find(&self, found: Vec<(LoggedIn, String)>, password: &str) -> Result<LoggedIn, LoginFault> {
        let password = password.to_owned();
        let work = move || {
            if found.is_empty() {
                secret::password_matches(&password, NOBODY);
            }
            let mut theirs: Vec<LoggedIn> = Vec::new();
            for (who, hash) in found {
                let other_tenant = theirs.last().is_none_or(|last| last.tenant != who.tenant);
                if other_tenant && secret::password_matches(&password, &hash) {
                    theirs.push(who);
                }
            }
            theirs
        };
        let mut theirs = self.in_turn(work).await.ok_or(LoginFault::Busy)?;
        if theirs.len() > 1 {
            return Err(LoginFault::Several(theirs.into_iter().map(|who| who.tenant).collect()));
        }
        theirs.pop().ok_or(LoginFault::Wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_hash_takes_as_long_as_any_other() {
        let cost = |hash: &str| hash.rsplitn(3, '$').nth(2).unwrap().to_owned();
        let real = secret::password_hash("x", [1; 16]);
        assert_eq!(cost(NOBODY), cost(&real));
        assert_eq!(NOBODY.len(), real.len());
        assert!(secret::is_password_hash(NOBODY));
    }
}
