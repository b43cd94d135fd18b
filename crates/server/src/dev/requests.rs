//! The calls that came in, for the developer who made them, with secrets alone hidden.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::controls;
use crate::api::error::ApiError;
use crate::app::App;
use crate::inspector::calls::{Call, error};
use crate::inspector::mask;
use crate::inspector::tee::Kept;

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

fn short(call: &Call) -> Value {
    let answer = call.answer();
    json!({"number": call.number, "log_id": call.log_id, "at": call.at, "method": call.method.as_str(),
           "path": call.uri.path(), "status": answer.and_then(|a| a.status).map(|s| s.as_u16()), "code": call.code(),
           "took_ms": answer.map(|a| a.took_ms), "by_fault": answer.is_some_and(|a| a.by_fault)})
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
    let calls: Vec<Arc<Call>> = controls(&app).calls.newest();
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
    let calls = &controls(&app).calls;
    let call = calls.find(&log_id).ok_or_else(|| {
        ApiError::invalid(
            "log_id",
            format!("no call {log_id} among the latest {} (see X-Tt-Logid of its answer)", calls.calls_max),
        )
    })?;
    let mut shown = short(&call);
    shown["query"] = json!(call.uri.query().map(mask::form));
    shown["headers"] = headers(&call.headers);
    shown["body"] = body(&call.body, &call.headers);
    if let Some(answer) = call.answer() {
        shown["answer"] = json!({"headers": headers(&answer.headers), "body": body(&answer.body, &answer.headers)});
        shown["error"] = error(answer);
    }
    Ok(Json(shown))
}
