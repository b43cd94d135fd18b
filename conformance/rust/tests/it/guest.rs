//! Somebody who asks at the help desk.

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Server, desk, text};

pub struct Guest<'a> {
    server: &'a Server,
    token: String,
    pub open_id: String,
    pub chat_id: String,
    position: i64,
}

impl<'a> Guest<'a> {
    pub async fn arrive(server: &'a Server) -> Self {
        let path = format!("/guest/v1/desks/{}/sessions", text(desk(), "id"));
        let (status, session) = server.call(Method::POST, &path, Some(&json!({"name": "Gina 吉娜"})), None).await;
        assert!(status.is_success(), "{session}");
        let token = text(&session, "session_token");
        let open_id = text(&session["guest"], "open_id");
        Self { server, token, open_id, chat_id: text(&session, "chat_id"), position: 0 }
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) =
            self.server.call(Method::POST, &format!("/guest/v1{path}"), Some(&body), Some(&self.token)).await;
        assert!(status.is_success(), "{answer}");
        answer
    }

    /// Writes; answers the ticket's id.
    pub async fn ask(&self, question: &str) -> String {
        text(&self.post("/messages", json!({"text": question})).await, "ticket_id")
    }

    /// The next message of this kind, shown to the guest within 30 s: a client may take 6 s to come back.
    pub async fn wait(&mut self, kind: &str) -> Value {
        for _ in 0..30 {
            let path = format!("/guest/v1/messages?limit=200&after={}&wait_ms=1000", self.position);
            let (status, answer) = self.server.call(Method::GET, &path, None, Some(&self.token)).await;
            assert!(status.is_success(), "{answer}");
            for message in answer["messages"].as_array().unwrap() {
                self.position = message["position"].as_i64().unwrap();
                if message["kind"] == kind {
                    return message.clone();
                }
            }
        }
        panic!("the guest was shown no {kind}");
    }
}

/// A new guest's question and how it was answered.
pub async fn ask(server: &Server, question: &str) -> Value {
    let mut guest = Guest::arrive(server).await;
    guest.ask(question).await;
    guest.wait("answer").await
}
