//! Everything around an endpoint, in the platform's order (reference: platform-protocol 3.1, 9.4): bearer token, its
//! kind, the app's scope, the user's grant, kind of app, help desk header, rate limit, parameters; then the endpoint
//! itself.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Response};
use axum::routing::{MethodFilter, MethodRouter, Router, on};
use desk::directory::AppType;
use serde::Deserialize;
use serde::de::value::MapDeserializer;
use wire::Code;

use super::answer::Answer;
use super::endpoint::{Caller, Endpoint, Token, mapping};
use super::error::ApiError;
use super::{body, query};
use crate::app::App;
use crate::audit;
use crate::auth::{self, Bearer, TokenFault};
use crate::limits::{EndpointLimits, Rate};
use crate::metrics::EndpointMeter;
use crate::openapi::{Shape, Shapes};

/// What an endpoint is, for the API document and the metrics page.
#[derive(Debug, Clone)]
pub struct Info {
    /// As [`Endpoint::ID`].
    pub id: &'static str,
    /// As [`Endpoint::SUMMARY`].
    pub summary: &'static str,
    /// As [`Endpoint::METHOD`].
    pub method: Method,
    /// As [`Endpoint::PATH`].
    pub path: &'static str,
    /// As [`Endpoint::TOKEN`].
    pub token: Token,
    /// As [`Endpoint::SCOPES`].
    pub scopes: &'static [&'static str],
    /// As [`Endpoint::STORE_APPS`].
    pub store_apps: bool,
    /// As [`Endpoint::RATE`].
    pub rate: Rate,
    /// As [`Endpoint::ERRORS`].
    pub errors: &'static [Code],
    /// As [`Endpoint::FORBIDDEN`].
    pub forbidden: Code,
    /// Whether the body is read.
    pub reads_body: bool,
    /// The shapes of path, query, body and `data`.
    pub shapes: fn() -> Shapes,
}

/// Takes endpoints, one after another.
pub trait Collect {
    /// Adds an endpoint.
    #[must_use]
    fn with<E: Endpoint>(self) -> Self;
}

/// Collects endpoints into a router.
#[derive(Debug)]
pub struct Api {
    app: App,
    router: Router<App>,
}

/// What one endpoint keeps between requests.
#[derive(Debug, Clone)]
struct Slot {
    limits: Arc<EndpointLimits>,
    meter: EndpointMeter,
}

impl Api {
    /// No endpoint yet.
    pub fn new(app: &App) -> Self {
        Self { app: app.clone(), router: Router::new() }
    }

    /// The router of all.
    pub fn finish(self) -> Router<App> {
        self.router
    }
}

impl Collect for Api {
    fn with<E: Endpoint>(mut self) -> Self {
        self.router = self.router.route(E::PATH, route::<E>(&self.app));
        self
    }
}

impl Collect for Vec<Info> {
    fn with<E: Endpoint>(mut self) -> Self {
        self.push(info::<E>());
        self
    }
}

/// The description of an endpoint.
pub fn info<E: Endpoint>() -> Info {
    Info {
        id: E::ID,
        summary: E::SUMMARY,
        method: E::METHOD,
        path: E::PATH,
        token: E::TOKEN,
        scopes: E::SCOPES,
        store_apps: E::STORE_APPS,
        rate: E::RATE,
        errors: E::ERRORS,
        forbidden: E::FORBIDDEN,
        reads_body: reads_body::<E>(),
        shapes: shapes::<E>,
    }
}

// Node sends `{}` with every GET and DELETE, so those bodies mostly mean nothing (reference: helpdesk-v1 11.2).
fn reads_body<E: Endpoint>() -> bool {
    E::BODY_OF_GET || !matches!(E::METHOD, Method::GET | Method::DELETE)
}

fn shapes<E: Endpoint>() -> Shapes {
    Shapes {
        path: Shape::sent::<E::Path>(),
        query: Shape::sent::<E::Query>(),
        body: Shape::sent::<E::Body>(),
        data: Shape::answer::<E::Data>(),
    }
}

/// The route of an endpoint.
///
/// # Panics
/// With a method that HTTP does not define; the start-up of every test would show it.
pub fn route<E: Endpoint>(app: &App) -> MethodRouter<App> {
    let slot = Slot { limits: app.limits().endpoint(E::RATE), meter: app.metrics().endpoint(E::ID) };
    let filter = MethodFilter::try_from(E::METHOD).expect("endpoints use the standard methods");
    on(filter, async move |State(app): State<App>, request: Request| serve::<E>(&app, &slot, request).await)
}

