//! Pictures of FAQs and of tickets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::assert_unchanged;
use testkit::server::{AGENT, APP, DESK, FAQS, Guest, OTHER_DESK, OTHER_TOKEN, desk_header};
use testkit::{Answer, Options, TestServer, on_both};

/// The beginning of a PNG file, told apart by `name`.
fn png(name: &str) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), name.as_bytes()].concat()
}

fn data_uri(bytes: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(bytes))
}

fn img(src: &str) -> Value {
    json!({"type": "img", "src": src, "width": "16", "height": "8"})
}

/// Makes a FAQ with this rich answer; answers it.
async fn faq(server: &TestServer, rich: &Value) -> Value {
    let body = json!({"faq": {"question": "Where is the scanner?", "answer_richtext": rich}});
    let agent = server.user_token(AGENT).await;
    server.open_api_as(&agent, Method::POST, "/faqs").json(&body).send().await.ok()["faq"].clone()
}

async fn faq_image(server: &TestServer, faq_id: &str, key: &str) -> Answer {
    server.open_api(Method::GET, &format!("/faqs/{faq_id}/image/{key}")).send().await
}

#[track_caller]
fn assert_png(answer: &Answer, key: &str, bytes: &[u8]) {
    let header = |name: &str| answer.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!((answer.status, answer.body.as_slice()), (200, bytes), "{}", answer.json);
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(header("content-disposition"), format!("attachment; filename=\"{key}.png\""));
    assert_eq!(header("x-content-type-options"), "nosniff");
}

/// Uploads a picture into the guest's chat; answers its key.
async fn upload(server: &TestServer, guest: &Guest<'_>, bytes: Vec<u8>) -> String {
    let part = reqwest::multipart::Part::bytes(bytes).file_name("a.png");
    let form = reqwest::multipart::Form::new().part("image", part);
    let url = server.url("/guest/v1/images");
    let stored = testkit::api::client().post(url).bearer_auth(&guest.token).multipart(form).send().await.unwrap();
    stored.json::<Value>().await.unwrap()["image_key"].as_str().unwrap().to_owned()
}

/// A post with these pictures, as `ticket_message.create` takes it.
fn post(keys: &[&str]) -> Value {
    let items: Vec<Value> = keys.iter().map(|key| json!({"tag": "img", "image_key": key})).collect();
    let lines = json!([[{"tag": "text", "text": "See"}], items]);
    json!({"msg_type": "post", "content": {"post": {"zh_cn": {"title": "Pictures", "content": lines}}}})
}

async fn send(server: &TestServer, ticket_id: &str, body: &Value) -> Answer {
    server.open_api(Method::POST, &format!("/tickets/{ticket_id}/messages")).json(body).send().await
}

/// The ids of the ticket's last message: `id` and `message_id`.
async fn last(server: &TestServer, ticket_id: &str) -> (String, String) {
    let data = server.open_api(Method::GET, &format!("/tickets/{ticket_id}/messages?page_size=200")).send().await.ok();
    let message = data["messages"].as_array().unwrap().last().unwrap().clone();
    (message["id"].as_str().unwrap().to_owned(), message["message_id"].as_str().unwrap().to_owned())
}

async fn ticket_image(server: &TestServer, ticket_id: &str, rest: &str) -> Answer {
    server.open_api(Method::GET, &format!("/ticket_images?ticket_id={ticket_id}&{rest}")).send().await
}

