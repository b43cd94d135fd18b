//! A ticket with everything beside its conversation.

use db::{DbError, Tx, params};

use super::draft::{self, Draft};
use super::entry::{self, Entry};
use super::{May, Seat, may};
use crate::admin::Staff;
use crate::directory::Helpdesk;
use crate::person::{self, Person};
use crate::ticket::state::State;
use crate::ticket::{self, Details, Ticket};
use crate::{Kind, Refusal};

/// How many of a guest's earlier tickets are shown.
const EARLIER_MAX: i64 = 20;

/// A ticket with everything beside its conversation.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The ticket as lists show it.
    pub entry: Entry,
    /// Its agents, tags and fields.
    pub details: Details,
    /// Who asks.
    pub guest: Person,
    /// Since when the guest has a chat with this help desk, Unix ms.
    pub first_seen_at: i64,
    /// The guest's last other tickets, newest first.
    pub earlier: Vec<Earlier>,
    /// What the reader may do.
    pub may: May,
    /// The reader's draft.
    pub draft: Option<Draft>,
}

/// Another ticket of a guest.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The ticket.
    pub id: i64,
    /// Stage and status.
    pub state: State,
    /// 1 not solved, 2 solved.
    pub solve: Option<i64>,
    /// When it was opened, Unix ms.
    pub created_at: i64,
    /// When it was closed, Unix ms.
    pub closed_at: Option<i64>,
    /// What the guest first wrote, the first 200 characters; none for a ticket without a word of theirs.
    pub first_message: Option<String>,
}

/// The ticket for somebody at this help desk.
pub fn whole(tx: &mut Tx<'_>, staff: &Staff, seat: &Seat, ticket: &Ticket) -> Result<Whole, Refusal> {
    let desk = &seat.desk;
    let may = may(tx, staff, seat, ticket)?;
    let details = ticket::details(tx, desk, std::slice::from_ref(ticket))?.remove(&ticket.id).unwrap_or_default();
    let entry = entry::of(tx, &desk.tenant, &[ticket.id])?.pop();
    let entry = entry.ok_or_else(|| Refusal::not_found(Kind::Ticket, ticket.id))?;
    let guest_id = &ticket.guest.who.user_id;
    let guest = person::get(tx, &desk.tenant, guest_id)?;
    let guest = guest.ok_or_else(|| DbError::Corrupt("a ticket's guest is missing".into()))?;
    let first_seen_at = tx.query_one(
        "SELECT created_at FROM chat WHERE tenant = $1 AND chat_id = $2",
        &params![&desk.tenant, &ticket.chat_id],
        |row| row.int(0),
    )?;
    let earlier = earlier(tx, desk, ticket)?;
    let draft = draft::get(tx, staff, ticket.id)?;
    Ok(Whole { entry, details, guest, first_seen_at, earlier, may, draft })
}

fn earlier(tx: &mut Tx<'_>, desk: &Helpdesk, ticket: &Ticket) -> Result<Vec<Earlier>, DbError> {
    tx.query(
        "SELECT t.ticket_id, t.stage, t.status, t.solve, t.created_at, t.closed_at,
                (SELECT substr(m.text, 1, 200) FROM message m
                 WHERE m.tenant = t.tenant AND m.ticket_id = t.ticket_id AND m.sender = 2
                 ORDER BY m.position LIMIT 1)
         FROM ticket t WHERE t.tenant = $1 AND t.helpdesk_id = $2 AND t.guest = $3 AND t.ticket_id <> $4
         ORDER BY t.ticket_id DESC LIMIT $5",
        &params![&desk.tenant, desk.id, &ticket.guest.who.user_id, ticket.id, EARLIER_MAX],
        |row| {
            Ok(Earlier {
                id: row.int(0)?,
                state: State { stage: row.int(1)?, status: row.int(2)? },
                solve: row.opt_int(3)?,
                created_at: row.int(4)?,
                closed_at: row.opt_int(5)?,
                first_message: row.opt_string(6)?,
            })
        },
    )
}

/// The names of a help desk's newest tags, by name, at most 200.
pub fn tag_names(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Vec<String>, DbError> {
    const TAGS_MAX: i64 = 200;
    let mut names = tx.query(
        "SELECT name FROM tag WHERE tenant = $1 AND helpdesk_id = $2 ORDER BY tag_id DESC LIMIT $3",
        &params![&desk.tenant, desk.id, TAGS_MAX],
        |row| row.string(0),
    )?;
    // Here, because the databases order texts differently.
    names.sort_unstable();
    Ok(names)
}
