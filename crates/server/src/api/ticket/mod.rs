//! Tickets.

pub mod answer_user_query;
pub mod customized_fields;
pub mod get;
pub mod list;
pub mod start_service;
pub mod ticket_image;

use desk::directory::Helpdesk;
use desk::ticket::{Contact, Ticket};
use wire::user::{I18n, TicketUser};

use crate::api::{ApiError, number};

/// The number in a ticket's path; a malformed one is 400/154000 (reference: helpdesk-v1 3).
fn ticket_id(text: &str) -> Result<i64, ApiError> {
    number("ticket_id", text)
}

pub(super) fn user(contact: &Contact) -> TicketUser {
    TicketUser {
        id: Some(contact.who.open_id.clone()),
        name: Some(contact.name.clone()),
        email: contact.email.clone(),
        city: contact.city.clone(),
        country: contact.country.clone(),
        ..TicketUser::default()
    }
}

/// The ticket as SDKs read it.
fn shape(desk: &Helpdesk, ticket: &Ticket) -> wire::ticket::Ticket {
    let times = ticket.durations();
    let reason = ticket.score_reason.clone();
    wire::ticket::Ticket {
        ticket_id: ticket.id.to_string(),
        helpdesk_id: Some(desk.id.to_string()),
        guest: Some(user(&ticket.guest)),
        ticket_type: Some(ticket.state.stage),
        status: Some(ticket.state.status),
        score: ticket.score,
        created_at: Some(ticket.created_at),
        updated_at: Some(ticket.updated_at.unwrap_or(-1)),
        closed_at: ticket.closed_at,
        // The guest gives one reason, in whatever language.
        dissatisfaction_reason: reason.map(|r| I18n { zh_cn: Some(r.clone()), en_us: Some(r), ja_jp: None }),
        agents: ticket.owner.as_ref().map(|owner| vec![user(owner)]),
        channel: Some(ticket.channel),
        solve: ticket.solve,
        closed_by: ticket.closed_by.as_ref().map(user),
        agent_service_duration: times.agent_service_min,
        agent_first_response_duration: times.agent_first_response_s,
        bot_service_duration: times.bot_service_s,
        agent_resolution_time: times.agent_resolution_s,
        actual_processing_time: times.agent_resolution_s,
        agent_entry_time: ticket.agent_entry_at,
        agent_first_response_time: ticket.agent_first_response_at,
        agent_last_response_time: ticket.agent_last_response_at,
        agent_owner: ticket.owner.as_ref().map(user),
        ..wire::ticket::Ticket::default()
    }
}