async fn serve<E: Endpoint>(app: &App, slot: &Slot, request: Request) -> Response<Body> {
    let started = app.clock().network().now();
    let (code, response) = match handle::<E>(app, slot, request).await {
        Ok(data) => (Code::SUCCESS, data.into_answer()),
        Err(error) => {
            let mapping = mapping::<E>();
            (error.code(mapping), error.respond(mapping))
        }
    };
    slot.meter.answered(code, app.clock().network().since(started));
    response
}

async fn handle<E: Endpoint>(app: &App, slot: &Slot, request: Request) -> Result<E::Data, ApiError> {
    let (mut parts, body) = request.into_parts();
    let caller = admit::<E>(app, slot, &parts.headers)?;
    let path = path_params::<E>(&mut parts).await?;
    let query = query::decode(parts.uri.query())?;
    let body =
        if reads_body::<E>() { body::decode(&body::read(&parts.headers, body).await?)? } else { body::decode(b"{}")? };
    let by = caller.clone();
    audit::by_app::<E, _>(&by, E::call(app, caller, path, query, body)).await
}

/// Who calls, if they may call this endpoint at all.
fn admit<E: Endpoint>(app: &App, slot: &Slot, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let (caller_app, user) = match (bearer(app, headers)?, E::TOKEN) {
        (Bearer::Tenant { app }, Token::Tenant) => (app, None),
        (Bearer::User { app, user_id, granted }, Token::User) => (app, Some((user_id, granted))),
        (Bearer::Tenant { .. }, Token::User) => {
            let message = format!("{} takes a user access token (u-…), this is a tenant access token", E::ID);
            return Err(ApiError::new(Code::TENANT_TOKEN_INVALID, message));
        }
        (Bearer::User { .. }, Token::Tenant) => {
            let message = format!("{} takes a tenant access token (t-…), this is a user access token", E::ID);
            return Err(ApiError::new(Code::USER_TOKEN_INVALID, message));
        }
    };
    let of_app = |scope: &&&str| caller_app.scopes.iter().any(|have| have == **scope);
    if !E::SCOPES.is_empty() && !E::SCOPES.iter().any(|scope| of_app(&scope)) {
        return Err(ApiError::scope_missing(&caller_app.app_id, E::SCOPES));
    }
    if let Some((_, granted)) = user
        && !E::SCOPES.is_empty()
        && !E::SCOPES.iter().filter(of_app).any(|scope| granted.has(scope))
    {
        return Err(ApiError::user_scope_missing(&caller_app.app_id, E::SCOPES));
    }
    if caller_app.app_type == AppType::Store && !E::STORE_APPS {
        let message = format!("{} is for custom apps; {} is a store app", E::ID, caller_app.app_id);
        return Err(ApiError::new(E::FORBIDDEN, message));
    }
    let directory = app.directory();
    let header = headers.get(auth::HELPDESK_HEADER).map(HeaderValue::as_bytes);
    let helpdesk = auth::helpdesk_of(header, &caller_app.tenant, &directory)
        .map_err(|message| ApiError::new(Code::UNAUTHORIZED, message))?;
    slot.limits.check_app(&caller_app.app_id).map_err(ApiError::rate_limited)?;
    Ok(Caller { app: caller_app, helpdesk: Arc::clone(helpdesk), user: user.map(|(user_id, _)| user_id) })
}

/// Whose access token the `Authorization` header has.
///
/// # Errors
/// The code the platform has for what is wrong with it.
pub(crate) fn bearer(app: &App, headers: &HeaderMap) -> Result<Bearer, ApiError> {
    let token = auth::bearer(headers.get(AUTHORIZATION).map(HeaderValue::as_bytes))?;
    Ok(app.tokens().verify(token, &app.directory(), app.now_ms())?)
}

async fn path_params<E: Endpoint>(parts: &mut Parts) -> Result<E::Path, ApiError> {
    if !E::PATH.contains('{') {
        let none = MapDeserializer::<_, serde::de::value::Error>::new(std::iter::empty::<(&str, &str)>());
        return E::Path::deserialize(none).map_err(|e| ApiError::new(Code::INTERNAL, e.to_string()));
    }
    match Path::<E::Path>::from_request_parts(parts, &()).await {
        Ok(Path(path)) => Ok(path),
        Err(rejection) => Err(ApiError::new(Code::BAD_REQUEST, format!("the path cannot be read: {rejection}"))),
    }
}

impl From<TokenFault> for ApiError {
    fn from(fault: TokenFault) -> Self {
        Self::new(fault.code, fault.message)
    }
}

#[cfg(test)]
#[path = "gateway_tests.rs"]
mod tests;
