//! Why an app gets no token, in the flat form of OAuth and in the envelope of the older endpoints.

use axum::body::Body;
use axum::http::Response;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use desk::{Refusal, oauth};
use wire::Code;
use wire::oauth::OAuthFailure;

use crate::api::error::{ApiError, Exceeded, Mapping, json, limit_headers};
use crate::log_id;

/// A failure with a sentence for people.
#[derive(Debug)]
pub(super) struct OAuthError {
    code: Code,
    description: String,
    exceeded: Option<Exceeded>,
}

impl OAuthError {
    pub fn new(code: Code, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), exceeded: None }
    }

    /// The code to count the answer by.
    pub fn code(&self) -> Code {
        self.code
    }

    /// `{code, error, error_description}`.
    pub fn flat(self) -> Response<Body> {
        let body = OAuthFailure {
            code: self.code.number,
            error: kind(self.code).to_owned(),
            error_description: self.description,
        };
        let mut response = json(self.code.http, &body);
        if let Some(exceeded) = self.exceeded {
            limit_headers(response.headers_mut(), exceeded);
        }
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    /// The open API's envelope.
    pub fn envelope(self) -> ApiError {
        match self.exceeded {
            Some(exceeded) => ApiError::rate_limited(exceeded),
            None => ApiError::new(self.code, self.description),
        }
    }
}

/// The kind of failure in OAuth's words (RFC 6749, 5.2).
fn kind(code: Code) -> &'static str {
    match code {
        Code::OAUTH_SECRET | Code::OAUTH_APP_UNKNOWN => "invalid_client",
        Code::OAUTH_GRANT_TYPE => "unsupported_grant_type",
        Code::OAUTH_SCOPE_TWICE | Code::OAUTH_SCOPE_NOT_GRANTED => "invalid_scope",
        Code::OAUTH_REFRESH_OFF => "unauthorized_client",
        Code::OAUTH_PARAM_MISSING | Code::OAUTH_MALFORMED | Code::OAUTH_TWO_CREDENTIALS => "invalid_request",
        Code::OAUTH_INTERNAL => "server_error",
        Code::OAUTH_BUSY | Code::RATE_LIMITED => "temporarily_unavailable",
        _ => "invalid_grant",
    }
}

impl From<Exceeded> for OAuthError {
    fn from(exceeded: Exceeded) -> Self {
        let description =
            format!("more than {} calls in the period of the limit; wait {} s", exceeded.limit, exceeded.reset_s);
        Self { code: Code::RATE_LIMITED, description, exceeded: Some(exceeded) }
    }
}

impl From<Refusal> for OAuthError {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match ApiError::from(refusal).code(Mapping::default()) {
            Code::BUSY => Self::new(Code::OAUTH_BUSY, "the server is busy and stored nothing; try again in a moment"),
            Code::BAD_REQUEST => Self::new(Code::OAUTH_MALFORMED, text),
            _ => {
                tracing::error!(log_id = %log_id::current(), error = %text, "the database refused a log-in");
                let hint = "something failed on the server; the operator finds it in the log by X-Tt-Logid";
                Self::new(Code::OAUTH_INTERNAL, hint)
            }
        }
    }
}

impl From<oauth::Fault> for OAuthError {
    fn from(fault: oauth::Fault) -> Self {
        use oauth::Fault as F;
        let (code, description) = match fault {
            F::CodeUnknown => (Code::OAUTH_CODE_UNKNOWN, "no such code; send the user to the log-in page again"),
            F::CodeExpired => (Code::OAUTH_CODE_EXPIRED, "the code is older than 5 minutes; send the user again"),
            F::CodeUsed => (Code::OAUTH_CODE_USED, "the code was used already; it is good once"),
            F::OtherClient => (Code::OAUTH_OTHER_CLIENT, "this was made for another app"),
            F::RedirectDiffers => {
                (Code::OAUTH_REDIRECT, "redirect_uri is not the one the user was sent to the log-in page with")
            }
            F::Verifier => (
                Code::OAUTH_PKCE,
                "code_verifier does not fit the code_challenge of the log-in page; both or neither have to be sent",
            ),
            F::RefreshUnknown => (Code::OAUTH_REFRESH_UNKNOWN, "no such refresh token; the user has to log in again"),
            F::RefreshExpired => {
                (Code::OAUTH_REFRESH_EXPIRED, "the refresh token has expired; the user has to log in again")
            }
            F::RefreshUsed => (
                Code::OAUTH_REFRESH_USED,
                "the refresh token was used already, so all that came of it are revoked; the user has to log in again",
            ),
            F::RefreshRevoked => {
                (Code::OAUTH_REFRESH_REVOKED, "the refresh token was revoked; the user has to log in again")
            }
            F::RefreshOff => (Code::OAUTH_REFRESH_OFF, "the app does not have the scope offline_access"),
            F::UserGone => (Code::OAUTH_USER_GONE, "the user is not there any more"),
            F::UserLockedOut => (Code::OAUTH_USER_STATUS, "the user may not log in any more"),
            F::ScopeTwice => (Code::OAUTH_SCOPE_TWICE, "scope names a scope twice"),
            F::ScopeNotGranted => (Code::OAUTH_SCOPE_NOT_GRANTED, "scope names a scope that the user has not granted"),
        };
        Self::new(code, description)
    }
}
