//! Why a question is answered as it is.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::assert_unchanged;
use testkit::server::{DESK, FAQS, OTHER_DESK, OTHER_FAQ};
use testkit::{Options, on_both};

use super::{by, start, token};

fn path(desk: &str) -> String {
    format!("/desks/{desk}/explain")
}

on_both! {
    async fn a_question_is_explained_as_it_is_answered(database) {
        let server = start(database, &Options { by: "builtin", ..Options::default() }).await;
        let ada = token(&server, "ada").await;
        let before = server.rows();
        let ask = json!({"text": "i forgot my passwort, zzyzx"});
        // What the desk learns comes in the background and changes scores: not between an explanation and an answer.
        let mut told = by(&server, &ada, Method::POST, &path(DESK)).json(&ask).send().await;
        for _ in 0..600 {
            if told.json["faqs"][0]["learned"].is_number() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            told = by(&server, &ada, Method::POST, &path(DESK)).json(&ask).send().await;
        }
        assert_eq!(told.status, 200, "{}", told.json);
        assert!(told.json["faqs"][0]["learned"].is_number(), "{}", told.json);
        assert_unchanged(&before, &server.rows());
        let told = told.json;
        assert_eq!((&told["answer"]["direct_score"], &told["answer"]["list_score"]), (&json!(0.8), &json!(0.25)));
        let word = |name: &str| told["words"].as_array().unwrap().iter().find(|w| w["word"] == name).cloned().unwrap();
        assert_eq!(word("zzyzx")["known"], false);
        assert_eq!((&word("forgot")["known"], &word("forgot")["in_questions"]), (&json!(true), &json!(1)));
        assert!(told["unknown"].as_f64().unwrap() > 0.2);
        let first = &told["faqs"][0];
        assert_eq!((&first["faq_id"], &first["question"]), (&json!(FAQS[0]), &json!("How do I reset my password?")));
        let matched = json!({"by": "similar_question", "number": 1, "text": "forgot password", "exact": false});
        assert_eq!(first["matched"], matched);
        assert!(first["words"].as_array().unwrap().iter().any(|w| w["word"] == "forgot" && w["in_question"] == true));
        assert!(first["grams"].as_array().unwrap().iter().any(|g| g["gram"].as_str().unwrap().contains("passw")));
        assert_eq!(first.get("similarity"), None);
        let sum: f64 =
            first["features"].as_array().unwrap().iter().map(|f| f["contribution"].as_f64().unwrap()).sum();
        let score = first["score"].as_f64().unwrap();
        assert!((0.98 / (1.0 + (-sum).exp()) - score).abs() < 1e-9);
        let second = &told["faqs"][1];
        assert_eq!(first["runner_up"]["faq_id"], second["faq_id"]);
        assert_eq!(first["runner_up"]["question"], second["question"]);
        let margin = score - second["score"].as_f64().unwrap();
        assert!((first["margin"].as_f64().unwrap() - margin).abs() < 1e-12);
        // A guest who asks the same gets just that.
        let guest = server.guest().await;
        guest.say("i forgot my passwort, zzyzx").await;
        let answer = guest.wait(0, |m| m["kind"] == "answer").await;
        assert_eq!(answer["mode"], told["answer"]["mode"]);
        let shown: Vec<&Value> = answer["faqs"].as_array().unwrap().iter().map(|f| &f["id"]).collect();
        assert_eq!(shown, told["answer"]["faq_ids"].as_array().unwrap().iter().collect::<Vec<_>>());
        assert_eq!(answer["faqs"][0]["score"], first["score"]);
        // And the ticket keeps why.
        let steps = server.timeline(answer["ticket_id"].as_str().unwrap()).await;
        let step = steps.iter().find(|s| s["kind"] == "builtin_answered").unwrap();
        let why = &step["detail"]["explanation"];
        assert_eq!((&why["faq_id"], &why["score"], &why["margin"]), (&first["faq_id"], &first["score"], &first["margin"]));
        assert_eq!((&why["matched"], &why["similar"]), (&json!("similar_question"), &json!(1)));
        assert_eq!((&why["text"], &why["runner_up"]["faq_id"]), (&json!("forgot password"), &second["faq_id"]));
        assert_eq!(why["words"][0]["word"], first["words"][0]["word"]);
    }

    async fn each_way_to_answer_is_foreseen(database) {
        let server = start(database, &Options { by: "builtin", ..Options::default() }).await;
        let ada = token(&server, "ada").await;
        for (text, mode, first) in [
            ("forgot password", "direct", Some(FAQS[0])),
            ("laptop vpn", "list", None),
            ("which planet is largest?", "none", None),
        ] {
            let told = by(&server, &ada, Method::POST, &path(DESK)).json(&json!({"text": text})).send().await.json;
            assert_eq!(told["answer"]["mode"], mode, "{text}: {told}");
            assert_eq!(told["answer"]["faq_ids"].as_array().unwrap().is_empty(), mode == "none", "{told}");
            if let Some(first) = first {
                assert_eq!(told["answer"]["faq_ids"][0], first);
            }
        }
        // A FAQ that has nothing to do with it is explained if it is named.
        let ask = json!({"text": "forgot password", "faq_id": FAQS[2], "limit": 1});
        let told = by(&server, &ada, Method::POST, &path(DESK)).json(&ask).send().await.json;
        let ids: Vec<&Value> = told["faqs"].as_array().unwrap().iter().map(|f| &f["faq_id"]).collect();
        assert_eq!(ids, [&json!(FAQS[0]), &json!(FAQS[2])]);
        assert!(told["faqs"][1]["margin"].as_f64().unwrap() < 0.0);
        assert_eq!(told["faqs"][1]["runner_up"]["faq_id"], FAQS[0]);
    }

    async fn what_is_asked_is_checked_and_only_who_runs_the_desk_may_ask(database) {
        let server = start(database, &Options { by: "builtin", ..Options::default() }).await;
        let [ada, bob, root] = [token(&server, "ada").await, token(&server, "bob").await, token(&server, "root").await];
        let before = server.rows();
        let ask = |token: &str, desk: &str, body: &Value| {
            by(&server, token, Method::POST, &path(desk)).json(body).send()
        };
        let longest = "a".repeat(2_000);
        for (body, code, field) in [
            (json!({}), 154_000, "text"),
            (json!({"text": " "}), 154_000, "text"),
            (json!({"text": format!("{longest}a")}), 154_000, "text"),
            (json!({"text": "x", "limit": 0}), 99_992_402, "limit"),
            (json!({"text": "x", "limit": 21}), 99_992_402, "limit"),
            (json!({"text": "x", "faq_id": "x"}), 154_000, "faq_id"),
        ] {
            let why = ask(&ada, DESK, &body).await.refused(400, code);
            assert!(why.contains(field), "{why}");
        }
        assert_eq!(ask(&ada, DESK, &json!({"text": longest, "limit": 20})).await.status, 200);
        let other = json!({"text": "x", "faq_id": OTHER_FAQ});
        ask(&ada, DESK, &other).await.refused(404, 154_004);
        let body = json!({"text": "holidays"});
        assert_eq!(ask(&root, OTHER_DESK, &body).await.json["faqs"][0]["faq_id"], OTHER_FAQ);
        ask(&ada, OTHER_DESK, &body).await.refused(404, 154_004);
        ask(&bob, DESK, &body).await.refused(403, 154_003);
        assert_unchanged(&before, &server.rows());
    }
}
