//! A receiver of events that answers at once and notes when marked events came.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::serve::ListenerExt;
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Stands before the number in the text of a question whose event is waited for.
pub const MARK: &str = "bench-question-";

#[derive(Debug, Default)]
struct Inner {
    events: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Instant>>>,
}

/// The receiver.
#[derive(Debug)]
pub struct Sink {
    address: SocketAddr,
    inner: Arc<Inner>,
    task: tokio::task::JoinHandle<()>,
}

impl Sink {
    /// Starts it on a free port.
    pub async fn start() -> Result<Self> {
        let inner = Arc::new(Inner::default());
        let router = Router::new().route("/events", post(receive)).with_state(Arc::clone(&inner));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let task = tokio::spawn(async move {
            // It ends only with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, inner, task })
    }

    /// The request URL.
    pub fn url(&self) -> String {
        format!("http://{}/events", self.address)
    }

    /// Events that came so far.
    pub fn events(&self) -> u64 {
        self.inner.events.load(Ordering::Relaxed)
    }

    /// Tells when the event of the question with this number came.
    pub fn expect(&self, number: u64) -> oneshot::Receiver<Instant> {
        let (tell, told) = oneshot::channel();
        self.inner.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(number, tell);
        told
    }
}

/// Notes the event in `text`, as a receiver of another kind got it.
pub fn note(sink: &Sink, text: &str) {
    arrived(&sink.inner, text, Instant::now());
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    let now = Instant::now();
    let text = std::str::from_utf8(&body).unwrap_or_default();
    if text.contains("\"url_verification\"") {
        let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
        return axum::Json(json!({"challenge": asked["challenge"]})).into_response();
    }
    arrived(&inner, text, now);
    "{}".into_response()
}

fn arrived(inner: &Inner, text: &str, now: Instant) {
    inner.events.fetch_add(1, Ordering::Relaxed);
    if let Some(number) = marked(text) {
        let waiting = inner.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        if let Some(tell) = waiting {
            // Whoever waited may have given up.
            let _ = tell.send(now);
        }
    }
}

fn marked(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once(MARK)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}
