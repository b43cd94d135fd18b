//! Checks a file and does the slow hashing, so that the transaction only compares and writes.

use std::collections::HashMap;
use std::num::NonZero;
use std::thread;

use super::check::check;
use super::known::Known;
use super::parse::Fault;
use super::types::DeskFile;
use crate::ids::Ids;
use crate::secret;

/// A checked file, ready to be applied.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(super) file: DeskFile,
    /// The password hash that each named user is to have: the stored one, if it is the password's.
    hashes: HashMap<String, HashMap<String, String>>,
}

impl Prepared {
    /// A user of a tenant whose password has this hash, and nothing else; the file is empty.
    pub(super) fn one_user(tenant: &str, user_id: &str, hash: Option<String>) -> Self {
        let hashes = HashMap::from_iter(hash.map(|hash| (user_id.to_owned(), hash)));
        let file = DeskFile { version: 1, tenants: Vec::new() };
        Self { file, hashes: HashMap::from([(tenant.to_owned(), hashes)]) }
    }

    /// The file.
    pub fn file(&self) -> &DeskFile {
        &self.file
    }

    pub(super) fn password_hash(&self, tenant: &str, user_id: &str) -> Option<&str> {
        self.hashes.get(tenant)?.get(user_id).map(String::as_str)
    }
}

/// Finds every mistake and hashes the passwords. Slow on purpose: never inside a transaction.
///
/// # Errors
/// All mistakes.
pub fn prepare(file: DeskFile, known: &Known, ids: &Ids) -> Result<Prepared, Vec<Fault>> {
    let faults = check(&file, known);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut jobs = Vec::new();
    for tenant in &file.tenants {
        for user in tenant.users.iter().flatten() {
            let Some(password) = &user.password else { continue };
            let stored = known.users.get(&tenant.key).and_then(|users| users.get(&user.id));
            let stored = stored.and_then(|user| user.password_hash.as_deref());
            jobs.push(Job {
                tenant: &tenant.key,
                user: &user.id,
                password: password.text(),
                stored,
                salt: ids.bytes(),
            });
        }
    }
    let mut hashes: HashMap<String, HashMap<String, String>> = HashMap::new();
    for (job, hash) in jobs.iter().zip(hash_all(&jobs)) {
        hashes.entry(job.tenant.to_owned()).or_default().insert(job.user.to_owned(), hash);
    }
    Ok(Prepared { file, hashes })
}

struct Job<'a> {
    tenant: &'a str,
    user: &'a str,
    password: &'a str,
    stored: Option<&'a str>,
    salt: [u8; 16],
}

impl Job<'_> {
    fn hash(&self) -> String {
        match self.stored.filter(|hash| secret::password_matches(self.password, hash)) {
            Some(hash) => hash.to_owned(),
            None => secret::password_hash(self.password, self.salt),
        }
    }
}

/// The jobs' hashes in order, made on all processors.
fn hash_all(jobs: &[Job<'_>]) -> Vec<String> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = jobs.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let shares: Vec<_> =
            jobs.chunks(share).map(|jobs| scope.spawn(|| jobs.iter().map(Job::hash).collect::<Vec<_>>())).collect();
        shares.into_iter().flat_map(|share| share.join().expect("hashing does not panic")).collect()
    })
}
