//! What an agent has written for a ticket and not sent.

use db::{DbError, Tx, params};

use crate::admin::Staff;
use crate::{Cx, Refusal};

/// Longest draft, in characters.
pub const TEXT_MAX: usize = 30_000;

/// A draft. Each agent has one for each ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The text.
    pub text: String,
    /// Whether it is meant for a private note.
    pub private: bool,
    /// Unix ms.
    pub saved_at: i64,
}

/// Somebody's draft for a ticket.
pub fn get(tx: &mut Tx<'_>, staff: &Staff, ticket_id: i64) -> Result<Option<Draft>, DbError> {
    tx.query_opt(
        "SELECT text, private, saved_at FROM draft WHERE tenant = $1 AND ticket_id = $2 AND user_id = $3",
        &params![&staff.tenant, ticket_id, &staff.user_id],
        |row| Ok(Draft { text: row.string(0)?, private: row.flag(1)?, saved_at: row.int(2)? }),
    )
}

/// Keeps somebody's draft for a ticket in place of the one before.
pub fn put(
    tx: &mut Tx<'_>,
    cx: &Cx,
    staff: &Staff,
    ticket_id: i64,
    text: &str,
    private: bool,
) -> Result<Draft, Refusal> {
    if text.chars().count() > TEXT_MAX {
        return Err(Refusal::invalid("text", format!("at most {TEXT_MAX} characters are allowed")));
    }
    tx.execute(
        "INSERT INTO draft (tenant, ticket_id, user_id, text, private, saved_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant, ticket_id, user_id)
         DO UPDATE SET text = excluded.text, private = excluded.private, saved_at = excluded.saved_at",
        &params![&staff.tenant, ticket_id, &staff.user_id, text, private, cx.now],
    )?;
    Ok(Draft { text: text.to_owned(), private, saved_at: cx.now })
}

/// Deletes somebody's draft for a ticket, if there is one.
pub fn delete(tx: &mut Tx<'_>, staff: &Staff, ticket_id: i64) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM draft WHERE tenant = $1 AND ticket_id = $2 AND user_id = $3",
        &params![&staff.tenant, ticket_id, &staff.user_id],
    )?;
    Ok(())
}
