//! A server in the test's own process, with a clock that stands still and one help desk.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::deskfile::{self, Format};
use desk::directory::Delivery;
use reqwest::Method;
use serde_json::{Value, json};
use server::App;
use server::clock::{Clock, HeldNetwork};
use server::run::{Running, Server};
use server::settings::{Mode, PartialSettings};

use crate::{Answer, Call, Database};

/// When tests begin: 2026-01-05 08:00 UTC, a Monday.
pub const START_MS: i64 = 1_767_600_000_000;
/// The help desk of [`desk_file`].
pub const DESK: &str = "6900000000000000001";
/// Its token.
pub const DESK_TOKEN: &str = "ht-one";
/// Another help desk of the same tenant.
pub const OTHER_DESK: &str = "6900000000000000002";
/// Its token.
pub const OTHER_TOKEN: &str = "ht-two";
/// An app with all scopes.
pub const APP: &str = "cli_a000000000000001";
/// A second app with all scopes.
pub const APP_TWO: &str = "cli_a000000000000002";
/// A store app.
pub const APP_STORE: &str = "cli_a000000000000003";
/// An app that may only read.
pub const APP_READER: &str = "cli_a000000000000004";
/// An app of another tenant.
pub const APP_FOREIGN: &str = "cli_a000000000000005";
/// The owner of the help desk.
pub const OWNER: &str = "ou_00000000000000000000000000000001";
/// An agent of the help desk.
pub const AGENT: &str = "ou_00000000000000000000000000000002";
/// A user without a role.
pub const USER: &str = "ou_00000000000000000000000000000003";
/// FAQs of the help desk: password, laptop, VPN.
pub const FAQS: [&str; 3] = ["6900000000000001001", "6900000000000001002", "6900000000000001003"];
/// A FAQ of the other help desk.
pub const OTHER_FAQ: &str = "6900000000000002001";

/// What a test wants to be different.
#[derive(Debug, Clone)]
pub struct Options {
    /// `builtin`, `app` or `app_then_builtin`.
    pub by: &'static str,
    /// Whether [`APP`] and [`APP_TWO`] are subscribed to all events. Without a request URL their events stay in the
    /// outbox.
    pub subscribed: bool,
    /// The request URL of all apps.
    pub events_url: Option<String>,
    /// The encrypt key of both apps.
    pub encrypt_key: Option<&'static str>,
    /// Count calls.
    pub rate_limits: bool,
    /// Developer or production.
    pub mode: Mode,
    /// Take real time instead of a clock that stands still.
    pub real_time: bool,
    /// Network time in the test's hands, for as long as the data lives; tokio's without it.
    pub network: Option<HeldNetwork>,
    /// How [`APP`] gets its events.
    pub delivery: Delivery,
    /// Settings over the usual ones.
    pub settings: PartialSettings,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            by: "app_then_builtin",
            subscribed: true,
            events_url: None,
            encrypt_key: None,
            rate_limits: false,
            mode: Mode::Dev,
            real_time: false,
            network: None,
            delivery: Delivery::Webhook,
            settings: PartialSettings::default(),
        }
    }
}

/// A running server.
pub struct TestServer {
    /// The server.
    pub running: Running,
    /// Its clock.
    pub clock: Clock,
    network: Option<HeldNetwork>,
    /// Its data.
    pub database: Database,
    client: reqwest::Client,
}

