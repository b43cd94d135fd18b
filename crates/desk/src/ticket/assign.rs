//! Who takes which ticket: the queue of a help desk meets its agents.
//!
//! A ticket fits the agents that `start_service` appointed, else those with a skill it asks for, else everybody
//! ([`choose`]). The queue goes by the time of queueing; a ticket whose agents are all busy or away lets later ones pass
//! it. Everything happens in the transaction that caused it; what is too much for one is left to the server's routing
//! worker, which goes on with [`pass`].

use db::{DbError, Tx, params};

use super::roster::Roster;
use super::state::{Cause, stage, status};
use super::{Contact, Ticket, change, detail};
use crate::directory::Helpdesk;
use crate::message::Notice;
use crate::{Cx, Effect, agent, message, person, skill};

/// The most tickets that go back into the queue, and the most queued ones looked at, in one transaction.
pub const BATCH: usize = 100;

/// A place in the queue: since when, and the ticket.
pub type Place = (i64, i64);

/// Brings the queue and the agents of a help desk together again after something changed: tickets of agents who are no
/// longer on duty go back into the queue, and queued ones go to agents who are free. Called in the transaction of the
/// change.
pub fn rebalance(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk) -> Result<(), DbError> {
    if pass(tx, cx, desk, None)?.is_some() {
        cx.effects.push(Effect::Routing);
    }
    Ok(())
}

/// One bounded step of [`rebalance`], with the queue from behind `after` on. Answers where to go on if there may be more
/// to do.
pub fn pass(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, after: Option<Place>) -> Result<Option<Place>, DbError> {
    let start = after.unwrap_or((i64::MIN, i64::MIN));
    let mut roster = Roster::now(tx, desk, cx.now)?;
    if send_back(tx, cx, desk, &roster)? == BATCH {
        return Ok(Some(start));
    }
    if !roster.has_room() {
        return Ok(None);
    }
    let queued = queue(tx, desk, start)?;
    let next = if queued.len() == BATCH { queued.last().copied() } else { None };
    for (_, ticket_id) in queued {
        let Some(mut ticket) = super::find(tx, desk, ticket_id)? else { continue };
        if let Some(agent) = choose(tx, desk, &roster, &ticket)? {
            give(tx, cx, desk, &mut roster, &mut ticket, (agent, Cause::Assigned))?;
            if !roster.has_room() {
                return Ok(None);
            }
        }
    }
    Ok(next)
}

/// Whether [`pass`] would find something to do.
pub fn is_due(tx: &mut Tx<'_>, cx: &Cx, desk: &Helpdesk) -> Result<bool, DbError> {
    let roster = Roster::now(tx, desk, cx.now)?;
    Ok(!roster.absent.is_empty() || (roster.has_room() && anybody_waits(tx, desk)?))
}

/// Puts tickets that wait for the word of an absent agent back into the queue, at most [`BATCH`]; answers how many.
fn send_back(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, roster: &Roster) -> Result<usize, DbError> {
    let mut sent = 0;
    for user_id in &roster.absent {
        let left = i64::try_from(BATCH - sent).unwrap_or(0);
        let waiting = tx.query(
            "SELECT ticket_id FROM ticket
             WHERE tenant = $1 AND helpdesk_id = $2 AND owner = $3 AND owner IS NOT NULL AND status < 50
               AND status IN (1, 2)
             ORDER BY status, ticket_id LIMIT $4",
            &params![&desk.tenant, desk.id, user_id, left],
            |row| row.int(0),
        )?;
        for ticket_id in waiting {
            let Some(mut ticket) = super::find(tx, desk, ticket_id)? else { continue };
            requeue(tx, cx, desk, &mut ticket)?;
            sent += 1;
        }
        if sent == BATCH {
            break;
        }
    }
    Ok(sent)
}

/// The queue behind a place, oldest first, at most [`BATCH`].
fn queue(tx: &mut Tx<'_>, desk: &Helpdesk, after: Place) -> Result<Vec<Place>, DbError> {
    tx.query(
        "SELECT queued_at, ticket_id FROM ticket
         WHERE tenant = $1 AND helpdesk_id = $2 AND status = 3 AND (queued_at, ticket_id) > ($3, $4)
         ORDER BY queued_at, ticket_id LIMIT $5",
        &params![&desk.tenant, desk.id, after.0, after.1, i64::try_from(BATCH).unwrap_or(i64::MAX)],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )
}

