//! The live feed: the same messages as server-sent events, resumable by `Last-Event-ID`.

use std::convert::Infallible;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use futures_util::Stream;
use serde_json::json;

use super::Guest;
use super::message::{FLOOR, feed};
use super::shape::MessageOut;
use crate::api::error::ApiError;
use crate::app::App;
use crate::hub::ChatWatch;
use crate::sse::{self, Ended, Source};

const PAGE: i64 = 100;

struct Messages {
    app: App,
    who: Guest,
    watch: ChatWatch,
    /// Of the last one that was told.
    position: i64,
    /// What was last told of an agent who types.
    typing: u64,
}

/// `GET /guest/v1/stream`: each message as an event with its position as id, and without one `agent_typing`. A client that
/// reads too slowly gets its messages later, from the database; nothing is queued for it in memory but one page.
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
    Ok(sse::feed(app.clone(), Messages { app, who, watch, position, typing: 0 }))
}

impl Source for Messages {
    async fn look(&mut self) -> Result<Vec<Event>, Ended> {
        let messages = feed(&self.app, &self.who, self.position, PAGE).await.map_err(|error| {
            tracing::warn!(%error, "a guest's stream ended; the client resumes");
            Ended
        })?;
        self.position = messages.last().map_or(self.position, |last| last.position);
        let mut events: Vec<Event> = messages.iter().map(event).collect();
        if let Some((since, name)) = self.app.presence().typing(&self.who.session.chat_id)
            && since > self.typing
        {
            self.typing = since;
            events.push(Event::default().event("agent_typing").data(json!({"name": name}).to_string()));
        }
        Ok(events)
    }

    async fn news(&mut self) {
        let timers = self.app.clock().network();
        tokio::select! {
            () = self.watch.changed() => {}
            () = timers.sleep(FLOOR) => {}
        }
    }
}

fn event(message: &MessageOut) -> Event {
    let data = serde_json::to_string(message).expect("messages have string keys and finite numbers only");
    Event::default().id(message.position.to_string()).event("message").data(data)
}
