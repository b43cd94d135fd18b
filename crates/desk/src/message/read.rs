//! Reading messages: the guest's feed by position, a ticket's by page.

use db::{DbError, Row, Tx, params};

use super::{Message, Sender};
use crate::directory::{Helpdesk, json};
use crate::event::Who;
use crate::{Kind, Refusal, ids, ticket};

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT m.message_id, m.ticket_message_id, m.position, m.ticket_id, m.sender, m.kind, m.text, m.content,
                    m.answer, m.feedback, m.event_id, m.created_at, p.open_id, p.union_id, p.user_id, p.name,
                    m.tenant
             FROM message m LEFT JOIN person p ON p.tenant = m.tenant AND p.user_id = m.sender_user ",
            $tail
        )
    };
}

fn read(row: &Row<'_>) -> Result<Message, DbError> {
    let person = match row.opt_string(12)? {
        Some(open_id) => {
            let who = Who { open_id, union_id: row.string(13)?, user_id: row.string(14)? };
            Some((who, row.string(15)?))
        }
        None => None,
    };
    Ok(Message {
        message_id: row.string(0)?,
        ticket_message_id: row.int(1)?,
        position: row.int(2)?,
        ticket_id: row.int(3)?,
        sender: Sender::of(row.int(4)?),
        person,
        kind: row.string(5)?,
        text: row.string(6)?,
        content: json(row.text(7)?)?,
        answer: row.opt_text(8)?.map(json).transpose()?,
        solved: row.opt_int(9)?.map(|n| n == 1),
        event_id: row.string(10)?,
        created_at: row.int(11)?,
    })
}

/// The chat's messages after `position`, oldest first, at most `limit`.
pub fn feed(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    chat_id: &str,
    position: i64,
    limit: i64,
) -> Result<Vec<Message>, DbError> {
    tx.query(
        select!("WHERE m.tenant = $1 AND m.chat_id = $2 AND m.position > $3 ORDER BY m.position LIMIT $4"),
        &params![&desk.tenant, chat_id, position, limit],
        read,
    )
}

/// The chat's message at this position.
pub fn find(tx: &mut Tx<'_>, desk: &Helpdesk, chat_id: &str, position: i64) -> Result<Message, Refusal> {
    tx.query_opt(
        select!("WHERE m.tenant = $1 AND m.chat_id = $2 AND m.position = $3"),
        &params![&desk.tenant, chat_id, position],
        read,
    )?
    .ok_or_else(|| Refusal::not_found(Kind::Message, position))
}

/// The chat's message with this id.
pub(crate) fn by_id(tx: &mut Tx<'_>, desk: &Helpdesk, chat_id: &str, message_id: &str) -> Result<Message, Refusal> {
    let unknown = || Refusal::not_found(Kind::Message, message_id);
    let position = ids::message_position(message_id).ok_or_else(unknown)?;
    match find(tx, desk, chat_id, position) {
        Ok(message) if message.message_id == message_id => Ok(message),
        Ok(_) | Err(Refusal::NotFound { .. }) => Err(unknown()),
        Err(other) => Err(other),
    }
}

/// The ticket's message with this decimal id.
pub(super) fn in_ticket(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    ticket_id: i64,
    ticket_message_id: i64,
) -> Result<Option<Message>, DbError> {
    // By the id alone, which an index has; the ticket's own index would lead through all of its messages.
    let found = tx.query_opt(select!("WHERE m.ticket_message_id = $1"), &params![ticket_message_id], |row| {
        Ok((row.string(16)?, read(row)?))
    })?;
    Ok(found.filter(|(tenant, message)| *tenant == desk.tenant && message.ticket_id == ticket_id).map(|(_, m)| m))
}

/// A ticket's messages before `position`, the last of them first, at most `limit`; notices too.
pub(crate) fn before(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    ticket_id: i64,
    position: i64,
    limit: i64,
) -> Result<Vec<Message>, DbError> {
    tx.query(
        select!("WHERE m.tenant = $1 AND m.ticket_id = $2 AND m.position < $3 ORDER BY m.position DESC LIMIT $4"),
        &params![&desk.tenant, ticket_id, position, limit],
        read,
    )
}

/// A ticket's messages after `position`, oldest first, at most `limit`; notices too.
pub(crate) fn after(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    ticket_id: i64,
    position: i64,
    limit: i64,
) -> Result<Vec<Message>, DbError> {
    tx.query(
        select!("WHERE m.tenant = $1 AND m.ticket_id = $2 AND m.position > $3 ORDER BY m.position LIMIT $4"),
        &params![&desk.tenant, ticket_id, position, limit],
        read,
    )
}

/// A page of a ticket's messages.
#[derive(Debug, Clone)]
pub struct Page {
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// How many there are on all pages.
    pub total: i64,
}

/// A page of a ticket's messages between two times (Unix ms, both included); notices are left out. `page` counts from 1.
pub fn of_ticket(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    ticket_id: i64,
    between: (i64, i64),
    page: i64,
    page_size: i64,
) -> Result<Page, Refusal> {
    ticket::get(tx, desk, ticket_id)?;
    let total = tx.query_one(
        "SELECT COUNT(*) FROM message
         WHERE tenant = $1 AND ticket_id = $2 AND sender < 4 AND created_at >= $3 AND created_at <= $4",
        &params![&desk.tenant, ticket_id, between.0, between.1],
        |row| row.int(0),
    )?;
    let messages = tx.query(
        select!(
            "WHERE m.tenant = $1 AND m.ticket_id = $2 AND m.sender < 4 AND m.created_at >= $3 AND m.created_at <= $4
             ORDER BY m.position LIMIT $5 OFFSET $6"
        ),
        &params![&desk.tenant, ticket_id, between.0, between.1, page_size, (page - 1).saturating_mul(page_size)],
        read,
    )?;
    Ok(Page { messages, total })
}
