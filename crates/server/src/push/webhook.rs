//! The HTTP side of a push: one client for all apps, its limits, the URL check, and what people read about an attempt.

use std::time::Duration;

use bytes::BytesMut;
use desk::ids::Ids;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, Response, StatusCode, Url, redirect};
use serde::{Deserialize, Serialize};

use super::attempt::{ANSWER_WITHIN, Outcome};
use super::crypto;
use super::render::{Push, Signed};
use super::safety::{Guard, Refused};
use crate::clock::{Moment, TimedOut, Timers};
use crate::http_client::{self, ConnectWithin, NoConnection, cause, sources};

// Reference: platform-protocol 5.5 and 5.2.
const CONNECT_MAX: Duration = Duration::from_secs(2);
const TOTAL_MAX: Duration = ANSWER_WITHIN;
const URL_CHECK_MAX: Duration = Duration::from_secs(1);
// Node's and uvicorn's servers close a connection after 5 s without a request; we let go first, so that no event runs
// into a closing connection.
const IDLE_MAX: Duration = Duration::from_secs(4);
const IDLE_CONNECTIONS_PER_HOST: usize = 16;
const ANSWER_BYTES_MAX: usize = 64 * 1024;
const QUOTE_CHARS_MAX: usize = 80;

const TIMESTAMP: HeaderName = HeaderName::from_static("x-lark-request-timestamp");
const NONCE: HeaderName = HeaderName::from_static("x-lark-request-nonce");
const SIGNATURE: HeaderName = HeaderName::from_static("x-lark-signature");

/// Where and how one app is called.
#[derive(Clone)]
pub struct Addressee {
    /// The request URL.
    pub url: String,
    /// Sent with every request.
    pub verification_token: String,
    /// With it, requests are encrypted.
    pub encrypt_key: Option<String>,
}

/// Secrets stay out.
impl std::fmt::Debug for Addressee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Addressee").finish_non_exhaustive()
    }
}

/// The HTTP client of all webhooks. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Webhooks {
    client: Client,
    guard: Guard,
    timers: Timers,
}

/// The time that one call may take.
#[derive(Debug, Clone, Copy)]
struct Limit {
    began: Moment,
    time: Duration,
}

impl Limit {
    fn end(self) -> Moment {
        self.began + self.time
    }

    fn passed(self) -> String {
        format!("no answer within {} s", self.time.as_secs())
    }
}

/// The question of the URL check.
#[derive(Serialize)]
struct UrlCheck<'a> {
    challenge: &'a str,
    token: &'a str,
    r#type: &'static str,
}

/// What the app has to answer.
#[derive(Deserialize)]
struct UrlProof {
    challenge: String,
}

impl Webhooks {
    /// A client that may reach private addresses or not, with limits in this network time. Reads the system's certificates, which takes a while. Without
    /// any, `https` URLs cannot be reached, and the log says so.
    ///
    /// # Errors
    /// What keeps an HTTP client from being made at all.
    pub fn new(allow_private: bool, timers: Timers) -> Result<Self, reqwest::Error> {
        let guard = Guard { allow_private };
        let client = http_client::build(|| builder(guard, &timers), "https request URLs")?;
        Ok(Self { client, guard, timers })
    }

    fn limit(&self, time: Duration) -> Limit {
        Limit { began: self.timers.now(), time }
    }

    /// Delivers one event. Takes 3 s at most.
    pub async fn deliver(&self, url: &str, push: Push) -> Outcome {
        let limit = self.limit(TOTAL_MAX);
        let headers = push.signed.map(signature_headers).unwrap_or_default();
        let response = match self.post(url, headers, push.body, limit).await {
            Ok(response) => response,
            Err(text) => return Outcome::failed(text),
        };
        let (status, took) = (response.status(), self.timers.since(limit.began));
        // Read only so that the connection can be used again; what stands there doesn't matter.
        let _ = self.timers.timeout_at(limit.end(), read(response)).await;
        let acknowledged = status == StatusCode::OK;
        let text = if acknowledged { timed(status, took) } else { format!("{}{}", timed(status, took), hint(status)) };
        Outcome { acknowledged, http_status: Some(status.as_u16().into()), text }
    }

    /// The URL check (reference: platform-protocol 5.2): the app must send a random challenge back within 1 s. The
    /// check is encrypted like an event, but never signed.
    pub async fn check_url(&self, to: &Addressee, ids: &Ids) -> Outcome {
        let challenge = ids.uuid();
        let body = url_check_body(to, &challenge, ids);
        let limit = self.limit(URL_CHECK_MAX);
        let failed = |http_status, why: String| Outcome {
            acknowledged: false,
            http_status,
            text: format!("URL check failed: {why}"),
        };
        let asked = async {
            let response = self.post(&to.url, HeaderMap::new(), body, limit).await.map_err(|why| (None, why))?;
            let status = response.status();
            let answer = self.timers.timeout_at(limit.end(), read(response)).await;
            let answer = answer.map_err(|TimedOut| (Some(status), limit.passed()))?;
            let answer = answer.map_err(|e| (Some(status), explain(&e)))?;
            Ok::<_, (Option<StatusCode>, String)>((status, answer))
        };
        let (status, answer) = match asked.await {
            Ok(answered) => answered,
            Err((status, why)) => return failed(status.map(|s| s.as_u16().into()), why),
        };
        let (number, came_back) = (Some(i64::from(status.as_u16())), timed(status, self.timers.since(limit.began)));
        let same = serde_json::from_slice::<UrlProof>(&answer).is_ok_and(|a| a.challenge == challenge);
        if status != StatusCode::OK {
            return failed(number, format!("{came_back}{}", hint(status)));
        }
        if !same {
            let quoted = quote(&answer, &to.verification_token);
            return failed(
                number,
                format!("{came_back}, but instead of {{\"challenge\":\"{challenge}\"}} came back {quoted}"),
            );
        }
        Outcome { acknowledged: true, http_status: number, text: came_back }
    }

