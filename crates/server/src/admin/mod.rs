//! The admin API: the side of administrators, owners and agents, JSON over HTTP under `/admin/v1`. Successes are plain
//! JSON, failures have the open API's envelope.
//!
//! Everybody signs in first ([`session`]) and then is a [`Visitor`], by cookie (pages) or by bearer token (scripts).
//! There is no CORS here: pages of other origins read nothing, and [`visitor`] sees to it that they change nothing
//! either.

mod accounts;
mod agents;
mod api_calls;
mod app_calls;
mod apps;
mod audit_calls;
mod calibration;
pub(crate) mod calls;
mod cases;
mod categories;
mod content_calls;
mod decisions;
mod desk_calls;
mod desks;
mod duplicates;
mod events;
mod explain;
mod faq_files;
mod faqs;
mod fields;
mod gap_calls;
mod gaps;
mod history;
mod me;
mod notification_calls;
mod notifications;
mod replay;
mod report_calls;
mod reports;
mod roster_calls;
mod session;
mod settings;
mod settings_calls;
mod skills;
mod stream;
mod synonyms;
mod table;
mod user_calls;
mod visitor;

pub use calls::calls;
pub(crate) use session::rights_word;
pub(crate) use stream::Feeds;
pub(crate) use visitor::Visitor;
pub(crate) use visitor::{COOKIE, CSRF_HEADER};

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::http::request::Parts;
use axum::middleware::{from_fn, map_response};
use axum::response::Response;

use serde::de::DeserializeOwned;

use crate::api::error::ApiError;
use crate::api::query;
use crate::app::App;
use crate::audit;

/// The routes.
pub fn routes() -> Router<App> {
    calls().into_router().route_layer(map_response(kept_nowhere)).route_layer(from_fn(audit::around))
}

/// Answers show what only one person may see.
pub(crate) async fn kept_nowhere(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What stands after `?`.
pub(crate) struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        query::decode(parts.uri.query()).map(Self)
    }
}
