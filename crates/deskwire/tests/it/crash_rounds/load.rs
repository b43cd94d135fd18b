//! Guests and an app that work until the server is gone, and go on where they were.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Sink;

use super::ledger::Ledger;
use crate::chat::{App, Chat};

const FAQ: &str = "6900000000000001001";

/// A guest who writes, asks for a human and closes tickets.
pub struct Guest {
    pub chat: Chat,
    name: usize,
    next: usize,
    /// Client id of a call that the server died on.
    unknown: Option<String>,
    random: StdRng,
    pub ledger: Ledger,
    /// Calls that were repeated after a start.
    pub repeated: usize,
}

impl Guest {
    pub fn new(chat: Chat, name: usize, seed: u64) -> Self {
        let random = StdRng::seed_from_u64(seed);
        Self { chat, name, next: 0, unknown: None, random, ledger: Ledger::default(), repeated: 0 }
    }

    /// Works until a connection fails.
    pub async fn work(mut self, url: String) -> Self {
        // The error is the one that this waits for: the server is gone.
        let _gone = self.steps(&url).await;
        self
    }

    async fn steps(&mut self, url: &str) -> reqwest::Result<()> {
        if let Some(client_id) = self.unknown.take() {
            self.repeated += 1;
            self.say(url, client_id).await?;
        }
        if let Some((client_id, _)) = self.ledger.messages.last_key_value() {
            let client_id = client_id.clone();
            self.say(url, client_id).await?;
        }
        loop {
            match self.random.random_range(0..20) {
                0 => self.act(url, "/human").await?,
                1 | 2 => self.act(url, "/close").await?,
                _ => {
                    let client_id = format!("guest {} question {:06}", self.name, self.next);
                    self.next += 1;
                    self.say(url, client_id).await?;
                }
            }
            tokio::time::sleep(Duration::from_millis(self.random.random_range(0..20))).await;
        }
    }

    /// Says again everything that was acknowledged.
    pub async fn repeat_all(&mut self, url: &str) -> reqwest::Result<()> {
        for client_id in self.ledger.messages.keys().cloned().collect::<Vec<_>>() {
            self.say(url, client_id).await?;
        }
        Ok(())
    }

    async fn say(&mut self, url: &str, client_id: String) -> reqwest::Result<()> {
        // Forgotten only once an answer is there.
        self.unknown = Some(client_id.clone());
        let (status, body) = self.chat.say(url, &client_id, &client_id).await?;
        self.unknown = None;
        assert!(status == 200 || status == 201, "{status}: {body}");
        let message_id = body["message"]["message_id"].as_str().unwrap_or_else(|| panic!("a message: {body}"));
        let before = self.ledger.messages.insert(client_id.clone(), message_id.to_owned());
        assert!(before.is_none_or(|id| id == message_id), "{client_id} became another message: {body}");
        Ok(())
    }

    /// Asks for a human or closes; refused if the ticket is not open, or with a human.
    async fn act(&mut self, url: &str, path: &str) -> reqwest::Result<()> {
        let response = self.chat.call(url, Method::POST, path, &json!({})).await?;
        let status = response.status();
        let body: Value = response.json().await?;
        assert!(status.is_success() || status.is_client_error(), "{path} {status}: {body}");
        if status.is_success() {
            let ticket_id = number(&body["ticket_id"]);
            let ledger = &mut self.ledger;
            let kept = if path == "/close" { &mut ledger.closed } else { &mut ledger.humans };
            kept.insert(ticket_id);
        }
        Ok(())
    }
}

/// An app that answers every question it is told of.
pub struct Answerer {
    app: App,
    /// Questions told of and not answered: ticket by event.
    waiting: BTreeMap<String, i64>,
    /// Questions that it may not answer any more: the ticket is closed or with a human.
    pub refused: BTreeSet<String>,
    pub ledger: Ledger,
    seen: usize,
}

impl Answerer {
    pub async fn new(url: &str) -> Self {
        let app = App::new(url).await;
        Self { app, waiting: BTreeMap::new(), refused: BTreeSet::new(), ledger: Ledger::default(), seen: 0 }
    }

    /// Answers for as long as it is polled; what is not acknowledged is tried again.
    pub async fn work(&mut self, url: &str, sink: &Sink) {
        loop {
            // An error is left waiting: the server is gone, and the next one gets the same call.
            let _gone = self.turn(url, sink).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Answers what there is; answers whether there was nothing.
    pub async fn turn(&mut self, url: &str, sink: &Sink) -> reqwest::Result<bool> {
        self.listen(sink);
        let waiting = self.waiting.clone();
        for (event_id, ticket_id) in &waiting {
            self.post(url, event_id, *ticket_id).await?;
        }
        Ok(waiting.is_empty())
    }

    async fn post(&mut self, url: &str, event_id: &str, ticket_id: i64) -> reqwest::Result<()> {
        let path = format!("/tickets/{ticket_id}/answer_user_query");
        let faqs = json!({"event_id": event_id, "faqs": [{"id": FAQ, "score": 0.9}]});
        let response = self.app.call(url, Method::POST, &path).json(&faqs).send().await?;
        let status = response.status();
        let body: Value = response.json().await?;
        assert!(!status.is_server_error(), "{status}: {body}");
        if body["code"] == 0 {
            self.ledger.answers.insert(event_id.to_owned(), ticket_id);
        } else {
            let why = body.to_string();
            assert!(why.contains("closed") || why.contains("human"), "{status}: {why}");
            self.refused.insert(event_id.to_owned());
        }
        self.waiting.remove(event_id);
        Ok(())
    }

    fn listen(&mut self, sink: &Sink) {
        let events = sink.events();
        for received in &events[self.seen..] {
            let event = received.json()["event"].take();
            let id = event["event_id"].as_str().unwrap_or_default();
            if event["sender_type"] == 2 && !self.ledger.answers.contains_key(id) && !self.refused.contains(id) {
                self.waiting.insert(id.to_owned(), number(&event["ticket"]["ticket_id"]));
            }
        }
        self.seen = events.len();
    }
}

fn number(id: &Value) -> i64 {
    id.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("a decimal id: {id}"))
}
