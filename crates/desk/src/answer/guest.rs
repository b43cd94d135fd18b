//! What the guest does with an answer: picks one of the offered questions, says whether it helped.

use db::{Tx, params};
use serde_json::json;

use super::{Answered, Best, online, show};
use crate::directory::Helpdesk;
use crate::guest::Chat;
use crate::message::{self, Message};
use crate::{Cx, Effect, Kind, Refusal, ids, question, ticket, timeline};

/// The guest picks one of the questions that a message offered; its answer is shown.
pub fn choose(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    chat: &Chat,
    message_id: &str,
    faq_id: &str,
) -> Result<Message, Refusal> {
    let offer = message::by_id(tx, desk, &chat.chat_id, message_id)?;
    let shown =
        offer.answer.as_ref().ok_or_else(|| Refusal::invalid("message_id", "this message offers no questions"))?;
    if !shown.faqs.iter().any(|f| f.id == faq_id) {
        return Err(Refusal::invalid("faq_id", format!("{faq_id} is not among the questions of this message")));
    }
    let ticket = ticket::get(tx, desk, offer.ticket_id)?;
    if let Some(why) = ticket.state.bot_barred() {
        return Err(Refusal::invalid("message_id", why));
    }
    let faq = match ids::parse(faq_id) {
        Some(id) => online(tx, desk, id)?,
        None => None,
    };
    let faq = faq.ok_or_else(|| Refusal::not_found(Kind::Faq, faq_id))?;
    timeline::note(
        tx,
        cx,
        &desk.tenant,
        ticket.id,
        "chosen",
        &json!({"message_id": message_id, "faq_id": faq_id, "event_id": shown.event_id}),
    )?;
    // The guest's own pick is as sure as a match can be.
    question::chosen(tx, cx, desk, ticket.id, &shown.event_id, faq.faq_id)?;
    let words = faq.question.clone();
    let best: Best = vec![(faq, 1.0)];
    let answered = Answered { by: shown.answered_by, event_id: &shown.event_id, question: &words };
    let (message, _) = show(tx, cx, desk, (&ticket).into(), answered, best)?;
    Ok(message)
}

/// The guest says whether a message solved their question; the last word counts.
pub fn feedback(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    chat: &Chat,
    message_id: &str,
    solved: bool,
) -> Result<(), Refusal> {
    let message = message::by_id(tx, desk, &chat.chat_id, message_id)?;
    let Some(shown) = &message.answer else {
        return Err(Refusal::invalid("message_id", "only answers can be judged"));
    };
    tx.execute(
        "UPDATE message SET feedback = $1 WHERE tenant = $2 AND chat_id = $3 AND position = $4",
        &params![solved, &desk.tenant, &chat.chat_id, message.position],
    )?;
    question::judged(tx, cx, desk, message.ticket_id, &shown.event_id, solved)?;
    tx.execute(
        "UPDATE ticket SET solve = $1 WHERE tenant = $2 AND ticket_id = $3",
        &params![if solved { 2 } else { 1 }, &desk.tenant, message.ticket_id],
    )?;
    let detail = json!({"message_id": message_id, "solved": solved});
    timeline::note(tx, cx, &desk.tenant, message.ticket_id, "feedback", &detail)?;
    cx.effects.push(Effect::Chat { chat_id: chat.chat_id.clone() });
    Ok(())
}
