//! Faults on purpose: calls that fail, come late, get lost or arrive twice, so that an integration can be tried against
//! them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::Code;

use super::controls;
use crate::api::error::ApiError;
use crate::app::App;
use crate::guest::Body;

/// The route that stands for outgoing events.
pub const EVENTS: &str = "events";
/// The most faults at a time.
const FAULTS_MAX: usize = 100;
/// The longest delay, in ms.
const DELAY_MS_MAX: u64 = 60_000;

/// What gets lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lost {
    /// The call, before anything was done.
    Request,
    /// The answer, after everything was done.
    Answer,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Drop {
    Yes(bool),
    What(Lost),
}

/// What is asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    route: String,
    status: Option<u16>,
    code: Option<i64>,
    percent: Option<u64>,
    delay_ms: Option<u64>,
    drop: Option<Drop>,
    duplicate: Option<bool>,
    times: Option<u64>,
}

/// A fault.
#[derive(Debug, Clone, Serialize)]
pub struct Fault {
    id: u64,
    route: String,
    /// HTTP status and code of the answer instead of the real one.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    percent: u64,
    delay_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    drop: Option<Lost>,
    duplicate: bool,
    /// How often it still happens; unlimited if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    /// How often it happened.
    happened: u64,
}

/// What shall happen to one call or event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trouble {
    /// Waits first.
    pub delay: Duration,
    /// Answers this instead: HTTP status and code.
    pub answer: Option<(u16, i64)>,
    /// Gets lost.
    pub lost: Option<Lost>,
    /// Happens twice.
    pub twice: bool,
}

/// The faults of one server; empty outside of `deskwire dev`.
#[derive(Debug, Default)]
pub struct Faults(Mutex<List>);

#[derive(Debug, Default)]
struct List {
    next_id: u64,
    faults: Vec<Fault>,
}

impl Faults {
    fn list(&self) -> MutexGuard<'_, List> {
        // A panic while it is held leaves the list whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What shall happen to a call of `method` and `path`, or to an outgoing event (`method` empty, `path`
    /// [`EVENTS`]). The first fault that matches and whose dice (0..100 each time) fall so decides.
    pub fn trouble(&self, method: &str, path: &str, mut dice: impl FnMut() -> u64) -> Option<Trouble> {
        let mut list = self.list();
        let hit = list.faults.iter_mut().find(|fault| matches(&fault.route, method, path) && dice() < fault.percent)?;
        hit.happened += 1;
        let trouble = Trouble {
            delay: Duration::from_millis(hit.delay_ms),
            answer: hit.status.zip(hit.code),
            lost: hit.drop,
            twice: hit.duplicate,
        };
        if let Some(times) = &mut hit.times {
            *times -= 1;
        }
        list.faults.retain(|fault| fault.times != Some(0));
        Some(trouble)
    }

    /// Ends all faults.
    pub fn clear(&self) {
        self.list().faults.clear();
    }
}

/// Whether a route such as `POST /open-apis/helpdesk/v1/tickets/:ticket_id/answer_user_query` means this call. A segment
/// `:name` or `{name}` stands for any one, a last `*` for all that follow; without a method any will do.
fn matches(route: &str, method: &str, path: &str) -> bool {
    let (wanted, pattern) = route.split_once(' ').unwrap_or(("*", route));
    if wanted != "*" && !wanted.eq_ignore_ascii_case(method) {
        return false;
    }
    let (mut pattern, mut path) = (pattern.trim().split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) | (Some("*"), Some(_)) => return true,
            (Some(p), Some(segment)) if p == segment || p.starts_with(':') || p.starts_with('{') => {}
            _ => return false,
        }
    }
}

