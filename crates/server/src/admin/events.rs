//! Events on their way to apps: lists, one with all that is known of it, sending again, long connections.

use std::collections::HashSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use desk::admin::Rights;
use desk::admin::events::{self, Scope};
use desk::delivery::{self, Filter, Whole};
use desk::{Refusal, directory, event};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::Nothing;

use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::{before, optional_number, sized};
use crate::app::App;
use crate::guest::Segment;
use crate::inspector::strict;
use crate::push::curl;
use crate::push::shape::{AttemptOut, ConnectionOut, DeliveryOut};
use crate::push::standing::{self, Lack, Standing};

const PAGE_SIZE: i64 = 50;
const PAGE_SIZE_MAX: i64 = 200;

/// The path of an event.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "the document reads its schema, the handler its one segment")]
pub struct EventPath {
    /// Decimal id of the delivery.
    delivery_id: String,
}

/// Which events.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListEvents {
    /// Only those that stand so: `pending`, `delivered` or `dead`.
    #[schemars(extend("enum" = ["pending", "delivered", "dead"]))]
    state: Option<String>,
    /// Only those for this app: `cli_…`
    app: Option<String>,
    /// Only those of this type, such as `helpdesk.ticket.created_v1`.
    event_type: Option<String>,
    /// Only those about this ticket: decimal id.
    ticket_id: Option<String>,
    /// Only those of this help desk: decimal id.
    helpdesk_id: Option<String>,
    /// How many at most; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
}

/// Events, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EventList {
    /// One page. It may be shorter than was asked for, even empty, while there is more.
    events: Vec<DeliveryOut>,
    /// Whether there is more.
    has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// `GET /admin/v1/events`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Asked(ask): Asked<ListEvents>,
) -> Result<Json<EventList>, ApiError> {
    let scope = scope(&app, &who, ask.helpdesk_id.as_deref())?;
    let size = sized("page_size", ask.page_size, PAGE_SIZE, PAGE_SIZE_MAX)?;
    let before = before(ask.page_token.as_deref())?;
    let filter = filter(&ask)?;
    let directory = Arc::clone(&app.directory());
    let page = app.read(move |tx, _| events::page(tx, &directory, (&scope, &filter), before, size)).await?;
    Ok(Json(EventList {
        events: page.events.iter().map(Into::into).collect(),
        has_more: page.next.is_some(),
        page_token: page.next.map(|next| next.to_string()),
    }))
}

/// Whose events somebody may see; with `helpdesk_id`, of that one.
pub(super) fn scope(app: &App, who: &Visitor, helpdesk_id: Option<&str>) -> Result<Scope, ApiError> {
    let only = optional_number("helpdesk_id", helpdesk_id)?;
    Ok(who.session.staff.scope(&app.directory(), only)?)
}

fn filter(ask: &ListEvents) -> Result<Filter, ApiError> {
    let state = ask.state.as_deref().map(|word| {
        let why = || format!("{word:?} is no state; {} are", delivery::STATES.join(", "));
        delivery::state_named(word).ok_or_else(|| ApiError::invalid("state", why()))
    });
    if let Some(unknown) = ask.event_type.as_ref().filter(|known| !event::TYPES.contains(&known.as_str())) {
        let why = format!("no event type {unknown:?}; known are {}", event::TYPES.join(", "));
        return Err(ApiError::invalid("event_type", why));
    }
    Ok(Filter {
        state: state.transpose()?,
        app_id: ask.app.clone(),
        event_type: ask.event_type.clone(),
        ticket_id: optional_number("ticket_id", ask.ticket_id.as_deref())?,
        ..Filter::default()
    })
}

/// An event with all that is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EventDetail {
    /// The delivery.
    delivery: DeliveryOut,
    /// Where it stands.
    standing: Standing,
    /// What the app lacks to get it; left out if it lacks nothing, or the event does not wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    lack: Option<Lack>,
    /// Where it stands, why, and what to do, as an English sentence.
    meaning: String,
    /// Where it goes; left out if the app is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Target>,
    /// The event as the app reads it, decrypted, without its verification token; left out if the app is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Value>,
    /// What was tried, oldest first.
    attempts: Vec<AttemptOut>,
}

/// Where events of an app go.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventTarget")]
struct Target {
    /// `cli_…`
    app_id: String,
    /// How people know the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// `webhook` or `long_connection`.
    delivery: directory::Delivery,
    /// The request URL of a webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// Whether events are encrypted and signed on their way.
    encrypted: bool,
}

/// How to show an event.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskEvent {
    /// Whether what people wrote is hidden in it.
    masked: Option<bool>,
}

