//! The outbox: events that are owed to apps.
//!
//! *Who is who.* A use case [`append`]s an event in the transaction that causes it: one row for each app that
//! subscribed to its type at the help desk and lists the type on its event page. A deliverer [`claim`]s rows that are
//! due by pushing their `next_at` into the future (a lease), sends them without holding a transaction, and
//! [`record`]s the attempt, which finishes the row or schedules the next attempt. A deliverer that dies simply lets
//! its leases run out.
//!
//! *What is guaranteed.* An acknowledged change has its events; each event is delivered at least once to every
//! addressee, or is dead after the last retry, with every attempt on record. *What is not:* the lease only saves
//! double work; a delivery can arrive twice, with the same `header.event_id`.
//!
//! *In which order.* An app gets the events of one ticket one after another, as they happened, as long as nothing
//! fails: a delivery that was not yet attempted is not claimed before the earlier ones of its ticket are. One whose
//! attempt failed holds nothing back.

mod claim;
#[cfg(test)]
mod claim_tests;
mod resend;

pub use claim::{CLAIM_WINDOW, Claim, claim};
pub use resend::{By, resend};

use db::{DbError, Row, Tx, params};

use crate::directory::Helpdesk;
use crate::event::Snapshot;
use crate::{Cx, Effect};

/// Waits before the second to fifth attempt (reference: platform-protocol 5.5: 15 s, 5 min, 1 h, 6 h), in ms.
pub const RETRY_AFTER_MS: [i64; 4] = [15_000, 300_000, 3_600_000, 21_600_000];

/// How long a claim keeps others away, in ms: longer than an attempt may take with its URL check.
pub const LEASE_MS: i64 = 10_000;

/// How long a delivery is due before its app counts as not connected to any server, in ms. A client that lost its
/// connection is back well before.
pub const CONNECT_GRACE_MS: i64 = 10_000;

/// Stands for the holder of a lease in rows that wait for nothing but a connection.
const NO_CONNECTION: &str = "-";

/// What is on record about an attempt at an app that was connected to no server.
pub const NOT_CONNECTED: &str = "no live connection";

/// States of a delivery row.
pub mod state {
    /// Waits for its next attempt.
    pub const PENDING: i64 = 0;
    /// An attempt was acknowledged.
    pub const DELIVERED: i64 = 1;
    /// Given up after the last retry.
    pub const DEAD: i64 = 2;
}

/// Appends an event for every app that gets its type from this help desk. `event_id` is the body's id (a UUID).
pub fn append(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, event_id: &str, event: &Snapshot) -> Result<(), DbError> {
    let subscribers = desk.subscribers(event.event_type());
    if subscribers.is_empty() {
        return Ok(());
    }
    let body = serde_json::to_string(event)
        .map_err(|e| DbError::Corrupt(format!("an event cannot be written as JSON: {e}")))?;
    for app_id in subscribers {
        tx.execute(
            "INSERT INTO delivery (tenant, app_id, delivery_id, event_id, event_type, helpdesk_id, ticket_id, body,
                                   state, attempts, resent_after, next_at, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, $9, $10)",
            &params![
                &desk.tenant,
                app_id,
                cx.ids.decimal(cx.now),
                event_id,
                event.event_type(),
                desk.id,
                event.ticket_id(),
                &body,
                cx.now,
                cx.now
            ],
        )?;
        cx.effects.push(Effect::Delivery { app_id: app_id.clone() });
    }
    Ok(())
}

/// When the next delivery of an app is due (Unix ms), leases included; `None` if it has none.
pub fn next_due(tx: &mut Tx<'_>, tenant: &str, app_id: &str) -> Result<Option<i64>, DbError> {
    tx.query_opt(
        "SELECT next_at FROM delivery WHERE tenant = $1 AND app_id = $2 AND state = 0 AND aside = 0
         ORDER BY next_at, delivery_id LIMIT 1",
        &params![tenant, app_id],
        |row| row.int(0),
    )
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The app acknowledged the event.
    pub acknowledged: bool,
    /// HTTP status of the answer, or the code of an answer by long connection, if there was one.
    pub http_status: Option<i64>,
    /// For people: `200 in 12 ms`, `no connection within 2 s`, …
    pub outcome: String,
    /// When it began, Unix ms.
    pub at: i64,
    /// How long it took, in ms.
    pub duration_ms: i64,
    /// It failed only because the app was not connected: the delivery waits for a connection ([`connected`]) as well
    /// as for its next attempt.
    pub unconnected: bool,
}

