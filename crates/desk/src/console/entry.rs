//! Tickets as lists show them, read for a whole page at once.

use std::collections::HashMap;

use db::{DbError, Tx};

use crate::message::Sender;
use crate::ticket::detail::{self, AT_ONCE, of_tickets, values};
use crate::ticket::{Ticket, read, select};

/// Up to how many of a guest's messages are counted.
pub const UNANSWERED_MAX: i64 = 100;

/// A ticket in a list.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The ticket.
    pub ticket: Ticket,
    /// Names of its tags, by name.
    pub tags: Vec<String>,
    /// Its last message that is no notice.
    pub last: Option<Last>,
    /// The guest's messages since an agent last wrote, counted up to [`UNANSWERED_MAX`].
    pub unanswered: i64,
}

/// A ticket's last message.
#[derive(Debug, Clone)]
pub struct Last {
    /// Who wrote it.
    pub sender: Sender,
    /// `text`, `post`, `image`, `card` or `answer`.
    pub kind: String,
    /// The first 200 characters.
    pub text: String,
    /// Its position in the chat.
    pub position: i64,
    /// Unix ms.
    pub created_at: i64,
}

/// These tickets of a tenant, in this order; who is not there is left out. Three statements for each fifty.
pub fn of(tx: &mut Tx<'_>, tenant: &str, ids: &[i64]) -> Result<Vec<Entry>, DbError> {
    let mut tickets: HashMap<i64, Ticket> = HashMap::with_capacity(ids.len());
    let mut lasts = HashMap::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let values = values(tenant, some);
        let found = tx.query(select!(of_tickets!("WHERE t.tenant = $1 AND t.ticket_id", "")), &values, read)?;
        tickets.extend(found.into_iter().map(|ticket| (ticket.id, ticket)));
        let found = tx.query(
            of_tickets!(
                "SELECT t.ticket_id, m.sender, m.kind, substr(m.text, 1, 200), m.position, m.created_at,
                        (SELECT COUNT(*) FROM (
                           SELECT g.position FROM message g
                           WHERE g.tenant = t.tenant AND g.ticket_id = t.ticket_id AND g.sender = 2
                             AND g.position > COALESCE((
                               SELECT a.position FROM message a
                               WHERE a.tenant = t.tenant AND a.ticket_id = t.ticket_id AND a.sender = 3
                               ORDER BY a.position DESC LIMIT 1), 0)
                           LIMIT 100) AS counted)
                 FROM ticket t
                 JOIN message m ON m.tenant = t.tenant AND m.chat_id = t.chat_id AND m.position = (
                   SELECT x.position FROM message x
                   WHERE x.tenant = t.tenant AND x.ticket_id = t.ticket_id AND x.sender < 4
                   ORDER BY x.position DESC LIMIT 1)
                 WHERE t.tenant = $1 AND t.ticket_id",
                ""
            ),
            &values,
            |row| {
                let last = Last {
                    sender: Sender::of(row.int(1)?),
                    kind: row.string(2)?,
                    text: row.string(3)?,
                    position: row.int(4)?,
                    created_at: row.int(5)?,
                };
                Ok((row.int(0)?, (last, row.int(6)?)))
            },
        )?;
        lasts.extend(found);
    }
    let mut tags = detail::tag_names(tx, tenant, ids)?;
    let entry = |id: &i64| {
        let ticket = tickets.remove(id)?;
        let (last, unanswered) = lasts.remove(id).map_or((None, 0), |(last, count)| (Some(last), count));
        Some(Entry { ticket, tags: tags.remove(id).unwrap_or_default(), last, unanswered })
    };
    Ok(ids.iter().filter_map(entry).collect())
}
