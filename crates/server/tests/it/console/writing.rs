//! Drafts, canned replies, FAQs beside the composer.

use reqwest::Method;
use serde_json::json;
use testkit::on_both;
use testkit::server::{DESK, FAQS, OTHER_FAQ, START_MS};

use super::{by, get, human, on_duty, post, start};
use crate::admin::token;

on_both! {
    async fn a_draft_is_kept_for_its_author(database) {
        let server = start(database).await;
        let ticket = human(&server.guest().await).await;
        let (ada, bob) = (token(&server, "ada").await, token(&server, "bob").await);
        let path = format!("/tickets/{ticket}/draft");
        by(&server, &ada, Method::GET, &path).send().await.refused(404, 154_004);
        let put = by(&server, &ada, Method::PUT, &path).json(&json!({"text": "Dear"})).send().await;
        assert_eq!((put.status, &put.json), (200, &json!({"text": "Dear", "private": false, "saved_at": START_MS})));
        server.clock.advance(1);
        let put = by(&server, &ada, Method::PUT, &path).json(&json!({"text": "Known", "private": true})).send().await;
        assert_eq!(get(&server, &ada, &path).await, put.json);
        assert_eq!(get(&server, &ada, &format!("/tickets/{ticket}")).await["draft"], put.json);
        by(&server, &bob, Method::GET, &path).send().await.refused(404, 154_004);
        by(&server, &ada, Method::PUT, &path).json(&json!({"text": "x".repeat(30_001)})).send().await.refused(400, 154_000);
        for _ in 0..2 {
            assert_eq!(by(&server, &ada, Method::DELETE, &path).send().await.status, 200);
        }
        by(&server, &ada, Method::GET, &path).send().await.refused(404, 154_004);
    }

    async fn canned_replies_are_the_desks_or_ones_own(database) {
        let server = start(database).await;
        let (ada, bob) = (token(&server, "ada").await, token(&server, "bob").await);
        let new = |name: &str, mine: bool| json!({"helpdesk_id": DESK, "name": name, "text": "Have you tried…", "language": "en", "mine": mine});
        let made = post(&server, &ada, "/canned-replies", new("Restart", false)).await;
        assert_eq!((made.status, &made.json["canned_reply"]["name"]), (201, &json!("restart")), "{}", made.json);
        let id = made.json["canned_reply"]["id"].as_str().unwrap().to_owned();
        post(&server, &bob, "/canned-replies", new("重启", false)).await.refused(403, 154_003);
        let own = post(&server, &bob, "/canned-replies", new("重启", true)).await;
        assert_eq!(own.status, 201, "{}", own.json);
        let own_id = own.json["canned_reply"]["id"].as_str().unwrap().to_owned();
        let list = format!("/canned-replies?helpdesk_id={DESK}");
        let names = |list: &serde_json::Value| list["canned_replies"].as_array().unwrap().iter().map(|r| (r["name"].clone(), r["mine"].clone())).collect::<Vec<_>>();
        assert_eq!(names(&get(&server, &bob, &list).await), [(json!("restart"), json!(false)), (json!("重启"), json!(true))]);
        assert_eq!(names(&get(&server, &ada, &list).await), [(json!("restart"), json!(false))]);
        // The same name again, but as one's own it is another.
        post(&server, &ada, "/canned-replies", new("RESTART", false)).await.refused(400, 154_000);
        assert_eq!(post(&server, &bob, "/canned-replies", new("restart", true)).await.status, 201);
        let change = by(&server, &ada, Method::PATCH, &format!("/canned-replies/{id}")).json(&json!({"text": "Restart it.", "language": ""})).send().await;
        assert_eq!(change.json["canned_reply"], json!({"id": id, "helpdesk_id": DESK, "name": "restart", "text": "Restart it.", "mine": false}));
        for (method, who, id, status) in [
            (Method::PATCH, &bob, &id, 403), (Method::DELETE, &bob, &id, 403), (Method::PATCH, &ada, &own_id, 404), (Method::DELETE, &ada, &own_id, 404),
        ] {
            let answer = by(&server, who, method, &format!("/canned-replies/{id}")).json(&json!({"text": "x"})).send().await;
            assert_eq!(answer.status, status, "{}", answer.json);
        }
        assert_eq!(by(&server, &bob, Method::DELETE, &format!("/canned-replies/{own_id}")).send().await.status, 200);
        assert_eq!(by(&server, &ada, Method::DELETE, &format!("/canned-replies/{id}")).send().await.status, 200);
        assert_eq!(names(&get(&server, &bob, &list).await), [(json!("restart"), json!(true))]);
        for bad in [new("", false), new("two words", false), new(&"x".repeat(41), false), json!({"helpdesk_id": DESK, "name": "x", "text": " "}),
                    json!({"helpdesk_id": DESK, "name": "x", "text": "x", "language": "zh CN"}), json!({"helpdesk_id": "x", "name": "x", "text": "x"})] {
            let answer = post(&server, &ada, "/canned-replies", bad.clone()).await;
            assert_eq!(answer.status, 400, "{bad}: {}", answer.json);
        }
    }

    async fn a_faq_is_found_and_sent_to_the_guest(database) {
        let server = start(database).await;
        on_duty(&server, "bob", false).await;
        let guest = server.guest().await;
        let asked = guest.say("my notebook is old").await;
        guest.wait(1, |message| message["kind"] == "answer").await;
        let ticket = human(&guest).await;
        let ada = token(&server, "ada").await;
        let found = get(&server, &ada, &format!("/faqs?helpdesk_id={DESK}&q=order%20a%20notebook&limit=2")).await;
        assert_eq!((&found["faqs"][0]["id"], &found["faqs"][0]["answer"]), (&json!(FAQS[1]), &json!("Ask your manager to file an order.")));
        assert!(found["faqs"][0]["score"].as_f64().unwrap() > 0.5 && found["faqs"].as_array().unwrap().len() <= 2, "{found}");
        let path = format!("/tickets/{ticket}/faq");
        let sent = post(&server, &ada, &path, json!({"faq_id": FAQS[1], "client_id": "f1"})).await;
        assert_eq!((sent.status, &sent.json["entry"]["message"]["text"]), (201, &json!("Ask your manager to file an order.")), "{}", sent.json);
        assert_eq!((&sent.json["entry"]["message"]["from"], &sent.json["entry"]["message"]["kind"]), (&json!("agent"), &json!("text")));
        let again = post(&server, &ada, &path, json!({"faq_id": FAQS[1], "client_id": "f1"})).await;
        assert_eq!(again.json["entry"], sent.json["entry"]);
        assert_eq!(sent.json["ticket"]["status"], 5);
        // The question knows what it was answered with.
        assert!(server.rows()["question"].iter().any(|row| row.contains(FAQS[1])), "{asked}");
        // One with links and pictures goes as a post.
        let rich = json!({"faq": {"question": "Where is the portal?", "answer_richtext": [
            {"type": "text", "content": "Here: "}, {"type": "hyperlink", "text": "Portal", "url": "https://portal.test"}, {"type": "line break"},
            {"type": "img", "src": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="}, {"type": "text", "content": "See?"}]}});
        let made = server.call(Method::POST, &format!("/admin/v1/desks/{DESK}/faqs")).bearer(&ada).json(&rich).send().await;
        assert_eq!(made.status, 201, "{}", made.json);
        let sent = post(&server, &ada, &path, json!({"faq_id": made.json["faq"]["id"]})).await;
        assert_eq!(sent.status, 201, "{}", sent.json);
        let message = &sent.json["entry"]["message"];
        assert_eq!(message["kind"], "post");
        let lines = message["post"]["content"].as_array().unwrap();
        assert_eq!((&lines[0][1]["href"], &lines[1][0]["tag"], &lines[1][1]["text"]), (&json!("https://portal.test"), &json!("img"), &json!("See?")));
        let key = lines[1][0]["image_key"].as_str().unwrap();
        assert_eq!(guest.call(Method::GET, &format!("/images/{key}")).send().await.status, 200, "the guest may see its picture");
        for (bad, status) in [(json!({"faq_id": OTHER_FAQ}), 404), (json!({"faq_id": "x"}), 404), (json!({}), 400)] {
            let answer = post(&server, &ada, &path, bad).await;
            assert_eq!(answer.status, status, "{}", answer.json);
        }
        for bad in ["", "q=x", &format!("helpdesk_id={DESK}"), &format!("helpdesk_id={DESK}&q=%20"), &format!("helpdesk_id={DESK}&q=x&limit=21")] {
            let answer = by(&server, &ada, Method::GET, &format!("/faqs?{bad}")).send().await;
            assert_eq!(answer.status, 400, "{bad}: {}", answer.json);
        }
    }
}
