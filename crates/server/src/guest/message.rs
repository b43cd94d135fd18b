//! Writing and reading messages.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use desk::message::{self, Draft};
use desk::{Refusal, guest, notification};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::{MessageOut, Posted};
use super::{Body, Guest};
use crate::api::error::ApiError;
use crate::app::App;

const LIMIT_MAX: i64 = 200;
const WAIT_MS_MAX: u64 = 30_000;
/// How often a waiting request looks by itself, for messages that other servers store.
pub(super) const FLOOR: Duration = Duration::from_secs(5);

/// What a guest writes: a text or a picture.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PostMessage {
    /// A text; at most 5000 characters.
    #[schemars(length(max = 5000))]
    text: Option<String>,
    /// The key of an uploaded picture.
    image_key: Option<String>,
    /// The client's own id: sent twice with the same one, it is one message.
    client_id: Option<String>,
}

/// `POST /guest/v1/messages`
pub async fn post(
    State(app): State<App>,
    who: Guest,
    Body(ask): Body<PostMessage>,
) -> Result<(StatusCode, Json<Posted>), ApiError> {
    let draft = Draft { text: ask.text, image_key: ask.image_key, client_id: ask.client_id };
    let posted = app
        .write(move |tx, cx| {
            let chat = guest::chat(tx, &who.desk, &who.session.chat_id)?;
            message::post(tx, cx, &who.desk, &chat, &draft)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(posted.message.into())))
}

/// Which messages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListMessages {
    /// Those after this position.
    after: i64,
    /// How many at most.
    #[schemars(range(min = 1, max = 200))]
    limit: i64,
    /// How many milliseconds to wait for one to come; more than 30000 are 30000.
    wait_ms: u64,
}

impl Default for ListMessages {
    fn default() -> Self {
        Self { after: 0, limit: 50, wait_ms: 0 }
    }
}

/// Messages, oldest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MessageList {
    /// One page.
    messages: Vec<MessageOut>,
    /// Whether there are more.
    has_more: bool,
}

/// `GET /guest/v1/messages`: what came after a position; waits up to `wait_ms` for something to come.
pub async fn list(
    State(app): State<App>,
    who: Guest,
    query: Result<Query<ListMessages>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<MessageList>, ApiError> {
    let Query(ask) = query.map_err(|e| ApiError::invalid("query", e.body_text()))?;
    if !(1..=LIMIT_MAX).contains(&ask.limit) {
        return Err(ApiError::invalid("limit", format!("1 to {LIMIT_MAX} is allowed")));
    }
    let mut watch = app.hub().watch_chat(&who.session.chat_id);
    let mut stop = app.workers().stop();
    let timers = app.clock().network();
    let until = timers.now() + Duration::from_millis(ask.wait_ms.min(WAIT_MS_MAX));
    loop {
        let mut messages = feed(&app, &who, ask.after, ask.limit + 1).await?;
        let has_more = messages.len() > usize::try_from(ask.limit).unwrap_or(usize::MAX);
        if has_more {
            messages.pop();
        }
        if !messages.is_empty() || ask.wait_ms == 0 || timers.now() >= until || stop.is_requested() {
            return Ok(Json(MessageList { messages, has_more }));
        }
        tokio::select! {
            () = watch.changed() => {}
            () = timers.sleep(FLOOR) => {}
            () = timers.sleep_until(until) => {}
            () = stop.requested() => {}
        }
    }
}

/// The chat's messages after a position.
pub(super) async fn feed(app: &App, who: &Guest, after: i64, limit: i64) -> Result<Vec<MessageOut>, Refusal> {
    let (desk, chat_id) = (Arc::clone(&who.desk), who.session.chat_id.clone());
    let (messages, unread) = app
        .read(move |tx, _| {
            let messages = message::feed(tx, &desk, &chat_id, after, limit)?;
            let pushed = messages.iter().filter(|m| m.is_pushed()).map(|m| m.position).max();
            let unread = match pushed {
                Some(position) if notification::is_unread(tx, &desk.tenant, &chat_id, position)? => Some(position),
                _ => None,
            };
            Ok((messages, unread))
        })
        .await?;
    if let Some(position) = unread {
        count_as_read(app, who, position).await;
    }
    Ok(messages.into_iter().map(Into::into).collect())
}

/// Counts pushed messages as read that are fetched for the first time; a later time writes nothing. The guest gets their
/// messages whether or not they are counted.
async fn count_as_read(app: &App, who: &Guest, position: i64) {
    let (tenant, chat_id) = (who.desk.tenant.clone(), who.session.chat_id.clone());
    let counted = app.write(move |tx, cx| Ok(notification::mark_read(tx, cx, &tenant, &chat_id, position)?)).await;
    if let Err(error) = counted {
        tracing::warn!(%error, "pushed messages were not counted as read; they are when they are fetched again");
    }
}
