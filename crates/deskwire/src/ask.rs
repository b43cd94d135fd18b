//! `deskwire ask`: a guest on the command line.

use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::AskArgs;
use crate::fail::Failure;
use crate::out;

/// Exit status when no answer came in time.
const TIMED_OUT: u8 = 3;
/// Longest wait of one request, in ms; shorter than what proxies cut off.
const WAIT_MS_MAX: u64 = 20_000;
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// What a request may take beyond what it is asked to wait.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs it.
pub async fn run(args: AskArgs) -> Result<(), Failure> {
    let api = Api::new(&args.url)?;
    let desk = match &args.desk {
        Some(desk) => desk.clone(),
        None => api.only_desk().await?,
    };
    let session: Session = api.call(Method::POST, &format!("desks/{desk}/sessions"), None, Some(&json!({}))).await?;
    let token = Some(session.session_token.as_str());
    let posted: Posted = api.call(Method::POST, "messages", token, Some(&json!({"text": args.question}))).await?;
    let answer = api.answer(token, posted.message.position, Duration::from_secs(args.timeout)).await?;
    let Some(answer) = answer else {
        let line = format!("no answer within {} s (ticket {})", args.timeout, posted.ticket_id);
        return Err(Failure { status: TIMED_OUT, lines: vec![line] });
    };
    if args.json {
        return Ok(out::line(&format!("{answer:#}"))?);
    }
    let shown: Message = serde_json::from_value(answer).map_err(|error| api.strange(&error))?;
    for line in lines(&shown, &format!("{}/desk/{desk}", api.base)) {
        out::line(&line)?;
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct Desks {
    desks: Vec<Desk>,
}

#[derive(Debug, Deserialize)]
struct Desk {
    helpdesk_id: String,
    name: String,
}

#[derive(Debug, Deserialize)]
struct Session {
    session_token: String,
}

#[derive(Debug, Deserialize)]
struct Posted {
    message: Position,
    ticket_id: String,
}

#[derive(Debug, Deserialize)]
struct Position {
    position: i64,
}

#[derive(Debug, Deserialize)]
struct Messages {
    messages: Vec<Value>,
}

/// The part of a message that is shown.
#[derive(Debug, Deserialize)]
struct Message {
    ticket_id: String,
    text: String,
    #[serde(default)]
    mode: Option<String>,
    #[serde(default)]
    faqs: Vec<Faq>,
    #[serde(default)]
    answered_by: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Faq {
    id: String,
    question: String,
    #[serde(default)]
    answer: Option<String>,
    score: f64,
}

/// What the guest sees, line by line.
fn lines(message: &Message, page: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let named = |faq: &Faq| format!("{:.2}  {} (FAQ {})", faq.score, faq.question, faq.id);
    match (message.mode.as_deref(), message.faqs.split_first()) {
        (Some("direct"), Some((first, related))) => {
            lines.push(first.answer.clone().unwrap_or_else(|| message.text.clone()));
            lines.push(String::new());
            lines.push(format!("matched:     {}", named(first)));
            lines.extend(related.iter().map(|faq| format!("related:     {}", named(faq))));
        }
        (Some("list"), Some(_)) => {
            lines.push(message.text.clone());
            lines.push(String::new());
            lines.extend(message.faqs.iter().map(|faq| format!("candidate:   {}", named(faq))));
        }
        _ => {
            lines.push(message.text.clone());
            lines.push(String::new());
            lines.push(format!("human:       ask for one on {page} or with POST /guest/v1/human"));
        }
    }
    if let Some(by) = &message.answered_by {
        lines.push(format!("answered by: {by}"));
    }
    lines.push(format!("ticket:      {}", message.ticket_id));
    lines
}

struct Api {
    base: String,
    client: Client,
}

impl Api {
    fn new(url: &str) -> Result<Self, Failure> {
        let base = url.trim_end_matches('/').to_owned();
        let https = base.starts_with("https://");
        if !https && !base.starts_with("http://") {
            return Err(Failure::config(format!("url: value is {url:?}, allowed is an http or https URL")));
        }
        // Fails only if the process has a provider already, which will do as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder().connect_timeout(CONNECT_MAX).redirect(reqwest::redirect::Policy::none());
        // Reading the system's certificates takes a while and is of no use without TLS.
        let builder = if https { builder } else { builder.tls_certs_only([]) };
        let client = builder.build().map_err(|error| Failure::other(format!("no HTTP client: {error}")))?;
        Ok(Self { base, client })
    }

    async fn only_desk(&self) -> Result<String, Failure> {
        let found: Desks = self.call(Method::GET, "desks", None, None).await?;
        match found.desks.as_slice() {
            [only] => Ok(only.helpdesk_id.clone()),
            [] => Err(Failure::other(format!("{} lists no help desk; name one with --desk ID", self.base))),
            several => {
                let names: Vec<String> = several.iter().map(|d| format!("{} ({})", d.helpdesk_id, d.name)).collect();
                Err(Failure::other(format!(
                    "there are several help desks; choose with --desk ID: {}",
                    names.join(", ")
                )))
            }
        }
    }

    /// The first answer of a bot after a position; `None` if none comes in time.
    async fn answer(&self, token: Option<&str>, from: i64, patience: Duration) -> Result<Option<Value>, Failure> {
        let until = Instant::now() + patience;
        let mut after = from;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let wait_ms = u64::try_from(left.as_millis()).unwrap_or(WAIT_MS_MAX).clamp(1, WAIT_MS_MAX);
            let path = format!("messages?after={after}&limit=50&wait_ms={wait_ms}");
            let page: Messages = self.call(Method::GET, &path, token, None).await?;
            for message in page.messages {
                after = message["position"].as_i64().unwrap_or(after).max(after);
                // What the desk pushes meanwhile belongs to no ticket and answers nothing.
                if message["from"] == "bot" && message["ticket_id"].is_string() {
                    return Ok(Some(message));
                }
            }
        }
    }

    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<T, Failure> {
        let mut request = self.client.request(method, format!("{}/guest/v1/{path}", self.base));
        request = request.timeout(Duration::from_millis(WAIT_MS_MAX) + PATIENCE);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        self.send(request).await
    }

    async fn send<T: serde::de::DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Failure> {
        let gone = |error: &reqwest::Error| {
            if error.is_connect() {
                Failure::other(format!("no server can be reached at {}; is it running?", self.base))
            } else {
                Failure::other(format!("{} did not answer: {error}", self.base))
            }
        };
        let response = request.send().await.map_err(|error| gone(&error))?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(|error| gone(&error))?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|error| self.strange(&error));
        }
        let envelope: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let hint = envelope["error"]["message"].as_str().filter(|hint| !hint.is_empty());
        let why = hint.or(envelope["msg"].as_str()).unwrap_or("no reason given");
        Err(Failure::other(format!("{} refused with HTTP {}: {why}", self.base, status.as_u16())))
    }

    fn strange(&self, error: &serde_json::Error) -> Failure {
        Failure::other(format!("{} is no Deskwire server, or one of another version: {error}", self.base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(mode: &str, faqs: &Value) -> Vec<String> {
        let message = json!({"ticket_id": "1", "text": "text", "mode": mode, "faqs": faqs, "answered_by": "builtin"});
        lines(&serde_json::from_value(message).unwrap(), "http://h/desks/9")
    }

    #[test]
    fn each_mode_shows_what_the_guest_sees() {
        let faqs = json!([{"id": "7", "question": "Q?", "answer": "A.", "score": 0.934}, {"id": "8", "question": "R?", "score": 0.3}]);
        let direct = shown("direct", &faqs);
        assert_eq!(direct[0], "A.");
        assert_eq!(direct[2], "matched:     0.93  Q? (FAQ 7)");
        assert_eq!(direct[3], "related:     0.30  R? (FAQ 8)");
        assert_eq!(direct[4], "answered by: builtin");
        assert_eq!(shown("list", &faqs)[2], "candidate:   0.93  Q? (FAQ 7)");
        let none = shown("none", &json!([]));
        assert_eq!(none[0], "text");
        assert!(none[2].contains("http://h/desks/9"));
    }
}