/// Records an attempt: finishes the delivery, schedules the next attempt, or gives up after the last. In any case the
/// next event of the ticket need not wait any longer.
pub fn record(tx: &mut Tx<'_>, cx: &Cx, claim: &Claim, attempt: &Attempt) -> Result<(), DbError> {
    let made = claim.attempts + 1;
    let retry_after = usize::try_from(claim.attempts - claim.resent_after).ok().and_then(|n| RETRY_AFTER_MS.get(n));
    let (state, next_at, finished_at) = match (attempt.acknowledged, retry_after) {
        (true, _) => (state::DELIVERED, cx.now, Some(cx.now)),
        (false, Some(wait)) => (state::PENDING, cx.now + wait, None),
        (false, None) => (state::DEAD, cx.now, Some(cx.now)),
    };
    let waits_for = (attempt.unconnected && state == state::PENDING).then_some(NO_CONNECTION);
    // An acknowledgement counts in any case, also if another server, to which the lease had gone, gave up meanwhile. A
    // failure changes nothing that is finished. `state < 1` is state 0, in words that do not lead PostgreSQL to the
    // index of all that is due.
    let finish = if attempt.acknowledged {
        "UPDATE delivery SET state = $1, attempts = $2, next_at = $3, finished_at = $4, lease_holder = $5, aside = 0
         WHERE tenant = $6 AND app_id = $7 AND delivery_id = $8 AND state <> 1 RETURNING ticket_id"
    } else {
        "UPDATE delivery SET state = $1, attempts = $2, next_at = $3, finished_at = $4, lease_holder = $5, aside = 0
         WHERE tenant = $6 AND app_id = $7 AND delivery_id = $8 AND state < 1 RETURNING ticket_id"
    };
    let finished = tx.query_opt(
        finish,
        &params![state, made, next_at, finished_at, waits_for, &claim.tenant, &claim.app_id, claim.delivery_id],
        |row| row.int(0),
    )?;
    let ended = if attempt.acknowledged || finished.is_some() { state } else { state::PENDING };
    put_on_record(tx, cx, claim, attempt, ended)?;
    finished.map_or(Ok(()), |ticket_id| claim::let_next_go(tx, &claim.tenant, &claim.app_id, ticket_id))
}

/// `ended` is the state to which the attempt brought its delivery.
fn put_on_record(tx: &mut Tx<'_>, cx: &Cx, claim: &Claim, attempt: &Attempt, ended: i64) -> Result<(), DbError> {
    // Two servers can have made the same attempt, because a lease ran out. An acknowledgement stays.
    tx.execute(
        "INSERT INTO attempt (tenant, delivery_id, attempt, at, duration_ms, http_status, outcome, ended, recorded)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (tenant, delivery_id, attempt) DO UPDATE SET
           at = excluded.at, duration_ms = excluded.duration_ms, http_status = excluded.http_status,
           outcome = excluded.outcome, ended = excluded.ended, recorded = excluded.recorded
         WHERE attempt.ended <> 1",
        &params![
            &claim.tenant,
            claim.delivery_id,
            claim.attempts + 1,
            attempt.at,
            attempt.duration_ms,
            attempt.http_status,
            &attempt.outcome,
            ended,
            cx.ids.decimal(cx.now)
        ],
    )?;
    Ok(())
}

/// Records a failed attempt at each of up to `limit` deliveries that have been due for [`CONNECT_GRACE_MS`] without
/// any server having a connection to send them on, and answers what they were claims of. Called by servers that have
/// none. One that has keeps a lease as long as something is due; then this does nothing.
pub fn not_connected(
    tx: &mut Tx<'_>,
    cx: &Cx,
    tenant: &str,
    app_id: &str,
    holder: &str,
    limit: i64,
) -> Result<Vec<Claim>, DbError> {
    // Twice the time of a lease, for clocks that differ.
    let leased = tx.query_opt(
        "SELECT 1 FROM delivery
         WHERE tenant = $1 AND app_id = $2 AND state = 0 AND aside = 0 AND next_at > $3 AND next_at <= $4
           AND lease_holder <> $5
         LIMIT 1",
        &params![tenant, app_id, cx.now, cx.now + 2 * LEASE_MS, NO_CONNECTION],
        |row| row.int(0),
    )?;
    if leased.is_some() {
        return Ok(Vec::new());
    }
    let attempt = Attempt {
        acknowledged: false,
        http_status: None,
        outcome: NOT_CONNECTED.to_owned(),
        at: cx.now,
        duration_ms: 0,
        unconnected: true,
    };
    let mut claims = Vec::new();
    // Each record can bring back another event of the ticket that had been put aside.
    loop {
        let left = limit - i64::try_from(claims.len()).unwrap_or(limit);
        let overdue = claim::overdue(tx, cx, &claim::To { tenant, app_id, holder }, left)?;
        if overdue.is_empty() {
            return Ok(claims);
        }
        for claim in &overdue {
            record(tx, cx, claim, &attempt)?;
        }
        claims.extend(overdue);
    }
}

