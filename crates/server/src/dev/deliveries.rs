//! Deliveries: which there are, one with its attempts, and one sent again.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use desk::delivery::{self, Ask, Delivery, Filter, Whole};
use desk::outbox::{self, By};
use desk::{directory, ids};
use serde::Deserialize;
use serde_json::{Value, json};
use wire::Code;

use super::no;
use crate::api::error::ApiError;
use crate::api::query;
use crate::app::App;
use crate::push::shape::{AttemptOut, DeliveryOut};
use crate::push::{curl, standing};

/// The most deliveries on a page.
const PAGE_MAX: i64 = 200;
/// On a page if nothing is said.
const PAGE: i64 = 50;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    state: Option<String>,
    app: Option<String>,
    r#type: Option<String>,
    ticket: Option<String>,
    event: Option<String>,
    before: Option<String>,
    limit: Option<i64>,
}

/// `GET /dev/v1/deliveries`: newest first; `before` is the last `delivery_id` of the page before.
pub(super) async fn list(State(app): State<App>, RawQuery(asked): RawQuery) -> Result<Json<Value>, ApiError> {
    let List { state, app: app_id, r#type: event_type, ticket, event, before, limit } =
        query::decode(asked.as_deref())?;
    let filter = Filter::of(&Ask { state, app: app_id, event_type, ticket, event }, &app.directory())?;
    let why = || ApiError::invalid("before", "must be the delivery_id that a page ended with");
    let before = before.map(|text| ids::parse(&text).ok_or_else(why)).transpose()?.unwrap_or(i64::MAX);
    let limit = limit.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(ApiError::invalid("limit", format!("1 to {PAGE_MAX} is allowed")));
    }
    let list = app.read(move |tx, _| Ok(delivery::list(tx, &filter, before, limit)?)).await?;
    Ok(Json(json!({"deliveries": list.iter().map(delivery_json).collect::<Vec<_>>()})))
}

/// `GET /dev/v1/deliveries/:id`: with all attempts, the event as its app reads it, and a command that sends it by hand,
/// null without a request URL; where it stands, and what the app lacks to get it.
pub(super) async fn show(State(app): State<App>, Path(delivery_id): Path<String>) -> Result<Json<Value>, ApiError> {
    let id = ids::parse(&delivery_id).ok_or_else(|| no(&delivery_id, "delivery"))?;
    let whole = app.read(move |tx, _| Ok(delivery::get(tx, id)?)).await?;
    let whole = whole.ok_or_else(|| no(&delivery_id, "delivery"))?;
    let directory = app.directory();
    let to = directory.apps.get(&whole.delivery.app_id);
    let unreadable = |error| ApiError::new(Code::INTERNAL, format!("the stored event cannot be read: {error}"));
    let mut shown = whole_json(to.map(AsRef::as_ref), &whole, false).map_err(unreadable)?;
    // With the verification token: without it the app would refuse what the command sends.
    let command = to.and_then(|to| curl::command(to, &whole.claim, true, app.ids(), app.now_ms()).ok());
    shown["curl"] = json!(command);
    let connections = app.long_connections().live.count(&whole.delivery.app_id);
    let (standing, lack) = standing::of(&whole, to.map(AsRef::as_ref), connections);
    shown["standing"] = json!(standing);
    shown["lack"] = json!(lack);
    shown["url"] = json!(to.and_then(|to| to.url.as_ref()));
    Ok(Json(shown))
}

/// `POST /dev/v1/deliveries/:id/resend`
pub(super) async fn resend(State(app): State<App>, Path(delivery_id): Path<String>) -> Result<Json<Value>, ApiError> {
    let id = ids::parse(&delivery_id).ok_or_else(|| no(&delivery_id, "delivery"))?;
    app.write(move |tx, cx| outbox::resend(tx, cx, id, &By::DeveloperControls)).await?;
    Ok(Json(json!({})))
}

/// A delivery as JSON, also for the command line.
pub fn delivery_json(d: &Delivery) -> Value {
    json!(DeliveryOut::from(d))
}

/// A delivery with its attempts, and the event as its app reads it, or null if the app is gone; also for the command
/// line. The verification token is there only with `secrets`.
///
/// # Errors
/// The stored event cannot be read, for example because a newer version wrote it.
pub fn whole_json(to: Option<&directory::App>, whole: &Whole, secrets: bool) -> Result<Value, serde_json::Error> {
    let mut shown = delivery_json(&whole.delivery);
    shown["event"] = to.map_or(Ok(Value::Null), |to| curl::event(to, &whole.claim, secrets))?;
    shown["encrypted"] = to.is_some_and(|to| to.encrypt_key.is_some()).into();
    shown["attempt_list"] = whole.attempts.iter().map(|attempt| json!(AttemptOut::from(attempt))).collect();
    Ok(shown)
}
