//! `GET /ws/v2`: a ticket becomes a connection (reference: platform-protocol 6.2).

use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use wire::long_connection::{APP_INVALID, HANDSHAKE_AUTH_FAILED, HANDSHAKE_FORBIDDEN, TOO_MANY_CONNECTIONS};

use super::live::Visitor;
use super::{CONNECTIONS_MAX, connection, connects};
use crate::app::App;
use crate::peer::Peer;

const STATUS: HeaderName = HeaderName::from_static("handshake-status");
const MSG: HeaderName = HeaderName::from_static("handshake-msg");
const AUTH_CODE: HeaderName = HeaderName::from_static("handshake-autherrcode");

/// The largest message that a client may send, in bytes. Pings and answers are far smaller.
const MESSAGE_MAX: usize = 256 * 1024;
/// Room for what is read at a time, in bytes: this much each idle connection holds.
const READ_BUFFER: usize = 4 * 1024;
/// A connection whose unsent frames take more bytes than this is given up.
const UNSENT_MAX: usize = 1024 * 1024;

/// Why there is no connection. Clients read the three headers, not the status.
#[derive(Debug, Clone, Copy)]
struct Refused {
    http: StatusCode,
    status: u16,
    /// What decides with status 514: [`TOO_MANY_CONNECTIONS`] makes clients give up, anything else try again.
    auth_code: i64,
    msg: &'static str,
}

const fn refused(status: u16, auth_code: i64, msg: &'static str) -> Refused {
    Refused { http: StatusCode::FORBIDDEN, status, auth_code, msg }
}

const NO_TICKET: Refused = refused(
    HANDSHAKE_AUTH_FAILED,
    APP_INVALID.number,
    "the URL is not one of this server's, is older than 60 s, was used before, or its app has a new secret; ask for a new one",
);
const FORBIDDEN: Refused =
    refused(HANDSHAKE_FORBIDDEN, APP_INVALID.number, "the app is gone or gets no events by long connection");
const TOO_MANY: Refused =
    refused(HANDSHAKE_AUTH_FAILED, TOO_MANY_CONNECTIONS.number, "an app may have 50 connections at the same time");
const STOPPING: Refused =
    Refused { http: StatusCode::SERVICE_UNAVAILABLE, status: 503, auth_code: 0, msg: "the server is stopping" };
const NO_WEBSOCKET: Refused = Refused {
    http: StatusCode::BAD_REQUEST,
    status: 400,
    auth_code: 0,
    msg: "this is no WebSocket handshake; a proxy in between must pass on Connection and Upgrade",
};

/// The handler.
pub async fn connect(State(app): State<App>, request: Request) -> Response<Body> {
    let (mut parts, _) = request.into_parts();
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &app).await else {
        return refusal(NO_WEBSOCKET);
    };
    let visitor = match admit(&app, &parts) {
        Ok(visitor) => visitor,
        Err(why) => return refusal(why),
    };
    // Its place is taken from here on, so that two handshakes cannot share the last one.
    let Some((entry, outgoing)) = app.long_connections().live.enter(&app, visitor, CONNECTIONS_MAX) else {
        return refusal(TOO_MANY);
    };
    upgrade
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(UNSENT_MAX)
        .on_failed_upgrade(|error| tracing::debug!(%error, "a long connection ended with its handshake"))
        .on_upgrade(move |socket| async move {
            // A job, so that shutdown waits for it.
            let workers = app.workers().clone();
            workers.spawn_job("long connection", connection::run(app, entry, socket, outgoing));
        })
}

fn admit(app: &App, parts: &Parts) -> Result<Visitor, Refused> {
    if app.workers().stop().is_requested() {
        return Err(STOPPING);
    }
    let tickets = &app.long_connections().tickets;
    let ticket = tickets.read(parts.uri.query().unwrap_or_default(), app.now_ms()).ok_or(NO_TICKET)?;
    let found = app.directory().apps.get(&ticket.app_id).cloned().ok_or(FORBIDDEN)?;
    if !connects(&found) {
        return Err(FORBIDDEN);
    }
    if found.secret_version != ticket.secret_version || !tickets.take(&ticket, app.now_ms()) {
        return Err(NO_TICKET);
    }
    let header = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    // The SDK names itself when it asks for the URL, and here only its WebSocket library.
    let user_agent =
        if ticket.user_agent.is_empty() { header.unwrap_or_default().to_owned() } else { ticket.user_agent };
    let peer = parts.extensions.get::<Peer>().map_or_else(String::new, |peer| peer.0.to_string());
    Ok(Visitor { app: found, device_id: ticket.device_id, peer, user_agent })
}

fn refusal(why: Refused) -> Response<Body> {
    let mut response = Response::new(Body::from(why.msg));
    *response.status_mut() = why.http;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(STATUS, HeaderValue::from(why.status));
    headers.insert(MSG, HeaderValue::from_static(why.msg));
    headers.insert(AUTH_CODE, HeaderValue::from(why.auth_code));
    response
}
