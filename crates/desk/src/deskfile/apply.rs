//! Makes the database match a file, in one transaction.
//!
//! Rows that the file names are created or changed, rows that an earlier file made and that a list no longer names are
//! removed. Help desks and tenants stay, because tickets hang on them; people stay for the same reason, but lose their
//! password and with it the console.

mod agents;
mod alone;
mod apps;
mod cases;
mod categories;
mod desks;
mod faqs;
mod fields;
mod people;
mod pictures;
mod skills;

pub use alone::{put_app, put_helpdesk, put_user, take_app, take_user};

use std::sync::Arc;

use db::{Db, DbError, Tx, params};

use super::known::Known;
use super::parse::Fault;
use super::prepare::{Prepared, prepare};
use super::report::{Action, Report};
use super::types::{DeskFile, Tenant};
use crate::faq::Way;
use crate::ids::Ids;
use crate::notification::Newcomer;
use crate::ticket::assign;
use crate::vault::Vault;
use crate::{Cx, Refusal, audit, directory, notification};

/// Makes the database match. A second apply of the same file writes nothing.
///
/// # Errors
/// What the database refused; then nothing was written.
pub fn apply(tx: &mut Tx<'_>, cx: &mut Cx, vault: &Vault, prepared: &Prepared) -> Result<Report, Refusal> {
    cx.by.way = Way::DeskFile;
    let (report, rebalance, newcomers) = (Report::default(), Vec::new(), Vec::new());
    let (directory_changed, managed) = (false, true);
    let mut work = Work { tx, cx, vault, prepared, report, directory_changed, managed, rebalance, newcomers };
    for tenant in &prepared.file.tenants {
        let (changes, counts) = (work.report.changes.len(), work.report.counts);
        work.tenant(tenant)?;
        for user in tenant.users.iter().flatten() {
            work.user(tenant, user)?;
        }
        notification::joined(work.tx, work.cx, &tenant.key, &std::mem::take(&mut work.newcomers))?;
        for app in tenant.apps.iter().flatten() {
            work.app(tenant, app)?;
        }
        for (i, desk) in tenant.helpdesks.iter().flatten().enumerate() {
            work.helpdesk(tenant, desk, i)?;
        }
        work.leaving_apps(tenant)?;
        work.leaving_users(tenant)?;
        work.leaving_helpdesks(tenant)?;
        work.on_record(tenant, changes, counts)?;
    }
    if work.directory_changed {
        directory::touch(work.tx, work.cx)?;
    }
    work.rebalance()?;
    Ok(work.report)
}

/// Why an apply ended without a commit.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// It was a rehearsal. The report tells what would have changed.
    #[error("nothing was written: this was a rehearsal")]
    DryRun(Box<Report>),
    /// The file has mistakes.
    #[error("the desk file has {} mistakes", .0.len())]
    Faults(Vec<Fault>),
    /// The database refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Refused(error.into())
    }
}

/// Does everything that [`apply`] does and answers with an error, so that the transaction is rolled back.
pub fn rehearse(tx: &mut Tx<'_>, cx: &mut Cx, vault: &Vault, prepared: &Prepared) -> Stop {
    match apply(tx, cx, vault, prepared) {
        Ok(report) => Stop::DryRun(Box::new(report)),
        Err(refusal) => Stop::Refused(refusal),
    }
}

/// Checks a file and applies it to `db`, for the command line and start-up: blocks the calling thread. A dry run
/// answers with its report and writes nothing.
///
/// # Errors
/// The file's mistakes, or what the database refused. Never [`Stop::DryRun`].
pub fn put(db: &Db, keys: (&Vault, &Arc<Ids>), now: i64, file: DeskFile, dry_run: bool) -> Result<Report, Stop> {
    let known = db.read_blocking(|tx| Known::read(tx).map_err(Stop::from))?;
    let prepared = prepare(file, &known, keys.1).map_err(Stop::Faults)?;
    let (vault, ids) = (keys.0.clone(), Arc::clone(keys.1));
    let outcome = db.write_blocking(move |tx| {
        let mut cx = Cx::new(now, Arc::clone(&ids));
        if dry_run {
            return Err(rehearse(tx, &mut cx, &vault, &prepared));
        }
        apply(tx, &mut cx, &vault, &prepared).map_err(Stop::from)
    });
    match outcome {
        Err(Stop::DryRun(report)) => Ok(*report),
        Ok(report) => {
            db.tell([directory::NEWS.to_owned()]);
            Ok(report)
        }
        Err(stop) => Err(stop),
    }
}

