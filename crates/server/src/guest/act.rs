//! What a guest does beside writing: judges an answer, picks a question, asks for a human, ends and rates.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::ticket::Handover;
use desk::{answer, guest, ticket};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shape::Posted;
use super::{Body, Guest, Segment};
use crate::api::error::ApiError;
use crate::app::App;

#[derive(Debug, Deserialize)]
pub struct Feedback {
    solved: bool,
}

/// `POST /guest/v1/messages/:message_id/feedback`
pub async fn feedback(
    State(app): State<App>,
    who: Guest,
    Segment(message_id): Segment,
    Body(ask): Body<Feedback>,
) -> Result<Json<Value>, ApiError> {
    app.write(move |tx, cx| {
        let chat = guest::chat(tx, &who.desk, &who.session.chat_id)?;
        answer::feedback(tx, cx, &who.desk, &chat, &message_id, ask.solved)
    })
    .await?;
    Ok(Json(json!({})))
}

#[derive(Debug, Deserialize)]
pub struct Choose {
    faq_id: String,
}

/// `POST /guest/v1/messages/:message_id/choose`
pub async fn choose(
    State(app): State<App>,
    who: Guest,
    Segment(message_id): Segment,
    Body(ask): Body<Choose>,
) -> Result<(StatusCode, Json<Posted>), ApiError> {
    let message = app
        .write(move |tx, cx| {
            let chat = guest::chat(tx, &who.desk, &who.session.chat_id)?;
            answer::choose(tx, cx, &who.desk, &chat, &message_id, &ask.faq_id)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(message.into())))
}

#[derive(Debug, Serialize)]
pub struct HandoverOut {
    ticket_id: String,
    status: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_position: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_wait_s: Option<i64>,
    on_duty: bool,
}

impl From<Handover> for HandoverOut {
    fn from(h: Handover) -> Self {
        Self {
            ticket_id: h.ticket_id.to_string(),
            status: h.status,
            queue_position: h.queue_position,
            estimated_wait_s: h.estimated_wait_s,
            on_duty: h.on_duty,
        }
    }
}

/// `POST /guest/v1/human`
pub async fn human(State(app): State<App>, who: Guest) -> Result<Json<HandoverOut>, ApiError> {
    let handover = app
        .write(move |tx, cx| {
            let chat = guest::chat(tx, &who.desk, &who.session.chat_id)?;
            ticket::ask_for_human(tx, cx, &who.desk, &chat)
        })
        .await?;
    Ok(Json(handover.into()))
}

/// `POST /guest/v1/close`
pub async fn close(State(app): State<App>, who: Guest) -> Result<Json<Value>, ApiError> {
    let ticket_id = app
        .write(move |tx, cx| {
            let chat = guest::chat(tx, &who.desk, &who.session.chat_id)?;
            ticket::close_by_guest(tx, cx, &who.desk, &chat)
        })
        .await?;
    Ok(Json(json!({"ticket_id": ticket_id.to_string(), "status": ticket::state::status::CLOSED_BY_GUEST})))
}

#[derive(Debug, Deserialize)]
pub struct Rating {
    score: i64,
    reason: Option<String>,
}

/// `POST /guest/v1/rating`
pub async fn rating(State(app): State<App>, who: Guest, Body(ask): Body<Rating>) -> Result<Json<Value>, ApiError> {
    let ticket_id = app
        .write(move |tx, cx| {
            let chat = guest::chat(tx, &who.desk, &who.session.chat_id)?;
            ticket::rate(tx, cx, &who.desk, &chat, ask.score, ask.reason.as_deref())
        })
        .await?;
    Ok(Json(json!({"ticket_id": ticket_id.to_string(), "score": ask.score})))
}
