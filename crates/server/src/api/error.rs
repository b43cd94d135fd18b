//! Failures of the open API, and the one place where a refusal becomes a code.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::response::IntoResponse;
use db::DbError;
use desk::Refusal;
use desk::faq::sheet::Fault as FileFault;
use wire::Code;
use wire::envelope::{ErrorDetail, Failure, FieldViolation, Help, PermissionViolation, Reason};

use crate::log_id;

/// The content type of every JSON answer (reference: platform-protocol 1).
pub const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const LIMIT: HeaderName = HeaderName::from_static("x-ogw-ratelimit-limit");
const RESET: HeaderName = HeaderName::from_static("x-ogw-ratelimit-reset");
// Longer values are cut in `field_violations`, so that an error never echoes a whole body.
const VALUE_CHARS: usize = 100;

/// Why a call failed. Make one with `?` on a [`Refusal`], or with [`ApiError::new`] and its friends.
#[derive(Debug)]
pub struct ApiError(Box<Fault>);

#[derive(Debug)]
enum Fault {
    Refused(Refusal),
    Coded(Coded),
}

#[derive(Debug)]
struct Coded {
    code: Code,
    msg: Option<String>,
    detail: ErrorDetail,
    exceeded: Option<Exceeded>,
}

/// A rate limit that was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// The limit: calls in its period.
    pub limit: u32,
    /// Whole seconds to wait, at least 1.
    pub reset_s: u64,
}

/// The codes an endpoint's page has for refusals that differ between pages.
#[derive(Debug, Clone, Copy)]
pub struct Mapping {
    /// An id that names nothing.
    pub not_found: Code,
    /// An operation the caller may not do.
    pub forbidden: Code,
}

impl Default for Mapping {
    fn default() -> Self {
        Self { not_found: Code::NOT_FOUND, forbidden: Code::FORBIDDEN }
    }
}

