//! `answer_user_query`: each rule where the platform's documentation is silent is a test. After each refusal no row has
//! changed.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{
    APP, APP_FOREIGN, APP_READER, APP_STORE, APP_TWO, Asked, DESK, DESK_TOKEN, FAQS, OTHER_DESK, OTHER_FAQ,
    OTHER_TOKEN, desk_header,
};
use testkit::{Answer, Options, TestServer, on_both, rows};

/// Asserts that `call` is refused so, and that no row changed; answers the message for people.
async fn refuses(server: &TestServer, status: u16, code: i64, call: impl Future<Output = Answer>) -> String {
    let before = server.rows();
    let message = call.await.refused(status, code);
    rows::assert_unchanged(&before, &server.rows());
    message
}

fn direct() -> Value {
    json!([{"id": FAQS[0], "score": 0.9}])
}

on_both! {
    async fn closed_ticket(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        let asked = guest.ask("forgot password").await;
        guest.call(Method::POST, "/close").send().await;
        let why = refuses(&server, 400, 154_000, server.answer(&asked, &direct())).await;
        assert!(why.contains("closed (status 52)"), "{why}");
    }

    async fn human_stage(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        guest.call(Method::POST, "/human").send().await;
        let asked = guest.ask("forgot password").await;
        let why = refuses(&server, 400, 154_000, server.answer(&asked, &direct())).await;
        assert!(why.contains("human (stage 2)"), "{why}");
    }

    async fn guest_asked_for_a_human_meanwhile(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        let asked = guest.ask("forgot password").await;
        guest.call(Method::POST, "/human").send().await;
        let why = refuses(&server, 400, 154_000, server.answer(&asked, &direct())).await;
        assert!(why.contains("human (stage 2)"), "{why}");
        server.clock.advance(60_000);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert!(guest.answers().await.is_empty(), "no bot answers somebody who asked for a human");
    }

    async fn foreign_ticket(database) {
        let server = TestServer::start(database).await;
        let asked = server.guest().await.ask("forgot password").await;
        let call = |header: String, ticket_id: String| {
            let body = json!({"event_id": asked.event_id, "faqs": []});
            let path = format!("/open-apis/helpdesk/v1/tickets/{ticket_id}/answer_user_query");
            let call = server.call(Method::POST, &path).bearer(&server.tenant_token(APP));
            call.header("x-lark-helpdesk-authorization", &header).json(&body).send()
        };
        let other = desk_header(OTHER_DESK, OTHER_TOKEN);
        refuses(&server, 404, 154_004, call(other, asked.ticket_id.clone())).await;
        let own = desk_header(DESK, DESK_TOKEN);
        refuses(&server, 404, 154_004, call(own.clone(), "6900000000000009999".into())).await;
        refuses(&server, 400, 154_000, call(own, "abc".into())).await;
    }

    async fn event_of_another_ticket(database) {
        let server = TestServer::start(database).await;
        let (one, two) = (server.guest().await, server.guest().await);
        let (one, two) = (one.ask("forgot password").await, two.ask("new laptop").await);
        let mixed = Asked { ticket_id: one.ticket_id, event_id: two.event_id };
        let why = refuses(&server, 400, 154_000, server.answer(&mixed, &direct())).await;
        assert!(why.contains("event_id"), "{why}");
    }

    async fn bots_own_event(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        let asked = guest.ask("forgot password").await;
        server.answer(&asked, &direct()).await.ok();
        let shown = guest.answers().await;
        let event_id = server.event_of(&asked.ticket_id, shown[0]["message_id"].as_str()).await;
        let own = Asked { ticket_id: asked.ticket_id, event_id };
        refuses(&server, 400, 154_000, server.answer(&own, &direct())).await;
    }

    async fn header_id_and_body_id(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        let first = guest.ask("forgot password").await;
        server.answer(&first, &direct()).await.ok();
        let second = guest.ask("and how do I get a new laptop?").await;
        let header_id = desk::ids::header_event_id(&second.event_id);
        let by_header = Asked { ticket_id: second.ticket_id.clone(), event_id: header_id };
        server.answer(&by_header, &json!([{"id": FAQS[1]}])).await.ok();
        // The same answer under the other id is the same call.
        server.answer(&second, &json!([{"id": FAQS[1]}])).await.ok();
        assert_eq!(guest.answers().await.len(), 2);
        for bad in ["", "abcd", "00000000-0000-4000-8000-000000000000"] {
            let bad = Asked { ticket_id: second.ticket_id.clone(), event_id: bad.into() };
            refuses(&server, 400, 154_000, server.answer(&bad, &direct())).await;
        }
        let call = server.answer_with(&server.tenant_token(APP), &second.ticket_id, &json!({"faqs": []})).await;
        assert_eq!(call.status, 400);
        assert_eq!(call.json["error"]["field_violations"][0]["field"], "event_id");
    }

    async fn unknown_faq(database) {
        let server = TestServer::start(database).await;
        let asked = server.guest().await.ask("forgot password").await;
        for id in ["6900000000000001999", "nonsense", "-1"] {
            let faqs = json!([{"id": FAQS[0], "score": 0.9}, {"id": id, "score": 0.1}]);
            let why = refuses(&server, 404, 154_004, server.answer(&asked, &faqs)).await;
            assert!(why.contains(id), "{why}");
        }
    }

    async fn deleted_faq(database) {
        let server = TestServer::start(database).await;
        let asked = server.guest().await.ask("forgot password").await;
        let token = server.user_token(testkit::server::AGENT).await;
        server.open_api_as(&token, Method::DELETE, &format!("/faqs/{}", FAQS[0])).send().await.ok();
        refuses(&server, 404, 154_004, server.answer(&asked, &direct())).await;
    }

    async fn faq_of_another_help_desk(database) {
        let server = TestServer::start(database).await;
        let asked = server.guest().await.ask("forgot password").await;
        refuses(&server, 404, 154_004, server.answer(&asked, &json!([{"id": OTHER_FAQ, "score": 0.9}]))).await;
    }

    async fn bad_scores(database) {
        let server = TestServer::start(database).await;
        let asked = server.guest().await.ask("forgot password").await;
        for score in [json!(-0.1), json!(1.01), json!("NaN"), json!("0.9"), json!(true), json!([1]), json!({})] {
            let faqs = json!([{"id": FAQS[0], "score": score}]);
            let why = refuses(&server, 400, 154_000, server.answer(&asked, &faqs)).await;
            assert!(why.contains("faqs[0].score"), "{why}");
        }
        for text in ["NaN", "Infinity", "1e999"] {
            let body = format!(r#"{{"event_id":"{}","faqs":[{{"id":"{}","score":{text}}}]}}"#, asked.event_id, FAQS[0]);
            let path = format!("/tickets/{}/answer_user_query", asked.ticket_id);
            let before = server.rows();
            let answer = server.open_api(Method::POST, &path).raw(body).send().await;
            assert!(answer.refused(400, 154_000).contains("faqs[0].score"), "{text}: {}", answer.json);
            rows::assert_unchanged(&before, &server.rows());
        }
    }

    async fn fifty_one_faqs(database) {
        let server = TestServer::start(database).await;
        let asked = server.guest().await.ask("forgot password").await;
        let many: Vec<Value> = (0..51).map(|i| json!({"id": (6_900_000_000_000_003_000_i64 + i).to_string()})).collect();
        let why = refuses(&server, 400, 154_000, server.answer(&asked, &json!(many))).await;
        assert!(why.contains("50"), "{why}");
        // Fifty pass this check and fail on the first unknown one.
        refuses(&server, 404, 154_004, server.answer(&asked, &json!(many[..50]))).await;
    }

    async fn duplicate_ids_and_missing_ids(database) {
        let server = TestServer::start(database).await;
        let asked = server.guest().await.ask("forgot password").await;
        let twice = json!([{"id": FAQS[0], "score": 0.9}, {"id": FAQS[0], "score": 0.8}]);
        let why = refuses(&server, 400, 154_000, server.answer(&asked, &twice)).await;
        assert!(why.contains("faqs[1].id"), "{why}");
        for nameless in [json!([{"score": 0.9}]), json!([{"id": "", "score": 0.9}])] {
            let why = refuses(&server, 400, 154_000, server.answer(&asked, &nameless)).await;
            assert!(why.contains("faqs[0].id"), "{why}");
        }
    }

    async fn empty_and_missing_faqs(database) {
        let server = TestServer::start(database).await;
        for body in [json!({"faqs": []}), json!({})] {
            let guest = server.guest().await;
            let asked = guest.ask("what is the meaning of life").await;
            let mut body = body;
            body["event_id"] = json!(asked.event_id);
            server.answer_with(&server.tenant_token(APP), &asked.ticket_id, &body).await.ok();
            let shown = guest.answers().await;
            assert_eq!((shown.len(), &shown[0]["mode"]), (1, &json!("none")));
            assert!(shown[0]["text"].as_str().is_some_and(|t| t.contains("Talk to a human")));
        }
    }

    async fn shown_by_the_best_score(database) {
        let server = TestServer::start(database).await;
        for (scores, mode) in [([0.8, 0.9], "direct"), ([0.79, 0.3], "list"), ([0.25, 0.1], "list"), ([0.24, 0.2], "none")] {
            let guest = server.guest().await;
            let asked = guest.ask("forgot password").await;
            let faqs = json!([{"id": FAQS[0], "score": scores[0]}, {"id": FAQS[1], "score": scores[1]}]);
            server.answer(&asked, &faqs).await.ok();
            let shown = guest.answers().await.remove(0);
            assert_eq!(shown["mode"], mode, "{scores:?}");
            assert_eq!((&shown["from"], &shown["answered_by"]), (&json!("bot"), &json!("app")));
            assert_eq!(shown["event_id"], asked.event_id);
            let ids: Vec<&str> = shown["faqs"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap()).collect();
            match mode {
                "direct" => {
                    assert_eq!(ids, [FAQS[1], FAQS[0]], "best first");
                    assert_eq!(shown["text"], "Ask your manager to file an order.");
                    assert_eq!(shown["faqs"][0]["answer"], "Ask your manager to file an order.");
                    assert_eq!(shown["faqs"][1]["answer"], Value::Null, "related questions come without their answers");
                }
                "list" => assert_eq!(ids, [FAQS[0], FAQS[1]]),
                _ => assert!(ids.is_empty()),
            }
        }
    }

    async fn a_missing_score_counts_as_one(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        let asked = guest.ask("forgot password").await;
        server.answer(&asked, &json!([{"id": FAQS[0]}])).await.ok();
        let shown = guest.answers().await.remove(0);
        assert_eq!((&shown["mode"], &shown["faqs"][0]["score"]), (&json!("direct"), &json!(1.0)));
    }

    async fn repeat_of_the_same_call(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        let asked = guest.ask("forgot password").await;
        server.answer(&asked, &direct()).await.ok();
        let before = server.rows();
        server.answer(&asked, &direct()).await.ok();
        rows::assert_unchanged(&before, &server.rows());
        // Also when the ticket has ended since: the caller may not have got the first answer.
        guest.call(Method::POST, "/close").send().await;
        server.answer(&asked, &direct()).await.ok();
        assert_eq!(guest.answers().await.len(), 1);
    }

    async fn different_second_answer(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        let asked = guest.ask("forgot password").await;
        server.answer(&asked, &direct()).await.ok();
        for other in [json!([]), json!([{"id": FAQS[0], "score": 0.91}]), json!([{"id": FAQS[1], "score": 0.9}])] {
            let why = refuses(&server, 400, 154_000, server.answer(&asked, &other)).await;
            assert!(why.contains("answered already"), "{why}");
        }
        assert_eq!(guest.answers().await.len(), 1);
    }

    async fn late_answer(database) {
        let server = TestServer::start(database).await;
        // The built-in engine has spoken, and the guest waits: the app's answer is shown as well.
        let guest = server.guest().await;
        let asked = guest.ask("forgot password").await;
        server.clock.advance(3_000);
        let first = guest.wait(0, |m| m["kind"] == "answer").await;
        assert_eq!(first["answered_by"], "builtin");
        server.answer(&asked, &json!([{"id": FAQS[1], "score": 0.9}])).await.ok();
        let shown = guest.answers().await;
        assert_eq!((shown.len(), &shown[1]["answered_by"]), (2, &json!("app")));
        // The guest has written again: the answer is kept on the ticket and not shown.
        let guest = server.guest().await;
        let asked = guest.ask("forgot password").await;
        server.clock.advance(3_000);
        guest.wait(0, |m| m["kind"] == "answer").await;
        guest.say("hello?").await;
        server.answer(&asked, &json!([{"id": FAQS[1], "score": 0.9}])).await.ok();
        assert!(guest.answers().await.iter().all(|m| m["event_id"] != asked.event_id || m["answered_by"] == "builtin"));
        let steps = server.timeline(&asked.ticket_id).await;
        let kept = steps.iter().find(|s| s["kind"] == "app_answered").expect("the kept answer's step");
        assert_eq!((&kept["detail"]["shown"], &kept["detail"]["faqs"][0]["id"]), (&json!(false), &json!(FAQS[1])));
    }

    async fn two_apps_answering_at_once(database) {
        let server = TestServer::start(database).await;
        for _ in 0..10 {
            let guest = server.guest().await;
            let asked = guest.ask("forgot password").await;
            let (one, two) = (server.tenant_token(APP), server.tenant_token(APP_TWO));
            let bodies = [0, 1].map(|i| json!({"event_id": asked.event_id, "faqs": [{"id": FAQS[i], "score": 0.9}]}));
            let (a, b) = tokio::join!(
                server.answer_with(&one, &asked.ticket_id, &bodies[0]),
                server.answer_with(&two, &asked.ticket_id, &bodies[1])
            );
            let mut outcomes = [(a.status, a.code()), (b.status, b.code())];
            outcomes.sort_unstable();
            assert_eq!(outcomes, [(200, 0), (400, 154_000)]);
            assert_eq!(guest.answers().await.len(), 1);
        }
    }

    async fn missing_or_foreign_help_desk_token(database) {
        let server = TestServer::start(database).await;
        let asked = server.guest().await.ask("forgot password").await;
        let body = json!({"event_id": asked.event_id, "faqs": direct()});
        let path = format!("/open-apis/helpdesk/v1/tickets/{}/answer_user_query", asked.ticket_id);
        let call = |token: String, header: Option<String>| {
            let mut call = server.call(Method::POST, &path).bearer(&token).json(&body);
            if let Some(header) = header {
                call = call.header("x-lark-helpdesk-authorization", &header);
            }
            call.send()
        };
        let own = server.tenant_token(APP);
        for header in [
            None,
            Some("%%%".to_owned()),
            Some(desk_header(DESK, "ht-wrong")),
            Some(desk_header("6900000000000000009", DESK_TOKEN)),
            Some(desk_header(DESK, OTHER_TOKEN)),
        ] {
            refuses(&server, 401, 154_001, call(own.clone(), header)).await;
        }
        let foreign = server.tenant_token(APP_FOREIGN);
        refuses(&server, 401, 154_001, call(foreign, Some(desk_header(DESK, DESK_TOKEN)))).await;
        let with_bearer = format!("Bearer {}", desk_header(DESK, DESK_TOKEN));
        call(own, Some(with_bearer)).await.ok();
    }

    async fn expired_and_malformed_bearer(database) {
        let server = TestServer::with(database, &Options { by: "app", ..Options::default() }).await;
        let asked = server.guest().await.ask("forgot password").await;
        let body = json!({"event_id": asked.event_id, "faqs": direct()});
        let token = server.tenant_token(APP);
        let mut tampered = token.clone();
        tampered.replace_range(10..11, if &token[10..11] == "A" { "B" } else { "A" });
        let user = server.user_token(testkit::server::AGENT).await;
        for (token, code) in [(tampered, 99_991_663), ("x-abc".into(), 99_991_671), ("t-".into(), 99_991_663), (user, 99_991_668)] {
            refuses(&server, 400, code, server.answer_with(&token, &asked.ticket_id, &body)).await;
        }
        let path = format!("/open-apis/helpdesk/v1/tickets/{}/answer_user_query", asked.ticket_id);
        let bare = server.call(Method::POST, &path).json(&body).send();
        refuses(&server, 400, 99_991_661, bare).await;
        server.clock.advance(2 * 3_600_000 + 1);
        refuses(&server, 400, 99_991_663, server.answer_with(&token, &asked.ticket_id, &body)).await;
    }

    async fn store_app(database) {
        let server = TestServer::start(database).await;
        let asked = server.guest().await.ask("forgot password").await;
        let body = json!({"event_id": asked.event_id, "faqs": direct()});
        let token = server.tenant_token(APP_STORE);
        refuses(&server, 403, 154_003, server.answer_with(&token, &asked.ticket_id, &body)).await;
    }

    async fn missing_scope(database) {
        let server = TestServer::start(database).await;
        let asked = server.guest().await.ask("forgot password").await;
        let body = json!({"event_id": asked.event_id, "faqs": direct()});
        let token = server.tenant_token(APP_READER);
        let before = server.rows();
        let answer = server.answer_with(&token, &asked.ticket_id, &body).await;
        answer.refused(400, 99_991_672);
        assert_eq!(answer.json["error"]["permission_violations"][0]["subject"], "helpdesk:all");
        rows::assert_unchanged(&before, &server.rows());
    }

    async fn rate_limit(database) {
        let server = TestServer::with(database, &Options { rate_limits: true, ..Options::default() }).await;
        let asked = server.guest().await.ask("forgot password").await;
        server.answer(&asked, &direct()).await.ok();
        let mut limited = None;
        for _ in 0..60 {
            let answer = server.answer(&asked, &direct()).await;
            if answer.status == 429 {
                limited = Some(answer);
                break;
            }
        }
        let limited = limited.expect("the fifty-first call in a second is refused");
        limited.refused(429, 99_991_400);
        assert_eq!(limited.headers["x-ogw-ratelimit-limit"], "50");
        assert_eq!(limited.headers["x-ogw-ratelimit-reset"], "1");
        refuses(&server, 429, 99_991_400, server.answer(&asked, &direct())).await;
        server.clock.advance(1_000);
        server.answer(&asked, &direct()).await.ok();
    }
}