/// Makes up to `limit` deliveries due now that wait for nothing but a connection, and answers how many. Their retry
/// schedule starts again. Called when the app has connected.
pub fn connected(tx: &mut Tx<'_>, cx: &Cx, tenant: &str, app_id: &str, limit: i64) -> Result<u64, DbError> {
    tx.execute(
        "WITH waiting AS MATERIALIZED (
           SELECT delivery_id FROM delivery
           WHERE tenant = $1 AND app_id = $2 AND state = 0 AND aside = 0 AND next_at > $3 AND lease_holder = $4
           ORDER BY next_at, delivery_id LIMIT $5)
         UPDATE delivery SET next_at = $6, lease_holder = NULL, resent_after = attempts
         WHERE delivery_id IN (SELECT delivery_id FROM waiting)",
        &params![tenant, app_id, cx.now, NO_CONNECTION, limit, cx.now],
    )
}

/// Gives up all that an app has not got yet, because the app is gone.
pub(crate) fn give_up(tx: &mut Tx<'_>, cx: &Cx, tenant: &str, app_id: &str) -> Result<(), DbError> {
    // Each in the words of its index.
    for all in [
        "UPDATE delivery SET state = 2, finished_at = $1 WHERE tenant = $2 AND app_id = $3 AND state = 0 AND aside = 0",
        "UPDATE delivery SET state = 2, finished_at = $1 WHERE tenant = $2 AND app_id = $3 AND state = 0 AND aside = 1",
    ] {
        tx.execute(all, &params![cx.now, tenant, app_id])?;
    }
    Ok(())
}

/// An acknowledgement that came after its attempt had been given up.
#[derive(Debug, Clone)]
pub struct Late {
    /// The row.
    pub delivery_id: i64,
    /// Which attempt it answers; the first is 1.
    pub attempt: i64,
    /// For people.
    pub outcome: String,
}

/// Finishes a delivery that the app acknowledged late, also one that is dead. Answers whether that changed anything:
/// it does not if the delivery is not this app's or is delivered.
pub fn acknowledged_late(tx: &mut Tx<'_>, cx: &Cx, tenant: &str, app_id: &str, late: &Late) -> Result<bool, DbError> {
    let finished = tx.query_opt(
        "UPDATE delivery SET state = 1, finished_at = $1, lease_holder = NULL, aside = 0
         WHERE tenant = $2 AND app_id = $3 AND delivery_id = $4 AND state <> 1 RETURNING ticket_id",
        &params![cx.now, tenant, app_id, late.delivery_id],
        |row| row.int(0),
    )?;
    let Some(ticket_id) = finished else { return Ok(false) };
    tx.execute(
        "UPDATE attempt SET outcome = $1, http_status = 200, ended = 1, recorded = $2
         WHERE tenant = $3 AND delivery_id = $4 AND attempt = $5",
        &params![&late.outcome, cx.ids.decimal(cx.now), tenant, late.delivery_id, late.attempt],
    )?;
    claim::let_next_go(tx, tenant, app_id, ticket_id)?;
    Ok(true)
}

/// The most deliveries of a kind that [`queue`] counts.
pub const COUNTED_MAX: i64 = 100_000;

/// How the outbox stands, over all apps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queue {
    /// Deliveries not yet acknowledged nor given up, counted up to [`COUNTED_MAX`].
    pub waiting: i64,
    /// Deliveries given up, counted likewise.
    pub dead: i64,
    /// How long the most overdue delivery has been due, in ms; 0 if none is.
    pub overdue_ms: i64,
}

