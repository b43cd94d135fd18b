//! Which deliveries may go now: the lease, and the order of a ticket's events.
//!
//! A claim looks at a window of what is due, oldest first. What waits for an earlier event of its ticket would fill the
//! window if it is much, so then it is put *aside*: it leaves the index of what is due, and comes back when an earlier
//! one has been attempted. Of a ticket that has something aside, the first event is not.

use db::{DbError, Row, Tx, params};

use super::{CONNECT_GRACE_MS, LEASE_MS};
use crate::Cx;

/// A claimed delivery.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The addressee's tenant.
    pub tenant: String,
    /// The addressee.
    pub app_id: String,
    /// The row.
    pub delivery_id: i64,
    /// The body's event id, a UUID; the header's is [`crate::ids::header_event_id`] of it.
    pub event_id: String,
    /// Such as `helpdesk.ticket.created_v1`.
    pub event_type: String,
    /// A [`crate::event::Snapshot`] as JSON.
    pub body: String,
    /// Attempts made before this one.
    pub attempts: i64,
    /// How many of them were made before somebody last had it sent again; the retry schedule starts there.
    pub resent_after: i64,
    /// When the event happened, Unix ms.
    pub created_at: i64,
}

/// How many due deliveries a claim looks at before it puts aside those that wait for an earlier one of their ticket.
pub const CLAIM_WINDOW: i64 = 256;

/// How many windows one claim puts aside at most, so that its transaction stays short; the next goes on.
const WINDOWS_MAX: usize = 16;

/// The addressee, and who claims.
#[derive(Debug, Clone, Copy)]
pub(super) struct To<'a> {
    /// The addressee's tenant.
    pub(super) tenant: &'a str,
    /// The addressee.
    pub(super) app_id: &'a str,
    /// Whose lease it becomes.
    pub(super) holder: &'a str,
}

/// Claims up to `limit` due deliveries of one app for `holder`, oldest first; of those of one ticket that were not yet
/// attempted only the first.
pub fn claim(
    tx: &mut Tx<'_>,
    cx: &Cx,
    tenant: &str,
    app_id: &str,
    holder: &str,
    limit: i64,
) -> Result<Vec<Claim>, DbError> {
    claim_within(tx, cx, &To { tenant, app_id, holder }, limit, CLAIM_WINDOW)
}

/// [`claim`] with a window of this size.
pub(super) fn claim_within(
    tx: &mut Tx<'_>,
    cx: &Cx,
    to: &To<'_>,
    limit: i64,
    window: i64,
) -> Result<Vec<Claim>, DbError> {
    let window = window.max(limit);
    let mut claims = take(tx, cx, to, limit, window)?;
    let mut taken = count(&claims);
    for _ in 0..WINDOWS_MAX {
        let left = limit - count(&claims);
        if left <= 0 || !is_more_due(tx, cx, to, window - taken)? || put_aside(tx, cx, to, window)? == 0 {
            break;
        }
        let more = take(tx, cx, to, left, window)?;
        taken = count(&more);
        claims.extend(more);
    }
    claims.sort_unstable_by_key(|c| c.delivery_id);
    Ok(claims)
}

fn count(claims: &[Claim]) -> i64 {
    i64::try_from(claims.len()).unwrap_or(i64::MAX)
}

/// Whether more deliveries are due than these many, which is what a window had beside those that were taken from it.
fn is_more_due(tx: &mut Tx<'_>, cx: &Cx, to: &To<'_>, seen: i64) -> Result<bool, DbError> {
    let next = tx.query_opt(
        "SELECT 1 FROM delivery WHERE tenant = $1 AND app_id = $2 AND state = 0 AND aside = 0 AND next_at <= $3
         ORDER BY next_at, delivery_id LIMIT 1 OFFSET $4",
        &params![to.tenant, to.app_id, cx.now, seen],
        |row| row.int(0),
    )?;
    Ok(next.is_some())
}

/// Puts aside what waits in a window for an earlier event of its ticket, and answers how many that are.
fn put_aside(tx: &mut Tx<'_>, cx: &Cx, to: &To<'_>, window: i64) -> Result<u64, DbError> {
    tx.execute(
        "WITH due AS MATERIALIZED (
           SELECT delivery_id, ticket_id, attempts, resent_after FROM delivery
           WHERE tenant = $1 AND app_id = $2 AND state = 0 AND aside = 0 AND next_at <= $3
           ORDER BY next_at, delivery_id LIMIT $4 /*skip locked*/),
         waiting AS MATERIALIZED (
           SELECT d.delivery_id FROM due d
           WHERE d.attempts = d.resent_after AND d.ticket_id <> 0 AND d.delivery_id > (
             SELECT e.delivery_id FROM delivery e
             WHERE e.tenant = $1 AND e.app_id = $2 AND e.ticket_id = d.ticket_id
               AND e.state = 0 AND e.attempts = e.resent_after
             ORDER BY e.delivery_id LIMIT 1))
         UPDATE delivery SET aside = 1 WHERE delivery_id IN (SELECT delivery_id FROM waiting)",
        &params![to.tenant, to.app_id, cx.now, window],
    )
}

