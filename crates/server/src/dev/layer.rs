//! Around all routes of `deskwire dev`: notes each call for the inspector and lets faults happen.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use axum::middleware::Next;
use tokio::sync::Notify;
use wire::Code;

use super::faults::{Lost, Trouble};
use crate::api::error::json;
use crate::app::App;
use crate::inspector::Noting;
use crate::log_id;

/// Calls whose paths begin so are noted.
const NOTED: [&str; 3] = ["/open-apis/", "/guest/v1/", "/callback/"];
/// The largest body of a call that can be made twice, in bytes.
const TWICE_MAX: usize = 4 * 1024 * 1024;

/// Closes the connection that a request came on, without an answer.
#[derive(Debug, Clone, Default)]
pub struct Sever(Arc<Notify>);

impl Sever {
    /// Waits until the connection is to be closed.
    pub async fn severed(&self) {
        self.0.notified().await;
    }

    async fn now(&self) -> ! {
        self.0.notify_one();
        // The connection is dropped, and this with it.
        std::future::pending().await
    }
}

/// The layer.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response<Body> {
    let Some(controls) = app.controls() else { return next.run(request).await };
    let path = request.uri().path();
    let trouble = if path.starts_with("/dev/") {
        None
    } else {
        controls.faults.trouble(request.method().as_str(), path, || dice(&app))
    };
    if !NOTED.iter().any(|noted| path.starts_with(noted)) {
        return go(&app, request, next, trouble).await;
    }
    let (noting, request) = Noting::begin(&app, &controls.calls, request);
    if trouble.is_some_and(|trouble| trouble.lost.is_some()) {
        // Noted beforehand, because nothing runs after the connection is closed.
        noting.lost();
    }
    let response = go(&app, request, next, trouble).await;
    noting.answer(response, trouble.is_some_and(|trouble| trouble.answer.is_some()))
}

/// A number in 0..100.
pub fn dice(app: &App) -> u64 {
    u64::from(u32::from_le_bytes(app.ids().bytes())) % 100
}

async fn go(app: &App, request: Request, next: Next, trouble: Option<Trouble>) -> Response<Body> {
    let Some(trouble) = trouble else { return next.run(request).await };
    let sever = request.extensions().get::<Sever>().cloned();
    app.clock().network().sleep(trouble.delay).await;
    if let (Some(Lost::Request), Some(sever)) = (trouble.lost, &sever) {
        sever.now().await;
    }
    if let Some((status, code)) = trouble.answer {
        return failure(status, code);
    }
    let response = if trouble.twice { twice(request, next).await } else { next.run(request).await };
    if let (Some(Lost::Answer), Some(sever)) = (trouble.lost, &sever) {
        sever.now().await;
    }
    response
}

/// Makes the call twice, as a client does that repeats what it thinks lost, and answers what came the second time.
async fn twice(request: Request, next: Next) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, TWICE_MAX).await else {
        return failure(StatusCode::PAYLOAD_TOO_LARGE.as_u16(), Code::BAD_REQUEST.number);
    };
    let first = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    drop(next.clone().run(first).await);
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

fn failure(status: u16, code: i64) -> Response<Body> {
    let msg = Code::ALL.iter().find(|known| known.number == code).map_or("on purpose", |known| known.msg);
    let log_id = log_id::current().to_string();
    let message = "a fault set at /dev/v1/faults";
    json(status, &serde_json::json!({"code": code, "msg": msg, "error": {"log_id": log_id, "message": message}}))
}
