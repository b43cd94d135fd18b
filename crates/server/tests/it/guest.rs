//! The guest API.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use server::settings::Mode;
use testkit::server::{AGENT, DESK, FAQS, OTHER_DESK, START_MS, USER, desk_file};
use testkit::{Options, TestServer, on_both};

fn builtin() -> Options {
    Options { by: "builtin", subscribed: false, ..Options::default() }
}

on_both! {
    async fn a_question_is_answered_by_the_built_in_engine(database) {
        let server = TestServer::with(database, &builtin()).await;
        let guest = server.guest().await;
        assert_eq!(guest.session["desk"]["name"], "IT help");
        assert_eq!(guest.session["desk"]["categories"][0]["children"][0]["name"], "Passwords");
        let said = guest.say("i forgot my password").await;
        assert_eq!((&said["message"]["from"], &said["message"]["position"]), (&json!("guest"), &json!(1)));
        let answer = guest.wait(0, |m| m["kind"] == "answer").await;
        assert_eq!((&answer["mode"], &answer["answered_by"]), (&json!("direct"), &json!("builtin")));
        assert_eq!(answer["faqs"][0]["id"], FAQS[0]);
        assert_eq!(answer["text"], "Open Settings > Security.");
        guest.say("忘记密码怎么办").await;
        let answer = guest.wait(2, |m| m["kind"] == "answer").await;
        assert_eq!(answer["faqs"][0]["id"], FAQS[0]);
        guest.say("qwxz vbnm").await;
        let answer = guest.wait(4, |m| m["kind"] == "answer").await;
        assert_eq!(answer["mode"], "none");
    }

    async fn one_client_id_is_one_message(database) {
        let server = TestServer::with(database, &builtin()).await;
        let guest = server.guest().await;
        let body = json!({"text": "hello", "client_id": "c-1"});
        let send = || guest.call(Method::POST, "/messages").json(&body).send();
        let (a, b) = tokio::join!(send(), send());
        let c = send().await;
        assert_eq!((a.status, b.status, c.status), (201, 201, 201));
        let ids: Vec<&Value> = [&a, &b, &c].iter().map(|x| &x.json["message"]["message_id"]).collect();
        assert!(ids[0] == ids[1] && ids[1] == ids[2], "{ids:?}");
        let said = guest.messages().await.into_iter().filter(|m| m["from"] == "guest").count();
        assert_eq!(said, 1);
    }

    async fn a_session_goes_on_with_its_token(database) {
        let server = TestServer::with(database, &builtin()).await;
        let guest = server.guest().await;
        let said = guest.say("hello").await;
        let path = format!("/guest/v1/desks/{DESK}/sessions");
        let again = server.call(Method::POST, &path).bearer(&guest.token).json(&json!({})).send().await;
        assert_eq!(again.json["guest"], guest.session["guest"]);
        assert_eq!(again.json["ticket_id"], said["ticket_id"]);
        let refused = server.call(Method::POST, &path).bearer("g-nonsense").json(&json!({})).send().await;
        refused.refused(401, 154_001);
    }

    async fn naming_a_user_needs_an_identity_token_in_production(database) {
        let server = TestServer::with(database, &Options { mode: Mode::Serve, ..builtin() }).await;
        let path = format!("/guest/v1/desks/{DESK}/sessions");
        let named = server.call(Method::POST, &path).json(&json!({"open_id": USER})).send().await;
        assert!(named.refused(400, 154_000).contains("identity_token"));
        let gone = server.call(Method::POST, "/dev/v1/user_tokens").json(&json!({})).send().await;
        assert_eq!(gone.status, 404, "developer controls do not exist in production");
    }

    async fn only_whom_the_desk_is_visible_to_may_ask(database) {
        let server = TestServer::with(database, &builtin()).await;
        let path = format!("/guest/v1/desks/{OTHER_DESK}/sessions");
        for body in [json!({}), json!({"open_id": USER})] {
            server.call(Method::POST, &path).json(&body).send().await.refused(401, 154_402);
        }
        let bob = server.call(Method::POST, &path).json(&json!({"open_id": AGENT})).send().await;
        assert_eq!(bob.status, 200);
        let unknown = server.call(Method::POST, &path).json(&json!({"open_id": "ou_none"})).send().await;
        unknown.refused(404, 154_004);
    }

    async fn pages_of_other_sites_may_call(database) {
        let server = TestServer::with(database, &builtin()).await;
        let guest = server.guest().await;
        let url = server.url("/guest/v1/messages");
        let from = |method: Method| testkit::api::client().request(method, &url).header("origin", "https://shop.test");
        let asks = [("access-control-request-method", "POST"), ("access-control-request-headers", "authorization,content-type")];
        let asked = asks.iter().fold(from(Method::OPTIONS), |call, (name, value)| call.header(*name, *value));
        let preflight = asked.send().await.unwrap();
        let allowed = |response: &reqwest::Response, name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        assert_eq!(preflight.status(), 200);
        assert_eq!(allowed(&preflight, "access-control-allow-origin"), "https://shop.test");
        assert_eq!(allowed(&preflight, "access-control-allow-headers"), "authorization,content-type");
        assert_eq!(allowed(&preflight, "access-control-allow-credentials"), "");
        let called = from(Method::POST).bearer_auth(&guest.token).body(r#"{"text":"hi"}"#).send().await.unwrap();
        assert_eq!((called.status().as_u16(), allowed(&called, "access-control-allow-origin").as_str()), (201, "https://shop.test"));
        let other = from(Method::PATCH).send().await.unwrap();
        assert_eq!(other.status(), 404);
    }

    async fn a_long_poll_ends_when_something_comes(database) {
        let server = TestServer::with(database, &builtin()).await;
        let guest = server.guest().await;
        let wait = guest.call(Method::GET, "/messages?after=0&wait_ms=20000").send();
        let say = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            guest.say("hello").await
        };
        let (waited, said) = tokio::join!(wait, say);
        assert_eq!(waited.json["messages"][0]["message_id"], said["message"]["message_id"]);
        let page = guest.call(Method::GET, "/messages?after=0&limit=1").send().await;
        guest.wait(0, |m| m["kind"] == "answer").await;
        assert_eq!(page.json["messages"].as_array().map(Vec::len), Some(1));
        for bad in ["limit=0", "limit=201", "after=x"] {
            guest.call(Method::GET, &format!("/messages?{bad}")).send().await.refused(400, 154_000);
        }
    }

    async fn a_stream_resumes_after_the_last_event(database) {
        let server = TestServer::with(database, &builtin()).await;
        let guest = server.guest().await;
        guest.say("hello").await;
        guest.wait(0, |m| m["kind"] == "answer").await;
        let read = |last: &'static str| {
            let (url, token) = (server.url("/guest/v1/stream"), guest.token.clone());
            async move {
                let client = testkit::api::client();
                let mut response = client.get(url).bearer_auth(token).header("last-event-id", last).send().await.unwrap();
                let mut text = String::new();
                while text.matches("\n\n").count() < 1 {
                    let chunk = tokio::time::timeout(Duration::from_secs(10), response.chunk()).await;
                    text.push_str(std::str::from_utf8(&chunk.unwrap().unwrap().unwrap()).unwrap());
                }
                text
            }
        };
        let first = read("0").await;
        assert!(first.contains("id: 1\n") && first.contains("event: message\n"), "{first}");
        let resumed = read("1").await;
        assert!(!resumed.contains("id: 1\n") && resumed.contains("id: 2\n"), "{resumed}");
        let (live, _) = tokio::join!(read("2"), async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            guest.say("live").await
        });
        assert!(live.contains("\"text\":\"live\""), "{live}");
    }

    async fn a_candidate_is_picked_and_judged(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        let asked = guest.ask("help").await;
        let faqs = json!([{"id": FAQS[0], "score": 0.5}, {"id": FAQS[1], "score": 0.4}]);
        server.answer(&asked, &faqs).await.ok();
        let list = guest.answers().await.remove(0);
        let id = list["message_id"].as_str().unwrap().to_owned();
        let choose = |faq: &'static str| {
            guest.call(Method::POST, &format!("/messages/{id}/choose")).json(&json!({"faq_id": faq})).send()
        };
        choose(FAQS[2]).await.refused(400, 154_000);
        let chosen = choose(FAQS[1]).await;
        assert_eq!((chosen.status, &chosen.json["message"]["mode"]), (201, &json!("direct")));
        let chosen_id = chosen.json["message"]["message_id"].as_str().unwrap().to_owned();
        let judge = |id: &str| {
            guest.call(Method::POST, &format!("/messages/{id}/feedback")).json(&json!({"solved": true})).send()
        };
        assert_eq!(judge(&chosen_id).await.status, 200);
        judge("om_none").await.refused(404, 154_004);
        let ticket = server.open_api(Method::GET, &format!("/tickets/{}", asked.ticket_id)).send().await.ok();
        assert_eq!(ticket["ticket"]["solve"], 2);
        assert_eq!(guest.answers().await[1]["solved"], true);
    }

    async fn a_human_is_asked_for_and_the_conversation_rated(database) {
        let server = TestServer::with(database, &builtin()).await;
        // The desk's only room is taken.
        server.staff(&builtin(), &[("u_ada", true)]).await;
        for _ in 0..10 {
            let taken = server.guest().await.call(Method::POST, "/human").send().await.json;
            assert_eq!((&taken["status"], taken.get("queue_position")), (&json!(2), None));
        }
        let (one, two) = (server.guest().await, server.guest().await);
        let first = one.call(Method::POST, "/human").send().await.json;
        let second = two.call(Method::POST, "/human").send().await.json;
        assert_eq!((&first["status"], &first["queue_position"]), (&json!(3), &json!(1)));
        assert_eq!((&second["queue_position"], &second["on_duty"]), (&json!(2), &json!(true)));
        let again = one.call(Method::POST, "/human").send().await.json;
        assert_eq!(again, first);
        let closed = one.call(Method::POST, "/close").send().await;
        assert_eq!((closed.status, &closed.json["status"]), (200, &json!(52)));
        one.call(Method::POST, "/close").send().await.refused(400, 154_000);
        for (score, status) in [(json!(0), 400), (json!(4), 400), (json!(3), 200)] {
            let rated = one.call(Method::POST, "/rating").json(&json!({"score": score, "reason": "quick"})).send().await;
            assert_eq!(rated.status, status, "{}", rated.json);
        }
        let next = one.say("another question").await;
        assert_ne!(next["ticket_id"], first["ticket_id"], "a closed ticket stays closed");
    }

    async fn questions_are_suggested_while_one_is_typed(database) {
        let server = TestServer::with(database, &Options { rate_limits: true, ..builtin() }).await;
        let (guest, other) = (server.guest().await, server.guest().await);
        let before = server.rows();
        let typed = |guest: &testkit::server::Guest<'_>, text: &str| {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("text", text).finish();
            guest.call(Method::GET, &format!("/suggestions?{query}")).send()
        };
        let found = typed(&guest, "forgot pass").await;
        assert_eq!(found.status, 200, "{}", found.json);
        let first = &found.json["suggestions"][0];
        assert_eq!((&first["id"], &first["question"]), (&json!(FAQS[0]), &json!("How do I reset my password?")));
        assert!(first["score"].as_f64().is_some_and(|score| (0.0..=1.0).contains(&score)), "{first}");
        for nothing in ["", "qwxz vbnm"] {
            assert_eq!(typed(&guest, nothing).await.json, json!({"suggestions": []}), "{nothing:?}");
        }
        typed(&guest, &"x".repeat(5_001)).await.refused(400, 154_000);
        for _ in 0..2 {
            assert_eq!(typed(&guest, "忘记密码").await.json["suggestions"][0]["id"], FAQS[0]);
        }
        let too_fast = typed(&guest, "vpn").await;
        too_fast.refused(429, 99_991_400);
        assert_eq!(typed(&other, "vpn").await.status, 200, "everybody has a pace of their own");
        server.clock.advance(1_000);
        assert_eq!(typed(&guest, "vpn").await.status, 200);
        testkit::rows::assert_unchanged(&before, &server.rows());
        server.call(Method::GET, "/guest/v1/suggestions?text=vpn").send().await.refused(401, 154_001);
    }

    async fn a_guest_sees_where_the_ticket_stands_and_when_agents_are_there(database) {
        let server = TestServer::with(database, &builtin()).await;
        // The owner is the one agent, in the mornings; the test's Monday is 08:00.
        let slots = json!([{"start_time": "07:00", "end_time": "12:00", "weekday": 10}]);
        let mut file = desk_file(&builtin());
        file["tenants"][0]["helpdesks"][0]["agents"] = json!([{"user": "u_ada", "schedule": slots}]);
        server.apply(&file).await;
        let guest = server.guest().await;
        let noon = START_MS + 4 * 3_600_000;
        assert_eq!(guest.session["desk"]["hours"], json!({"on_duty": true, "until": noon}));
        assert_eq!((&guest.session["position"], guest.session.get("unrated_ticket_id")), (&json!(0), None));
        let stands = || guest.call(Method::GET, "/ticket").send();
        assert_eq!(stands().await.json, json!({"hours": {"on_duty": true, "until": noon}}));
        let said = guest.say("hello").await;
        let ticket = json!({"ticket_id": said["ticket_id"], "stage": 1, "status": 1});
        assert_eq!(stands().await.json["ticket"], ticket);
        server.clock.advance(5 * 3_600_000);
        let told = guest.call(Method::POST, "/human").send().await.json;
        assert_eq!((&told["status"], &told["on_duty"]), (&json!(3), &json!(false)));
        let morning = json!({"on_duty": false, "until": noon + 19 * 3_600_000});
        let queued = json!({"ticket_id": said["ticket_id"], "stage": 2, "status": 3, "queue_position": 1});
        assert_eq!(stands().await.json, json!({"ticket": queued, "hours": morning}));
        let path = format!("/guest/v1/desks/{DESK}/sessions");
        let again = || server.call(Method::POST, &path).bearer(&guest.token).json(&json!({})).send();
        let session = again().await.json;
        assert_eq!((&session["ticket"], &session["desk"]["hours"]), (&queued, &morning));
        assert_eq!(session["position"], guest.messages().await.last().unwrap()["position"]);
        guest.call(Method::POST, "/close").send().await;
        assert_eq!(stands().await.json, json!({"hours": morning}));
        assert_eq!(again().await.json["unrated_ticket_id"], said["ticket_id"]);
        assert_eq!(guest.call(Method::POST, "/rating").json(&json!({"score": 2})).send().await.status, 200);
        assert_eq!(again().await.json.get("unrated_ticket_id"), None);
    }

    async fn pictures_are_sniffed_and_stay_in_their_chat(database) {
        let server = TestServer::start(database).await;
        let (guest, other) = (server.guest().await, server.guest().await);
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0".to_vec();
        let upload = |bytes: Vec<u8>, name: &'static str| {
            let part = reqwest::multipart::Part::bytes(bytes).file_name(name);
            let form = reqwest::multipart::Form::new().part("image", part);
            let client = testkit::api::client();
            client.post(server.url("/guest/v1/images")).bearer_auth(&guest.token).multipart(form).send()
        };
        let stored = upload(png.clone(), "a.txt").await.unwrap();
        assert_eq!(stored.status(), 201);
        let key = stored.json::<Value>().await.unwrap()["image_key"].as_str().unwrap().to_owned();
        let posted = guest.call(Method::POST, "/messages").json(&json!({"image_key": key})).send().await;
        assert_eq!((posted.status, &posted.json["message"]["image_key"]), (201, &json!(key)));
        let back = guest.call(Method::GET, &format!("/images/{key}")).send().await;
        assert_eq!((back.status, back.headers["content-type"].to_str().unwrap(), back.body), (200, "image/png", png));
        other.call(Method::GET, &format!("/images/{key}")).send().await.refused(404, 154_004);
        other.call(Method::POST, "/messages").json(&json!({"image_key": key})).send().await.refused(400, 154_000);
        assert_eq!(upload(b"<svg onload=alert(1)>".to_vec(), "a.png").await.unwrap().status(), 400);
        assert_eq!(upload(vec![0; 6 << 20], "a.png").await.unwrap().status(), 400);
    }

    async fn bad_input_names_its_field_and_writes_nothing(database) {
        let server = TestServer::with(database, &builtin()).await;
        let guest = server.guest().await;
        let before = server.rows();
        for (body, field) in [
            (json!({}), "text"),
            (json!({"text": "  "}), "text"),
            (json!({"text": "x".repeat(5_001)}), "text"),
            (json!({"text": "x", "client_id": ""}), "client_id"),
            (json!({"text": "a\0b"}), "NUL"),
            (json!({"text": "x", "client_id": "\0"}), "NUL"),
            (json!({"image_key": "img_none"}), "image_key"),
        ] {
            let why = guest.call(Method::POST, "/messages").json(&body).send().await.refused(400, 154_000);
            assert!(why.contains(field), "{why}");
        }
        let path = "/guest/v1/desks/%ff/sessions";
        server.call(Method::POST, path).json(&json!({})).send().await.refused(400, 154_000);
        guest.call(Method::POST, "/messages").raw("{").send().await.refused(400, 9499);
        guest.call(Method::POST, "/messages").json(&json!({"text": 1})).send().await.refused(400, 9499);
        server.call(Method::POST, "/guest/v1/messages").json(&json!({"text": "x"})).send().await.refused(401, 154_001);
        testkit::rows::assert_unchanged(&before, &server.rows());
    }
}
