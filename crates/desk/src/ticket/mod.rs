//! Tickets: one conversation of a guest with a help desk, from the first question to its end.

pub mod act;
pub mod assign;
mod change;
mod comment;
pub(crate) mod detail;
mod ending;
mod handover;
pub mod idle;
mod list;
mod open;
#[cfg(test)]
mod property_tests;
mod roster;
mod start_service;
pub mod state;
pub(crate) mod tag;
mod update;

use db::{DbError, Row, Tx, params};

pub use comment::Comment;
pub use detail::{Details, details};
pub use ending::{close_by_guest, rate, unrated};
pub use handover::{Handover, Standing, ask_for_human, standing};
pub use list::{Filter, Listing, TAGS_MAX, TOTAL_MAX, list, user_of};
pub use open::Opening;
pub(crate) use open::open;
pub use roster::open_by_agent;
pub use start_service::{StartService, Started, start_service};
pub use tag::Tag;
pub use update::{Update, update};

use crate::directory::{Helpdesk, Role, json};
use crate::event::{TicketSnapshot, Who};
use crate::person::Person;
use crate::{Kind, Refusal};
use state::State;

/// Channels a ticket can come from (reference: `ticket_channel`).
pub mod channel {
    /// The chat page or a client of the guest API.
    pub const OTHER: i64 = 0;
    /// `start_service`.
    pub const OPEN_API: i64 = 9;
}

/// A ticket with the people in it. Times are Unix ms.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// 19 digits.
    pub id: i64,
    /// The help desk it belongs to.
    pub helpdesk_id: i64,
    /// `oc_…`
    pub chat_id: String,
    /// Stage and status.
    pub state: State,
    /// See [`channel`].
    pub channel: i64,
    /// 1 not solved, 2 solved.
    pub solve: Option<i64>,
    /// The guest's rating: 1 dissatisfied, 2 neutral, 3 satisfied.
    pub score: Option<i64>,
    /// Why the guest rated so.
    pub score_reason: Option<String>,
    /// When it was opened.
    pub created_at: i64,
    /// When its stage or status last changed.
    pub updated_at: Option<i64>,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// Its place in the queue: since when it has been waiting for an agent; kept when it has to wait again.
    pub queued_at: Option<i64>,
    /// Since when it has been on hold, while it is.
    pub held_at: Option<i64>,
    /// How long it was on hold before, in ms.
    pub on_hold_ms: i64,
    /// Since when its guest waits for a human's word, while they do.
    pub waits_from: Option<i64>,
    /// When the first agent took it.
    pub agent_entry_at: Option<i64>,
    /// When an agent first replied.
    pub agent_first_response_at: Option<i64>,
    /// When an agent last replied.
    pub agent_last_response_at: Option<i64>,
    /// User ids of the agents that `start_service` named.
    pub appointed: Vec<String>,
    /// The remark.
    pub comment: Option<Comment>,
    /// Who asks.
    pub guest: Contact,
    /// The guest's language, such as `zh-CN`.
    pub guest_language: Option<String>,
    /// The agent in charge.
    pub owner: Option<Contact>,
    /// Who closed it, unless the bot did.
    pub closed_by: Option<Contact>,
}

/// A person as a ticket shows one.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Ids.
    pub who: Who,
    /// Display name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Country code.
    pub country: Option<String>,
}

impl From<&Person> for Contact {
    fn from(person: &Person) -> Self {
        Self {
            who: person.who(),
            name: person.name.clone(),
            email: person.email.clone(),
            city: person.city.clone(),
            country: person.country.clone(),
        }
    }
}

/// Durations that the open API derives from a ticket's times.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Durations {
    /// Last agent reply minus agent entry, in minutes.
    pub agent_service_min: Option<f64>,
    /// First agent reply minus agent entry, in seconds.
    pub agent_first_response_s: Option<i64>,
    /// Agent entry minus creation, in seconds.
    pub bot_service_s: Option<i64>,
    /// From the first agent's entry to closing, in seconds.
    pub agent_resolution_s: Option<i64>,
    /// The same without the time on hold.
    pub processing_s: Option<i64>,
}

impl Ticket {
    /// The durations that the ticket's times allow; never negative.
    pub fn durations(&self) -> Durations {
        let since_entry_ms = |at: Option<i64>| Some((at? - self.agent_entry_at?).max(0));
        Durations {
            #[expect(clippy::cast_precision_loss, reason = "a service of 2^53 ms is not to be expected")]
            agent_service_min: since_entry_ms(self.agent_last_response_at).map(|ms| ms as f64 / 60_000.0),
            agent_first_response_s: since_entry_ms(self.agent_first_response_at).map(|ms| ms / 1000),
            bot_service_s: self.agent_entry_at.map(|at| (at - self.created_at).max(0) / 1000),
            agent_resolution_s: since_entry_ms(self.closed_at).map(|ms| ms / 1000),
            processing_s: since_entry_ms(self.closed_at).map(|ms| (ms - self.on_hold_ms).max(0) / 1000),
        }
    }