/// The desk file of the tests.
pub fn desk_file(options: &Options) -> Value {
    let scopes = json!(["helpdesk:all", "helpdesk:all:readonly", "helpdesk:helpdesk:access"]);
    let types = [
        "helpdesk.ticket.created_v1",
        "helpdesk.ticket.updated_v1",
        "helpdesk.ticket_message.created_v1",
        "helpdesk.notification.approve_v1",
    ];
    let app = |id: &str, kind: &str, scopes: &Value| {
        let mut events = json!({"delivery": "webhook", "verification_token": "v-token", "types": types});
        if let Some(url) = &options.events_url {
            events["url"] = json!(url);
        }
        if let Some(key) = options.encrypt_key {
            events["encrypt_key"] = json!(key);
        }
        if id == APP {
            events["delivery"] = json!(options.delivery);
        }
        json!({"app_id": id, "app_secret": "secret", "type": kind, "scopes": scopes, "events": events})
    };
    let listening = if options.subscribed { &[APP, APP_TWO][..] } else { &[] };
    let pairs = [
        ("helpdesk.ticket", "ticket.created_v1"),
        ("helpdesk.ticket", "ticket.updated_v1"),
        ("helpdesk.ticket_message", "ticket_message.created_v1"),
    ];
    let subscriptions: Vec<Value> = listening
        .iter()
        .flat_map(|app| pairs.map(|(kind, subtype)| json!({"app": app, "type": kind, "subtype": subtype})))
        .collect();
    json!({"version": 1, "tenants": [
        {"key": "demo", "name": "Demo Ltd",
         "users": [
            {"id": "u_ada", "name": "Ada", "email": "ada@demo.test", "open_id": OWNER, "city": "Berlin", "country": "DE"},
            {"id": "u_bob", "name": "Bob", "email": "bob@demo.test", "open_id": AGENT},
            {"id": "u_eve", "name": "Eve", "email": "eve@demo.test", "open_id": USER}],
         "apps": [app(APP, "custom", &scopes), app(APP_TWO, "custom", &scopes), app(APP_STORE, "store", &scopes),
                  app(APP_READER, "custom", &json!(["helpdesk:all:readonly"]))],
         "helpdesks": [
            {"id": DESK, "token": DESK_TOKEN, "name": "IT help", "owner": "u_ada", "agents": [{"user": "u_bob"}],
             "visibility": "all", "widget_secret": "widget",
             "answering": {"by": options.by, "app_timeout_ms": 3000, "direct_score": 0.8, "list_score": 0.25, "list_size": 3},
             "subscriptions": subscriptions,
             "categories": [{"name": "Accounts", "children": [{"name": "Passwords"}]}, {"name": "Hardware"}],
             "faqs": [
                {"id": FAQS[0], "question": "How do I reset my password?", "similar": ["forgot password", "忘记密码怎么办"],
                 "answer": "Open Settings > Security.", "category": "Accounts/Passwords"},
                {"id": FAQS[1], "question": "How do I get a new laptop?", "similar": ["order a notebook", "怎么申请新电脑"],
                 "answer": "Ask your manager to file an order.", "category": "Hardware"},
                {"id": FAQS[2], "question": "How do I connect to the VPN?", "similar": ["VPN 怎么连"],
                 "answer": "Install the client and sign in."}]},
            {"id": OTHER_DESK, "token": OTHER_TOKEN, "name": "HR help", "owner": "u_ada", "agents": [],
             "visibility": {"users": ["u_bob"]}, "answering": {"by": "builtin"}, "categories": [],
             "faqs": [{"id": OTHER_FAQ, "question": "How many holidays do I have?", "answer": "30."}]}]},
        {"key": "other", "name": "Other Ltd", "users": [], "helpdesks": [],
         "apps": [app(APP_FOREIGN, "custom", &scopes)]}
    ]})
}

impl TestServer {
    /// A server with the usual desk.
    pub async fn start(database: Database) -> Self {
        Self::with(database, &Options::default()).await
    }

    /// A server with a desk that differs.
    pub async fn with(database: Database, options: &Options) -> Self {
        Self::with_file(database, options, &desk_file(options)).await
    }

    /// A server with a desk file of the test's own.
    pub async fn with_file(database: Database, options: &Options, file: &Value) -> Self {
        let clock = if options.real_time { Clock::system() } else { Clock::frozen(START_MS) };
        let network = options.network.clone();
        let clock = network.iter().fold(clock, |clock, network| clock.with_network(network.timers()));
        let server = Self::open(database, clock, options).await;
        apply(&server.0, file).await;
        Self::listen(server, network).await
    }

    /// The same data under a new server, as after a restart.
    pub async fn restart(self, options: &Options) -> Self {
        let Self { running, clock, network, database, .. } = self;
        running.shutdown().await;
        Self::listen(Self::open(database, clock, options).await, network).await
    }

    /// The same data under a new server, with another desk file applied.
    pub async fn reapply(self, options: &Options) -> Self {
        let Self { running, clock, network, database, .. } = self;
        running.shutdown().await;
        let server = Self::open(database, clock, options).await;
        apply(&server.0, &desk_file(options)).await;
        Self::listen(server, network).await
    }

    async fn open(database: Database, clock: Clock, options: &Options) -> (Server, Clock, Database) {
        let settings = PartialSettings {
            listen: Some("127.0.0.1:0".into()),
            database: Some(database.url.clone()),
            data_dir: Some(database.folder.path().to_path_buf()),
            allow_private_webhooks: Some(true),
            rate_limits: Some(if options.rate_limits { "standard" } else { "off" }.into()),
            ..PartialSettings::default()
        };
        let settings = options.settings.clone().merge(settings).finish(options.mode).expect("valid settings");
        let server = Server::open(settings, clock.clone()).await.expect("a server that opens its database");
        (server, clock, database)
    }

