//! The apps of a tenant, for its administrators.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::admin::apps::{self, Made};
use desk::deskfile::types;
use desk::directory::{AppType, Delivery};
use desk::outbox::Standing;
use desk::{Kind, Refusal, directory, event, outbox};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Code, Nothing};

use super::Visitor;
use crate::api::error::ApiError;
use crate::app::App;
use crate::auth::scopes;
use crate::guest::{Body, Segment};
use crate::inspector::mask;
use crate::push::attempt::check_url;
use crate::push::breaker::Allowed;
use crate::push::shape::ConnectionOut;

/// The path of an app.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AdminAppPath")]
#[expect(dead_code, reason = "the document reads its schema, the handler its one segment")]
pub struct AppPath {
    /// `cli_…`
    app_id: String,
}

/// The path of what an app has subscribed to at a help desk.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AdminSubscriptionPath")]
pub struct SubscriptionPath {
    /// `cli_…`
    app_id: String,
    /// Decimal id of the help desk.
    helpdesk_id: String,
}

/// The apps of a tenant, and what they can be given.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminAppList")]
pub struct AppList {
    /// By name, those without one by id.
    apps: Vec<AppOut>,
    /// The scopes that open something here.
    scopes: Vec<ScopeOut>,
    /// The event types there are.
    event_types: Vec<&'static str>,
}

/// A scope that opens something here.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminScope")]
struct ScopeOut {
    /// Such as `helpdesk:all`.
    name: &'static str,
    /// What it opens, as people are told who log in to an app.
    english: &'static str,
    /// The same in Chinese.
    chinese: &'static str,
}

/// An app.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminApp")]
struct AppOut {
    /// `cli_` and 16 hex digits.
    app_id: String,
    /// How people know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Whether it was built for this tenant or comes from a store.
    #[serde(rename = "type")]
    app_type: AppType,
    /// Granted scopes. One that is not among the list's opens nothing here.
    scopes: Vec<String>,
    /// Where the log-in page may send people back to.
    redirect_urls: Vec<String>,
    /// How events reach it.
    delivery: Delivery,
    /// The request URL of a webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// Whether that URL has passed the URL check.
    url_verified: bool,
    /// The verification token: its last four characters, or none of a short one; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_token: Option<String>,
    /// The encrypt key, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    encrypt_key: Option<String>,
    /// The event types it asks for; it gets those that it also subscribed to at a help desk.
    event_types: Vec<String>,
    /// Long connections it has to this server.
    connections: usize,
    /// When it was made, Unix milliseconds.
    created_at: i64,
}

fn shape(app: &App, of: &directory::App) -> AppOut {
    AppOut {
        app_id: of.app_id.clone(),
        name: of.name.clone(),
        app_type: of.app_type,
        scopes: of.scopes.clone(),
        redirect_urls: of.redirect_urls.clone(),
        delivery: of.delivery,
        url: of.url.clone(),
        url_verified: of.url.is_some() && of.url == of.url_verified,
        verification_token: of.verification_token.as_deref().map(mask::secret),
        encrypt_key: of.encrypt_key.as_deref().map(mask::secret),
        event_types: of.event_types.clone(),
        connections: app.long_connections().live.count(&of.app_id),
        created_at: of.created_at,
    }
}

/// `GET /admin/v1/apps`
pub async fn list(State(app): State<App>, who: Visitor) -> Result<Json<AppList>, ApiError> {
    who.administers()?;
    let directory = Arc::clone(&app.directory());
    let of_tenant = directory.apps.values().filter(|found| found.tenant == who.session.staff.tenant);
    let mut apps: Vec<AppOut> = of_tenant.map(|found| shape(&app, found)).collect();
    apps.sort_unstable_by(|a, b| (a.name.is_none(), &a.name, &a.app_id).cmp(&(b.name.is_none(), &b.name, &b.app_id)));
    let scope = |known: &scopes::Scope| ScopeOut { name: known.name, english: known.english, chinese: known.chinese };
    let scopes = scopes::KNOWN.iter().map(scope).collect();
    Ok(Json(AppList { apps, scopes, event_types: event::TYPES.to_vec() }))
}

