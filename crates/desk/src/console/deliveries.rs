//! A ticket's events on their way to apps, as those who work on the ticket follow them: where each stands, not what was sent.

use db::{DbError, Tx, params};

use super::Seat;
use crate::admin::{Rights, Staff};
use crate::directory::Directory;
use crate::outbox::state::PENDING;

/// An event for one app.
#[derive(Debug, Clone)]
pub struct Sent {
    /// 19 digits; grows with time.
    pub delivery_id: i64,
    /// The addressee.
    pub app_id: String,
    /// Such as `helpdesk.ticket.created_v1`.
    pub event_type: String,
    /// See [`crate::outbox::state`].
    pub state: i64,
    /// Attempts made.
    pub attempts: i64,
    /// When it happened, Unix ms.
    pub created_at: i64,
    /// While it waits: when the next attempt is due, or the one under way may be repeated, Unix ms.
    pub next_at: Option<i64>,
    /// When it was acknowledged or given up, Unix ms.
    pub finished_at: Option<i64>,
    /// The last answer's HTTP status, or its code by long connection.
    pub http_status: Option<i64>,
    /// How the last attempt ended, for people; for those alone who may look at events.
    pub outcome: Option<String>,
}

/// At most `limit` events of the ticket before the delivery `before`, newest first, and where the next page begins.
pub fn page(
    tx: &mut Tx<'_>,
    (staff, directory): (&Staff, &Directory),
    (seat, ticket_id): (&Seat, i64),
    before: i64,
    limit: usize,
) -> Result<(Vec<Sent>, Option<i64>), DbError> {
    let rights = staff.place(directory, seat.desk.id).map(|place| place.rights);
    // It may quote what the app's server says.
    let tells_outcomes = rights.is_some_and(|rights| rights > Rights::Agent);
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    // Of the last attempt row by row, as in `delivery::find`.
    let mut found = tx.query(
        "SELECT d.delivery_id, d.app_id, d.event_type, d.state, d.attempts, d.created_at, d.next_at, d.finished_at,
                (SELECT a.http_status FROM attempt a
                 WHERE a.tenant = d.tenant AND a.delivery_id = d.delivery_id AND a.attempt = d.attempts),
                (SELECT a.outcome FROM attempt a
                 WHERE a.tenant = d.tenant AND a.delivery_id = d.delivery_id AND a.attempt = d.attempts)
         FROM delivery d
         WHERE d.tenant = $1 AND d.ticket_id = $2 AND d.delivery_id < $3 ORDER BY d.delivery_id DESC LIMIT $4",
        &params![&seat.desk.tenant, ticket_id, before, one_more],
        |row| {
            let state = row.int(3)?;
            Ok(Sent {
                delivery_id: row.int(0)?,
                app_id: row.string(1)?,
                event_type: row.string(2)?,
                state,
                attempts: row.int(4)?,
                created_at: row.int(5)?,
                next_at: Some(row.int(6)?).filter(|_| state == PENDING),
                finished_at: row.opt_int(7)?,
                http_status: row.opt_int(8)?,
                outcome: row.opt_string(9)?.filter(|_| tells_outcomes),
            })
        },
    )?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().map(|last| last.delivery_id).filter(|_| has_more);
    Ok((found, next))
}
