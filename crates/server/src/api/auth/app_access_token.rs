//! `POST /open-apis/auth/v3/app_access_token/internal`

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use wire::token::AppAccessToken;

use super::{failure, token};
use crate::api::error::json;
use crate::app::App;

/// The path; one slash more at the end works too.
pub const PATH: &str = "/open-apis/auth/v3/app_access_token/internal";

/// Answers the app token, which for these apps is the tenant token.
pub async fn call(State(app): State<App>, request: Request) -> Response<Body> {
    match token(&app, request).await {
        Ok((token, expire)) => json(200, &AppAccessToken::new(token, expire)),
        Err(code) => failure(code),
    }
}
