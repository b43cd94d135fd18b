//! kill -9 at any moment: nothing acknowledged is lost or doubled, and every question's event arrives.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::Sink;
use testkit::sink::Received;

use crate::apply::{APP_ID, DESK};
use crate::bench::Bench;
use crate::chat::{App, Chat};

/// How often the server is killed, if not five times.
const ROUNDS: &str = "DESKWIRE_TEST_CRASH_ROUNDS";
const FAQ: &str = "6900000000000001001";

/// A guest who writes without pause and repeats what was not acknowledged.
struct Writer {
    chat: Chat,
    name: usize,
    acknowledged: Vec<String>,
}

impl Writer {
    /// Writes until the server is gone.
    async fn write(mut self, url: String) -> Self {
        loop {
            let text = format!("question {} of guest {}", self.acknowledged.len(), self.name);
            match self.chat.say(&url, &text, &text).await {
                Ok((201, _)) => self.acknowledged.push(text),
                Ok((status, body)) => panic!("{status}: {body}"),
                Err(_) => return self,
            }
        }
    }
}

/// An app that answers every question it is told of.
struct Answerer {
    app: App,
    /// Questions told of and not answered: ticket by event.
    waiting: BTreeMap<String, String>,
    acknowledged: BTreeSet<String>,
    seen: usize,
}

impl Answerer {
    async fn new(url: &str) -> Self {
        let app = App::new(url).await;
        Self { app, waiting: BTreeMap::new(), acknowledged: BTreeSet::new(), seen: 0 }
    }

    /// Answers for as long as it is polled; what is not acknowledged is tried again.
    async fn answer(&mut self, url: &str, sink: &Sink) {
        loop {
            self.listen(sink);
            for (event_id, ticket_id) in self.waiting.clone() {
                if self.post(url, &event_id, &ticket_id).await.is_ok() {
                    self.waiting.remove(&event_id);
                    self.acknowledged.insert(event_id);
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn post(&self, url: &str, event_id: &str, ticket_id: &str) -> reqwest::Result<()> {
        let path = format!("/tickets/{ticket_id}/answer_user_query");
        let faqs = json!({"event_id": event_id, "faqs": [{"id": FAQ, "score": 0.9}]});
        let body: Value = self.app.call(url, Method::POST, &path).json(&faqs).send().await?.json().await?;
        assert_eq!(body["code"], 0, "{body}");
        Ok(())
    }

    fn listen(&mut self, sink: &Sink) {
        let events = sink.events();
        for event in events[self.seen..].iter().filter_map(question) {
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            let event_id = text(&event["event_id"]);
            if !self.acknowledged.contains(&event_id) {
                self.waiting.insert(event_id, text(&event["ticket"]["ticket_id"]));
            }
        }
        self.seen = events.len();
    }
}

/// The event of a guest's message.
fn question(received: &Received) -> Option<Value> {
    let event = received.json()["event"].take();
    (event["sender_type"] == 2).then_some(event)
}

/// [`DESK`] with its app answering and told of messages.
fn desk(events_url: &str) -> String {
    let events = format!("events: {{url: {events_url}, types: [helpdesk.ticket_message.created_v1], ");
    let listed = format!(
        "        subscriptions: [{{app: {APP_ID}, type: helpdesk.ticket_message, subtype: ticket_message.created_v1}}]\n\
         \x20       categories:"
    );
    DESK.replace("{by: builtin}", "{by: app}").replace("events: {", &events).replace("        categories:", &listed)
}

async fn ready(url: &str) {
    let client = testkit::api::client();
    for _ in 0..100 {
        let answer = client.get(format!("{url}/readyz")).send().await.expect("an answer");
        if answer.status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the server did not become ready within 10 s");
}

/// What is there after a crash: each acknowledged message and answer once, and of the others none twice.
async fn check(url: &str, writers: &[Writer], app: &Answerer) {
    let mut answers: BTreeMap<String, u32> = BTreeMap::new();
    for writer in writers {
        let mut said: BTreeMap<String, u32> = BTreeMap::new();
        for message in writer.chat.all(url).await {
            if message["kind"] == "answer" {
                *answers.entry(message["event_id"].as_str().expect("an event id").to_owned()).or_default() += 1;
            } else if message["from"] == "guest" {
                *said.entry(message["text"].as_str().expect("a text").to_owned()).or_default() += 1;
            }
        }
        let lost: Vec<_> = writer.acknowledged.iter().filter(|text| !said.contains_key(*text)).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        assert!(said.values().all(|times| *times == 1), "{said:?}");
    }
    let lost: Vec<_> = app.acknowledged.iter().filter(|event| !answers.contains_key(*event)).collect();
    assert!(lost.is_empty(), "lost answers: {lost:?}");
    assert!(answers.values().all(|times| *times == 1), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_and_doubles_nothing() {
    let rounds: u32 = std::env::var(ROUNDS).map_or(5, |text| text.parse().expect("a number of rounds"));
    let sink = Sink::start().await;
    let bench = Bench::new();
    bench.write("desk.yaml", &desk(&sink.url()));
    let args = ["serve", "--listen", "127.0.0.1:0", "--apply", "desk.yaml"];
    let args = [&args[..], &["--allow-private-webhooks", "--rate-limits", "off", "--log", "warn"]].concat();
    let mut server = bench.start(&args);
    let mut app = Answerer::new(&server.url).await;
    let mut writers = Vec::new();
    for name in 0..4 {
        writers.push(Writer { chat: Chat::open(&server.url).await, name, acknowledged: Vec::new() });
    }
    for _ in 0..rounds {
        let url = server.url.clone();
        let life = Duration::from_millis(50 + RandomState::new().build_hasher().finish() % 600);
        let writing: Vec<_> = writers.into_iter().map(|writer| tokio::spawn(writer.write(url.clone()))).collect();
        let crash = async {
            tokio::time::sleep(life).await;
            // With SIGKILL.
            drop(server);
            let mut writers = Vec::new();
            for writer in writing {
                writers.push(writer.await.expect("a guest"));
            }
            writers
        };
        writers = tokio::select! {
            writers = crash => writers,
            () = app.answer(&url, &sink) => unreachable!("the app answers without end"),
        };
        server = bench.start(&args);
        ready(&server.url).await;
        check(&server.url, &writers, &app).await;
    }
    // A delivery that was on its way is made again once its lease has run out.
    let told = |events: &[Received]| {
        let texts: BTreeSet<String> =
            events.iter().filter_map(question).filter_map(|e| Some(e["text"].as_str()?.to_owned())).collect();
        writers.iter().flat_map(|w| &w.acknowledged).all(|text| texts.contains(text))
    };
    sink.until("an event of every acknowledged question", told).await;
    assert!(writers.iter().all(|w| !w.acknowledged.is_empty()) && !app.acknowledged.is_empty());
}
