//! FAQ categories and their thresholds.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::assert_only_on_record;
use testkit::server::{DESK, FAQS, OTHER_DESK};
use testkit::{Options, TestServer, on_both};

use super::{by, file, start, token};

fn path(desk: &str) -> String {
    format!("/desks/{desk}/categories")
}

/// The ids of the categories Accounts, Passwords (below it) and Hardware.
async fn ids(server: &TestServer, token: &str) -> [String; 3] {
    let tree = by(server, token, Method::GET, &path(DESK)).send().await.json;
    let id = |pointer: &str| tree.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
    [id("/categories/0/id"), id("/categories/0/children/0/id"), id("/categories/1/id")]
}

on_both! {
    async fn a_tree_shows_what_holds_and_who_says_so(database) {
        let server = start(database, &Options::default()).await;
        let ada = token(&server, "ada").await;
        let [accounts, passwords, hardware] = ids(&server, &ada).await;
        let desks = json!({"direct_score": 0.8, "list_score": 0.25});
        let plain = |id: &str, name: &str, children: Value| {
            json!({"id": id, "name": name, "effective": desks, "children": children})
        };
        let tree = by(&server, &ada, Method::GET, &path(DESK)).send().await.json;
        let expected = json!({"categories": [plain(&accounts, "Accounts", json!([plain(&passwords, "Passwords", json!([]))])),
                                             plain(&hardware, "Hardware", json!([]))]});
        assert_eq!(tree, expected);
        let one = |id: &str| format!("{}/{id}", path(DESK));
        let change = |id: &str, body: Value| by(&server, &ada, Method::PATCH, &one(id)).json(&body).send();
        let changed = change(&accounts, json!({"direct_score": 0.95, "list_score": 0.5})).await;
        assert_eq!(changed.status, 200, "{}", changed.json);
        let holds = json!({"direct_score": 0.95, "list_score": 0.5});
        let below = json!({"id": passwords, "name": "Passwords", "effective": holds, "children": []});
        let expected = json!({"category": {"id": accounts, "name": "Accounts", "direct_score": 0.95, "list_score": 0.5,
                                           "effective": holds, "children": [below]}});
        assert_eq!(changed.json, expected);
        change(&passwords, json!({"list_score": 0.1})).await;
        let read = by(&server, &ada, Method::GET, &one(&passwords)).send().await.json;
        assert_eq!(read["category"]["effective"], json!({"direct_score": 0.95, "list_score": 0.1}));
        assert_eq!((read["category"].get("direct_score"), &read["category"]["list_score"]), (None, &json!(0.1)));
        let inherits = change(&accounts, json!({"direct_score": null})).await.json;
        assert_eq!(inherits["category"]["effective"], json!({"direct_score": 0.8, "list_score": 0.5}));
        assert_eq!(inherits["category"]["children"][0]["effective"], json!({"direct_score": 0.8, "list_score": 0.1}));
    }

    async fn the_best_faqs_category_decides_how_it_is_shown(database) {
        let server = start(database, &Options { by: "builtin", ..Options::default() }).await;
        let ada = token(&server, "ada").await;
        let [accounts, passwords, _] = ids(&server, &ada).await;
        let change = |id: &str, body: Value| {
            by(&server, &ada, Method::PATCH, &format!("{}/{id}", path(DESK))).json(&body).send()
        };
        let explain = |text: &'static str| {
            by(&server, &ada, Method::POST, &format!("/desks/{DESK}/explain")).json(&json!({"text": text})).send()
        };
        let mode = async |text: &'static str| {
            let guest = server.guest().await;
            guest.say(text).await;
            let answer = guest.wait(0, |m| m["kind"] == "answer").await;
            assert_eq!(explain(text).await.json["answer"]["mode"], answer["mode"], "{text}");
            answer["mode"].as_str().unwrap().to_owned()
        };
        assert_eq!(mode("forgot password").await, "direct");
        // From above the FAQ's category, at once.
        change(&accounts, json!({"direct_score": 1.0})).await;
        assert_eq!(mode("forgot password").await, "list");
        let told = explain("forgot password").await.json["answer"].clone();
        assert_eq!((&told["direct_score"], &told["list_score"]), (&json!(1.0), &json!(0.25)));
        assert_eq!(told["category_id"], accounts);
        // Replays decide alike, also with other scores of the help desk.
        let replayed = async |body: Value| {
            let path = format!("/desks/{DESK}/replay");
            let told = by(&server, &ada, Method::POST, &path).json(&body).send().await;
            assert_eq!(told.status, 200, "{}", told.json);
            told.json["summary"].clone()
        };
        server.clock.advance(1_000);
        let summary = replayed(json!({"direct_score": 0.5, "list_score": 0.2, "list": "all"})).await;
        for when in ["now", "after"] {
            let counts = (&summary[when]["direct"], &summary[when]["list"]);
            assert_eq!(counts, (&json!(0), &json!(2)), "{when}: {summary}");
        }
        let path_of = format!("/desks/{DESK}/replay/thresholds");
        let graph = by(&server, &ada, Method::GET, &path_of).send().await.json;
        assert_eq!(graph["steps"][0]["list"]["questions"], 2, "whatever the help desk's score is: {graph}");
        // Other categories, and FAQs without one, are as they were.
        assert_eq!(mode("order a notebook").await, "direct");
        assert_eq!(mode("VPN 怎么连").await, "direct");
        assert_eq!(explain("VPN 怎么连").await.json["answer"].get("category_id"), None);
        change(&passwords, json!({"list_score": 1.0})).await;
        assert_eq!(mode("forgot password").await, "none");
        assert_eq!(explain("forgot password").await.json["answer"]["category_id"], passwords);
        change(&passwords, json!({"direct_score": 0.5, "list_score": null})).await;
        assert_eq!(mode("forgot password").await, "direct");
        // It holds for apps' answers, too.
        change(&passwords, json!({"direct_score": 0.95})).await;
        let guest = server.guest().await;
        let asked = guest.ask("something else").await;
        let answer = server.answer(&asked, &json!([{"id": FAQS[0], "score": 0.9}])).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        let shown = guest.wait(0, |m| m["answered_by"] == "app").await;
        assert_eq!(shown["mode"], "list");
    }

    async fn thresholds_are_checked_with_what_they_inherit(database) {
        let server = start(database, &Options::default()).await;
        let [ada, bob, root] = [token(&server, "ada").await, token(&server, "bob").await, token(&server, "root").await];
        let [accounts, passwords, _] = ids(&server, &ada).await;
        let one = |desk: &str, id: &str| format!("{}/{id}", path(desk));
        let change = |token: &str, id: &str, body: Value| {
            by(&server, token, Method::PATCH, &one(DESK, id)).json(&body).send()
        };
        assert_eq!(change(&root, &accounts, json!({"list_score": 0.6})).await.status, 200);
        let before = server.rows();
        for (id, body, why) in [
            (&accounts, json!({"direct_score": 1.1}), "direct_score"),
            (&accounts, json!({"list_score": 0.9}), "list_score"),
            (&passwords, json!({"direct_score": 0.5}), "list_score"),
        ] {
            let told = change(&ada, id, body).await.refused(400, 154_000);
            assert!(told.contains(why), "{told}");
        }
        change(&ada, &accounts, json!({"direct_score": "high"})).await.refused(400, 9_499);
        // The help desk's thresholds have to meet them, too.
        let answering = format!("/desks/{DESK}/answering");
        let lower = json!({"direct_score": 0.5});
        let told = by(&server, &ada, Method::PATCH, &answering).json(&lower).send().await.refused(400, 154_000);
        assert!(told.contains("list_score") && told.contains("Accounts"), "{told}");
        // What changes nothing writes nothing, and what is another's is not there.
        assert_eq!(change(&ada, &accounts, json!({})).await.status, 200);
        assert_eq!(change(&ada, &accounts, json!({"list_score": 0.6, "direct_score": null})).await.status, 200);
        change(&ada, "6900000000000009999", json!({})).await.refused(404, 154_004);
        change(&bob, &accounts, json!({})).await.refused(403, 154_003);
        for method in [Method::GET, Method::PATCH] {
            let call = by(&server, &ada, method, &one(OTHER_DESK, &accounts)).json(&json!({}));
            call.send().await.refused(404, 154_004);
        }
        by(&server, &ada, Method::GET, &path(OTHER_DESK)).send().await.refused(404, 154_004);
        assert_only_on_record(&before, &server.rows());
        change(&ada, &accounts, json!({"list_score": null})).await;
        assert_eq!(by(&server, &ada, Method::PATCH, &answering).json(&lower).send().await.status, 200);
    }

    async fn a_desk_file_keeps_them_and_the_open_api_does_not_show_them(database) {
        let options = Options::default();
        let mut wanted = file(&options);
        wanted["tenants"][0]["helpdesks"][0]["categories"][0]["direct_score"] = json!(0.9);
        let server = TestServer::with_file(database, &options, &wanted).await;
        let ada = token(&server, "ada").await;
        let [accounts, ..] = ids(&server, &ada).await;
        let read = || by(&server, &ada, Method::GET, &format!("{}/{accounts}", path(DESK))).send();
        assert_eq!(read().await.json["category"]["direct_score"], 0.9);
        let open = server.open_api(Method::GET, &format!("/categories/{accounts}")).send().await;
        assert_eq!((open.status, open.json["data"].get("direct_score")), (200, None), "{}", open.json);
        server.apply(&file(&options)).await;
        assert_eq!(read().await.json["category"]["direct_score"], 0.9);
    }
}
