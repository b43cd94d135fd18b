//! `GET /open-apis/authen/v1/user_info`: who the user of a token is.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::routing::{Router, get};
use desk::person;
use wire::Code;
use wire::oauth::UserInfo;

use super::Slot;
use crate::api::answer::Answer;
use crate::api::error::{ApiError, Mapping};
use crate::api::gateway;
use crate::app::App;
use crate::auth::{Bearer, EMAIL, USER_ID};

const PATH: &str = "/open-apis/authen/v1/user_info";

/// The route.
pub(super) fn routes(app: &App) -> Router<App> {
    let slot = Slot::new(app, "authen.user_info");
    let route = get(async move |State(app): State<App>, request: Request| {
        let started = app.clock().network().now();
        let (code, response) = match handle(&app, &slot, request.headers()).await {
            Ok(info) => (Code::SUCCESS, info.into_answer()),
            Err(error) => (error.code(Mapping::default()), error.into_response()),
        };
        slot.meter.answered(code, app.clock().network().since(started));
        response
    });
    Router::new().route(PATH, route)
}

async fn handle(app: &App, slot: &Slot, headers: &HeaderMap) -> Result<UserInfo, ApiError> {
    let Bearer::User { app: client, user_id, granted } = gateway::bearer(app, headers)? else {
        let why = "user_info takes a user access token (u-…), this is a tenant access token";
        return Err(ApiError::new(Code::TENANT_TOKEN_INVALID, why));
    };
    slot.limits.check_app(&client.app_id).map_err(ApiError::rate_limited)?;
    let tenant = client.tenant.clone();
    let found = app.read(move |tx, _| Ok(person::get(tx, &tenant, &user_id)?)).await?;
    let gone = || ApiError::new(Code::USER_TOKEN_INVALID, "the user of this access token is not there any more");
    let person = found.ok_or_else(gone)?;
    let may_see = |scope: &str| granted.has(scope) && client.scopes.iter().any(|have| have == scope);
    Ok(UserInfo {
        en_name: person.name.clone(),
        name: person.name,
        open_id: person.open_id,
        union_id: person.union_id,
        email: person.email.filter(|_| may_see(EMAIL)),
        user_id: may_see(USER_ID).then_some(person.user_id),
        tenant_key: client.tenant.clone(),
    })
}
