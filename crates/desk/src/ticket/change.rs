//! Moving a ticket: the only place that changes its stage and status, always together with the updated event.

use db::{DbError, Tx, params};
use serde_json::json;

use super::state::{Cause, State, stage, status};
use super::{NOBODY_WAITS, Ticket};
use crate::directory::Helpdesk;
use crate::event::{OldTicket, Snapshot};
use crate::{Cx, Effect, console, outbox, timeline};

/// Moves `ticket` as `cause` says, if it moves it at all; answers whether it did. What the caller changed in `ticket`
/// before (its agent, who closes it, whether it is solved) is stored with it.
pub(crate) fn moved(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &mut Ticket,
    cause: Cause,
) -> Result<bool, DbError> {
    let Some(next) = ticket.state.after(cause) else { return Ok(false) };
    let (old, agent) = (ticket.state, ticket.owner.as_ref().map(|owner| owner.who.open_id.clone()));
    let old_updated_at = ticket.updated_at.replace(cx.now);
    enter(ticket, next, cause, cx.now);
    save(tx, cx, desk, ticket)?;
    if old.stage == stage::HUMAN {
        console::news::note(tx, cx, desk, ticket.id)?;
    }
    if next.stage != old.stage || !next.is_open() {
        end_questions(tx, desk, ticket.id)?;
    }
    if next.is_open() != old.is_open() {
        tx.execute(
            "UPDATE chat SET open_ticket_id = $1 WHERE tenant = $2 AND chat_id = $3",
            &params![next.is_open().then_some(ticket.id), &desk.tenant, &ticket.chat_id],
        )?;
    }
    let step = json!({"by": cause.actor().word(), "stage": next.stage, "status": next.status,
                      "old_stage": old.stage, "old_status": old.status, "agent": agent});
    timeline::note(tx, cx, &desk.tenant, ticket.id, cause.word(), &step)?;
    announce(tx, cx, desk, ticket, old, old_updated_at)?;
    Ok(true)
}

/// Puts the ticket into a state at `now` (Unix ms) with the times and people that go with it.
fn enter(ticket: &mut Ticket, next: State, cause: Cause, now: i64) {
    if let (Some(held_at), true) = (ticket.held_at, next.status != status::PENDING) {
        // The clocks of two servers may differ a little.
        ticket.on_hold_ms += (now - held_at).max(0);
        ticket.held_at = None;
    }
    if next.status == status::PENDING && ticket.held_at.is_none() {
        ticket.held_at = Some(now);
    }
    let reopened = next.is_open() && !ticket.state.is_open();
    ticket.closed_at = if next.is_open() { None } else { ticket.closed_at.or(Some(now)) };
    if next.is_open() {
        ticket.closed_by = None;
    }
    if next.is_open() && (next.stage == stage::BOT || next.status == status::QUEUED) {
        ticket.owner = None;
    }
    if next.stage == stage::BOT || reopened {
        ticket.queued_at = None;
    }
    if next.status == status::QUEUED {
        // Who has to wait again keeps their place; an agent who had it at once has entered when it would have queued.
        ticket.queued_at = if reopened { Some(now) } else { ticket.queued_at.or(ticket.agent_entry_at).or(Some(now)) };
    }
    if next.stage == stage::HUMAN && ticket.owner.is_some() {
        ticket.agent_entry_at = ticket.agent_entry_at.or(Some(now));
    }
    ticket.waits_from = waits_from(ticket, next, cause, now);
    ticket.state = next;
}

/// Since when the guest waits for a human's word once the ticket has moved to `next`.
fn waits_from(ticket: &Ticket, next: State, cause: Cause, now: i64) -> Option<i64> {
    match (next.status, cause) {
        _ if next.stage != stage::HUMAN => None,
        (status::CREATED | status::PROCESSING | status::QUEUED, Cause::Human { .. } | Cause::Updated(_)) => {
            ticket.waits_from.or(Some(now))
        }
        // Who has been answered does not wait again because agents pass the ticket on, hold it or take it off hold; who
        // waits goes on waiting. What the guest writes counts in `assign::guest_wrote`.
        (status::CREATED | status::PROCESSING | status::QUEUED | status::PENDING, _) => ticket.waits_from,
        _ => None,
    }
}

/// Stores what may change in a ticket's life. The stage and status are those that [`moved`] gave it.
pub(super) fn save(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ticket: &Ticket) -> Result<(), DbError> {
    let at_bot = ticket.state.is_open() && ticket.state.stage == stage::BOT;
    tx.execute(
        "UPDATE ticket SET stage = $1, status = $2, updated_at = $3, closed_at = $4, closed_by = $5, queued_at = $6,
                           owner = $7, agent_entry_at = $8, agent_first_response_at = $9, agent_last_response_at = $10,
                           held_at = $11, on_hold_ms = $12, solve = $13, channel = $14,
                           idle_from = CASE WHEN CAST($15 AS BIGINT) IS NULL THEN NULL ELSE COALESCE(idle_from, $15) END,
                           waits_from = $16
         WHERE tenant = $17 AND ticket_id = $18",
        &params![
            ticket.state.stage,
            ticket.state.status,
            ticket.updated_at,
            ticket.closed_at,
            ticket.closed_by.as_ref().map(|c| c.who.user_id.as_str()),
            ticket.queued_at,
            ticket.owner.as_ref().map(|c| c.who.user_id.as_str()),
            ticket.agent_entry_at,
            ticket.agent_first_response_at,
            ticket.agent_last_response_at,
            ticket.held_at,
            ticket.on_hold_ms,
            ticket.solve,
            ticket.channel,
            at_bot.then_some(cx.now),
            ticket.waits_from.unwrap_or(NOBODY_WAITS),
            &desk.tenant,
            ticket.id
        ],
    )?;
    if ticket.state.stage == stage::HUMAN {
        console::news::note(tx, cx, desk, ticket.id)?;
    }
    Ok(())
}

/// No bot answers what waits any more.
fn end_questions(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE question SET state = 2, due_at = NULL WHERE tenant = $1 AND ticket_id = $2 AND state = 0",
        &params![&desk.tenant, ticket_id],
    )?;
    Ok(())
}

fn announce(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &Ticket,
    old: State,
    old_updated_at: Option<i64>,
) -> Result<(), DbError> {
    let old = OldTicket {
        stage: (old.stage != ticket.state.stage).then_some(old.stage),
        status: (old.status != ticket.state.status).then_some(old.status),
        updated_at: old_updated_at,
    };
    let event_id = cx.ids.event(cx.now);
    outbox::append(tx, cx, desk, &event_id, &Snapshot::TicketUpdated { ticket: ticket.snapshot(desk), old })?;
    cx.effects.push(Effect::Chat { chat_id: ticket.chat_id.clone() });
    Ok(())
}
