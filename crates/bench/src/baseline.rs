//! What the product is compared with: the same request to a server that only reads and answers it.

use anyhow::Result;
use axum::extract::Path;
use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Ask {
    event_id: String,
    faqs: Vec<Faq>,
}

#[derive(Deserialize)]
struct Faq {
    id: String,
    score: f64,
}

#[derive(Serialize)]
struct Envelope {
    code: i64,
    msg: &'static str,
    data: Nothing,
}

#[derive(Serialize)]
struct Nothing {}

/// Runs until it is killed.
pub async fn run() -> Result<()> {
    let router = Router::new().route("/open-apis/helpdesk/v1/tickets/{ticket_id}/answer_user_query", post(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    crate::report::line(&format!("ready http://{}", listener.local_addr()?));
    let listener = listener.tap_io(|stream| {
        // As the product does.
        let _ = stream.set_nodelay(true);
    });
    tokio::select! {
        served = axum::serve(listener, router) => served?,
        () = terminated() => {}
    }
    Ok(())
}

async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

async fn answer(Path(ticket_id): Path<String>, Json(ask): Json<Ask>) -> Json<Envelope> {
    let sensible = !ticket_id.is_empty()
        && !ask.event_id.is_empty()
        && ask.faqs.iter().all(|faq| !faq.id.is_empty() && faq.score.is_finite());
    Json(Envelope { code: i64::from(!sensible), msg: "success", data: Nothing {} })
}
