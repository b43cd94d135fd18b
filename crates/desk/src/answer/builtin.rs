//! The built-in engine answers: which questions wait for it, and what it may do.
//!
//! The engine ranks outside of any transaction, so between asking for due questions and answering one an app or the
//! guest may have been faster; [`answer`] looks again and then does nothing.

use db::{DbError, Tx, params};

use super::{Answered, AnsweredBy, Best, Match, Mode, online, show};
use crate::directory::Helpdesk;
use crate::message::Place;
use crate::ticket::state::State;
use crate::{Cx, question};

/// A question that the built-in engine may answer now.
#[derive(Debug, Clone)]
pub struct Due {
    /// The help desk.
    pub helpdesk_id: i64,
    /// The ticket.
    pub ticket_id: i64,
    /// The body's event id of the question.
    pub event_id: String,
    /// The guest's words; empty for a picture.
    pub text: String,
}

/// Questions due at `now` (Unix ms) over all tenants, the longest waiting first.
pub fn due(tx: &mut Tx<'_>, now: i64, limit: i64) -> Result<Vec<Due>, DbError> {
    tx.query(
        "SELECT t.helpdesk_id, q.ticket_id, q.event_id, q.text
         FROM question q JOIN ticket t ON t.tenant = q.tenant AND t.ticket_id = q.ticket_id
         WHERE q.due_at IS NOT NULL AND q.due_at <= $1 ORDER BY q.due_at LIMIT $2",
        &params![now, limit],
        |row| {
            Ok(Due { helpdesk_id: row.int(0)?, ticket_id: row.int(1)?, event_id: row.string(2)?, text: row.string(3)? })
        },
    )
}

/// When the next question is due (Unix ms).
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<i64>, DbError> {
    tx.query_opt("SELECT due_at FROM question WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1", &[], |row| row.int(0))
}

/// Why the built-in engine speaks; kept on the ticket's timeline.
fn reason(desk: &Helpdesk) -> &'static str {
    use crate::answering::By;
    match desk.answering.by {
        By::Builtin => "the help desk answers by the built-in engine",
        _ if desk.subscribers(crate::event::MESSAGE_CREATED).is_empty() => "no app is subscribed to message events",
        By::App | By::AppThenBuiltin => "no app answered in time",
    }
}

/// Shows the engine's answer, unless the question no longer waits. Answers how it was shown.
pub fn answer(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    due: &Due,
    matches: &[Match],
) -> Result<Option<Mode>, DbError> {
    let waiting = tx.query_opt(
        "UPDATE question SET state = 1, due_at = NULL, builtin_answered_at = $1, builtin_reason = $2, found = $3
         WHERE tenant = $4 AND ticket_id = $5 AND event_id = $6 AND state = 0 AND due_at IS NOT NULL
         RETURNING chat_id",
        &params![cx.now, reason(desk), &question::found_json(matches), &desk.tenant, due.ticket_id, &due.event_id],
        |row| row.string(0),
    )?;
    let Some(chat_id) = waiting else { return Ok(None) };
    let state = tx.query_one(
        "SELECT stage, status FROM ticket WHERE tenant = $1 AND ticket_id = $2",
        &params![&desk.tenant, due.ticket_id],
        |row| Ok(State { stage: row.int(0)?, status: row.int(1)? }),
    )?;
    if state.bot_barred().is_some() {
        return Ok(None);
    }
    let mut faqs = Best::new();
    for m in matches {
        // A FAQ that was deleted since the engine ranked it is left out.
        faqs.extend(online(tx, desk, m.faq_id)?.map(|faq| (faq, m.score)));
    }
    let place = Place { chat_id: &chat_id, ticket_id: due.ticket_id, ticket_status: state.status, with_human: false };
    let answered = Answered { by: AnsweredBy::Builtin, event_id: &due.event_id, question: &due.text };
    let (_, mode) = show(tx, cx, desk, place, answered, faqs)?;
    question::shown(tx, desk, due.ticket_id, &due.event_id, mode)?;
    Ok(Some(mode))
}
