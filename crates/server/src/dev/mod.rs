//! Developer controls under `/dev/v1`: they exist only in `deskwire dev`.

mod agent;
mod controls;
pub mod deliveries;
pub mod faults;
pub mod layer;
mod requests;
pub mod snapshot;
mod stream;

pub use controls::Controls;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use desk::directory::Helpdesk;
use desk::notification::{self, Decision};
use desk::{faq, ids, person, timeline};
use serde::Deserialize;
use serde_json::{Value, json};
use wire::Code;

use crate::api::error::ApiError;
use crate::app::App;
use crate::auth::granted;
use crate::guest::Body;
use crate::push::shape::ConnectionOut;

/// The farthest the clock moves in one call, in ms: ten years.
const ADVANCE_MS_MAX: i64 = 10 * 365 * 86_400_000;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/dev/v1/user_tokens", post(user_token))
        .route("/dev/v1/clock", get(read_clock).post(advance_clock))
        .route("/dev/v1/connections", get(connections))
        .route("/dev/v1/credentials", get(credentials))
        .route("/dev/v1/stream", get(stream::stream))
        .route("/dev/v1/faults", get(faults::list).post(faults::create).delete(faults::clear))
        .route("/dev/v1/faults/{id}", delete(faults::delete))
        .route("/dev/v1/reset", post(snapshot::reset))
        .route("/dev/v1/snapshot", get(snapshot::take).put(snapshot::put))
        .route("/dev/v1/requests", get(requests::list))
        .route("/dev/v1/requests/{log_id}", get(requests::show))
        .route("/dev/v1/deliveries", get(deliveries::list))
        .route("/dev/v1/deliveries/{delivery_id}", get(deliveries::show))
        .route("/dev/v1/deliveries/{delivery_id}/resend", post(deliveries::resend))
        .route("/dev/v1/tickets/{ticket_id}/timeline", get(ticket_timeline))
        .route("/dev/v1/notifications/{notification_id}/decide", post(decide))
        .route("/dev/v1/tickets/{ticket_id}/agent", post(agent::play))
        .route("/dev/v1/faqs/{faq_id}/restore", post(restore_faq))
}

/// Notes what the developer was told at the start, `NAME=value` lines, for [`credentials`].
pub fn told(app: &App, lines: &[String]) {
    let pair = |line: &String| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    if let Some(controls) = app.controls() {
        // Only a first start counts, and there is one.
        let _ = controls.credentials.set(lines.iter().filter_map(pair).collect());
    }
}

/// The controls of a developer's server. Only there are these routes.
fn controls(app: &App) -> &Controls {
    app.controls().expect("the routes under /dev/v1 exist only where there are controls")
}

#[derive(Debug, Deserialize)]
struct UserToken {
    open_id: String,
    app_id: String,
    /// Separated by spaces; all of the app's if left out.
    scope: Option<String>,
}

/// `POST /dev/v1/user_tokens`: a user access token without a browser.
async fn user_token(State(app): State<App>, Body(ask): Body<UserToken>) -> Result<Json<Value>, ApiError> {
    let owner = app.directory().apps.get(&ask.app_id).map(Arc::clone);
    let owner = owner.ok_or_else(|| ApiError::invalid("app_id", format!("no app {}", ask.app_id)))?;
    let (tenant, open_id) = (owner.tenant.clone(), ask.open_id);
    let user = app.read(move |tx, _| person::require(tx, &tenant, &open_id)).await?;
    let granted = granted(&owner, ask.scope.as_deref()).map_err(|why| ApiError::invalid("scope", why))?;
    let token = app.tokens().user(&owner, &user.user_id, granted, app.ids(), app.now_ms());
    let (token, expires_in) = token.ok_or_else(|| ApiError::invalid("app_id", "must be cli_ and 16 hex digits"))?;
    Ok(Json(json!({"user_access_token": token, "expires_in": expires_in, "open_id": user.open_id, "name": user.name})))
}

/// `GET /dev/v1/clock`
async fn read_clock(State(app): State<App>) -> Json<Value> {
    Json(json!({"now_ms": app.now_ms()}))
}

#[derive(Debug, Deserialize)]
struct Advance {
    advance_ms: i64,
}

/// `POST /dev/v1/clock`: moves the clock that retries, time-outs and tokens use.
async fn advance_clock(State(app): State<App>, Body(ask): Body<Advance>) -> Result<Json<Value>, ApiError> {
    if !(0..=ADVANCE_MS_MAX).contains(&ask.advance_ms) {
        let why = format!("0 to {ADVANCE_MS_MAX} is allowed; the clock does not go back");
        return Err(ApiError::invalid("advance_ms", why));
    }
    app.clock().advance(ask.advance_ms);
    Ok(Json(json!({"now_ms": app.now_ms()})))
}

