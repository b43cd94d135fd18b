//! What everybody who is signed in may do with their own account: another password, their sessions.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use desk::Kind;
use desk::admin::session::{self, Shown};
use desk::admin::users;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Nothing;

use super::Visitor;
use super::accounts::hashed;
use super::session::{PASSWORD_BYTES_MAX, refused};
use crate::api::error::ApiError;
use crate::api::known;
use crate::app::App;
use crate::audit;
use crate::guest::{Body, Segment};
use crate::login::{self, LoginFault};
use crate::peer;

/// Another password of one's own.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "OwnPassword")]
pub struct OwnPassword {
    /// The password as it is.
    old_password: String,
    /// The password as it is to be; at most 1000 bytes.
    new_password: String,
}

/// `PUT /admin/v1/me/password`
pub async fn set_password(State(app): State<App>, who: Visitor, request: Request) -> Result<Json<Nothing>, ApiError> {
    let address = peer::address(&app, request.headers(), request.extensions());
    let Body(ask): Body<OwnPassword> = Body::from_request(request, &app).await?;
    if ask.old_password.len() > PASSWORD_BYTES_MAX {
        return Err(ApiError::invalid("old_password", format!("at most {PASSWORD_BYTES_MAX} bytes are allowed")));
    }
    let staff = &who.session.staff;
    let wrong = || ApiError::invalid("old_password", "this is not your password");
    // Counted like a try to sign in: a session that somebody left open is no way to guess it.
    let email = staff.email.as_deref().unwrap_or_default();
    let checked = login::check(&app, Some(&staff.tenant), email, &ask.old_password, address);
    // A wrong one is on record as a try to sign in, not as a change of the password.
    let checked = audit::aside(checked).await;
    let checked = checked.map_err(|fault| match fault {
        LoginFault::Wrong => wrong(),
        other => refused(other),
    })?;
    if checked.person.user_id != staff.user_id {
        return Err(wrong());
    }
    let hash = hashed(&app, "new_password", ask.new_password).await?;
    let (vault, session) = (app.vault().clone(), who.session);
    app.write(move |tx, cx| {
        let staff = &session.staff;
        users::set_password(tx, cx, &vault, &staff.tenant, (&staff.user_id, hash.clone(), Some(&session)))
    })
    .await?;
    Ok(Json(Nothing {}))
}

/// One's own sessions.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnSessionList")]
pub struct SessionList {
    /// Those that are not over, newest first.
    sessions: Vec<SessionOut>,
}

/// A session of one's own.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnSession")]
struct SessionOut {
    /// Decimal id.
    id: String,
    /// When it was opened, Unix milliseconds.
    created_at: i64,
    /// When it was last used, Unix milliseconds; up to five minutes too early.
    seen_at: i64,
    /// What the browser or script called itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    /// Whether this call was made in it.
    is_this: bool,
}

/// `GET /admin/v1/me/sessions`
pub async fn sessions(State(app): State<App>, who: Visitor) -> Result<Json<SessionList>, ApiError> {
    let (this, staff) = (who.session.id(), who.session.staff);
    let found = app.read(move |tx, cx| Ok(session::list(tx, cx, &staff)?)).await?;
    let shape = |Shown { id, created_at, seen_at, user_agent }| SessionOut {
        id: format!("{id}"),
        created_at,
        seen_at,
        user_agent,
        is_this: id == this,
    };
    Ok(Json(SessionList { sessions: found.into_iter().map(shape).collect() }))
}

/// The path of a session of one's own.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "OwnSessionPath")]
#[expect(dead_code, reason = "the document reads its schema, the handler its one segment")]
pub struct SessionPath {
    /// Decimal id.
    session_id: String,
}

/// `DELETE /admin/v1/me/sessions/:session_id`
pub async fn end_session(
    State(app): State<App>,
    who: Visitor,
    Segment(session_id): Segment,
) -> Result<Json<Nothing>, ApiError> {
    let id = known(Kind::Session, &session_id)?;
    let staff = who.session.staff;
    app.write(move |tx, _| session::end_one(tx, &staff, id)).await?;
    Ok(Json(Nothing {}))
}
