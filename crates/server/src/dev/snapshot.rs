//! Going back: to how it was at the start, or at a snapshot.

use axum::Json;
use axum::extract::{Request, State};
use desk::snapshot::{self, Snapshot};
use serde_json::{Value, json};

use super::controls;
use crate::api::error::ApiError;
use crate::app::App;

/// The largest snapshot that is taken back, in bytes.
const BYTES_MAX: usize = 512 * 1024 * 1024;

/// Remembers how everything is now, for `reset`.
///
/// # Errors
/// The database cannot be read.
pub async fn remember(app: &App) -> Result<(), desk::Refusal> {
    let now = app.read(|tx, _| Ok(snapshot::take(tx)?)).await?;
    controls(app).start.set(now).map_err(|_| desk::Refusal::invalid("start", "was remembered already"))
}

/// `GET /dev/v1/snapshot`
pub(super) async fn take(State(app): State<App>) -> Result<Json<Snapshot>, ApiError> {
    Ok(Json(app.read(|tx, _| Ok(snapshot::take(tx)?)).await?))
}

/// `PUT /dev/v1/snapshot`
pub(super) async fn put(State(app): State<App>, request: Request) -> Result<Json<Value>, ApiError> {
    let bytes = axum::body::to_bytes(request.into_body(), BYTES_MAX).await;
    let bytes = bytes.map_err(|_| ApiError::invalid("body", format!("{BYTES_MAX} bytes at most are allowed")))?;
    let snapshot: Snapshot = serde_json::from_slice(&bytes)
        .map_err(|error| ApiError::invalid("body", format!("is no answer of GET /dev/v1/snapshot: {error}")))?;
    go_to(&app, snapshot).await?;
    Ok(Json(json!({"now_ms": app.now_ms()})))
}

/// `POST /dev/v1/reset`: the data as after the start, no faults, no noted calls. The clock stays: it never goes back.
pub(super) async fn reset(State(app): State<App>) -> Result<Json<Value>, ApiError> {
    let start = controls(&app).start.get().cloned();
    let start = start.ok_or_else(|| ApiError::invalid("reset", "the server has not finished its start; try again"))?;
    go_to(&app, start).await?;
    controls(&app).faults.clear();
    controls(&app).calls.clear();
    Ok(Json(json!({"now_ms": app.now_ms()})))
}

async fn go_to(app: &App, snapshot: Snapshot) -> Result<(), desk::Refusal> {
    app.write(move |tx, cx| snapshot::put(tx, cx, &snapshot)).await?;
    app.engines().forget();
    app.doorkeeper().forget();
    // What waits for a connection goes where there is one.
    let apps: Vec<String> = app.directory().apps.keys().cloned().collect();
    for app_id in &apps {
        app.long_connections().live.came(app_id);
    }
    // Whoever waits for something looks again.
    app.hub().hear(&db::News::Missed);
    Ok(())
}
