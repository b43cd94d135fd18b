//! The open API beside `answer_user_query`.

use base64::Engine as _;
use reqwest::Method;
use serde_json::{Value, json};
use server::settings::Mode;
use testkit::server::{
    AGENT, APP, APP_READER, APP_STORE, DESK, FAQS, OTHER_DESK, OTHER_TOKEN, OWNER, USER, desk_header,
};
use testkit::{Options, TestServer, on_both};

async fn token_answer(server: &TestServer, path: &str, body: &Value) -> testkit::Answer {
    server.call(Method::POST, path).json(body).send().await
}

on_both! {
    async fn tokens_are_the_same_while_half_an_hour_is_left_and_live_on_over_a_restart(database) {
        let options = Options::default();
        let server = TestServer::with(database, &options).await;
        let body = json!({"app_id": APP, "app_secret": "secret"});
        let path = "/open-apis/auth/v3/tenant_access_token/internal";
        let first = token_answer(&server, path, &body).await;
        assert_eq!((first.status, &first.json["msg"], &first.json["expire"]), (200, &json!("ok"), &json!(7200)));
        let token = first.json["tenant_access_token"].as_str().unwrap().to_owned();
        let slashed = token_answer(&server, "/open-apis/auth/v3/app_access_token/internal/", &body).await;
        assert_eq!((&slashed.json["app_access_token"], &slashed.json["tenant_access_token"]), (&json!(token), &json!(token)));
        server.clock.advance(5_400_000);
        let same = token_answer(&server, path, &body).await;
        assert_eq!((&same.json["tenant_access_token"], &same.json["expire"]), (&json!(token), &json!(1800)));
        let server = server.restart(&options).await;
        server.clock.advance(1);
        let next = token_answer(&server, path, &body).await;
        assert_ne!(next.json["tenant_access_token"], json!(token));
        server.open_api_as(&token, Method::GET, "/tickets").send().await.ok();
        for (body, code) in [
            (json!({"app_id": APP, "app_secret": "wrong"}), 10_014),
            (json!({"app_id": "cli_0000000000000000", "app_secret": "secret"}), 10_003),
            (json!({"app_id": "x", "app_secret": "secret"}), 10_003),
            (json!({"app_id": APP}), 10_003),
        ] {
            let refused = token_answer(&server, path, &body).await;
            assert_eq!((refused.status, refused.code()), (200, code), "{body}");
        }
        // Python sends no content type.
        let bare = server.call(Method::POST, path).raw(body.to_string()).send().await;
        assert_eq!(bare.code(), 0);
    }

    async fn start_service_begins_at_the_bot_or_at_a_human(database) {
        let server = TestServer::start(database).await;
        let start = |body: Value| server.open_api(Method::POST, "/start_service").json(&body).send();
        let bot = start(json!({"open_id": USER, "customized_info": "from the intranet"})).await.ok();
        assert!(bot["chat_id"].as_str().unwrap().starts_with("oc_"));
        assert!(bot.get("ticket_id").is_none(), "a bot's ticket has no id in the answer");
        let human = start(json!({"open_id": USER, "human_service": true, "appointed_agents": [AGENT]})).await.ok();
        assert_eq!(human["chat_id"], bot["chat_id"]);
        let id = human["ticket_id"].as_str().unwrap().to_owned();
        let ticket = server.open_api(Method::GET, &format!("/tickets/{id}")).send().await.ok()["ticket"].clone();
        assert_eq!((&ticket["ticket_type"], &ticket["status"], &ticket["channel"]), (&json!(2), &json!(2), &json!(9)));
        assert_eq!(ticket["agent_owner"]["id"], AGENT);
        assert_eq!(ticket["guest"]["name"], "Eve");
        let before = server.rows();
        start(json!({"open_id": USER, "appointed_agents": [AGENT]})).await.refused(400, 154_000);
        start(json!({"open_id": USER, "human_service": true, "appointed_agents": [USER]})).await.refused(400, 154_000);
        start(json!({"open_id": USER, "customized_info": "x".repeat(1025)})).await.refused(400, 154_000);
        start(json!({"open_id": "ou_none"})).await.refused(404, 154_004);
        let missing = start(json!({})).await;
        missing.refused(400, 99_992_402);
        assert_eq!(missing.json["error"]["field_violations"][0]["field"], "open_id");
        let hidden = server
            .call(Method::POST, "/open-apis/helpdesk/v1/start_service")
            .bearer(&server.tenant_token(APP))
            .header("x-lark-helpdesk-authorization", &desk_header(OTHER_DESK, OTHER_TOKEN));
        hidden.json(&json!({"open_id": USER})).send().await.refused(401, 154_402);
        testkit::rows::assert_unchanged(&before, &server.rows());
        let store = server.tenant_token(APP_STORE);
        server.open_api_as(&store, Method::POST, "/start_service").json(&json!({"open_id": USER})).send().await.ok();
        let reader = server.tenant_token(APP_READER);
        let call = server.open_api_as(&reader, Method::POST, "/start_service").json(&json!({"open_id": USER}));
        call.send().await.refused(400, 99_991_672);
    }

    async fn tickets_are_listed_by_every_filter(database) {
        let server = TestServer::start(database).await;
        let mut ids = Vec::new();
        for i in 0..5 {
            let guest = server.guest_with(json!({"name": format!("Guest {i}")})).await;
            ids.push(guest.say("hello").await["ticket_id"].as_str().unwrap().to_owned());
            if i == 0 {
                guest.call(Method::POST, "/human").send().await;
            }
            if i == 1 {
                guest.call(Method::POST, "/close").send().await;
                guest.call(Method::POST, "/rating").json(&json!({"score": 1, "reason": "slow"})).send().await;
            }
            server.clock.advance(1_000);
        }
        let list = async |query: String| {
            let data = server.open_api(Method::GET, &format!("/tickets?{query}")).send().await.ok();
            let found = data["tickets"].as_array().unwrap().iter();
            let found: Vec<String> = found.map(|t| t["ticket_id"].as_str().unwrap().to_owned()).collect();
            (data["total"].as_i64().unwrap(), found)
        };
        let newest: Vec<String> = ids.iter().rev().cloned().collect();
        assert_eq!(list(String::new()).await, (5, newest.clone()));
        assert_eq!(list("page=2&page_size=2".into()).await, (5, newest[2..4].to_vec()));
        assert_eq!(list("page=9&page_size=200".into()).await, (5, vec![]));
        assert_eq!(list(format!("ticket_id={}", ids[3])).await, (1, vec![ids[3].clone()]));
        assert_eq!(list("type=2".into()).await, (1, vec![ids[0].clone()]));
        assert_eq!(list("status_list=2&status_list=52".into()).await.1, [ids[1].clone(), ids[0].clone()]);
        assert_eq!(list("status_list=52".into()).await.1, [ids[1].clone()]);
        assert_eq!(list("score=1".into()).await.1, [ids[1].clone()]);
        assert_eq!(list("solved=2".into()).await.0, 0);
        assert_eq!(list("channel=0".into()).await.0, 5);
        assert_eq!(list("guest_name=Guest%202".into()).await.1, [ids[2].clone()]);
        assert_eq!(list("tags=vip".into()).await.0, 0);
        assert_eq!(list(format!("agent_id={AGENT}")).await.0, 0);
        assert_eq!(list(format!("agent_id={OWNER}")).await.1, [ids[0].clone()]);
        let start = testkit::server::START_MS;
        let range = format!("create_time_start={}&create_time_end={}", start + 1_000, start + 2_000);
        assert_eq!(list(range).await.1, [ids[2].clone(), ids[1].clone()]);
        let range = format!("update_time_start={start}&update_time_end={}", start + 60_000);
        assert_eq!(list(range).await.1, [ids[1].clone(), ids[0].clone()]);
        let ticket = server.open_api(Method::GET, &format!("/tickets/{}", ids[1])).send().await.ok()["ticket"].clone();
        assert_eq!(list(format!("guest_id={}", ticket["guest"]["id"].as_str().unwrap())).await.1, [ids[1].clone()]);
        assert_eq!(list(format!("closed_by_id={}", ticket["closed_by"]["id"].as_str().unwrap())).await.1, [ids[1].clone()]);
        assert_eq!(ticket["dissatisfaction_reason"]["en_us"], "slow");
        for bad in ["page=0", "page_size=201", "type=3", "status_list=6", "score=4", "solved=0", "page=x"] {
            let refused = server.open_api(Method::GET, &format!("/tickets?{bad}")).send().await;
            refused.refused(400, 99_992_402);
            let field = bad.split('=').next().unwrap();
            assert_eq!(refused.json["error"]["field_violations"][0]["field"], field);
        }
        server.open_api(Method::GET, "/tickets?create_time_start=1").send().await.refused(400, 154_000);
        server.open_api(Method::GET, "/tickets/abc").send().await.refused(400, 154_000);
        server.open_api(Method::GET, "/tickets/6900000000000000999").send().await.refused(404, 154_004);
    }

    async fn an_app_writes_into_a_ticket_and_reads_it(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        let id = guest.say("hello").await["ticket_id"].as_str().unwrap().to_owned();
        let path = format!("/tickets/{id}/messages");
        let send = |body: Value| server.open_api(Method::POST, &path).json(&body).send();
        for content in [json!({"text": "hi"}), json!("{\"text\":\"hi\"}")] {
            let sent = send(json!({"msg_type": "text", "content": content})).await.ok();
            assert!(sent["message_id"].as_str().unwrap().starts_with("om_"));
        }
        let post = json!({"zh_cn": {"title": "标题", "content": [[{"tag": "a", "href": "https://x.test", "text": "here"}]]}});
        send(json!({"msg_type": "post", "content": {"post": post}})).await.ok();
        let evil = json!({"zh_cn": {"content": [[{"tag": "a", "href": "javascript:alert(1)", "text": "x"}]]}});
        send(json!({"msg_type": "post", "content": evil})).await.refused(401, 154_403);
        send(json!({"msg_type": "image", "content": {}})).await.refused(400, 154_000);
        send(json!({"content": {"text": "x"}})).await.refused(400, 99_992_402);
        let seen: Vec<Value> = guest.messages().await.into_iter().map(|m| m["text"].clone()).collect();
        assert_eq!(seen, ["hello", "hi", "hi", "标题\nhere"]);
        let page = server.open_api(Method::GET, &format!("{path}?page=2&page_size=3")).send().await.ok();
        assert_eq!((&page["total"], page["messages"].as_array().map(Vec::len)), (&json!(4), Some(1)));
        let post = &page["messages"][0];
        assert_eq!(post["message_type"], "post");
        let content: Value = serde_json::from_str(post["content"].as_str().unwrap()).unwrap();
        assert_eq!(content, json!({"content": "标题\nhere", "image_keys": [], "msg_type": "post"}));
        let seconds = testkit::server::START_MS / 1000;
        for (range, total) in [
            (format!("time_start={seconds}&time_end={seconds}"), 4),
            (format!("time_start={}", seconds + 1), 0),
            (format!("time_start={}", testkit::server::START_MS), 4),
        ] {
            let page = server.open_api(Method::GET, &format!("{path}?{range}")).send().await.ok();
            assert_eq!(page["total"], total, "{range}");
        }
        guest.call(Method::POST, "/close").send().await;
        send(json!({"msg_type": "text", "content": {"text": "late"}})).await.refused(401, 154_401);
    }

    async fn faqs_are_kept_by_agents_and_read_by_apps(database) {
        let server = TestServer::start(database).await;
        let (agent, user) = (server.user_token(AGENT).await, server.user_token(USER).await);
        let create = |token: &str, faq: Value| {
            server.open_api_as(token, Method::POST, "/faqs").json(&json!({"faq": faq})).send()
        };
        let rich = "[{\"type\":\"text\",\"content\":\"See \"},{\"type\":\"hyperlink\",\"text\":\"this\",\"url\":\"https://x.test\"}]";
        let made = create(&agent, json!({"question": "Where is the printer?", "tags": ["print"], "answer_richtext": rich})).await;
        let faq = made.ok()["faq"].clone();
        let id = faq["id"].as_str().unwrap().to_owned();
        assert_eq!((&faq["faq_id"], &faq["helpdesk_id"]), (&json!(id), &json!(DESK)));
        assert_eq!(faq["answer"], "See this (https://x.test)");
        assert_eq!(faq["answer_richtext"][1]["url"], "https://x.test");
        assert_eq!(faq["create_user"]["id"], AGENT);
        assert_eq!(faq["create_time"], testkit::server::START_MS / 1000);
        let got = server.open_api(Method::GET, &format!("/faqs/{id}")).send().await.ok();
        assert_eq!(got["faq"], faq);
        let before = server.rows();
        create(&user, json!({"question": "q", "answer": "a"})).await.refused(403, 154_003);
        create(&agent, json!({"question": "q"})).await.refused(400, 154_000);
        create(&agent, json!({"question": " ", "answer": "a"})).await.refused(400, 154_000);
        create(&agent, json!({"answer": "a"})).await.refused(400, 99_992_402);
        create(&agent, json!({"question": "q", "answer": "a", "category_id": "6900000000000000009"})).await.refused(400, 154_000);
        create(&agent, json!({"question": "q", "answer_richtext": "nonsense"})).await.refused(400, 154_000);
        create(&server.tenant_token(APP), json!({"question": "q", "answer": "a"})).await.refused(400, 99_991_663);
        server.open_api_as(&agent, Method::GET, &format!("/faqs/{id}")).send().await.refused(400, 99_991_668);
        server.open_api(Method::GET, "/faqs/none").send().await.refused(404, 154_004);
        testkit::rows::assert_unchanged(&before, &server.rows());
        let patch = json!({"faq": {"question": "Where is the scanner?", "answer": "On floor 2.", "tags": ["scan"]}});
        server.open_api_as(&agent, Method::PATCH, &format!("/faqs/{id}")).json(&patch).send().await.ok();
        let query = "On%20which%20floor%20is%20the%20scanner";
        let found = server.open_api(Method::GET, &format!("/faqs/search?query={query}")).send().await.ok();
        assert_eq!(found["items"][0]["id"], json!(id), "an edit is visible to the next search");
        let chinese = base64::engine::general_purpose::URL_SAFE.encode("忘记密码");
        let found = server.open_api(Method::GET, &format!("/faqs/search?query={chinese}&base64=true")).send().await.ok();
        assert_eq!(found["items"][0]["id"], FAQS[0]);
        server.open_api(Method::GET, "/faqs/search").send().await.refused(400, 99_992_402);
        server.open_api_as(&agent, Method::DELETE, &format!("/faqs/{id}")).json(&json!({})).send().await.ok();
        server.open_api_as(&agent, Method::DELETE, &format!("/faqs/{id}")).send().await.refused(404, 154_004);
        let bin = server.open_api(Method::GET, "/faqs?status=0").send().await.ok();
        assert_eq!((&bin["total"], &bin["items"][0]["id"]), (&json!(1), &json!(id)));
        let found = server.open_api(Method::GET, &format!("/faqs/search?query={query}")).send().await.ok();
        assert!(found["items"].as_array().unwrap().iter().all(|f| f["id"] != json!(id)));
    }

    async fn faqs_are_listed_by_cursor(database) {
        let server = TestServer::start(database).await;
        let mut seen = Vec::new();
        let mut token = String::new();
        loop {
            let page = server.open_api(Method::GET, &format!("/faqs?page_size=2{token}")).send().await.ok();
            assert_eq!(page["total"], 3);
            seen.extend(page["items"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap().to_owned()));
            if page["has_more"] == false {
                assert!(page.get("page_token").is_none(), "the last page has no token at all");
                break;
            }
            token = format!("&page_token={}", page["page_token"].as_str().unwrap());
        }
        assert_eq!(seen, FAQS);
        let passwords = server.open_api(Method::GET, "/faqs?search=PASSWORD").send().await.ok();
        assert_eq!((&passwords["total"], &passwords["items"][0]["id"]), (&json!(1), &json!(FAQS[0])));
        let category = passwords["items"][0]["categories"][0].clone();
        assert_eq!(category["name"], "Passwords");
        let within = format!("/faqs?category_id={}", category["id"].as_str().unwrap());
        assert_eq!(server.open_api(Method::GET, &within).send().await.ok()["total"], 1);
        for (query, code) in [("page_size=101", 99_992_402), ("status=3", 99_992_402), ("page_token=x", 154_000)] {
            server.open_api(Method::GET, &format!("/faqs?{query}")).send().await.refused(400, code);
        }
    }

    async fn categories_are_a_tree(database) {
        let server = TestServer::start(database).await;
        let owner = server.user_token(OWNER).await;
        let create = |body: Value| server.open_api_as(&owner, Method::POST, "/categories").json(&body).send();
        let top = create(json!({"name": "Network", "parent_id": "0", "language": "en_us"})).await.ok()["category"].clone();
        let id = top["category_id"].as_str().unwrap().to_owned();
        assert_eq!((&top["id"], &top["parent_id"]), (&json!(id), &json!("0")));
        let child = create(json!({"name": "Wi-Fi", "parent_id": id})).await.ok()["category"]["id"].as_str().unwrap().to_owned();
        let tree = server.open_api(Method::GET, "/categories").send().await.ok();
        let network = tree["categories"].as_array().unwrap().iter().find(|c| c["name"] == "Network").unwrap();
        assert_eq!(network["children"][0]["name"], "Wi-Fi");
        let got = server.open_api(Method::GET, &format!("/categories/{id}")).send().await.ok();
        assert_eq!((&got["name"], got.get("parent_id")), (&json!("Network"), None));
        let before = server.rows();
        create(json!({"name": "Network", "parent_id": "0"})).await.refused(400, 154_000);
        create(json!({"name": "", "parent_id": "0"})).await.refused(400, 154_000);
        create(json!({"name": "x", "parent_id": "6900000000000000009"})).await.refused(400, 154_000);
        create(json!({"name": "x"})).await.refused(400, 99_992_402);
        let path = |id: &str| format!("/categories/{id}");
        let circle = json!({"parent_id": child});
        server.open_api_as(&owner, Method::PATCH, &path(&id)).json(&circle).send().await.refused(400, 154_000);
        server.open_api_as(&owner, Method::DELETE, &path(&id)).send().await.refused(400, 154_000);
        server.open_api(Method::GET, &path("6900000000000000009")).send().await.refused(404, 154_004);
        testkit::rows::assert_unchanged(&before, &server.rows());
        let renamed = json!({"name": "WLAN", "parent_id": "0"});
        server.open_api_as(&owner, Method::PATCH, &path(&child)).json(&renamed).send().await.ok();
        server.open_api_as(&owner, Method::DELETE, &path(&id)).send().await.ok();
        server.open_api(Method::GET, &path(&id)).send().await.refused(404, 154_004);
    }

    async fn unknown_paths_are_plain_404s(database) {
        let server = TestServer::start(database).await;
        for (method, path) in [(Method::GET, "/open-apis/helpdesk/v1/nothing"), (Method::PUT, "/open-apis/helpdesk/v1/faqs")] {
            let answer = server.call(method, path).send().await;
            assert_eq!((answer.status, answer.body.as_slice()), (404, b"404 page not found".as_slice()));
            assert!(answer.headers.contains_key("x-tt-logid"));
        }
        let answer = server.open_api(Method::POST, "/events/subscribe").raw("{").send().await;
        answer.refused(400, 9499);
    }

    async fn the_staffs_pages_are_at_all_their_addresses_and_hide_no_call(database) {
        let server = TestServer::start(database).await;
        for path in ["/agent", "/agent/", "/agent/tickets/1", "/admin", "/admin/desks/1/faqs", "/dev", "/dev/calls"] {
            let page = server.call(Method::GET, path).send().await;
            assert_eq!((page.status, &page.headers["content-type"]), (200, &"text/html; charset=utf-8".parse().unwrap()), "{path}");
            let policy = page.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("default-src 'none'; script-src 'self'; style-src 'self';"), "{path}: {policy}");
        }
        for path in ["/admin/v1", "/admin/v1/nothing", "/agent/v1/nothing", "/dev/v1/nothing"] {
            let answer = server.call(Method::GET, path).send().await;
            assert_eq!((answer.status, answer.body.as_slice()), (404, b"404 page not found".as_slice()), "{path}");
        }
        assert_eq!(server.call(Method::POST, "/admin").send().await.status, 404);
    }

    async fn the_inspector_is_in_developer_mode_only(database) {
        let serve = TestServer::with(database, &Options { mode: Mode::Serve, ..Options::default() }).await;
        assert_eq!(serve.call(Method::GET, "/admin").send().await.status, 200);
        assert_eq!(serve.call(Method::GET, "/dev").send().await.status, 404);
        assert_eq!(serve.call(Method::GET, "/dev/v1/clock").send().await.status, 404);
    }

    async fn a_server_tells_how_it_is(database) {
        let server = TestServer::start(database).await;
        assert_eq!(server.call(Method::GET, "/healthz").send().await.status, 200);
        assert_eq!(server.call(Method::GET, "/readyz").send().await.status, 200);
        server.guest().await.say("hello").await;
        let metrics = server.call(Method::GET, "/metrics").send().await;
        assert!(String::from_utf8(metrics.body).unwrap().contains("deskwire_"));
        let page = server.call(Method::GET, &format!("/desk/{DESK}")).send().await;
        assert_eq!(page.status, 200);
        assert!(String::from_utf8(page.body).unwrap().contains("IT help"));
        assert_eq!(server.call(Method::GET, "/").send().await.status, 200);
    }
}
