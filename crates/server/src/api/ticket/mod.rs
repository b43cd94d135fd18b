//! Tickets.

pub mod answer_user_query;
pub mod customized_fields;
pub mod get;
pub mod list;
pub mod start_service;
pub mod ticket_image;
pub mod update;

use std::collections::HashMap;

use db::Tx;
use desk::Refusal;
use desk::directory::Helpdesk;
use desk::ticket::{self, Comment, Contact, Details, Ticket};
use wire::ticket::{Comments, CustomizedField, TicketTag};
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

/// The tickets as SDKs read them.
pub(crate) fn shapes(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    tickets: &[Ticket],
) -> Result<Vec<wire::ticket::Ticket>, Refusal> {
    let mut details: HashMap<i64, Details> = ticket::details(tx, desk, tickets)?;
    Ok(tickets.iter().map(|t| shape(desk, t, &details.remove(&t.id).unwrap_or_default())).collect())
}

/// A list, left out when it is empty.
fn some<T, U>(list: &[T], shape: impl Fn(&T) -> U) -> Option<Vec<U>> {
    (!list.is_empty()).then(|| list.iter().map(shape).collect())
}

fn comments(comment: &Comment) -> Comments {
    Comments {
        content: Some(comment.content.clone()),
        created_at: Some(comment.created_at),
        id: Some(comment.id),
        user_avatar_url: None,
        user_name: comment.author_name.clone(),
        user_id: Some(comment.author_number),
    }
}

fn customized_field(value: &desk::field::Value) -> CustomizedField {
    CustomizedField {
        id: Some(value.field_id.to_string()),
        value: Some(value.value.clone()),
        key_name: Some(value.key_name.clone()),
        display_name: Some(value.display_name.clone()),
        position: Some(value.position),
        required: Some(value.required),
        editable: Some(value.editable),
    }
}

fn shape(desk: &Helpdesk, ticket: &Ticket, details: &Details) -> wire::ticket::Ticket {
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
        agents: some(&details.agents, user),
        channel: Some(ticket.channel),
        solve: ticket.solve,
        closed_by: ticket.closed_by.as_ref().map(user),
        agent_service_duration: times.agent_service_min,
        agent_first_response_duration: times.agent_first_response_s,
        bot_service_duration: times.bot_service_s,
        agent_resolution_time: times.agent_resolution_s,
        actual_processing_time: times.processing_s,
        agent_entry_time: ticket.agent_entry_at,
        agent_first_response_time: ticket.agent_first_response_at,
        agent_last_response_time: ticket.agent_last_response_at,
        agent_owner: ticket.owner.as_ref().map(user),
        comments: ticket.comment.as_ref().map(comments),
        collaborators: some(&details.collaborators, user),
        customized_fields: some(&details.fields, customized_field),
        tags: some(&details.tags, |tag| TicketTag { id: Some(tag.id.to_string()), name: Some(tag.name.clone()) }),
    }
}