    /// Whether this user is the agent in charge.
    pub fn owned_by(&self, user_id: &str) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.who.user_id == user_id)
    }

    /// The ticket as events show it.
    pub(crate) fn snapshot(&self, desk: &Helpdesk) -> TicketSnapshot {
        TicketSnapshot {
            ticket_id: self.id,
            helpdesk_id: desk.id,
            guest: self.guest.who.clone(),
            guest_name: self.guest.name.clone(),
            stage: self.state.stage,
            status: self.state.status,
            score: self.score,
            solve: self.solve,
            channel: self.channel,
            created_at: self.created_at,
            updated_at: self.updated_at,
            closed_at: self.closed_at,
            chat_id: self.chat_id.clone(),
        }
    }
}

/// What `ticket.waits_from` holds while nobody waits; later than all times.
pub(crate) const NOBODY_WAITS: i64 = 9_000_000_000_000_000_000;

/// The columns that [`read`] reads, with their joins.
macro_rules! select {
    ($tail:expr) => {
        $crate::ticket::select!("", $tail)
    };
    ($head:expr, $tail:expr) => {
        concat!(
            $head,
            "SELECT t.ticket_id, t.chat_id, t.stage, t.status, t.channel, t.solve, t.score, t.score_reason,
                    t.created_at, t.updated_at, t.closed_at, t.agent_entry_at, t.agent_first_response_at,
                    t.agent_last_response_at,
                    g.open_id, g.union_id, g.user_id, g.name, g.email, g.city, g.country,
                    o.open_id, o.union_id, o.user_id, o.name, o.email, o.city, o.country,
                    c.open_id, c.union_id, c.user_id, c.name, c.email, c.city, c.country, t.helpdesk_id,
                    t.queued_at, t.held_at, t.on_hold_ms, t.appointed, g.language,
                    t.comment_id, t.comment_text, t.comment_at, t.comment_by, m.name, t.waits_from
             FROM ticket t
             LEFT JOIN person g ON g.tenant = t.tenant AND g.user_id = t.guest
             LEFT JOIN person o ON o.tenant = t.tenant AND o.user_id = t.owner
             LEFT JOIN person c ON c.tenant = t.tenant AND c.user_id = t.closed_by
             LEFT JOIN person m ON m.tenant = t.tenant AND m.user_id = t.comment_by ",
            $tail
        )
    };
}
pub(crate) use select;

pub(crate) fn contact(row: &Row<'_>, at: usize) -> Result<Option<Contact>, DbError> {
    let Some(open_id) = row.opt_string(at)? else { return Ok(None) };
    Ok(Some(Contact {
        who: Who { open_id, union_id: row.string(at + 1)?, user_id: row.string(at + 2)? },
        name: row.string(at + 3)?,
        email: row.opt_string(at + 4)?,
        city: row.opt_string(at + 5)?,
        country: row.opt_string(at + 6)?,
    }))
}

pub(crate) fn read(row: &Row<'_>) -> Result<Ticket, DbError> {
    let guest = contact(row, 14)?;
    Ok(Ticket {
        id: row.int(0)?,
        helpdesk_id: row.int(35)?,
        chat_id: row.string(1)?,
        state: State { stage: row.int(2)?, status: row.int(3)? },
        channel: row.int(4)?,
        solve: row.opt_int(5)?,
        score: row.opt_int(6)?,
        score_reason: row.opt_string(7)?,
        created_at: row.int(8)?,
        updated_at: row.opt_int(9)?,
        closed_at: row.opt_int(10)?,
        queued_at: row.opt_int(36)?,
        held_at: row.opt_int(37)?,
        on_hold_ms: row.int(38)?,
        waits_from: Some(row.int(46)?).filter(|at| *at != NOBODY_WAITS),
        agent_entry_at: row.opt_int(11)?,
        agent_first_response_at: row.opt_int(12)?,
        agent_last_response_at: row.opt_int(13)?,
        appointed: row.opt_text(39)?.map(json).transpose()?.unwrap_or_default(),
        comment: comment::read(row, 41)?,
        guest: guest.ok_or_else(|| DbError::Corrupt("a ticket's guest is missing".into()))?,
        guest_language: row.opt_string(40)?,
        owner: contact(row, 21)?,
        closed_by: contact(row, 28)?,
    })
}

/// A ticket of this help desk.
pub fn get(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<Ticket, Refusal> {
    find(tx, desk, ticket_id)?.ok_or_else(|| Refusal::not_found(Kind::Ticket, ticket_id))
}

fn find(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64) -> Result<Option<Ticket>, DbError> {
    let ticket =
        tx.query_opt(select!("WHERE t.tenant = $1 AND t.ticket_id = $2"), &params![&desk.tenant, ticket_id], read)?;
    // The help desk is compared here: in the condition it may lead PostgreSQL to an index of all its tickets.
    Ok(ticket.filter(|ticket| ticket.helpdesk_id == desk.id))
}

/// Refuses who may not work on this ticket: its agent, its collaborators, and the desk's admins and owner may
/// (reference: helpdesk-v1.md section 2, role agent*).
pub(crate) fn require_access(tx: &mut Tx<'_>, desk: &Helpdesk, ticket: &Ticket, user_id: &str) -> Result<(), Refusal> {
    let role = desk.role(user_id);
    if role.is_some() && ticket.owned_by(user_id) || role >= Some(Role::Admin) {
        return Ok(());
    }
    if role.is_some() && detail::collaborates(tx, desk, ticket.id, user_id)? {
        return Ok(());
    }
    Err(Refusal::Forbidden(format!(
        "the user may not work on ticket {}; its agent, its collaborators and the help desk's admins and owner may",
        ticket.id
    )))
}
