//! Where a guest's ticket stands, and whether somebody is there.

use axum::Json;
use axum::extract::State;
use desk::agent::Hours;
use desk::ticket::{self, Standing};
use desk::{agent, guest};
use schemars::JsonSchema;
use serde::Serialize;

use super::Guest;
use crate::api::error::ApiError;
use crate::app::App;

/// Where the open ticket stands.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OpenTicket")]
pub struct TicketOut {
    /// Decimal id.
    ticket_id: String,
    /// 1 bot, 2 human.
    stage: i64,
    /// 1 to 5.
    status: i64,
    /// From 1; only in the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_position: Option<i64>,
    /// Seconds; only in the queue, and if there is an estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_wait_s: Option<i64>,
}

impl From<Standing> for TicketOut {
    fn from(s: Standing) -> Self {
        Self {
            ticket_id: s.ticket_id.to_string(),
            stage: s.stage,
            status: s.status,
            queue_position: s.queue_position,
            estimated_wait_s: s.estimated_wait_s,
        }
    }
}

/// When agents are there, by their schedules.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[schemars(rename = "DeskHours")]
pub struct HoursOut {
    /// Whether an agent is on duty now.
    on_duty: bool,
    /// When that changes, Unix ms; left out if it does not, or cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
}

impl From<Hours> for HoursOut {
    fn from(hours: Hours) -> Self {
        Self { on_duty: hours.on_duty, until: hours.until }
    }
}

/// How things stand for the guest.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Standing")]
pub struct StandingOut {
    /// The open ticket, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<TicketOut>,
    /// When agents are there.
    hours: HoursOut,
}

/// `GET /guest/v1/ticket`
pub async fn standing(State(app): State<App>, who: Guest) -> Result<Json<StandingOut>, ApiError> {
    let (standing, hours) = app
        .read(move |tx, cx| {
            let chat = guest::chat(tx, &who.desk, &who.session.chat_id)?;
            Ok((ticket::standing(tx, &who.desk, &chat)?, agent::hours(tx, &who.desk, cx.now)?))
        })
        .await?;
    Ok(Json(StandingOut { ticket: standing.map(Into::into), hours: hours.into() }))
}
