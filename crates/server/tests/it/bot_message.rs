//! `POST /message`: the help desk's bot writes outside of tickets.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{APP, APP_READER, APP_STORE, OTHER_DESK, OTHER_TOKEN, USER, desk_header};
use testkit::{Answer, Options, TestServer, on_both};

fn body(msg_type: &str, content: &Value) -> Value {
    json!({"msg_type": msg_type, "content": content.to_string(), "receiver_id": USER})
}

async fn send(server: &TestServer, query: &str, body: &Value) -> Answer {
    server.open_api(Method::POST, &format!("/message{query}")).json(body).send().await
}

fn card() -> Value {
    json!({
        "header": {"title": {"tag": "plain_text", "content": "Survey"}, "template": "blue"},
        "elements": [
            {"tag": "div", "text": {"tag": "lark_md", "content": "How was **it**?"}},
            {"tag": "action", "actions": [{"tag": "button", "text": {"tag": "plain_text", "content": "Say"},
                                           "url": "https://survey.test"}]}]})
}

on_both! {
    async fn every_type_reaches_the_users_chat_outside_of_tickets(database) {
        let options = Options { by: "app", ..Options::default() };
        let server = TestServer::with(database, &options).await;
        let lines = json!([[{"tag": "text", "text": "See "}, {"tag": "a", "text": "this", "href": "https://x.test"}]]);
        let locales = json!({"zh_cn": {"title": "T", "content": lines}});
        let sent = send(&server, "", &body("text", &json!({"text": "hello"}))).await.ok();
        assert!(sent["message_id"].as_str().unwrap().starts_with("om_"));
        for (msg_type, content) in [("post", json!({"post": locales})), ("post", locales), ("interactive", card())] {
            send(&server, "", &body(msg_type, &content)).await.ok();
        }
        let eve = server.guest_with(json!({"open_id": USER})).await;
        assert!(eve.session.get("ticket_id").is_none());
        let messages = eve.messages().await;
        let kinds: Vec<&str> = messages.iter().map(|m| m["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["text", "post", "post", "card"]);
        assert_eq!(messages[0]["message_id"], sent["message_id"]);
        assert!(messages.iter().all(|m| m["from"] == "bot" && m.get("ticket_id").is_none()), "{messages:?}");
        assert_eq!((&messages[1]["text"], &messages[1]["post"]["title"]), (&json!("T\nSee this"), &json!("T")));
        assert_eq!(messages[3]["text"], "Survey\nHow was **it**?\nSay (https://survey.test)");
        assert_eq!(messages[3]["card"], card());
        let rows = server.rows();
        assert!(rows["ticket"].is_empty() && rows["delivery"].is_empty(), "no ticket, no ticket's event");
        // The next question of the user opens a ticket as ever.
        assert!(eve.say("hi").await["ticket_id"].is_string());
    }

    async fn a_picture_has_to_be_one_of_the_chat(database) {
        let server = TestServer::start(database).await;
        let eve = server.guest_with(json!({"open_id": USER})).await;
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0".to_vec();
        let form = reqwest::multipart::Form::new().part("image", reqwest::multipart::Part::bytes(png));
        let client = testkit::api::client();
        let stored = client.post(server.url("/guest/v1/images")).bearer_auth(&eve.token).multipart(form).send();
        let key = stored.await.unwrap().json::<Value>().await.unwrap()["image_key"].clone();
        send(&server, "", &body("image", &json!({"image_key": key}))).await.ok();
        assert_eq!(eve.messages().await[0]["image_key"], key);
        let before = server.rows();
        let refused = send(&server, "", &body("image", &json!({"image_key": "img_other"}))).await;
        assert!(refused.refused(400, 154_000).contains("content.image_key"));
        let mut to_owner = body("image", &json!({"image_key": key}));
        to_owner["receiver_id"] = json!(testkit::server::OWNER);
        send(&server, "", &to_owner).await.refused(400, 154_000);
        testkit::rows::assert_unchanged(&before, &server.rows());
    }

    async fn a_ticket_in_progress_takes_the_service_group(database) {
        let options = Options { by: "app", ..Options::default() };
        let server = TestServer::with(database, &options).await;
        let eve = server.guest_with(json!({"open_id": USER})).await;
        let ticket_id = eve.say("hi").await["ticket_id"].as_str().unwrap().to_owned();
        let mut text = body("text", &json!({"text": "hello"}));
        let before = server.rows();
        for receive_type in [None, Some("chat")] {
            if let Some(receive_type) = receive_type {
                text["receive_type"] = json!(receive_type);
            }
            assert!(send(&server, "", &text).await.refused(405, 154_005).contains(&ticket_id));
        }
        testkit::rows::assert_unchanged(&before, &server.rows());
        text["receive_type"] = json!("user");
        send(&server, "", &text).await.ok();
        let message = eve.wait(1, |m| m["text"] == "hello").await;
        assert!(message.get("ticket_id").is_none(), "{message}");
        let listed = server.open_api(Method::GET, &format!("/tickets/{ticket_id}/messages")).send().await.ok();
        assert_eq!(listed["total"], 1, "it is no message of the ticket");
        eve.call(Method::POST, "/close").send().await;
        text["receive_type"] = json!("chat");
        send(&server, "", &text).await.ok();
    }

    async fn the_receiver_is_named_by_any_kind_of_id(database) {
        let server = TestServer::start(database).await;
        let db = server.running.app().db().clone();
        let union_id: String = tokio::task::spawn_blocking(move || {
            db.read_blocking(|tx| {
                tx.query_one("SELECT union_id FROM person WHERE user_id = 'u_eve'", &[], |row| row.string(0))
            })
        })
        .await
        .unwrap()
        .unwrap();
        let mut text = body("text", &json!({"text": "hello"}));
        send(&server, "?user_id_type=open_id", &text).await.ok();
        text["receiver_id"] = json!(union_id);
        send(&server, "?user_id_type=union_id", &text).await.ok();
        assert_eq!(server.guest_with(json!({"open_id": USER})).await.messages().await.len(), 2);
        let before = server.rows();
        send(&server, "", &text).await.refused(404, 154_004);
        text["receiver_id"] = json!("u_eve");
        let refused = send(&server, "?user_id_type=user_id", &text).await;
        refused.refused(400, 99_991_672);
        assert_eq!(refused.json["error"]["permission_violations"][0]["subject"], "contact:user.employee_id:readonly");
        let refused = send(&server, "?user_id_type=email", &text).await;
        refused.refused(400, 99_992_402);
        assert_eq!(refused.json["error"]["field_violations"][0]["field"], "user_id_type");
        testkit::rows::assert_unchanged(&before, &server.rows());
    }

    async fn wrong_calls_name_their_field_and_write_nothing(database) {
        let server = TestServer::start(database).await;
        let before = server.rows();
        let text = body("text", &json!({"text": "hello"}));
        for field in ["msg_type", "content", "receiver_id"] {
            let mut without = text.clone();
            without.as_object_mut().unwrap().remove(field);
            let refused = send(&server, "", &without).await;
            refused.refused(400, 99_992_402);
            assert_eq!(refused.json["error"]["field_violations"][0]["field"], field);
        }
        let script = json!({"zh_cn": {"content": [[{"tag": "a", "href": "javascript:1", "text": "x"}]]}});
        let mut evil = card();
        evil["elements"][1]["actions"][0]["url"] = json!("javascript:1");
        let card_2 = json!({"schema": "2.0", "header": {}, "body": {"elements": []}});
        for (body, field) in [
            (body("audio", &json!({})), "msg_type"),
            (body("text", &json!({})), "content.text"),
            (body("post", &script), "content"),
            (body("interactive", &evil), "content"),
            (body("interactive", &card_2), "content"),
            (json!({"msg_type": "text", "content": "plain", "receiver_id": USER}), "content"),
            (json!({"msg_type": "text", "content": text["content"], "receiver_id": USER, "receive_type": "x"}), "receive_type"),
        ] {
            let refused = send(&server, "", &body).await;
            refused.refused(400, 154_000);
            assert_eq!(refused.json["error"]["field_violations"][0]["field"], field, "{body}");
        }
        send(&server, "", &json!({"msg_type": 1, "content": "{}", "receiver_id": USER})).await.refused(400, 9499);
        let unseen = server
            .call(Method::POST, "/open-apis/helpdesk/v1/message")
            .bearer(&server.tenant_token(APP))
            .header("x-lark-helpdesk-authorization", &desk_header(OTHER_DESK, OTHER_TOKEN));
        unseen.json(&text).send().await.refused(403, 154_003);
        for (app, status, code) in [(APP_STORE, 403, 154_003), (APP_READER, 400, 99_991_672)] {
            let call = server.open_api_as(&server.tenant_token(app), Method::POST, "/message");
            call.json(&text).send().await.refused(status, code);
        }
        testkit::rows::assert_unchanged(&before, &server.rows());
    }
}
