//! Whether the process is up, and whether it can work.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{Router, get};
use desk::Refusal;

use crate::app::App;
use crate::metrics;

/// A database that does not answer within this time is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// `/healthz`, `/readyz`, `/metrics`.
pub fn routes() -> Router<App> {
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(ready)).route("/metrics", get(metrics))
}

async fn metrics(State(app): State<App>) -> impl IntoResponse {
    // Without the database the page still tells everything else.
    let queue = app.read(|tx, cx| Ok(desk::outbox::queue(tx, cx)?)).await.ok();
    app.metrics().looked(queue);
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], app.metrics().text())
}

async fn ready(State(app): State<App>) -> impl IntoResponse {
    match fault(&app).await {
        None => (StatusCode::OK, "ready\n".to_owned()),
        Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")),
    }
}

/// Why this server cannot work. Migrations are done before it listens at all, and no server undoes them.
async fn fault(app: &App) -> Option<String> {
    let asked = app.db().read(|tx| Ok::<_, Refusal>(desk::directory::version(tx)?));
    match app.clock().network().timeout(PATIENCE, asked).await {
        Err(_) => return Some(format!("the database did not answer within {} s", PATIENCE.as_secs())),
        Ok(Err(refusal)) => return Some(refusal.to_string()),
        Ok(Ok(_)) => {}
    }
    let dead = app.workers().dead();
    if !dead.is_empty() {
        return Some(dead.join("; "));
    }
    // A number that is lost for good ends its worker, which stands above.
    app.fenced().then(|| "this server could not renew its number and writes nothing until it can".to_owned())
}
