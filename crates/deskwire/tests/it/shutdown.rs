//! Servers that stop while they are busy, that share a database, and what a production server has not.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::Database;

use crate::apply::{APP_ID, DESK};
use crate::bench::{Bench, entries};
use crate::chat::{App, Chat};

const SERVE: [&str; 5] = ["serve", "--listen", "127.0.0.1:0", "--apply", "desk.yaml"];

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    bench
}

/// Sends the head of a request and half of its body.
fn begin(url: &str, body: &str) -> TcpStream {
    let address = url.strip_prefix("http://").expect("an http URL");
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a bounded wait");
    let head = "POST /open-apis/auth/v3/tenant_access_token/internal HTTP/1.1\r\nHost: desk\r\n";
    let (half, _) = body.split_at(body.len() / 2);
    write!(stream, "{head}Content-Length: {}\r\n\r\n{half}", body.len()).expect("the server reads");
    stream
}

/// Sends the other half and reads all there is.
fn finish(mut stream: TcpStream, body: &str) -> String {
    let (_, half) = body.split_at(body.len() / 2);
    stream.write_all(half.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("a whole answer and a closed connection");
    answer
}

async fn a_busy_server_stops_on(signal: &str) {
    let bench = bench();
    let server = bench.start(&SERVE);
    let chat = Chat::open(&server.url).await;
    let (status, said) = chat.say(&server.url, "1", "forgot password").await.expect("an answer");
    assert_eq!(status, 201, "{said}");
    let poll = {
        let (chat, url) = (chat.clone(), server.url.clone());
        tokio::spawn(async move { chat.messages(&url, 100, 30_000).await })
    };
    let mut stream = chat.call(&server.url, Method::GET, "/stream", &Value::Null).await.expect("a stream");
    let first = stream.chunk().await.expect("an event").expect("an event");
    assert!(String::from_utf8_lossy(&first).contains("forgot password"), "{first:?}");
    let body = json!({"app_id": APP_ID, "app_secret": "s"}).to_string();
    let request = begin(&server.url, &body);
    // Time for the long-poll and the request to be where they wait; if it is too short the test only sees less.
    tokio::time::sleep(Duration::from_millis(200)).await;

    server.signal(signal);
    assert!(poll.await.expect("the poll").expect("a whole answer").is_empty());
    while stream.chunk().await.expect("the stream ends cleanly").is_some() {}
    let refused = TcpStream::connect(server.url.trim_start_matches("http://"));
    assert!(refused.is_err(), "a server that stops accepts nothing");
    let answer = finish(request, &body);
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("tenant_access_token"), "{answer}");
    let log = server.log();
    assert_eq!(server.end(), (Some(0), String::new()));
    // How long writes take is the machine's affair.
    let complains = |line: &&str| (line.contains("WARN") || line.contains("ERROR")) && !line.contains("was slow");
    assert_eq!(log.lines().find(complains), None, "{log}");
    // The database is one file again.
    assert_eq!(entries(&bench.path("deskwire-data")), ["deskwire.db", "master.key"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminated_server_finishes_what_is_in_flight() {
    a_busy_server_stops_on("-TERM").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_server_finishes_what_is_in_flight() {
    a_busy_server_stops_on("-INT").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_never_ends_does_not_keep_a_server_alive() {
    let server = bench();
    let server = server.start(&SERVE);
    let _request = begin(&server.url, "0123456789");
    assert_eq!(server.stop("-TERM"), (Some(0), String::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_production_server_has_no_developer_controls() {
    let bench = bench();
    let server = bench.start(&SERVE);
    let client = testkit::api::client();
    let calls = [
        (Method::POST, "/dev/v1/clock"),
        (Method::POST, "/dev/v1/faults"),
        (Method::POST, "/dev/v1/reset"),
        (Method::GET, "/dev/v1/snapshot"),
        (Method::PUT, "/dev/v1/snapshot"),
        (Method::GET, "/dev/v1/requests"),
        (Method::GET, "/dev/v1/deliveries"),
        (Method::POST, "/dev/v1/deliveries/1/resend"),
        (Method::GET, "/dev/v1/tickets/1/timeline"),
        (Method::POST, "/dev/v1/user_tokens"),
    ];
    for (method, path) in calls {
        let request = client.request(method, format!("{}{path}", server.url)).json(&json!({"advance_ms": 1}));
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.text().await.expect("text"), "404 page not found");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relative_database_lies_in_the_data_folder_and_an_absolute_one_where_it_says() {
    let bench = bench();
    std::fs::create_dir(bench.path("elsewhere")).expect("a folder");
    let absolute = format!("sqlite:{}", bench.path("elsewhere/desk.db").display());
    for database in ["sqlite:mine.db", &absolute] {
        let args = [&SERVE[..], &["--database", database]].concat();
        let server = bench.start(&args);
        let chat = Chat::open(&server.url).await;
        assert_eq!(chat.say(&server.url, "1", "forgot password").await.expect("an answer").0, 201);
        assert_eq!(server.stop("-TERM").0, Some(0));
    }
    assert_eq!(entries(&bench.path("deskwire-data")), ["master.key", "mine.db"]);
    assert_eq!(entries(&bench.path("elsewhere")), ["desk.db"]);
    assert_eq!(bench.entries(), ["desk.yaml", "deskwire-data", "elsewhere"]);
}

/// The first answer of a bot, waited for at most 3 s.
async fn answer(chat: &Chat, url: &str, question: i64) -> Value {
    let come = chat.messages(url, question, 3_000).await.expect("an answer");
    let answers: Vec<&Value> = come.iter().filter(|m| m["kind"] == "answer").collect();
    assert_eq!(answers.len(), 1, "{come:?}");
    answers[0].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_database_are_one_desk() {
    let database = Database::postgres();
    let bench = bench();
    bench.write("desk.yaml", &DESK.replace("\"helpdesk:all\"", "\"helpdesk:all\", \"helpdesk:all:readonly\""));
    let args = [&SERVE[..], &["--database", &database.url]].concat();
    let (a, b) = (bench.start(&args), bench.start(&args));
    let chat = Chat::open(&a.url).await;
    let mut answered = Vec::new();
    for number in 0..5 {
        let (status, said) = chat.say(&a.url, &number.to_string(), "forgot password").await.expect("an answer");
        assert_eq!(status, 201, "{said}");
        let position = said["message"]["position"].as_i64().expect("a position");
        let shown = answer(&chat, &b.url, position).await;
        assert_eq!((&shown["answered_by"], &shown["text"]), (&json!("builtin"), &json!("Open Settings > Security.")));
        answered.push(shown["event_id"].clone());
    }
    let all = chat.all(&a.url).await;
    assert_eq!(all, chat.all(&b.url).await);
    let answers: Vec<Value> = all.iter().filter(|m| m["kind"] == "answer").map(|m| m["event_id"].clone()).collect();
    assert_eq!(answers, answered, "{all:?}");

    let args = ["user-token", "--open-id", "ou_ada", "--app-id", APP_ID, "--database", &database.url];
    let user_token = bench.run(&args).ok().trim().to_owned();
    let app = App::new(&b.url).await;
    for number in 0..5 {
        let faq = json!({"faq": {"question": format!("Where is printer{number}?"), "answer": "In the cellar."}});
        let making = app.with(&user_token).call(&a.url, Method::POST, "/faqs").json(&faq).send();
        let made: Value = making.await.expect("an answer").json().await.expect("JSON");
        assert_eq!(made["code"], 0, "{made}");
        let search = app.call(&b.url, Method::GET, &format!("/faqs/search?query=printer{number}")).send();
        let found: Value = search.await.expect("an answer").json().await.expect("JSON");
        assert_eq!(found["data"]["items"][0]["id"], made["data"]["faq"]["id"], "{made} {found}");
    }
    for server in [a, b] {
        assert_eq!(server.stop("-TERM").0, Some(0));
    }
}