/// Brings back the first of a ticket's deliveries that were put aside, because an earlier one was attempted.
pub(super) fn let_next_go(tx: &mut Tx<'_>, tenant: &str, app_id: &str, ticket_id: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE delivery SET aside = 0 WHERE delivery_id = (
           SELECT delivery_id FROM delivery
           WHERE tenant = $1 AND app_id = $2 AND ticket_id = $3 AND state = 0 AND aside = 1
           ORDER BY delivery_id LIMIT 1)",
        &params![tenant, app_id, ticket_id],
    )?;
    Ok(())
}

/// Claims up to `limit` deliveries that have been due for [`CONNECT_GRACE_MS`], in whatever order.
pub(super) fn overdue(tx: &mut Tx<'_>, cx: &Cx, to: &To<'_>, limit: i64) -> Result<Vec<Claim>, DbError> {
    tx.query(
        "WITH due AS MATERIALIZED (
           SELECT delivery_id FROM delivery
           WHERE tenant = $1 AND app_id = $2 AND state = 0 AND aside = 0 AND next_at <= $3
           ORDER BY next_at, delivery_id LIMIT $4 /*skip locked*/)
         UPDATE delivery SET next_at = $5, lease_holder = $6
         WHERE delivery_id IN (SELECT delivery_id FROM due)
         RETURNING delivery_id, event_id, event_type, body, attempts, resent_after, created_at",
        &params![to.tenant, to.app_id, cx.now - CONNECT_GRACE_MS, limit, cx.now + LEASE_MS, to.holder],
        |row| claimed(row, to.tenant, to.app_id),
    )
}

/// Claims up to `limit` of what a window of due deliveries leads to.
fn take(tx: &mut Tx<'_>, cx: &Cx, to: &To<'_>, limit: i64, window: i64) -> Result<Vec<Claim>, DbError> {
    // An event that waits leads to the first of its ticket. That one may be outside of the window: a lease that ran out
    // is younger than all that waits for it, and `chosen` locks it, because `due` did not.
    // Materialized, because PostgreSQL may otherwise run the inner query once for each row and claim more than $5.
    tx.query(
        "WITH due AS MATERIALIZED (
           SELECT delivery_id, ticket_id, attempts, resent_after, next_at FROM delivery
           WHERE tenant = $1 AND app_id = $2 AND state = 0 AND aside = 0 AND next_at <= $3
           ORDER BY next_at, delivery_id LIMIT $4 /*skip locked*/),
         turn AS MATERIALIZED (
           SELECT DISTINCT CASE WHEN d.attempts > d.resent_after OR d.ticket_id = 0 THEN d.delivery_id ELSE (
             SELECT e.delivery_id FROM delivery e
             WHERE e.tenant = $1 AND e.app_id = $2 AND e.ticket_id = d.ticket_id
               AND e.state = 0 AND e.attempts = e.resent_after
             ORDER BY e.delivery_id LIMIT 1) END AS delivery_id
           FROM due d),
         chosen AS MATERIALIZED (
           SELECT delivery_id FROM delivery
           WHERE delivery_id IN (SELECT delivery_id FROM turn) AND state < 1 AND next_at <= $3
           ORDER BY next_at, delivery_id LIMIT $5 /*skip locked*/)
         UPDATE delivery SET next_at = $6, lease_holder = $7, aside = 0
         WHERE delivery_id IN (SELECT delivery_id FROM chosen)
         RETURNING delivery_id, event_id, event_type, body, attempts, resent_after, created_at",
        &params![to.tenant, to.app_id, cx.now, window, limit, cx.now + LEASE_MS, to.holder],
        |row| claimed(row, to.tenant, to.app_id),
    )
}

fn claimed(row: &Row<'_>, tenant: &str, app_id: &str) -> Result<Claim, DbError> {
    Ok(Claim {
        tenant: tenant.to_owned(),
        app_id: app_id.to_owned(),
        delivery_id: row.int(0)?,
        event_id: row.string(1)?,
        event_type: row.string(2)?,
        body: row.string(3)?,
        attempts: row.int(4)?,
        resent_after: row.int(5)?,
        created_at: row.int(6)?,
    })
}
