//! The latest calls of the open API, for administrators of the tenant whose apps made them. Masked: see
//! [`crate::inspector::strict`].

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Code, Nothing};

use super::calls::get_call;
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::sized;
use crate::app::App;
use crate::auth::HELPDESK_HEADER;
use crate::guest::Segment;
use crate::inspector::calls::{self, Call};
use crate::inspector::tee::Kept;
use crate::inspector::{OPEN_API, strict};
use crate::openapi::Calls;

const PAGE_SIZE: i64 = 50;
const PAGE_SIZE_MAX: i64 = 200;

/// Adds the calls.
pub(super) fn with(calls: Calls) -> Calls {
    let listed = "List the latest calls that apps of the tenant made at this server, newest first. For administrators. They are in \
                  memory alone.";
    let read = "Read a call with headers, bodies and what an error means. Whatever people wrote and whatever opens doors is hidden.";
    calls
        .with(
            get_call("admin_call.list", "/admin/v1/calls", listed).of::<Nothing, ListCalls, Nothing, CallList>(),
            get(list),
        )
        .with(
            get_call("admin_call.get", "/admin/v1/calls/{log_id}", read).of::<CallPath, Nothing, Nothing, CallDetail>(),
            get(show),
        )
}

/// Which calls.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListCalls {
    /// Only those whose path holds this.
    path: Option<String>,
    /// Only those of this app: `cli_…`
    app: Option<String>,
    /// Only those that failed.
    failed: Option<bool>,
    /// How many at most; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
}

/// The path of a call.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AdminCallPath")]
#[expect(dead_code, reason = "the document reads its schema, the handler its one segment")]
pub struct CallPath {
    /// As in the answer's `X-Tt-Logid`.
    log_id: String,
}

