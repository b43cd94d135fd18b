//! `ticket.update`: changes a ticket's data and nothing else. Nobody is told in the chat, nothing is routed.

use db::{DbError, Tx, params};

use super::state::{Cause, State, stage, status};
use super::{Contact, Ticket, change, comment, detail, require_access, tag};
use crate::directory::{Helpdesk, Role};
use crate::field::{self, NewValue};
use crate::{Cx, Refusal, faq, person};

/// Most customized fields in one update.
const FIELDS_MAX: usize = 100;

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Update {
    /// See [`super::state::status`]; all but closed by the guest.
    pub status: Option<i64>,
    /// See [`super::state::stage`].
    pub stage: Option<i64>,
    /// All the ticket's tags from now on.
    pub tag_names: Option<Vec<String>>,
    /// The remark; an empty one removes it.
    pub comment: Option<String>,
    /// Values of customized fields.
    pub fields: Option<Vec<NewValue>>,
    /// 1 not solved, 2 solved.
    pub solve: Option<i64>,
    /// See [`super::channel`].
    pub channel: Option<i64>,
}

/// Changes a ticket for a user who may work on it. A closed ticket may be opened again as long as its guest has no other
/// open ticket here.
pub fn update(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    ticket_id: i64,
    update: &Update,
) -> Result<(), Refusal> {
    faq::require_role(desk, user_id, Role::Agent)?;
    let mut ticket = super::get(tx, desk, ticket_id)?;
    require_access(tx, desk, &ticket, user_id)?;
    if *update == Update::default() {
        let why = "at least one of status, tag_names, comment, customized_fields, ticket_type, solved and channel has to \
                   be given";
        return Err(Refusal::invalid("body", why));
    }
    let tags = update.tag_names.as_deref().map(tag::check).transpose()?;
    update.comment.as_deref().map(comment::check).transpose()?;
    if update.fields.as_ref().is_some_and(|fields| fields.len() > FIELDS_MAX) {
        return Err(Refusal::invalid("customized_fields", format!("at most {FIELDS_MAX} are allowed")));
    }
    let next = next_state(tx, desk, &ticket, update)?;
    let caller = person::get(tx, &desk.tenant, user_id)?;
    // Fields may be refused too, so they come before everything else that is written.
    let mut changed = update.fields.as_ref().is_some_and(|fields| !fields.is_empty());
    if let Some(fields) = &update.fields {
        field::set(tx, cx, desk, ticket_id, fields)?;
    }
    if let Some(tags) = &tags {
        changed |= tag::replace(tx, cx, desk, ticket_id, tags)?;
    }
    if let Some(content) = &update.comment {
        changed |= comment::set(tx, cx, desk, &ticket, user_id, content)?;
    }
    let (solve, channel) = (update.solve.or(ticket.solve), update.channel.unwrap_or(ticket.channel));
    changed |= (solve, channel) != (ticket.solve, ticket.channel);
    (ticket.solve, ticket.channel) = (solve, channel);
    if !go(tx, cx, desk, &mut ticket, next, caller.as_ref().map(Contact::from))? && changed {
        ticket.updated_at = Some(cx.now);
        change::save(tx, cx, desk, &ticket)?;
    }
    Ok(())
}

/// The state that the update asks for, if a ticket can be in it and this one may go there. Stage and status given alone
/// bring along what they need of the other: only humans queue and hold, so 3 and 4 are theirs, and a queued or held
/// ticket that goes back to the bot is open again.
fn next_state(tx: &mut Tx<'_>, desk: &Helpdesk, ticket: &Ticket, update: &Update) -> Result<State, Refusal> {
    let of_humans = |status: i64| matches!(status, status::QUEUED | status::PENDING);
    let (stage, status) = match (update.stage, update.status) {
        (None, Some(status)) if of_humans(status) => (stage::HUMAN, status),
        (Some(stage::BOT), None) if of_humans(ticket.state.status) => (stage::BOT, status::CREATED),
        (stage, status) => (stage.unwrap_or(ticket.state.stage), status.unwrap_or(ticket.state.status)),
    };
    let next = State { stage, status };
    if !next.is_legal() {
        let why = format!(
            "a ticket of ticket_type {} cannot have status {}; ticket_type 1 allows 1, 2, 5, 50, 51 and 52, \
             ticket_type 2 also 3 and 4",
            next.stage, next.status
        );
        return Err(Refusal::invalid("status", why));
    }
    if next.is_open() && !ticket.state.is_open() {
        let other = tx.query_one(
            "SELECT open_ticket_id FROM chat WHERE tenant = $1 AND chat_id = $2",
            &params![&desk.tenant, &ticket.chat_id],
            |row| row.opt_int(0),
        )?;
        if let Some(other) = other {
            let why = format!("the ticket cannot be opened again: its guest has the open ticket {other}");
            return Err(Refusal::invalid("status", why));
        }
    }
    Ok(next)
}

/// Moves the ticket there, with the people who go with it; answers whether it moved.
fn go(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &mut Ticket,
    next: State,
    caller: Option<Contact>,
) -> Result<bool, DbError> {
    if next.status != ticket.state.status && !next.is_open() {
        ticket.closed_by = caller.clone().filter(|_| next.status == status::CLOSED_BY_AGENT);
    }
    let worked_on = matches!(next.status, status::PROCESSING | status::PENDING | status::WAITING_FOR_GUEST);
    if next != ticket.state && next.stage == stage::HUMAN && worked_on && ticket.owner.is_none() {
        // Somebody works on it, and nobody else is known to.
        if let Some(caller) = caller {
            detail::worked(tx, cx, desk, ticket.id, &caller.who.user_id)?;
            ticket.owner = Some(caller);
        }
    }
    change::moved(tx, cx, desk, ticket, Cause::Updated(next))
}
