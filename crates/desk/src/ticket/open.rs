//! Opening a ticket.

use db::{Tx, params};

use super::Ticket;
use super::state::State;
use crate::directory::{self, Helpdesk};
use crate::event::Snapshot;
use crate::guest::Chat;
use crate::{Cx, Refusal, outbox};

/// How a ticket begins.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// See [`super::channel`].
    pub channel: i64,
    /// Free text on where the ticket comes from (`start_service`).
    pub customized_info: Option<String>,
}

/// Opens a ticket in a chat that has none open, at the bot's stage. A help desk that is closed takes none.
pub(crate) fn open(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    chat: &Chat,
    opening: &Opening,
) -> Result<Ticket, Refusal> {
    directory::require_open(tx, desk)?;
    let ticket = Ticket {
        id: cx.ids.decimal(cx.now),
        helpdesk_id: desk.id,
        chat_id: chat.chat_id.clone(),
        state: State::NEW,
        channel: opening.channel,
        solve: None,
        score: None,
        score_reason: None,
        created_at: cx.now,
        updated_at: None,
        closed_at: None,
        queued_at: None,
        held_at: None,
        on_hold_ms: 0,
        waits_from: None,
        agent_entry_at: None,
        agent_first_response_at: None,
        agent_last_response_at: None,
        appointed: Vec::new(),
        comment: None,
        guest: (&chat.guest).into(),
        guest_language: chat.guest.language.clone(),
        owner: None,
        closed_by: None,
    };
    tx.execute(
        "INSERT INTO ticket (tenant, ticket_id, helpdesk_id, chat_id, guest, guest_name, stage, status, channel,
                             customized_info, created_at, idle_from)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &params![
            &desk.tenant,
            ticket.id,
            desk.id,
            &ticket.chat_id,
            &chat.guest.user_id,
            &chat.guest.name,
            ticket.state.stage,
            ticket.state.status,
            ticket.channel,
            &opening.customized_info,
            cx.now,
            cx.now
        ],
    )?;
    tx.execute(
        "UPDATE chat SET open_ticket_id = $1 WHERE tenant = $2 AND chat_id = $3",
        &params![ticket.id, &desk.tenant, &chat.chat_id],
    )?;
    let event_id = cx.ids.event(cx.now);
    outbox::append(tx, cx, desk, &event_id, &Snapshot::TicketCreated { ticket: ticket.snapshot(desk) })?;
    Ok(ticket)
}
