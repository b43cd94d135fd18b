//! Past questions and kept cases, answered again with other FAQs and scores.

use std::sync::Arc;

use desk::replay::{Rest, Text, whole, word};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::{assert_only_on_record, assert_unchanged};
use testkit::server::{DESK, FAQS, OTHER_DESK, OTHER_FAQ};
use testkit::{Answer, Database, Options, TestServer, on_both};

use crate::admin::{by, start, token};

/// Shares no word with a FAQ.
const STRANGE: &str = "qwxz vbnm";

async fn desk(database: Database) -> TestServer {
    start(database, &Options { by: "builtin", subscribed: false, ..Options::default() }).await
}

/// A call under the help desk's path.
async fn call(server: &TestServer, who: &str, method: Method, path: &str, body: Value) -> Answer {
    by(server, who, method, &format!("/desks/{DESK}/{path}")).json(&body).send().await
}

async fn replay(server: &TestServer, who: &str, body: Value) -> Value {
    let answer = call(server, who, Method::POST, "replay", body).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json
}

/// A guest of their own asks; says whether the answer helped, if that is told. Answers the answer.
async fn ask(server: &TestServer, text: &str, solved: Option<bool>) -> Value {
    let guest = server.guest().await;
    guest.say(text).await;
    let answer = guest.wait(0, |m| m["kind"] == "answer").await;
    if let Some(solved) = solved {
        let path = format!("/messages/{}/feedback", answer["message_id"].as_str().unwrap());
        let judged = guest.call(Method::POST, &path).json(&json!({"solved": solved})).send().await;
        assert_eq!(judged.status, 200, "{}", judged.json);
    }
    answer
}

/// How the live engine ranks, to the last bit.
async fn ranked(server: &TestServer) -> Vec<(i64, u64)> {
    let app = server.running.app();
    let desk = Arc::clone(&app.directory().helpdesks[&DESK.parse().unwrap()]);
    let hits = app.engines().rank(app, &desk, "forgot password of the laptop", 10).await.unwrap();
    hits.iter().map(|hit| (hit.id, hit.score.to_bits())).collect()
}

/// Waits until the live engine has learnt from its FAQs, so that it ranks as it will.
async fn settled(server: &TestServer) -> Vec<(i64, u64)> {
    let first = ranked(server).await;
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        if ranked(server).await != first {
            return ranked(server).await;
        }
    }
    first
}

fn counts(of: &Value) -> [i64; 7] {
    ["direct", "list", "none", "solved", "missed", "wrong", "unknown"].map(|key| of[key].as_i64().unwrap())
}

