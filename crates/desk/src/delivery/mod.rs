//! Deliveries and their attempts as people look at them.

mod find;
mod follow;

pub use find::{Ask, Filter, list};
pub use follow::{Follow, Looked, News, Resend};

use db::{DbError, Row, Tx, params};

use crate::outbox::Claim;

/// A delivery.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// 19 digits; grows with time.
    pub delivery_id: i64,
    /// The addressee's tenant.
    pub tenant: String,
    /// The addressee.
    pub app_id: String,
    /// The body's event id.
    pub event_id: String,
    /// Such as `helpdesk.ticket.created_v1`.
    pub event_type: String,
    /// The help desk where it happened.
    pub helpdesk_id: i64,
    /// The ticket it is about; 0 for none.
    pub ticket_id: i64,
    /// See [`crate::outbox::state`].
    pub state: i64,
    /// Attempts made.
    pub attempts: i64,
    /// When the next attempt is due, or a lease runs out, Unix ms.
    pub next_at: i64,
    /// When the event happened, Unix ms.
    pub created_at: i64,
    /// The last attempt's outcome.
    pub outcome: Option<String>,
}

/// An attempt.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The first is 1.
    pub attempt: i64,
    /// When it began, Unix ms.
    pub at: i64,
    /// How long it took, in ms.
    pub duration_ms: i64,
    /// The answer's HTTP status, or its code by long connection, if there was one.
    pub http_status: Option<i64>,
    /// For people.
    pub outcome: String,
    /// To which state it brought the delivery, see [`crate::outbox::state`].
    pub ended: i64,
}

fn read(row: &Row<'_>) -> Result<Delivery, DbError> {
    Ok(Delivery {
        delivery_id: row.int(0)?,
        tenant: row.string(1)?,
        app_id: row.string(2)?,
        event_id: row.string(3)?,
        event_type: row.string(4)?,
        helpdesk_id: row.int(5)?,
        ticket_id: row.int(6)?,
        state: row.int(7)?,
        attempts: row.int(8)?,
        next_at: row.int(9)?,
        created_at: row.int(10)?,
        outcome: row.opt_string(11)?,
    })
}

/// A delivery with its attempts and with what is sent.
#[derive(Debug, Clone)]
pub struct Whole {
    /// What it is.
    pub delivery: Delivery,
    /// All attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// What an attempt now would claim; its body is an [`crate::event::Snapshot`] as JSON.
    pub claim: Claim,
}

/// The delivery with this id.
pub fn get(tx: &mut Tx<'_>, delivery_id: i64) -> Result<Option<Whole>, DbError> {
    let found = tx.query_opt(
        "SELECT d.delivery_id, d.tenant, d.app_id, d.event_id, d.event_type, d.helpdesk_id, d.ticket_id, d.state,
                d.attempts, d.next_at, d.created_at,
                (SELECT a.outcome FROM attempt a
                 WHERE a.tenant = d.tenant AND a.delivery_id = d.delivery_id AND a.attempt = d.attempts), d.body, d.resent_after
         FROM delivery d
         WHERE d.delivery_id = $1",
        &params![delivery_id],
        |row| {
            let delivery = read(row)?;
            let claim = Claim {
                tenant: delivery.tenant.clone(),
                app_id: delivery.app_id.clone(),
                delivery_id,
                event_id: delivery.event_id.clone(),
                event_type: delivery.event_type.clone(),
                body: row.string(12)?,
                attempts: delivery.attempts,
                resent_after: row.int(13)?,
                created_at: delivery.created_at,
            };
            Ok(Whole { delivery, attempts: Vec::new(), claim })
        },
    )?;
    let Some(mut whole) = found else { return Ok(None) };
    whole.attempts = attempts(tx, &whole.delivery.tenant, delivery_id, 0)?;
    Ok(Some(whole))
}

/// The attempts at a delivery after the `after`th, oldest first.
pub fn attempts(tx: &mut Tx<'_>, tenant: &str, delivery_id: i64, after: i64) -> Result<Vec<Attempt>, DbError> {
    tx.query(
        "SELECT attempt, at, duration_ms, http_status, outcome, ended FROM attempt
         WHERE tenant = $1 AND delivery_id = $2 AND attempt > $3 ORDER BY attempt",
        &params![tenant, delivery_id, after],
        |row| read_attempt(row, 0),
    )
}

/// Up to `limit` deliveries after the delivery `after`, oldest first, without their outcomes.
pub fn after(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Delivery>, DbError> {
    tx.query(
        "SELECT d.delivery_id, d.tenant, d.app_id, d.event_id, d.event_type, d.helpdesk_id, d.ticket_id, d.state,
                d.attempts, d.next_at, d.created_at, NULL
         FROM delivery d WHERE d.delivery_id > $1 ORDER BY d.delivery_id LIMIT $2",
        &params![after, limit],
        read,
    )
}

/// An attempt whose columns begin at `from`.
fn read_attempt(row: &Row<'_>, from: usize) -> Result<Attempt, DbError> {
    Ok(Attempt {
        attempt: row.int(from)?,
        at: row.int(from + 1)?,
        duration_ms: row.int(from + 2)?,
        http_status: row.opt_int(from + 3)?,
        outcome: row.string(from + 4)?,
        ended: row.int(from + 5)?,
    })
}

/// The states in words, each at its number.
pub const STATES: [&str; 3] = ["pending", "delivered", "dead"];

/// A delivery's state in a word.
pub fn state_word(state: i64) -> &'static str {
    usize::try_from(state).ok().and_then(|state| STATES.get(state)).copied().unwrap_or(STATES[0])
}

/// The state that a word names.
pub fn state_named(word: &str) -> Option<i64> {
    STATES.iter().zip(0..).find(|(state, _)| **state == word).map(|(_, state)| state)
}
