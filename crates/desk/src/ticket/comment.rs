//! The remark on a ticket. There is one, and it is for agents and apps, not for the guest.

use db::{DbError, Row, Tx, params};

use super::Ticket;
use crate::directory::Helpdesk;
use crate::{Cx, Refusal, person};

/// Longest remark, in characters.
const CONTENT_MAX: usize = 5_000;

/// The remark on a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// 19 digits.
    pub id: i64,
    /// Its text.
    pub content: String,
    /// When it was made, Unix ms.
    pub created_at: i64,
    /// The author as a number; the open API has no other form here.
    pub author_number: i64,
    /// The author's name.
    pub author_name: Option<String>,
}

/// Reads the columns from `at` on that [`super::select`] names last.
pub(super) fn read(row: &Row<'_>, at: usize) -> Result<Option<Comment>, DbError> {
    let Some(id) = row.opt_int(at)? else { return Ok(None) };
    Ok(Some(Comment {
        id,
        content: row.string(at + 1)?,
        created_at: row.int(at + 2)?,
        author_number: person::number(row.text(at + 3)?),
        author_name: row.opt_string(at + 4)?,
    }))
}

/// Refuses a remark that is too long.
pub(super) fn check(content: &str) -> Result<(), Refusal> {
    if content.chars().count() > CONTENT_MAX {
        return Err(Refusal::invalid("comment", format!("at most {CONTENT_MAX} characters are allowed")));
    }
    Ok(())
}

/// Replaces the remark; an empty one removes it. The same text again is no new remark. Answers whether anything changed.
pub(super) fn set(
    tx: &mut Tx<'_>,
    cx: &Cx,
    desk: &Helpdesk,
    ticket: &Ticket,
    user_id: &str,
    content: &str,
) -> Result<bool, DbError> {
    let content = content.trim();
    if content == ticket.comment.as_ref().map_or("", |comment| comment.content.as_str()) {
        return Ok(false);
    }
    let given = !content.is_empty();
    tx.execute(
        "UPDATE ticket SET comment_id = $1, comment_text = $2, comment_at = $3, comment_by = $4
         WHERE tenant = $5 AND ticket_id = $6",
        &params![
            given.then(|| cx.ids.decimal(cx.now)),
            given.then_some(content),
            given.then_some(cx.now),
            given.then_some(user_id),
            &desk.tenant,
            ticket.id
        ],
    )?;
    Ok(true)
}