on_both! {
    async fn a_picture_in_a_rich_answer_becomes_a_picture_of_the_faq(database) {
        let server = TestServer::start(database).await;
        let rich = json!([{"type": "text", "content": "There: "}, img(&data_uri(&png("a"))), {"type": "line break"}]);
        let made = faq(&server, &rich).await;
        let (id, item) = (made["id"].as_str().unwrap().to_owned(), made["answer_richtext"][1].clone());
        let key = item["key"].as_str().unwrap().to_owned();
        assert!(key.starts_with("img_"), "{item}");
        assert_eq!(item, json!({"type": "img", "key": key, "width": "16", "height": "8"}));
        assert_png(&faq_image(&server, &id, &key).await, &key, &png("a"));

        // The same picture is no second one; another replaces none, because messages may have shown the first.
        let agent = server.user_token(AGENT).await;
        let rich = json!([img(&data_uri(&png("a"))), img(&data_uri(&png("b"))), {"type": "img", "key": key}]);
        let patch = json!({"faq": {"question": "Where is the scanner?", "answer_richtext": rich}});
        server.open_api_as(&agent, Method::PATCH, &format!("/faqs/{id}")).json(&patch).send().await.ok();
        let got = server.open_api(Method::GET, &format!("/faqs/{id}")).send().await.ok()["faq"].clone();
        let keys: Vec<&str> = (0..3).map(|i| got["answer_richtext"][i]["key"].as_str().unwrap()).collect();
        assert_eq!((keys[0], keys[2]), (key.as_str(), key.as_str()));
        assert_png(&faq_image(&server, &id, keys[1]).await, keys[1], &png("b"));
        let plain = json!({"faq": {"question": "Where is the scanner?", "answer": "Gone."}});
        server.open_api_as(&agent, Method::PATCH, &format!("/faqs/{id}")).json(&plain).send().await.ok();
        assert_png(&faq_image(&server, &id, &key).await, &key, &png("a"));
        // Also from the recycle bin.
        server.open_api_as(&agent, Method::DELETE, &format!("/faqs/{id}")).send().await.ok();
        assert_png(&faq_image(&server, &id, &key).await, &key, &png("a"));

        for (faq_id, key) in [(id.as_str(), "img_none"), (FAQS[0], key.as_str()), ("6900000000000009999", key.as_str())] {
            faq_image(&server, faq_id, key).await.refused(404, 154_004);
        }
        faq_image(&server, "x", &key).await.refused(400, 154_000);
        let path = format!("/open-apis/helpdesk/v1/faqs/{id}/image/{key}");
        let elsewhere = server.call(Method::GET, &path).bearer(&server.tenant_token(APP));
        let elsewhere = elsewhere.header("x-lark-helpdesk-authorization", &desk_header(OTHER_DESK, OTHER_TOKEN));
        elsewhere.send().await.refused(404, 154_004);
    }

    async fn what_is_no_picture_is_refused_and_nothing_is_written(database) {
        let server = TestServer::start(database).await;
        let agent = server.user_token(AGENT).await;
        let many: Vec<Value> = (0..21).map(|i| img(&data_uri(&png(&i.to_string())))).collect();
        let before = server.rows();
        for (rich, field) in [
            (json!([img("data:image/png;base64,%%%")]), "faq.answer_richtext[0].src"),
            (json!([img(&format!("data:image/png;base64,{}", STANDARD.encode("hello")))]), "faq.answer_richtext[0].src"),
            (json!([img("data:text/html;base64,aGk=")]), "faq.answer_richtext[0].src"),
            (json!([img("data:image/png,raw")]), "faq.answer_richtext[0].src"),
            (json!([{"type": "hyperlink", "text": "x", "url": data_uri(&png("a"))}]), "faq.answer_richtext[0].url"),
            (json!(many), "faq.answer_richtext[20]"),
        ] {
            let body = json!({"faq": {"question": "Q?", "answer_richtext": rich}});
            for (method, path) in [(Method::POST, "/faqs".to_owned()), (Method::PATCH, format!("/faqs/{}", FAQS[0]))] {
                let answer = server.open_api_as(&agent, method, &path).json(&body).send().await;
                answer.refused(400, 154_000);
                assert_eq!(answer.json["error"]["field_violations"][0]["field"], field);
            }
        }
        // Pictures of other servers stay links.
        let link = json!([{"type": "img", "src": "https://x.test/a.png", "key": "img_elsewhere"}]);
        assert_unchanged(&before, &server.rows());
        let made = faq(&server, &link).await;
        assert_eq!(made["answer_richtext"], link);
    }

    async fn a_guest_sees_the_pictures_of_the_desks_faqs(database) {
        let options = Options { by: "builtin", ..Options::default() };
        let server = TestServer::with(database, &options).await;
        let made = faq(&server, &json!([img(&data_uri(&png("a")))])).await;
        let key = made["answer_richtext"][0]["key"].as_str().unwrap().to_owned();
        let guest = server.guest().await;
        guest.say("Where is the scanner?").await;
        let answer = guest.wait(0, |m| m["kind"] == "answer").await;
        assert_eq!(answer["faqs"][0]["answer_richtext"][0]["key"], json!(key), "{answer}");
        let shown = guest.call(Method::GET, &format!("/images/{key}")).send().await;
        assert_eq!((shown.status, shown.body), (200, png("a")));
        assert_eq!(shown.headers["content-type"], "image/png");
        guest.call(Method::GET, "/images/img_none").send().await.refused(404, 154_004);
        let body = json!({"open_id": AGENT});
        let other = server.call(Method::POST, &format!("/guest/v1/desks/{OTHER_DESK}/sessions")).json(&body).send().await;
        let token = other.json["session_token"].as_str().unwrap();
        let elsewhere = server.call(Method::GET, &format!("/guest/v1/images/{key}")).bearer(token).send().await;
        elsewhere.refused(404, 154_004);
    }

    async fn the_picture_of_an_image_message_is_found_by_either_id(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        let key = upload(&server, &guest, png("guest")).await;
        let sent = guest.call(Method::POST, "/messages").json(&json!({"image_key": key})).send().await.json;
        let ticket = sent["ticket_id"].as_str().unwrap().to_owned();
        let (id, message_id) = last(&server, &ticket).await;
        for rest in [format!("msg_id={id}"), format!("msg_id={message_id}"), format!("msg_id={id}&index=7")] {
            assert_png(&ticket_image(&server, &ticket, &rest).await, &key, &png("guest"));
        }
        let other = server.guest().await.say("hello").await["ticket_id"].as_str().unwrap().to_owned();
        let (text_id, _) = last(&server, &other).await;
        ticket_image(&server, &other, &format!("msg_id={id}")).await.refused(404, 154_004);
        ticket_image(&server, &other, &format!("msg_id={message_id}")).await.refused(404, 154_004);
        ticket_image(&server, "6900000000000009999", &format!("msg_id={id}")).await.refused(404, 154_004);
        ticket_image(&server, &ticket, "msg_id=6900000000000009999").await.refused(404, 154_004);
        ticket_image(&server, &ticket, &format!("msg_id=om_{}", "0".repeat(32))).await.refused(404, 154_004);
        for (ticket, rest, code) in [
            (ticket.as_str(), "msg_id=x", 154_000),
            ("x", "msg_id=1", 154_000),
            (other.as_str(), &format!("msg_id={text_id}"), 154_000),
            (ticket.as_str(), "", 99_992_402),
            (ticket.as_str(), &format!("msg_id={id}&index=-1"), 99_992_402),
            (ticket.as_str(), &format!("msg_id={id}&index=x"), 99_992_402),
        ] {
            ticket_image(&server, ticket, rest).await.refused(400, code);
        }
        server.open_api(Method::GET, &format!("/ticket_images?msg_id={id}")).send().await.refused(400, 99_992_402);
        // A second ticket in the same chat does not have the first one's messages.
        guest.call(Method::POST, "/close").send().await;
        let next = guest.say("again").await["ticket_id"].as_str().unwrap().to_owned();
        ticket_image(&server, &next, &format!("msg_id={message_id}")).await.refused(404, 154_004);
        assert_png(&ticket_image(&server, &ticket, &format!("msg_id={id}")).await, &key, &png("guest"));
        // A notice is no message of the API's.
        let notice = guest.messages().await.into_iter().find(|m| m["kind"] == "notice").unwrap();
        let rest = format!("msg_id={}", notice["message_id"].as_str().unwrap());
        ticket_image(&server, &ticket, &rest).await.refused(404, 154_004);
        let gone = key.clone();
        server.running.app().write(move |tx, _| {
            Ok(tx.execute("DELETE FROM image WHERE tenant = $1 AND image_key = $2", &db::params!["demo", &gone])?)
        }).await.unwrap();
        let answer = ticket_image(&server, &ticket, &format!("msg_id={id}")).await;
        assert!(answer.refused(401, 154_404).contains(&key), "{}", answer.json);
    }

    async fn a_posts_pictures_are_counted_from_zero(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        let ticket = guest.say("hello").await["ticket_id"].as_str().unwrap().to_owned();
        let own = upload(&server, &guest, png("own")).await;
        let made = faq(&server, &json!([img(&data_uri(&png("faq")))])).await;
        let of_faq = made["answer_richtext"][0]["key"].as_str().unwrap().to_owned();
        send(&server, &ticket, &post(&[&of_faq, &own])).await.ok();
        let (id, message_id) = last(&server, &ticket).await;
        assert_png(&ticket_image(&server, &ticket, &format!("msg_id={id}&index=0")).await, &of_faq, &png("faq"));
        assert_png(&ticket_image(&server, &ticket, &format!("msg_id={message_id}&index=1")).await, &own, &png("own"));
        for rest in [format!("msg_id={id}"), format!("msg_id={id}&index=2"), format!("msg_id={id}&index={}", i64::MAX)] {
            let answer = ticket_image(&server, &ticket, &rest).await;
            answer.refused(400, 154_000);
            assert_eq!(answer.json["error"]["field_violations"][0]["field"], "index");
        }
        // The guest's page loads both.
        let shown = guest.wait(0, |m| m["kind"] == "post").await;
        for item in shown["post"]["content"][1].as_array().unwrap() {
            let key = item["image_key"].as_str().unwrap();
            assert_eq!(guest.call(Method::GET, &format!("/images/{key}")).send().await.status, 200);
        }
    }

    async fn a_post_names_only_pictures_that_its_reader_may_see(database) {
        let server = TestServer::start(database).await;
        let (guest, other) = (server.guest().await, server.guest().await);
        let ticket = guest.say("hello").await["ticket_id"].as_str().unwrap().to_owned();
        let others = upload(&server, &other, png("private")).await;
        let own = upload(&server, &guest, png("own")).await;
        let before = server.rows();
        for keys in [&["img_none"][..], &[&own, &others], &[""], &vec![own.as_str(); 21]] {
            send(&server, &ticket, &post(keys)).await.refused(400, 154_000);
        }
        assert_unchanged(&before, &server.rows());
        send(&server, &ticket, &post(&[&own, &own])).await.ok();
    }

    async fn a_desk_file_brings_pictures(database) {
        use desk::deskfile::{self, Format};
        let server = TestServer::start(database).await;
        let file = |bytes: &[u8]| {
            let faq = json!({"id": FAQS[0], "question": "How do I reset my password?",
                "answer_richtext": [{"type": "img", "key": "img_settings"}],
                "images": [{"key": "img_settings", "data": STANDARD.encode(bytes)}]});
            json!({"version": 1, "tenants": [{"key": "demo", "name": "Demo Ltd", "helpdesks": [
                {"id": DESK, "name": "IT help", "owner": "u_ada", "faqs": [faq]}]}]}).to_string()
        };
        let put = async |text: String| {
            let app = server.running.app().clone();
            let work = move || {
                let file = deskfile::parse(&text, Format::Json, &|_| None).unwrap();
                deskfile::put(app.db(), (app.vault(), app.ids()), app.now_ms(), file, false).unwrap()
            };
            tokio::task::spawn_blocking(work).await.unwrap()
        };
        put(file(&png("one"))).await;
        assert_png(&faq_image(&server, FAQS[0], "img_settings").await, "img_settings", &png("one"));
        assert!(put(file(&png("one"))).await.is_empty(), "a second time changes nothing");
        let report = put(file(&png("two"))).await;
        let changes: Vec<String> = report.changes.iter().map(ToString::to_string).collect();
        assert_eq!(changes, [format!("updated FAQ {} (How do I reset my password?): images", FAQS[0])]);
        assert_png(&faq_image(&server, FAQS[0], "img_settings").await, "img_settings", &png("two"));
        let vault = server.running.app().vault().clone();
        let exported =
            server.running.app().read(move |tx, _| Ok(deskfile::export(tx, &vault, true)?)).await.unwrap();
        let text = serde_json::to_string(&exported).unwrap();
        assert!(text.contains(&STANDARD.encode(png("two"))));
        assert!(put(text).await.is_empty(), "an export says what is there");
    }
}
