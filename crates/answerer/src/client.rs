//! Calls to the open API: tokens that renew themselves, waits that the platform asks for, and bounded tries.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{Mutex, Semaphore};
use wire::Code;

use crate::{Clock, Credentials, StartError, backoff};

/// Calls under way at the same time.
pub(crate) const SIDE_BY_SIDE: usize = 16;
const CALL_MAX: Duration = Duration::from_secs(15);
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Tries of one call; the ledger tries again later.
const TRIES: u32 = 5;
/// Longest single wait, whatever a reset header says.
const WAIT_MAX: Duration = Duration::from_mins(1);
/// A token is renewed when so much of its life is left, or half of a short life.
const RENEW_BEFORE: Duration = Duration::from_mins(5);
const RESET: &str = "x-ogw-ratelimit-reset";

/// Why a call did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallError {
    /// The platform said no, and would say it again.
    #[error("HTTP {http}, code {code}: {msg}")]
    Refused {
        /// The status.
        http: u16,
        /// The envelope's code.
        code: i64,
        /// What the platform says.
        msg: String,
    },
    /// No answer, or one that may be another a while later.
    #[error("{0}")]
    Unavailable(String),
}

/// What one try came to.
enum Try {
    Done(Value),
    Failed(CallError),
    /// The token is not, or no longer, good.
    Stale(String),
    /// Too many calls; wait so long.
    Limited(Duration),
    Broken(String),
}

struct Token {
    text: String,
    /// On the clock's running time.
    renew_at: Duration,
}

/// The open API of one help desk.
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    credentials: Credentials,
    desk_header: String,
    token: Mutex<Option<Token>>,
    permits: Semaphore,
    clock: Arc<dyn Clock>,
}

impl Client {
    pub(crate) fn new(base: &str, credentials: Credentials, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        // Fails only if the process has a provider already, which will do as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_MAX)
            .timeout(CALL_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("deskwire-answer/", env!("CARGO_PKG_VERSION")));
        // Reading the system's certificates takes a while and is of no use without TLS.
        let builder = if base.starts_with("https://") { builder } else { builder.tls_certs_only([]) };
        let http = builder.build().map_err(|error| StartError::Other(format!("no HTTP client: {error}")))?;
        let desk_header = STANDARD.encode(format!("{}:{}", credentials.helpdesk_id, credentials.helpdesk_token));
        Ok(Self {
            http,
            base: base.to_owned(),
            credentials,
            desk_header,
            token: Mutex::new(None),
            permits: Semaphore::new(SIDE_BY_SIDE),
            clock,
        })
    }

