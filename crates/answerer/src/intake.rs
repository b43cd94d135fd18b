//! From an event's JSON to a question in the ledger. Both ways of delivery end here.

use std::sync::Arc;

use db::DbError;
use serde_json::Value;
use tokio::sync::Notify;

use crate::Clock;
use crate::ledger::{Ledger, Question};

const MESSAGE_CREATED: &str = "helpdesk.ticket_message.created_v1";
/// `sender_type` of guests. The bot's own answers are events too (reference: helpdesk-v1 3).
const GUEST: i64 = 2;
/// From here on a time is in microseconds, as in an older sample of the platform's.
const MICROSECONDS: i64 = 100_000_000_000_000;

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("no event of schema 2.0: {0}")]
    Malformed(String),
    #[error(transparent)]
    Ledger(#[from] DbError),
}

#[derive(Clone)]
pub(crate) struct Intake {
    pub(crate) ledger: Ledger,
    pub(crate) came: Arc<Notify>,
    pub(crate) app_id: String,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Intake {
    /// Takes an event in. When this answers `Ok`, it may be acknowledged.
    pub(crate) async fn take(&self, json: &[u8]) -> Result<(), Fault> {
        let event: Value = serde_json::from_slice(json).map_err(|error| Fault::Malformed(error.to_string()))?;
        let Some(question) = question(&event, &self.app_id, || self.clock.unix_ms())? else { return Ok(()) };
        if self.ledger.take(question).await? {
            self.came.notify_one();
        }
        Ok(())
    }
}

/// The question in an event; `None` for everything that is not for this app to answer.
fn question(envelope: &Value, app_id: &str, now: impl FnOnce() -> i64) -> Result<Option<Question>, Fault> {
    let (header, event) = (&envelope["header"], &envelope["event"]);
    let text = |value: &Value, name: &str| match value.as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(Fault::Malformed(format!("{name} is missing"))),
    };
    if text(&header["event_type"], "header.event_type")? != MESSAGE_CREATED {
        return Ok(None);
    }
    if header["app_id"].as_str().is_some_and(|id| !id.is_empty() && id != app_id) {
        return Ok(None);
    }
    let event_id = text(&header["event_id"], "header.event_id")?;
    let ticket = &event["ticket"];
    // The stage is often left out of the event. A ticket of the human stage refuses the answer.
    let with_human = ticket["ticket_type"].as_i64() == Some(2);
    let closed = ticket["status"].as_i64().is_some_and(|status| !(1..=5).contains(&status));
    if event["sender_type"].as_i64() != Some(GUEST) || event["msg_type"] != "text" || with_human || closed {
        return Ok(None);
    }
    let Some(asked) = event["text"].as_str().or(event["content"]["content"].as_str()).map(str::trim) else {
        return Ok(None);
    };
    if asked.is_empty() {
        return Ok(None);
    }
    let message_id =
        event["message_id"].as_str().or(event["ticket_message_id"].as_str()).unwrap_or_default().to_owned();
    let created = &header["create_time"];
    let created = created.as_i64().or_else(|| created.as_str()?.parse().ok()).unwrap_or_else(now);
    Ok(Some(Question {
        ticket_id: text(&ticket["ticket_id"], "event.ticket.ticket_id")?,
        answer_id: event["event_id"].as_str().filter(|id| !id.is_empty()).unwrap_or(&event_id).to_owned(),
        event_id,
        message_id,
        // NUL cannot be stored, and no engine needs it.
        text: asked.replace('\0', " "),
        asked_at: if created >= MICROSECONDS { created / 1_000 } else { created },
        tries: 0,
        answer: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event() -> Value {
        json!({"schema": "2.0",
            "header": {"event_id": "h", "event_type": MESSAGE_CREATED, "create_time": "1763800000000000", "app_id": "cli_1"},
            "event": {"event_id": "b", "sender_type": 2, "msg_type": "text", "text": " 忘记密码 ",
                      "position": 222, "ticket": {"ticket_id": "7", "status": 1}}})
    }

    #[test]
    fn a_guests_text_is_a_question() {
        let question = question(&event(), "cli_1", || 1).unwrap().unwrap();
        assert_eq!((question.event_id.as_str(), question.answer_id.as_str()), ("h", "b"));
        assert_eq!((question.text.as_str(), question.asked_at), ("忘记密码", 1_763_800_000_000));
    }

    #[test]
    fn everything_else_is_none() {
        for (path, value) in [
            ("/header/event_type", json!("helpdesk.ticket.created_v1")),
            ("/header/app_id", json!("cli_2")),
            ("/event/sender_type", json!(1)),
            ("/event/sender_type", json!(3)),
            ("/event/msg_type", json!("image")),
            ("/event/text", json!("  ")),
            ("/event/ticket/status", json!(50)),
            ("/event/ticket", json!({"ticket_id": "7", "status": 1, "ticket_type": 2})),
        ] {
            let mut event = event();
            *event.pointer_mut(path).unwrap() = value;
            assert_eq!(question(&event, "cli_1", || 1).unwrap(), None, "{path}");
        }
        assert!(question(&json!({"header": {}}), "cli_1", || 1).is_err());
    }
}
