//! What apps called and what they were answered, kept in memory: for the developer of `deskwire dev`, who sees all of it
//! but secrets ([`mask`]), and for administrators, who see the shape of their tenant's calls ([`strict`]).
//!
//! A production server keeps little ([`calls::Calls::narrow`]), writes nothing to disk, and forgets all when it stops; the
//! setting `inspector` switches it off. What is kept is masked when it is looked at, so that a call costs a copy of its
//! first bytes and no more.

pub mod calls;
pub mod mask;
pub mod strict;
pub mod tee;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::middleware::Next;

use self::calls::{Answered, Begun};
use self::tee::{Kept, Tee};
use crate::api::gateway;
use crate::app::App;
use crate::auth::Bearer;
use crate::log_id;

/// Calls whose paths begin so are kept for administrators.
pub const OPEN_API: &str = "/open-apis/";

/// How a call begins, as far as it is kept.
pub fn begun(app: &App, request: &Request) -> Begun {
    let headers = request.headers().clone();
    let of_token = match gateway::bearer(app, &headers) {
        Ok(Bearer::Tenant { app } | Bearer::User { app, .. }) => Some(app.app_id.clone()),
        Err(_) => None,
    };
    Begun {
        log_id: log_id::current().to_string(),
        at: app.now_ms(),
        head: (request.method().clone(), request.uri().clone(), headers),
        app_id: of_token,
    }
}

/// The layer around all routes of a production server that keeps calls.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response<Body> {
    let calls = app.calls().filter(|_| request.uri().path().starts_with(OPEN_API));
    let Some(calls) = calls else { return next.run(request).await };
    let (timers, began) = (app.clock().network().clone(), app.clock().network().now());
    let (body_max, kept) = (calls.body_max, Arc::new(Kept::new(calls.body_max)));
    let call = calls.begin(begun(&app, &request), Arc::clone(&kept));
    let (parts, body) = request.into_parts();
    let response = next.run(Request::from_parts(parts, Tee::body(body, kept))).await;
    let (parts, body) = response.into_parts();
    let kept = Arc::new(Kept::new(body_max));
    call.answered(Answered {
        status: Some(parts.status),
        headers: parts.headers.clone(),
        body: Arc::clone(&kept),
        took_ms: u64::try_from(timers.since(began).as_millis()).unwrap_or(u64::MAX),
        by_fault: false,
    });
    Response::from_parts(parts, Tee::body(body, kept))
}