    async fn post(&self, url: &str, headers: HeaderMap, body: String, limit: Limit) -> Result<Response, String> {
        let url = Url::parse(url).map_err(|e| format!("the request URL is not a URL: {e}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("the request URL is neither http nor https".to_owned());
        }
        self.guard.check(&url).map_err(|refused| refused.to_string())?;
        let request = self.client.post(url).headers(headers).body(body);
        let answered = self.timers.timeout_at(limit.end(), request.send()).await;
        answered.map_err(|TimedOut| limit.passed())?.map_err(|error| explain(&error))
    }
}

fn signature_headers(signed: Signed) -> HeaderMap {
    let values = [(TIMESTAMP, signed.timestamp), (NONCE, signed.nonce), (SIGNATURE, signed.signature)];
    let header = |(name, value)| (name, HeaderValue::try_from(value).expect("digits, hex and dashes suit a header"));
    values.map(header).into_iter().collect()
}

fn url_check_body(to: &Addressee, challenge: &str, ids: &Ids) -> String {
    let question = UrlCheck { challenge, token: &to.verification_token, r#type: "url_verification" };
    let question = serde_json::to_string(&question).expect("three strings can be written as JSON");
    match &to.encrypt_key {
        Some(key) => crypto::encrypted_body(key, ids.bytes(), &question),
        None => question,
    }
}

fn builder(guard: Guard, timers: &Timers) -> ClientBuilder {
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    Client::builder()
        .user_agent(concat!("Deskwire/", env!("CARGO_PKG_VERSION")))
        .default_headers(HeaderMap::from_iter([(CONTENT_TYPE, content_type)]))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .dns_resolver(guard)
        .connector_layer(ConnectWithin { limit: CONNECT_MAX, timers: timers.clone() })
        .pool_idle_timeout(IDLE_MAX)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_PER_HOST)
        // As the platform writes them, for receivers that compare header names letter by letter.
        .http1_title_case_headers()
}

/// The first bytes of the answer; the rest is left unread, which closes the connection.
async fn read(mut response: Response) -> Result<BytesMut, reqwest::Error> {
    let mut answer = BytesMut::new();
    while answer.len() < ANSWER_BYTES_MAX
        && let Some(chunk) = response.chunk().await?
    {
        answer.extend_from_slice(&chunk);
    }
    answer.truncate(ANSWER_BYTES_MAX);
    Ok(answer)
}

fn timed(status: StatusCode, took: Duration) -> String {
    format!("{} in {} ms", status.as_u16(), took.as_millis())
}

fn hint(status: StatusCode) -> &'static str {
    if status.is_redirection() { "; redirects are not followed" } else { "; only 200 counts" }
}

fn explain(error: &reqwest::Error) -> String {
    let refused = sources(error).find_map(|e| e.downcast_ref::<Refused>()).map(ToString::to_string);
    let unconnected = || sources(error).find_map(|e| e.downcast_ref::<NoConnection>()).map(ToString::to_string);
    match refused.or_else(unconnected) {
        Some(told) => told,
        None if error.is_connect() => format!("no connection: {}", printable(&cause(error))),
        None => format!("no answer: {}", printable(&cause(error))),
    }
}

/// The beginning of an answer. An echo of the request must not carry the token into the delivery's record.
fn quote(answer: &[u8], token: &str) -> String {
    let text = String::from_utf8_lossy(answer);
    let text = if token.is_empty() { text.into_owned() } else { text.replace(token, "…") };
    let text = printable(&text);
    match text.char_indices().nth(QUOTE_CHARS_MAX) {
        _ if text.is_empty() => "an empty body".to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn printable(text: &str) -> String {
    let spaced = text.replace(char::is_control, " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_short_printable_and_without_the_token() {
        assert_eq!(quote(b"", "t"), "an empty body");
        assert_eq!(quote(b"a\0\r\n b \"v-1\"", "v-1"), "a b \"…\"");
        let long = quote("é".repeat(200).as_bytes(), "");
        assert_eq!(long.chars().count(), QUOTE_CHARS_MAX + 1);
        assert_eq!(quote(b"\xff", ""), "\u{fffd}");
    }

    #[test]
    fn an_addressee_prints_no_secret() {
        let to =
            Addressee { url: "http://u:p@h/".into(), verification_token: "vt".into(), encrypt_key: Some("ek".into()) };
        assert_eq!(format!("{to:?}"), "Addressee { .. }");
    }
}
