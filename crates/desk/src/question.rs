//! Questions of guests, and what became of them: the past of a help desk, from which it is judged and improved.

use db::{DbError, Row, Tx, params};
use serde::{Deserialize, Serialize};

use crate::answer::{AnsweredBy, Match, Mode};
use crate::directory::{Helpdesk, json};
use crate::ticket::state::stage;
use crate::{Cx, Effect, Refusal, ids};

/// A question with all that is known of its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The ticket.
    pub ticket_id: i64,
    /// The body's id of the message event; unique in the tenant.
    pub event_id: String,
    /// The guest's words; empty for a picture.
    pub text: String,
    /// Unix ms.
    pub asked_at: i64,
    /// Who answered; none if nobody did.
    pub answered_by: Option<AnsweredBy>,
    /// What the answerer found, best first.
    pub found: Vec<Match>,
    /// How it was shown; none if nothing was.
    pub mode: Option<Mode>,
    /// The guest's last word on whether it helped.
    pub solved: Option<bool>,
    /// The FAQ the guest picked of those offered.
    pub chosen_faq: Option<i64>,
    /// The FAQ an agent answered with.
    pub agent_faq: Option<i64>,
    /// Whether the ticket went to humans.
    pub handed_over: bool,
}

impl Asked {
    /// The FAQ whose answer the guest saw last: the one they picked, or else that of a direct answer. None after a list
    /// from which nothing was picked.
    pub fn seen_last(&self) -> Option<i64> {
        seen_last(&self.found, self.mode, self.chosen_faq)
    }
}

/// See [`Asked::seen_last`].
pub(crate) fn seen_last(found: &[Match], mode: Option<Mode>, chosen: Option<i64>) -> Option<i64> {
    chosen.or_else(|| found.first().filter(|_| mode == Some(Mode::Direct)).map(|best| best.faq_id))
}

/// A FAQ and its score as rows keep them.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: String,
    score: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log_odds: Option<f64>,
}

/// Where a page of questions goes on: the time (Unix ms) and event id of the last one.
pub type Position = (i64, String);

/// Questions of a help desk asked from `from` (Unix ms) until before `until`, the newest first, before `before`.
pub fn newest(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    (from, until): (i64, i64),
    before: Option<&Position>,
    limit: i64,
) -> Result<Vec<Asked>, DbError> {
    let last = (until, String::new());
    let (at, event_id) = before.unwrap_or(&last);
    tx.query(
        "SELECT q.ticket_id, q.event_id, q.text, q.asked_at, q.app_answer, q.app_shown, q.found, q.mode, q.solved,
                q.chosen_faq, q.agent_faq, t.stage
         FROM question q JOIN ticket t ON t.tenant = q.tenant AND t.ticket_id = q.ticket_id
         WHERE q.tenant = $1 AND q.helpdesk_id = $2 AND (q.asked_at, q.event_id) < ($3, $4) AND q.asked_at >= $5
         ORDER BY q.asked_at DESC, q.event_id DESC LIMIT $6",
        &params![&desk.tenant, desk.id, *at, event_id, from, limit],
        read,
    )
}

/// The question that came with the event of this body id; `None` if the help desk was not asked anything by it. It is
/// found by its time, which the id begins with.
pub fn of_event(tx: &mut Tx<'_>, desk: &Helpdesk, event_id: &str) -> Result<Option<Asked>, DbError> {
    let Some(asked_at) = ids::event_at(event_id) else { return Ok(None) };
    tx.query_opt(
        "SELECT q.ticket_id, q.event_id, q.text, q.asked_at, q.app_answer, q.app_shown, q.found, q.mode, q.solved,
                q.chosen_faq, q.agent_faq, t.stage
         FROM question q JOIN ticket t ON t.tenant = q.tenant AND t.ticket_id = q.ticket_id
         WHERE q.tenant = $1 AND q.helpdesk_id = $2 AND q.asked_at = $3 AND q.event_id = $4",
        &params![&desk.tenant, desk.id, asked_at, event_id],
        read,
    )
}