/// Whether any ticket is queued.
pub(super) fn anybody_waits(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<bool, DbError> {
    let first = tx.query_opt(
        "SELECT ticket_id FROM ticket WHERE tenant = $1 AND helpdesk_id = $2 AND status = 3
         ORDER BY queued_at, ticket_id LIMIT 1",
        &params![&desk.tenant, desk.id],
        |row| row.int(0),
    )?;
    Ok(first.is_some())
}

/// The agent whose turn it is to take this ticket; `None` if nobody who fits is free.
pub(super) fn choose(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    roster: &Roster,
    ticket: &Ticket,
) -> Result<Option<Contact>, DbError> {
    if !roster.has_room() {
        return Ok(None);
    }
    let fitting = fitting(tx, desk, ticket)?;
    let Some(user_id) = roster.next(fitting.as_deref()) else { return Ok(None) };
    let agent = person::get(tx, &desk.tenant, user_id)?;
    Ok(agent.as_ref().map(Contact::from))
}

/// User ids of the agents a ticket is for, on duty or not; `None` if everybody will do. Appointed agents come before
/// skills, which only narrow them down; agents who have left the desk do not count.
fn fitting(tx: &mut Tx<'_>, desk: &Helpdesk, ticket: &Ticket) -> Result<Option<Vec<String>>, DbError> {
    let mut skilled = skill::agents_for(tx, desk, ticket)?.unwrap_or_default();
    skilled.retain(|user_id| desk.role(user_id).is_some());
    let mut appointed = ticket.appointed.clone();
    appointed.retain(|user_id| desk.role(user_id).is_some());
    let both: Vec<String> = appointed.iter().filter(|user_id| skilled.contains(user_id)).cloned().collect();
    Ok([both, appointed, skilled].into_iter().find(|user_ids| !user_ids.is_empty()))
}

/// Gives a ticket to an agent and tells the guest.
pub(super) fn give(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    roster: &mut Roster,
    ticket: &mut Ticket,
    (agent, cause): (Contact, Cause),
) -> Result<(), DbError> {
    roster.gave(tx, cx, desk, &agent.who.user_id)?;
    hand_to(tx, cx, desk, ticket, agent, Some(cause))
}

/// Makes an agent the one in charge, moves the ticket if there is a cause that does, and tells the guest.
pub(super) fn hand_to(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &mut Ticket,
    agent: Contact,
    cause: Option<Cause>,
) -> Result<(), DbError> {
    let (user_id, name) = (agent.who.user_id.clone(), agent.name.clone());
    ticket.owner = Some(agent);
    let moved = match cause {
        Some(cause) => change::moved(tx, cx, desk, ticket, cause)?,
        None => false,
    };
    if !moved {
        change::save(tx, cx, desk, ticket)?;
    }
    detail::worked(tx, cx, desk, ticket.id, &user_id)?;
    let (chinese, english) =
        (format!("{name} 已接入，请稍候回复。"), format!("{name} has joined and will reply soon."));
    message::notice(tx, cx, desk, ticket, (Notice::Agent, [&chinese, &english]))?;
    Ok(())
}

/// Puts a ticket back into the queue, at its old place, and tells the guest.
pub(super) fn requeue(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ticket: &mut Ticket) -> Result<(), DbError> {
    let had_agent = ticket.owner.is_some();
    if change::moved(tx, cx, desk, ticket, Cause::Requeued)? {
        tell_queued(tx, cx, desk, ticket, had_agent)?;
    }
    Ok(())
}

/// Tells the guest that their ticket waits for an agent: for the first one, or for another.
pub(super) fn tell_queued(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &Ticket,
    had_agent: bool,
) -> Result<(), DbError> {
    let notice = if had_agent {
        let chinese = "客服暂时离开，您的排队位置已保留，其他客服会尽快回复。";
        let english = "Your agent had to leave. You keep your place; another agent will reply as soon as one is free.";
        (Notice::Requeued, [chinese, english])
    } else {
        let english = "You asked for a person. An agent will reply as soon as one is free.";
        (Notice::Human, ["已为您转人工，客服会尽快回复。", english])
    };
    message::notice(tx, cx, desk, ticket, notice)?;
    Ok(())
}

/// What has to follow a guest's message, once it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    /// Nothing.
    Nothing,
    /// The ticket was queued, because nobody is there to read the message.
    Queued {
        /// Whether an agent had it.
        had_agent: bool,
    },
}

/// The guest writes: who waited for them goes on, or the ticket is queued if its agent is not on duty. At the human stage
/// the guest waits from then on, if they did not before. Comes before the message, whose event tells the new status; [`follow`] comes after it.
pub(crate) fn guest_wrote(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &mut Ticket,
) -> Result<Follow, DbError> {
    let had_agent = ticket.owner.is_some();
    let begins_to_wait = ticket.state.stage == stage::HUMAN && ticket.waits_from.is_none();
    if begins_to_wait {
        ticket.waits_from = Some(cx.now);
    }
    if !is_attended(tx, cx, desk, ticket)? && change::moved(tx, cx, desk, ticket, Cause::Requeued)? {
        return Ok(Follow::Queued { had_agent });
    }
    if !change::moved(tx, cx, desk, ticket, Cause::GuestWrote)? && begins_to_wait {
        change::save(tx, cx, desk, ticket)?;
    }
    Ok(Follow::Nothing)
}

/// Does what [`guest_wrote`] answered.
pub(crate) fn follow(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &Ticket,
    follow: Follow,
) -> Result<(), DbError> {
    let Follow::Queued { had_agent } = follow else { return Ok(()) };
    tell_queued(tx, cx, desk, ticket, had_agent)?;
    rebalance(tx, cx, desk)
}

/// Whether somebody reads what the guest writes: a bot, the queue, or an agent on duty.
fn is_attended(tx: &mut Tx<'_>, cx: &Cx, desk: &Helpdesk, ticket: &Ticket) -> Result<bool, DbError> {
    match &ticket.owner {
        _ if ticket.state.stage == stage::BOT || ticket.state.status == status::QUEUED => Ok(true),
        None => Ok(false),
        // Tickets in progress are sent back by `rebalance` when their agent leaves.
        Some(_) if matches!(ticket.state.status, status::CREATED | status::PROCESSING) => Ok(true),
        Some(owner) => is_on_duty(tx, cx, desk, &owner.who.user_id),
    }
}

/// Whether this agent is on duty.
pub(super) fn is_on_duty(tx: &mut Tx<'_>, cx: &Cx, desk: &Helpdesk, user_id: &str) -> Result<bool, DbError> {
    Ok(agent::on_duty(tx, desk, cx.now)?.iter().any(|agent| agent.user_id == user_id))
}
