//! Who did what: a row for each change that people, apps or the command line make, and for each sign-in.

use std::collections::BTreeSet;

use db::{DbError, Row, Tx, params};
use jiff::Timestamp;

use crate::admin::events::Scope;
use crate::{Cx, ids};

/// How many characters of a text are kept.
pub const TEXT_MAX: usize = 500;
/// How many characters are kept of what a desk file changed.
pub const REPORT_MAX: usize = 4_000;
/// How many rows a page looks at for those that pass its filter. What it has found until then is the page.
const LOOKED_AT_MAX: usize = 4_000;
/// Rows that are read at once.
const READ_AT_ONCE: i64 = 200;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody with an account.
    Person {
        /// The tenant's own id of the person.
        user_id: String,
        /// As it was then.
        name: String,
    },
    /// An app, by the open API.
    App {
        /// `cli_…`
        app_id: String,
        /// As it was then.
        name: Option<String>,
    },
    /// Somebody with access to the database.
    CommandLine,
    /// Somebody without an account here, who tried to sign in.
    Unknown,
}

impl Actor {
    /// The word in the database and in the API.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Person { .. } => "person",
            Self::App { .. } => "app",
            Self::CommandLine => "command_line",
            Self::Unknown => "unknown",
        }
    }

    /// Its id.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Person { user_id, .. } => Some(user_id),
            Self::App { app_id, .. } => Some(app_id),
            Self::CommandLine | Self::Unknown => None,
        }
    }

    /// Its name.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Person { name, .. } => Some(name),
            Self::App { name, .. } => name.as_deref(),
            Self::CommandLine | Self::Unknown => None,
        }
    }
}

/// What is about to be done, as known before it is.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Whose log it goes to.
    pub tenant: String,
    /// Who does it.
    pub actor: Actor,
    /// The name of the call, such as `admin_faq.patch`, or of the step, such as `sign_in.failed`.
    pub action: String,
    /// The help desk that it is about.
    pub helpdesk_id: Option<i64>,
    /// The id of what it is about.
    pub object: Option<String>,
    /// The network address it came from, if that matters.
    pub address: Option<String>,
}

/// What a use case tells about its change; what is `None` stays as the [`Entry`] says.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The help desk.
    pub helpdesk_id: Option<i64>,
    /// The id of what changed.
    pub object: Option<String>,
    /// What was there, in short, without secrets.
    pub before: Option<String>,
    /// What is there now.
    pub after: Option<String>,
}

impl Told {
    /// A change of something with this id.
    pub fn change(object: impl std::fmt::Display, before: Option<String>, after: Option<String>) -> Self {
        Self { helpdesk_id: None, object: Some(object.to_string()), before, after }
    }
}

/// Writes what was done, with what the use case told about it, at most [`TEXT_MAX`] characters of each text.
pub fn record(tx: &mut Tx<'_>, cx: &Cx, entry: &Entry) -> Result<(), DbError> {
    let told = cx.told.clone().unwrap_or_default();
    write(tx, cx, entry, told, TEXT_MAX)
}

/// Writes what a desk file changed in a tenant, at most [`REPORT_MAX`] characters of it.
pub(crate) fn record_apply(tx: &mut Tx<'_>, cx: &Cx, tenant: &str, changes: String) -> Result<(), DbError> {
    let entry = Entry {
        tenant: tenant.to_owned(),
        actor: Actor::CommandLine,
        action: "deskfile.apply".to_owned(),
        helpdesk_id: None,
        object: None,
        address: None,
    };
    write(tx, cx, &entry, Told { after: Some(changes), ..Told::default() }, REPORT_MAX)
}

fn write(tx: &mut Tx<'_>, cx: &Cx, entry: &Entry, told: Told, most: usize) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO audit (tenant, audit_id, at, actor, actor_id, actor_name, action, helpdesk_id, object, before_text,
                            after_text, address)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &params![
            &entry.tenant,
            cx.ids.decimal(cx.now),
            cx.now,
            entry.actor.word(),
            entry.actor.id(),
            entry.actor.name(),
            &entry.action,
            told.helpdesk_id.or(entry.helpdesk_id),
            &told.object.or_else(|| entry.object.clone()),
            &told.before.map(|text| cut(&text, most)),
            &told.after.map(|text| cut(&text, most)),
            &entry.address
        ],
    )?;
    Ok(())
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// A row of the log.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its id; later ones are greater.
    pub id: i64,
    /// When, Unix ms.
    pub at: i64,
    /// `person`, `app`, `command_line` or `unknown`.
    pub actor: String,
    /// User id or app id.
    pub actor_id: Option<String>,
    /// The name, as it was then.
    pub actor_name: Option<String>,
    /// What was done.
    pub action: String,
    /// The help desk.
    pub helpdesk_id: Option<i64>,
    /// The id of what it was about.
    pub object: Option<String>,
    /// What was there.
    pub before: Option<String>,
    /// What was there then.
    pub after: Option<String>,
    /// Where it came from.
    pub address: Option<String>,
}

impl Line {
    /// When, in UTC as in RFC 3339.
    pub fn time(&self) -> String {
        // Every stored time is one of a clock, far from where a timestamp ends.
        Timestamp::from_millisecond(self.at).map_or_else(|_| self.at.to_string(), |time| time.to_string())
    }
}

