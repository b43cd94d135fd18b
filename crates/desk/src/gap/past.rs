//! Reading what was asked and what agents replied.

use db::{DbError, Row, Tx, params};

use crate::answer::Match;
use crate::directory::Helpdesk;
use crate::question::{Asked, Position};
use crate::ticket::state::State;
use crate::{faq, question, threshold};

/// Replies of agents that are read for a question.
const REPLIES_MAX: i64 = 10;

/// A question with what else is known of its ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// The question and what became of it.
    pub asked: Asked,
    /// Its place in the chat.
    pub position: i64,
    /// The guest's user id.
    pub guest: String,
    /// Whether the ticket has ended.
    pub is_closed: bool,
    /// Whether an agent has written in the ticket.
    pub is_replied: bool,
    /// Whether its outcome was kept; that of an old question was not.
    pub is_known: bool,
}

/// Reads a question from the columns of [`before`] and [`after`]: the first twelve are those of [`question::read`].
fn read(row: &Row<'_>) -> Result<Past, DbError> {
    let asked = question::read(row)?;
    // Rows from before outcomes were kept say that something was answered and not what.
    let by_engine = row.opt_int(13)?.is_some() && row.opt_text(6)?.is_none();
    let is_known = asked.mode.is_some() || !(by_engine || row.flag(5)?);
    let state = State { stage: row.int(11)?, status: row.int(15)? };
    Ok(Past {
        asked,
        position: row.int(12)?,
        guest: row.string(14)?,
        is_closed: !state.is_open(),
        is_replied: row.opt_int(16)?.is_some(),
        is_known,
    })
}

/// Questions of a help desk asked from `from` (Unix ms) on and before the position `until`, the newest first.
pub fn before(tx: &mut Tx<'_>, desk: &Helpdesk, from: i64, until: &Position, limit: i64) -> Result<Vec<Past>, DbError> {
    tx.query(
        "SELECT q.ticket_id, q.event_id, q.text, q.asked_at, q.app_answer, q.app_shown, q.found, q.mode, q.solved,
                q.chosen_faq, q.agent_faq, t.stage, q.position, q.builtin_answered_at, t.guest, t.status,
                t.agent_first_response_at
         FROM question q JOIN ticket t ON t.tenant = q.tenant AND t.ticket_id = q.ticket_id
         WHERE q.tenant = $1 AND q.helpdesk_id = $2 AND q.asked_at >= $3 AND (q.asked_at, q.event_id) < ($4, $5)
         ORDER BY q.asked_at DESC, q.event_id DESC LIMIT $6",
        &params![&desk.tenant, desk.id, from, until.0, &until.1, limit],
        read,
    )
}

/// Questions asked from `from` on and before `until` (Unix ms), the oldest first.
pub(super) fn after(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    (from, until): (i64, i64),
    limit: i64,
) -> Result<Vec<Past>, DbError> {
    tx.query(
        "SELECT q.ticket_id, q.event_id, q.text, q.asked_at, q.app_answer, q.app_shown, q.found, q.mode, q.solved,
                q.chosen_faq, q.agent_faq, t.stage, q.position, q.builtin_answered_at, t.guest, t.status,
                t.agent_first_response_at
         FROM question q JOIN ticket t ON t.tenant = q.tenant AND t.ticket_id = q.ticket_id
         WHERE q.tenant = $1 AND q.helpdesk_id = $2 AND q.asked_at >= $3 AND q.asked_at < $4
         ORDER BY q.asked_at, q.event_id LIMIT $5",
        &params![&desk.tenant, desk.id, from, until, limit],
        read,
    )
}

/// What an agent wrote to a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The ticket.
    pub ticket_id: i64,
    /// The text.
    pub text: String,
    /// When, Unix ms.
    pub at: i64,
}

/// What agents wrote in these tickets after these positions, of each the first few texts in order. Some tickets at a
/// time: each is a look of its own.
pub fn replies(tx: &mut Tx<'_>, desk: &Helpdesk, (ticket_id, position): (i64, i64)) -> Result<Vec<Reply>, DbError> {
    tx.query(
        "SELECT text, created_at FROM message
         WHERE tenant = $1 AND ticket_id = $2 AND position > $3 AND sender = 3 AND kind = 'text'
         ORDER BY position LIMIT $4",
        &params![&desk.tenant, ticket_id, position, REPLIES_MAX],
        |row| Ok(Reply { ticket_id, text: row.string(0)?, at: row.int(1)? }),
    )
}

/// When a FAQ that is online was last changed, Unix ms, if with this score its answer is shown.
pub fn answers_since(tx: &mut Tx<'_>, desk: &Helpdesk, best: &Match) -> Result<Option<i64>, DbError> {
    let faq = tx.query_opt(
        "SELECT updated_at, category_id FROM faq
         WHERE tenant = $1 AND helpdesk_id = $2 AND faq_id = $3 AND status = 1",
        &params![&desk.tenant, desk.id, best.faq_id],
        |row| Ok((row.int(0)?, row.opt_int(1)?)),
    )?;
    let Some((changed_at, category_id)) = faq else { return Ok(None) };
    let thresholds = threshold::of_category(tx, desk, category_id)?.thresholds;
    Ok((best.score >= thresholds.direct_score).then_some(changed_at))
}

/// By what one sees that something has changed. What a guest says of an answer shows only with the next question or
/// ticket that moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// The version of the FAQs.
    pub faqs: i64,
    /// The last decision; 0 if there is none.
    pub decision: i64,
    /// The last question.
    pub question: Option<Position>,
    /// The last ticket that moved, with when.
    pub ticket: Option<(i64, i64)>,
}

impl Marks {
    /// Whether nobody has decided anything or changed a FAQ in between: no more than questions and tickets came.
    pub fn only_asked(&self, now: &Self) -> bool {
        (self.faqs, self.decision) == (now.faqs, now.decision)
    }
}

/// The marks as they are now.
pub fn marks(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Marks, DbError> {
    let question = tx.query_opt(
        "SELECT asked_at, event_id FROM question WHERE tenant = $1 AND helpdesk_id = $2
         ORDER BY asked_at DESC, event_id DESC LIMIT 1",
        &params![&desk.tenant, desk.id],
        |row| Ok((row.int(0)?, row.string(1)?)),
    )?;
    let ticket = tx.query_opt(
        "SELECT updated_at, ticket_id FROM ticket WHERE tenant = $1 AND helpdesk_id = $2 AND updated_at IS NOT NULL
         ORDER BY updated_at DESC, ticket_id DESC LIMIT 1",
        &params![&desk.tenant, desk.id],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )?;
    Ok(Marks { faqs: faq::version(tx, desk)?, decision: super::latest(tx, desk)?, question, ticket })
}
