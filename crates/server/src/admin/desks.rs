//! Help desks: which there are, and how they answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::admin::desks::{self, Change, Draft, Made};
use desk::answering::{Answering, By};
use desk::directory::Helpdesk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Nothing;

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
    /// What it is for, in one line; left out if nothing is said.
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    /// Its picture, at `/guest/v1/desks/{helpdesk_id}/avatar/{avatar_key}`; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar_key: Option<String>,
    /// `admin` (of the tenant), `owner` or `agent`: what they may see of it.
    #[schemars(extend("enum" = ["admin", "owner", "agent"]))]
    rights: &'static str,
    /// Tickets that are not closed.
    open_tickets: i64,
    /// FAQs that are online.
    faqs: i64,
    /// Since when it is closed, Unix milliseconds; left out while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<i64>,
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
            description: place.desk.description.clone(),
            avatar_key: place.desk.avatar_key.clone(),
            rights: rights_word(place.rights),
            open_tickets: counts.open_tickets,
            faqs: counts.faqs,
            closed_at: place.desk.closed_at,
        }
    };
    Ok(Json(DeskList { desks: who.places.iter().map(entry).collect() }))
}

/// A help desk that is to be made. All else is set on its own pages.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NewDesk {
    /// Its name; no other help desk of the tenant has it.
    #[schemars(length(min = 1, max = 200))]
    name: String,
    /// The IANA name of the time zone of agents' schedules, such as `Europe/Berlin`; `UTC` if left out.
    timezone: Option<String>,
    /// Open id of the user who is to own it, as its first agent; they need a password to sign in.
    owner: String,
}

/// A new help desk, with its secrets. They are told this once.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AdminNewDesk")]
pub struct MadeOut {
    /// Decimal id.
    id: String,
    /// Its name.
    name: String,
    /// The help desk token. Only its hash is kept.
    token: String,
    /// The widget secret, which signs identity tokens.
    widget_secret: String,
}

/// `POST /admin/v1/desks`
pub async fn create(
    State(app): State<App>,
    who: Visitor,
    Body(ask): Body<NewDesk>,
) -> Result<(StatusCode, Json<MadeOut>), ApiError> {
    who.administers()?;
    let (vault, tenant) = (app.vault().clone(), who.session.staff.tenant);
    let draft = Draft { name: ask.name, timezone: ask.timezone, owner: ask.owner };
    let Made { id, name, token, widget_secret } =
        app.write(move |tx, cx| desks::make(tx, cx, &vault, &tenant, &draft)).await?;
    Ok((StatusCode::CREATED, Json(MadeOut { id: id.to_string(), name, token, widget_secret })))
}

/// Which help desk is to be closed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "AdminCloseDesk")]
#[serde(default)]
pub struct CloseDesk {
    /// Its name, so that no other is closed by mistake.
    name: String,
}

/// A help desk that is closed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminClosedDesk")]
pub struct ClosedOut {
    /// Since when, Unix milliseconds.
    closed_at: i64,
}

/// `POST /admin/v1/desks/:helpdesk_id/close`
pub async fn close(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<CloseDesk>,
) -> Result<Json<ClosedOut>, ApiError> {
    who.administers()?;
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let closed_at = app.write(move |tx, cx| desks::close(tx, cx, &desk, &ask.name)).await?;
    Ok(Json(ClosedOut { closed_at }))
}

/// `POST /admin/v1/desks/:helpdesk_id/open`
pub async fn reopen(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<Nothing>, ApiError> {
    who.administers()?;
    let desk = of_path(&app, &who, &helpdesk_id)?;
    app.write(move |tx, cx| desks::reopen(tx, cx, &desk)).await?;
    Ok(Json(Nothing {}))
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