/// Which rows; what is `None` lets all through.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of the one with this user id or app id, or whose name holds this, whatever its case.
    pub person: Option<String>,
    /// Only actions whose name begins with one of these, which commas part.
    pub action: Option<String>,
    /// Only what was done to the one with this id.
    pub object: Option<String>,
    /// Only from this time on, Unix ms.
    pub since: Option<i64>,
    /// Only before this time, Unix ms.
    pub until: Option<i64>,
}

impl Filter {
    fn has(&self, line: &Line) -> bool {
        let is = |wanted: &String| {
            let holds = |name: &String| name.to_lowercase().contains(&wanted.to_lowercase());
            line.actor_id.as_ref() == Some(wanted) || line.actor_name.as_ref().is_some_and(holds)
        };
        self.person.as_ref().is_none_or(is)
            && self
                .action
                .as_ref()
                .is_none_or(|wanted| wanted.split(',').any(|begin| line.action.starts_with(begin.trim())))
            && self.object.as_ref().is_none_or(|wanted| line.object.as_ref() == Some(wanted))
    }
}

/// Some rows, newest first.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The rows. There may be fewer than were asked for, and still more on the next page.
    pub lines: Vec<Line>,
    /// What `before` is for the next page; `None` after the last.
    pub next: Option<i64>,
}

/// Up to `size` rows before the one with the id `before`: of the tenant, or of the help desks of the scope.
pub fn page(tx: &mut Tx<'_>, (scope, filter): (&Scope, &Filter), before: i64, size: usize) -> Result<Page, DbError> {
    let mut before = filter.until.map_or(before, |until| before.min(ids::floor_at(until)));
    let since = filter.since.map_or(0, ids::floor_at);
    let (mut lines, mut looked_at) = (Vec::new(), 0);
    loop {
        let read = match &scope.desks {
            None => of_tenant(tx, &scope.tenant, since, before)?,
            Some(desks) => of_desks(tx, &scope.tenant, desks, (since, before))?,
        };
        looked_at += read.len();
        let is_last = i64::try_from(read.len()).unwrap_or(i64::MAX) < READ_AT_ONCE;
        let last = read.last().map(|line| line.id);
        for line in read.into_iter().filter(|line| filter.has(line)) {
            if lines.len() == size {
                let next = lines.last().map(|last: &Line| last.id);
                return Ok(Page { lines, next });
            }
            lines.push(line);
        }
        match last.filter(|_| !is_last) {
            Some(last) if looked_at < LOOKED_AT_MAX => before = last,
            next => return Ok(Page { lines, next }),
        }
    }
}

fn of_tenant(tx: &mut Tx<'_>, tenant: &str, since: i64, before: i64) -> Result<Vec<Line>, DbError> {
    tx.query(
        "SELECT audit_id, at, actor, actor_id, actor_name, action, helpdesk_id, object, before_text, after_text, address
         FROM audit WHERE tenant = $1 AND audit_id >= $2 AND audit_id < $3 ORDER BY audit_id DESC LIMIT $4",
        &params![tenant, since, before, READ_AT_ONCE],
        read,
    )
}

/// The newest rows of several help desks: those of each, put in order.
fn of_desks(
    tx: &mut Tx<'_>,
    tenant: &str,
    desks: &BTreeSet<i64>,
    (since, before): (i64, i64),
) -> Result<Vec<Line>, DbError> {
    let mut lines = Vec::new();
    for desk in desks {
        lines.extend(tx.query(
            "SELECT audit_id, at, actor, actor_id, actor_name, action, helpdesk_id, object, before_text, after_text,
                    address
             FROM audit WHERE tenant = $1 AND helpdesk_id = $2 AND audit_id >= $3 AND audit_id < $4
             ORDER BY audit_id DESC LIMIT $5",
            &params![tenant, *desk, since, before, READ_AT_ONCE],
            read,
        )?);
    }
    lines.sort_unstable_by_key(|line: &Line| std::cmp::Reverse(line.id));
    lines.truncate(usize::try_from(READ_AT_ONCE).unwrap_or(usize::MAX));
    Ok(lines)
}

fn read(row: &Row<'_>) -> Result<Line, DbError> {
    Ok(Line {
        id: row.int(0)?,
        at: row.int(1)?,
        actor: row.string(2)?,
        actor_id: row.opt_string(3)?,
        actor_name: row.opt_string(4)?,
        action: row.string(5)?,
        helpdesk_id: row.opt_int(6)?,
        object: row.opt_string(7)?,
        before: row.opt_string(8)?,
        after: row.opt_string(9)?,
        address: row.opt_string(10)?,
    })
}

/// Whether a tenant has rows that are older than `until` (Unix ms).
pub fn has_older(tx: &mut Tx<'_>, tenant: &str, until: i64) -> Result<bool, DbError> {
    let found = tx.query_opt(
        "SELECT audit_id FROM audit WHERE tenant = $1 AND audit_id < $2 ORDER BY audit_id LIMIT 1",
        &params![tenant, ids::floor_at(until)],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}

/// Deletes rows of a tenant that are older than `until` (Unix ms), at most `limit`; answers how many.
pub fn forget(tx: &mut Tx<'_>, tenant: &str, until: i64, limit: i64) -> Result<u64, DbError> {
    let rows = tx.execute(
        "DELETE FROM audit WHERE tenant = $1 AND audit_id IN (
           SELECT audit_id FROM audit WHERE tenant = $1 AND audit_id < $2 ORDER BY audit_id LIMIT $3)",
        &params![tenant, ids::floor_at(until), limit],
    )?;
    Ok(rows)
}