/// Reads the columns that all of these statements name, in their order.
pub(crate) fn read(row: &Row<'_>) -> Result<Asked, DbError> {
    let by_app = row.flag(5)?;
    let answered_by = match (by_app, row.opt_text(6)?) {
        (true, _) => Some(AnsweredBy::App),
        (false, Some(_)) => Some(AnsweredBy::Builtin),
        (false, None) => None,
    };
    let found = if by_app { row.opt_text(4)? } else { row.opt_text(6)? };
    Ok(Asked {
        ticket_id: row.int(0)?,
        event_id: row.string(1)?,
        text: row.string(2)?,
        asked_at: row.int(3)?,
        answered_by,
        found: matches(found.unwrap_or("[]"))?,
        mode: row.opt_text(7)?.and_then(Mode::of),
        solved: row.opt_int(8)?.map(|solved| solved == 1),
        chosen_faq: row.opt_int(9)?,
        agent_faq: row.opt_int(10)?,
        handed_over: row.int(11)? == stage::HUMAN,
    })
}

/// What a row keeps of an answer.
pub(crate) fn matches(text: &str) -> Result<Vec<Match>, DbError> {
    let kept: Vec<Kept> = json(text)?;
    let read = |k: Kept| Some(Match { faq_id: ids::parse(&k.id)?, score: k.score, log_odds: k.log_odds });
    Ok(kept.into_iter().filter_map(read).collect())
}

/// What the built-in engine found, as a row keeps it.
pub(crate) fn found_json(matches: &[Match]) -> String {
    let keep = |m: &Match| Kept { id: m.faq_id.to_string(), score: m.score, log_odds: m.log_odds };
    crate::faq::to_json(&matches.iter().map(keep).collect::<Vec<_>>())
}

/// Notes how a question's answer was shown.
pub(crate) fn shown(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    ticket_id: i64,
    event_id: &str,
    mode: Mode,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE question SET mode = $1 WHERE tenant = $2 AND ticket_id = $3 AND event_id = $4",
        &params![mode.as_str(), &desk.tenant, ticket_id, event_id],
    )?;
    Ok(())
}

/// Notes what the guest picked of the questions offered.
pub(crate) fn chosen(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket_id: i64,
    event_id: &str,
    faq_id: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE question SET chosen_faq = $1, label_id = CASE WHEN found <> '[]' THEN $2 ELSE label_id END
         WHERE tenant = $3 AND ticket_id = $4 AND event_id = $5",
        &params![faq_id, label(cx), &desk.tenant, ticket_id, event_id],
    )?;
    Ok(())
}

/// Notes the guest's word on an answer.
pub(crate) fn judged(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket_id: i64,
    event_id: &str,
    solved: bool,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE question SET solved = $1, label_id = CASE WHEN found <> '[]' THEN $2 ELSE label_id END
         WHERE tenant = $3 AND ticket_id = $4 AND event_id = $5",
        &params![solved, label(cx), &desk.tenant, ticket_id, event_id],
    )?;
    Ok(())
}

/// Notes that an agent answered the ticket's last question with a FAQ. A ticket without a question keeps no such note.
pub fn answered_by_agent(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    ticket_id: i64,
    faq_id: i64,
) -> Result<(), Refusal> {
    tx.execute(
        "UPDATE question SET agent_faq = $1, label_id = CASE WHEN found <> '[]' THEN $2 ELSE label_id END
         WHERE tenant = $3 AND ticket_id = $4 AND event_id = (
           SELECT event_id FROM question WHERE tenant = $5 AND ticket_id = $6 ORDER BY position DESC LIMIT 1
         )",
        &params![faq_id, label(cx), &desk.tenant, ticket_id, &desk.tenant, ticket_id],
    )?;
    Ok(())
}

/// The number of a word on an answer; see [`crate::calibration::labels`], for which it counts if the built-in engine
/// had found something.
fn label(cx: &mut Cx) -> i64 {
    cx.effects.push(Effect::Feedback);
    cx.ids.decimal(cx.now)
}
