//! What becomes of questions is kept beside them, whoever answers.

use std::sync::Arc;

use desk::answer::{AnsweredBy, Mode};
use desk::question::{self, Asked};
use reqwest::Method;
use serde_json::json;
use testkit::server::{DESK, FAQS};
use testkit::{Options, TestServer, on_both};

/// The latest questions before a place, oldest first.
fn asked(server: &TestServer, before: Option<question::Position>, limit: i64) -> Vec<Asked> {
    let app = server.running.app();
    let desk = Arc::clone(&app.directory().helpdesks[&DESK.parse().unwrap()]);
    app.db()
        .read_blocking(move |tx| question::newest(tx, &desk, (0, i64::MAX), before.as_ref(), limit))
        .map(|newest| newest.into_iter().rev().collect())
        .expect("the questions")
}

on_both! {
    async fn the_engine_finds_and_the_guest_judges(database) {
        let server = TestServer::with(database, &Options { by: "builtin", subscribed: false, ..Options::default() }).await;
        let guest = server.guest().await;
        guest.say("i forgot my password").await;
        let answer = guest.wait(0, |m| m["kind"] == "answer").await;
        let path = format!("/messages/{}/feedback", answer["message_id"].as_str().unwrap());
        for solved in [true, false] {
            let judged = guest.call(Method::POST, &path).json(&json!({"solved": solved})).send().await;
            assert_eq!(judged.status, 200);
        }
        server.clock.advance(1_000);
        guest.say("qwxz vbnm").await;
        guest.wait(2, |m| m["kind"] == "answer").await;
        let all = asked(&server, None, 10);
        let [first, second] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((first.text.as_str(), first.answered_by), ("i forgot my password", Some(AnsweredBy::Builtin)));
        assert_eq!(first.found[0].faq_id.to_string(), FAQS[0]);
        assert_eq!(Some(first.found[0].score), answer["faqs"][0]["score"].as_f64());
        assert_eq!((first.mode, first.solved, first.chosen_faq), (Some(Mode::Direct), Some(false), None));
        assert_eq!((second.mode, second.solved, second.handed_over), (Some(Mode::None), None, false));
        assert_eq!(guest.call(Method::POST, "/human").json(&json!({})).send().await.status, 200);
        let rest = asked(&server, Some((second.asked_at, second.event_id.clone())), 10);
        assert_eq!((rest.len(), &rest[0].event_id), (1, &first.event_id), "a page goes on before its oldest question");
        assert!(asked(&server, None, 10)[1].handed_over);
        assert_eq!(asked(&server, None, 1).len(), 1);
    }

    async fn how_each_faq_fares_is_counted(database) {
        let options = Options { by: "builtin", subscribed: false, ..Options::default() };
        let server = crate::admin::start(database, &options).await;
        let ada = crate::admin::token(&server, "ada").await;
        let usage = async || {
            let path = format!("/desks/{DESK}/faq-usage");
            crate::admin::by(&server, &ada, Method::GET, &path).send().await.json
        };
        assert_eq!(usage().await, json!({"days": 30, "questions": 0, "faqs": []}));
        for solved in [Some(true), Some(false), None] {
            let guest = server.guest().await;
            guest.say("i forgot my password").await;
            let answer = guest.wait(0, |m| m["kind"] == "answer").await;
            if let Some(solved) = solved {
                let path = format!("/messages/{}/feedback", answer["message_id"].as_str().unwrap());
                guest.call(Method::POST, &path).json(&json!({"solved": solved})).send().await;
            }
        }
        let lost = server.guest().await;
        lost.say("qwxz vbnm").await;
        lost.wait(0, |m| m["kind"] == "answer").await;
        let one = json!({"faq_id": FAQS[0], "answered": 3, "chosen": 0, "solved": 1, "not_solved": 1, "by_agents": 0});
        assert_eq!(usage().await, json!({"days": 30, "questions": 4, "faqs": [one]}));
        server.clock.advance(31 * 24 * 60 * 60 * 1_000);
        // Sessions are over by then, too.
        let ada = crate::admin::token(&server, "ada").await;
        let path = format!("/desks/{DESK}/faq-usage");
        let later = crate::admin::by(&server, &ada, Method::GET, &path).send().await.json;
        assert_eq!(later, json!({"days": 30, "questions": 0, "faqs": []}));
    }

    async fn an_app_answers_and_the_guest_chooses(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        let question = guest.ask("laptop or password").await;
        let faqs = json!([{"id": FAQS[1], "score": 0.5}, {"id": FAQS[0], "score": 0.4}]);
        server.answer(&question, &faqs).await.ok();
        let offer = guest.wait(0, |m| m["kind"] == "answer").await;
        let path = format!("/messages/{}/choose", offer["message_id"].as_str().unwrap());
        let chosen = guest.call(Method::POST, &path).json(&json!({"faq_id": FAQS[0]})).send().await;
        assert_eq!(chosen.status, 201);
        let all = asked(&server, None, 10);
        assert_eq!(all.len(), 1);
        let found: Vec<_> = all[0].found.iter().map(|m| (m.faq_id.to_string(), m.score)).collect();
        assert_eq!(found, [(FAQS[1].to_owned(), 0.5), (FAQS[0].to_owned(), 0.4)]);
        assert_eq!((all[0].answered_by, all[0].mode), (Some(AnsweredBy::App), Some(Mode::List)));
        assert_eq!(all[0].chosen_faq.map(|id| id.to_string()).as_deref(), Some(FAQS[0]));
    }
}