/// Calls, newest first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminCallList")]
pub struct CallList {
    /// Whether this server keeps calls at all: the setting `inspector`.
    is_on: bool,
    /// One page.
    calls: Vec<CallOut>,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// A call.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminCall")]
struct CallOut {
    /// As in the answer's `X-Tt-Logid`.
    log_id: String,
    /// When it came, Unix milliseconds.
    at: i64,
    /// Such as `POST`.
    method: String,
    /// The path.
    path: String,
    /// The app that made it; left out if it showed no good token.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<String>,
    /// The HTTP status; left out while there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// The code in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    /// How long it took until the answer began, in ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    took_ms: Option<u64>,
}

/// A body, masked.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminCallBody")]
struct BodyOut {
    /// How many bytes there were.
    bytes: usize,
    /// What is shown of it; left out if it is no JSON or form, or too long to be looked through, so that all is hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// A call with all that is shown of it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminCallDetail")]
pub struct CallDetail {
    /// The call.
    call: CallOut,
    /// The ticket that it is about, if it names one: `admin_event.list` with it lists the events.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket_id: Option<String>,
    /// What stood after `?`, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    /// Names and values of its headers, masked.
    headers: Vec<[String; 2]>,
    /// Its body.
    body: BodyOut,
    /// The answer's headers.
    answer_headers: Vec<[String; 2]>,
    /// The answer's body; left out while there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_body: Option<BodyOut>,
    /// What the error means.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// What mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
    /// Which fields are wrong, and why.
    fields: Vec<FaultOut>,
}

/// A field that is wrong.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminCallFault")]
struct FaultOut {
    /// Its name.
    field: String,
    /// What is wrong with it.
    why: String,
}

/// `GET /admin/v1/calls`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Asked(ask): Asked<ListCalls>,
) -> Result<Json<CallList>, ApiError> {
    who.administers()?;
    let size = sized("page_size", ask.page_size, PAGE_SIZE, PAGE_SIZE_MAX)?;
    let before = ask.page_token.as_deref().map(str::parse::<u64>).transpose();
    let before = before.map_err(|_| ApiError::invalid("page_token", "is not one that a page of this list gave"))?;
    let kept = app.calls();
    let tenant = &who.session.staff.tenant;
    let wanted = |call: &Call| {
        before.is_none_or(|before| call.number < before)
            && ask.path.as_ref().is_none_or(|path| call.uri.path().contains(path))
            && ask.app.as_ref().is_none_or(|app_id| call.app_id.as_ref() == Some(app_id))
            && (ask.failed != Some(true) || has_failed(call))
            && is_of(&app, tenant, call)
    };
    let newest = kept.map(calls::Calls::newest).unwrap_or_default();
    let mut found: Vec<_> = newest.iter().filter(|call| wanted(call)).take(size + 1).collect();
    let has_more = found.len() > size;
    found.truncate(size);
    let page_token = found.last().filter(|_| has_more).map(|last| last.number.to_string());
    Ok(Json(CallList { is_on: kept.is_some(), calls: found.into_iter().map(|call| shape(call)).collect(), page_token }))
}

fn has_failed(call: &Call) -> bool {
    let status = call.answer().and_then(|answer| answer.status);
    status.is_some_and(|status| status.as_u16() >= 400) || call.code().is_some_and(|code| code != 0)
}

fn shape(call: &Call) -> CallOut {
    let answer = call.answer();
    CallOut {
        log_id: call.log_id.clone(),
        at: call.at,
        method: call.method.to_string(),
        path: call.uri.path().to_owned(),
        app_id: call.app_id.clone(),
        status: answer.and_then(|answer| answer.status).map(|status| status.as_u16()),
        code: call.code(),
        took_ms: answer.map(|answer| answer.took_ms),
    }
}

/// Whether a call is one of the tenant's: of its app, or else said to be of its app or its help desk. What names neither is
/// shown only where there is but one tenant.
fn is_of(app: &App, tenant: &str, call: &Call) -> bool {
    if !call.uri.path().starts_with(OPEN_API) {
        return false;
    }
    let directory = app.directory();
    let of_app = |app_id: &str| directory.apps.get(app_id).map(|found| found.tenant == tenant);
    let named = || {
        let json: serde_json::Value = serde_json::from_slice(&call.body.read().0).ok()?;
        of_app(json["app_id"].as_str()?)
    };
    let addressed = || {
        let text = call.headers.get(HELPDESK_HEADER)?.to_str().ok()?;
        let pair = STANDARD.decode(text.strip_prefix("Bearer ").unwrap_or(text)).ok()?;
        let id = desk::ids::parse(std::str::from_utf8(&pair).ok()?.split_once(':')?.0)?;
        directory.helpdesks.get(&id).map(|desk| desk.tenant == tenant)
    };
    match &call.app_id {
        // The app may be gone since.
        Some(app_id) => of_app(app_id).unwrap_or(directory.tenants.len() == 1),
        None => named().or_else(addressed).unwrap_or(directory.tenants.len() == 1),
    }
}

fn body(kept: &Kept, mask: impl FnOnce(&str) -> Option<String>) -> BodyOut {
    let (bytes, total) = kept.read();
    let text = std::str::from_utf8(&bytes).ok().filter(|_| bytes.len() == total);
    BodyOut { bytes: total, text: text.and_then(mask) }
}

/// `GET /admin/v1/calls/:log_id`
pub async fn show(
    State(app): State<App>,
    who: Visitor,
    Segment(log_id): Segment,
) -> Result<Json<CallDetail>, ApiError> {
    who.administers()?;
    let found = app.calls().and_then(|calls| calls.find(&log_id));
    let found = found.filter(|call| is_of(&app, &who.session.staff.tenant, call));
    let call = found.ok_or_else(|| {
        ApiError::new(
            Code::NOT_FOUND,
            format!("no call {log_id} among the latest of this server's (see X-Tt-Logid of its answer)"),
        )
    })?;
    let answer = call.answer();
    let kind = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let error = answer.map(calls::error).filter(|error| !error.is_null()).map(strict::error).unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let fault = |fault: &serde_json::Value| {
        Some(FaultOut { field: text(&fault["field"])?, why: text(&fault["description"]).unwrap_or_default() })
    };
    Ok(Json(CallDetail {
        call: shape(&call),
        ticket_id: call.ticket_id().map(|id| id.to_string()),
        query: call.uri.query().map(strict::form),
        headers: strict::headers(&call.headers),
        body: body(&call.body, |text| strict::body(kind, text)),
        answer_headers: answer.map(|answer| strict::headers(&answer.headers)).unwrap_or_default(),
        answer_body: answer.map(|answer| body(&answer.body, strict::answer)),
        cause: text(&error["cause"]),
        fix: text(&error["fix"]),
        fields: error["fields"].as_array().map(|all| all.iter().filter_map(fault).collect()).unwrap_or_default(),
    }))
}
