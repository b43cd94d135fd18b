//! Who calls: the session behind a cookie or a bearer token.
//!
//! A browser sends a cookie also with what another site makes it send. `SameSite=Lax` keeps it from most of that; what
//! changes something needs, with the cookie, a header that only a page of this server can know ([`csrf_token`]) and an
//! `Origin` that is this server's own. A bearer token is never sent by a browser of its own accord.

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, COOKIE as COOKIE_HEADER, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use desk::Refusal;
use desk::admin::Place;
use desk::admin::session::{self, Session};
use desk::faq::Way;
use desk::secret::token_hash;
use subtle::ConstantTimeEq;
use wire::Code;

use crate::api::error::ApiError;
use crate::app::App;
use crate::audit;
use crate::auth::bearer;

/// The cookie that holds a session's token.
pub(crate) const COOKIE: &str = "deskwire_session";
/// The header that has to come with it.
pub(crate) const CSRF_HEADER: &str = "X-CSRF-Token";
/// What is told to those with an account who have nothing to do here.
pub(super) const WHO_MAY: &str = "you may not sign in here: administrators of the tenant (`role: admin` in the desk \
                                  file), owners of help desks and their agents may";

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub session: Session,
    /// What the cookie or the header held.
    pub token: String,
    /// The help desks they have to do with.
    pub places: Vec<Place>,
}

impl Visitor {
    /// Refuses everybody but administrators of the tenant.
    pub(super) fn administers(&self) -> Result<(), Refusal> {
        if self.session.staff.is_admin {
            return Ok(());
        }
        Err(Refusal::Forbidden(
            "administrators of the tenant may do this, owners of help desks and agents may not".into(),
        ))
    }
}

/// What only a page that has read the session knows.
pub(super) fn csrf_token(token: &str) -> String {
    token_hash(&format!("deskwire/csrf/{token}"))
}

impl FromRequestParts<App> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let (token, by_cookie) = token(&parts.headers)?;
        let looked_up = token.clone();
        let session = app.read(move |tx, cx| Ok(session::find(tx, cx, &looked_up)?)).await?;
        let over = || ApiError::new(Code::UNAUTHORIZED, "the session is over or was never opened; sign in again");
        let session = session.ok_or_else(over)?;
        if by_cookie && !matches!(parts.method, Method::GET | Method::HEAD) {
            own_page(app, &parts.headers)?;
            knows(&parts.headers, &token)?;
        }
        let places = {
            let directory = app.directory();
            if !session.staff.may_sign_in(&directory) {
                return Err(ApiError::new(Code::FORBIDDEN, WHO_MAY));
            }
            session.staff.places(&directory)
        };
        note(app, &session).await;
        audit::by(&session.staff, if by_cookie { Way::Page } else { Way::Api });
        Ok(Self { session, token, places })
    }
}

/// The token, and whether it came as a cookie. A header of another scheme may be for a proxy in front.
fn token(headers: &HeaderMap) -> Result<(String, bool), ApiError> {
    if let Ok(token) = bearer(headers.get(AUTHORIZATION).map(HeaderValue::as_bytes)) {
        return Ok((token.to_owned(), false));
    }
    let pairs = headers.get_all(COOKIE_HEADER).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|list| list.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let found = pairs.find(|(name, _)| *name == COOKIE).map(|(_, token)| (token.to_owned(), true));
    found.ok_or_else(|| {
        let why = format!(
            "nobody is signed in; POST /admin/v1/session with email and password gives the cookie {COOKIE}, or with \
             \"cookie\": false a token to send as Authorization: Bearer <token>"
        );
        ApiError::new(Code::UNAUTHORIZED, why)
    })
}

/// Refuses what the page of another site makes a browser send.
pub(super) fn own_page(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default().to_ascii_lowercase();
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let is_host = origin.split_once("://").is_some_and(|(_, authority)| authority == host && !host.is_empty());
    if is_host || app.settings().public_url.as_ref().is_some_and(|url| url.eq_ignore_ascii_case(&origin)) {
        return Ok(());
    }
    let why = format!("a page of {origin} may not do this; only pages of {} may", app.base_url());
    Err(ApiError::new(Code::FORBIDDEN, why))
}

/// Refuses a caller who has the cookie and does not know the CSRF token.
fn knows(headers: &HeaderMap, token: &str) -> Result<(), ApiError> {
    let sent = headers.get(CSRF_HEADER).map(HeaderValue::as_bytes).unwrap_or_default();
    if bool::from(sent.ct_eq(csrf_token(token).as_bytes())) {
        return Ok(());
    }
    let what = if sent.is_empty() { "is missing" } else { "is wrong" };
    let why =
        format!("{CSRF_HEADER} {what}: send csrf_token of GET /admin/v1/session with every change made by cookie");
    Err(ApiError::new(Code::FORBIDDEN, why))
}

/// Notes the use of a session, if that is due. Whoever calls gets their answer in any case.
async fn note(app: &App, session: &Session) {
    if !session.is_due(app.now_ms()) {
        return;
    }
    let used = session.clone();
    let noted = app.write(move |tx, cx| Ok(session::seen(tx, cx, &used)?)).await;
    if let Err(error) = noted {
        tracing::warn!(%error, "the use of a session was not noted; the next call notes it");
    }
}
