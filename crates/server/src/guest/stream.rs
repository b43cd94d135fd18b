//! The live feed: the same messages as server-sent events, resumable by `Last-Event-ID`.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use futures_util::{Stream, stream};

use super::Guest;
use super::message::{FLOOR, feed};
use super::shape::MessageOut;
use crate::api::error::ApiError;
use crate::app::App;
use crate::clock::Moment;
use crate::hub::ChatWatch;
use crate::workers::Stop;

const PAGE: i64 = 100;
/// A comment is sent after this time without an event, so that nobody in between takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

struct Follower {
    app: App,
    who: Guest,
    watch: ChatWatch,
    stop: Stop,
    position: i64,
    ready: VecDeque<MessageOut>,
    /// When the last event was sent, or the stream began.
    sent: Moment,
}

/// `GET /guest/v1/stream`: each message as an event with its position as id. A client that reads too slowly gets its
/// messages later, from the database; nothing is queued for it in memory but one page.
pub async fn stream(
    State(app): State<App>,
    who: Guest,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let position =
        match headers.get("last-event-id") {
            None => 0,
            Some(id) => id.to_str().ok().and_then(|id| id.trim().parse().ok()).ok_or_else(|| {
                ApiError::invalid("Last-Event-ID", "must be the id of the last event received, a number")
            })?,
        };
    let watch = app.hub().watch_chat(&who.session.chat_id);
    let (stop, sent) = (app.workers().stop(), app.clock().network().now());
    let follower = Follower { app, who, watch, stop, position, ready: VecDeque::new(), sent };
    Ok(Sse::new(stream::unfold(follower, next)))
}

/// The next event; `None` ends the stream, and the client resumes elsewhere.
async fn next(mut follower: Follower) -> Option<(Result<Event, Infallible>, Follower)> {
    loop {
        if let Some(message) = follower.ready.pop_front() {
            follower.position = message.position;
            let data = serde_json::to_string(&message).expect("messages have string keys and finite numbers only");
            let event = Event::default().id(message.position.to_string()).event("message").data(data);
            return Some((Ok(event), sent_now(follower)));
        }
        if follower.stop.is_requested() {
            return None;
        }
        match feed(&follower.app, &follower.who, follower.position, PAGE).await {
            Ok(messages) if !messages.is_empty() => follower.ready = messages.into(),
            Ok(_) => {
                let timers = follower.app.clock().network();
                let quiet_until = follower.sent + KEEP_ALIVE;
                if timers.now() >= quiet_until {
                    return Some((Ok(Event::DEFAULT_KEEP_ALIVE), sent_now(follower)));
                }
                tokio::select! {
                    () = follower.watch.changed() => {}
                    () = timers.sleep(FLOOR) => {}
                    () = timers.sleep_until(quiet_until) => {}
                    () = follower.stop.requested() => return None,
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a guest's stream ended; the client resumes");
                return None;
            }
        }
    }
}

fn sent_now(mut follower: Follower) -> Follower {
    follower.sent = follower.app.clock().network().now();
    follower
}
