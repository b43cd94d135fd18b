//! A ticket's events on their way to apps.

use axum::Json;
use axum::extract::State;
use desk::console::deliveries::{self, Sent};
use desk::console::find;
use desk::delivery::state_word;
use desk::directory::Directory;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asking, ticket_id};
use crate::admin::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::{before, sized};
use crate::app::App;
use crate::guest::Segment;

const PAGE_SIZE: i64 = 50;
const PAGE_SIZE_MAX: i64 = 200;

/// Which part of the list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsoleAskDeliveries")]
pub struct AskDeliveries {
    /// How many at most; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
}

/// A ticket's events, newest first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleDeliveries")]
pub struct DeliveryList {
    /// One page.
    deliveries: Vec<SentOut>,
    /// Whether there is more.
    has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// An event for one app.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleDelivery")]
struct SentOut {
    /// Decimal id; grows with time.
    delivery_id: String,
    /// The addressee: `cli_…`
    app_id: String,
    /// How people know it; left out for an app without a name or that is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_name: Option<String>,
    /// Such as `helpdesk.ticket.created_v1`.
    event_type: String,
    /// `pending` waits for its next attempt, `delivered` was acknowledged, `dead` was given up.
    #[schemars(extend("enum" = ["pending", "delivered", "dead"]))]
    state: &'static str,
    /// Attempts made.
    attempts: i64,
    /// When the event happened, Unix ms.
    created_at: i64,
    /// While it is pending: when the next attempt is due, or the one under way may be repeated, Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<i64>,
    /// When it was acknowledged or given up, Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<i64>,
    /// The last answer's HTTP status, or its code by long connection, if there was an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<i64>,
    /// How the last attempt ended, for people; only for the help desk's owner and admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
}

impl SentOut {
    fn of(sent: Sent, directory: &Directory) -> Self {
        let app_name = directory.apps.get(&sent.app_id).and_then(|app| app.name.clone());
        Self {
            delivery_id: sent.delivery_id.to_string(),
            app_id: sent.app_id,
            app_name,
            event_type: sent.event_type,
            state: state_word(sent.state),
            attempts: sent.attempts,
            created_at: sent.created_at,
            next_at: sent.next_at,
            finished_at: sent.finished_at,
            http_status: sent.http_status,
            outcome: sent.outcome,
        }
    }
}

/// `GET /console/v1/tickets/:ticket_id/deliveries`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Segment(id): Segment,
    Asked(ask): Asked<AskDeliveries>,
) -> Result<Json<DeliveryList>, ApiError> {
    let id = ticket_id(&id)?;
    let size = sized("page_size", ask.page_size, PAGE_SIZE, PAGE_SIZE_MAX)?;
    let before = before(ask.page_token.as_deref())?;
    let at = Asking::of(&app, who);
    let list = app
        .read(move |tx, _| {
            let (seat, _) = find(tx, &at.staff, &at.directory, id)?;
            let by = (&at.staff, &*at.directory);
            let (found, next) = deliveries::page(tx, by, (&seat, id), before, size)?;
            Ok(DeliveryList {
                deliveries: found.into_iter().map(|sent| SentOut::of(sent, &at.directory)).collect(),
                has_more: next.is_some(),
                page_token: next.map(|next| next.to_string()),
            })
        })
        .await?;
    Ok(Json(list))
}