on_both! {
    async fn a_replay_compares_then_now_and_after(database) {
        let server = desk(database).await;
        let ada = token(&server, "ada").await;
        let live = settled(&server).await;
        assert_eq!(ask(&server, "i forgot my password", Some(true)).await["mode"], "direct");
        assert_eq!(ask(&server, "How do I connect to the VPN?", Some(false)).await["mode"], "direct");
        assert_eq!(ask(&server, STRANGE, None).await["mode"], "none");
        let before = server.rows();
        let as_it_is = replay(&server, &ada, json!({})).await;
        let summary = &as_it_is["summary"];
        assert_eq!((&summary["questions"], &summary["known"], &summary["changed"]), (&json!(3), &json!(2), &json!(0)));
        assert_eq!(counts(&summary["now"]), [2, 0, 1, 1, 1, 1, 0]);
        assert_eq!(summary["now"], summary["then"]);
        assert_eq!(summary.get("after"), None);
        for (verdict, text) in [("solved", "i forgot my password"), ("wrong", "How do I connect to the VPN?"), ("missed", STRANGE)] {
            let listed = replay(&server, &ada, json!({"list": verdict})).await["questions"].clone();
            assert_eq!((listed.as_array().unwrap().len(), &listed[0]["text"]), (1, &json!(text)), "{verdict}: {listed}");
        }
        assert_eq!(replay(&server, &ada, json!({"list": "unknown"})).await["questions"], json!([]));
        assert_eq!((&as_it_is["complete"], &as_it_is["questions"]), (&json!(true), &json!([])));
        // A FAQ for what nobody knew, another answer gone, and the first one kept.
        let body = json!({"faqs": [{"question": STRANGE, "answer": "A new one."}], "deleted": [FAQS[2]]});
        let tried = replay(&server, &ada, body).await;
        let summary = &tried["summary"];
        let after = counts(&summary["after"]);
        assert_eq!((after[3], after[5]), (1, 0), "{summary}");
        assert_eq!((&summary["changed"], &summary["better"], &summary["worse"]), (&json!(2), &json!(1), &json!(0)));
        let listed = tried["questions"].as_array().unwrap();
        let strange = listed.iter().find(|q| q["text"] == STRANGE).unwrap();
        assert_eq!((&strange["now"]["mode"], &strange["now"]["verdict"]), (&json!("none"), &json!("missed")));
        let best = &strange["after"]["faqs"][0];
        assert_eq!((&strange["after"]["mode"], &best["id"]), (&json!("direct"), &json!("faqs[0]")));
        assert_eq!((&best["question"], &strange["then"]["mode"]), (&json!(STRANGE), &json!("none")));
        let vpn = listed.iter().find(|q| q["text"] != STRANGE).unwrap();
        assert_eq!((&vpn["wrong"]["id"], &vpn["now"]["verdict"]), (&json!(FAQS[2]), &json!("wrong")));
        assert_eq!(vpn["wrong"]["question"], "How do I connect to the VPN?");
        // An edit of a FAQ that gives up a question it answers.
        let body = json!({"faqs": [{"id": FAQS[0], "question": "Badges", "similar": [], "answer": "Ask at the gate."}], "list": "worse"});
        let tried = replay(&server, &ada, body).await;
        assert_eq!(tried["summary"]["worse"], 1);
        assert_eq!((&tried["questions"][0]["right"]["id"], &tried["questions"][0]["right_by"]), (&json!(FAQS[0]), &json!("solved")));
        assert_eq!(tried["questions"].as_array().unwrap().len(), 1);
        // Nothing of all this has happened.
        assert_unchanged(&before, &server.rows());
        assert_eq!(ranked(&server).await, live, "the live index is as it was");
    }

    async fn a_whole_list_is_told_apart_from_what_is_online(database) {
        let server = desk(database).await;
        let ada = token(&server, "ada").await;
        let body = json!({"faq": {"question": "Where is the printer?", "answer": "Floor 1."}});
        let made = call(&server, &ada, Method::POST, "faqs", body).await.json;
        let by_hand: i64 = made["faq"]["id"].as_str().unwrap().parse().unwrap();
        let [password, laptop, vpn] = FAQS.map(|id| id.parse::<i64>().unwrap());
        let text = |question: &str, similar: &[&str], answer: &str| Text {
            question: question.into(),
            similar: similar.iter().map(ToString::to_string).collect(),
            answer: answer.into(),
        };
        let list = vec![
            // As it is, found by its question; changed, by its id; new.
            (None, text("How do I connect to the VPN?", &["VPN 怎么连"], "Install the client and sign in.")),
            (Some(FAQS[1].to_owned()), text("Laptops", &[], "Ask.")),
            (None, text("Badges", &[], "At the gate.")),
        ];
        let app = server.running.app();
        let desk = Arc::clone(&app.directory().helpdesks[&DESK.parse().unwrap()]);
        for (rest, gone) in [(Rest::MadeByHandStays, vec![password]), (Rest::Goes, vec![password, by_hand])] {
            let (its, list) = (Arc::clone(&desk), list.clone());
            let difference = app.db().read_blocking(move |tx| whole(tx, &its, list.clone(), rest)).unwrap();
            let put: Vec<(i64, &str)> =
                difference.put.iter().map(|put| (put.id, put.text.question.as_str())).collect();
            assert_eq!(put, [(laptop, "Laptops"), (-3, "Badges")]);
            assert_eq!(word(-3), "faqs[2]");
            assert!(!difference.remove.contains(&vpn));
            assert_eq!(difference.remove, gone);
        }
    }

    async fn other_scores_change_how_answers_are_shown(database) {
        let server = desk(database).await;
        let ada = token(&server, "ada").await;
        for _ in 0..3 {
            ask(&server, "i forgot my password", Some(true)).await;
        }
        let tried = replay(&server, &ada, json!({"direct_score": 1.0, "page_size": 2})).await;
        assert_eq!(counts(&tried["summary"]["now"])[0], 3);
        assert_eq!(counts(&tried["summary"]["after"]), [0, 3, 0, 3, 0, 0, 0]);
        assert_eq!((&tried["summary"]["changed"], &tried["summary"]["worse"]), (&json!(3), &json!(0)));
        assert_eq!((tried["questions"].as_array().unwrap().len(), &tried["has_more"]), (2, &json!(true)));
        let rest = json!({"direct_score": 1.0, "page_size": 2, "page_token": tried["page_token"]});
        let rest = replay(&server, &ada, rest).await;
        assert_eq!((rest["questions"].as_array().unwrap().len(), &rest["has_more"]), (1, &json!(false)));
        assert_eq!((rest.get("summary"), rest.get("page_token")), (None, None));
        let seen = |page: &Value| -> Vec<String> {
            page["questions"].as_array().unwrap().iter().map(|q| q["event_id"].to_string()).collect()
        };
        let all: std::collections::BTreeSet<String> = [seen(&tried), seen(&rest)].concat().into_iter().collect();
        assert_eq!(all.len(), 3, "no question twice");
        let newest = replay(&server, &ada, json!({"limit": 2, "list": "all"})).await;
        assert_eq!((&newest["summary"]["questions"], &newest["complete"]), (&json!(2), &json!(false)));
        let earlier = replay(&server, &ada, json!({"from": 0, "until": 1})).await;
        assert_eq!((&earlier["summary"]["questions"], &earlier["complete"]), (&json!(0), &json!(true)));
        let graph = call(&server, &ada, Method::GET, "replay/thresholds", json!({})).await.json;
        assert_eq!((&graph["questions"], &graph["known"], &graph["direct_score"]), (&json!(3), &json!(3), &json!(0.8)));
        let steps = graph["steps"].as_array().unwrap();
        assert_eq!((steps.len(), &steps[16]["direct_score"]), (21, &json!(0.8)));
        assert_eq!((&steps[16]["direct"]["solved"], &steps[16]["list"]["questions"]), (&json!(3), &json!(0)));
        assert_eq!((&steps[20]["direct"]["questions"], &steps[20]["list"]["solved"]), (&json!(0), &json!(3)));
        let bands = graph["bands"].as_array().unwrap();
        assert_eq!((bands.len(), &bands[7]["score"], &bands[100]["score"]), (101, &json!(0.07), &json!(1.0)));
        let above = |score: f64| bands.iter().filter(move |band| band["score"].as_f64().unwrap() >= score);
        let direct: i64 = above(0.8).map(|band| band["direct"]["solved"].as_i64().unwrap()).sum();
        let all: i64 = above(0.0).map(|band| band["none"]["missed"].as_i64().unwrap()).sum();
        assert_eq!((direct, all), (3, 3), "{bands:?}");
    }

    async fn a_server_replays_one_thing_at_a_time(database) {
        let server = desk(database).await;
        let ada = token(&server, "ada").await;
        let turn = server.running.app().replays().take().unwrap();
        for (method, path) in
            [(Method::POST, "replay"), (Method::GET, "replay/thresholds"), (Method::POST, "cases/run")]
        {
            let refused = call(&server, &ada, method, path, json!({})).await;
            assert!(refused.refused(503, 155_000).contains("one at a time"));
        }
        drop(turn);
        for _ in 0..2 {
            replay(&server, &ada, json!({})).await;
        }
    }

    async fn what_cannot_be_tried_is_refused(database) {
        let server = desk(database).await;
        let ada = token(&server, "ada").await;
        for (body, field) in [
            (json!({"direct_score": 1.1}), "direct_score"),
            (json!({"list_score": 0.9}), "list_score"),
            (json!({"list_size": 0}), "list_size"),
            (json!({"from": 5, "until": 5}), "from"),
            (json!({"faqs": [{"answer": "x"}]}), "faqs[0].question"),
            (json!({"faqs": [{"question": "x"}, {"question": "x", "similar": ["y".repeat(1_001)]}]}), "faqs[1].similar[0]"),
            (json!({"faqs": [{"id": FAQS[0]}, {"id": FAQS[0]}]}), "faqs[1].id"),
            (json!({"faqs": [{"id": FAQS[0]}], "deleted": [FAQS[0]]}), "deleted[0]"),
            (json!({"page_token": "x"}), "page_token"),
            (json!({"page_token": "1.0.x"}), "page_token"),
        ] {
            let why = call(&server, &ada, Method::POST, "replay", body).await.refused(400, 154_000);
            assert!(why.contains(field), "{why}");
        }
        for limit in [0, 10_001] {
            call(&server, &ada, Method::POST, "replay", json!({"limit": limit})).await.refused(400, 99_992_402);
            let path = format!("replay/thresholds?limit={limit}");
            call(&server, &ada, Method::GET, &path, json!({})).await.refused(400, 99_992_402);
        }
        for unknown in ["1", "x", OTHER_FAQ] {
            for body in [json!({"faqs": [{"id": unknown}]}), json!({"deleted": [unknown]})] {
                call(&server, &ada, Method::POST, "replay", body).await.refused(404, 154_004);
            }
        }
        assert!(server.running.app().replays().take().is_some(), "a refused call keeps no turn");
    }

    async fn cases_are_kept_and_tried(database) {
        let server = desk(database).await;
        let ada = token(&server, "ada").await;
        let make = |body: Value| call(&server, &ada, Method::POST, "cases", body);
        ask(&server, "i forgot my password", Some(true)).await;
        ask(&server, STRANGE, None).await;
        let past = replay(&server, &ada, json!({"list": "all"})).await;
        let event = |text: &str| {
            let found = past["questions"].as_array().unwrap().iter().find(|q| q["text"] == text).unwrap();
            found["event_id"].as_str().unwrap().to_owned()
        };
        // From a question whose right FAQ is known; of another it has to be said.
        let made = make(json!({"event_id": event("i forgot my password"), "note": "often asked"})).await;
        assert_eq!((made.status, &made.json["wanted"]), (201, &json!(FAQS[0])), "{}", made.json);
        assert_eq!((&made.json["text"], &made.json["created_by"]["name"]), (&json!("i forgot my password"), &json!("Ada")));
        assert_eq!(made.json["wanted_question"], "How do I reset my password?");
        assert!(make(json!({"event_id": event(STRANGE)})).await.refused(400, 154_000).contains("wanted"));
        make(json!({"event_id": event(STRANGE), "wanted": "nothing"})).await;
        let third = make(json!({"text": "VPN 怎么连", "wanted": FAQS[2]})).await.json;
        let list = |query: &'static str| call(&server, &ada, Method::GET, query, json!({}));
        let first = list("cases?page_size=2").await.json;
        assert_eq!((first["cases"].as_array().unwrap().len(), &first["total"], &first["has_more"]), (2, &json!(3), &json!(true)));
        let path = format!("cases?page_size=2&page_token={}", first["page_token"].as_str().unwrap());
        let rest = call(&server, &ada, Method::GET, &path, json!({})).await.json;
        assert_eq!((&rest["cases"], rest.get("page_token")), (&json!([third]), None));

        let run = |body: Value| call(&server, &ada, Method::POST, "cases/run", body);
        let passed = run(json!({})).await.json;
        assert_eq!(passed, json!({"cases": 3, "passed": 3, "failed": []}));
        let body = json!({"faqs": [{"question": STRANGE}], "deleted": [FAQS[2]]});
        let failed = run(body).await.json;
        assert_eq!((&failed["cases"], &failed["passed"]), (&json!(3), &json!(1)), "{failed}");
        let why = |i: usize| (failed["failed"][i]["case"]["text"].clone(), failed["failed"][i]["why"].clone());
        assert_eq!(why(0), (json!(STRANGE), json!("something is shown, and nothing may be")));
        assert_eq!(failed["failed"][0]["shown"]["faqs"][0]["question"], STRANGE);
        assert_eq!(why(1), (json!("VPN 怎么连"), json!("the wanted FAQ is not online")));
        assert_eq!(["fault", "why"].map(|key| failed["failed"][0][key].is_string()), [true; 2]);
        assert_eq!(failed["failed"][1]["fault"], "gone");

        let one = format!("cases/{}", third["case_id"].as_str().unwrap());
        let changed = call(&server, &ada, Method::PATCH, &one, json!({"wanted": FAQS[1], "note": " why "})).await.json;
        assert_eq!((&changed["wanted"], &changed["note"], &changed["text"]), (&json!(FAQS[1]), &json!("why"), &third["text"]));
        let failed = run(json!({})).await.json;
        assert_eq!(failed["failed"][0]["why"], "the direct answer is another FAQ's");
        call(&server, &ada, Method::DELETE, &one, json!({})).await;
        call(&server, &ada, Method::DELETE, &one, json!({})).await.refused(404, 154_004);
        assert_eq!(run(json!({})).await.json["passed"], 2);
    }

    async fn a_wrong_case_is_refused_and_nothing_is_written(database) {
        let server = desk(database).await;
        let ada = token(&server, "ada").await;
        let made = call(&server, &ada, Method::POST, "cases", json!({"text": "VPN?", "wanted": FAQS[2]})).await.json;
        let other = call(&server, &ada, Method::POST, "cases", json!({"text": "Laptop?", "wanted": FAQS[1]})).await.json;
        let before = server.rows();
        for (body, field) in [
            (json!({"wanted": "nothing"}), "text"),
            (json!({"text": "  ", "wanted": "nothing"}), "text"),
            (json!({"text": "x".repeat(1_001), "wanted": "nothing"}), "text"),
            (json!({"text": "x"}), "wanted"),
            (json!({"text": "x", "wanted": "something"}), "wanted"),
            (json!({"text": "x", "wanted": OTHER_FAQ}), "wanted"),
            (json!({"text": "x", "wanted": "nothing", "note": "x".repeat(1_001)}), "note"),
            (json!({"text": " VPN? ", "wanted": "nothing"}), made["case_id"].as_str().unwrap()),
        ] {
            let why = call(&server, &ada, Method::POST, "cases", body).await.refused(400, 154_000);
            assert!(why.contains(field), "{why}");
        }
        let unknown = "018bcfe5-6800-7000-8000-000000000000";
        for event_id in [unknown, "x"] {
            let body = json!({"event_id": event_id, "wanted": "nothing"});
            call(&server, &ada, Method::POST, "cases", body).await.refused(404, 154_004);
        }
        let one = format!("cases/{}", other["case_id"].as_str().unwrap());
        let why = call(&server, &ada, Method::PATCH, &one, json!({"text": "VPN?"})).await.refused(400, 154_000);
        assert!(why.contains(made["case_id"].as_str().unwrap()), "{why}");
        call(&server, &ada, Method::PATCH, &one, json!({"wanted": FAQS[1]})).await;
        assert_only_on_record(&before, &server.rows());
    }

    async fn others_have_no_replays_and_no_cases(database) {
        let server = desk(database).await;
        let [ada, bob, root] = [token(&server, "ada").await, token(&server, "bob").await, token(&server, "root").await];
        let body = json!({"text": "Who?", "wanted": "nothing"});
        let made = call(&server, &ada, Method::POST, "cases", body.clone()).await.json;
        let one = format!("cases/{}", made["case_id"].as_str().unwrap());
        let before = server.rows();
        for (path, methods) in [
            ("replay", &[Method::POST][..]),
            ("replay/thresholds", &[Method::GET]),
            ("cases", &[Method::GET, Method::POST]),
            ("cases/run", &[Method::POST]),
            (&one, &[Method::PATCH, Method::DELETE]),
        ] {
            for method in methods {
                call(&server, &bob, method.clone(), path, body.clone()).await.refused(403, 154_003);
                let other = format!("/desks/{OTHER_DESK}/{path}");
                by(&server, &ada, method.clone(), &other).json(&body).send().await.refused(404, 154_004);
            }
        }
        let elsewhere = format!("/desks/{OTHER_DESK}/{one}");
        by(&server, &root, Method::DELETE, &elsewhere).send().await.refused(404, 154_004);
        assert_unchanged(&before, &server.rows());
        replay(&server, &root, json!({})).await;
    }
}
