//! The guest ends and rates their ticket.

use db::{DbError, Tx, params};

use super::state::{Cause, State, stage};
use super::{assign, change};
use crate::directory::Helpdesk;
use crate::guest::Chat;
use crate::message::Notice;
use crate::{Cx, Kind, Refusal, console, message, timeline};

/// The guest ends their ticket.
pub fn close_by_guest(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, chat: &Chat) -> Result<i64, Refusal> {
    let id = chat.open_ticket_id.ok_or_else(|| Refusal::invalid("ticket", "no conversation is open"))?;
    let mut ticket = super::get(tx, desk, id)?;
    ticket.closed_by = Some((&chat.guest).into());
    // The notice comes first: nothing is written into a closed ticket.
    message::notice(tx, cx, desk, &ticket, (Notice::Closed, ["您已结束本次会话。", "You ended this conversation."]))?;
    change::moved(tx, cx, desk, &mut ticket, Cause::GuestClosed)?;
    if ticket.state.stage == stage::HUMAN {
        assign::rebalance(tx, cx, desk)?;
    }
    Ok(id)
}

/// The guest's last ticket, if it has ended and waits for their rating.
pub fn unrated(tx: &mut Tx<'_>, desk: &Helpdesk, chat: &Chat) -> Result<Option<i64>, DbError> {
    let last = tx.query_opt(
        "SELECT ticket_id, stage, status, score FROM ticket WHERE tenant = $1 AND helpdesk_id = $2 AND guest = $3
         ORDER BY ticket_id DESC LIMIT 1",
        &params![&desk.tenant, desk.id, &chat.guest.user_id],
        |row| Ok((row.int(0)?, State { stage: row.int(1)?, status: row.int(2)? }, row.opt_int(3)?)),
    )?;
    Ok(last.filter(|(_, state, score)| !state.is_open() && score.is_none()).map(|(id, ..)| id))
}

/// The guest rates their open ticket, or the last one: 1 dissatisfied, 2 neutral, 3 satisfied.
pub fn rate(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    chat: &Chat,
    score: i64,
    reason: Option<&str>,
) -> Result<i64, Refusal> {
    if !(1..=3).contains(&score) {
        return Err(Refusal::invalid("score", "options: [1,2,3]"));
    }
    if reason.is_some_and(|r| r.chars().count() > 1000) {
        return Err(Refusal::invalid("reason", "at most 1000 characters are allowed"));
    }
    let last = tx.query_opt(
        "SELECT ticket_id, stage FROM ticket WHERE tenant = $1 AND helpdesk_id = $2 AND guest = $3
         ORDER BY ticket_id DESC LIMIT 1",
        &params![&desk.tenant, desk.id, &chat.guest.user_id],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )?;
    let (id, at_stage) = last.ok_or_else(|| Refusal::not_found(Kind::Ticket, "of this guest"))?;
    tx.execute(
        "UPDATE ticket SET score = $1, score_reason = $2 WHERE tenant = $3 AND ticket_id = $4",
        &params![score, reason, &desk.tenant, id],
    )?;
    if at_stage == stage::HUMAN {
        console::news::note(tx, cx, desk, id)?;
    }
    timeline::note(tx, cx, &desk.tenant, id, "rated", &serde_json::json!({"score": score, "reason": reason}))?;
    Ok(id)
}