/// `GET /admin/v1/events/:delivery_id`
pub async fn show(
    State(app): State<App>,
    who: Visitor,
    Segment(delivery_id): Segment,
    Asked(ask): Asked<AskEvent>,
) -> Result<Json<EventDetail>, ApiError> {
    let (found, to) = find(&app, &who, &delivery_id).await?;
    let connections = app.long_connections().live.count(&found.delivery.app_id);
    let (standing, lack) = standing::of(&found, to.as_deref(), connections);
    let mut event =
        to.as_deref().map(|to| curl::event(to, &found.claim, false)).transpose().map_err(|error| unreadable(&error))?;
    if let Some(event) = event.as_mut().filter(|_| ask.masked == Some(true)) {
        strict::value(event);
    }
    let target = |to: &Arc<directory::App>| Target {
        app_id: to.app_id.clone(),
        name: to.name.clone(),
        delivery: to.delivery,
        url: to.url.clone().filter(|_| to.delivery == directory::Delivery::Webhook),
        encrypted: to.encrypt_key.is_some(),
    };
    Ok(Json(EventDetail {
        delivery: (&found.delivery).into(),
        standing,
        lack,
        meaning: standing::sentence(&found, (standing, lack)),
        to: to.as_ref().map(target),
        event,
        attempts: found.attempts.iter().map(Into::into).collect(),
    }))
}

/// The event and its addressee, if the app is still there.
async fn find(app: &App, who: &Visitor, delivery_id: &str) -> Result<(Whole, Option<Arc<directory::App>>), ApiError> {
    let scope = scope(app, who, None)?;
    let id = crate::api::known(desk::Kind::Delivery, delivery_id)?;
    let found = app.read(move |tx, _| events::find(tx, &scope, id)).await?;
    let to = app.directory().apps.get(&found.delivery.app_id).map(Arc::clone);
    Ok((found, to))
}

fn unreadable(error: &serde_json::Error) -> ApiError {
    db::DbError::Corrupt(format!("a stored event cannot be read: {error}")).into()
}

/// How to show a command.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskCommand {
    /// With the app's verification token.
    secrets: Option<bool>,
}

/// `GET /admin/v1/events/:delivery_id/curl`
pub async fn command(
    State(app): State<App>,
    who: Visitor,
    Segment(delivery_id): Segment,
    Asked(ask): Asked<AskCommand>,
) -> Result<([(HeaderName, &'static str); 1], String), ApiError> {
    if !who.session.staff.is_admin {
        let why = "only administrators of the tenant may do this: the command is as good as the app's own server";
        return Err(Refusal::Forbidden(why.to_owned()).into());
    }
    let (found, to) = find(&app, &who, &delivery_id).await?;
    let gone = || Refusal::not_found(desk::Kind::App, &found.delivery.app_id);
    let to = to.ok_or_else(gone)?;
    let secrets = ask.secrets == Some(true);
    match curl::command(&to, &found.claim, secrets, app.ids(), app.now_ms()) {
        Ok(command) => Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], command + "\n")),
        Err(curl::NoCommand::Unreadable(error)) => Err(unreadable(&error)),
        Err(no_url) => Err(ApiError::invalid("delivery_id", no_url.to_string())),
    }
}

/// `POST /admin/v1/events/:delivery_id/resend`
pub async fn resend(
    State(app): State<App>,
    who: Visitor,
    Segment(delivery_id): Segment,
) -> Result<Json<Nothing>, ApiError> {
    let scope = scope(&app, &who, None)?;
    let id = crate::api::known(desk::Kind::Delivery, &delivery_id)?;
    app.write(move |tx, cx| events::resend(tx, cx, &who.session.staff, &scope, id)).await?;
    Ok(Json(Nothing {}))
}

/// Long connections.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConnectionList {
    /// Those that are open on this server, by app and age.
    connections: Vec<ConnectionOut>,
}

/// `GET /admin/v1/connections`: of an administrator's tenant, or of the apps that get events of an owner's help desks.
pub async fn connections(State(app): State<App>, who: Visitor) -> Result<Json<ConnectionList>, ApiError> {
    let scope = scope(&app, &who, None)?;
    let directory = Arc::clone(&app.directory());
    let owned = who.places.iter().filter(|place| place.rights == Rights::Owner);
    let theirs: HashSet<&str> =
        owned.flat_map(|place| place.desk.subscribers.values().flatten()).map(String::as_str).collect();
    let is_theirs = |app_id: &str| {
        let of_tenant = directory.apps.get(app_id).is_some_and(|app| app.tenant == scope.tenant);
        of_tenant && (who.session.staff.is_admin || theirs.contains(app_id))
    };
    let live = app.long_connections().live.list();
    let connections = live.iter().filter(|shown| is_theirs(&shown.connection.app_id)).map(Into::into).collect();
    Ok(Json(ConnectionList { connections }))
}