/// An app with how things stand between it and this server.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminAppDetail")]
pub struct AppDetail {
    /// The app.
    app: AppOut,
    /// Each help desk of the tenant, with the event types that the app subscribed to there.
    subscriptions: Vec<SubscriptionOut>,
    /// Events that wait for it; counted up to 100,000.
    waiting: i64,
    /// Events that were given up; counted likewise.
    dead: i64,
    /// How many events this server may have on their way to it: `closed` as many as there is room for, `narrowed` one at
    /// a time, because it gave no answer the last time, `open` none for a while.
    #[schemars(extend("enum" = ["closed", "narrowed", "open"]))]
    breaker: &'static str,
    /// When an open breaker lets the next one go, Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_until: Option<i64>,
    /// Its long connections to this server.
    connections: Vec<ConnectionOut>,
}

/// What an app subscribed to at a help desk.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminSubscription")]
pub struct SubscriptionOut {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// Its name.
    helpdesk: String,
    /// Event types, by name.
    types: Vec<String>,
}

/// An app of the visitor's tenant, as it is in memory.
fn find(app: &App, who: &Visitor, app_id: &str) -> Result<Arc<directory::App>, ApiError> {
    who.administers()?;
    let found = app.directory().apps.get(app_id).map(Arc::clone);
    let found = found.filter(|found| found.tenant == who.session.staff.tenant);
    Ok(found.ok_or_else(|| Refusal::not_found(Kind::App, app_id))?)
}

/// `GET /admin/v1/apps/:app_id`
pub async fn show(State(app): State<App>, who: Visitor, Segment(app_id): Segment) -> Result<Json<AppDetail>, ApiError> {
    let found = find(&app, &who, &app_id)?;
    let (tenant, id) = (found.tenant.clone(), app_id.clone());
    let looked_up =
        app.read(move |tx, _| Ok((apps::subscriptions(tx, &tenant, &id)?, outbox::standing(tx, &tenant, &id)?)));
    let (subscriptions, Standing { waiting, dead }) = looked_up.await?;
    let mut types: HashMap<i64, Vec<String>> = HashMap::new();
    for (helpdesk_id, event_type) in subscriptions {
        types.entry(helpdesk_id).or_default().push(event_type);
    }
    let directory = Arc::clone(&app.directory());
    let desks = directory.helpdesks.values().filter(|desk| desk.tenant == found.tenant);
    let by_name: BTreeMap<(&str, i64), Vec<String>> =
        desks.map(|desk| ((desk.name.as_str(), desk.id), types.remove(&desk.id).unwrap_or_default())).collect();
    let subscription = |((name, id), types): ((&str, i64), Vec<String>)| SubscriptionOut {
        helpdesk_id: id.to_string(),
        helpdesk: name.to_owned(),
        types,
    };
    let (breaker, open_until) = match app.breakers().of(&app_id) {
        Allowed::All => ("closed", None),
        Allowed::NothingUntil(until) if until > app.now_ms() => ("open", Some(until)),
        Allowed::One | Allowed::NothingUntil(_) => ("narrowed", None),
    };
    let live = app.long_connections().live.list();
    let theirs = live.iter().filter(|shown| shown.connection.app_id == app_id);
    Ok(Json(AppDetail {
        app: shape(&app, &found),
        subscriptions: by_name.into_iter().map(subscription).collect(),
        waiting,
        dead,
        breaker,
        open_until,
        connections: theirs.map(Into::into).collect(),
    }))
}

/// What is said about an app, in the words of a desk file; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "AdminAppBody")]
#[serde(default)]
pub struct AppBody {
    /// How people know it; at most 200 characters. An empty text removes it.
    #[schemars(length(max = 200))]
    name: Option<String>,
    /// Whether it was built for this tenant (`custom`, for a new one the default) or comes from a `store`.
    #[serde(rename = "type")]
    app_type: Option<AppType>,
    /// Granted scopes, such as `helpdesk:all`.
    scopes: Option<Vec<String>>,
    /// Where the log-in page may send people back to, letter for letter.
    redirect_urls: Option<Vec<String>>,
    /// Its event page.
    events: Option<types::Events>,
}

impl AppBody {
    fn of(self, app_id: &str) -> types::App {
        let Self { name, app_type, scopes, redirect_urls, events } = self;
        types::App { name, app_type, scopes, redirect_urls, events, ..apps::unsaid(app_id) }
    }
}

/// A new app, with its secrets. They are told this once.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AdminNewApp")]
pub struct NewApp {
    /// The app.
    app: AppOut,
    /// The app secret. Only its hash is kept.
    app_secret: String,
    /// The verification token that every event carries; left out if one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_token: Option<String>,
}

