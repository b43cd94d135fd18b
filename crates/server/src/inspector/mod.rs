//! What apps called and what they were answered, kept in memory: for the developer of `deskwire dev`, who sees all of it
//! but secrets ([`mask`]), and for administrators, who see the shape of their tenant's calls ([`strict`]).
//!
//! A production server keeps little ([`calls::Calls::narrow`]), writes nothing to disk, and forgets all when it stops; the
//! setting `inspector` switches it off. What is kept is masked when it is looked at, so that a call costs a copy of its
//! first bytes and no more.

pub mod calls;
pub mod mask;
pub mod strict;
pub mod tee;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri};
use axum::middleware::Next;

use self::calls::{Answered, Begun, Call, Calls};
use self::tee::{Kept, Tee};
use crate::api::gateway;
use crate::app::App;
use crate::auth::Bearer;
use crate::clock::{Moment, Timers};
use crate::log_id;

/// Calls whose paths begin so are kept for administrators.
pub const OPEN_API: &str = "/open-apis/";

/// A call that is being noted, until its answer begins.
pub struct Noting {
    call: Arc<Call>,
    timers: Timers,
    began: Moment,
    head_max: usize,
    body_max: usize,
}

impl Noting {
    /// Notes that a call came. Its body is copied while it is read.
    pub fn begin(app: &App, calls: &Calls, request: Request) -> (Self, Request) {
        let (head_max, body_max, timers) = (calls.head_max, calls.body_max, app.clock().network().clone());
        let (began, kept) = (timers.now(), Arc::new(Kept::new(body_max)));
        let call = calls.begin(begun(app, &request, head_max), Arc::clone(&kept));
        let (parts, body) = request.into_parts();
        (Self { call, timers, began, head_max, body_max }, Request::from_parts(parts, Tee::body(body, kept)))
    }

    /// Notes that a fault closes the connection, so that there is no answer.
    pub fn lost(&self) {
        self.answered(None, HeaderMap::new(), Arc::new(Kept::new(0)), true);
    }

    /// Notes the answer. Its body is copied while it is sent.
    pub fn answer(self, response: Response<Body>, by_fault: bool) -> Response<Body> {
        let (parts, body) = response.into_parts();
        let kept = Arc::new(Kept::new(self.body_max));
        self.answered(Some(parts.status), copied(&parts.headers, self.head_max), Arc::clone(&kept), by_fault);
        Response::from_parts(parts, Tee::body(body, kept))
    }

    fn answered(&self, status: Option<StatusCode>, headers: HeaderMap, body: Arc<Kept>, by_fault: bool) {
        let took_ms = u64::try_from(self.timers.since(self.began).as_millis()).unwrap_or(u64::MAX);
        self.call.answered(Answered { status, headers, body, took_ms, by_fault });
    }
}

/// How a call begins, as far as it is kept.
fn begun(app: &App, request: &Request, head_max: usize) -> Begun {
    let of_token = match gateway::bearer(app, request.headers()) {
        Ok(Bearer::Tenant { app } | Bearer::User { app, .. }) => Some(app.app_id.clone()),
        Err(_) => None,
    };
    let uri = shortened(request.uri(), head_max);
    let headers = copied(request.headers(), head_max - uri.path_and_query().map_or(0, |text| text.as_str().len()));
    Begun {
        log_id: log_id::current().to_string(),
        at: app.now_ms(),
        head: (request.method().clone(), uri, headers),
        app_id: of_token,
    }
}

/// Path and query, `most` bytes of them.
fn shortened(uri: &Uri, most: usize) -> Uri {
    let whole = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let end = (0..=whole.len().min(most)).rev().find(|&at| whole.is_char_boundary(at)).unwrap_or(0);
    // The beginning of a path is one.
    PathAndQuery::try_from(&whole[..end]).map(Uri::from).unwrap_or_default()
}

/// Headers, as far as they have room in `left` bytes. Clones would keep the whole buffer that a request was read into.
fn copied(headers: &HeaderMap, mut left: usize) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let bytes = name.as_str().len() + value.len();
        if let (true, Ok(copy)) = (bytes <= left, HeaderValue::from_bytes(value.as_bytes())) {
            kept.append(name, copy);
            left -= bytes;
        }
    }
    kept
}

/// The layer around all routes of a production server that keeps calls.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response<Body> {
    let calls = app.calls().filter(|_| request.uri().path().starts_with(OPEN_API));
    let Some(calls) = calls else { return next.run(request).await };
    let (noting, request) = Noting::begin(&app, calls, request);
    noting.answer(next.run(request).await, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_head_only_so_much_is_kept() {
        let uri: Uri = format!("https://desk.test/open-apis/x?query={}", "a".repeat(60_000)).parse().unwrap();
        let kept = shortened(&uri, 100);
        assert_eq!((kept.path(), kept.query().unwrap().len()), ("/open-apis/x", 100 - "/open-apis/x?".len()));
        assert_eq!(shortened(&kept, 100), kept);
        let mut headers = HeaderMap::new();
        for (name, length) in [("accept", 10), ("x-long", 1_000), ("cookie", 20), ("cookie", 21)] {
            headers.append(name, HeaderValue::from_str(&"v".repeat(length)).unwrap());
        }
        let kept = copied(&headers, 100);
        let lengths: Vec<(&str, usize)> = kept.iter().map(|(name, value)| (name.as_str(), value.len())).collect();
        assert_eq!(lengths, [("accept", 10), ("cookie", 20), ("cookie", 21)]);
    }
}
