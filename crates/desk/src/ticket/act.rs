//! What agents do with tickets: take, reply, hold, resume, transfer, bring in a colleague, close.
//!
//! A console's buttons end here, and so does the developer control that plays an agent.

use db::{DbError, Tx};
use serde_json::json;

use super::state::{Cause, stage, status};
use super::{Contact, Ticket, assign, change, detail, require_access, roster};
use crate::directory::{Helpdesk, Role};
use crate::message::{self, Message, Notice};
use crate::person::{self, Person};
use crate::{Cx, Refusal, faq, timeline};

/// What an agent does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Takes a ticket that nobody has.
    Take,
    /// Writes to the guest.
    Reply {
        /// 1 to 30,000 characters.
        text: String,
    },
    /// Puts the ticket on hold.
    Hold,
    /// Takes it off hold.
    Resume,
    /// Gives it to another agent, who has to be on duty.
    Transfer {
        /// The other agent's open id.
        to: String,
    },
    /// Adds an agent beside the one in charge.
    Collaborate {
        /// The added agent's open id.
        to: String,
    },
    /// Ends it.
    Close {
        /// Whether the question is solved; as it was if not said.
        solved: Option<bool>,
    },
}

/// The ticket after an act, with the message of a reply.
#[derive(Debug, Clone)]
pub struct Acted {
    /// The ticket.
    pub ticket: Ticket,
    /// What the guest reads.
    pub message: Option<Message>,
}

/// Has an agent act on a ticket at the human stage. Taking is open to every agent of the help desk; the rest is for the
/// ticket's agent, its collaborators and the desk's admins and owner. Doing what is done already changes nothing.
pub fn act(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    ticket_id: i64,
    act: &Act,
) -> Result<Acted, Refusal> {
    faq::require_role(desk, user_id, Role::Agent)?;
    let agent = person::get(tx, &desk.tenant, user_id)?;
    let agent = agent.ok_or_else(|| Refusal::Forbidden(format!("{user_id} is no user any more")))?;
    let mut ticket = super::get(tx, desk, ticket_id)?;
    if *act != Act::Take {
        require_access(tx, desk, &ticket, user_id)?;
    }
    if !ticket.state.is_open() {
        return Err(Refusal::Closed(ticket_id.to_string()));
    }
    if ticket.state.stage != stage::HUMAN {
        return Err(Refusal::invalid(
            "ticket_id",
            "the ticket is with the bot; the guest has to ask for a human first",
        ));
    }
    let mut message = None;
    match act {
        Act::Take => take(tx, cx, desk, &mut ticket, &agent)?,
        Act::Reply { text } => message = Some(reply(tx, cx, desk, &mut ticket, &agent, text)?),
        Act::Hold => hold(tx, cx, desk, &mut ticket)?,
        Act::Resume => resume(tx, cx, desk, &mut ticket)?,
        Act::Transfer { to } => transfer(tx, cx, desk, &mut ticket, to)?,
        Act::Collaborate { to } => collaborate(tx, cx, desk, &ticket, to)?,
        Act::Close { solved } => close(tx, cx, desk, &mut ticket, &agent, *solved)?,
    }
    Ok(Acted { ticket: super::get(tx, desk, ticket_id)?, message })
}

fn take(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ticket: &mut Ticket, agent: &Person) -> Result<(), Refusal> {
    match &ticket.owner {
        Some(owner) if owner.who.user_id != agent.user_id => {
            let why = format!("{} has this ticket; it can be transferred", owner.name);
            return Err(Refusal::invalid("action", why));
        }
        Some(_) => {
            change::moved(tx, cx, desk, ticket, Cause::Taken)?;
        }
        None => {
            roster::took_turn(tx, cx, desk, &agent.user_id)?;
            assign::hand_to(tx, cx, desk, ticket, agent.into(), Some(Cause::Taken))?;
        }
    }
    Ok(())
}

/// Refuses what needs an agent in charge while the ticket waits for one.
fn require_taken(ticket: &Ticket) -> Result<(), Refusal> {
    if ticket.owner.is_none() {
        return Err(Refusal::invalid("action", "no agent has this ticket; take it first"));
    }
    Ok(())
}

