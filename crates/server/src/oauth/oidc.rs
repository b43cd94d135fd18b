//! The historic pair `authen/v1/oidc/access_token` and `authen/v1/oidc/refresh_access_token`, which Node's helper for
//! user tokens calls: a bearer token of the app, and the open API's envelope.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, Router, post};
use desk::directory;
use wire::Code;
use wire::oauth::OidcToken;

use super::Slot;
use super::fault::OAuthError;
use super::form::Form;
use super::grant;
use crate::api::answer::Answer;
use crate::api::error::{ApiError, Mapping};
use crate::api::gateway;
use crate::app::App;
use crate::auth::Bearer;

const ACCESS: &str = "/open-apis/authen/v1/oidc/access_token";
const REFRESH: &str = "/open-apis/authen/v1/oidc/refresh_access_token";
/// How long a refresh token lives, in ms: 30 days.
const REFRESH_LIFE_MS: i64 = 30 * 86_400_000;

/// Both.
pub(super) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route(ACCESS, route(Slot::new(app, "authen.oidc.access_token"), grant::CODE))
        .route(REFRESH, route(Slot::new(app, "authen.oidc.refresh_access_token"), grant::REFRESH))
}

fn route(slot: Slot, grant_type: &'static str) -> MethodRouter<App> {
    post(async move |State(app): State<App>, request: Request| {
        let started = app.clock().network().now();
        let (code, response) = match handle(&app, &slot, grant_type, request).await {
            Ok(token) => (Code::SUCCESS, token.into_answer()),
            Err(error) => (error.code(Mapping::default()), error.into_response()),
        };
        slot.meter.answered(code, app.clock().network().since(started));
        response
    })
}

async fn handle(app: &App, slot: &Slot, grant_type: &str, request: Request) -> Result<OidcToken, ApiError> {
    let client = client(app, request.headers())?;
    slot.limits.check_app(&client.app_id).map_err(ApiError::rate_limited)?;
    issue(app, &client, grant_type, request).await.map_err(OAuthError::envelope)
}

/// The app behind the bearer token. An app's token here is its tenant token.
fn client(app: &App, headers: &HeaderMap) -> Result<Arc<directory::App>, ApiError> {
    match gateway::bearer(app, headers) {
        Ok(Bearer::Tenant { app }) => Ok(app),
        Ok(Bearer::User { .. }) => {
            let why = "this takes an app access token (t-…), this is a user access token";
            Err(ApiError::new(Code::APP_TOKEN_INVALID, why))
        }
        Err(error) if error.code(Mapping::default()) == Code::TENANT_TOKEN_INVALID => {
            let why = "this app access token is void, expired or was not made here; ask for a new one";
            Err(ApiError::new(Code::APP_TOKEN_INVALID, why))
        }
        Err(error) => Err(error),
    }
}

async fn issue(
    app: &App,
    client: &Arc<directory::App>,
    grant_type: &str,
    request: Request,
) -> Result<OidcToken, OAuthError> {
    let (form, _) = Form::read(request).await?;
    let given = form.required("grant_type")?;
    if given != grant_type {
        let why = format!("grant_type {given:?} is not supported here; {grant_type} is");
        return Err(OAuthError::new(Code::OAUTH_GRANT_TYPE, why));
    }
    let issued = if grant_type == grant::CODE {
        grant::by_code(app, client, &form, REFRESH_LIFE_MS).await?
    } else {
        grant::by_refresh_token(app, client, &form, REFRESH_LIFE_MS).await?
    };
    let (refresh_token, refresh_expires_in) = issued.refresh.map(|r| (r.token, r.expires_in)).unzip();
    Ok(OidcToken {
        access_token: issued.access_token,
        refresh_token,
        token_type: "Bearer".to_owned(),
        expires_in: issued.expires_in,
        refresh_expires_in,
        scope: issued.scope,
    })
}
