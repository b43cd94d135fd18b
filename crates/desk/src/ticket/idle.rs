//! Ending bot tickets whose guest has not written for as long as the desk allows (`answering.idle_close_min`).
//!
//! A guest's message does not touch the ticket's row. `idle_from` is only a time after which the guest may have been
//! silent; whoever finds it due looks at the last message and moves it forward, or ends the ticket.

use db::{DbError, Tx, params};

use super::change;
use super::state::{Cause, stage};
use crate::directory::Helpdesk;
use crate::message::Notice;
use crate::{Cx, Refusal, message};

/// How long a guest of this desk may be silent, in ms; `None` for ever.
fn patience_ms(desk: &Helpdesk) -> Option<i64> {
    desk.answering.idle_close_min.map(|min| min * 60_000)
}

/// Tickets that may be due at `now` (Unix ms), the longest silent first.
pub fn due(tx: &mut Tx<'_>, desk: &Helpdesk, now: i64, limit: i64) -> Result<Vec<i64>, DbError> {
    let Some(patience) = patience_ms(desk) else { return Ok(Vec::new()) };
    tx.query(
        "SELECT ticket_id FROM ticket
         WHERE tenant = $1 AND helpdesk_id = $2 AND idle_from IS NOT NULL AND idle_from <= $3
         ORDER BY idle_from, ticket_id LIMIT $4",
        &params![&desk.tenant, desk.id, now - patience, limit],
        |row| row.int(0),
    )
}

/// When the next ticket may be due (Unix ms).
pub fn next_due(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Option<i64>, DbError> {
    let Some(patience) = patience_ms(desk) else { return Ok(None) };
    let first = tx.query_opt(
        "SELECT idle_from FROM ticket WHERE tenant = $1 AND helpdesk_id = $2 AND idle_from IS NOT NULL
         ORDER BY idle_from, ticket_id LIMIT 1",
        &params![&desk.tenant, desk.id],
        |row| row.int(0),
    )?;
    Ok(first.map(|from| from + patience))
}

/// Ends a ticket if its guest has been silent for too long; answers whether it did. A ticket that nobody called solved is
/// not solved.
pub fn close(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ticket_id: i64) -> Result<bool, Refusal> {
    let Some(patience) = patience_ms(desk) else { return Ok(false) };
    let mut ticket = super::get(tx, desk, ticket_id)?;
    if !ticket.state.is_open() || ticket.state.stage != stage::BOT {
        return Ok(false);
    }
    let silent_since = silent_since(tx, desk, ticket_id)?;
    if silent_since > cx.now - patience {
        tx.execute(
            "UPDATE ticket SET idle_from = $1 WHERE tenant = $2 AND ticket_id = $3",
            &params![silent_since, &desk.tenant, ticket_id],
        )?;
        return Ok(false);
    }
    ticket.solve = ticket.solve.or(Some(1));
    let text =
        ["由于您长时间未回复，本次会话已结束。", "This conversation ended because you had not written for a while."];
    message::notice(tx, cx, desk, &ticket, (Notice::Closed, text))?;
    Ok(change::moved(tx, cx, desk, &mut ticket, Cause::BotClosed)?)
}

/// When the guest last wrote, or else the ticket came to the bot.
fn silent_since(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<i64, DbError> {
    let from = tx.query_one(
        "SELECT idle_from FROM ticket WHERE tenant = $1 AND ticket_id = $2",
        &params![&desk.tenant, ticket_id],
        |row| row.opt_int(0),
    )?;
    let wrote = tx.query_opt(
        "SELECT created_at FROM message WHERE tenant = $1 AND ticket_id = $2 AND sender = 2
         ORDER BY position DESC LIMIT 1",
        &params![&desk.tenant, ticket_id],
        |row| row.int(0),
    )?;
    Ok(from.max(wrote).unwrap_or(0))
}
