//! `POST /open-apis/auth/v3/tenant_access_token/internal`

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use schemars::JsonSchema;
use serde::Serialize;
use wire::token::{TenantAccessToken, TokenFailure};

use super::{failure, token};
use crate::api::error::json;
use crate::app::App;

/// The path; one slash more at the end works too.
pub const PATH: &str = "/open-apis/auth/v3/tenant_access_token/internal";

/// What it answers, with HTTP 200 in both cases.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "TenantAccessTokenAnswer")]
pub enum Answer {
    /// The token.
    Token(TenantAccessToken),
    /// Why there is none.
    Failure(TokenFailure),
}

/// Answers the app's tenant token: the same one while it has 30 minutes or more left.
pub async fn call(State(app): State<App>, request: Request) -> Response<Body> {
    match token(&app, request).await {
        Ok((token, expire)) => json(200, &Answer::Token(TenantAccessToken::new(token, expire))),
        Err(code) => json(code.http, &Answer::Failure(failure(code))),
    }
}
