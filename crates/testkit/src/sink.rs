//! A receiver of events: a real HTTP server that keeps what it got and answers as it is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;
use tokio::sync::Notify;

/// A request that came in.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, byte for byte.
    pub body: Bytes,
}

impl Received {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

/// How the receiver answers events.
#[derive(Debug, Clone, Copy)]
pub enum Behaviour {
    /// 200.
    Acknowledge,
    /// This status.
    Status(u16),
    /// Nothing for this long, then 200.
    Hang(Duration),
}

#[derive(Clone)]
struct Shared(Arc<Inner>);

struct Inner {
    events: Mutex<Vec<Received>>,
    challenges: Mutex<u32>,
    behaviour: Mutex<Behaviour>,
    came: Notify,
}

/// A running receiver; it goes with its value.
pub struct Sink {
    address: SocketAddr,
    shared: Shared,
    task: tokio::task::JoinHandle<()>,
}

impl Sink {
    /// Starts a receiver on a free port. It answers URL checks by itself.
    pub async fn start() -> Self {
        Self::at(([127, 0, 0, 1], 0).into()).await
    }

    /// Starts a receiver at this address.
    pub async fn at(address: SocketAddr) -> Self {
        let shared = Shared(Arc::new(Inner {
            events: Mutex::default(),
            challenges: Mutex::default(),
            behaviour: Mutex::new(Behaviour::Acknowledge),
            came: Notify::new(),
        }));
        let router = Router::new().route("/events", post(receive)).with_state(shared.clone());
        let listener = tokio::net::TcpListener::bind(address).await.expect("a free address");
        let address = listener.local_addr().expect("a bound address");
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("the receiver runs");
        });
        Self { address, shared, task }
    }

    /// The request URL.
    pub fn url(&self) -> String {
        format!("http://{}/events", self.address)
    }

    /// From now on answers events so.
    pub fn behave(&self, behaviour: Behaviour) {
        *self.shared.0.behaviour.lock().unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    /// What came so far, URL checks aside.
    pub fn events(&self) -> Vec<Received> {
        self.shared.0.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many events came so far.
    pub fn count(&self) -> usize {
        self.shared.0.events.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// How many URL checks came.
    pub fn challenges(&self) -> u32 {
        *self.shared.0.challenges.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until at least `count` events came and answers them all.
    pub async fn wait(&self, count: usize) -> Vec<Received> {
        self.until(&format!("{count} events"), |events| events.len() >= count).await
    }

    /// Waits until what came satisfies `done`.
    pub async fn until(&self, what: &str, done: impl Fn(&[Received]) -> bool) -> Vec<Received> {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        loop {
            let came = self.shared.0.came.notified();
            let events = self.events();
            if done(&events) {
                return events;
            }
            let timely = tokio::time::timeout_at(deadline, came).await;
            assert!(timely.is_ok(), "waited for {what}, got {}: {:?}", events.len(), self.events());
        }
    }

    /// Waits for the event of this type whose body satisfies `which`, and answers its envelope.
    pub async fn event(&self, event_type: &str, which: impl Fn(&Value) -> bool) -> Value {
        let found = |events: &[Received]| {
            let mut all = events.iter().map(Received::json);
            all.find(|e| e["header"]["event_type"] == event_type && which(&e["event"]))
        };
        let events = self.until(event_type, |events| found(events).is_some()).await;
        found(&events).expect("until saw it")
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let inner = &shared.0;
    let json: Value = serde_json::from_slice(&body).unwrap_or_default();
    if json["type"] == "url_verification" {
        *inner.challenges.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        return axum::Json(serde_json::json!({"challenge": json["challenge"]})).into_response();
    }
    inner.events.lock().unwrap_or_else(PoisonError::into_inner).push(Received { headers, body });
    inner.came.notify_waiters();
    let behaviour = *inner.behaviour.lock().unwrap_or_else(PoisonError::into_inner);
    match behaviour {
        Behaviour::Acknowledge => StatusCode::OK.into_response(),
        Behaviour::Status(status) => StatusCode::from_u16(status).unwrap_or(StatusCode::OK).into_response(),
        Behaviour::Hang(time) => {
            tokio::time::sleep(time).await;
            StatusCode::OK.into_response()
        }
    }
}
