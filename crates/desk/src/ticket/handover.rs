//! From the bot to a human: an agent who is free, or the queue.

use db::{DbError, Tx, params};

use super::roster::Roster;
use super::state::{Actor, Cause, stage, status};
use super::{Ticket, assign, change};
use crate::directory::Helpdesk;
use crate::guest::Chat;
use crate::{Cx, Refusal, agent};

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

/// Where a guest's open ticket stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The ticket.
    pub ticket_id: i64,
    /// 1 bot, 2 human.
    pub stage: i64,
    /// 1 to 5.
    pub status: i64,
    /// 1 for the next in line; none outside of the queue.
    pub queue_position: Option<i64>,
    /// How long others waited of late, in seconds; none outside of the queue or without such experience.
    pub estimated_wait_s: Option<i64>,
}

/// Where the chat's open ticket stands; none if none is open.
pub fn standing(tx: &mut Tx<'_>, desk: &Helpdesk, chat: &Chat) -> Result<Option<Standing>, Refusal> {
    let Some(id) = chat.open_ticket_id else { return Ok(None) };
    let ticket = super::get(tx, desk, id)?;
    let queued = ticket.state.status == status::QUEUED;
    Ok(Some(Standing {
        ticket_id: id,
        stage: ticket.state.stage,
        status: ticket.state.status,
        queue_position: if queued { Some(queue_position(tx, desk, &ticket)?) } else { None },
        estimated_wait_s: if queued { usual_wait_s(tx, desk)? } else { None },
    }))
}

/// The guest asks for a human. Opens a ticket if none is open; asking twice changes nothing.
pub fn ask_for_human(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, chat: &Chat) -> Result<Handover, Refusal> {
    let mut ticket = match chat.open_ticket_id {
        Some(id) => super::get(tx, desk, id)?,
        None => super::open(tx, cx, desk, chat, &super::Opening::default())?,
    };
    hand_over(tx, cx, desk, &mut ticket, Actor::Guest)?;
    let queued = ticket.state.status == status::QUEUED;
    Ok(Handover {
        ticket_id: ticket.id,
        status: ticket.state.status,
        queue_position: if queued { Some(queue_position(tx, desk, &ticket)?) } else { None },
        estimated_wait_s: if queued { usual_wait_s(tx, desk)? } else { None },
        on_duty: !agent::on_duty(tx, desk, cx.now)?.is_empty(),
    })
}

/// Takes a ticket from the bot to a free agent or into the queue and tells the guest. A ticket that is with a human
/// already stays as it is, unless no agent has it and it does not wait for one.
pub(super) fn hand_over(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &mut Ticket,
    by: Actor,
) -> Result<(), Refusal> {
    if ticket.state.stage == stage::HUMAN {
        if ticket.owner.is_none() && ticket.state.status != status::QUEUED {
            assign::requeue(tx, cx, desk, ticket)?;
            assign::rebalance(tx, cx, desk)?;
            *ticket = super::get(tx, desk, ticket.id)?;
        }
        return Ok(());
    }
    // Who waits already goes first.
    if !assign::anybody_waits(tx, desk)? {
        let mut roster = Roster::now(tx, desk, cx.now)?;
        if let Some(agent) = assign::choose(tx, desk, &roster, ticket)? {
            let cause = Cause::Human { by, taken: true };
            return Ok(assign::give(tx, cx, desk, &mut roster, ticket, (agent, cause))?);
        }
    }
    change::moved(tx, cx, desk, ticket, Cause::Human { by, taken: false })?;
    assign::tell_queued(tx, cx, desk, ticket, false)?;
    assign::rebalance(tx, cx, desk)?;
    *ticket = super::get(tx, desk, ticket.id)?;
    Ok(())
}

fn queue_position(tx: &mut Tx<'_>, desk: &Helpdesk, ticket: &Ticket) -> Result<i64, DbError> {
    tx.query_one(
        "SELECT COUNT(*) FROM ticket
         WHERE tenant = $1 AND helpdesk_id = $2 AND status = 3 AND (queued_at, ticket_id) <= ($3, $4)",
        &params![&desk.tenant, desk.id, ticket.queued_at, ticket.id],
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