    /// A plain request to the same host, for discovery.
    pub(crate) fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}{path}", self.base))
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Calls the help desk API with a body of JSON; answers `data`.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&str>) -> Result<Value, CallError> {
        let _permit = self.permits.acquire().await.map_err(|_| CallError::Unavailable("stopping".into()))?;
        let mut last = String::new();
        for tried in 0..TRIES {
            match self.attempt(&method, path, body).await {
                Try::Done(data) => return Ok(data),
                Try::Failed(error) => return Err(error),
                Try::Stale(why) => {
                    last = why;
                    // A fresh token is tried at once; one that is refused as well waits for its turn.
                    if tried > 0 {
                        self.clock.sleep(backoff(tried)).await;
                    }
                }
                Try::Limited(wait) => {
                    tracing::debug!(path, ?wait, "too many calls");
                    "too many calls (99991400)".clone_into(&mut last);
                    self.clock.sleep(wait + backoff(0)).await;
                }
                Try::Broken(why) => {
                    last = why;
                    self.clock.sleep(backoff(tried)).await;
                }
            }
        }
        Err(CallError::Unavailable(format!("{path}: {last}")))
    }

    async fn attempt(&self, method: &Method, path: &str, body: Option<&str>) -> Try {
        let token = match self.token().await {
            Ok(token) => token,
            Err(CallError::Unavailable(why)) => return Try::Broken(why),
            Err(refused) => return Try::Failed(refused),
        };
        let url = format!("{}/open-apis/helpdesk/v1{path}", self.base);
        let request = self.http.request(method.clone(), url).bearer_auth(&token);
        let request = request.header("X-Lark-Helpdesk-Authorization", &self.desk_header);
        let request = match body {
            // reqwest's own content type has no charset, which the platform documents as fixed.
            Some(body) => request.header("Content-Type", "application/json; charset=utf-8").body(body.to_owned()),
            None => request,
        };
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Try::Broken(cause(&error)),
        };
        let (status, reset) = (response.status(), reset(response.headers()));
        let text = match response.bytes().await {
            Ok(text) => text,
            Err(error) => return Try::Broken(cause(&error)),
        };
        let envelope: Value = serde_json::from_slice(&text).unwrap_or_default();
        let code = envelope["code"].as_i64();
        match judge(status, code) {
            Verdict::Done => Try::Done(envelope["data"].clone()),
            Verdict::Limited => Try::Limited(reset.unwrap_or(Duration::from_secs(1)).min(WAIT_MAX)),
            Verdict::Stale => {
                self.forget(&token).await;
                Try::Stale(said(status, &envelope))
            }
            Verdict::Broken => Try::Broken(said(status, &envelope)),
            Verdict::Refused => Try::Failed(CallError::Refused {
                http: status.as_u16(),
                code: code.unwrap_or(-1),
                msg: said(status, &envelope),
            }),
        }
    }

    async fn forget(&self, used: &str) {
        let mut token = self.token.lock().await;
        // Another call may have renewed it meanwhile.
        if token.as_ref().is_some_and(|held| held.text == used) {
            *token = None;
        }
    }

    /// The tenant token, asked for if there is none or its end is near. One call asks, the others wait for it.
    pub(crate) async fn token(&self) -> Result<String, CallError> {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref().filter(|token| self.clock.running() < token.renew_at) {
            return Ok(token.text.clone());
        }
        let body = json!({"app_id": self.credentials.app_id, "app_secret": self.credentials.app_secret});
        let asking = self.post("/open-apis/auth/v3/tenant_access_token/internal").json(&body).send();
        let response = asking.await.map_err(|error| CallError::Unavailable(cause(&error)))?;
        let status = response.status();
        let text = response.bytes().await.map_err(|error| CallError::Unavailable(cause(&error)))?;
        let answer: Value = serde_json::from_slice(&text).unwrap_or_default();
        match (answer["code"].as_i64(), answer["tenant_access_token"].as_str()) {
            (Some(0), Some(text)) => {
                let life = Duration::from_secs(answer["expire"].as_u64().unwrap_or(0));
                let renew_at = self.clock.running() + life.saturating_sub(RENEW_BEFORE).max(life / 2);
                *held = Some(Token { text: text.to_owned(), renew_at });
                Ok(text.to_owned())
            }
            (Some(code @ (10_003 | 10_012..=10_015 | 99_991_543)), _) => {
                Err(CallError::Refused { http: status.as_u16(), code, msg: said(status, &answer) })
            }
            _ => Err(CallError::Unavailable(format!("no token: {}", said(status, &answer)))),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Done,
    Stale,
    Limited,
    Broken,
    Refused,
}

/// What an answer means (reference: platform-protocol 3.1, 4).
fn judge(status: StatusCode, code: Option<i64>) -> Verdict {
    match code {
        Some(0) if status.is_success() => Verdict::Done,
        Some(99_991_661 | 99_991_663 | 99_991_664 | 99_991_668 | 99_991_671 | 99_991_677) => Verdict::Stale,
        Some(code) if code == Code::RATE_LIMITED.number => Verdict::Limited,
        _ if status == StatusCode::TOO_MANY_REQUESTS => Verdict::Limited,
        _ if status.is_server_error() => Verdict::Broken,
        // Something in between that is not the platform.
        None => Verdict::Broken,
        Some(_) => Verdict::Refused,
    }
}

fn reset(headers: &reqwest::header::HeaderMap) -> Option<Duration> {
    let value = headers.get(RESET).or_else(|| headers.get("retry-after"))?;
    Some(Duration::from_secs(value.to_str().ok()?.trim().parse().ok()?))
}

fn said(status: StatusCode, envelope: &Value) -> String {
    let detail = envelope["error"]["message"].as_str().filter(|text| !text.is_empty());
    match detail.or(envelope["msg"].as_str()) {
        Some(text) => format!("{text} (code {}, HTTP {})", envelope["code"], status.as_u16()),
        None => format!("HTTP {} without an envelope", status.as_u16()),
    }
}

/// The innermost cause, without the URL.
fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(next) = inner.source() {
        inner = next;
    }
    inner.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_judged_by_their_code_before_their_status() {
        let judged = |status: u16, code| judge(StatusCode::from_u16(status).unwrap(), code);
        assert_eq!(judged(200, Some(0)), Verdict::Done);
        assert_eq!(judged(400, Some(99_991_663)), Verdict::Stale);
        assert_eq!(judged(401, Some(99_991_663)), Verdict::Stale);
        assert_eq!(judged(400, Some(99_991_400)), Verdict::Limited);
        assert_eq!(judged(429, None), Verdict::Limited);
        assert_eq!(judged(500, Some(155_000)), Verdict::Broken);
        assert_eq!(judged(502, None), Verdict::Broken);
        assert_eq!(judged(400, Some(154_000)), Verdict::Refused);
        assert_eq!(judged(404, Some(154_004)), Verdict::Refused);
    }
}