fn check(ask: &Ask) -> Result<Fault, ApiError> {
    let route = ask.route.trim().to_owned();
    let (method, path) = route.split_once(' ').unwrap_or(("*", &route));
    let names_path = path.starts_with('/') && !path.starts_with("/dev/");
    if !(names_path || route == EVENTS) || !(method == "*" || method.bytes().all(|b| b.is_ascii_alphabetic())) {
        let why = "must be `METHOD /path`, `/path` or `events`, with :name for one segment and a last * for the rest; /dev itself cannot fail";
        return Err(ApiError::invalid("route", why));
    }
    if ask.status.is_some_and(|status| !(400..=599).contains(&status)) {
        return Err(ApiError::invalid("status", "400 to 599 is allowed"));
    }
    let percent = ask.percent.unwrap_or(100);
    if !(1..=100).contains(&percent) {
        return Err(ApiError::invalid("percent", "1 to 100 is allowed"));
    }
    let delay_ms = ask.delay_ms.unwrap_or(0);
    if delay_ms > DELAY_MS_MAX {
        return Err(ApiError::invalid("delay_ms", format!("0 to {DELAY_MS_MAX} is allowed")));
    }
    if ask.times == Some(0) {
        return Err(ApiError::invalid("times", "must be 1 or more; leave it out for no limit"));
    }
    let drop = match ask.drop {
        None | Some(Drop::Yes(false)) => None,
        Some(Drop::Yes(true)) => Some(Lost::Request),
        Some(Drop::What(lost)) => Some(lost),
    };
    let (status, code) = match (ask.status, ask.code) {
        (None, None) => (None, None),
        (status, code) => {
            let code = code.unwrap_or(Code::INTERNAL.number);
            let known = Code::ALL.iter().find(|known| known.number == code).map_or(400, |known| known.http);
            (Some(status.unwrap_or(known)), Some(code))
        }
    };
    let duplicate = ask.duplicate.unwrap_or(false);
    if status.is_none() && drop.is_none() && !duplicate && delay_ms == 0 {
        let why = "name what goes wrong: status, code, delay_ms, drop or duplicate";
        return Err(ApiError::invalid("route", why));
    }
    Ok(Fault { id: 0, route, status, code, percent, delay_ms, drop, duplicate, times: ask.times, happened: 0 })
}

/// `POST /dev/v1/faults`
pub(super) async fn create(State(app): State<App>, Body(ask): Body<Ask>) -> Result<Json<Value>, ApiError> {
    let mut fault = check(&ask)?;
    let mut list = controls(&app).faults.list();
    if list.faults.len() >= FAULTS_MAX {
        return Err(ApiError::invalid("route", format!("there are {FAULTS_MAX} faults; delete some")));
    }
    list.next_id += 1;
    fault.id = list.next_id;
    list.faults.push(fault.clone());
    Ok(Json(json!({"fault": fault})))
}

/// `GET /dev/v1/faults`
pub(super) async fn list(State(app): State<App>) -> Json<Value> {
    Json(json!({"faults": controls(&app).faults.list().faults}))
}

/// `DELETE /dev/v1/faults`
pub(super) async fn clear(State(app): State<App>) -> Json<Value> {
    controls(&app).faults.clear();
    Json(json!({"faults": []}))
}

/// `DELETE /dev/v1/faults/:id`
pub(super) async fn delete(State(app): State<App>, Path(id): Path<u64>) -> Result<Json<Value>, ApiError> {
    let mut list = controls(&app).faults.list();
    let before = list.faults.len();
    list.faults.retain(|fault| fault.id != id);
    if list.faults.len() == before {
        return Err(ApiError::invalid("id", format!("no fault {id}")));
    }
    Ok(Json(json!({"faults": list.faults})))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_match_segment_by_segment() {
        let answer = "POST /open-apis/helpdesk/v1/tickets/:ticket_id/answer_user_query";
        let path = "/open-apis/helpdesk/v1/tickets/69/answer_user_query";
        assert!(matches(answer, "POST", path));
        assert!(matches("/open-apis/*", "GET", path));
        assert!(matches("post /open-apis/helpdesk/v1/tickets/{id}/answer_user_query", "POST", path));
        assert!(!matches(answer, "GET", path));
        assert!(!matches(answer, "POST", "/open-apis/helpdesk/v1/tickets/69"));
        assert!(!matches("/open-apis/helpdesk/v1/tickets", "GET", path));
        assert!(matches(EVENTS, "", EVENTS));
        assert!(!matches("/open-apis/*", "", EVENTS));
    }

    #[test]
    fn percent_and_times_decide_how_often_it_happens() {
        let faults = Faults::default();
        let ask: Ask =
            serde_json::from_value(json!({"route": "/a", "status": 500, "percent": 30, "times": 2})).unwrap();
        faults.list().faults.push(check(&ask).unwrap_or_else(|_| panic!("a good fault")));
        assert_eq!(faults.trouble("GET", "/a", || 30), None);
        assert_eq!(faults.trouble("GET", "/b", || 0), None);
        for _ in 0..2 {
            let trouble = faults.trouble("GET", "/a", || 29).unwrap();
            assert_eq!(trouble.answer, Some((500, Code::INTERNAL.number)));
        }
        assert_eq!(faults.trouble("GET", "/a", || 0), None, "its times are over");
    }
}
