//! Words that mean the same, found in answers that guests confirmed.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::{assert_on_record, assert_unchanged};
use testkit::server::{DESK, FAQS, OTHER_DESK};
use testkit::{Options, TestServer, on_both};

use crate::admin::{by, start, token};

/// Guests of their own ask, an app answers with a FAQ, and the guests say that it helped.
async fn helped(server: &TestServer, guests: usize, text: &str, faq: &str) {
    for _ in 0..guests {
        let guest = server.guest().await;
        let asked = guest.ask(text).await;
        server.answer(&asked, &json!([{"id": faq, "score": 0.9}])).await.ok();
        let answer = guest.wait(0, |m| m["kind"] == "answer").await;
        let path = format!("/messages/{}/feedback", answer["message_id"].as_str().unwrap());
        let judged = guest.call(Method::POST, &path).json(&json!({"solved": true})).send().await;
        assert_eq!(judged.status, 200, "{}", judged.json);
    }
}

fn path(desk: &str) -> String {
    format!("/desks/{desk}/synonyms")
}

/// The pairs of a word, as the admin API lists them.
async fn pairs(server: &TestServer, token: &str, word: &str) -> Vec<Value> {
    let list = by(server, token, Method::GET, &path(DESK)).send().await.json;
    let all = list["synonyms"].as_array().unwrap_or_else(|| panic!("{list}"));
    all.iter().filter(|pair| pair["word"] == word).cloned().collect()
}

/// The best FAQ for a text, if there is any, with what it shares with it.
async fn best(server: &TestServer, token: &str, text: &str) -> Option<Value> {
    let call = by(server, token, Method::POST, &format!("/desks/{DESK}/explain"));
    call.json(&json!({"text": text})).send().await.json["faqs"].get(0).cloned()
}

on_both! {
    async fn what_guests_call_otherwise_is_found_and_can_be_switched_off(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let app = server.running.app();
        let ada = token(&server, "ada").await;
        helped(&server, 5, "laptop", FAQS[1]).await;
        helped(&server, 5, "vpn", FAQS[2]).await;
        helped(&server, 2, "zigzag gone", FAQS[0]).await;
        let before = server.rows();
        assert_eq!(server::synonyms::round(app).await.unwrap(), 0, "two guests are no pattern");
        assert_unchanged(&before, &server.rows());
        assert_eq!(best(&server, &ada, "zigzag").await, None);
        // The third makes it one, which the worker finds within the hour.
        helped(&server, 1, "zigzag gone", FAQS[0]).await;
        server.clock.advance(3_600_000);
        let mut found = Vec::new();
        for _ in 0..100 {
            found = pairs(&server, &ada, "zigzag").await;
            if !found.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let means: Vec<&str> = found.iter().map(|pair| pair["means"].as_str().unwrap()).collect();
        assert_eq!(means, ["forgot", "password"]);
        assert_eq!((&found[0]["guests"], &found[0]["weight"], &found[0]["off"]), (&json!(3), &json!(1.0), &json!(false)));
        // From the next question on it finds the FAQ.
        let faq = best(&server, &ada, "zigzag").await.unwrap();
        assert_eq!(faq["faq_id"], FAQS[0]);
        let words = faq["words"].as_array().unwrap();
        assert!(words.iter().any(|w| w["word"] == "password" && w["said_as"] == json!(["zigzag"])), "{faq}");
        // Looking again changes nothing.
        let before = server.rows();
        assert_eq!(server::synonyms::round(app).await.unwrap(), 0);
        assert_unchanged(&before, &server.rows());
        // What is switched off is off at once, and stays off.
        let switch = |pair: &Value, off: bool| {
            let one = format!("{}/{}", path(DESK), pair["id"].as_str().unwrap());
            by(&server, &ada, Method::PATCH, &one).json(&json!({"off": off})).send()
        };
        for pair in &found {
            let off = switch(pair, true).await;
            assert_eq!((off.status, &off.json["off"]), (200, &json!(true)), "{}", off.json);
        }
        assert_on_record(app.db(), "admin_synonym.patch");
        assert_eq!(best(&server, &ada, "zigzag").await, None);
        assert_eq!(server::synonyms::round(app).await.unwrap(), 0);
        assert!(pairs(&server, &ada, "zigzag").await.iter().all(|pair| pair["off"] == true));
        switch(&found[1], false).await;
        assert_eq!(best(&server, &ada, "zigzag").await.unwrap()["faq_id"], FAQS[0]);
    }

    async fn only_who_runs_the_desk_sees_and_switches_pairs(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let [ada, bob, root] = [token(&server, "ada").await, token(&server, "bob").await, token(&server, "root").await];
        let before = server.rows();
        assert_eq!(by(&server, &root, Method::GET, &path(DESK)).send().await.json, json!({"synonyms": []}));
        by(&server, &bob, Method::GET, &path(DESK)).send().await.refused(403, 154_003);
        by(&server, &ada, Method::GET, &path(OTHER_DESK)).send().await.refused(404, 154_004);
        let one = format!("{}/6900000000000009999", path(DESK));
        let switch = |token: &str, body: Value| by(&server, token, Method::PATCH, &one).json(&body).send();
        switch(&ada, json!({"off": true})).await.refused(404, 154_004);
        switch(&bob, json!({"off": true})).await.refused(403, 154_003);
        switch(&ada, json!({})).await.refused(400, 99_992_402);
        assert_unchanged(&before, &server.rows());
    }
}
