//! Moving a ticket: the only place that changes its stage and status, always together with the updated event.

use db::{DbError, Tx, params};

use super::Ticket;
use super::state::{Cause, State, status};
use crate::directory::Helpdesk;
use crate::event::{OldTicket, Snapshot};
use crate::guest::Chat;
use crate::message::Notice;
use crate::{Cx, Effect, Kind, Refusal, message, outbox, timeline};

/// Moves `ticket` as `cause` says, if it moves it at all; answers whether it did.
pub(crate) fn moved(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &mut Ticket,
    cause: Cause,
) -> Result<bool, DbError> {
    let Some(next) = ticket.state.after(cause) else { return Ok(false) };
    let old = std::mem::replace(&mut ticket.state, next);
    let old_updated_at = ticket.updated_at.replace(cx.now);
    if !next.is_open() {
        ticket.closed_at = Some(cx.now);
    }
    let queued_at = (next.status == status::QUEUED).then_some(cx.now);
    tx.execute(
        "UPDATE ticket SET stage = $1, status = $2, updated_at = $3, closed_at = $4, closed_by = $5,
                           queued_at = COALESCE(queued_at, $6), owner = $7, agent_entry_at = $8
         WHERE tenant = $9 AND ticket_id = $10",
        &params![
            next.stage,
            next.status,
            cx.now,
            ticket.closed_at,
            ticket.closed_by.as_ref().map(|c| c.who.user_id.as_str()),
            queued_at,
            ticket.owner.as_ref().map(|c| c.who.user_id.as_str()),
            ticket.agent_entry_at,
            &desk.tenant,
            ticket.id
        ],
    )?;
    if next.stage != old.stage || !next.is_open() {
        end_questions(tx, desk, ticket.id)?;
    }
    if !next.is_open() {
        tx.execute(
            "UPDATE chat SET open_ticket_id = NULL WHERE tenant = $1 AND chat_id = $2",
            &params![&desk.tenant, &ticket.chat_id],
        )?;
    }
    announce(tx, cx, desk, ticket, old, old_updated_at)?;
    Ok(true)
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
    let event_id = cx.ids.uuid();
    outbox::append(tx, cx, desk, &event_id, &Snapshot::TicketUpdated { ticket: ticket.snapshot(desk), old })?;
    cx.effects.push(Effect::Chat { chat_id: ticket.chat_id.clone() });
    Ok(())
}

/// What a guest who asked for a human is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// The ticket.
    pub ticket_id: i64,
    /// Its status now.
    pub status: i64,
    /// 1 for the next in line; none when an agent has it.
    pub queue_position: Option<i64>,
    /// How long others waited of late, in seconds; none without such experience.
    pub estimated_wait_s: Option<i64>,
    /// Whether any agent is on duty.
    pub on_duty: bool,
}

/// The guest asks for a human. Opens a ticket if none is open; asking twice changes nothing.
pub fn ask_for_human(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, chat: &Chat) -> Result<Handover, Refusal> {
    let mut ticket = match chat.open_ticket_id {
        Some(id) => super::get(tx, desk, id)?,
        None => super::open(tx, cx, desk, chat, &super::Opening::default())?,
    };
    hand_over(tx, cx, desk, chat, &mut ticket)?;
    let queued = ticket.state.status == status::QUEUED;
    Ok(Handover {
        ticket_id: ticket.id,
        status: ticket.state.status,
        queue_position: if queued { Some(queue_position(tx, desk, ticket.id)?) } else { None },
        estimated_wait_s: if queued { usual_wait_s(tx, desk)? } else { None },
        on_duty: desk.on_duty(cx.now),
    })
}

/// Takes a ticket from the bot into the queue of the humans and tells the guest.
pub(super) fn hand_over(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    chat: &Chat,
    ticket: &mut Ticket,
) -> Result<(), Refusal> {
    let taken = ticket.owner.is_some();
    if !moved(tx, cx, desk, ticket, Cause::Human { taken })? {
        return Ok(());
    }
    timeline::note(
        tx,
        cx,
        &desk.tenant,
        ticket.id,
        "handed_over",
        &serde_json::json!({"status": ticket.state.status}),
    )?;
    let text = match (taken, chat.guest.reads_chinese()) {
        (true, true) => "客服已接入，请稍候回复。",
        (true, false) => "An agent has joined and will reply soon.",
        (false, true) => "已为您转人工，客服会尽快回复。",
        (false, false) => "You asked for a person. An agent will reply as soon as one is free.",
    };
    message::notice(tx, cx, desk, ticket, (Notice::Human, text))?;
    Ok(())
}

fn queue_position(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<i64, DbError> {
    tx.query_one(
        "SELECT COUNT(*) FROM ticket q, ticket own
         WHERE own.tenant = $1 AND own.ticket_id = $2
           AND q.tenant = $1 AND q.helpdesk_id = $3 AND q.status = 3
           AND (q.queued_at, q.ticket_id) <= (own.queued_at, own.ticket_id)",
        &params![&desk.tenant, ticket_id, desk.id],
        |row| row.int(0),
    )
}

/// The mean wait of the last 20 tickets that agents took from the queue, in seconds.
fn usual_wait_s(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Option<i64>, DbError> {
    let waits = tx.query(
        "SELECT agent_entry_at - queued_at FROM ticket
         WHERE tenant = $1 AND helpdesk_id = $2 AND agent_entry_at IS NOT NULL AND queued_at IS NOT NULL
         ORDER BY ticket_id DESC LIMIT 20",
        &params![&desk.tenant, desk.id],
        |row| row.int(0),
    )?;
    let count = i64::try_from(waits.len()).unwrap_or(i64::MAX);
    Ok(if count == 0 { None } else { Some(waits.iter().sum::<i64>().max(0) / count / 1000) })
}

/// The guest ends their ticket.
pub fn close_by_guest(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, chat: &Chat) -> Result<i64, Refusal> {
    let id = chat.open_ticket_id.ok_or_else(|| Refusal::invalid("ticket", "no conversation is open"))?;
    let mut ticket = super::get(tx, desk, id)?;
    ticket.closed_by = Some((&chat.guest).into());
    // The notice comes first: nothing is written into a closed ticket.
    let text = if chat.guest.reads_chinese() { "您已结束本次会话。" } else { "You ended this conversation." };
    message::notice(tx, cx, desk, &ticket, (Notice::Closed, text))?;
    timeline::note(tx, cx, &desk.tenant, id, "closed_by_guest", &serde_json::json!({}))?;
    moved(tx, cx, desk, &mut ticket, Cause::GuestClosed)?;
    Ok(id)
}

/// The guest rates their open ticket, or the last one: 1 dissatisfied, 2 neutral, 3 satisfied.
pub fn rate(
    tx: &mut Tx<'_>,
    cx: &Cx,
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
        "SELECT ticket_id FROM ticket WHERE tenant = $1 AND helpdesk_id = $2 AND guest = $3
         ORDER BY ticket_id DESC LIMIT 1",
        &params![&desk.tenant, desk.id, &chat.guest.user_id],
        |row| row.int(0),
    )?;
    let id = last.ok_or_else(|| Refusal::not_found(Kind::Ticket, "of this guest"))?;
    tx.execute(
        "UPDATE ticket SET score = $1, score_reason = $2 WHERE tenant = $3 AND ticket_id = $4",
        &params![score, reason, &desk.tenant, id],
    )?;
    timeline::note(tx, cx, &desk.tenant, id, "rated", &serde_json::json!({"score": score, "reason": reason}))?;
    Ok(id)
}
