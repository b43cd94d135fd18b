//! Sentence vectors: made in the background, stored, used for questions, and done without when they cannot be had.

#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use desk::answer::Match;
use desk::replay::case::Wanted;
use reqwest::Method;
use retrieval::Hit;
use serde_json::{Value, json};
use server::App;
use server::run::Server;
use server::settings::{Mode, PartialSettings, Secret};
use testkit::server::{AGENT, DESK, FAQS};
use testkit::{Database, Options, TestServer, on_both};

/// Texts of the usual desk files: 3 + 3 + 2 of one help desk, 1 of the other.
const TEXTS: usize = 9;
const ASKED: &str = "How can I reset a password";

/// An embeddings endpoint: a vector says how often which letter occurs.
struct Endpoint {
    url: String,
    seen: Arc<Seen>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    batches: Mutex<Vec<Vec<String>>>,
    keys: Mutex<Vec<String>>,
    /// Status to answer, 0 for not at all.
    status: Mutex<u16>,
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Endpoint {
    async fn start() -> Self {
        let seen = Arc::new(Seen { status: Mutex::new(200), ..Seen::default() });
        let router = Router::new().route("/v1/embeddings", post(embed)).with_state(Arc::clone(&seen));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/embeddings", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, seen, task }
    }

    fn options(&self, model: &str) -> Options {
        let settings = PartialSettings {
            embeddings_url: Some(self.url.clone()),
            embeddings_key: Some(Secret::from("key-of-test".to_owned())),
            embeddings_model: Some(model.into()),
            ..PartialSettings::default()
        };
        Options { by: "builtin", settings, ..Options::default() }
    }

    fn answer(&self, status: u16) {
        *self.seen.status.lock().unwrap() = status;
    }

    fn texts(&self) -> Vec<String> {
        self.seen.batches.lock().unwrap().concat()
    }

    fn calls(&self) -> usize {
        self.seen.batches.lock().unwrap().len()
    }
}

async fn embed(State(seen): State<Arc<Seen>>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let texts: Vec<String> = serde_json::from_value(body["input"].clone()).unwrap();
    seen.keys.lock().unwrap().push(headers["authorization"].to_str().unwrap().to_owned());
    seen.batches.lock().unwrap().push(texts.clone());
    let status = if texts.iter().any(|text| text.contains("poison")) { 400 } else { *seen.status.lock().unwrap() };
    if status == 0 {
        std::future::pending::<()>().await;
    }
    if status != 200 {
        return (StatusCode::from_u16(status).unwrap(), [("retry-after", "1")]).into_response();
    }
    let vector = |text: &str| {
        let mut counts = vec![0.0; 27];
        for c in text.to_lowercase().bytes() {
            counts[if c.is_ascii_lowercase() { usize::from(c - b'a') } else { 26 }] += 1.0;
        }
        counts
    };
    let data: Vec<Value> =
        texts.iter().enumerate().rev().map(|(i, text)| json!({"index": i, "embedding": vector(text)})).collect();
    Json(json!({"object": "list", "data": data, "model": body["model"]})).into_response()
}

fn stored(server: &TestServer) -> usize {
    server.rows()["faq_vector"].len()
}

async fn wait_stored(server: &TestServer, count: usize) {
    wait(server, count, |server| stored(server) == count).await;
}

async fn wait(server: &TestServer, what: impl std::fmt::Debug, done: impl Fn(&TestServer) -> bool) {
    for _ in 0..600 {
        if done(server) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what:?} did not come: {:?}", server.rows()["faq_vector_state"]);
}

async fn rank(server: &TestServer, question: &str) -> Vec<Hit> {
    rank_of(server.running.app(), question).await
}

async fn rank_of(app: &App, question: &str) -> Vec<Hit> {
    let desk = Arc::clone(&app.directory().helpdesks[&DESK.parse().unwrap()]);
    app.engines().rank(app, &desk, question, 10).await.unwrap()
}

async fn similarity(server: &TestServer, question: &str) -> Option<f64> {
    rank(server, question).await.first().unwrap().similarity
}

async fn patch(server: &TestServer, question: &str) {
    let agent = server.user_token(AGENT).await;
    let body = json!({"faq": {"question": question, "answer": "x", "tags": []}});
    server.open_api_as(&agent, Method::PATCH, &format!("/faqs/{}", FAQS[0])).json(&body).send().await.ok();
}

on_both! {
    async fn a_replay_ranks_as_the_server_does(database) {
        let endpoint = Endpoint::start().await;
        let server = TestServer::with(database, &endpoint.options("m")).await;
        wait_stored(&server, TEXTS).await;
        assert!(similarity(&server, ASKED).await.is_some());
        let app = server.running.app();
        let desk = Arc::clone(&app.directory().helpdesks[&DESK.parse().unwrap()]);
        let bits = |faqs: &[Match]| -> Vec<(i64, u64)> { faqs.iter().map(|m| (m.faq_id, m.score.to_bits())).collect() };
        let (mut live, mut replayed) = (Vec::new(), Vec::new());
        // Until the server has learnt from its texts and vectors, which a replay does at once.
        for _ in 0..200 {
            live = bits(&app.engines().matches(app, &desk, ASKED).await.unwrap().0);
            let turn = app.replays().take().unwrap();
            let cases = vec![(ASKED.to_owned(), Wanted::Nothing)];
            let tried = server::replay::cases(app, &desk, turn, cases, None).await.unwrap();
            replayed = bits(&tried[0].view.faqs);
            live.truncate(replayed.len());
            if live == replayed {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(!replayed.is_empty());
        assert_eq!(live, replayed);
        // Without anybody who makes vectors, words rank the same question.
        endpoint.answer(500);
        let turn = app.replays().take().unwrap();
        let tried = server::replay::cases(app, &desk, turn, vec![(ASKED.to_owned(), Wanted::Nothing)], None).await;
        let by_words = bits(&tried.unwrap()[0].view.faqs);
        assert!(!by_words.is_empty() && by_words != replayed, "{by_words:?}");
    }

    async fn texts_get_their_vectors_in_the_background_once(database) {
        let endpoint = Endpoint::start().await;
        let server = TestServer::with(database, &endpoint.options("m")).await;
        wait_stored(&server, TEXTS).await;
        let mut texts = endpoint.texts();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), TEXTS, "{texts:?}");
        assert_eq!(endpoint.texts().len(), TEXTS, "none twice");
        assert!(endpoint.seen.keys.lock().unwrap().iter().all(|key| key == "Bearer key-of-test"));
        let exact = similarity(&server, "How do I reset my password?").await.unwrap();
        assert!(exact > 0.999, "{exact}");
        let calls = endpoint.calls();
        similarity(&server, "How do I reset my password?").await.unwrap();
        assert_eq!(endpoint.calls(), calls, "a recent question is kept");
        wait(&server, "progress", |server| {
            let page = server.running.app().metrics().text();
            page.contains("deskwire_embedding_faqs 4\n") && page.contains("deskwire_embedding_faqs_done 4\n")
        }).await;
        // Nothing is made again after a restart.
        let before = endpoint.texts().len();
        let server = server.restart(&endpoint.options("m")).await;
        assert!(similarity(&server, "How do I reset my password").await.unwrap() > 0.9);
        assert_eq!(endpoint.texts().len(), before + 1, "only the question");
        assert_eq!(stored(&server), TEXTS);
    }

    async fn an_edit_does_not_wait_and_gets_its_vectors_later(database) {
        let endpoint = Endpoint::start().await;
        let server = TestServer::with(database, &endpoint.options("m")).await;
        wait_stored(&server, TEXTS).await;
        assert!(similarity(&server, ASKED).await.is_some());
        endpoint.answer(503);
        patch(&server, "How can I reset a password quickly").await;
        let hits = rank(&server, ASKED).await;
        assert_eq!(hits[0].id.to_string(), FAQS[0], "found by its new words");
        assert_eq!(hits[0].similarity, None, "its old vectors no longer count");
        endpoint.answer(200);
        // Three texts went, one came.
        wait_stored(&server, TEXTS - 2).await;
        let close = similarity(&server, ASKED).await.unwrap();
        assert!(close > 0.9 && close < 0.9999, "{close}");
        let agent = server.user_token(AGENT).await;
        server.open_api_as(&agent, Method::DELETE, &format!("/faqs/{}", FAQS[0])).send().await.ok();
        wait_stored(&server, TEXTS - 3).await;
    }

    async fn another_model_makes_all_anew_and_the_old_vectors_go_after_a_day(database) {
        let endpoint = Endpoint::start().await;
        let server = TestServer::with(database, &endpoint.options("old")).await;
        wait_stored(&server, TEXTS).await;
        let server = server.restart(&endpoint.options("new")).await;
        wait_stored(&server, 2 * TEXTS).await;
        assert!(similarity(&server, ASKED).await.is_some());
        server.clock.advance(25 * 3_600_000);
        wait_stored(&server, TEXTS).await;
        wait(&server, "one state a desk", |server| server.rows()["faq_vector_state"].len() == 2).await;
        assert!(similarity(&server, "How can I reset the password").await.is_some());
    }

    async fn a_text_that_is_not_taken_keeps_nothing_else_from_its_vector(database) {
        let endpoint = Endpoint::start().await;
        let mut file = many_faqs(5);
        file["tenants"][0]["helpdesks"][0]["faqs"][2]["question"] = json!("question with poison");
        let server = TestServer::with_file(database, &endpoint.options("m"), &file).await;
        wait_stored(&server, 6).await;
        for _ in 0..5 {
            assert_eq!(similarity(&server, "is there poison in this question").await, None);
        }
        assert!(similarity(&server, "question number 1 of all").await.unwrap() > 0.99, "nor others from theirs");
        assert_eq!(rank(&server, "question with").await[0].similarity, None);
    }

    async fn questions_are_ranked_by_words_while_the_endpoint_fails(database) {
        let endpoint = Endpoint::start().await;
        let server = TestServer::with(database, &endpoint.options("m")).await;
        wait_stored(&server, TEXTS).await;
        let outcome = |name: &str| {
            let page = server.running.app().metrics().text();
            let line = page.lines().find(|line| line.contains(&format!("outcome=\"{name}\""))).map(str::to_owned);
            line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        };
        for (status, tries) in [(0, 1), (500, 2)] {
            endpoint.answer(status);
            for i in 0..tries {
                let hits = rank(&server, &format!("{ASKED} {status} {i}")).await;
                assert_eq!((hits[0].id.to_string().as_str(), hits[0].similarity), (FAQS[0], None));
            }
        }
        // After three failures it is left alone.
        let calls = endpoint.calls();
        endpoint.answer(200);
        assert_eq!(similarity(&server, "reset the password").await, None);
        assert_eq!(endpoint.calls(), calls);
        assert_eq!(outcome("failed") + outcome("late"), 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_servers_share_the_work() {
    let endpoint = Endpoint::start().await;
    let options = endpoint.options("m");
    let one = TestServer::with_file(Database::postgres(), &options, &many_faqs(300)).await;
    let settings = PartialSettings {
        listen: Some("127.0.0.1:0".into()),
        database: Some(one.database.url.clone()),
        data_dir: Some(one.database.folder.path().to_path_buf()),
        ..options.settings.clone()
    };
    let two = Server::start(settings.finish(Mode::Dev).unwrap(), one.clock.clone()).await.unwrap();
    wait_stored(&one, 301).await;
    let texts = endpoint.texts();
    assert_eq!(texts.len(), 301, "none twice");
    assert!(endpoint.seen.batches.lock().unwrap().iter().all(|batch| batch.len() <= 64));
    for app in [one.running.app(), two.app()] {
        let close = rank_of(app, "question number 17 of all").await[0].similarity.unwrap();
        assert!(close > 0.99, "{close}");
    }
    two.shutdown().await;
}

fn many_faqs(count: usize) -> Value {
    let mut file = testkit::server::desk_file(&Options { by: "builtin", ..Options::default() });
    let faq = |i: usize| json!({"id": (6_900_000_000_000_010_000 + i).to_string(), "question": format!("question number {i} of all"), "answer": "a"});
    file["tenants"][0]["helpdesks"][0]["faqs"] = (0..count).map(faq).collect();
    file
}

/// The model that `scripts/model` fetches, if it is there.
fn model() -> Option<PathBuf> {
    let told = std::env::var_os("DESKWIRE_TEST_MODEL").map(PathBuf::from);
    let directory =
        told.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.models/all-MiniLM-L6-v2"));
    directory.join("model.safetensors").exists().then_some(directory)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_of_this_machine_knows_what_is_meant() {
    let Some(model) = model() else {
        eprintln!("SKIPPED: there is no model; scripts/model fetches it");
        return;
    };
    let settings = PartialSettings { model: Some(model), ..PartialSettings::default() };
    let options = Options { by: "builtin", settings, ..Options::default() };
    let server = TestServer::with(Database::sqlite(), &options).await;
    wait_stored(&server, TEXTS).await;
    let hits = rank(&server, "I forgot the credentials to reset and connect").await;
    let of = |id: &str| hits.iter().find(|hit| hit.id.to_string() == id).unwrap().similarity.unwrap();
    assert!(of(FAQS[0]) > 0.5 && of(FAQS[0]) > of(FAQS[2]), "{hits:?}");
}

#[tokio::test]
async fn a_folder_without_a_model_keeps_the_server_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let settings = PartialSettings {
        listen: Some("127.0.0.1:0".into()),
        data_dir: Some(folder.path().join("data")),
        model: Some(folder.path().to_path_buf()),
        ..PartialSettings::default()
    };
    let settings = settings.finish(Mode::Serve).unwrap();
    let error = Server::start(settings, server::clock::Clock::system()).await.unwrap_err();
    assert!(error.to_string().starts_with("model: ") && error.to_string().contains("config.json"), "{error}");
}