    async fn listen((server, clock, database): (Server, Clock, Database), network: Option<HeldNetwork>) -> Self {
        let running = server.listen().await.expect("a server that listens");
        Self { running, clock, network, database, client: crate::api::client() }
    }

    /// Its network time, with [`Options::network`].
    pub fn network(&self) -> &HeldNetwork {
        self.network.as_ref().expect("Options::network")
    }

    /// The address of a path here.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.address())
    }

    /// A call with nothing set.
    pub fn call(&self, method: Method, path: &str) -> Call {
        Call::new(&self.client, method, &self.url(path))
    }

    /// A tenant token of an app.
    pub fn tenant_token(&self, app_id: &str) -> String {
        let app = self.running.app();
        let owner = std::sync::Arc::clone(&app.directory().apps[app_id]);
        app.tokens().tenant(&owner, app.now_ms()).expect("a token").0
    }

    /// A user token of a user through [`APP`].
    pub async fn user_token(&self, open_id: &str) -> String {
        self.user_token_of(APP, open_id).await
    }

    /// A user token of a user through this app.
    pub async fn user_token_of(&self, app_id: &str, open_id: &str) -> String {
        let body = json!({"open_id": open_id, "app_id": app_id});
        let answer = self.call(Method::POST, "/dev/v1/user_tokens").json(&body).send().await;
        answer.json["user_access_token"].as_str().expect("a user token").to_owned()
    }

    /// A call to the open API by [`APP`] at [`DESK`].
    pub fn open_api(&self, method: Method, path: &str) -> Call {
        self.open_api_as(&self.tenant_token(APP), method, path)
    }

    /// A call to the open API with this access token at [`DESK`].
    pub fn open_api_as(&self, token: &str, method: Method, path: &str) -> Call {
        self.call(method, &format!("/open-apis/helpdesk/v1{path}"))
            .bearer(token)
            .header("x-lark-helpdesk-authorization", &desk_header(DESK, DESK_TOKEN))
    }

    /// A new guest of [`DESK`].
    pub async fn guest(&self) -> Guest<'_> {
        self.guest_with(json!({"name": "Gina", "language": "en"})).await
    }

    /// A guest of [`DESK`] who opens a session with this body.
    pub async fn guest_with(&self, body: Value) -> Guest<'_> {
        let path = format!("/guest/v1/desks/{DESK}/sessions");
        let answer = self.call(Method::POST, &path).json(&body).send().await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        let token = answer.json["session_token"].as_str().expect("a session token").to_owned();
        Guest { server: self, token, session: answer.json }
    }

    /// Another server on the same data, with the same clock; `PostgreSQL` only.
    pub async fn second(&self) -> Running {
        let settings = PartialSettings {
            listen: Some("127.0.0.1:0".into()),
            database: Some(self.database.url.clone()),
            data_dir: Some(self.database.folder.path().to_path_buf()),
            ..PartialSettings::default()
        };
        let settings = settings.finish(Mode::Dev).expect("settings that fit");
        Server::start(settings, self.clock.clone()).await.expect("a second server starts")
    }

    /// The ticket's timeline.
    pub async fn timeline(&self, ticket_id: &str) -> Vec<Value> {
        let answer = self.call(Method::GET, &format!("/dev/v1/tickets/{ticket_id}/timeline")).send().await;
        answer.json["steps"].as_array().unwrap_or_else(|| panic!("a timeline: {}", answer.json)).clone()
    }

    /// The body's id of a message's event.
    pub async fn event_of(&self, ticket_id: &str, message_id: Option<&str>) -> String {
        let steps = self.timeline(ticket_id).await;
        let message = steps.iter().find(|s| s["kind"] == "message" && s["detail"]["message_id"].as_str() == message_id);
        message.expect("the message's step")["detail"]["event_id"].as_str().expect("an event id").to_owned()
    }

    /// `answer_user_query` by [`APP`].
    pub async fn answer(&self, asked: &Asked, faqs: &Value) -> Answer {
        let body = json!({"event_id": asked.event_id, "faqs": faqs});
        self.answer_with(&self.tenant_token(APP), &asked.ticket_id, &body).await
    }

    /// `answer_user_query` with this token and body.
    pub async fn answer_with(&self, token: &str, ticket_id: &str, body: &Value) -> Answer {
        let path = format!("/tickets/{ticket_id}/answer_user_query");
        self.open_api_as(token, Method::POST, &path).json(body).send().await
    }

    /// Makes exactly these the agents of [`DESK`], online or not; the owner ([`OWNER`]) is always one.
    pub async fn staff(&self, options: &Options, agents: &[(&str, bool)]) {
        let entry =
            |(user, online): &(&str, bool)| json!({"user": user, "status": if *online { "online" } else { "offline" }});
        let mut file = desk_file(options);
        file["tenants"][0]["helpdesks"][0]["agents"] = agents.iter().map(entry).collect();
        self.apply(&file).await;
    }

    /// What an agent does, as the developer control plays it: `{action, text?, to?, solved?}`.
    pub async fn act(&self, open_id: &str, ticket_id: &str, action: Value) -> Answer {
        let mut body = action;
        body["open_id"] = json!(open_id);
        self.call(Method::POST, &format!("/dev/v1/tickets/{ticket_id}/agent")).json(&body).send().await
    }

    /// The ticket as [`APP`] reads it.
    pub async fn ticket(&self, ticket_id: &str) -> Value {
        self.open_api(Method::GET, &format!("/tickets/{ticket_id}")).send().await.ok()["ticket"].clone()
    }

    /// Applies another desk file while the server runs.
    pub async fn apply(&self, file: &Value) {
        put(self.running.app().clone(), file).await;
    }

    /// Every row there is.
    pub fn rows(&self) -> std::collections::BTreeMap<String, Vec<String>> {
        crate::rows::all(self.running.app().db())
    }
}

