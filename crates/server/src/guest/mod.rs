//! The guest API: the end user's side, JSON over HTTP under `/guest/v1`. Used by the chat page, by widgets and by
//! anyone's own client. Successes are plain JSON, failures have the open API's envelope.
//!
//! All calls but the first carry `Authorization: Bearer <session_token>`; the token names the guest's chat, so nobody
//! reaches another's.

mod act;
mod calls;
pub(crate) mod image;
mod message;
mod session;
mod shape;
mod standing;
mod stream;
mod suggest;

pub use calls::calls;

use std::sync::Arc;

pub(crate) use shape::{DeskPath, MessageOut};

use axum::Router;
use axum::extract::{Extension, FromRequest, FromRequestParts, Path, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use desk::directory::Helpdesk;
use serde::de::DeserializeOwned;
use tower_http::cors::CorsLayer;
use wire::Code;

use crate::api::body;
use crate::api::error::ApiError;
use crate::app::App;
use crate::auth::{GuestSession, bearer};
use crate::front::not_found;
use crate::limits::Rate;

/// The routes. Other origins may call them, because a widget lives on its customer's pages; there are no cookies.
pub fn routes(app: &App) -> Router<App> {
    let pace = suggest::Pace(app.limits().endpoint(Rate::Tier6));
    // The answer to other methods is set before the layers, which are to see a browser's OPTIONS first.
    let calls = calls().into_router().method_not_allowed_fallback(not_found);
    calls.layer(Extension(pace)).layer(CorsLayer::very_permissive().allow_credentials(false))
}

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) struct Guest {
    pub desk: Arc<Helpdesk>,
    pub session: GuestSession,
}

impl Guest {
    /// The guest behind a session token.
    pub fn of(app: &App, header: Option<&[u8]>) -> Result<Self, ApiError> {
        let refused = |why: &str| ApiError::new(Code::UNAUTHORIZED, why);
        let token = bearer(header).map_err(|_| {
            refused("no session token; open a session and send it as Authorization: Bearer <session_token>")
        })?;
        let session = app.tokens().verify_guest(token, app.now_ms());
        let session = session.ok_or_else(|| refused("the session token is wrong or expired; open a new session"))?;
        let desk = app.directory().helpdesks.get(&session.helpdesk_id).map(Arc::clone);
        let desk = desk.filter(|desk| desk.tenant == session.tenant);
        Ok(Self { desk: desk.ok_or_else(|| refused("the session's help desk is gone; open a new session"))?, session })
    }
}

impl FromRequestParts<App> for Guest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        Self::of(app, parts.headers.get(AUTHORIZATION).map(axum::http::HeaderValue::as_bytes))
    }
}

/// What a path names: its one parameter, or a struct of several.
pub(crate) struct Segment<T = String>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Segment<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let named = Path::from_request_parts(parts, app).await;
        let Path(named) = named.map_err(|_| ApiError::invalid("path", "must be text in UTF-8"))?;
        Ok(Self(named))
    }
}

/// A JSON body, read whatever its content type says.
pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        let (parts, whole) = request.into_parts();
        let bytes = body::read(&parts.headers, whole).await?;
        body::decode(&bytes).map(Self)
    }
}
