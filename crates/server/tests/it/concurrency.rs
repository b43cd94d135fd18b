//! Many callers on one desk: every acknowledged answer is shown exactly once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use testkit::server::{APP, Asked, FAQS};
use testkit::{TestServer, on_both};

const CALLERS: usize = 64;
const QUESTIONS: usize = 5_000;
const GUESTS: usize = 100;

/// Asks all questions, many guests side by side.
async fn ask_all(server: &Arc<TestServer>) -> Vec<Asked> {
    let mut tasks = Vec::new();
    for _ in 0..GUESTS {
        let server = Arc::clone(server);
        tasks.push(tokio::spawn(async move {
            let guest = server.guest().await;
            for i in 0..QUESTIONS / GUESTS {
                guest.say(&format!("question {i}")).await;
            }
        }));
    }
    for task in tasks {
        task.await.expect("a guest who asks");
    }
    let questions = server.running.app().db().read_blocking(|tx| {
        tx.query("SELECT ticket_id, event_id FROM question", &[], |row| {
            Ok(Asked { ticket_id: row.int(0)?.to_string(), event_id: row.string(1)? })
        })
    });
    questions.expect("the questions' rows")
}

/// How often each question's answer was shown.
fn shown(server: &TestServer) -> HashMap<String, usize> {
    let answers =
        server.running.app().db().read_blocking(|tx| {
            tx.query("SELECT answer FROM message WHERE answer IS NOT NULL", &[], |row| row.string(0))
        });
    let mut counts = HashMap::new();
    for answer in answers.expect("the messages' rows") {
        let answer: Value = serde_json::from_str(&answer).expect("an answer's JSON");
        *counts.entry(answer["event_id"].as_str().expect("an event id").to_owned()).or_default() += 1;
    }
    counts
}

on_both! {
    async fn every_acknowledged_answer_is_shown_exactly_once(database) {
        let server = Arc::new(TestServer::start(database).await);
        let questions = Arc::new(ask_all(&server).await);
        assert_eq!(questions.len(), QUESTIONS);
        let (token, next) = (server.tenant_token(APP), Arc::new(AtomicUsize::new(0)));
        let mut callers = Vec::new();
        for _ in 0..CALLERS {
            let (server, questions, next) = (Arc::clone(&server), Arc::clone(&questions), Arc::clone(&next));
            let token = token.clone();
            callers.push(tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                while let Some(asked) = questions.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let body = json!({"event_id": asked.event_id, "faqs": [{"id": FAQS[0], "score": 0.9}]});
                    // Every third call is repeated at once, as a client does that lost the answer.
                    let again = acknowledged.len() % 3 == 0;
                    let call = || server.answer_with(&token, &asked.ticket_id, &body);
                    let answers = if again { let (a, b) = tokio::join!(call(), call()); vec![a, b] } else { vec![call().await] };
                    for answer in answers {
                        match answer.status {
                            200 => acknowledged.push(asked.event_id.clone()),
                            // A busy server says so and stores nothing.
                            503 => {}
                            other => panic!("{other}: {}", answer.json),
                        }
                    }
                }
                acknowledged
            }));
        }
        let mut acknowledged = std::collections::HashSet::new();
        for caller in callers {
            acknowledged.extend(caller.await.expect("a caller"));
        }
        let shown = shown(&server);
        assert!(acknowledged.len() >= QUESTIONS * 9 / 10, "only {} were acknowledged", acknowledged.len());
        for event_id in &acknowledged {
            assert_eq!(shown.get(event_id), Some(&1), "{event_id}");
        }
        assert!(shown.values().all(|&n| n == 1));
    }
}