/// `POST /admin/v1/apps`
pub async fn create(
    State(app): State<App>,
    who: Visitor,
    Body(ask): Body<AppBody>,
) -> Result<(StatusCode, Json<NewApp>), ApiError> {
    who.administers()?;
    let (vault, tenant, draft) = (app.vault().clone(), who.session.staff.tenant, ask.of(""));
    let made = app.write(move |tx, cx| apps::create(tx, cx, &vault, &tenant, draft.clone())).await?;
    let Made { app: new, app_secret, verification_token } = made;
    Ok((StatusCode::CREATED, Json(NewApp { app: shape(&app, &new), app_secret, verification_token })))
}

/// An app as it is now.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminAppData")]
pub struct AppData {
    /// The app.
    app: AppOut,
}

/// `PATCH /admin/v1/apps/:app_id`
pub async fn update(
    State(app): State<App>,
    who: Visitor,
    Segment(app_id): Segment,
    Body(ask): Body<AppBody>,
) -> Result<Json<AppData>, ApiError> {
    who.administers()?;
    let (vault, tenant, change) = (app.vault().clone(), who.session.staff.tenant, ask.of(&app_id));
    let changed = app.write(move |tx, cx| apps::change(tx, cx, &vault, &tenant, change.clone())).await?;
    Ok(Json(AppData { app: shape(&app, &changed) }))
}

/// `DELETE /admin/v1/apps/:app_id`
pub async fn delete(State(app): State<App>, who: Visitor, Segment(app_id): Segment) -> Result<Json<Nothing>, ApiError> {
    who.administers()?;
    let (vault, tenant) = (app.vault().clone(), who.session.staff.tenant);
    app.write(move |tx, cx| apps::remove(tx, cx, &vault, &tenant, &app_id)).await?;
    Ok(Json(Nothing {}))
}

/// An app's new secret. It is told this once.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AdminAppSecret")]
pub struct AppSecret {
    /// The app secret. Only its hash is kept.
    app_secret: String,
}

/// `POST /admin/v1/apps/:app_id/secret`
pub async fn renew_secret(
    State(app): State<App>,
    who: Visitor,
    Segment(app_id): Segment,
) -> Result<Json<AppSecret>, ApiError> {
    who.administers()?;
    let (vault, tenant) = (app.vault().clone(), who.session.staff.tenant);
    let app_secret = app.write(move |tx, cx| apps::renew_secret(tx, cx, &vault, &tenant, &app_id)).await?;
    Ok(Json(AppSecret { app_secret }))
}

/// How a URL check ended.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminUrlCheck")]
pub struct UrlCheck {
    /// Whether the app sent the challenge back as it should.
    passed: bool,
    /// What came, for people.
    outcome: String,
}

/// `POST /admin/v1/apps/:app_id/check`
pub async fn check(State(app): State<App>, who: Visitor, Segment(app_id): Segment) -> Result<Json<UrlCheck>, ApiError> {
    let found = find(&app, &who, &app_id)?;
    let url = found.url.clone().filter(|_| found.delivery == Delivery::Webhook);
    let no_url = || ApiError::invalid("events.url", "the app has no request URL; save one first");
    let checked = check_url(&app, &found, url.ok_or_else(no_url)?).await;
    let busy = || ApiError::new(Code::BUSY, "the server is just starting; try again in a second");
    let checked = checked.ok_or_else(busy)?;
    Ok(Json(UrlCheck { passed: checked.acknowledged, outcome: checked.text }))
}

/// To what an app is to be subscribed.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AdminSubscriptionBody")]
pub struct SubscriptionBody {
    /// All event types that the app is to get from the help desk, as far as it asks for them.
    types: Vec<String>,
}

/// `PUT /admin/v1/apps/:app_id/subscriptions/:helpdesk_id`
pub async fn subscribe(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<SubscriptionPath>,
    Body(ask): Body<SubscriptionBody>,
) -> Result<Json<Nothing>, ApiError> {
    let found = find(&app, &who, &path.app_id)?;
    let desk = super::desks::of_path(&app, &who, &path.helpdesk_id)?;
    app.write(move |tx, cx| apps::subscribe(tx, cx, &desk, &found, &ask.types)).await?;
    Ok(Json(Nothing {}))
}
