//! What agents do with tickets: take, reply, hold, resume, transfer, bring in a colleague, close.
//!
//! The console's buttons end here, and so does the developer control that plays an agent.

use db::{DbError, Tx, params};
use serde_json::{Value, json};

use super::roster::Roster;
use super::state::{Cause, stage, status};
use super::{Contact, Ticket, assign, change, detail, require_access, roster};
use crate::directory::{Helpdesk, Role};
use crate::image::Image;
use crate::message::{self, CLIENT_ID_MAX, Message, Notice, Words};
use crate::person::{self, Person};
use crate::{Cx, Kind, Refusal, agent, answer, faq, image, language, question, skill, timeline};

/// What an agent does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Takes a ticket that nobody has.
    Take,
    /// Writes to the guest.
    Reply {
        /// 1 to 30,000 characters.
        text: String,
        /// The client's own id of this reply; the same one twice is one reply.
        client_id: Option<String>,
    },
    /// Shows the guest a picture.
    SendPicture {
        /// The picture.
        image: Image,
        /// As of a reply.
        client_id: Option<String>,
    },
    /// Answers the guest with a FAQ.
    SendFaq {
        /// A FAQ of the help desk that is online.
        faq_id: i64,
        /// As of a reply.
        client_id: Option<String>,
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
    /// Gives it to one of the agents with a skill: whoever is free, else the queue for them.
    TransferToSkill {
        /// A skill of the help desk.
        skill_id: i64,
    },
    /// Adds an agent beside the one in charge.
    Collaborate {
        /// The added agent's open id.
        to: String,
    },
    /// Takes an agent away from beside the one in charge.
    Leave {
        /// The agent's open id.
        who: String,
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
    if let Some(message) = sent_before(tx, desk, &ticket, user_id, act)? {
        return Ok(Acted { ticket, message: Some(message) });
    }
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
        Act::Reply { text, client_id } => {
            message = Some(reply(tx, cx, desk, &mut ticket, &agent, (text, client_id.as_deref()))?);
        }
        Act::SendPicture { image, client_id } => {
            message = Some(send_picture(tx, cx, desk, &mut ticket, &agent, (image, client_id.as_deref()))?);
        }
        Act::SendFaq { faq_id, client_id } => {
            message = Some(send_faq(tx, cx, desk, &mut ticket, &agent, (*faq_id, client_id.as_deref()))?);
        }
        Act::Hold => hold(tx, cx, desk, &mut ticket)?,
        Act::Resume => resume(tx, cx, desk, &mut ticket)?,
        Act::Transfer { to } => transfer(tx, cx, desk, &mut ticket, to)?,
        Act::TransferToSkill { skill_id } => transfer_to_skill(tx, cx, desk, &mut ticket, *skill_id)?,
        Act::Collaborate { to } => collaborate(tx, cx, desk, &ticket, to)?,
        Act::Leave { who } => leave(tx, cx, desk, &ticket, who)?,
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

/// Under which a reply is found again. It is longer than what guests give their messages, so it is none of theirs.
fn sent_as(user_id: &str, client_id: &str) -> String {
    format!("{:<width$}", format!("agent {user_id} {client_id}"), width = CLIENT_ID_MAX + 1)
}

/// The agent's message that this act sent earlier, if it says as what.
fn sent_before(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    ticket: &Ticket,
    user_id: &str,
    act: &Act,
) -> Result<Option<Message>, Refusal> {
    let (Act::Reply { client_id, .. } | Act::SendPicture { client_id, .. } | Act::SendFaq { client_id, .. }) = act
    else {
        return Ok(None);
    };
    let Some(client_id) = client_id else { return Ok(None) };
    message::check_client_id(Some(client_id))?;
    let position = tx.query_opt(
        "SELECT position FROM message WHERE tenant = $1 AND chat_id = $2 AND client_id = $3",
        &params![&desk.tenant, &ticket.chat_id, &sent_as(user_id, client_id)],
        |row| row.int(0),
    )?;
    position.map(|position| message::find(tx, desk, &ticket.chat_id, position)).transpose()
}

fn reply(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &mut Ticket,
    agent: &Person,
    (text, client_id): (&str, Option<&str>),
) -> Result<Message, Refusal> {
    require_taken(ticket)?;
    let (text, content) = message::outgoing("text", &json!(text)).map_err(|refusal| match refusal {
        Refusal::Invalid { why, .. } => Refusal::invalid("text", why),
        other => other,
    })?;
    say(tx, cx, desk, ticket, agent, (("text", text, content), client_id))
}

/// Sends words that have passed all checks.
fn say(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &mut Ticket,
    agent: &Person,
    ((kind, text, content), client_id): ((&str, String, Value), Option<&str>),
) -> Result<Message, Refusal> {
    ticket.agent_first_response_at = ticket.agent_first_response_at.or(Some(cx.now));
    ticket.agent_last_response_at = Some(cx.now);
    ticket.waits_from = None;
    if !change::moved(tx, cx, desk, ticket, Cause::Replied)? {
        change::save(tx, cx, desk, ticket)?;
    }
    detail::worked(tx, cx, desk, ticket.id, &agent.user_id)?;
    let client_id = client_id.map(|id| sent_as(&agent.user_id, id));
    let words = Words { kind, text, content, client_id: client_id.as_deref() };
    Ok(message::reply(tx, cx, desk, ticket, agent, words)?)
}

/// A picture, which is the chat's from then on.
fn send_picture(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &mut Ticket,
    agent: &Person,
    (image, client_id): (&Image, Option<&str>),
) -> Result<Message, Refusal> {
    require_taken(ticket)?;
    let key = image::store(tx, cx, &desk.tenant, &ticket.chat_id, image)?;
    let content = json!({"msg_type": "image", "image_key": key});
    say(tx, cx, desk, ticket, agent, (("image", String::new(), content), client_id))
}

/// A FAQ's answer in the form it has: a text, or a post with links and pictures.
fn send_faq(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &mut Ticket,
    agent: &Person,
    (faq_id, client_id): (i64, Option<&str>),
) -> Result<Message, Refusal> {
    require_taken(ticket)?;
    let faq = answer::online(tx, desk, faq_id)?.ok_or_else(|| Refusal::not_found(Kind::Faq, faq_id))?;
    let locale = if language::holds_chinese(&faq.answer) { "zh_cn" } else { "en_us" };
    let words = if let Some(post) = faq::post(&faq.richtext, locale) {
        let (text, content) = message::outgoing("post", &post)?;
        image::check_post(tx, desk, Some(&ticket.chat_id), &content)?;
        ("post", text, content)
    } else {
        let (text, content) = message::outgoing("text", &json!(faq.answer))?;
        ("text", text, content)
    };
    question::answered_by_agent(tx, cx, desk, ticket.id, faq_id)?;
    note(tx, cx, desk, ticket.id, "faq_sent", &json!({"faq_id": faq_id.to_string(), "by": agent.open_id}))?;
    say(tx, cx, desk, ticket, agent, (words, client_id))
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

/// The agents with the skill are appointed from then on, which also holds when the ticket has to wait again. Whose ticket it
/// was does not get it back.
fn transfer_to_skill(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket: &mut Ticket,
    skill_id: i64,
) -> Result<(), Refusal> {
    let skill = skill::get(tx, desk, skill_id).map_err(|refusal| match refusal {
        Refusal::NotFound { .. } => Refusal::invalid("skill_id", "no such skill in this help desk"),
        other => other,
    })?;
    let members = agent::list(tx, desk)?;
    let with_skill = skill::agents_with(&members, &skill).filter(|member| !ticket.owned_by(&member.user_id));
    ticket.appointed = with_skill.map(|member| member.user_id.clone()).collect();
    if ticket.appointed.is_empty() {
        return Err(Refusal::invalid("skill_id", format!("no other agent has the skill {}", skill.name)));
    }
    tx.execute(
        "UPDATE ticket SET appointed = $1 WHERE tenant = $2 AND ticket_id = $3",
        &params![&faq::to_json(&ticket.appointed), &desk.tenant, ticket.id],
    )?;
    let from = ticket.owner.as_ref().map(|owner| owner.who.open_id.clone());
    let detail = json!({"from": from, "skill_id": skill_id.to_string(), "skill": skill.name});
    note(tx, cx, desk, ticket.id, "transferred", &detail)?;
    let roster = Roster::now(tx, desk, cx.now)?;
    match assign::choose(tx, desk, &roster, ticket)? {
        Some(to) => {
            roster::took_turn(tx, cx, desk, &to.who.user_id)?;
            assign::hand_to(tx, cx, desk, ticket, to, from.is_none().then_some(Cause::Taken))?;
        }
        None => assign::requeue(tx, cx, desk, ticket)?,
    }
    Ok(assign::rebalance(tx, cx, desk)?)
}

fn collaborate(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ticket: &Ticket, to: &str) -> Result<(), Refusal> {
    let to = colleague(tx, desk, to)?;
    detail::add_collaborator(tx, cx, desk, ticket.id, &to.user_id)?;
    note(tx, cx, desk, ticket.id, "collaborator_added", &json!({"agent": to.open_id}))?;
    Ok(())
}

fn leave(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ticket: &Ticket, who: &str) -> Result<(), Refusal> {
    // Also somebody who is no agent any more can be taken away.
    let who = person::by_open_id(tx, &desk.tenant, who)?.ok_or_else(|| Refusal::not_found(Kind::User, who))?;
    if detail::remove_collaborator(tx, cx, desk, ticket.id, &who.user_id)? {
        note(tx, cx, desk, ticket.id, "collaborator_removed", &json!({"agent": who.open_id}))?;
    }
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

fn note(tx: &mut Tx<'_>, cx: &Cx, desk: &Helpdesk, ticket_id: i64, kind: &str, detail: &Value) -> Result<(), DbError> {
    timeline::note(tx, cx, &desk.tenant, ticket_id, kind, detail)
}
