//! A ticket's timeline: every step from the question to its answer, gathered from the rows that record them.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::fmt;

use db::{DbError, Row, Tx, params};
use serde::Serialize;
use serde_json::{Value, json};

use crate::delivery::{Resend, state_word};
use crate::directory::{self, Helpdesk};
use crate::{Cx, Refusal, ids, outbox, person};

/// A step.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// When, Unix ms.
    pub at: i64,
    /// `message`, `app_answered`, `builtin_answered`, `handed_over`, `assigned`, `requeued`, `taken`, `replied`, `held`,
    /// `resumed`, `transferred`, `closed`, `updated`, `event_queued`, `delivery_attempt`, `given_up`, `resent`, …
    pub kind: String,
    /// What there is to know of it.
    pub detail: Value,
}

/// Notes a step that no other row tells.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    cx: &Cx,
    tenant: &str,
    ticket_id: i64,
    kind: &str,
    detail: &Value,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO step (tenant, ticket_id, step_id, at, kind, detail) VALUES ($1, $2, $3, $4, $5, $6)",
        &params![tenant, ticket_id, cx.ids.decimal(cx.now), cx.now, kind, &detail.to_string()],
    )?;
    Ok(())
}

/// The help desk a ticket belongs to, over all tenants; for those who may see all.
pub fn helpdesk_of(tx: &mut Tx<'_>, tenant: &str, ticket_id: i64) -> Result<Option<i64>, DbError> {
    tx.query_opt(
        "SELECT helpdesk_id FROM ticket WHERE tenant = $1 AND ticket_id = $2",
        &params![tenant, ticket_id],
        |row| row.int(0),
    )
}

/// The ticket's timeline, oldest first.
pub fn of(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<Vec<Step>, Refusal> {
    crate::ticket::get(tx, desk, ticket_id)?;
    let mut all = messages(tx, desk, ticket_id)?;
    all.extend(questions(tx, desk, ticket_id)?);
    all.extend(deliveries(tx, desk, ticket_id)?);
    all.extend(steps(tx, desk, ticket_id)?);
    all.sort_by_key(|s| s.at);
    Ok(all)
}

/// Where a step of people or bots stands among those of its ticket: what came later is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When, Unix ms.
    at: i64,
    /// Of what happened in the same millisecond, answers come first: 0 an app's, 1 the built-in engine's, 2 steps.
    source: i64,
    /// The answered question's place in the chat, or the step's id.
    id: i64,
}

impl Place {
    /// After all there may be.
    pub const END: Self = Self { at: i64::MAX, source: i64::MAX, id: i64::MAX };

    /// The place that a text of [`Display`](fmt::Display) names.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse().ok().filter(|number| *number >= 0));
        Some(Self { at: parts.next()??, source: parts.next()??, id: parts.next()?? })
    }

    /// What bounds the rows of a source that stand before this: the latest time, and the id that those of this time are
    /// smaller than.
    fn bound(self, source: i64) -> (i64, i64) {
        match source.cmp(&self.source) {
            Ordering::Less => (self.at, i64::MAX),
            Ordering::Equal => (self.at, self.id),
            Ordering::Greater => (self.at, i64::MIN),
        }
    }
}

/// What the people are called whom steps name, by open id.
pub fn people<'s>(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    steps: impl Iterator<Item = &'s Step>,
) -> Result<HashMap<String, String>, DbError> {
    let named = |step: &'s Step| ["agent", "to", "open_id"].into_iter().filter_map(|key| step.detail[key].as_str());
    let open_ids: BTreeSet<&str> = steps.flat_map(named).filter(|id| !id.is_empty()).collect();
    person::names(tx, &desk.tenant, &open_ids.into_iter().collect::<Vec<_>>())
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.at, self.source, self.id)
    }
}

/// Steps of people and bots with their places, the last first.
type Placed = Vec<(Place, Step)>;

/// What people and bots did with a ticket, the last first: the timeline without messages and deliveries. At most `limit`
/// steps before a place, and whether there are more.
pub fn work(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    ticket_id: i64,
    before: Place,
    limit: usize,
) -> Result<(Placed, bool), DbError> {
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let of = (desk, ticket_id);
    let mut found = app_answers(tx, of, before, one_more)?;
    found.extend(builtin_answers(tx, of, before, one_more)?);
    found.extend(steps_before(tx, of, before, one_more)?);
    found.sort_unstable_by_key(|(place, _)| std::cmp::Reverse(*place));
    let has_more = found.len() > limit;
    found.truncate(limit);
    Ok((found, has_more))
}

