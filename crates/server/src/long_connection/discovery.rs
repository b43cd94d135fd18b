//! `POST /callback/ws/endpoint`: an app proves its secret and is told where to connect (reference: platform-protocol
//! 6.1). Refusals come with HTTP 200, where every client understands them.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{HOST, USER_AGENT};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Response};
use axum::response::IntoResponse;
use wire::Code;
use wire::long_connection::{
    APP_INVALID, Ask, Discovered, Endpoint, INTERNAL_ERROR, NO_CREDENTIAL, TOO_MANY_CONNECTIONS,
};

use super::{CLIENT_CONFIG, CONNECTIONS_MAX, connects};
use crate::api::auth::secret_matches;
use crate::api::body;
use crate::api::error::{ApiError, json};
use crate::app::App;

/// Why a client is told no: the code, and a sentence that goes on from the code's text.
type No = (Code, &'static str);

/// The handler.
pub async fn discover(State(app): State<App>, request: Request) -> Response<Body> {
    let (parts, stream) = request.into_parts();
    let ask = match body::read(&parts.headers, stream).await.and_then(|bytes| ask(&bytes)) {
        Ok(ask) => ask,
        Err(error) => return error.into_response(),
    };
    let answer = match url(&app, &ask, &parts.headers) {
        Ok(url) => Discovered {
            code: Code::SUCCESS.number,
            msg: "ok".to_owned(),
            data: Endpoint { url, client_config: Some(CLIENT_CONFIG) },
        },
        Err((code, "")) => refusal(code, code.msg.to_owned()),
        Err((code, why)) => refusal(code, format!("{}: {why}", code.msg)),
    };
    json(200, &answer)
}

/// A body without the two names in this very case is 400/9499, as on the platform.
fn ask(bytes: &[u8]) -> Result<Ask, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| {
        ApiError::new(Code::NOT_JSON, format!(r#"the body must be {{"AppID":"…","AppSecret":"…"}}: {error}"#))
    })
}

fn refusal(code: Code, msg: String) -> Discovered {
    Discovered { code: code.number, msg, data: Endpoint::default() }
}

fn url(app: &App, ask: &Ask, headers: &HeaderMap) -> Result<String, No> {
    if ask.app_id.is_empty() || ask.app_secret.is_empty() {
        return Err((NO_CREDENTIAL, ""));
    }
    let found = app.directory().apps.get(&ask.app_id).cloned().ok_or((APP_INVALID, ""))?;
    if !secret_matches(&found, &ask.app_secret) {
        return Err((APP_INVALID, ""));
    }
    // Told only to those who know the secret.
    if !connects(&found) {
        return Err((APP_INVALID, "the app is not a custom app with events.delivery long_connection"));
    }
    if app.long_connections().live.count(&found.app_id) >= CONNECTIONS_MAX {
        return Err((TOO_MANY_CONNECTIONS, "an app may have 50 at the same time"));
    }
    if app.workers().stop().is_requested() {
        return Err((INTERNAL_ERROR, "the server is stopping"));
    }
    let base = base(app.settings().public_url.as_deref(), headers)
        .ok_or((INTERNAL_ERROR, "the request has no Host header and no public_url is set"))?;
    let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let query = app.long_connections().tickets.query(&found, user_agent, app.ids(), app.now_ms());
    Ok(format!("{base}/ws/v2?{query}"))
}

/// `ws://` or `wss://` with the host by which clients reach this server.
fn base(public_url: Option<&str>, headers: &HeaderMap) -> Option<String> {
    if let Some(public) = public_url {
        // It begins with http or https, and that becomes ws or wss.
        return Some(public.replacen("http", "ws", 1));
    }
    let host: Authority = headers.get(HOST)?.to_str().ok()?.parse().ok()?;
    Some(format!("ws://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_url_follows_the_public_url_or_the_host_header() {
        let from = |host: &'static str| HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
        let none = HeaderMap::new();
        assert_eq!(base(Some("https://desk.example.com"), &from("x")).unwrap(), "wss://desk.example.com");
        assert_eq!(base(Some("http://http.test:80"), &none).unwrap(), "ws://http.test:80");
        assert_eq!(base(None, &from("127.0.0.1:8420")).unwrap(), "ws://127.0.0.1:8420");
        assert_eq!(base(None, &from("[::1]:8420")).unwrap(), "ws://[::1]:8420");
        assert_eq!(base(None, &none), None);
        assert_eq!(base(None, &from("a b/?")), None);
    }
}
