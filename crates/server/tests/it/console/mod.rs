//! The console API.

mod colleagues;
mod deliveries;
mod rights;
mod search;
mod stream;
mod tickets;
mod timeline;
mod writing;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{AGENT, OWNER};
use testkit::{Answer, Call, Database, Options, TestServer};

use crate::admin::{start as start_admin, token};

/// The desk of [`crate::admin::file`]: Ada owns it, Bob is its agent, Hal owns the other one, Root is an administrator.
async fn start(database: Database) -> TestServer {
    start_admin(database, &Options { by: "builtin", ..Options::default() }).await
}

/// A call with a bearer token.
fn by(server: &TestServer, token: &str, method: Method, path: &str) -> Call {
    server.call(method, &format!("/console/v1{path}")).bearer(token)
}

async fn get(server: &TestServer, token: &str, path: &str) -> Value {
    let answer = by(server, token, Method::GET, path).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.json);
    answer.json
}

async fn post(server: &TestServer, token: &str, path: &str, body: Value) -> Answer {
    by(server, token, Method::POST, path).json(&body).send().await
}

/// Does what has to work; answers the ticket as it stands then.
async fn act(server: &TestServer, token: &str, ticket: &str, body: Value) -> Value {
    let answer = post(server, token, &format!("/tickets/{ticket}/actions"), body.clone()).await;
    assert_eq!(answer.status, 200, "{body}: {}", answer.json);
    answer.json
}

/// Who takes tickets from now on.
async fn on_duty(server: &TestServer, name: &str, online: bool) {
    let token = token(server, name).await;
    let status = if online { "online" } else { "offline" };
    let answer = by(server, &token, Method::PUT, "/me").json(&json!({"status": status})).send().await;
    assert_eq!(answer.status, 200, "{}", answer.json);
}

/// Asks for a human; answers the ticket's id.
async fn human(guest: &testkit::server::Guest<'_>) -> String {
    let told = guest.call(Method::POST, "/human").send().await;
    assert_eq!(told.status, 200, "{}", told.json);
    told.json["ticket_id"].as_str().unwrap().to_owned()
}

/// Ids of the tickets in an inbox, in its order.
async fn inbox(server: &TestServer, token: &str, inbox: &str) -> Vec<String> {
    let list = get(server, token, &format!("/tickets?inbox={inbox}")).await;
    ids(&list)
}

fn ids(list: &Value) -> Vec<String> {
    let tickets = list["tickets"].as_array().unwrap().iter();
    tickets.map(|ticket| ticket["ticket_id"].as_str().unwrap().to_owned()).collect()
}

/// How many tickets an inbox is said to hold.
async fn count(server: &TestServer, token: &str, inbox: &str) -> i64 {
    let all = get(server, token, "/inboxes").await;
    let found = all["inboxes"].as_array().unwrap().iter().find(|i| i["inbox"] == inbox).expect("the inbox");
    found["count"].as_i64().unwrap()
}

const PEOPLE: [(&str, &str); 2] = [("ada", OWNER), ("bob", AGENT)];

/// The open id of an agent.
fn open_id(name: &str) -> &'static str {
    PEOPLE.iter().find(|(known, _)| *known == name).expect("an agent").1
}