impl ApiError {
    /// A failure with a sentence for people: what happened and what is allowed.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let detail = ErrorDetail { message: message.into(), ..ErrorDetail::default() };
        Self(Box::new(Fault::Coded(Coded { code, msg: None, detail, exceeded: None })))
    }

    /// A wrong or missing field: its path, its value if there is one, and what is wrong or allowed.
    pub fn field(code: Code, field: impl Into<String>, value: &str, description: impl Into<String>) -> Self {
        let (field, description) = (field.into(), description.into());
        // Descriptions such as `event_id is required` name the field themselves.
        let named = field.is_empty() || description.contains(field.as_str());
        let message = if named { description.clone() } else { format!("{field}: {description}") };
        let value = value.chars().take(VALUE_CHARS).collect();
        let mut error = Self::new(code, message);
        error.detail(|detail| detail.field_violations.push(FieldViolation { field, value, description }));
        error
    }

    /// A wrong parameter or body value: 400/154000.
    pub fn invalid(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self::field(Code::BAD_REQUEST, field, "", description)
    }

    /// The app has none of these scopes (reference: platform-protocol 3.1, 99991672).
    pub fn scope_missing(app_id: &str, scopes: &[&str]) -> Self {
        let list = scopes.join(", ");
        let url = format!("/app/{app_id}/auth?q={}&op_from=openapi&token_type=tenant", scopes.join(","));
        let mut error = Self::new(
            Code::SCOPE_MISSING,
            format!("app {app_id} has none of the scopes {list}; grant one of them to the app"),
        );
        if let Fault::Coded(coded) = &mut *error.0 {
            coded.msg = Some(format!(
                "{}[{list}]. 应用尚未开通所需的应用身份权限：[{list}]，点击链接申请并开通任一权限即可：{url}",
                coded.code.msg
            ));
        }
        error.detail(|detail| {
            detail.permission_violations = scopes
                .iter()
                .map(|scope| PermissionViolation { r#type: "action_scope_required".into(), subject: (*scope).into() })
                .collect();
            detail.helps = vec![Help { url, description: "Grant one of these scopes to the app".into() }];
        });
        error
    }

    /// The user has granted the app none of these scopes (reference: platform-protocol 3.1, 99991679).
    pub fn user_scope_missing(app_id: &str, scopes: &[&str]) -> Self {
        let list = scopes.join(", ");
        let url = format!("/open-apis/authen/v1/authorize?client_id={app_id}&response_type=code&scope={}", scopes[0]);
        let mut error = Self::new(
            Code::USER_SCOPE_MISSING,
            format!(
                "the user has granted app {app_id} none of the scopes {list}; let them log in again with one of them"
            ),
        );
        error.detail(|detail| {
            let missing = |scope: &&str| PermissionViolation {
                r#type: "action_privilege_required".into(),
                subject: (*scope).into(),
            };
            detail.permission_violations = scopes.iter().map(missing).collect();
            detail.helps = vec![Help { url, description: "Let the user grant one of these scopes".into() }];
        });
        error
    }

    /// A rate limit was hit (reference: platform-protocol 4).
    pub fn rate_limited(exceeded: Exceeded) -> Self {
        let Exceeded { limit, reset_s } = exceeded;
        Self::too_often(exceeded, format!("more than {limit} calls in the period of the limit; wait {reset_s} s"))
    }

    /// A limit of tries was hit.
    pub fn too_often(exceeded: Exceeded, message: impl Into<String>) -> Self {
        let mut error = Self::new(Code::RATE_LIMITED, message);
        if let Fault::Coded(coded) = &mut *error.0 {
            coded.exceeded = Some(exceeded);
        }
        error
    }

    fn detail(&mut self, change: impl FnOnce(&mut ErrorDetail)) {
        if let Fault::Coded(coded) = &mut *self.0 {
            change(&mut coded.detail);
        }
    }

    /// The code this failure has on an endpoint with these codes.
    pub fn code(&self, mapping: Mapping) -> Code {
        match &*self.0 {
            Fault::Coded(coded) => coded.code,
            Fault::Refused(refusal) => refusal_code(refusal, mapping),
        }
    }

    /// The answer on an endpoint with these codes.
    pub fn respond(self, mapping: Mapping) -> Response<Body> {
        match *self.0 {
            Fault::Coded(coded) => render(coded),
            Fault::Refused(refusal) => render(refused(refusal, mapping)),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self(Box::new(Fault::Refused(refusal)))
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        Refusal::Db(error).into()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> axum::response::Response {
        self.respond(Mapping::default())
    }
}

/// The single mapping of refusals to codes.
fn refusal_code(refusal: &Refusal, mapping: Mapping) -> Code {
    match refusal {
        Refusal::Invalid { .. } | Refusal::File(_) | Refusal::Db(DbError::NulInText) => Code::BAD_REQUEST,
        Refusal::NotFound { .. } => mapping.not_found,
        Refusal::Forbidden(_) | Refusal::DeskClosed(_) => mapping.forbidden,
        Refusal::Barred(_) => Code::METHOD_FORBIDDEN,
        Refusal::NotVisible(_) => Code::NOT_VISIBLE,
        Refusal::Closed(_) => Code::TICKET_CLOSED,
        Refusal::BadUrl(_) => Code::BAD_URL,
        Refusal::ImageDeleted(_) => Code::IMAGE_DELETED,
        Refusal::Db(DbError::Busy | DbError::Conflict | DbError::Unavailable(_) | DbError::Closed) => Code::BUSY,
        Refusal::Db(_) => Code::INTERNAL,
    }
}

fn refused(refusal: Refusal, mapping: Mapping) -> Coded {
    let code = refusal_code(&refusal, mapping);
    let message = match &refusal {
        // The caller's mistake, found late.
        Refusal::Db(DbError::NulInText) => DbError::NulInText.to_string(),
        Refusal::Db(error) => {
            tracing::error!(log_id = %log_id::current(), %error, "the database refused a request");
            database_hint(error).to_owned()
        }
        other => other.to_string(),
    };
    let mut detail = ErrorDetail { message, ..ErrorDetail::default() };
    let violation = |field: &str, why: String| FieldViolation {
        field: field.to_owned(),
        description: why,
        ..FieldViolation::default()
    };
    match refusal {
        Refusal::Invalid { field, why } => detail.field_violations.push(violation(&field, why)),
        Refusal::File(fault) => {
            detail.field_violations.push(violation("file", fault.why()));
            detail.reason = Some(Box::new(reason(*fault)));
        }
        _ => {}
    }
    Coded { code, msg: None, detail, exceeded: None }
}

/// The code of a fault of a file with its values.
fn reason(fault: FileFault) -> Reason {
    let FileFault { column, code, limit, found, row, .. } = fault;
    let code = serde_json::json!(code).as_str().unwrap_or_default().to_owned();
    let values = [
        ("column", column.map(|column| serde_json::json!(column.word()))),
        ("limit", limit.map(|limit| serde_json::json!(limit))),
        ("found", found.map(|found| serde_json::json!(found))),
        ("row", row.map(|row| serde_json::json!(row))),
    ];
    let values = values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    Reason { code, values }
}

// What the outside may know: never the database's own words.
fn database_hint(error: &DbError) -> &'static str {
    match error {
        DbError::Busy | DbError::Conflict => "the server is busy and stored nothing; try again in a moment",
        DbError::Unavailable(_) => "the database cannot be reached and nothing was stored; try again in a moment",
        DbError::Closed => "the server is shutting down and stored nothing; try again in a moment",
        DbError::Io(_) => "the server's disk failed and nothing was stored; the operator has to check it",
        DbError::Full(_) => "the server's disk is full and nothing was stored; the operator has to free space",
        _ => "something failed on the server and nothing was stored; the operator finds it in the log by this log_id",
    }
}

fn render(coded: Coded) -> Response<Body> {
    let Coded { code, msg, mut detail, exceeded } = coded;
    let log_id = log_id::current();
    log_id.as_str().clone_into(&mut detail.log_id);
    let failure = Failure { code: code.number, msg: msg.unwrap_or_else(|| code.msg.to_owned()), error: detail };
    let mut response = json(code.http, &failure);
    if let Some(exceeded) = exceeded {
        limit_headers(response.headers_mut(), exceeded);
    }
    response
}

/// Tells which limit was hit and when to come back.
pub(crate) fn limit_headers(headers: &mut HeaderMap, exceeded: Exceeded) {
    headers.insert(LIMIT, exceeded.limit.into());
    headers.insert(RESET, exceeded.reset_s.into());
}

/// A JSON answer.
///
/// # Panics
/// With a status outside the code table, or a value that is not JSON, such as a map with numbers for keys.
pub fn json<T: serde::Serialize>(http: u16, value: &T) -> Response<Body> {
    let mut bytes = Vec::with_capacity(256);
    serde_json::to_writer(&mut bytes, value).expect("wire types have string keys and finite numbers only");
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = StatusCode::from_u16(http).expect("the code table holds valid statuses");
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}
