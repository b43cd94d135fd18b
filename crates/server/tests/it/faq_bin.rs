//! The FAQs' recycle bin: deleted, restored, gone for good. And FAQs and categories member by member.

use std::time::Duration;

use desk::faq;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::assert_unchanged;
use testkit::server::{AGENT, FAQS, OTHER_FAQ, OWNER, USER};
use testkit::{Answer, Options, TestServer, on_both};

const DAY_MS: i64 = 86_400_000;

async fn delete(server: &TestServer, id: &str) {
    let agent = server.user_token(AGENT).await;
    server.open_api_as(&agent, Method::DELETE, &format!("/faqs/{id}")).send().await.ok();
}

async fn restore(server: &TestServer, id: &str, body: &Value) -> Answer {
    server.call(Method::POST, &format!("/dev/v1/faqs/{id}/restore")).json(body).send().await
}

async fn get(server: &TestServer, id: &str) -> Answer {
    server.open_api(Method::GET, &format!("/faqs/{id}")).send().await
}

async fn listed(server: &TestServer, status: &str) -> Value {
    server.open_api(Method::GET, &format!("/faqs?status={status}&page_size=100")).send().await.ok()
}

/// Waits until so many FAQs are gone for good.
async fn wait_gone(server: &TestServer, count: i64) -> Value {
    for _ in 0..600 {
        let gone = listed(server, "2").await;
        if gone["total"].as_i64() >= Some(count) {
            return gone;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the recycle bin was not emptied");
}

on_both! {
    async fn a_restored_faq_answers_at_once(database) {
        let options = Options { by: "builtin", ..Options::default() };
        let server = TestServer::with(database, &options).await;
        let answered = async || {
            let guest = server.guest().await;
            guest.say("How do I reset my password?").await;
            guest.wait(0, |m| m["kind"] == "answer").await["faqs"].clone()
        };
        assert_eq!(answered().await[0]["id"], FAQS[0]);
        delete(&server, FAQS[0]).await;
        assert!(answered().await.as_array().unwrap().iter().all(|f| f["id"] != FAQS[0]));
        let in_bin = get(&server, FAQS[0]).await.ok()["faq"].clone();
        let until = (server.clock.now_ms() + 30 * DAY_MS) / 1000;
        assert_eq!((&in_bin["expire_time"], &in_bin["update_user"]["id"]), (&json!(until), &json!(AGENT)));
        server.clock.advance(30 * DAY_MS - 1);
        let restored = restore(&server, FAQS[0], &json!({"open_id": AGENT})).await;
        assert_eq!((restored.status, restored.json), (200, json!({})));
        assert_eq!(answered().await[0]["id"], FAQS[0]);
        let back = get(&server, FAQS[0]).await.ok()["faq"].clone();
        assert!(back.get("expire_time").is_none(), "{back}");
        assert_eq!((&back["answer"], &back["categories"][0]["name"]), (&in_bin["answer"], &json!("Passwords")));
        assert_eq!(listed(&server, "0").await["total"], 0);
        assert_eq!(listed(&server, "1").await["total"], 3);
        // Its time begins anew with the next deletion.
        delete(&server, FAQS[0]).await;
        server.clock.advance(29 * DAY_MS);
        restore(&server, FAQS[0], &json!({})).await;
        assert_eq!(get(&server, FAQS[0]).await.ok()["faq"]["update_user"]["id"], OWNER, "the owner, if nobody is named");
    }

    async fn only_an_agent_restores_and_only_from_the_bin(database) {
        let server = TestServer::start(database).await;
        delete(&server, FAQS[1]).await;
        let before = server.rows();
        restore(&server, FAQS[1], &json!({"open_id": USER})).await.refused(403, 154_003);
        restore(&server, FAQS[1], &json!({"open_id": "ou_none"})).await.refused(404, 154_004);
        restore(&server, FAQS[1], &json!({"helpdesk_id": "6900000000000000002"})).await.refused(404, 154_004);
        restore(&server, FAQS[0], &json!({})).await.refused(400, 154_000);
        restore(&server, "6900000000000009999", &json!({})).await.refused(404, 154_004);
        restore(&server, "x", &json!({})).await.refused(404, 154_004);
        assert_unchanged(&before, &server.rows());
        restore(&server, FAQS[1], &json!({"helpdesk_id": "6900000000000000001"})).await;
        assert_eq!(listed(&server, "1").await["total"], 3);
    }

    async fn after_thirty_days_a_faq_is_gone_for_good(database) {
        let server = TestServer::start(database).await;
        let agent = server.user_token(AGENT).await;
        let picture = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==";
        let patch = json!({"faq": {"question": "How do I reset my password?",
                                   "answer_richtext": [{"type": "img", "src": picture}]}});
        let path = format!("/faqs/{}", FAQS[0]);
        server.open_api_as(&agent, Method::PATCH, &path).json(&patch).send().await.ok();
        let key = get(&server, FAQS[0]).await.ok()["faq"]["answer_richtext"][0]["key"].as_str().unwrap().to_owned();
        delete(&server, FAQS[0]).await;
        server.clock.advance(DAY_MS);
        delete(&server, FAQS[1]).await;
        server.clock.advance(29 * DAY_MS);
        let gone = wait_gone(&server, 1).await;
        assert_eq!((&gone["total"], &gone["items"][0]["id"]), (&json!(1), &json!(FAQS[0])));
        let left = &gone["items"][0];
        assert_eq!((&left["question"], &left["answer"]), (&json!("How do I reset my password?"), &json!("")));
        assert_eq!((&left["answer_richtext"], &left["tags"], &left["categories"]), (&json!([]), &json!([]), &json!([])));
        get(&server, FAQS[0]).await.refused(404, 154_004);
        server.open_api(Method::GET, &format!("{path}/image/{key}")).send().await.refused(404, 154_004);
        let agent = server.user_token(AGENT).await;
        server.open_api_as(&agent, Method::PATCH, &path).json(&patch).send().await.refused(404, 154_004);
        restore(&server, FAQS[0], &json!({})).await.refused(404, 154_004);
        assert!(server.rows()["faq_image"].is_empty(), "its pictures are gone too");
        // The other has its day left, and the worker wakes by itself when that is over.
        assert_eq!(listed(&server, "0").await["items"][0]["id"], FAQS[1]);
        server.clock.advance(DAY_MS);
        wait_gone(&server, 2).await;
        // Its category holds nothing any more.
        let categories = server.open_api(Method::GET, "/categories").send().await.ok()["categories"].clone();
        let hardware = categories.as_array().unwrap().iter().find(|c| c["name"] == "Hardware").unwrap();
        let path = format!("/categories/{}", hardware["id"].as_str().unwrap());
        let agent = server.user_token(AGENT).await;
        server.open_api_as(&agent, Method::DELETE, &path).send().await.ok();
    }

    async fn the_bin_is_emptied_in_bounded_steps_and_not_too_early(database) {
        let server = TestServer::start(database).await;
        for id in FAQS {
            delete(&server, id).await;
            server.clock.advance(1_000);
        }
        let app = server.running.app();
        let now = server.clock.now_ms();
        let purge = async |now: i64, limit: i64| {
            let work = app.write(move |tx, cx| {
                cx.now = now;
                Ok(faq::purge(tx, cx, limit)?)
            });
            work.await.unwrap()
        };
        let next = async || app.read(|tx, _| Ok(faq::next_purge(tx)?)).await.unwrap();
        assert_eq!(next().await, Some(now - 3_000 + faq::RESTORABLE_MS));
        assert_eq!(purge(now - 3_001 + faq::RESTORABLE_MS, 9).await, 0);
        assert_eq!(purge(now + faq::RESTORABLE_MS, 2).await, 2);
        assert_eq!(listed(&server, "0").await["items"][0]["id"], FAQS[2], "the oldest go first");
        assert_eq!(purge(now + faq::RESTORABLE_MS, 2).await, 1);
        assert_eq!(purge(now + faq::RESTORABLE_MS, 2).await, 0);
        assert_eq!(next().await, None);
    }

    async fn a_time_that_has_run_out_is_told_before_the_worker_comes(database) {
        let server = TestServer::start(database).await;
        delete(&server, FAQS[0]).await;
        let app = server.running.app();
        let helpdesk = std::sync::Arc::clone(&app.directory().helpdesks[&6_900_000_000_000_000_001]);
        let now = server.clock.now_ms();
        let late = app.write(move |tx, cx| {
            cx.now = now + faq::RESTORABLE_MS;
            faq::restore(tx, cx, &helpdesk, "u_bob", FAQS[0].parse().unwrap())
        });
        assert!(late.await.unwrap_err().to_string().contains("more than 30 days ago"));
    }

    async fn a_faq_has_every_member_of_the_reference(database) {
        let server = TestServer::start(database).await;
        let owner = server.user_token(OWNER).await;
        let tree = server.open_api(Method::GET, "/categories").send().await.ok();
        let category = tree["categories"].as_array().unwrap().iter().find(|c| c["name"] == "Hardware").unwrap().clone();
        let body = json!({"faq": {"question": "Where?", "answer": "Here.", "tags": ["when"], "category_id": category["id"]}});
        let made = server.open_api_as(&owner, Method::POST, "/faqs").json(&body).send().await.ok()["faq"].clone();
        let now = server.clock.now_ms() / 1000;
        let ada = json!({"id": OWNER, "name": "Ada", "city": "Berlin", "country": "DE"});
        assert_eq!(made, json!({
            "faq_id": made["id"], "id": made["id"], "helpdesk_id": "6900000000000000001", "question": "Where?",
            "answer": "Here.", "answer_richtext": [{"type": "text", "content": "Here."}], "create_time": now,
            "update_time": now, "categories": [category], "tags": ["when"], "update_user": ada, "create_user": ada}));
        let found = server.open_api(Method::GET, "/faqs/search?query=Where&page_size=1").send().await.ok();
        assert_eq!(found["items"][0], made);
        let path = format!("/faqs/{}", made["id"].as_str().unwrap());
        assert_eq!(server.open_api(Method::GET, &path).send().await.ok()["faq"], made);
        for (query, code) in [
            ("query=", 99_992_402),
            ("query=%20", 99_992_402),
            ("query=a&base64=yes", 99_992_402),
            ("query=%25&base64=true", 154_000),
            ("query=a&page_size=0", 99_992_402),
            ("query=a&page_token=x", 154_000),
        ] {
            server.open_api(Method::GET, &format!("/faqs/search?{query}")).send().await.refused(400, code);
        }
        let wrong = server.open_api(Method::GET, "/faqs?status=9").send().await;
        wrong.refused(400, 99_992_402);
        assert_eq!(wrong.json["error"]["field_violations"][0]["value"], "9");
        let before = server.rows();
        for (faq, field) in [
            (json!({"question": "Where?"}), "faq.answer"),
            (json!({"question": "Where?", "answer": " ", "answer_richtext": "[]"}), "faq.answer"),
            (json!({"question": "Where?", "answer_richtext": "x"}), "faq.answer_richtext"),
            (json!({"question": " ", "answer": "a"}), "faq.question"),
            (json!({"question": "Where?", "answer": "a", "category_id": "x"}), "faq.category_id"),
            (json!({"question": "Where?", "answer": "a", "category_id": made["id"]}), "faq.category_id"),
        ] {
            for (method, path) in [(Method::POST, "/faqs"), (Method::PATCH, path.as_str())] {
                let answer = server.open_api_as(&owner, method, path).json(&json!({"faq": faq})).send().await;
                answer.refused(400, 154_000);
                assert_eq!(answer.json["error"]["field_violations"][0]["field"], field, "{faq}");
            }
        }
        let answer = server.open_api_as(&owner, Method::PATCH, &path).json(&json!({"faq": {"answer": "a"}})).send().await;
        assert!(answer.refused(400, 99_992_402).contains("faq.question"));
        let malformed = server.open_api_as(&owner, Method::PATCH, "/faqs/x").json(&body).send().await;
        malformed.refused(400, 154_000);
        server.open_api_as(&owner, Method::DELETE, "/faqs/x").send().await.refused(404, 154_004);
        server.open_api_as(&owner, Method::DELETE, &format!("/faqs/{OTHER_FAQ}")).send().await.refused(404, 154_004);
        assert_unchanged(&before, &server.rows());
    }

    async fn a_categorys_language_is_short_or_none(database) {
        let server = TestServer::start(database).await;
        let owner = server.user_token(OWNER).await;
        let create = |body: Value| server.open_api_as(&owner, Method::POST, "/categories").json(&body).send();
        let made = create(json!({"name": "A", "parent_id": "0", "language": " "})).await.ok()["category"].clone();
        let members = ["category_id", "helpdesk_id", "id", "name", "parent_id"];
        assert_eq!(made.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), members);
        create(json!({"name": "B", "parent_id": "0", "language": "zh_cn"})).await.ok();
        let before = server.rows();
        create(json!({"name": "C", "parent_id": "0", "language": "x".repeat(21)})).await.refused(400, 154_000);
        create(json!({"parent_id": "0"})).await.refused(400, 99_992_402);
        create(json!({"name": "C", "parent_id": "x"})).await.refused(400, 154_000);
        assert_unchanged(&before, &server.rows());
        let english = server.open_api(Method::GET, "/categories?lang=en_us&order_by=1&asc=False").send().await.ok();
        let names: Vec<&str> = english["categories"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
        assert!(names.contains(&"A") && !names.contains(&"B"), "{names:?}");
        server.open_api(Method::GET, "/categories?order_by=2").send().await.refused(400, 99_992_402);
    }
}
