//! The audit log: who did what.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use desk::audit::{self, Filter, Line};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Nothing;

use super::calls::get_call;
use super::table::Table;
use super::{Asked, Visitor, events};
use crate::api::error::ApiError;
use crate::api::{position, ranged};
use crate::app::App;
use crate::openapi::Calls;

const PAGE_SIZE: i64 = 50;
const PAGE_SIZE_MAX: i64 = 200;
/// Rows of a file.
const FILE_ROWS_MAX: usize = 10_000;
/// Rows of a file that are read in one transaction.
const FILE_READ: usize = 500;

/// Which rows.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListAudit {
    /// Only what the one with this user id or app id did, or whose name holds this.
    person: Option<String>,
    /// Only actions whose name begins so, such as `admin_faq` or `sign_in.failed`; commas part several beginnings.
    action: Option<String>,
    /// Only what was done to the one with this id, such as a FAQ's.
    object: Option<String>,
    /// Only what was about this help desk: decimal id.
    helpdesk_id: Option<String>,
    /// Only from this time on, Unix milliseconds.
    since: Option<i64>,
    /// Only before this time, Unix milliseconds.
    until: Option<i64>,
    /// How many at most; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
}

/// Which rows a file has.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ExportAudit {
    /// Only what the one with this user id or app id did, or whose name holds this.
    person: Option<String>,
    /// Only actions whose name begins so, such as `admin_faq` or `sign_in.failed`; commas part several beginnings.
    action: Option<String>,
    /// Only what was done to the one with this id, such as a FAQ's.
    object: Option<String>,
    /// Only what was about this help desk: decimal id.
    helpdesk_id: Option<String>,
    /// Only from this time on, Unix milliseconds.
    since: Option<i64>,
    /// Only before this time, Unix milliseconds.
    until: Option<i64>,
}

/// Rows of the audit log, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditList {
    /// One page. It may be shorter than was asked for, even empty, while there is more.
    entries: Vec<AuditOut>,
    /// Whether there is more.
    has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// Something that was done.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
struct AuditOut {
    /// Decimal id.
    id: String,
    /// When, Unix milliseconds.
    at: i64,
    /// Who: a `person`, an `app`, somebody at the `command_line`, or `unknown`: somebody without an account here, who
    /// tried to sign in.
    #[schemars(extend("enum" = ["person", "app", "command_line", "unknown"]))]
    actor: String,
    /// User id or app id.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_id: Option<String>,
    /// The name, as it was then.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_name: Option<String>,
    /// What: the name of the call, or `sign_in`, `sign_in.failed`, `sign_in.throttled`, `deskfile.apply`,
    /// `event.resend`, `faq.restore`.
    action: String,
    /// Decimal id of the help desk that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    helpdesk_id: Option<String>,
    /// The id of what it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    /// What was there, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// What was there then, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    /// The network address it came from; only of sign-ins.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

impl From<Line> for AuditOut {
    fn from(line: Line) -> Self {
        Self {
            id: line.id.to_string(),
            at: line.at,
            actor: line.actor,
            actor_id: line.actor_id,
            actor_name: line.actor_name,
            action: line.action,
            helpdesk_id: line.helpdesk_id.map(|id| id.to_string()),
            object: line.object,
            before: line.before,
            after: line.after,
            address: line.address,
        }
    }
}

/// Adds the calls.
pub(super) fn with(calls: Calls) -> Calls {
    let file = "Download the audit log as CSV, newest first: at most 10,000 rows; narrow the time for others.";
    calls
        .with(
            get_call(
                "admin_audit.list",
                "/admin/v1/audit",
                "List who did what, newest first. Owners see what was about their help desks, administrators all of the \
                 tenant.",
            )
            .of::<Nothing, ListAudit, Nothing, AuditList>(),
            get(list),
        )
        .with(
            get_call("admin_audit.export", "/admin/v1/audit/export", file)
                .of::<Nothing, ExportAudit, Nothing, Nothing>()
                .answers("text/csv"),
            get(export),
        )
}

/// `GET /admin/v1/audit`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Asked(ask): Asked<ListAudit>,
) -> Result<Json<AuditList>, ApiError> {
    let scope = events::scope(&app, &who, ask.helpdesk_id.as_deref())?;
    let size = ranged("page_size", ask.page_size.unwrap_or(PAGE_SIZE), 1, PAGE_SIZE_MAX)?;
    let size = usize::try_from(size).unwrap_or(1);
    let before = match position(ask.page_token.as_deref())? {
        0 => i64::MAX,
        position => position,
    };
    let filter = filter((ask.person, ask.action, ask.object), (ask.since, ask.until))?;
    let page = app.read(move |tx, _| Ok(audit::page(tx, (&scope, &filter), before, size)?)).await?;
    Ok(Json(AuditList {
        entries: page.lines.into_iter().map(AuditOut::from).collect(),
        has_more: page.next.is_some(),
        page_token: page.next.map(|next| next.to_string()),
    }))
}

/// `GET /admin/v1/audit/export`
pub async fn export(
    State(app): State<App>,
    who: Visitor,
    Asked(ask): Asked<ExportAudit>,
) -> Result<Response, ApiError> {
    let scope = events::scope(&app, &who, ask.helpdesk_id.as_deref())?;
    let filter = filter((ask.person, ask.action, ask.object), (ask.since, ask.until))?;
    let mut table = Table::new("audit".to_owned(), COLUMNS)?;
    let (mut before, mut rows) = (i64::MAX, 0);
    while rows < FILE_ROWS_MAX {
        let (scope, filter) = (scope.clone(), filter.clone());
        let size = FILE_READ.min(FILE_ROWS_MAX - rows);
        let page = app.read(move |tx, _| Ok(audit::page(tx, (&scope, &filter), before, size)?)).await?;
        rows += page.lines.len();
        for line in page.lines {
            table.row(record(line))?;
        }
        match page.next {
            Some(next) => before = next,
            None => break,
        }
    }
    table.file()
}

const COLUMNS: [&str; 10] =
    ["time", "actor", "actor_id", "actor_name", "action", "helpdesk_id", "object", "before", "after", "address"];

fn record(line: Line) -> [String; 10] {
    [
        line.time(),
        line.actor,
        line.actor_id.unwrap_or_default(),
        line.actor_name.unwrap_or_default(),
        line.action,
        line.helpdesk_id.map(|id| id.to_string()).unwrap_or_default(),
        line.object.unwrap_or_default(),
        line.before.unwrap_or_default(),
        line.after.unwrap_or_default(),
        line.address.unwrap_or_default(),
    ]
}

fn filter(
    (person, action, object): (Option<String>, Option<String>, Option<String>),
    (since, until): (Option<i64>, Option<i64>),
) -> Result<Filter, ApiError> {
    let (since, until) = (time("since", since)?, time("until", until)?);
    if let (Some(since), Some(until)) = (since, until)
        && since >= until
    {
        return Err(ApiError::invalid("until", "must be after since"));
    }
    Ok(Filter { person, action, object, since, until })
}

/// The last moment that ids can tell, Unix ms: in the year 2100.
const TIME_MAX: i64 = 4_102_444_800_000;

fn time(name: &'static str, at: Option<i64>) -> Result<Option<i64>, ApiError> {
    at.map(|at| ranged(name, at, 0, TIME_MAX)).transpose()
}