fn app_answers(tx: &mut Tx<'_>, of: (&Helpdesk, i64), before: Place, limit: i64) -> Result<Placed, DbError> {
    let (at, id) = before.bound(0);
    tx.query(
        "SELECT app_answered_at, position, event_id, app_id, app_answer, app_shown FROM question
         WHERE tenant = $1 AND ticket_id = $2 AND app_answered_at <= $3 AND (app_answered_at < $3 OR position < $4)
         ORDER BY app_answered_at DESC, position DESC LIMIT $5",
        &params![&of.0.tenant, of.1, at, id, limit],
        |row| {
            let place = Place { at: row.int(0)?, source: 0, id: row.int(1)? };
            Ok((place, app_answered(place.at, row, 2)?))
        },
    )
}

fn builtin_answers(tx: &mut Tx<'_>, of: (&Helpdesk, i64), before: Place, limit: i64) -> Result<Placed, DbError> {
    let (at, id) = before.bound(1);
    tx.query(
        "SELECT builtin_answered_at, position, event_id, builtin_reason, explanation FROM question
         WHERE tenant = $1 AND ticket_id = $2 AND builtin_answered_at <= $3
           AND (builtin_answered_at < $3 OR position < $4)
         ORDER BY builtin_answered_at DESC, position DESC LIMIT $5",
        &params![&of.0.tenant, of.1, at, id, limit],
        |row| {
            let place = Place { at: row.int(0)?, source: 1, id: row.int(1)? };
            Ok((place, builtin_answered(place.at, row, 2)?))
        },
    )
}

fn steps_before(tx: &mut Tx<'_>, of: (&Helpdesk, i64), before: Place, limit: i64) -> Result<Placed, DbError> {
    let (at, id) = before.bound(2);
    tx.query(
        "SELECT at, kind, detail, step_id FROM step
         WHERE tenant = $1 AND ticket_id = $2 AND at <= $3 AND (at < $3 OR step_id < $4)
         ORDER BY at DESC, step_id DESC LIMIT $5",
        &params![&of.0.tenant, of.1, at, id, limit],
        |row| Ok((Place { at: row.int(0)?, source: 2, id: row.int(3)? }, step(row)?)),
    )
}

