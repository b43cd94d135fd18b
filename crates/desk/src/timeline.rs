//! A ticket's timeline: every step from the question to its answer, gathered from the rows that record them.

use db::{DbError, Tx, params};
use serde::Serialize;
use serde_json::{Value, json};

use crate::directory::{self, Helpdesk};
use crate::{Cx, Refusal, ids, outbox};

/// A step.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// When, Unix ms.
    pub at: i64,
    /// `message`, `app_answered`, `builtin_answered`, `handed_over`, `assigned`, `requeued`, `taken`, `replied`, `held`,
    /// `resumed`, `transferred`, `closed`, `updated`, `event_queued`, `delivery_attempt`,
    /// `event_resent`, …
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
    let mut steps = messages(tx, desk, ticket_id)?;
    steps.extend(questions(tx, desk, ticket_id)?);
    steps.extend(deliveries(tx, desk, ticket_id)?);
    steps.extend(tx.query(
        "SELECT at, kind, detail FROM step WHERE tenant = $1 AND ticket_id = $2 ORDER BY step_id",
        &params![&desk.tenant, ticket_id],
        |row| Ok(Step { at: row.int(0)?, kind: row.string(1)?, detail: directory::json(row.text(2)?)? }),
    )?);
    steps.sort_by_key(|s| s.at);
    Ok(steps)
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
        "SELECT event_id, app_id, app_answer, app_answered_at, app_shown, builtin_answered_at, builtin_reason
         FROM question WHERE tenant = $1 AND ticket_id = $2",
        &params![&desk.tenant, ticket_id],
        |row| {
            let event_id = row.text(0)?;
            let mut steps = Vec::new();
            if let Some(at) = row.opt_int(3)? {
                let faqs: Value = directory::json(row.opt_text(2)?.unwrap_or("null"))?;
                let detail = json!({"event_id": event_id, "app_id": row.opt_text(1)?, "faqs": faqs,
                                    "shown": row.flag(4)?});
                steps.push(Step { at, kind: "app_answered".into(), detail });
            }
            if let Some(at) = row.opt_int(5)? {
                let detail = json!({"event_id": event_id, "reason": row.opt_text(6)?});
                steps.push(Step { at, kind: "builtin_answered".into(), detail });
            }
            Ok(steps)
        },
    )?;
    Ok(steps.into_iter().flatten().collect())
}

fn deliveries(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<Vec<Step>, DbError> {
    let mut steps = tx.query(
        "SELECT created_at, delivery_id, app_id, event_type, event_id, state FROM delivery
         WHERE tenant = $1 AND ticket_id = $2 ORDER BY delivery_id",
        &params![&desk.tenant, ticket_id],
        |row| {
            let state = match row.int(5)? {
                outbox::state::DELIVERED => "delivered",
                outbox::state::DEAD => "dead",
                _ => "pending",
            };
            let event_id = row.text(4)?;
            let detail = json!({"delivery_id": row.int(1)?.to_string(), "app_id": row.text(2)?,
                                "event_type": row.text(3)?, "event_id": event_id,
                                "header_event_id": ids::header_event_id(event_id), "state": state});
            Ok(Step { at: row.int(0)?, kind: "event_queued".into(), detail })
        },
    )?;
    steps.extend(tx.query(
        "SELECT a.at, a.delivery_id, a.attempt, a.http_status, a.outcome, a.duration_ms, d.app_id
         FROM delivery d JOIN attempt a ON a.tenant = d.tenant AND a.delivery_id = d.delivery_id
         WHERE d.tenant = $1 AND d.ticket_id = $2 ORDER BY a.delivery_id, a.attempt",
        &params![&desk.tenant, ticket_id],
        |row| {
            let detail = json!({"delivery_id": row.int(1)?.to_string(), "attempt": row.int(2)?,
                                "http_status": row.opt_int(3)?, "outcome": row.text(4)?,
                                "duration_ms": row.int(5)?, "app_id": row.text(6)?});
            Ok(Step { at: row.int(0)?, kind: "delivery_attempt".into(), detail })
        },
    )?);
    Ok(steps)
}