struct Work<'w, 't> {
    tx: &'w mut Tx<'t>,
    cx: &'w mut Cx,
    vault: &'w Vault,
    prepared: &'w Prepared,
    report: Report,
    directory_changed: bool,
    /// Whether what is made belongs to a file, which then may take it away again.
    managed: bool,
    /// Help desks where agents, their duty or their skills changed.
    rebalance: Vec<i64>,
    /// People of the tenant at hand who were not there before.
    newcomers: Vec<Newcomer>,
}

impl Work<'_, '_> {
    fn tenant(&mut self, tenant: &Tenant) -> Result<(), DbError> {
        let name = self
            .tx
            .query_opt("SELECT name FROM tenant WHERE tenant = $1", &params![&tenant.key], |row| row.string(0))?;
        match name {
            None => {
                self.tx.execute(
                    "INSERT INTO tenant (tenant, name, created_at) VALUES ($1, $2, $3)",
                    &params![&tenant.key, &tenant.name, self.cx.now],
                )?;
                self.directory(Action::Created, format!("tenant {}", tenant.key));
            }
            Some(name) if name != tenant.name => {
                self.tx
                    .execute("UPDATE tenant SET name = $1 WHERE tenant = $2", &params![&tenant.name, &tenant.key])?;
                self.directory(Action::Updated, format!("tenant {}: name", tenant.key));
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// Puts on record what changed in a tenant since the report was as long as this.
    fn on_record(&mut self, tenant: &Tenant, changes: usize, counts: [usize; 3]) -> Result<(), DbError> {
        if self.report.counts == counts {
            return Ok(());
        }
        let lines: Vec<String> = self.report.changes[changes..].iter().map(ToString::to_string).collect();
        audit::record_apply(self.tx, self.cx, &tenant.key, lines.join("\n"))
    }

    /// Has the queues of help desks meet their agents again, as the rows are now.
    fn rebalance(&mut self) -> Result<(), DbError> {
        if self.rebalance.is_empty() {
            return Ok(());
        }
        let directory = directory::load(self.tx, self.vault)?;
        for desk in self.rebalance.iter().filter_map(|id| directory.helpdesks.get(id)) {
            assign::rebalance(self.tx, self.cx, desk)?;
        }
        Ok(())
    }

    /// Notes a change of a row that the directory shows.
    fn directory(&mut self, action: Action, what: String) {
        self.directory_changed = true;
        self.report.changed(action, what);
    }

    fn seal(&self, text: &str) -> Vec<u8> {
        self.vault.seal(text, self.cx.ids.bytes())
    }

    fn seal_opt(&self, text: Option<&String>) -> Option<Vec<u8>> {
        text.map(|text| self.seal(text))
    }
}

/// Collects which columns of a row change.
#[derive(Default)]
struct Diff(Vec<&'static str>);

impl Diff {
    /// Gives `old` the value `new`; `true` if that is a change.
    fn set<T: PartialEq>(&mut self, column: &'static str, old: &mut T, new: T) -> bool {
        let changed = *old != new;
        if changed {
            *old = new;
            self.0.push(column);
        }
        changed
    }

    /// [`Self::set`], unless the file says nothing.
    fn set_if<T: PartialEq>(&mut self, column: &'static str, old: &mut T, new: Option<T>) -> bool {
        new.is_some_and(|new| self.set(column, old, new))
    }

    /// Notes a change that is in no column.
    fn note(&mut self, what: &'static str) {
        self.0.push(what);
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn columns(&self) -> String {
        self.0.join(", ")
    }
}

/// What a column becomes: the file's text, nothing if that is empty, and `None` to leave it as it is.
#[expect(clippy::option_option, reason = "leave alone, remove and set are three things")]
fn given(text: Option<&str>) -> Option<Option<String>> {
    text.map(|text| (!text.is_empty()).then(|| text.to_owned()))
}
