//! One attempt at a delivery by long connection.

use std::sync::Arc;
use std::time::Duration;

use desk::directory;
use desk::ids::header_event_id;
use desk::outbox::Claim;

use super::live::{Connection, Expected};
use super::parts::{MessageId, Push};
use crate::app::App;
use crate::clock::Timers;
use crate::push::attempt::{ANSWER_WITHIN, Outcome};
use crate::push::render;

/// The only code that acknowledges an event.
pub(crate) const ACKNOWLEDGED: i64 = 200;

/// Sends one event on one live connection and waits up to 3 s for its answer, from whichever connection it comes;
/// `None` if there is no connection.
pub(crate) async fn deliver(app: &App, to: &directory::App, claim: &Claim) -> Option<Outcome> {
    let event = match render::event(to, claim) {
        Ok(event) => event,
        Err(error) => return Some(Outcome::failed(format!("the stored event cannot be read: {error}"))),
    };
    let mut push = Push {
        message_id: MessageId::new(claim, app.ids().bytes()),
        trace_id: header_event_id(&claim.event_id),
        event: event.into(),
    };
    let (timers, live) = (app.clock().network(), &app.long_connections().live);
    let began = timers.now();
    loop {
        let connection = live.pick(&claim.app_id, u64::from_be_bytes(app.ids().bytes()))?;
        let expected = live.expect(&connection, push.message_id);
        let outcome = match answer(timers, &connection, expected, push).await {
            Ok(answered) => outcome(&connection, answered, timers.since(began)),
            // It went between being picked and being used; it leaves the list now.
            Err(unsent) => {
                push = unsent;
                tokio::task::yield_now().await;
                continue;
            }
        };
        if !outcome.acknowledged {
            connection.failed(app.now_ms(), &outcome.text);
        }
        return Some(outcome);
    }
}

/// How an event that was handed to a connection ended.
#[derive(Debug, Clone, Copy)]
enum Answered {
    Code(i64),
    Unreadable,
    Lost,
    Late,
}

async fn answer(
    timers: &Timers,
    connection: &Arc<Connection>,
    mut expected: Expected<'_>,
    push: Push,
) -> Result<Answered, Push> {
    let deadline = timers.now() + ANSWER_WITHIN;
    match timers.timeout_at(deadline, connection.send(push)).await {
        Ok(Ok(())) => {}
        Ok(Err(unsent)) => return Err(unsent),
        Err(_) => return Ok(Answered::Late),
    }
    Ok(match timers.timeout_at(deadline, &mut expected.answer).await {
        Ok(Ok(Some(code))) => Answered::Code(code),
        Ok(Ok(None)) => Answered::Unreadable,
        Ok(Err(_)) => Answered::Lost,
        Err(_) => Answered::Late,
    })
}

fn outcome(connection: &Connection, answered: Answered, took: Duration) -> Outcome {
    let (peer, took) = (&connection.peer, took.as_millis());
    match answered {
        Answered::Code(ACKNOWLEDGED) => Outcome {
            acknowledged: true,
            http_status: Some(ACKNOWLEDGED),
            text: format!("{ACKNOWLEDGED} in {took} ms from {peer}"),
        },
        Answered::Code(code) => Outcome {
            acknowledged: false,
            http_status: Some(code),
            text: format!("{code} in {took} ms from {peer}; only 200 counts"),
        },
        Answered::Unreadable => Outcome::failed(format!("an answer without a code in {took} ms from {peer}")),
        Answered::Lost => Outcome::failed(format!("the connection to {peer} was lost before the answer")),
        Answered::Late => Outcome::failed(format!("no answer within {} s from {peer}", ANSWER_WITHIN.as_secs())),
    }
}
