//! One endpoint, one file, one `impl` [`Endpoint`]; [`super::gateway`] does everything around it.

use std::future::Future;
use std::sync::Arc;

use axum::http::Method;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use wire::Code;

use super::answer::Answer;
use super::error::{ApiError, Mapping};
use crate::app::App;
use crate::limits::Rate;

/// Which kind of access token an endpoint takes; each takes one kind only (reference: helpdesk-v1 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// `t-…`, for an app in its tenant.
    Tenant,
    /// `u-…`, for a user through an app.
    User,
}

/// Who calls, as the gateway found out.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The app the access token was made for.
    pub app: Arc<desk::directory::App>,
    /// The help desk named by `X-Lark-Helpdesk-Authorization`; of the app's tenant.
    pub helpdesk: Arc<desk::directory::Helpdesk>,
    /// The user id of a user token; `None` with a tenant token.
    pub user: Option<String>,
}

impl Caller {
    /// The user of an endpoint with [`Token::User`].
    pub fn user_id(&self) -> &str {
        self.user.as_deref().unwrap_or_default()
    }
}

/// An endpoint of the open API. Route, token kind, scopes, limits, metrics and schemas all come from its `impl`.
pub trait Endpoint: Send + Sync + 'static {
    /// The SDK's method name, which is also the file's path and the metrics label: `ticket.answer_user_query`.
    const ID: &'static str;
    /// What it does and what it needs, in a sentence or two, for the API document.
    const SUMMARY: &'static str;
    /// The HTTP method.
    const METHOD: Method;
    /// The path with `{name}` for parameters.
    const PATH: &'static str;
    /// The kind of access token.
    const TOKEN: Token;
    /// The app needs one of these scopes.
    const SCOPES: &'static [&'static str];
    /// Whether store apps may call it too (reference: helpdesk-v1 1: only `start_service`).
    const STORE_APPS: bool = false;
    /// How often an app may call it.
    const RATE: Rate;
    /// The codes of its page in the reference, and those it answers besides; the gateway's own need not be named.
    const ERRORS: &'static [Code];
    /// Whether the body is read although the method is GET or DELETE (reference: helpdesk-v1 11.2).
    const BODY_OF_GET: bool = false;
    /// The answer to an id that names nothing; [`Code::BAD_REQUEST`] on pages without a 404 row.
    const NOT_FOUND: Code = Code::NOT_FOUND;
    /// The answer to what the caller may not do.
    const FORBIDDEN: Code = Code::FORBIDDEN;

    /// Path parameters: a struct with a `String` for each, or [`wire::Nothing`].
    type Path: DeserializeOwned + JsonSchema + Send;
    /// Query parameters: a struct of numbers, bools, strings and lists, or [`wire::Nothing`].
    type Query: DeserializeOwned + JsonSchema + Send;
    /// The JSON body, or [`wire::Nothing`]. Bodies of GET and DELETE are not read but with [`Self::BODY_OF_GET`].
    type Body: DeserializeOwned + JsonSchema + Send;
    /// What stands in `data`, or [`super::answer::Binary`].
    type Data: Answer;

    /// Does it. Everything the gateway checks has been checked.
    fn call(
        app: &App,
        caller: Caller,
        path: Self::Path,
        query: Self::Query,
        body: Self::Body,
    ) -> impl Future<Output = Result<Self::Data, ApiError>> + Send;
}

/// The codes of an endpoint's page.
pub fn mapping<E: Endpoint>() -> Mapping {
    Mapping { not_found: E::NOT_FOUND, forbidden: E::FORBIDDEN }
}
