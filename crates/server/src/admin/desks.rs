//! Help desks: which there are, and how they answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use desk::admin::desks::{self, Change};
use desk::answering::{Answering, By};
use desk::directory::Helpdesk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Visitor;
use super::session::rights_word;
use crate::api::error::ApiError;
use crate::app::App;
use crate::guest::{Body, Segment};

/// Help desks, by id.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminDeskList")]
pub struct DeskList {
    /// Those that somebody has to do with.
    desks: Vec<DeskEntry>,
}

/// A help desk at a glance.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminDeskEntry")]
struct DeskEntry {
    /// Decimal id.
    id: String,
    /// Its name.
    name: String,
    /// `admin` (of the tenant), `owner` or `agent`: what they may see of it.
    #[schemars(extend("enum" = ["admin", "owner", "agent"]))]
    rights: &'static str,
    /// Tickets that are not closed.
    open_tickets: i64,
    /// FAQs that are online.
    faqs: i64,
}

/// `GET /admin/v1/desks`
pub async fn list(State(app): State<App>, who: Visitor) -> Result<Json<DeskList>, ApiError> {
    let tenant = who.session.staff.tenant.clone();
    let counts = app.read(move |tx, _| Ok(desks::counts(tx, &tenant)?)).await?;
    let entry = |place: &desk::admin::Place| {
        let counts = counts.get(&place.desk.id).copied().unwrap_or_default();
        DeskEntry {
            id: place.desk.id.to_string(),
            name: place.desk.name.clone(),
            rights: rights_word(place.rights),
            open_tickets: counts.open_tickets,
            faqs: counts.faqs,
        }
    };
    Ok(Json(DeskList { desks: who.places.iter().map(entry).collect() }))
}

/// The help desk of a path that somebody runs.
pub(super) fn of_path(app: &App, who: &Visitor, helpdesk_id: &str) -> Result<Arc<Helpdesk>, ApiError> {
    let id = crate::api::known(desk::Kind::Helpdesk, helpdesk_id)?;
    Ok(who.session.staff.runs(&app.directory(), id)?)
}

/// `GET /admin/v1/desks/:helpdesk_id/answering`
pub async fn answering(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<Answering>, ApiError> {
    Ok(Json(of_path(&app, &who, &helpdesk_id)?.answering.clone()))
}

/// What is to change of a help desk's answering; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ChangeAnswering {
    /// Who answers: `builtin`, `app` or `app_then_builtin`.
    by: Option<By>,
    /// How long an app has before the built-in engine answers, in milliseconds.
    #[schemars(range(min = 100, max = 600_000))]
    app_timeout_ms: Option<i64>,
    /// From this score on, the best FAQ's answer is shown.
    #[schemars(range(min = 0.0, max = 1.0))]
    direct_score: Option<f64>,
    /// From this score on, a list of questions is shown; at most `direct_score`.
    #[schemars(range(min = 0.0, max = 1.0))]
    list_score: Option<f64>,
    /// How many questions a list may hold.
    #[schemars(range(min = 1, max = 10))]
    list_size: Option<usize>,
    /// After how many minutes without a word of the guest a ticket that is still with the bot is closed; 0 for never.
    #[schemars(range(min = 0, max = 43_200))]
    idle_close_min: Option<i64>,
}

/// `PATCH /admin/v1/desks/:helpdesk_id/answering`
pub async fn change_answering(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<ChangeAnswering>,
) -> Result<Json<Answering>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let change = Change {
        by: ask.by,
        app_timeout_ms: ask.app_timeout_ms,
        direct_score: ask.direct_score,
        list_score: ask.list_score,
        list_size: ask.list_size,
        idle_close_min: ask.idle_close_min,
    };
    Ok(Json(app.write(move |tx, cx| desks::change_answering(tx, cx, &desk, &change)).await?))
}
