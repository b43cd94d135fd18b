//! A server with everything that valid calls need, and the credentials of everybody who calls.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{
    AGENT, APP, APP_FOREIGN, APP_READER, APP_STORE, APP_TWO, DESK, DESK_TOKEN, OTHER_DESK, OTHER_TOKEN, OWNER, USER,
    desk_file, desk_header,
};
use testkit::{Answer, Call, Database, Options, TestServer};

use super::reference::Endpoint;
use super::sample::Given;

/// An app without any scope.
pub const APP_NONE: &str = "cli_a000000000000006";
/// An admin of the help desk.
pub const ADMIN: &str = "ou_00000000000000000000000000000004";
/// Users without a role, one for each use that changes them.
pub const CANDIDATE: &str = "ou_00000000000000000000000000000005";
pub const SECOND_CANDIDATE: &str = "ou_00000000000000000000000000000006";
/// Agents who are changed or removed.
pub const LEAVER: &str = "ou_00000000000000000000000000000007";
pub const SHIFTER: &str = "ou_00000000000000000000000000000008";
/// A user of the other tenant.
pub const STRANGER: &str = "ou_00000000000000000000000000000009";
/// An open id that nobody has.
pub const NOBODY: &str = "ou_ffffffffffffffffffffffffffffffff";
/// A decimal id that names nothing.
pub const NOTHING: &str = "6900000000000000999";
/// A help desk of the other tenant.
pub const FOREIGN_DESK: &str = "6900000000000000003";
pub const FOREIGN_TOKEN: &str = "ht-three";
/// A department of the help desk's users.
pub const DEPARTMENT: &str = "od_it";

/// A picture of one pixel.
pub const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// The test's desk file: the usual one with more people, more apps and a help desk of another tenant.
pub fn file(options: &Options) -> Value {
    let mut file = desk_file(options);
    let demo = &mut file["tenants"][0];
    let person = |id: &str, name: &str, open_id: &str| {
        json!({"id": id, "name": name, "open_id": open_id, "email": format!("{id}@demo.test"), "city": "Berlin",
               "country": "DE", "language": "en-US", "departments": [DEPARTMENT]})
    };
    let users = [
        person("u_ann", "Ann", ADMIN),
        person("u_cid", "Cid", CANDIDATE),
        person("u_deb", "Deb", SECOND_CANDIDATE),
        person("u_lee", "Lee", LEAVER),
        person("u_sam", "Sam", SHIFTER),
    ];
    for user in list(&mut demo["users"]) {
        user["city"] = json!("Berlin");
        user["country"] = json!("DE");
        user["departments"] = json!([DEPARTMENT]);
    }
    list(&mut demo["users"]).extend(users);
    list(&mut demo["apps"]).push(json!({"app_id": APP_NONE, "app_secret": "secret", "type": "custom", "scopes": []}));
    let agents = [
        json!({"user": "u_ann", "role": "admin", "status": "offline"}),
        json!({"user": "u_lee", "status": "offline"}),
        json!({"user": "u_sam", "status": "offline"}),
    ];
    list(&mut demo["helpdesks"][0]["agents"]).extend(agents);
    list(&mut demo["helpdesks"][1]["agents"]).push(json!({"user": "u_ann", "role": "admin", "status": "offline"}));
    demo["helpdesks"][0]["user_fields"] = json!([
        {"key_name": "floor", "display_name": "Floor", "description": "Where somebody sits", "position": 1}]);
    let other = &mut file["tenants"][1];
    other["users"] = json!([{"id": "u_zoe", "name": "Zoe", "open_id": STRANGER}]);
    other["helpdesks"] = json!([{"id": FOREIGN_DESK, "token": FOREIGN_TOKEN, "name": "Other help", "owner": "u_zoe"}]);
    file
}

fn list(value: &mut Value) -> &mut Vec<Value> {
    value.as_array_mut().expect("a list of the desk file")
}

/// A running server and everybody's tokens.
pub struct World {
    pub server: TestServer,
    tenant: BTreeMap<&'static str, String>,
    user: BTreeMap<(&'static str, &'static str), String>,
}

impl World {
    pub async fn start(database: Database, options: &Options) -> Self {
        Self::start_with(database, options, &file(options)).await
    }

    pub async fn start_with(database: Database, options: &Options, file: &Value) -> Self {
        let server = TestServer::with_file(database, options, file).await;
        let apps = [APP, APP_TWO, APP_READER, APP_STORE, APP_FOREIGN, APP_NONE];
        let tenant = apps.into_iter().map(|app| (app, server.tenant_token(app))).collect();
        let mut user = BTreeMap::new();
        let own = [OWNER, ADMIN, AGENT, USER].map(|user| (APP, user));
        let others = [APP_TWO, APP_READER, APP_STORE, APP_NONE].map(|app| (app, OWNER));
        for (app, open_id) in own.into_iter().chain(others).chain([(APP_FOREIGN, STRANGER)]) {
            user.insert((app, open_id), server.user_token_of(app, open_id).await);
        }
        Self { server, tenant, user }
    }

    /// A token of the kind that the endpoint takes.
    pub fn token(&self, endpoint: &Endpoint, app: &str, operator: &str) -> &str {
        if endpoint.takes_user() { self.user_token(app, operator) } else { &self.tenant[app] }
    }

    pub fn tenant_token(&self, app: &str) -> &str {
        &self.tenant[app]
    }

    pub fn user_token(&self, app: &str, open_id: &str) -> &str {
        let found = self.user.iter().find(|((a, u), _)| (*a, *u) == (app, open_id));
        found.map(|(_, token)| token.as_str()).expect("a token made at the start")
    }

    /// A call with only what is given.
    pub fn call(&self, endpoint: &Endpoint, given: &Given) -> Call {
        let method = endpoint.method.parse().expect("a method of the reference");
        let call = self.server.call(method, &given.target(endpoint));
        match &given.body {
            Some(body) => call.json(body),
            None => call,
        }
    }

    /// Calls as `operator` through the usual app at the usual help desk.
    pub async fn send(&self, endpoint: &Endpoint, given: &Given, operator: &str) -> Answer {
        let call = self.call(endpoint, given).bearer(self.token(endpoint, APP, operator));
        call.header("x-lark-helpdesk-authorization", &desk_header(DESK, DESK_TOKEN)).send().await
    }

    /// The same at another help desk of the tenant.
    pub async fn send_elsewhere(&self, endpoint: &Endpoint, given: &Given, operator: &str) -> Answer {
        let call = self.call(endpoint, given).bearer(self.token(endpoint, APP, operator));
        call.header("x-lark-helpdesk-authorization", &desk_header(OTHER_DESK, OTHER_TOKEN)).send().await
    }

    /// A step of a set-up by the app; answers `data`.
    pub async fn tenant(&self, method: Method, path: &str, body: Value) -> Value {
        self.server.open_api_as(&self.tenant[APP], method, path).json(&body).send().await.ok()
    }

    /// A step of a set-up by a user; answers `data`.
    pub async fn user(&self, open_id: &str, method: Method, path: &str, body: Value) -> Value {
        self.server.open_api_as(self.user_token(APP, open_id), method, path).json(&body).send().await.ok()
    }

    /// Each table's digest, for a look whether anything was written.
    pub fn rows(&self) -> BTreeMap<String, (usize, u64)> {
        testkit::rows::digest(self.server.running.app().db())
    }
}

/// A text of an answer.
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text was expected, not {value}")).to_owned()
}
