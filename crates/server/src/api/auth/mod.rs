//! Token endpoints (reference: platform-protocol 2.1). They stand outside the gateway: no bearer token, no `data`, and
//! errors with HTTP 200, because Node loses code and text of any other status.

pub mod app_access_token;
pub mod tenant_access_token;

use std::sync::Arc;

use axum::extract::Request;
use axum::http::Method;
use axum::routing::{Router, post};
use desk::directory;
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use wire::token::{AppCredentials, TokenFailure};
use wire::{Code, Nothing};

use super::body;
use crate::app::App;
use crate::openapi::{Call, Calls};

/// Both endpoints.
pub fn calls() -> Calls {
    Calls::default()
        .with(
            Call::new(
                "auth.tenant_access_token",
                (Method::POST, tenant_access_token::PATH),
                "Get the tenant access token of an app. It is the same one while it has 30 minutes or more left; \
                 failures come with status 200 as well.",
            )
            .of::<Nothing, Nothing, AppCredentials, tenant_access_token::Answer>(),
            post(tenant_access_token::call),
        )
        .with(
            Call::new(
                "auth.app_access_token",
                (Method::POST, app_access_token::PATH),
                "Get the app access token, which is the tenant access token. Failures come with status 200 as well.",
            )
            .of::<Nothing, Nothing, AppCredentials, app_access_token::Answer>(),
            post(app_access_token::call),
        )
}

/// Their routes, each with and without a slash at the end.
pub fn routes() -> Router<App> {
    calls()
        .into_router()
        .route(&format!("{}/", tenant_access_token::PATH), post(tenant_access_token::call))
        .route(&format!("{}/", app_access_token::PATH), post(app_access_token::call))
}

/// The app behind the request's credentials.
async fn authenticate(app: &App, request: Request) -> Result<Arc<directory::App>, Code> {
    let (parts, stream) = request.into_parts();
    let bytes = body::read(&parts.headers, stream).await.map_err(|_| Code::TOKEN_PARAM)?;
    let body: Value = serde_json::from_slice(&bytes).map_err(|_| Code::TOKEN_PARAM)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (Some(app_id), Some(secret)) = (text("app_id"), text("app_secret")) else {
        return Err(Code::TOKEN_PARAM);
    };
    let found = app.directory().apps.get(app_id).cloned().ok_or(Code::TOKEN_PARAM)?;
    if secret_matches(&found, secret) { Ok(found) } else { Err(Code::APP_SECRET) }
}

/// Whether this is the app's secret. Takes the same time wherever the two differ.
pub(crate) fn secret_matches(app: &directory::App, secret: &str) -> bool {
    let given = hex::encode(Sha256::digest(secret.as_bytes()));
    given.as_bytes().ct_eq(app.secret_hash.as_bytes()).into()
}

/// The tenant token of the request's app and the whole seconds it has left.
async fn token(app: &App, request: Request) -> Result<(String, i64), Code> {
    let found = authenticate(app, request).await?;
    app.tokens().tenant(&found, app.now_ms()).ok_or(Code::TOKEN_PARAM)
}

fn failure(code: Code) -> TokenFailure {
    TokenFailure { code: code.number, msg: code.msg.to_owned() }
}
