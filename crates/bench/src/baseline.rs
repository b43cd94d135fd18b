//! What the product is compared with: the same request to a server that only reads and answers it.

use std::path::Path as FilePath;
use std::process::Command;

use anyhow::Result;
use axum::extract::Path;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use bytes::Bytes;
use prost::Message as _;
use serde::{Deserialize, Serialize};
use wire::frame::{DATA, Frame};

use crate::process::Process;

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

/// Starts it as a process of its own, with its log in `folder`.
pub fn start(folder: &FilePath) -> Result<Process> {
    // This program, even if a build has replaced its file meanwhile.
    let mut command = Command::new("/proc/self/exe");
    command.arg("--baseline");
    Process::start(command, &folder.join("bare.log"))
}

/// Runs until it is killed.
pub async fn run() -> Result<()> {
    let router = Router::new()
        .route("/open-apis/helpdesk/v1/tickets/{ticket_id}/answer_user_query", post(answer))
        .route("/ws/{count}", get(frames));
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

/// Events that are on their way at the same time on one connection, as the product has them.
const IN_FLIGHT: usize = 16;
/// Bytes of an event's JSON, about as many as that of a question has.
const EVENT: usize = 900;

/// Sends so many event frames and takes the answers, without storing anything.
async fn frames(Path(count): Path<usize>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |mut socket| {
        let payload = Bytes::from(vec![b'x'; EVENT]);
        let frame = Frame { method: DATA, payload: Some(payload), ..Frame::default() }.encode_to_vec();
        let (mut sent, mut answered) = (0, 0);
        while answered < count {
            while sent < count && sent - answered < IN_FLIGHT {
                if socket.send(Message::Binary(frame.clone().into())).await.is_err() {
                    return;
                }
                sent += 1;
            }
            match socket.recv().await {
                Some(Ok(Message::Binary(_))) => answered += 1,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            }
        }
    })
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
