//! The admin API.

mod apps;
mod calls;
mod categories;
mod content;
mod desks;
mod events;
mod explain;
mod making;
mod notifications;
mod people;
mod roster;
mod session;
mod settings;
mod users;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{DESK, OTHER_DESK, desk_file};
use testkit::{Answer, Call, Database, Options, TestServer};

/// The usual desk with people who may sign in: Root is an administrator, Ada owns one desk and Hal the other, Bob is an
/// agent of the first, Eve has nothing to do here. In the other tenant, Rita is an administrator, and Ada has an
/// account with the same password.
pub fn file(options: &Options) -> Value {
    let mut file = desk_file(options);
    let tenant = &mut file["tenants"][0];
    for (i, name) in ["ada", "bob", "eve"].into_iter().enumerate() {
        tenant["users"][i]["password"] = json!(password(name));
    }
    let more = [
        json!({"id": "u_hal", "name": "Hal", "email": "hal@demo.test", "password": "hal-demo"}),
        json!({"id": "u_root", "name": "Root", "email": "root@demo.test", "password": "root-demo", "role": "admin"}),
    ];
    tenant["users"].as_array_mut().unwrap().extend(more);
    tenant["helpdesks"][1]["owner"] = json!("u_hal");
    file["tenants"][1]["users"] = json!([
        {"id": "x_ada", "name": "Ada X", "email": "Ada@demo.test", "password": password("ada")},
        {"id": "x_rita", "name": "Rita", "email": "rita@other.test", "password": "rita-demo", "role": "admin"}]);
    file["tenants"][1]["helpdesks"] =
        json!([{"id": "6900000000000000003", "token": "ht-three", "name": "Other help", "owner": "x_ada"}]);
    file
}

fn password(name: &str) -> String {
    format!("{name}-demo")
}

pub async fn start(database: Database, options: &Options) -> TestServer {
    TestServer::with_file(database, options, &file(options)).await
}

/// Tries to sign in to the demo tenant for a bearer token.
pub async fn sign_in(server: &TestServer, name: &str) -> Answer {
    let email = format!("{name}@demo.test");
    let body = json!({"email": email, "password": password(name), "tenant": "demo", "cookie": false});
    server.call(Method::POST, "/admin/v1/session").json(&body).send().await
}

/// A bearer token of somebody of the demo tenant.
pub async fn token(server: &TestServer, name: &str) -> String {
    let answer = sign_in(server, name).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json["token"].as_str().unwrap().to_owned()
}

/// A call with a bearer token.
pub fn by(server: &TestServer, token: &str, method: Method, path: &str) -> Call {
    server.call(method, &format!("/admin/v1{path}")).bearer(token)
}

/// Makes a call with a body.
async fn send(server: &TestServer, token: &str, method: Method, path: &str, body: Value) -> Answer {
    by(server, token, method, path).json(&body).send().await
}

/// What a call answers that has to work.
async fn get(server: &TestServer, token: &str, path: &str) -> Value {
    let answer = by(server, token, Method::GET, path).send().await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json
}

/// Which field a refused call names.
fn field(refused: &Answer) -> &str {
    refused.json["error"]["field_violations"][0]["field"].as_str().unwrap()
}

/// Id and rights of each help desk in a session.
fn desks(session: &Value) -> Vec<(String, String)> {
    let desk = |desk: &Value| (desk["id"].as_str().unwrap().to_owned(), desk["rights"].as_str().unwrap().to_owned());
    session["desks"].as_array().unwrap().iter().map(desk).collect()
}

fn pair(id: &str, rights: &str) -> (String, String) {
    (id.to_owned(), rights.to_owned())
}

/// The two help desks of the demo tenant with the same rights.
fn both(rights: &str) -> Vec<(String, String)> {
    vec![pair(DESK, rights), pair(OTHER_DESK, rights)]
}