/// Looks at the queue.
pub fn queue(tx: &mut Tx<'_>, cx: &Cx) -> Result<Queue, DbError> {
    let count = |row: &Row<'_>| row.int(0);
    let due = tx.query_one(
        "SELECT COUNT(*) FROM (SELECT 1 FROM delivery WHERE state = 0 AND aside = 0 LIMIT $1) AS capped",
        &params![COUNTED_MAX],
        count,
    )?;
    let aside = tx.query_one(
        "SELECT COUNT(*) FROM (SELECT 1 FROM delivery WHERE state = 0 AND aside = 1 LIMIT $1) AS capped",
        &params![COUNTED_MAX],
        count,
    )?;
    let dead = tx.query_one(
        "SELECT COUNT(*) FROM (SELECT 1 FROM delivery WHERE state = 2 LIMIT $1) AS capped",
        &params![COUNTED_MAX],
        count,
    )?;
    let mut queue = Queue { waiting: (due + aside).min(COUNTED_MAX), dead, overdue_ms: 0 };
    let since = owed(tx)?.iter().map(|owed| owed.next_at).min();
    queue.overdue_ms = since.map_or(0, |since| (cx.now - since).max(0));
    Ok(queue)
}

/// How the outbox stands for one app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Deliveries not yet acknowledged nor given up, counted up to [`COUNTED_MAX`].
    pub waiting: i64,
    /// Deliveries given up, counted likewise.
    pub dead: i64,
}

/// Looks at what one app is owed.
pub fn standing(tx: &mut Tx<'_>, tenant: &str, app_id: &str) -> Result<Standing, DbError> {
    let count = |row: &Row<'_>| row.int(0);
    let due = tx.query_one(
        "SELECT COUNT(*) FROM (SELECT 1 FROM delivery WHERE tenant = $1 AND app_id = $2 AND state = 0 AND aside = 0
                               LIMIT $3) AS capped",
        &params![tenant, app_id, COUNTED_MAX],
        count,
    )?;
    let aside = tx.query_one(
        "SELECT COUNT(*) FROM (SELECT 1 FROM delivery WHERE tenant = $1 AND app_id = $2 AND state = 0 AND aside = 1
                               LIMIT $3) AS capped",
        &params![tenant, app_id, COUNTED_MAX],
        count,
    )?;
    let mut dead = 0;
    // Type by type, as the index has them.
    for event_type in crate::event::TYPES {
        dead += tx.query_one(
            "SELECT COUNT(*) FROM (SELECT 1 FROM delivery
                                   WHERE tenant = $1 AND app_id = $2 AND event_type = $3 AND state = 2
                                   LIMIT $4) AS capped",
            &params![tenant, app_id, event_type, COUNTED_MAX],
            count,
        )?;
    }
    Ok(Standing { waiting: (due + aside).min(COUNTED_MAX), dead: dead.min(COUNTED_MAX) })
}

/// An app that still has deliveries to get.
#[derive(Debug, Clone)]
pub struct Owed {
    /// The app.
    pub app_id: String,
    /// When its next delivery is due, leases included, Unix ms.
    pub next_at: i64,
}

/// The apps that still have deliveries to get. Used at start and for events that other processes wrote.
pub fn owed(tx: &mut Tx<'_>) -> Result<Vec<Owed>, DbError> {
    let apps = tx.query(
        "SELECT a.app_id, (SELECT d.next_at FROM delivery d
                           WHERE d.tenant = a.tenant AND d.app_id = a.app_id AND d.state = 0 AND d.aside = 0
                           ORDER BY d.next_at, d.delivery_id LIMIT 1)
         FROM app a",
        &[],
        |row| Ok((row.string(0)?, row.opt_int(1)?)),
    )?;
    Ok(apps.into_iter().filter_map(|(app_id, next_at)| Some(Owed { app_id, next_at: next_at? })).collect())
}

/// Notes that an app's request URL passed the URL check; events go only to such a URL.
pub fn url_verified(tx: &mut Tx<'_>, cx: &mut Cx, tenant: &str, app_id: &str, url: &str) -> Result<(), DbError> {
    tx.execute(
        "UPDATE app SET url_verified = $1 WHERE tenant = $2 AND app_id = $3 AND url = $4",
        &params![url, tenant, app_id, url],
    )?;
    crate::directory::touch(tx, cx)
}
