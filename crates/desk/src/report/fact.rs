//! What a report knows of a ticket, read a page at a time.

use db::{DbError, Row, Tx, params};

use crate::directory::Helpdesk;
use crate::ticket::state::{State, stage};
use crate::{ids, question};

/// Tickets of one page, each in a look of its own at the database.
pub const PAGE: i64 = 1_000;

/// Where a page of tickets goes on: when the last one was opened (Unix ms), and its id.
pub type Position = (i64, i64);

/// A ticket as a report counts it. Times are Unix ms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// 19 digits.
    pub ticket_id: i64,
    /// When it was opened.
    pub created_at: i64,
    /// Stage and status.
    pub state: State,
    /// User id of the agent in charge; of a closed one, who was last.
    pub agent: Option<String>,
    /// The guest's name.
    pub guest_name: String,
    /// The guest's rating, 1 to 3.
    pub score: Option<i64>,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// Since when it has been waiting for an agent.
    pub queued_at: Option<i64>,
    /// When the first agent got it.
    pub agent_entry_at: Option<i64>,
    /// When an agent first replied.
    pub first_reply_at: Option<i64>,
    /// The guest's last word on whether an answer of the bot helped.
    pub solved: Option<bool>,
    /// The FAQ that answered last: what an agent answered with, or else what the guest saw.
    pub faq: Option<i64>,
}

impl Fact {
    /// Whether people were asked to take it.
    pub fn is_handed_over(&self) -> bool {
        self.state.stage == stage::HUMAN || self.handed_over_at().is_some()
    }

    /// When people were first asked to take it; none of a ticket that never was, or that `ticket.update` moved and no
    /// agent took.
    pub fn handed_over_at(&self) -> Option<i64> {
        // A ticket that an agent had at once was queued, if at all, when it lost that agent.
        [self.queued_at, self.agent_entry_at].into_iter().flatten().min()
    }

    /// From the hand-over to the first reply.
    pub fn first_response_ms(&self) -> Option<i64> {
        Some(self.first_reply_at? - self.handed_over_at()?)
    }

    /// From opening to closing, of tickets that people had.
    pub fn resolution_ms(&self) -> Option<i64> {
        self.closed_at.filter(|_| self.is_handed_over() && !self.state.is_open()).map(|at| at - self.created_at)
    }

    /// How long it was in the queue until an agent got it; none of one that an agent had at once.
    pub fn queue_ms(&self) -> Option<i64> {
        Some(self.agent_entry_at? - self.queued_at?).filter(|ms| *ms > 0)
    }
}

/// Tickets of the help desk that were opened from `from` on (Unix ms) and stand before `before`, the newest first, at most
/// `limit`.
pub fn page(tx: &mut Tx<'_>, desk: &Helpdesk, from: i64, before: Position, limit: i64) -> Result<Vec<Fact>, DbError> {
    // What became of questions is looked up ticket by ticket: of a join PostgreSQL thinks that it has so many rows that it
    // reads all questions there are.
    tx.query(
        "SELECT t.ticket_id, t.created_at, t.stage, t.status, t.owner, t.guest_name, t.score, t.closed_at, t.queued_at,
                t.agent_entry_at, t.agent_first_response_at,
                (SELECT q.solved FROM question q
                 WHERE q.tenant = t.tenant AND q.ticket_id = t.ticket_id AND q.solved IS NOT NULL
                 ORDER BY q.position DESC LIMIT 1),
                (SELECT q.agent_faq FROM question q
                 WHERE q.tenant = t.tenant AND q.ticket_id = t.ticket_id AND q.agent_faq IS NOT NULL
                 ORDER BY q.position DESC LIMIT 1),
                (SELECT COALESCE(CAST(q.chosen_faq AS TEXT), CASE WHEN q.app_shown = 1 THEN q.app_answer ELSE q.found END)
                 FROM question q
                 WHERE q.tenant = t.tenant AND q.ticket_id = t.ticket_id
                       AND (q.chosen_faq IS NOT NULL OR q.mode = 'direct')
                 ORDER BY q.position DESC LIMIT 1)
         FROM ticket t
         WHERE t.tenant = $1 AND t.helpdesk_id = $2 AND (t.created_at, t.ticket_id) < ($3, $4) AND t.created_at >= $5
         ORDER BY t.created_at DESC, t.ticket_id DESC LIMIT $6",
        &params![&desk.tenant, desk.id, before.0, before.1, from, limit],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<Fact, DbError> {
    let seen = row.opt_text(13)?.map(seen).transpose()?.flatten();
    Ok(Fact {
        ticket_id: row.int(0)?,
        created_at: row.int(1)?,
        state: State { stage: row.int(2)?, status: row.int(3)? },
        agent: row.opt_string(4)?,
        guest_name: row.string(5)?,
        score: row.opt_int(6)?,
        closed_at: row.opt_int(7)?,
        queued_at: row.opt_int(8)?,
        agent_entry_at: row.opt_int(9)?,
        first_reply_at: row.opt_int(10)?,
        solved: row.opt_int(11)?.map(|solved| solved == 1),
        faq: row.opt_int(12)?.or(seen),
    })
}

/// The FAQ that a guest saw last: the id of the one they picked, or the best of what was found, which is a list.
fn seen(text: &str) -> Result<Option<i64>, DbError> {
    match ids::parse(text) {
        Some(picked) => Ok(Some(picked)),
        None => Ok(question::matches(text)?.first().map(|best| best.faq_id)),
    }
}
