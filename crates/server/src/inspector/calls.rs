//! The calls that came in: headers, body, answer. The latest are in memory, as many as fit the bounds.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::http::{HeaderMap, Method, StatusCode, Uri};
use desk::ids;
use serde_json::{Value, json};
use wire::Code;

use super::tee::Kept;

/// A call.
#[derive(Debug)]
pub struct Call {
    /// Grows from call to call.
    pub number: u64,
    /// As in the answer's `X-Tt-Logid`.
    pub log_id: String,
    /// When it came, Unix ms.
    pub at: i64,
    /// Its method.
    pub method: Method,
    /// Its path and query.
    pub uri: Uri,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as far as it was read.
    pub body: Arc<Kept>,
    /// The app whose token it came with, if the token was good.
    pub app_id: Option<String>,
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

/// How a call began.
#[derive(Debug)]
pub struct Begun {
    /// As in the answer's `X-Tt-Logid`.
    pub log_id: String,
    /// When it came, Unix ms.
    pub at: i64,
    /// Method, path with query, headers.
    pub head: (Method, Uri, HeaderMap),
    /// The app whose token it came with, if the token was good.
    pub app_id: Option<String>,
}

impl Call {
    /// Notes the answer; only the first counts.
    pub fn answered(&self, answer: Answered) {
        let _ = self.answer.set(answer);
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// Its answer, if there is one yet.
    pub fn answer(&self) -> Option<&Answered> {
        self.answer.get()
    }

    /// The code in its answer.
    pub fn code(&self) -> Option<i64> {
        self.answer().and_then(json_of).and_then(|json| json["code"].as_i64())
    }

    /// The ticket that it is about, as far as it says: in its path, its query, its body or its answer.
    pub fn ticket_id(&self) -> Option<i64> {
        let mut segments = self.uri.path().split('/').skip_while(|segment| *segment != "tickets");
        let in_path = segments.nth(1).and_then(ids::parse);
        let in_query = || {
            let pairs = form_urlencoded::parse(self.uri.query()?.as_bytes());
            pairs.into_iter().find(|(name, _)| name == "ticket_id").and_then(|(_, value)| ids::parse(&value))
        };
        let named = |json: &Value| json["ticket_id"].as_str().and_then(ids::parse);
        let in_body = || serde_json::from_slice(&self.body.read().0).ok().and_then(|json| named(&json));
        let in_answer = || self.answer().and_then(json_of).and_then(|json| named(&json["data"]));
        in_path.or_else(in_query).or_else(in_body).or_else(in_answer)
    }

    fn bytes(&self) -> usize {
        self.body.len() + self.answer.get().map_or(0, |answer| answer.body.len())
    }
}

/// The calls of one server.
#[derive(Debug)]
pub struct Calls {
    list: Mutex<List>,
    changes: Arc<AtomicU64>,
    /// The most calls kept.
    pub calls_max: usize,
    /// The most bytes kept of the head of a request or an answer: of path, query and headers.
    pub head_max: usize,
    /// The most bytes kept of a body.
    pub body_max: usize,
    /// The most bytes of bodies kept, all calls together.
    bytes_max: usize,
}

#[derive(Debug, Default)]
struct List {
    next: u64,
    calls: VecDeque<Arc<Call>>,
}

impl Calls {
    /// Room for a developer's: 1,000 calls, 64 KiB of a head and of a body, 16 MiB of bodies in all.
    pub fn roomy() -> Self {
        Self::within(1_000, (64 * 1024, 64 * 1024), 16 * 1024 * 1024)
    }

    /// Room beside everything else that a server does: 200 calls, 4 KiB of a head and 8 KiB of a body, so 5 MiB in all.
    pub fn narrow() -> Self {
        Self::within(200, (4 * 1024, 8 * 1024), usize::MAX)
    }

    fn within(calls_max: usize, (head_max, body_max): (usize, usize), bytes_max: usize) -> Self {
        Self { list: Mutex::default(), changes: Arc::default(), calls_max, head_max, body_max, bytes_max }
    }

    fn list(&self) -> MutexGuard<'_, List> {
        // A panic while it is held leaves the list whole.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a call that just came, with what is going to be kept of its body.
    pub fn begin(&self, begun: Begun, body: Arc<Kept>) -> Arc<Call> {
        let Begun { log_id, at, head: (method, uri, headers), app_id } = begun;
        let mut list = self.list();
        list.next += 1;
        let (number, changes) = (list.next, Arc::clone(&self.changes));
        let answer = OnceLock::new();
        let call = Arc::new(Call { number, log_id, at, method, uri, headers, body, app_id, answer, changes });
        // Where the two other bounds leave no more than this one, nothing is added up.
        let is_bounded = self.bytes_max < usize::MAX;
        let mut bytes: usize = if is_bounded { list.calls.iter().map(|call| call.bytes()).sum() } else { 0 };
        while list.calls.len() >= self.calls_max || bytes > self.bytes_max {
            let Some(oldest) = list.calls.pop_front() else { break };
            bytes = bytes.saturating_sub(oldest.bytes());
        }
        list.calls.push_back(Arc::clone(&call));
        self.changes.fetch_add(1, Ordering::Relaxed);
        call
    }

    /// All calls, newest first.
    pub fn newest(&self) -> Vec<Arc<Call>> {
        self.list().calls.iter().rev().map(Arc::clone).collect()
    }

    /// The call with this log id.
    pub fn find(&self, log_id: &str) -> Option<Arc<Call>> {
        self.list().calls.iter().rev().find(|call| call.log_id == log_id).map(Arc::clone)
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

/// An answer as JSON, if it is that.
pub fn json_of(answer: &Answered) -> Option<Value> {
    serde_json::from_slice(&answer.body.read().0).ok()
}

/// What went wrong, in words: what the code means, and what the answer says about this call.
pub fn error(answer: &Answered) -> Value {
    if answer.by_fault {
        let fix = "a fault set at /dev/v1/faults did this; DELETE /dev/v1/faults ends all";
        return json!({"cause": "on purpose", "fix": fix});
    }
    let Some(json) = json_of(answer).filter(|json| json["code"].as_i64().is_some_and(|code| code != 0)) else {
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
