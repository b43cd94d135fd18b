//! Events by HTTP: URL check, decryption, token and signature (reference: platform-protocol 5); and the health checks.

use std::sync::Arc;

use aes::Aes256;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::Counts;
use crate::intake::{Fault, Intake};

const BODY_MAX: usize = 1 << 20;
const IV: usize = 16;

/// What a webhook checks events with.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// The app's verification token; every event has to carry it.
    pub verification_token: String,
    /// The app's encrypt key; with one, only encrypted and signed events are taken.
    pub encrypt_key: Option<String>,
}

/// What the listener needs.
#[derive(Clone)]
pub(crate) struct Listener {
    /// `None` with the long connection: only the health checks are there.
    pub(crate) webhook: Option<(Arc<Webhook>, Intake)>,
    pub(crate) live: watch::Receiver<bool>,
    pub(crate) counts: Arc<Counts>,
}

pub(crate) async fn run(listener: TcpListener, state: Listener, mut stop: watch::Receiver<bool>) {
    let router = Router::new()
        .route("/events", post(receive))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(state);
    let stopped = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
        tracing::error!(%error, "the listener ended");
    }
}

async fn ready(State(state): State<Listener>) -> Response {
    if state.webhook.is_some() || *state.live.borrow() {
        return "ready".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, "no long connection").into_response()
}

async fn metrics(State(state): State<Listener>) -> String {
    state.counts.text()
}

async fn receive(State(state): State<Listener>, headers: HeaderMap, body: Bytes) -> Response {
    let Some((webhook, intake)) = &state.webhook else { return StatusCode::NOT_FOUND.into_response() };
    let opened = match open(webhook, &headers, &body) {
        Ok(opened) => opened,
        Err(why) => {
            tracing::warn!(why, "an event was refused");
            return (StatusCode::UNAUTHORIZED, why).into_response();
        }
    };
    match opened {
        Opened::Challenge(challenge) => axum::Json(json!({"challenge": challenge})).into_response(),
        Opened::Event(json) => match intake.take(&json).await {
            Ok(()) => axum::Json(json!({"msg": "success"})).into_response(),
            Err(error @ Fault::Malformed(_)) => {
                tracing::warn!(%error, "an event that cannot be read");
                (StatusCode::BAD_REQUEST, error.to_string()).into_response()
            }
            Err(error) => {
                tracing::error!(%error, "an event was not taken; it will come again");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        },
    }
}

#[derive(Debug, PartialEq)]
enum Opened {
    Challenge(Value),
    Event(Vec<u8>),
}

/// Decrypts and checks a request.
fn open(webhook: &Webhook, headers: &HeaderMap, body: &[u8]) -> Result<Opened, &'static str> {
    let outer: Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON")?;
    let plain = match (&webhook.encrypt_key, outer["encrypt"].as_str()) {
        (Some(key), Some(sealed)) => {
            decrypt(key, sealed).ok_or("the event cannot be decrypted with the encrypt key")?
        }
        (Some(_), None) => return Err("the event is not encrypted, but an encrypt key is set"),
        (None, Some(_)) => return Err("the event is encrypted, but no encrypt key is set"),
        (None, None) => body.to_vec(),
    };
    let event: Value = serde_json::from_slice(&plain).map_err(|_| "the decrypted event is not JSON")?;
    let challenge = event["type"] == "url_verification";
    let token = if challenge { &event["token"] } else { &event["header"]["token"] };
    if !same(token.as_str().unwrap_or_default(), &webhook.verification_token) {
        return Err("the verification token is another");
    }
    if challenge {
        // Not signed (platform-protocol 5.2).
        return Ok(Opened::Challenge(event["challenge"].clone()));
    }
    if let Some(key) = &webhook.encrypt_key {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut hash = Sha256::new();
        for part in [header("x-lark-request-timestamp"), header("x-lark-request-nonce"), key.as_str()] {
            hash.update(part.as_bytes());
        }
        hash.update(body);
        if !same(header("x-lark-signature"), &hex::encode(hash.finalize())) {
            return Err("the signature is wrong");
        }
    }
    Ok(Opened::Event(plain))
}

fn same(given: &str, expected: &str) -> bool {
    given.as_bytes().ct_eq(expected.as_bytes()).into()
}

fn decrypt(key: &str, sealed: &str) -> Option<Vec<u8>> {
    let sealed = STANDARD.decode(sealed).ok()?;
    let (iv, cipher) = sealed.split_at_checked(IV)?;
    let iv: [u8; IV] = iv.try_into().ok()?;
    let key: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    cbc::Decryptor::<Aes256>::new(&key.into(), &iv.into()).decrypt_padded_vec::<Pkcs7>(cipher).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_value_is_decrypted() {
        let sealed = "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=";
        assert_eq!(decrypt("test key", sealed).unwrap(), b"hello world");
        assert_eq!(decrypt("other key", sealed).filter(|plain| plain == b"hello world"), None);
        assert_eq!(decrypt("test key", "AAAA"), None);
    }

    #[test]
    fn only_what_carries_the_token_is_taken() {
        let webhook = Webhook { verification_token: "v".into(), encrypt_key: None };
        let opened = |webhook: &Webhook, json: Value| open(webhook, &HeaderMap::new(), json.to_string().as_bytes());
        let check = json!({"type": "url_verification", "token": "v", "challenge": "c"});
        assert_eq!(opened(&webhook, check.clone()), Ok(Opened::Challenge(json!("c"))));
        assert!(opened(&webhook, json!({"header": {"token": "v"}})).is_ok());
        assert!(opened(&webhook, json!({"header": {"token": "w"}})).unwrap_err().contains("token"));
        assert!(opened(&webhook, json!({"encrypt": "x"})).unwrap_err().contains("no encrypt key"));
        let sealed = Webhook { encrypt_key: Some("k".into()), ..webhook };
        assert!(opened(&sealed, check).unwrap_err().contains("not encrypted"));
    }
}
