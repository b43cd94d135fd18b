//! The deliverer against a receiver on this machine.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use db::{Db, params};
use desk::answering::Answering;
use desk::directory::{self, Helpdesk};
use desk::event::MESSAGE_CREATED;
use desk::ids::Ids;
use desk::outbox::{self, RETRY_AFTER_MS, state};
use desk::vault::Vault;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

use super::{crypto, samples};
use crate::app::{App, Parts};
use crate::clock::{Clock, HeldNetwork, Timers};
use crate::settings::{Mode, PartialSettings};

const PATIENCE: Duration = Duration::from_secs(10);
const NOW: i64 = 1_763_800_000_000;
const KEY: &str = "ek-0123456789abcdef";

/// What a receiver does with an event. It answers challenges in any case but the last.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    Answer(u16),
    Redirect,
    Late(Duration),
    NoChallenge,
}

#[derive(Debug, Clone)]
struct Received {
    path: String,
    headers: HeaderMap,
    body: String,
    /// The body, decrypted.
    json: Value,
}

/// An app's HTTP server.
#[derive(Clone)]
struct Receiver {
    manner: Arc<Mutex<Manner>>,
    received: Arc<Mutex<Vec<Received>>>,
    count: watch::Sender<usize>,
}

async fn receive(State(to): State<Receiver>, uri: Uri, headers: HeaderMap, body: String) -> Response {
    let manner = *to.manner.lock().unwrap();
    let parsed: Value = serde_json::from_str(&body).unwrap();
    let json = match parsed["encrypt"].as_str() {
        Some(sealed) => serde_json::from_str(&crypto::decrypt(KEY, sealed).unwrap()).unwrap(),
        None => parsed,
    };
    let challenge = json["challenge"].clone();
    to.received.lock().unwrap().push(Received { path: uri.path().to_owned(), headers, body, json });
    to.count.send_modify(|n| *n += 1);
    match (challenge, manner) {
        (Value::String(_), Manner::NoChallenge) => "<h1>\0It works: v-token-0001</h1>".into_response(),
        (Value::String(challenge), _) => Json(json!({"challenge": challenge})).into_response(),
        (_, Manner::Answer(status)) => StatusCode::from_u16(status).unwrap().into_response(),
        (_, Manner::Redirect) => (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response(),
        (_, Manner::Late(delay)) => {
            tokio::time::sleep(delay).await;
            StatusCode::OK.into_response()
        }
        (_, Manner::NoChallenge) => unreachable!("an event without a passed URL check"),
    }
}

impl Receiver {
    async fn start(manner: Manner) -> (Self, String) {
        let receiver =
            Self { manner: Arc::new(Mutex::new(manner)), received: Arc::default(), count: watch::Sender::new(0) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let router = Router::new().fallback(any(receive)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (receiver, url)
    }

    /// Waits for so many requests, challenges included.
    async fn got(&self, count: usize) -> Vec<Received> {
        let mut seen = self.count.subscribe();
        let waited = tokio::time::timeout(PATIENCE, seen.wait_for(|n| *n >= count)).await;
        let received = self.received.lock().unwrap().clone();
        assert!(waited.is_ok(), "{} of {count} requests came", received.len());
        received
    }
}

/// What is on record about a delivery.
#[derive(Debug, PartialEq)]
struct Record {
    state: i64,
    /// Status and outcome of each attempt.
    attempts: Vec<(Option<i64>, String)>,
}

struct Bench {
    app: App,
    desk: Helpdesk,
    _dir: TempDir,
}

/// A server with webhook apps `(app_id, url, encrypt_key)` that all subscribe to messages.
async fn bench(allow_private: bool, apps: &[(&'static str, &str, Option<&'static str>)]) -> Bench {
    bench_at(Clock::frozen(NOW), allow_private, apps).await
}

async fn bench_at(clock: Clock, allow_private: bool, apps: &[(&'static str, &str, Option<&'static str>)]) -> Bench {
    let dir = TempDir::new().unwrap();
    let settings = PartialSettings {
        data_dir: Some(dir.path().to_owned()),
        allow_private_webhooks: Some(allow_private),
        ..PartialSettings::default()
    };
    let settings = settings.finish(Mode::Serve).unwrap();
    let db = Db::open(&settings.database, &db::Options::default()).unwrap();
    db.migrate(desk::MIGRATIONS).unwrap();
    let (vault, ids) = (Vault::new([1; 32]), Arc::new(Ids::new(1, [2; 32])));
    let parts = Parts { db, clock, vault, ids, settings };
    let app = App::new(parts).await.unwrap();
    for (app_id, url, key) in apps {
        register(&app, app_id, url, *key).await;
    }
    let subscribers = apps.iter().map(|(app_id, ..)| (*app_id).to_owned()).collect();
    let desk = Helpdesk {
        tenant: samples::app().tenant,
        id: samples::ticket().helpdesk_id,
        name: String::new(),
        welcome: String::new(),
        away: String::new(),
        accent: None,
        closed_at: None,
        description: String::new(),
        avatar_key: None,
        token_hash: String::new(),
        widget_secret: String::new(),
        owner: String::new(),
        visibility: Arc::default(),
        answering: Answering::default(),
        category_scores: false,
        timezone: desk::agent::schedule::zone("UTC").unwrap(),
        agents: Arc::default(),
        acting_owner: None,
        subscribers: Arc::new(HashMap::from([(MESSAGE_CREATED.to_owned(), subscribers)])),
        counted: Arc::default(),
    };
    app.workers().spawn("webhooks", super::run(app.clone()));
    Bench { app, desk, _dir: dir }
}

async fn register(app: &App, app_id: &'static str, url: &str, key: Option<&'static str>) {
    let (vault, url) = (app.vault().clone(), url.to_owned());
    let written = app.write(move |tx, cx| {
        let token = vault.seal("v-token-0001", cx.ids.bytes());
        let key = key.map(|key| vault.seal(key, cx.ids.bytes()));
        tx.execute(
            "INSERT INTO app (tenant, app_id, app_type, secret_hash, secret_version, scopes, delivery, url,
                              verification_token, encrypt_key, event_types, managed, created_at)
             VALUES ($1, $2, 'custom', '', 1, '[]', 'webhook', $3, $4, $5, '[]', 0, 0)",
            &params![&samples::app().tenant, app_id, &url, &token[..], key.as_deref()],
        )?;
        Ok(directory::touch(tx, cx)?)
    });
    written.await.unwrap();
}

impl Bench {
    /// An event for all apps.
    async fn happen(&self) {
        let desk = self.desk.clone();
        let appended = self.app.write(move |tx, cx| {
            let event_id = cx.ids.uuid();
            Ok(outbox::append(tx, cx, &desk, &event_id, &samples::message("hello"))?)
        });
        appended.await.unwrap();
    }

    /// The deliveries of an app, once `enough` of them.
    async fn records(&self, app_id: &'static str, enough: impl Fn(&[Record]) -> bool) -> Vec<Record> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let records = self.app.read(move |tx, _| {
                let rows = tx.query(
                    "SELECT delivery_id, state FROM delivery WHERE app_id = $1 ORDER BY delivery_id",
                    &params![app_id],
                    |row| Ok((row.int(0)?, row.int(1)?)),
                )?;
                let mut records = Vec::new();
                for (delivery_id, state) in rows {
                    let attempts = tx.query(
                        "SELECT http_status, outcome FROM attempt WHERE delivery_id = $1 ORDER BY attempt",
                        &params![delivery_id],
                        |row| Ok((row.opt_int(0)?, row.string(1)?)),
                    )?;
                    records.push(Record { state, attempts });
                }
                Ok(records)
            });
            let records = records.await.unwrap();
            if enough(&records) {
                return records;
            }
            assert!(Instant::now() < deadline, "{records:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The single delivery of an app, once it was attempted so often.
    async fn attempted(&self, app_id: &'static str, times: usize) -> Record {
        let mut records = self.records(app_id, |r| r.len() == 1 && r[0].attempts.len() == times).await;
        records.remove(0)
    }
}

#[tokio::test]
async fn retries_follow_the_schedule_and_then_the_delivery_is_dead() {
    let (receiver, url) = Receiver::start(Manner::Answer(500)).await;
    let bench = bench(true, &[("cli_a", &url, None)]).await;
    bench.happen().await;
    let mut record = bench.attempted("cli_a", 1).await;
    for (done, wait) in RETRY_AFTER_MS.iter().enumerate() {
        assert_eq!(record.state, state::PENDING);
        bench.app.clock().advance(wait - 1);
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(receiver.got(0).await.len(), 2 + done, "too early");
        bench.app.clock().advance(1);
        record = bench.attempted("cli_a", 2 + done).await;
    }
    assert_eq!(record.state, state::DEAD);
    assert!(record.attempts.iter().all(|(status, text)| *status == Some(500) && text.contains("only 200 counts")));
    bench.app.clock().advance(86_400_000);
    tokio::time::sleep(Duration::from_millis(30)).await;

    let got = receiver.got(6).await;
    assert_eq!(got.len(), 6);
    assert_eq!(got[0].json["type"], "url_verification", "the check comes first, and once");
    assert_eq!(got[0].json["token"], "v-token-0001");
    let id = got[1].json["header"]["event_id"].as_str().unwrap();
    assert_eq!(id.len(), 32);
    for event in &got[1..] {
        assert_eq!(event.json["header"]["event_id"], id);
        assert_eq!(event.json["header"]["create_time"], NOW.to_string());
        assert_eq!(event.headers["content-type"], "application/json; charset=utf-8");
        assert_eq!(event.headers["user-agent"], concat!("Deskwire/", env!("CARGO_PKG_VERSION")));
        assert!(!event.headers.contains_key("x-lark-signature"));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_counts_as_failure() {
    let (receiver, url) = Receiver::start(Manner::Redirect).await;
    let bench = bench(true, &[("cli_a", &url, None)]).await;
    bench.happen().await;
    let record = bench.attempted("cli_a", 1).await;
    assert_eq!((record.state, record.attempts[0].0), (state::PENDING, Some(302)));
    assert!(record.attempts[0].1.ends_with("; redirects are not followed"), "{record:?}");
    assert!(receiver.got(2).await.iter().all(|r| r.path == "/events"));
}

#[tokio::test]
async fn a_hanging_app_fails_after_3_s_and_delays_no_other() {
    let (hanging, hanging_url) = Receiver::start(Manner::Late(Duration::from_mins(1))).await;
    let (good, good_url) = Receiver::start(Manner::Answer(200)).await;
    let network = HeldNetwork::default();
    let clock = Clock::frozen(NOW).with_network(network.timers());
    let bench = bench_at(clock, true, &[("cli_hanging", &hanging_url, None), ("cli_good", &good_url, None)]).await;
    for _ in 0..20 {
        bench.happen().await;
    }
    hanging.got(2).await;
    let records = bench.records("cli_good", |r| r.iter().filter(|r| r.state == state::DELIVERED).count() == 20).await;
    assert_eq!(good.got(21).await.len(), 21);
    assert!(records.iter().all(|r| r.attempts.len() == 1 && r.attempts[0].1.starts_with("200 in ")), "{records:?}");

    assert!(bench.records("cli_hanging", |_| true).await.iter().all(|r| r.attempts.is_empty()));
    network.advance(Duration::from_secs(3));
    let records = bench.records("cli_hanging", |r| r.iter().any(|r| !r.attempts.is_empty())).await;
    let failed = records.iter().find(|r| !r.attempts.is_empty()).unwrap();
    assert_eq!(*failed, Record { state: state::PENDING, attempts: vec![(None, "no answer within 3 s".to_owned())] });
}

#[tokio::test]
async fn with_a_key_the_check_is_encrypted_and_events_are_signed_too() {
    let (receiver, url) = Receiver::start(Manner::Answer(200)).await;
    let bench = bench(true, &[("cli_a", &url, Some(KEY))]).await;
    bench.happen().await;
    bench.happen().await;
    bench.records("cli_a", |r| r.iter().all(|r| r.state == state::DELIVERED)).await;
    let got = receiver.got(3).await;
    assert!(got.iter().all(|r| r.body.starts_with("{\"encrypt\":\"")));
    assert_eq!(got[0].json["type"], "url_verification");
    assert!(!got[0].headers.contains_key("x-lark-signature"));
    for event in &got[1..] {
        let header = |name: &str| event.headers[name].to_str().unwrap();
        let (timestamp, nonce) = (header("x-lark-request-timestamp"), header("x-lark-request-nonce"));
        assert_eq!(timestamp, (NOW / 1000).to_string());
        let expected = crypto::signature(timestamp, nonce, KEY, event.body.as_bytes());
        assert_eq!(header("x-lark-signature"), expected);
        assert_eq!(event.json["event"]["text"], "hello");
    }
    let page = bench.app.metrics().text();
    assert!(page.contains(r#"deskwire_deliveries_total{transport="webhook",outcome="acknowledged"} 2"#), "{page}");
    assert!(page.contains("deskwire_deliveries_in_flight 0"), "{page}");
}

#[tokio::test]
async fn a_failed_url_check_is_a_failed_attempt_that_tells_what_came_back() {
    let (receiver, url) = Receiver::start(Manner::NoChallenge).await;
    let bench = bench(true, &[("cli_a", &url, None)]).await;
    bench.happen().await;
    let record = bench.attempted("cli_a", 1).await;
    let (status, text) = &record.attempts[0];
    assert_eq!((record.state, *status), (state::PENDING, Some(200)));
    assert!(
        text.starts_with("URL check failed: 200 in ") && text.ends_with("came back <h1> It works: …</h1>"),
        "{text}"
    );
    *receiver.manner.lock().unwrap() = Manner::Answer(200);
    bench.app.clock().advance(RETRY_AFTER_MS[0]);
    assert_eq!(bench.attempted("cli_a", 2).await.state, state::DELIVERED);
    assert_eq!(receiver.got(3).await.len(), 3);
    assert_eq!(bench.app.directory().apps["cli_a"].url_verified.as_deref(), Some(&*url));
}

#[tokio::test]
async fn private_addresses_are_refused_unless_the_operator_allows_them() {
    let (receiver, url) = Receiver::start(Manner::Answer(200)).await;
    let by_name = url.replace("127.0.0.1", "localhost");
    let bench = bench(false, &[("cli_ip", &url, None), ("cli_name", &by_name, None)]).await;
    bench.happen().await;
    for (app_id, target) in [("cli_ip", "127.0.0.1"), ("cli_name", "localhost (")] {
        let record = bench.attempted(app_id, 1).await;
        let (status, text) = &record.attempts[0];
        assert_eq!((record.state, *status), (state::PENDING, None));
        assert!(text.contains(target) && text.contains("allow_private_webhooks"), "{text}");
    }
    assert!(receiver.got(0).await.is_empty());
}

#[tokio::test]
async fn shutdown_waits_for_what_is_on_its_way_and_sends_nothing_more() {
    let (receiver, url) = Receiver::start(Manner::Late(Duration::from_millis(300))).await;
    let bench = bench(true, &[("cli_a", &url, None)]).await;
    bench.happen().await;
    receiver.got(2).await;
    bench.app.workers().shut_down(&Timers::real(), Duration::from_secs(5)).await;
    assert_eq!(bench.attempted("cli_a", 1).await.state, state::DELIVERED);
    bench.happen().await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(receiver.got(0).await.len(), 2);
}

#[tokio::test]
async fn a_long_connection_app_keeps_its_deliveries_until_it_becomes_a_webhook_app() {
    let (receiver, url) = Receiver::start(Manner::Answer(200)).await;
    let bench = bench(true, &[("cli_a", &url, None)]).await;
    let deliver_by = |delivery: &'static str| {
        bench.app.write(move |tx, cx| {
            tx.execute("UPDATE app SET delivery = $1", &params![delivery])?;
            Ok(directory::touch(tx, cx)?)
        })
    };
    deliver_by("long_connection").await.unwrap();
    bench.happen().await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(receiver.got(0).await.is_empty());
    deliver_by("webhook").await.unwrap();
    assert_eq!(bench.attempted("cli_a", 1).await.state, state::DELIVERED);
}

#[tokio::test]
async fn what_nobody_was_woken_for_is_found_within_a_second() {
    let (_receiver, url) = Receiver::start(Manner::Answer(200)).await;
    let bench = bench(true, &[("cli_a", &url, None)]).await;
    let (desk, ids) = (bench.desk.clone(), Arc::clone(bench.app.ids()));
    // Past `App::write`, as another process would.
    let appended = bench.app.db().write(move |tx| {
        let mut cx = desk::Cx::new(NOW, Arc::clone(&ids));
        outbox::append(tx, &mut cx, &desk, samples::EVENT_ID, &samples::message("hello"))
    });
    appended.await.unwrap();
    assert_eq!(bench.attempted("cli_a", 1).await.state, state::DELIVERED);
}
