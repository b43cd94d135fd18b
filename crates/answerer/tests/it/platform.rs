//! A fake of the platform, over HTTP and WebSocket: tokens, the list of FAQs, `answer_user_query`, discovery and the long
//! connection. It misbehaves as it is told.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use answerer::{Answerer, Clock, Credentials, Settings, Thresholds};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use prost::Message as _;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use wire::frame::{CONTROL, DATA, Frame, Header, key};

use crate::clock::{Held, PATIENCE};

const APP_ID: &str = "cli_0123456789abcdef";
const SERVICE: i32 = 33_554_678;
const LIFE: Duration = Duration::from_hours(2);
/// So long the same token is given.
const SAME_TOKEN: Duration = Duration::from_mins(90);

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// Nothing.
    Fine,
    /// This status: 500 with an envelope, every other without.
    Status(u16),
    /// 429; the reset header says so many seconds.
    Limited(u64),
    /// The connection breaks before anything is done.
    Broken,
    /// The connection breaks when all is done.
    DoneThenBroken,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// The part of the path that tells: `token`, `faqs`, `answer`.
    pub what: &'static str,
    /// On the clock's running time.
    pub at: Duration,
    pub body: String,
}

type Change = Box<dyn FnOnce(&mut Vec<(i64, &'static str)>) + Send>;

#[derive(Default)]
struct Inner {
    faqs: Vec<(i64, &'static str)>,
    page_max: usize,
    /// Runs after the first page of a list has been given.
    between_pages: Option<Change>,
    requests: Vec<Request>,
    faults: HashMap<&'static str, VecDeque<Fault>>,
    tokens: u32,
    /// The one token that is good, and since when.
    good: Option<(String, Duration)>,
    /// Calls with a token that was not good, and how many are awaited.
    refused: u32,
    stale_calls: u32,
    /// What guests see: the FAQs of each answered event, by its id.
    shown: BTreeMap<String, Value>,
    /// Answers that were taken, repetitions included.
    taken: usize,
    connections: Vec<mpsc::UnboundedSender<Frame>>,
    acknowledged: Vec<String>,
    /// `data` of what can be read besides, by path.
    resources: HashMap<String, Value>,
    pushed: u64,
}

struct Shared {
    inner: Mutex<Inner>,
    clock: Arc<Held>,
    address: SocketAddr,
}

/// The platform, running; it goes with its value.
pub struct Platform {
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

impl Platform {
    pub async fn start(faqs: &[(i64, &'static str)]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let inner = Inner { faqs: faqs.to_vec(), page_max: 100, ..Inner::default() };
        let shared = Arc::new(Shared { inner: Mutex::new(inner), clock: Arc::new(Held::new()), address });
        let router = Router::new()
            .route("/callback/ws/endpoint", post(discover))
            .route("/ws/v2", any(connect))
            .fallback(rest)
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("the platform runs") });
        Self { shared, task }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.shared.inner()
    }

    pub fn clock(&self) -> &Arc<Held> {
        &self.shared.clock
    }

    /// An app that is connected, with its ledger in this folder.
    pub async fn app(&self, folder: &Path) -> Answerer {
        let before = self.connections();
        let app = Answerer::start(self.settings(folder)).await.expect("an app that runs");
        self.until("a connection", |inner| inner.connections.len() > before).await;
        app
    }

    pub fn settings(&self, folder: &Path) -> Settings {
        Settings {
            base_url: format!("http://{}", self.shared.address),
            credentials: Credentials {
                app_id: APP_ID.into(),
                app_secret: "s".into(),
                helpdesk_id: "69".into(),
                helpdesk_token: "ht-1".into(),
            },
            data_dir: folder.to_owned(),
            thresholds: Thresholds {
                direct_score: 0.8,
                list_score: 0.25,
                list_size: 3,
                related: false,
                silent_below: false,
            },
            max_age: Duration::from_hours(1),
            sync_every: Duration::from_mins(1),
            listen: Some(([127, 0, 0, 1], 0).into()),
            webhook: None,
            subscribe: false,
            shadow: None,
            clock: Arc::clone(&self.shared.clock) as Arc<dyn Clock>,
        }
    }

    /// The next requests of a kind go wrong so.
    pub fn fail(&self, what: &'static str, faults: &[Fault]) {
        self.inner().faults.entry(what).or_default().extend(faults);
    }

    /// Requests of a kind are all right again.
    pub fn recover(&self, what: &'static str) {
        self.inner().faults.remove(what);
    }

    pub fn requests(&self, what: &str) -> Vec<Request> {
        self.inner().requests.iter().filter(|request| request.what == what).cloned().collect()
    }

    /// The token that is out there is good no longer. So many calls are made with it: none hears of it before all are
    /// here, and only one before there is a new token.
    pub fn expire_token(&self, calls: u32) {
        let mut inner = self.inner();
        (inner.good, inner.refused, inner.stale_calls) = (None, 0, calls);
    }

    /// Tokens given so far.
    pub fn tokens(&self) -> u32 {
        self.inner().tokens
    }

    pub fn change_faqs(&self, change: impl FnOnce(&mut Vec<(i64, &'static str)>)) {
        change(&mut self.inner().faqs);
    }

    pub fn page_max(&self, rows: usize) {
        self.inner().page_max = rows;
    }

    pub fn between_pages(&self, change: impl FnOnce(&mut Vec<(i64, &'static str)>) + Send + 'static) {
        self.inner().between_pages = Some(Box::new(change));
    }

    /// Whether the change between two pages has happened.
    pub fn changed_between_pages(&self) -> bool {
        self.inner().between_pages.is_none()
    }

    /// From now on this is what a path below the help desk's answers.
    pub fn resource(&self, path: &str, data: Value) {
        self.inner().resources.insert(format!("/open-apis/helpdesk/v1{path}"), data);
    }

    /// FAQs of the answers that guests see, by the question's event.
    pub fn shown(&self) -> BTreeMap<String, Value> {
        self.inner().shown.clone()
    }

    /// How many answers were taken, repetitions included.
    pub fn taken(&self) -> usize {
        self.inner().taken
    }

    pub fn connections(&self) -> usize {
        self.inner().connections.len()
    }

    /// Waits until there is a connection.
    pub async fn connected(&self) {
        self.until("a connection", |inner| !inner.connections.is_empty()).await;
    }

    /// Closes all connections.
    pub fn disconnect(&self) {
        self.inner().connections.clear();
    }

    /// Pushes an event on a connection, counted from 0 in the order of their begin, and waits for its acknowledgement.
    pub async fn push(&self, connection: usize, event: &Value) {
        let id = {
            let mut inner = self.inner();
            inner.pushed += 1;
            let id = inner.pushed.to_string();
            let headers = [(key::TYPE, key::EVENT), (key::MESSAGE_ID, &id), (key::SUM, "1"), (key::SEQ, "0")];
            let headers = headers.map(|(key, value)| Header::new(key, value)).to_vec();
            let payload = Some(Bytes::from(event.to_string()));
            let frame = Frame { service: SERVICE, method: DATA, headers, payload, ..Frame::default() };
            inner.connections[connection].send(frame).expect("a connection");
            id
        };
        self.until("an acknowledgement", |inner| inner.acknowledged.contains(&id)).await;
    }

    /// Waits without letting the clock go on.
    async fn until(&self, what: &str, done: impl Fn(&Inner) -> bool) {
        let until = tokio::time::Instant::now() + PATIENCE;
        while !done(&self.inner()) {
            assert!(tokio::time::Instant::now() < until, "waited for {what}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits, without letting the clock go on, until so many requests of a kind came.
    pub async fn requested(&self, what: &str, count: usize) {
        self.until(what, |inner| inner.requests.iter().filter(|request| request.what == what).count() >= count).await;
    }

    /// Waits, without letting the clock go on, until so many questions have their answer.
    pub async fn answered(&self, count: usize) {
        self.until("answers", |inner| inner.shown.len() >= count).await;
    }

    /// A guest's message as an event. `id` is the event's, its body's and the message's.
    pub fn question(&self, id: &str, text: &str) -> Value {
        json!({"schema": "2.0",
            "header": {"event_id": format!("h-{id}"), "event_type": "helpdesk.ticket_message.created_v1",
                       "create_time": self.shared.clock.unix_ms().to_string(), "token": "v", "app_id": APP_ID, "tenant_key": "t"},
            "event": {"event_id": id, "ticket_message_id": format!("1{id}"), "message_id": format!("om_{id}"), "msg_type": "text",
                      "position": 222, "sender_type": 2, "text": text, "ticket": {"ticket_id": "7", "status": 1}}})
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The value of a metric.
pub async fn metric(app: &Answerer, name: &str) -> u64 {
    let url = format!("http://{}/metrics", app.address().expect("a listener"));
    let text = reqwest::get(url).await.expect("an answer").text().await.expect("a text");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("the metric");
    line.trim().parse().expect("a number")
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn rest(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    let what = match uri.path() {
        "/open-apis/auth/v3/tenant_access_token/internal" => "token",
        path if method == Method::GET && shared.inner().resources.contains_key(path) => "resource",
        "/open-apis/helpdesk/v1/faqs" if method == Method::GET => "faqs",
        path if path.ends_with("/answer_user_query") && method == Method::POST => "answer",
        _ if method == Method::GET => return said(404, 154_004, "Resource not found"),
        _ => return (StatusCode::NOT_FOUND, "404 page not found").into_response(),
    };
    let fault = {
        let mut inner = shared.inner();
        inner.requests.push(Request { what, at: shared.clock.running(), body: body.clone() });
        inner.faults.get_mut(what).and_then(VecDeque::pop_front)
    };
    match fault {
        Some(Fault::Status(500)) => return said(500, 155_000, "Internal error"),
        Some(Fault::Status(status)) => {
            return (StatusCode::from_u16(status).expect("a status"), "<html>oops</html>").into_response();
        }
        Some(Fault::Limited(seconds)) => {
            let reset = [("x-ogw-ratelimit-limit", "50".to_owned()), ("x-ogw-ratelimit-reset", seconds.to_string())];
            let said = said(429, 99_991_400, "request trigger frequency limit");
            return (reset, said).into_response();
        }
        Some(Fault::Broken) => return broken(),
        Some(Fault::DoneThenBroken | Fault::Fine) | None => {}
    }
    let answer = match what {
        "token" => token(&shared),
        _ if stale(&shared, &headers).await => said(400, 99_991_663, "Invalid access token for authorization."),
        "faqs" => list(&shared, &uri),
        "resource" => {
            let mut data = shared.inner().resources[uri.path()].clone();
            // Messages come one a page, whatever size was asked for.
            if let Some(messages) = data["messages"].as_array_mut() {
                let page = uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("page=")));
                let page: usize = page.and_then(|page| page.parse().ok()).expect("a page");
                *messages = messages.iter().skip(page - 1).take(1).cloned().collect();
            }
            axum::Json(json!({"code": 0, "msg": "success", "data": data})).into_response()
        }
        _ => answer(&shared, &body),
    };
    if matches!(fault, Some(Fault::DoneThenBroken)) { broken() } else { answer }
}

fn said(status: u16, code: i64, msg: &str) -> Response {
    (StatusCode::from_u16(status).expect("a status"), axum::Json(json!({"code": code, "msg": msg}))).into_response()
}

/// A body that ends with an error makes the server cut the connection.
fn broken() -> Response {
    let cut = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut"))]);
    Response::new(Body::from_stream(cut))
}

/// The same token as long as it lives long enough, then another.
fn token(shared: &Shared) -> Response {
    let (mut inner, now) = (shared.inner(), shared.clock.running());
    let held = inner.good.clone().filter(|(_, since)| *since + SAME_TOKEN >= now);
    let (token, since) = held.unwrap_or_else(|| {
        inner.tokens += 1;
        (format!("t-{}", inner.tokens), now)
    });
    inner.good = Some((token.clone(), since));
    let left = (since + LIFE).saturating_sub(now).as_secs();
    axum::Json(json!({"code": 0, "msg": "ok", "tenant_access_token": token, "expire": left})).into_response()
}

/// Whether the call's token is not good.
async fn stale(shared: &Shared, headers: &HeaderMap) -> bool {
    let given = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let good = |inner: &Inner| inner.good.as_ref().is_some_and(|(good, _)| given == format!("Bearer {good}"));
    let first = {
        let mut inner = shared.inner();
        if good(&inner) {
            return false;
        }
        inner.refused += 1;
        inner.refused == 1
    };
    let wait = |inner: &Inner| inner.refused < inner.stale_calls || (!first && inner.good.is_none());
    while wait(&shared.inner()) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    true
}

/// A page of the list; the token is a place in it, so what is deleted moves the rest forward.
fn list(shared: &Shared, uri: &Uri) -> Response {
    let mut inner = shared.inner();
    let query = uri.query().unwrap_or_default();
    let place = query.split('&').find_map(|pair| pair.strip_prefix("page_token="));
    let from: usize = place.map_or(0, |place| place.parse().expect("the token that was given"));
    let rows = inner.faqs.iter().skip(from).take(inner.page_max);
    let items: Vec<Value> = rows
        .map(|(id, question)| json!({"faq_id": id.to_string(), "question": question, "answer": "a", "tags": []}))
        .collect();
    let next = from + items.len();
    let mut data = json!({"has_more": next < inner.faqs.len(), "items": items});
    if next < inner.faqs.len() {
        data["page_token"] = next.to_string().into();
    }
    if from == 0
        && let Some(change) = inner.between_pages.take()
    {
        change(&mut inner.faqs);
    }
    axum::Json(json!({"code": 0, "msg": "success", "data": data})).into_response()
}

/// An event is answered once. The same call again is taken as a repetition, another one is refused.
fn answer(shared: &Shared, body: &str) -> Response {
    let mut inner = shared.inner();
    let body: Value = serde_json::from_str(body).expect("JSON");
    let (event, faqs) = (body["event_id"].as_str().expect("an event id").to_owned(), body["faqs"].clone());
    let known =
        |faq: &Value| faq["id"].as_str().is_some_and(|id| inner.faqs.iter().any(|(faq, _)| id.parse() == Ok(*faq)));
    if !faqs.as_array().expect("a list").iter().all(known) {
        return said(404, 154_004, "Resource not found");
    }
    if inner.shown.get(&event).is_some_and(|shown| *shown != faqs) {
        return said(400, 154_000, "Bad request, please check your request body");
    }
    inner.shown.insert(event, faqs);
    inner.taken += 1;
    axum::Json(json!({"code": 0, "msg": "success", "data": {}})).into_response()
}

async fn discover(State(shared): State<Arc<Shared>>) -> Response {
    let address = shared.address;
    let url =
        format!("ws://{address}/ws/v2?fpid=493&aid=552564&device_id=7&access_key=k&service_id={SERVICE}&ticket=x");
    let config = json!({"ReconnectCount": -1, "ReconnectInterval": 120, "ReconnectNonce": 30, "PingInterval": 120});
    axum::Json(json!({"code": 0, "msg": "ok", "data": {"URL": url, "ClientConfig": config}})).into_response()
}

async fn connect(State(shared): State<Arc<Shared>>, upgrade: WebSocketUpgrade) -> Result<Response, Infallible> {
    Ok(upgrade.on_upgrade(|socket| converse(shared, socket)))
}

async fn converse(shared: Arc<Shared>, mut socket: WebSocket) {
    let (send, mut to_send) = mpsc::unbounded_channel();
    shared.inner().connections.push(send);
    loop {
        tokio::select! {
            frame = to_send.recv() => {
                let Some(frame) = frame else { return };
                if socket.send(Message::Binary(Frame::encode_to_vec(&frame).into())).await.is_err() {
                    return;
                }
            }
            heard = socket.recv() => {
                let Some(Ok(heard)) = heard else { return };
                let Message::Binary(bytes) = heard else { continue };
                let frame = Frame::decode(bytes).expect("a frame");
                let code = frame.payload.as_deref().and_then(|json| serde_json::from_slice::<Value>(json).ok());
                if frame.method != CONTROL && code.is_some_and(|answer| answer["code"] == 200) {
                    let id = frame.header(key::MESSAGE_ID).expect("the push's id").to_owned();
                    shared.inner().acknowledged.push(id);
                }
            }
        }
    }
}
