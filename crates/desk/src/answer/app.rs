//! An app answers a guest's question: the rules behind `answer_user_query`.
//!
//! The order of the checks is fixed: the call's own form, the ticket, a repeat of the accepted call, the ticket's
//! state, the event, a different second answer, the FAQs. Nothing is written before all have passed.

use db::{DbError, Tx, params};
use serde::Serialize;

use super::{Answered, AnsweredBy, Best, FAQS_MAX, FaqText, Mode, online, show};
use crate::directory::{App, Helpdesk};
use crate::message::Place;
use crate::ticket::state::State;
use crate::{Cx, Kind, Refusal, ids, question};

/// A FAQ of an answer as the app sent it.
#[derive(Debug, Clone)]
pub struct Given {
    /// The FAQ's id; required.
    pub id: Option<String>,
    /// 0 to 1; 1 if it is missing.
    pub score: Score,
}

/// A score as the app sent it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Score {
    /// Not given: counts as 1.
    Missing,
    /// A number.
    Number(f64),
    /// Something that is no number.
    NotANumber,
}

/// An answer whose form has been checked, best FAQ first.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    event_id: String,
    faqs: Vec<AnswerFaq>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct AnswerFaq {
    id: String,
    score: f64,
}

impl Answer {
    /// Checks the form of a call: `event_id` is an event's id, there are at most [`FAQS_MAX`] FAQs, each with an id of
    /// its own and a score of 0 to 1. FAQs are put best first; those of one score stay in the app's order.
    pub fn new(event_id: &str, given: &[Given]) -> Result<Self, Refusal> {
        if event_id.is_empty() {
            return Err(Refusal::invalid("event_id", "must be the id of a guest's message event"));
        }
        let event_id = ids::body_event_id(event_id).ok_or_else(|| no_question(event_id))?;
        if given.len() > FAQS_MAX {
            return Err(Refusal::invalid("faqs", format!("{} are given, at most {FAQS_MAX} are allowed", given.len())));
        }
        let mut faqs: Vec<AnswerFaq> = Vec::with_capacity(given.len());
        for (i, faq) in given.iter().enumerate() {
            let id = faq.id.as_deref().filter(|id| !id.is_empty());
            let id = id.ok_or_else(|| Refusal::invalid(format!("faqs[{i}].id"), "must be given"))?;
            if faqs.iter().any(|f| f.id == id) {
                return Err(Refusal::invalid(format!("faqs[{i}].id"), format!("FAQ {id} is given twice")));
            }
            let score = match faq.score {
                Score::Missing => 1.0,
                Score::Number(score) if (0.0..=1.0).contains(&score) => score,
                Score::Number(_) | Score::NotANumber => {
                    return Err(Refusal::invalid(format!("faqs[{i}].score"), "must be a number from 0 to 1"));
                }
            };
            faqs.push(AnswerFaq { id: id.to_owned(), score });
        }
        faqs.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(Self { event_id, faqs })
    }
}

/// What became of an accepted answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The guest sees it so.
    Shown(Mode),
    /// The same call had been accepted before; nothing was done.
    Repeated,
    /// Too late: the built-in engine had spoken and the guest has written again. It is kept on the ticket.
    Kept,
}

/// What is known of a question and its ticket.
struct Asked {
    chat_id: String,
    state: State,
    question: Option<Question>,
}

struct Question {
    text: String,
    position: i64,
    app_answer: Option<String>,
    builtin_answered: bool,
}

/// Accepts an app's answer.
pub fn answer(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    app: &App,
    ticket_id: i64,
    answer: &Answer,
) -> Result<Outcome, Refusal> {
    let asked =
        asked(tx, desk, ticket_id, &answer.event_id)?.ok_or_else(|| Refusal::not_found(Kind::Ticket, ticket_id))?;
    let canonical = crate::faq::to_json(&answer.faqs);
    let earlier = asked.question.as_ref().and_then(|q| q.app_answer.as_deref());
    if earlier == Some(canonical.as_str()) {
        return Ok(Outcome::Repeated);
    }
    if let Some(why) = asked.state.bot_barred() {
        return Err(Refusal::invalid("ticket_id", why));
    }
    let asked_for = asked.question.as_ref().ok_or_else(|| no_question(&answer.event_id))?;
    if earlier.is_some() {
        return Err(Refusal::invalid("event_id", "this question has been answered already, with other FAQs or scores"));
    }
    let faqs = load(tx, desk, &answer.faqs)?;
    let late = asked_for.builtin_answered && wrote_again(tx, desk, &asked.chat_id, asked_for.position)?;
    tx.execute(
        "UPDATE question SET state = 1, due_at = NULL, app_id = $1, app_answer = $2, app_answered_at = $3, app_shown = $4
         WHERE tenant = $5 AND ticket_id = $6 AND event_id = $7",
        &params![&app.app_id, &canonical, cx.now, !late, &desk.tenant, ticket_id, &answer.event_id],
    )?;
    if late {
        return Ok(Outcome::Kept);
    }
    let place = Place { chat_id: &asked.chat_id, ticket_id, ticket_status: asked.state.status, with_human: false };
    let answered = Answered { by: AnsweredBy::App, event_id: &answer.event_id, question: &asked_for.text };
    let (_, mode) = show(tx, cx, desk, place, answered, faqs)?;
    question::shown(tx, desk, ticket_id, &answer.event_id, mode)?;
    Ok(Outcome::Shown(mode))
}