fn reply(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &mut Ticket,
    agent: &Person,
    text: &str,
) -> Result<Message, Refusal> {
    require_taken(ticket)?;
    let (text, content) = message::outgoing("text", &json!(text)).map_err(|refusal| match refusal {
        Refusal::Invalid { why, .. } => Refusal::invalid("text", why),
        other => other,
    })?;
    ticket.agent_first_response_at = ticket.agent_first_response_at.or(Some(cx.now));
    ticket.agent_last_response_at = Some(cx.now);
    if !change::moved(tx, cx, desk, ticket, Cause::Replied)? {
        change::save(tx, cx, desk, ticket)?;
    }
    detail::worked(tx, cx, desk, ticket.id, &agent.user_id)?;
    Ok(message::reply(tx, cx, desk, ticket, agent, (text, content))?)
}

fn hold(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ticket: &mut Ticket) -> Result<(), Refusal> {
    require_taken(ticket)?;
    change::moved(tx, cx, desk, ticket, Cause::Held)?;
    Ok(assign::rebalance(tx, cx, desk)?)
}

fn resume(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ticket: &mut Ticket) -> Result<(), Refusal> {
    if ticket.state.status != status::PENDING {
        return Ok(());
    }
    let owner = ticket.owner.as_ref().map(|owner| owner.who.user_id.clone()).unwrap_or_default();
    if assign::is_on_duty(tx, cx, desk, &owner)? {
        change::moved(tx, cx, desk, ticket, Cause::Resumed)?;
        return Ok(());
    }
    assign::requeue(tx, cx, desk, ticket)?;
    Ok(assign::rebalance(tx, cx, desk)?)
}

/// The agent of this help desk with this open id.
fn colleague(tx: &mut Tx<'_>, desk: &Helpdesk, open_id: &str) -> Result<Person, Refusal> {
    let found = person::by_open_id(tx, &desk.tenant, open_id)?.filter(|person| desk.role(&person.user_id).is_some());
    found.ok_or_else(|| Refusal::invalid("to", format!("{open_id} is no agent of this help desk")))
}

fn transfer(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ticket: &mut Ticket, to: &str) -> Result<(), Refusal> {
    let to = colleague(tx, desk, to)?;
    if ticket.owned_by(&to.user_id) {
        return Ok(());
    }
    if !assign::is_on_duty(tx, cx, desk, &to.user_id)? {
        return Err(Refusal::invalid("to", format!("{} is not on duty", to.name)));
    }
    let from = ticket.owner.as_ref().map(|owner| owner.who.open_id.clone());
    roster::took_turn(tx, cx, desk, &to.user_id)?;
    note(tx, cx, desk, ticket.id, "transferred", &json!({"from": from, "to": to.open_id}))?;
    // From the queue it comes into somebody's hands; otherwise only the hands change.
    let cause = from.is_none().then_some(Cause::Taken);
    assign::hand_to(tx, cx, desk, ticket, Contact::from(&to), cause)?;
    // Whose ticket it was has room for another one.
    Ok(assign::rebalance(tx, cx, desk)?)
}

fn collaborate(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ticket: &Ticket, to: &str) -> Result<(), Refusal> {
    let to = colleague(tx, desk, to)?;
    detail::add_collaborator(tx, cx, desk, ticket.id, &to.user_id)?;
    note(tx, cx, desk, ticket.id, "collaborator_added", &json!({"agent": to.open_id}))?;
    Ok(())
}

fn close(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &mut Ticket,
    agent: &Person,
    solved: Option<bool>,
) -> Result<(), Refusal> {
    ticket.closed_by = Some(agent.into());
    ticket.solve = solved.map(|solved| if solved { 2 } else { 1 }).or(ticket.solve);
    // The notice comes first: nothing is written into a closed ticket.
    let text = ["客服已结束本次会话。", "The agent ended this conversation."];
    message::notice(tx, cx, desk, ticket, (Notice::Closed, text))?;
    change::moved(tx, cx, desk, ticket, Cause::AgentClosed)?;
    Ok(assign::rebalance(tx, cx, desk)?)
}

fn note(
    tx: &mut Tx<'_>,
    cx: &Cx,
    desk: &Helpdesk,
    ticket_id: i64,
    kind: &str,
    detail: &serde_json::Value,
) -> Result<(), DbError> {
    timeline::note(tx, cx, &desk.tenant, ticket_id, kind, detail)
}
