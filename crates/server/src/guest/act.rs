//! What a guest does beside writing: judges an answer, picks a question, asks for a human, ends and rates.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::ticket::Handover;
use desk::{answer, guest, ticket};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Nothing;

use super::shape::Posted;
use super::{Body, Guest, Segment};
use crate::api::error::ApiError;
use crate::app::App;

/// Whether an answer was the solution.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Feedback {
    /// Whether it was.
    solved: bool,
}

/// `POST /guest/v1/messages/:message_id/feedback`
pub async fn feedback(
    State(app): State<App>,
    who: Guest,
    Segment(message_id): Segment,
    Body(ask): Body<Feedback>,
) -> Result<Json<Nothing>, ApiError> {
    app.write(move |tx, cx| {
        let chat = guest::chat(tx, &who.desk, &who.session.chat_id)?;
        answer::feedback(tx, cx, &who.desk, &chat, &message_id, ask.solved)
    })
    .await?;
    Ok(Json(Nothing {}))
}

/// Which of the offered questions was meant.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Choose {
    /// One of the FAQs of the message.
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

/// Where the ticket stands after the guest has asked for a human.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HandoverOut {
    /// Decimal id.
    ticket_id: String,
    /// 2 an agent has it, 3 it waits in the queue.
    status: i64,
    /// From 1; only in the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_position: Option<i64>,
    /// Seconds; only if there is an estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_wait_s: Option<i64>,
    /// Whether an agent is on duty now.
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

/// How a ticket was closed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Closed {
    /// Decimal id.
    ticket_id: String,
    /// 52, closed by the user.
    status: i64,
}

/// `POST /guest/v1/close`
pub async fn close(State(app): State<App>, who: Guest) -> Result<Json<Closed>, ApiError> {
    let ticket_id = app
        .write(move |tx, cx| {
            let chat = guest::chat(tx, &who.desk, &who.session.chat_id)?;
            ticket::close_by_guest(tx, cx, &who.desk, &chat)
        })
        .await?;
    Ok(Json(Closed { ticket_id: ticket_id.to_string(), status: ticket::state::status::CLOSED_BY_GUEST }))
}

/// How satisfied the guest is.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Rating {
    /// 1 dissatisfied, 2 neutral, 3 satisfied.
    #[schemars(extend("enum" = [1, 2, 3]))]
    score: i64,
    /// Why, in the guest's words.
    reason: Option<String>,
}

/// The rating as it was stored.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Rated {
    /// Decimal id.
    ticket_id: String,
    /// 1 to 3.
    score: i64,
}

/// `POST /guest/v1/rating`
pub async fn rating(State(app): State<App>, who: Guest, Body(ask): Body<Rating>) -> Result<Json<Rated>, ApiError> {
    let ticket_id = app
        .write(move |tx, cx| {
            let chat = guest::chat(tx, &who.desk, &who.session.chat_id)?;
            ticket::rate(tx, cx, &who.desk, &chat, ask.score, ask.reason.as_deref())
        })
        .await?;
    Ok(Json(Rated { ticket_id: ticket_id.to_string(), score: ask.score }))
}
