//! A guest and an app over HTTP, at a server that may refuse or be gone.

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use testkit::server::desk_header;

use crate::apply::{APP_ID, DESK_ID};

/// The app of [`crate::apply::DESK`]. Its token outlives the server.
#[derive(Clone)]
pub struct App {
    client: Client,
    token: String,
}

impl App {
    /// Gets a token.
    pub async fn new(url: &str) -> Self {
        let client = testkit::api::client();
        let url = format!("{url}/open-apis/auth/v3/tenant_access_token/internal");
        let asking = client.post(url).json(&json!({"app_id": APP_ID, "app_secret": "s"})).send();
        let answer: Value = asking.await.expect("an answer").json().await.expect("JSON");
        let token = answer["tenant_access_token"].as_str().unwrap_or_else(|| panic!("a token: {answer}")).to_owned();
        Self { client, token }
    }

    /// The same with another access token.
    pub fn with(&self, token: &str) -> Self {
        Self { client: self.client.clone(), token: token.to_owned() }
    }

    /// A call to the open API at the help desk.
    pub fn call(&self, url: &str, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{url}/open-apis/helpdesk/v1{path}"));
        let desk = desk_header(DESK_ID, "ht-demo");
        request.bearer_auth(&self.token).header("x-lark-helpdesk-authorization", desk)
    }
}

/// A guest with a session. The session outlives the server.
#[derive(Clone)]
pub struct Chat {
    client: Client,
    token: String,
}

impl Chat {
    /// Opens a session at the help desk of [`crate::apply::DESK`].
    pub async fn open(url: &str) -> Self {
        let client = testkit::api::client();
        let opening = client.post(format!("{url}/guest/v1/desks/{DESK_ID}/sessions")).json(&json!({})).send();
        let session: Value = opening.await.expect("an answer").json().await.expect("JSON");
        let token = session["session_token"].as_str().unwrap_or_else(|| panic!("a session: {session}")).to_owned();
        Self { client, token }
    }

    /// A call; an error if the connection failed before its answer was there.
    pub async fn call(&self, url: &str, method: Method, path: &str, body: &Value) -> reqwest::Result<Response> {
        let request = self.client.request(method, format!("{url}/guest/v1{path}")).bearer_auth(&self.token);
        if body.is_null() { request.send().await } else { request.json(body).send().await }
    }

    /// Writes; answers the status and the body. The same `client_id` twice is one message.
    pub async fn say(&self, url: &str, client_id: &str, text: &str) -> reqwest::Result<(u16, Value)> {
        let message = json!({"client_id": client_id, "text": text});
        let response = self.call(url, Method::POST, "/messages", &message).await?;
        Ok((response.status().as_u16(), response.json().await?))
    }

    /// Messages after a position, waiting up to `wait_ms` for the first.
    pub async fn messages(&self, url: &str, after: i64, wait_ms: u64) -> reqwest::Result<Vec<Value>> {
        let path = format!("/messages?limit=200&after={after}&wait_ms={wait_ms}");
        let page: Value = self.call(url, Method::GET, &path, &Value::Null).await?.json().await?;
        Ok(page["messages"].as_array().unwrap_or_else(|| panic!("messages: {page}")).clone())
    }

    /// All messages there are.
    pub async fn all(&self, url: &str) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let after = all.last().map_or(0, |message| message["position"].as_i64().expect("a position"));
            let page = self.messages(url, after, 0).await.expect("an answer");
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }
}
