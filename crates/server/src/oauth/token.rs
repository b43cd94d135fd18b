//! `POST /oauth/v3/token` and its forerunner `POST /open-apis/authen/v2/oauth/token`: flat bodies, as OAuth has them.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::routing::{MethodRouter, Router, post};
use desk::{directory, oauth};
use wire::Code;
use wire::oauth::OAuthToken;

use super::Slot;
use super::fault::OAuthError;
use super::form::Form;
use super::grant::{self, Issued};
use crate::api::error::json;
use crate::app::App;

const V3: &str = "/oauth/v3/token";
const V2: &str = "/open-apis/authen/v2/oauth/token";
const CLIENT: &str = "client_credentials";
/// How long a refresh token lives, in ms: 7 days.
const REFRESH_LIFE_MS: i64 = 7 * 86_400_000;

/// Both.
pub(super) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route(V3, route(Slot::new(app, "oauth.v3.token"), &[grant::CODE, grant::REFRESH, CLIENT]))
        .route(V2, route(Slot::new(app, "authen.v2.oauth.token"), &[grant::CODE, grant::REFRESH]))
}

fn route(slot: Slot, grants: &'static [&'static str]) -> MethodRouter<App> {
    post(async move |State(app): State<App>, request: Request| {
        let started = app.clock().network().now();
        let (code, response) = match handle(&app, &slot, grants, request).await {
            Ok(token) => (Code::SUCCESS, success(&token)),
            Err(error) => (error.code(), error.flat()),
        };
        slot.meter.answered(code, app.clock().network().since(started));
        response
    })
}

fn success(token: &OAuthToken) -> Response<Body> {
    let mut response = json(200, token);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn handle(app: &App, slot: &Slot, grants: &[&str], request: Request) -> Result<OAuthToken, OAuthError> {
    let (form, headers) = Form::read(request).await?;
    let grant_type = form.required("grant_type")?;
    if !grants.contains(&grant_type) {
        let why = format!("grant_type {grant_type:?} is not supported here; {} are", grants.join(", "));
        return Err(OAuthError::new(Code::OAUTH_GRANT_TYPE, why));
    }
    let client = form.client(app, &headers)?;
    slot.limits.check_app(&client.app_id)?;
    let issued = match grant_type {
        grant::CODE => grant::by_code(app, &client, &form, REFRESH_LIFE_MS).await?,
        grant::REFRESH => grant::by_refresh_token(app, &client, &form, REFRESH_LIFE_MS).await?,
        _ => of_client(app, &client, &form)?,
    };
    let (refresh_token, refresh_token_expires_in) = issued.refresh.map(|r| (r.token, r.expires_in)).unzip();
    Ok(OAuthToken {
        code: Code::SUCCESS.number,
        access_token: issued.access_token,
        expires_in: issued.expires_in,
        refresh_token,
        refresh_token_expires_in,
        token_type: "Bearer".to_owned(),
        scope: issued.scope,
    })
}

/// The app's own token. It carries all of the app's scopes, whatever `scope` says.
fn of_client(app: &App, client: &Arc<directory::App>, form: &Form) -> Result<Issued, OAuthError> {
    let asked = form.optional("scope")?.map(oauth::scopes).unwrap_or_default();
    if let Some(twice) = oauth::named_twice(&asked) {
        return Err(OAuthError::new(Code::OAUTH_SCOPE_TWICE, format!("scope names {twice} twice")));
    }
    if let Some(missing) = asked.iter().find(|scope| !client.scopes.contains(scope)) {
        return Err(OAuthError::new(Code::OAUTH_SCOPE_NOT_GRANTED, format!("the app does not have {missing}")));
    }
    let made = app.tokens().tenant(client, app.now_ms());
    let (access_token, expires_in) = made.ok_or_else(|| OAuthError::new(Code::OAUTH_INTERNAL, "no token was made"))?;
    Ok(Issued { access_token, expires_in, refresh: None, scope: client.scopes.join(" ") })
}
