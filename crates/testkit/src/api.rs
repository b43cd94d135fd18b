//! Calls as an app or a guest makes them, and what came back.

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// A call in the making.
pub struct Call {
    request: RequestBuilder,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as JSON; null if it is none.
    pub json: Value,
    /// The body.
    pub body: Vec<u8>,
}

/// An HTTP client that goes straight to its address.
pub fn client() -> reqwest::Client {
    // Fails only if a provider is there already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("an HTTP client")
}

impl Call {
    /// A call to an absolute address.
    pub fn new(client: &reqwest::Client, method: Method, url: &str) -> Self {
        Self { request: client.request(method, url) }
    }

    /// With this bearer token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With this header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value) }
    }

    /// With this JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        Self { request: self.request.json(body) }
    }

    /// With this body, whatever it is.
    #[must_use]
    pub fn raw(self, body: impl Into<reqwest::Body>) -> Self {
        Self { request: self.request.body(body) }
    }

    /// Sends it.
    pub async fn send(self) -> Answer {
        let response = self.request.send().await.expect("an answer from the server under test");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.expect("a whole body").to_vec();
        Answer { status, headers, json: serde_json::from_slice(&body).unwrap_or(Value::Null), body }
    }
}

impl Answer {
    /// The envelope's code; -1 if there is none.
    pub fn code(&self) -> i64 {
        self.json["code"].as_i64().unwrap_or(-1)
    }

    /// Asserts success and answers `data`.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!((self.status, self.code()), (200, 0), "{}", self.json);
        self.json["data"].clone()
    }

    /// Asserts a failure with this HTTP status and code, with the log id in both places; answers `error.message`.
    #[track_caller]
    pub fn refused(&self, status: u16, code: i64) -> String {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.json);
        let log_id = self.headers.get("x-tt-logid").and_then(|id| id.to_str().ok()).expect("an X-Tt-Logid header");
        assert_eq!(self.json["error"]["log_id"], log_id);
        self.json["error"]["message"].as_str().unwrap_or_default().to_owned()
    }
}
