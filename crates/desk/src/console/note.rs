//! Private notes on tickets: for the agents of a help desk alone. They are no messages, so whatever shows messages, to
//! guests, apps or the open API, cannot show them.

use std::ops::RangeInclusive;

use db::{DbError, Row, Tx, params};

use super::news;
use crate::admin::Staff;
use crate::directory::Helpdesk;
use crate::message::check_client_id;
use crate::ticket::Ticket;
use crate::{Cx, Refusal};

/// Longest note, in characters.
pub const TEXT_MAX: usize = 5_000;
/// Most notes of a ticket.
pub const NOTES_MAX: i64 = 500;

/// A private note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// 19 digits.
    pub id: i64,
    /// The chat's last message when it was written; 0 before the first.
    pub position: i64,
    /// The author's open id and name; none if the person is gone.
    pub author: Option<(String, String)>,
    /// The text.
    pub text: String,
    /// Unix ms.
    pub created_at: i64,
}

fn read(row: &Row<'_>) -> Result<Note, DbError> {
    let author = row.opt_string(4)?.zip(row.opt_string(5)?);
    Ok(Note { id: row.int(0)?, position: row.int(1)?, text: row.string(2)?, created_at: row.int(3)?, author })
}

/// The notes of a ticket that stand behind messages between two positions, both included; oldest first.
pub fn between(
    tx: &mut Tx<'_>,
    tenant: &str,
    ticket_id: i64,
    positions: RangeInclusive<i64>,
) -> Result<Vec<Note>, DbError> {
    tx.query(
        "SELECT n.note_id, n.position, n.text, n.created_at, p.open_id, p.name
         FROM note n LEFT JOIN person p ON p.tenant = n.tenant AND p.user_id = n.author
         WHERE n.tenant = $1 AND n.ticket_id = $2 AND n.position >= $3 AND n.position <= $4 ORDER BY n.note_id",
        &params![tenant, ticket_id, *positions.start(), *positions.end()],
        read,
    )
}

/// Writes a note on a ticket, open or closed. The same `client_id` of the same author twice is one note.
pub fn write(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    staff: &Staff,
    (desk, ticket): (&Helpdesk, &Ticket),
    text: &str,
    client_id: Option<&str>,
) -> Result<Note, Refusal> {
    let text = text.trim();
    let length = text.chars().count();
    if !(1..=TEXT_MAX).contains(&length) {
        return Err(Refusal::invalid("text", format!("1 to {TEXT_MAX} characters are allowed, these are {length}")));
    }
    check_client_id(client_id)?;
    if let Some(client_id) = client_id
        && let Some(earlier) = earlier(tx, staff, ticket.id, client_id)?
    {
        return Ok(earlier);
    }
    let count = tx.query_one(
        "SELECT COUNT(*) FROM note WHERE tenant = $1 AND ticket_id = $2",
        &params![&desk.tenant, ticket.id],
        |row| row.int(0),
    )?;
    if count >= NOTES_MAX {
        return Err(Refusal::invalid("text", format!("a ticket has at most {NOTES_MAX} notes")));
    }
    let position = tx.query_one(
        "SELECT position FROM chat WHERE tenant = $1 AND chat_id = $2",
        &params![&desk.tenant, &ticket.chat_id],
        |row| row.int(0),
    )?;
    let id = cx.ids.decimal(cx.now);
    tx.execute(
        "INSERT INTO note (tenant, ticket_id, note_id, helpdesk_id, position, author, text, client_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &params![&desk.tenant, ticket.id, id, desk.id, position, &staff.user_id, text, client_id, cx.now],
    )?;
    news::note(tx, cx, desk, ticket.id)?;
    let author = Some((staff.open_id.clone(), staff.name.clone()));
    Ok(Note { id, position, author, text: text.to_owned(), created_at: cx.now })
}

fn earlier(tx: &mut Tx<'_>, staff: &Staff, ticket_id: i64, client_id: &str) -> Result<Option<Note>, DbError> {
    tx.query_opt(
        "SELECT n.note_id, n.position, n.text, n.created_at, p.open_id, p.name
         FROM note n LEFT JOIN person p ON p.tenant = n.tenant AND p.user_id = n.author
         WHERE n.tenant = $1 AND n.ticket_id = $2 AND n.author = $3 AND n.client_id = $4",
        &params![&staff.tenant, ticket_id, &staff.user_id, client_id],
        read,
    )
}
