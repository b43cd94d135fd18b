//! Who sees and may what.

use reqwest::Method;
use serde_json::json;
use testkit::on_both;
use testkit::server::{DESK, OTHER_DESK};

use super::{by, count, get, human, inbox, on_duty, post, start};
use crate::admin::token;

on_both! {
    async fn anothers_ticket_is_not_there(database) {
        let server = start(database).await;
        let guest = server.guest().await;
        let ticket = human(&guest).await;
        let rita = json!({"email": "rita@other.test", "password": "rita-demo", "cookie": false});
        let rita = server.call(Method::POST, "/admin/v1/session").json(&rita).send().await.json["token"].as_str().unwrap().to_owned();
        for stranger in [token(&server, "hal").await, rita] {
            for (method, path) in [
                (Method::GET, ""), (Method::GET, "/messages"), (Method::GET, "/timeline"), (Method::GET, "/deliveries"), (Method::GET, "/draft"),
                (Method::GET, "/images/img_1"), (Method::DELETE, "/draft"),
            ] {
                by(&server, &stranger, method, &format!("/tickets/{ticket}{path}")).send().await.refused(404, 154_004);
            }
            for (path, body) in [
                ("/messages", json!({"text": "x"})), ("/notes", json!({"text": "x"})), ("/actions", json!({"action": "take"})),
                ("/presence", json!({})), ("/faq", json!({"faq_id": "6900000000000001001"})),
            ] {
                post(&server, &stranger, &format!("/tickets/{ticket}{path}"), body).await.refused(404, 154_004);
            }
            by(&server, &stranger, Method::PATCH, &format!("/tickets/{ticket}")).json(&json!({"solved": true})).send().await.refused(404, 154_004);
            by(&server, &stranger, Method::PUT, &format!("/tickets/{ticket}/draft")).json(&json!({"text": "x"})).send().await.refused(404, 154_004);
            for path in [format!("/desks/{DESK}"), format!("/tickets?inbox=open&helpdesk_id={DESK}"), format!("/inboxes?helpdesk_id={DESK}"),
                         format!("/canned-replies?helpdesk_id={DESK}"), format!("/faqs?helpdesk_id={DESK}&q=x"), format!("/stream?helpdesk_id={DESK}")] {
                by(&server, &stranger, Method::GET, &path).send().await.refused(404, 154_004);
            }
            assert!(inbox(&server, &stranger, "open").await.is_empty());
            assert_eq!(count(&server, &stranger, "open").await, 0);
        }
        by(&server, "as_wrong", Method::GET, "/me").send().await.refused(401, 154_001);
        server.call(Method::GET, "/console/v1/me").send().await.refused(401, 154_001);
        let ada = token(&server, "ada").await;
        for id in ["6900000000000000999", "x", "0"] {
            by(&server, &ada, Method::GET, &format!("/tickets/{id}")).send().await.refused(404, 154_004);
        }
    }

    async fn an_administrator_does_all_but_take_tickets(database) {
        let server = start(database).await;
        for name in ["ada", "bob"] {
            on_duty(&server, name, false).await;
        }
        let guest = server.guest().await;
        let ticket = human(&guest).await;
        let root = token(&server, "root").await;
        let me = get(&server, &root, "/me").await;
        let desks: Vec<_> = me["desks"].as_array().unwrap().iter().map(|d| (&d["helpdesk_id"], &d["rights"], d.get("agent"))).collect();
        assert_eq!(desks, [(&json!(DESK), &json!("admin"), None), (&json!(OTHER_DESK), &json!("admin"), None)]);
        let shown = get(&server, &root, &format!("/tickets/{ticket}")).await;
        assert_eq!(shown["may"], json!({"act": true, "take": false}));
        let path = format!("/tickets/{ticket}/actions");
        let why = post(&server, &root, &path, json!({"action": "take"})).await.refused(403, 154_003);
        assert!(why.contains("only agents"), "{why}");
        by(&server, &root, Method::PUT, "/me").json(&json!({"status": "online"})).send().await.refused(403, 154_003);
        let closed = post(&server, &root, &path, json!({"action": "close"})).await;
        assert_eq!((closed.status, &closed.json["ticket"]["closed_by"]["name"]), (200, &json!("Root")), "{}", closed.json);
    }

    async fn an_agent_says_whether_they_take_tickets(database) {
        let server = start(database).await;
        let bob = token(&server, "bob").await;
        let me = get(&server, &bob, "/me").await;
        assert_eq!(me["person"]["name"], "Bob");
        assert_eq!(me["desks"], json!([{"helpdesk_id": DESK, "name": "IT help", "rights": "agent",
            "agent": {"status": "online", "on_duty": true, "open_tickets": 0, "capacity": 10}}]));
        on_duty(&server, "ada", false).await;
        on_duty(&server, "bob", false).await;
        let ticket = human(&server.guest().await).await;
        assert_eq!(server.ticket(&ticket).await["status"], 3, "nobody is there");
        let there = by(&server, &bob, Method::PUT, "/me").json(&json!({"status": "online", "helpdesk_id": DESK})).send().await;
        assert_eq!((&there.json["desks"][0]["agent"]["status"], &there.json["desks"][0]["agent"]["open_tickets"]), (&json!("online"), &json!(1)));
        assert_eq!(inbox(&server, &bob, "mine").await, [ticket]);
        for bad in [json!({"status": "busy"}), json!({}), json!({"status": "online", "helpdesk_id": "x"})] {
            let answer = by(&server, &bob, Method::PUT, "/me").json(&bad).send().await;
            assert_eq!(answer.status, 400, "{bad}: {}", answer.json);
        }
        by(&server, &bob, Method::PUT, "/me").json(&json!({"status": "online", "helpdesk_id": OTHER_DESK})).send().await.refused(404, 154_004);
    }

    async fn a_page_needs_the_csrf_token_to_change_something(database) {
        let server = start(database).await;
        let ticket = human(&server.guest().await).await;
        let body = json!({"email": "ada@demo.test", "password": "ada-demo", "tenant": "demo"});
        let session = server.call(Method::POST, "/admin/v1/session").json(&body).send().await;
        let cookie = session.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let path = format!("/console/v1/tickets/{ticket}/notes");
        let call = |method: Method, path: &str| server.call(method, path).header("cookie", &cookie);
        assert_eq!(call(Method::GET, "/console/v1/me").send().await.status, 200);
        call(Method::POST, &path).json(&json!({"text": "x"})).send().await.refused(403, 154_003);
        let csrf = session.json["csrf_token"].as_str().unwrap();
        let with = call(Method::POST, &path).header("x-csrf-token", csrf).json(&json!({"text": "x"})).send().await;
        assert_eq!((with.status, &with.headers["cache-control"]), (201, &"no-store".parse().unwrap()));
    }
}
