//! Signing in and out.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::{Extensions, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use desk::admin::session::{self, LIFE_MS, Session};
use desk::admin::{Place, Rights};
use desk::audit::Actor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Code, Nothing};

use super::visitor::{COOKIE, Visitor, WHO_MAY, csrf_token, own_page};
use crate::api::error::{ApiError, Exceeded};
use crate::app::App;
use crate::audit;
use crate::guest::Body;
use crate::login::{self, LoginFault};
use crate::peer;

/// The longest password that a desk file takes, in bytes.
pub(super) const PASSWORD_BYTES_MAX: usize = 1_000;

/// Who wants to sign in.
#[derive(Deserialize, JsonSchema)]
pub struct SignIn {
    /// E-mail address.
    email: String,
    /// Password; at most 1000 bytes.
    password: String,
    /// The tenant's key; needed only if address and password open accounts of several tenants.
    tenant: Option<String>,
    /// `false` answers a `token` and sets no cookie.
    cookie: Option<bool>,
}

/// A session.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AdminSession")]
pub struct SessionOut {
    /// Who is signed in.
    person: PersonOut,
    /// The tenant's key.
    tenant: String,
    /// The help desks they have to do with, by id.
    desks: Vec<DeskOut>,
    /// For the header `X-CSRF-Token`: it has to come with every change that is made by cookie.
    csrf_token: String,
    /// When the session ends at the latest, Unix ms. Without use it ends after 12 hours.
    expires_at: i64,
    /// The session's token, for `Authorization: Bearer`; only if no cookie was wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// Who is signed in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AdminPerson")]
struct PersonOut {
    /// `ou_…`
    open_id: String,
    /// Name.
    name: String,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// `admin` for an administrator of the tenant; left out for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<desk::person::UserRole>,
}

/// A help desk of somebody.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AdminDesk")]
struct DeskOut {
    /// Decimal id.
    id: String,
    /// Its name.
    name: String,
    /// `admin` (of the tenant), `owner` or `agent`: what they may see of it.
    #[schemars(extend("enum" = ["admin", "owner", "agent"]))]
    rights: &'static str,
}

/// The word for rights.
pub(crate) fn rights_word(rights: Rights) -> &'static str {
    match rights {
        Rights::Admin => "admin",
        Rights::Owner => "owner",
        Rights::Agent => "agent",
    }
}

impl SessionOut {
    fn of(session: &Session, token: &str, places: &[Place]) -> Self {
        let staff = &session.staff;
        let desk = |place: &Place| DeskOut {
            id: place.desk.id.to_string(),
            name: place.desk.name.clone(),
            rights: rights_word(place.rights),
        };
        Self {
            person: PersonOut {
                open_id: staff.open_id.clone(),
                name: staff.name.clone(),
                email: staff.email.clone(),
                role: staff.is_admin.then_some(desk::person::UserRole::Admin),
            },
            tenant: staff.tenant.clone(),
            desks: places.iter().map(desk).collect(),
            csrf_token: csrf_token(token),
            expires_at: session.expires_at,
            token: None,
        }
    }
}

/// `POST /admin/v1/session`
pub async fn sign_in(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    // Otherwise another site could sign people in to an account of its own.
    own_page(&app, &headers)?;
    let Body(ask): Body<SignIn> = Body::from_request(request, &app).await?;
    if ask.password.len() > PASSWORD_BYTES_MAX {
        return Err(ApiError::invalid("password", format!("at most {PASSWORD_BYTES_MAX} bytes are allowed")));
    }
    let address = peer::address(&app, &headers, &extensions);
    let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let who = login::check(&app, ask.tenant.as_deref(), &ask.email, &ask.password, address).await.map_err(refused)?;
    let directory = std::sync::Arc::clone(&app.directory());
    let (token, session) = app
        .write(move |tx, cx| {
            let staff = session::staff(tx, &who.tenant, &who.person)?;
            if !staff.may_sign_in(&directory) {
                return Err(desk::Refusal::Forbidden(WHO_MAY.to_owned()));
            }
            let actor = Actor::Person { user_id: staff.user_id.clone(), name: staff.name.clone() };
            desk::audit::record(tx, cx, &audit::sign_in("sign_in", &who.tenant, actor, address))?;
            Ok(session::open(tx, cx, staff, (&who.password_mark, user_agent.as_deref()))?)
        })
        .await?;
    let places = session.staff.places(&app.directory());
    let mut shown = SessionOut::of(&session, &token, &places);
    if ask.cookie == Some(false) {
        shown.token = Some(token);
        return Ok(Json(shown).into_response());
    }
    Ok(([(SET_COOKIE, cookie(&app, &headers, &extensions, &token, LIFE_MS / 1_000))], Json(shown)).into_response())
}

pub(super) fn refused(fault: LoginFault) -> ApiError {
    match fault {
        LoginFault::Wrong => ApiError::new(
            Code::UNAUTHORIZED,
            "e-mail address and password do not belong together; an account without a password cannot sign in",
        ),
        LoginFault::Several(tenants) => {
            let tenants = tenants.join(", ");
            ApiError::invalid("tenant", format!("must be one of {tenants}: this address has an account in each"))
        }
        LoginFault::Throttled { wait_ms } => {
            let reset_s = wait_ms.max(1).unsigned_abs().div_ceil(1_000);
            let why = format!("too many tries to sign in; wait {reset_s} s");
            ApiError::too_often(Exceeded { limit: login::TRIES, reset_s }, why)
        }
        LoginFault::Busy => {
            ApiError::new(Code::BUSY, "too many people are signing in at this moment; try again in a second")
        }
        LoginFault::Failed(refusal) => refusal.into(),
    }
}

/// `GET /admin/v1/session`
pub async fn show(who: Visitor) -> Json<SessionOut> {
    Json(SessionOut::of(&who.session, &who.token, &who.places))
}

/// `DELETE /admin/v1/session`
pub async fn sign_out(
    State(app): State<App>,
    headers: HeaderMap,
    who: Visitor,
    request: Request,
) -> Result<([(axum::http::HeaderName, HeaderValue); 1], Json<Nothing>), ApiError> {
    app.write(move |tx, _| Ok(session::end(tx, &who.session)?)).await?;
    Ok(([(SET_COOKIE, cookie(&app, &headers, request.extensions(), "", 0))], Json(Nothing {})))
}

/// The cookie with this token for so many seconds. Scripts of pages cannot read it, and other sites' forms do not send
/// it.
fn cookie(app: &App, headers: &HeaderMap, extensions: &Extensions, token: &str, seconds: i64) -> HeaderValue {
    let secure = if peer::is_https(app, headers, extensions) { "; Secure" } else { "" };
    let text = format!("{COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).expect("a token is of ASCII letters and digits")
}