/// `GET /dev/v1/connections`: the long connections open here, by app and age.
async fn connections(State(app): State<App>) -> Json<Value> {
    let list = app.long_connections().live.list();
    Json(json!({"connections": list.iter().map(ConnectionOut::from).collect::<Vec<_>>()}))
}

/// `GET /dev/v1/credentials`: what `deskwire dev` printed at its start, without passwords.
async fn credentials(State(app): State<App>) -> Json<Value> {
    let told = controls(&app).credentials.get().map(Vec::as_slice).unwrap_or_default();
    let shown = told.iter().filter(|(name, _)| !name.ends_with("_PASSWORD"));
    Json(json!({"credentials": shown.map(|(name, value)| json!({"name": name, "value": value})).collect::<Vec<_>>()}))
}

/// `GET /dev/v1/tickets/:ticket_id/timeline`
async fn ticket_timeline(State(app): State<App>, Path(ticket_id): Path<String>) -> Result<Json<Value>, ApiError> {
    let id = ids::parse(&ticket_id).ok_or_else(|| no(&ticket_id, "ticket"))?;
    let desk = helpdesk_of(&app, id).await?.ok_or_else(|| no(&ticket_id, "ticket"))?;
    let steps = app.read(move |tx, _| timeline::of(tx, &desk, id)).await?;
    Ok(Json(json!({"steps": steps})))
}

#[derive(Debug, Deserialize)]
struct Decide {
    open_id: String,
    approve: bool,
    reason: Option<String>,
}

/// `POST /dev/v1/notifications/:id/decide`: what the owner does on the approval page, without a password.
async fn decide(
    State(app): State<App>,
    Path(notification_id): Path<String>,
    Body(ask): Body<Decide>,
) -> Result<Json<Value>, ApiError> {
    let id = ids::parse(&notification_id).ok_or_else(|| no(&notification_id, "notification"))?;
    let helpdesk_id = app.read(move |tx, _| Ok(notification::helpdesk_of(tx, id)?)).await?;
    let desk = helpdesk_id.and_then(|helpdesk_id| app.directory().helpdesks.get(&helpdesk_id).map(Arc::clone));
    let desk = desk.ok_or_else(|| no(&notification_id, "notification"))?;
    let decision = Decision { approve: ask.approve, reason: ask.reason, seen: None };
    let status = app
        .write(move |tx, cx| {
            let who = person::require(tx, &desk.tenant, &ask.open_id)?;
            notification::decide(tx, cx, &desk, &who.user_id, id, &decision)
        })
        .await?;
    Ok(Json(json!({"status": status.number()})))
}

/// The help desk of a ticket, whichever tenant it belongs to.
async fn helpdesk_of(app: &App, ticket_id: i64) -> Result<Option<Arc<Helpdesk>>, ApiError> {
    let directory = Arc::clone(&app.directory());
    let found = app.read(move |tx, _| {
        for tenant in directory.tenants.keys() {
            let desk = timeline::helpdesk_of(tx, tenant, ticket_id)?.and_then(|id| directory.helpdesks.get(&id));
            if desk.is_some() {
                return Ok(desk.map(Arc::clone));
            }
        }
        Ok(None)
    });
    Ok(found.await?)
}

#[derive(Debug, Deserialize)]
struct RestoreFaq {
    /// Needed only if several help desks have a FAQ of this id.
    helpdesk_id: Option<String>,
    /// Who restores it; the owner if left out.
    open_id: Option<String>,
}

/// `POST /dev/v1/faqs/:faq_id/restore`: takes a FAQ out of the recycle bin.
async fn restore_faq(
    State(app): State<App>,
    Path(faq_id): Path<String>,
    Body(ask): Body<RestoreFaq>,
) -> Result<Json<Value>, ApiError> {
    let id = ids::parse(&faq_id).ok_or_else(|| no(&faq_id, "FAQ"))?;
    let directory = Arc::clone(&app.directory());
    let desks = app.read(move |tx, _| faq::desks_with(tx, &directory, id)).await?;
    let named = |desk: &&Arc<Helpdesk>| ask.helpdesk_id.as_ref().is_none_or(|named| *named == desk.id.to_string());
    let mut found = desks.iter().filter(named);
    let desk = found.next().map(Arc::clone).ok_or_else(|| no(&faq_id, "FAQ"))?;
    if found.next().is_some() {
        return Err(ApiError::invalid("helpdesk_id", "must be given: several help desks have a FAQ of this id"));
    }
    app.write(move |tx, cx| faq::restore_for(tx, cx, &desk, ask.open_id.as_deref(), id)).await?;
    Ok(Json(json!({})))
}

fn no(id: &str, noun: &str) -> ApiError {
    ApiError::new(Code::NOT_FOUND, format!("no {noun} {id}"))
}