fn steps(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<Vec<Step>, DbError> {
    tx.query(
        "SELECT at, kind, detail FROM step WHERE tenant = $1 AND ticket_id = $2 ORDER BY step_id",
        &params![&desk.tenant, ticket_id],
        step,
    )
}

fn step(row: &Row<'_>) -> Result<Step, DbError> {
    Ok(Step { at: row.int(0)?, kind: row.string(1)?, detail: directory::json(row.text(2)?)? })
}

/// An app's answer in the columns `event_id`, `app_id`, `app_answer` and `app_shown` from `first` on.
fn app_answered(at: i64, row: &Row<'_>, first: usize) -> Result<Step, DbError> {
    let faqs: Value = directory::json(row.opt_text(first + 2)?.unwrap_or("null"))?;
    let detail = json!({"event_id": row.text(first)?, "app_id": row.opt_text(first + 1)?, "faqs": faqs,
                        "shown": row.flag(first + 3)?});
    Ok(Step { at, kind: "app_answered".into(), detail })
}

/// The built-in engine's answer in the columns `event_id`, `builtin_reason` and `explanation` from `first` on.
fn builtin_answered(at: i64, row: &Row<'_>, first: usize) -> Result<Step, DbError> {
    let why: Value = directory::json(row.opt_text(first + 2)?.unwrap_or("null"))?;
    let detail = json!({"event_id": row.text(first)?, "reason": row.opt_text(first + 1)?, "explanation": why});
    Ok(Step { at, kind: "builtin_answered".into(), detail })
}

fn messages(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<Vec<Step>, DbError> {
    tx.query(
        "SELECT created_at, message_id, sender, kind, text, event_id FROM message
         WHERE tenant = $1 AND ticket_id = $2 ORDER BY position",
        &params![&desk.tenant, ticket_id],
        |row| {
            let from = crate::message::Sender::of(row.int(2)?).word();
            let detail = json!({"message_id": row.text(1)?, "from": from, "kind": row.text(3)?, "text": row.text(4)?,
                                "event_id": row.text(5)?});
            Ok(Step { at: row.int(0)?, kind: "message".into(), detail })
        },
    )
}

fn questions(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<Vec<Step>, DbError> {
    let steps = tx.query(
        "SELECT app_answered_at, builtin_answered_at, event_id, app_id, app_answer, app_shown,
                event_id, builtin_reason, explanation
         FROM question WHERE tenant = $1 AND ticket_id = $2",
        &params![&desk.tenant, ticket_id],
        |row| {
            let app = row.opt_int(0)?.map(|at| app_answered(at, row, 2)).transpose()?;
            let builtin = row.opt_int(1)?.map(|at| builtin_answered(at, row, 6)).transpose()?;
            Ok([app, builtin])
        },
    )?;
    Ok(steps.into_iter().flatten().flatten().collect())
}

fn deliveries(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<Vec<Step>, DbError> {
    let queued = tx.query(
        "SELECT d.created_at, d.delivery_id, d.app_id, d.event_type, d.event_id, d.state, d.attempts, d.finished_at,
                a.ended
         FROM delivery d
         LEFT JOIN attempt a ON a.tenant = d.tenant AND a.delivery_id = d.delivery_id AND a.attempt = d.attempts
         WHERE d.tenant = $1 AND d.ticket_id = $2 ORDER BY d.delivery_id",
        &params![&desk.tenant, ticket_id],
        |row| {
            let (event_id, state) = (row.text(4)?, row.int(5)?);
            let detail = json!({"delivery_id": row.int(1)?.to_string(), "app_id": row.text(2)?,
                                "event_type": row.text(3)?, "event_id": event_id,
                                "header_event_id": ids::header_event_id(event_id), "state": state_word(state)});
            let mut steps = vec![Step { at: row.int(0)?, kind: "event_queued".into(), detail }];
            // Not by its last attempt, then.
            if state == outbox::state::DEAD && row.opt_int(8)? != Some(outbox::state::DEAD) {
                let detail = json!({"delivery_id": row.int(1)?.to_string(), "app_id": row.text(2)?,
                                    "attempts": row.int(6)?, "reason": "the app was removed"});
                steps.push(Step { at: row.opt_int(7)?.unwrap_or(0), kind: "given_up".into(), detail });
            }
            Ok(steps)
        },
    )?;
    let mut steps: Vec<Step> = queued.into_iter().flatten().collect();
    steps.extend(attempts(tx, desk, ticket_id)?);
    steps.extend(resends(tx, desk, ticket_id)?);
    Ok(steps)
}

fn attempts(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<Vec<Step>, DbError> {
    let steps = tx.query(
        "SELECT a.at, a.delivery_id, a.attempt, a.http_status, a.outcome, a.duration_ms, d.app_id, a.ended
         FROM delivery d JOIN attempt a ON a.tenant = d.tenant AND a.delivery_id = d.delivery_id
         WHERE d.tenant = $1 AND d.ticket_id = $2 ORDER BY a.delivery_id, a.attempt",
        &params![&desk.tenant, ticket_id],
        |row| {
            let (at, attempt, duration_ms) = (row.int(0)?, row.int(2)?, row.int(5)?);
            let detail = json!({"delivery_id": row.int(1)?.to_string(), "attempt": attempt,
                                "http_status": row.opt_int(3)?, "outcome": row.text(4)?,
                                "duration_ms": duration_ms, "app_id": row.text(6)?});
            let mut steps = vec![Step { at, kind: "delivery_attempt".into(), detail }];
            if row.int(7)? == outbox::state::DEAD {
                let detail = json!({"delivery_id": row.int(1)?.to_string(), "app_id": row.text(6)?,
                                    "attempts": attempt, "reason": "the last retry failed"});
                steps.push(Step { at: at + duration_ms, kind: "given_up".into(), detail });
            }
            Ok(steps)
        },
    )?;
    Ok(steps.into_iter().flatten().collect())
}

fn resends(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<Vec<Step>, DbError> {
    tx.query(
        "SELECT r.at, r.by_way, r.open_id, r.name, r.delivery_id, d.app_id
         FROM delivery d JOIN resend r ON r.tenant = d.tenant AND r.delivery_id = d.delivery_id
         WHERE d.tenant = $1 AND d.ticket_id = $2 ORDER BY r.delivery_id, r.resend_id",
        &params![&desk.tenant, ticket_id],
        |row| {
            let Resend { at, way, open_id, name } = Resend::read(row, 0)?;
            let detail = json!({"delivery_id": row.int(4)?.to_string(), "app_id": row.text(5)?, "by": way,
                                "open_id": open_id, "name": name});
            Ok(Step { at, kind: "resent".into(), detail })
        },
    )
}
