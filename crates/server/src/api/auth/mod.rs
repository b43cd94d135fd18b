//! Token endpoints (reference: platform-protocol 2.1). They stand outside the gateway: no bearer token, no `data`, and
//! errors with HTTP 200, because Node loses code and text of any other status.

pub mod app_access_token;
pub mod tenant_access_token;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::routing::{MethodRouter, Router, post};
use desk::directory;
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use wire::Code;
use wire::token::TokenFailure;

use super::body;
use super::error::json;
use crate::app::App;

/// Both endpoints, each with and without a slash at the end.
pub fn routes() -> Router<App> {
    let both = |router: Router<App>, path: &str, route: MethodRouter<App>| {
        router.route(path, route.clone()).route(&format!("{path}/"), route)
    };
    let router = both(Router::new(), tenant_access_token::PATH, post(tenant_access_token::call));
    both(router, app_access_token::PATH, post(app_access_token::call))
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

fn failure(code: Code) -> Response<Body> {
    json(code.http, &TokenFailure { code: code.number, msg: code.msg.to_owned() })
}