/// Applies a desk file to an open server.
pub async fn apply(server: &Server, file: &Value) {
    put(server.app().clone(), file).await;
}

async fn put(app: App, file: &Value) {
    let text = file.to_string();
    let work = move || {
        let file = deskfile::parse(&text, Format::Json, &|_| None).expect("a well-formed desk file");
        let keys = (app.vault(), app.ids());
        deskfile::put(app.db(), keys, app.now_ms(), file, false).map(|_| app).expect("a desk file that applies")
    };
    let app = tokio::task::spawn_blocking(work).await.expect("the desk file's thread");
    app.reload_directory().await.expect("the new directory");
}

/// The value of the help desk header.
pub fn desk_header(id: &str, token: &str) -> String {
    STANDARD.encode(format!("{id}:{token}"))
}

/// A question in a ticket.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The ticket.
    pub ticket_id: String,
    /// The body's id of the question's event.
    pub event_id: String,
}

/// A guest in a chat.
pub struct Guest<'a> {
    server: &'a TestServer,
    /// The session token.
    pub token: String,
    /// The answer that opened the session.
    pub session: Value,
}

impl Guest<'_> {
    /// A call of the guest API.
    pub fn call(&self, method: Method, path: &str) -> Call {
        self.server.call(method, &format!("/guest/v1{path}")).bearer(&self.token)
    }

    /// Writes; answers `{message, ticket_id}`.
    pub async fn say(&self, text: &str) -> Value {
        let answer = self.call(Method::POST, "/messages").json(&json!({"text": text})).send().await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer.json
    }

    /// Asks; answers the ticket's id and the event's id.
    pub async fn ask(&self, text: &str) -> Asked {
        let said = self.say(text).await;
        let ticket_id = said["ticket_id"].as_str().expect("a ticket id").to_owned();
        let event_id = self.server.event_of(&ticket_id, said["message"]["message_id"].as_str()).await;
        Asked { ticket_id, event_id }
    }

    /// All messages of the chat.
    pub async fn messages(&self) -> Vec<Value> {
        let answer = self.call(Method::GET, "/messages?limit=200").send().await;
        answer.json["messages"].as_array().expect("a list of messages").clone()
    }

    /// The bot's answers in the chat.
    pub async fn answers(&self) -> Vec<Value> {
        self.messages().await.into_iter().filter(|m| m["kind"] == "answer").collect()
    }

    /// Waits for the message after `position` that satisfies `which`.
    pub async fn wait(&self, position: i64, which: impl Fn(&Value) -> bool) -> Value {
        let mut after = position;
        for _ in 0..20 {
            let path = format!("/messages?after={after}&wait_ms=1000");
            let answer: Answer = self.call(Method::GET, &path).send().await;
            for message in answer.json["messages"].as_array().expect("a list of messages") {
                if which(message) {
                    return message.clone();
                }
                after = message["position"].as_i64().expect("a position");
            }
        }
        panic!("no such message came: {:?}", self.messages().await);
    }
}
