//! The calls that came in, for the developer who made them: headers, body, answer, and for an error its cause and what
//! mends it. The latest are in memory, as many as fit the bounds.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Value, json};
use wire::Code;

use super::controls;
use super::mask;
use super::tee::Kept;
use crate::api::error::ApiError;
use crate::app::App;

/// The most calls kept.
const CALLS_MAX: usize = 1_000;
/// The most bytes of bodies kept, all calls together.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// A call.
#[derive(Debug)]
pub struct Call {
    /// Grows from call to call.
    number: u64,
    log_id: String,
    /// When it came, Unix ms.
    at: i64,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Arc<Kept>,
    answer: OnceLock<Answered>,
    /// Those of the list.
    changes: Arc<AtomicU64>,
}

/// Its answer.
#[derive(Debug)]
pub struct Answered {
    /// The HTTP status; `None` if the connection was closed without an answer.
    pub status: Option<StatusCode>,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as far as it was sent.
    pub body: Arc<Kept>,
    /// How long it took until the answer began, in ms of real time.
    pub took_ms: u64,
    /// Whether a fault of the developer's had a hand in it.
    pub by_fault: bool,
}

impl Call {
    /// Notes the answer; only the first counts.
    pub fn answered(&self, answer: Answered) {
        let _ = self.answer.set(answer);
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    fn bytes(&self) -> usize {
        self.body.len() + self.answer.get().map_or(0, |answer| answer.body.len())
    }
}

/// The calls of one server; empty outside of `deskwire dev`.
#[derive(Debug, Default)]
pub struct Calls {
    list: Mutex<List>,
    changes: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct List {
    next: u64,
    calls: VecDeque<Arc<Call>>,
}

impl Calls {
    fn list(&self) -> MutexGuard<'_, List> {
        // A panic while it is held leaves the list whole.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a call that just came.
    pub fn begin(&self, log_id: String, at: i64, request: (Method, Uri, HeaderMap), body: Arc<Kept>) -> Arc<Call> {
        let (method, uri, headers) = request;
        let mut list = self.list();
        list.next += 1;
        let (number, changes) = (list.next, Arc::clone(&self.changes));
        let answer = OnceLock::new();
        let call = Arc::new(Call { number, log_id, at, method, uri, headers, body, answer, changes });
        let mut bytes: usize = list.calls.iter().map(|call| call.bytes()).sum();
        while list.calls.len() >= CALLS_MAX || bytes > BYTES_MAX {
            let Some(oldest) = list.calls.pop_front() else { break };
            bytes = bytes.saturating_sub(oldest.bytes());
        }
        list.calls.push_back(Arc::clone(&call));
        self.changes.fetch_add(1, Ordering::Relaxed);
        call
    }

    /// Forgets all calls.
    pub fn clear(&self) {
        self.list().calls.clear();
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// Grows with each call that comes, is answered or is forgotten.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }
}

fn headers(headers: &HeaderMap) -> Value {
    let one = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        json!([name.as_str(), mask::header(name.as_str(), &text)])
    };
    Value::Array(headers.iter().map(one).collect())
}

fn body(kept: &Kept, headers: &HeaderMap) -> Value {
    let (bytes, total) = kept.read();
    let kind = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("");
    let cut = bytes.len() < total;
    let text = match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        // The end of the kept part may lie within a character.
        Err(error) if cut && error.utf8_error().error_len().is_none() => {
            Some(String::from_utf8_lossy(error.as_bytes()).trim_end_matches('\u{fffd}').to_owned())
        }
        Err(_) => None,
    };
    json!({"bytes": total, "cut": cut, "text": text.map(|text| mask::body(kind, &text))})
}

fn answer_json(answer: &Answered) -> Option<Value> {
    serde_json::from_slice(&answer.body.read().0).ok()
}

fn short(call: &Call) -> Value {
    let answer = call.answer.get();
    let code = answer.and_then(answer_json).and_then(|json| json["code"].as_i64());
    json!({"number": call.number, "log_id": call.log_id, "at": call.at, "method": call.method.as_str(),
           "path": call.uri.path(), "status": answer.and_then(|a| a.status).map(|s| s.as_u16()), "code": code,
           "took_ms": answer.map(|a| a.took_ms), "by_fault": answer.is_some_and(|a| a.by_fault)})
}

/// What went wrong, in words: what the code means, and what the answer says about this call.
fn error(answer: &Answered) -> Value {
    if answer.by_fault {
        let fix = "a fault set at /dev/v1/faults did this; DELETE /dev/v1/faults ends all";
        return json!({"cause": "on purpose", "fix": fix});
    }
    let Some(json) = answer_json(answer).filter(|json| json["code"].as_i64().is_some_and(|code| code != 0)) else {
        return match answer.status {
            Some(status) if status == StatusCode::NOT_FOUND => {
                json!({"cause": "no such path or method", "fix": "see /docs for all calls; check the method and the base URL"})
            }
            _ => Value::Null,
        };
    };
    let cause = Code::ALL.iter().find(|known| json["code"] == known.number).map(|known| known.meaning());
    json!({"cause": cause, "fix": json["error"]["message"], "fields": json["error"]["field_violations"]})
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(super) struct Ask {
    before: u64,
    limit: usize,
    path: String,
    status: Option<u16>,
    code: Option<i64>,
}

impl Default for Ask {
    fn default() -> Self {
        Self { before: u64::MAX, limit: 50, path: String::new(), status: None, code: None }
    }
}

/// `GET /dev/v1/requests`: newest first; `before` is the last `number` of the page before.
pub(super) async fn list(State(app): State<App>, Query(ask): Query<Ask>) -> Json<Value> {
    let calls: Vec<_> = controls(&app).calls.list().calls.iter().rev().map(Arc::clone).collect();
    let wanted = |call: &Value| {
        ask.status.is_none_or(|status| call["status"] == status) && ask.code.is_none_or(|code| call["code"] == code)
    };
    let page: Vec<_> = calls
        .iter()
        .filter(|call| call.number < ask.before && call.uri.path().contains(&ask.path))
        .map(|call| short(call))
        .filter(wanted)
        .take(ask.limit.clamp(1, 200))
        .collect();
    Json(json!({"requests": page}))
}

/// `GET /dev/v1/requests/:log_id`
pub(super) async fn show(State(app): State<App>, Path(log_id): Path<String>) -> Result<Json<Value>, ApiError> {
    let found = controls(&app).calls.list().calls.iter().rev().find(|call| call.log_id == log_id).map(Arc::clone);
    let call = found.ok_or_else(|| {
        ApiError::invalid(
            "log_id",
            format!("no call {log_id} among the latest {CALLS_MAX} (see X-Tt-Logid of its answer)"),
        )
    })?;
    let mut shown = short(&call);
    shown["query"] = json!(call.uri.query().map(mask::form));
    shown["headers"] = headers(&call.headers);
    shown["body"] = body(&call.body, &call.headers);
    if let Some(answer) = call.answer.get() {
        shown["answer"] = json!({"headers": headers(&answer.headers), "body": body(&answer.body, &answer.headers)});
        shown["error"] = error(answer);
    }
    Ok(Json(shown))
}
