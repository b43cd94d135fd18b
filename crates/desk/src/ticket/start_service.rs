//! `start_service`: an app begins a conversation for a user.

use db::{DbError, Tx, params};

use super::state::{Actor, stage, status};
use super::{Opening, Ticket, assign, channel, handover};
use crate::directory::Helpdesk;
use crate::{Cx, Effect, Refusal, guest, person};

/// Longest `customized_info`, in characters (reference).
pub const CUSTOMIZED_INFO_MAX: usize = 1024;

/// Most appointed agents.
const APPOINTED_MAX: usize = 100;

/// What to begin.
#[derive(Debug, Clone, Default)]
pub struct StartService {
    /// The user the conversation is for.
    pub open_id: String,
    /// Go straight to a human.
    pub human_service: bool,
    /// Agents' open ids; needs `human_service`.
    pub appointed_agents: Vec<String>,
    /// Free text on where the ticket comes from.
    pub customized_info: Option<String>,
}

/// What began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The service group.
    pub chat_id: String,
    /// Only for a ticket at the human stage.
    pub ticket_id: Option<i64>,
}

/// Begins a conversation, or continues the user's open one.
pub fn start_service(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ask: &StartService) -> Result<Started, Refusal> {
    if !ask.appointed_agents.is_empty() && !ask.human_service {
        return Err(Refusal::invalid("appointed_agents", "needs human_service true"));
    }
    if ask.appointed_agents.len() > APPOINTED_MAX {
        return Err(Refusal::invalid("appointed_agents", format!("at most {APPOINTED_MAX} are allowed")));
    }
    if ask.customized_info.as_ref().is_some_and(|i| i.chars().count() > CUSTOMIZED_INFO_MAX) {
        let why = format!("at most {CUSTOMIZED_INFO_MAX} characters are allowed");
        return Err(Refusal::invalid("customized_info", why));
    }
    let user = person::require(tx, &desk.tenant, &ask.open_id)?;
    if !desk.visible_to(&user.user_id, &user.departments) {
        return Err(Refusal::NotVisible(ask.open_id.clone()));
    }
    let mut appointed = Vec::new();
    for (i, open_id) in ask.appointed_agents.iter().enumerate() {
        let agent = person::by_open_id(tx, &desk.tenant, open_id)?.filter(|p| desk.role(&p.user_id).is_some());
        let why = || format!("{open_id} is no agent of this help desk");
        appointed.push(agent.ok_or_else(|| Refusal::invalid(format!("appointed_agents[{i}]"), why()))?);
    }
    let appointed: Vec<String> = appointed.into_iter().map(|agent| agent.user_id).collect();
    let chat = guest::chat_of(tx, cx, desk, user)?;
    let mut ticket = if let Some(id) = chat.open_ticket_id {
        if ask.customized_info.is_some() {
            tx.execute(
                "UPDATE ticket SET customized_info = $1 WHERE tenant = $2 AND ticket_id = $3",
                &params![&ask.customized_info, &desk.tenant, id],
            )?;
        }
        super::get(tx, desk, id)?
    } else {
        let opening = Opening { channel: channel::OPEN_API, customized_info: ask.customized_info.clone() };
        super::open(tx, cx, desk, &chat, &opening)?
    };
    if ask.human_service {
        if !appointed.is_empty() {
            appoint(tx, desk, &mut ticket, appointed)?;
        }
        handover::hand_over(tx, cx, desk, &mut ticket, Actor::OpenApi)?;
        if ticket.state.status == status::QUEUED {
            // It may have waited for others so far.
            assign::rebalance(tx, cx, desk)?;
        }
    }
    cx.effects.push(Effect::Chat { chat_id: chat.chat_id.clone() });
    let ticket_id = (ticket.state.stage == stage::HUMAN).then_some(ticket.id);
    Ok(Started { chat_id: chat.chat_id, ticket_id })
}

/// Notes the agents that the ticket is for.
fn appoint(tx: &mut Tx<'_>, desk: &Helpdesk, ticket: &mut Ticket, appointed: Vec<String>) -> Result<(), DbError> {
    tx.execute(
        "UPDATE ticket SET appointed = $1 WHERE tenant = $2 AND ticket_id = $3",
        &params![&crate::faq::to_json(&appointed), &desk.tenant, ticket.id],
    )?;
    ticket.appointed = appointed;
    Ok(())
}
