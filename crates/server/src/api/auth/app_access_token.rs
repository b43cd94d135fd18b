//! `POST /open-apis/auth/v3/app_access_token/internal`

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use schemars::JsonSchema;
use serde::Serialize;
use wire::token::{AppAccessToken, TokenFailure};

use super::{failure, token};
use crate::api::error::json;
use crate::app::App;

/// The path; one slash more at the end works too.
pub const PATH: &str = "/open-apis/auth/v3/app_access_token/internal";

/// What it answers, with HTTP 200 in both cases.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "AppAccessTokenAnswer")]
pub enum Answer {
    /// The token.
    Token(AppAccessToken),
    /// Why there is none.
    Failure(TokenFailure),
}

/// Answers the app token, which for these apps is the tenant token.
pub async fn call(State(app): State<App>, request: Request) -> Response<Body> {
    match token(&app, request).await {
        Ok((token, expire)) => json(200, &Answer::Token(AppAccessToken::new(token, expire))),
        Err(code) => json(code.http, &Answer::Failure(failure(code))),
    }
}