fn no_question(event_id: &str) -> Refusal {
    Refusal::invalid("event_id", format!("{event_id} names no message of the guest in this ticket"))
}

fn asked(tx: &mut Tx<'_>, desk: &Helpdesk, ticket_id: i64, event_id: &str) -> Result<Option<Asked>, DbError> {
    let found = tx.query_opt(
        "SELECT t.chat_id, t.stage, t.status, q.text, q.position, q.app_answer, q.builtin_answered_at, t.helpdesk_id
         FROM ticket t
         LEFT JOIN question q ON q.tenant = t.tenant AND q.ticket_id = t.ticket_id AND q.event_id = $1
         WHERE t.tenant = $2 AND t.ticket_id = $3",
        &params![event_id, &desk.tenant, ticket_id],
        |row| {
            // Compared here: with the help desk in the condition, PostgreSQL may prefer an index of all its tickets.
            if row.int(7)? != desk.id {
                return Ok(None);
            }
            let question = match row.opt_string(3)? {
                Some(text) => Some(Question {
                    text,
                    position: row.int(4)?,
                    app_answer: row.opt_string(5)?,
                    builtin_answered: row.opt_int(6)?.is_some(),
                }),
                None => None,
            };
            let state = State { stage: row.int(1)?, status: row.int(2)? };
            Ok(Some(Asked { chat_id: row.string(0)?, state, question }))
        },
    )?;
    Ok(found.flatten())
}

/// All FAQs of the answer, or a refusal that names the first that the help desk has not online.
fn load(tx: &mut Tx<'_>, desk: &Helpdesk, given: &[AnswerFaq]) -> Result<Best, Refusal> {
    let mut faqs: Vec<(FaqText, f64)> = Vec::with_capacity(given.len());
    for faq in given {
        let found = match ids::parse(&faq.id) {
            Some(id) => online(tx, desk, id)?,
            None => None,
        };
        faqs.push((found.ok_or_else(|| Refusal::not_found(Kind::Faq, &faq.id))?, faq.score));
    }
    Ok(faqs)
}

fn wrote_again(tx: &mut Tx<'_>, desk: &Helpdesk, chat_id: &str, position: i64) -> Result<bool, DbError> {
    let later = tx.query_opt(
        "SELECT position FROM message WHERE tenant = $1 AND chat_id = $2 AND position > $3 AND sender = 2 LIMIT 1",
        &params![&desk.tenant, chat_id, position],
        |row| row.int(0),
    )?;
    Ok(later.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = "118a6492-122d-04ad-4370-010a3bb384d3";

    fn given(id: &str, score: Score) -> Given {
        Given { id: Some(id.into()), score }
    }

    fn refused(event_id: &str, faqs: &[Given]) -> String {
        match Answer::new(event_id, faqs) {
            Err(Refusal::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn faqs_are_put_best_first_and_a_missing_score_counts_as_one() {
        let faqs = [given("1", Score::Number(0.2)), given("2", Score::Missing), given("3", Score::Number(0.9))];
        let answer = Answer::new(EVENT, &faqs).unwrap();
        let order: Vec<_> = answer.faqs.iter().map(|f| (f.id.as_str(), f.score)).collect();
        assert_eq!(order, [("2", 1.0), ("3", 0.9), ("1", 0.2)]);
    }

    #[test]
    fn a_call_of_wrong_form_is_refused_by_the_field_that_is_wrong() {
        for score in [-0.1, 1.01, f64::NAN, f64::INFINITY] {
            assert_eq!(refused(EVENT, &[given("1", Score::Number(score))]), "faqs[0].score");
        }
        assert_eq!(refused(EVENT, &[given("1", Score::NotANumber)]), "faqs[0].score");
        assert_eq!(refused(EVENT, &[given("1", Score::Missing), given("1", Score::Missing)]), "faqs[1].id");
        assert_eq!(refused(EVENT, &[Given { id: None, score: Score::Missing }]), "faqs[0].id");
        let many: Vec<_> = (0..=FAQS_MAX).map(|i| given(&i.to_string(), Score::Missing)).collect();
        assert_eq!(refused(EVENT, &many), "faqs");
        assert_eq!(refused("", &[]), "event_id");
        assert_eq!(refused("abcd", &[]), "event_id");
        assert!(Answer::new(EVENT, &many[..FAQS_MAX]).is_ok());
    }
}
