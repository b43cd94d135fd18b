//! Making, closing and opening help desks, which is for administrators of the tenant.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::{assert_on_record, assert_only_on_record, assert_unchanged};
use testkit::server::{AGENT, APP, DESK, OTHER_DESK, OWNER, USER, desk_header};
use testkit::{Answer, Options, TestServer, on_both};

use super::{by, field, file, get, send, start, token};

/// Opens a session at a help desk.
async fn arrive(server: &TestServer, desk: &str, body: Value) -> Answer {
    server.call(Method::POST, &format!("/guest/v1/desks/{desk}/sessions")).json(&body).send().await
}

/// A call of an app at a help desk.
async fn faqs_of(server: &TestServer, desk: &str, token: &str) -> Answer {
    let call = server.call(Method::GET, "/open-apis/helpdesk/v1/faqs").bearer(&server.tenant_token(APP));
    call.header("x-lark-helpdesk-authorization", &desk_header(desk, token)).send().await
}

async fn close(server: &TestServer, token: &str, desk: &str, name: &str) -> Answer {
    send(server, token, Method::POST, &format!("/desks/{desk}/close"), json!({"name": name})).await
}

async fn open(server: &TestServer, token: &str, desk: &str) -> Answer {
    by(server, token, Method::POST, &format!("/desks/{desk}/open")).send().await
}

/// Since when each help desk is closed, by id.
async fn closed(server: &TestServer, token: &str) -> Vec<(String, Value)> {
    let list = get(server, token, "/desks").await;
    let desks = list["desks"].as_array().unwrap().iter();
    desks.map(|desk| (desk["id"].as_str().unwrap().to_owned(), desk["closed_at"].clone())).collect()
}

on_both! {
    async fn a_help_desk_is_made_with_its_owner_and_can_be_used_at_once(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        let body = json!({"name": " Shop / 商店 ", "timezone": "europe/berlin", "owner": AGENT});
        let made = send(&server, &root, Method::POST, "/desks", body).await;
        assert_eq!(made.status, 201, "{}", made.json);
        let (id, desk_token) = (made.json["id"].as_str().unwrap(), made.json["token"].as_str().unwrap());
        assert_eq!((id.len(), desk_token.starts_with("ht-"), &made.json["name"]), (19, true, &json!("Shop / 商店")));
        assert_on_record(server.running.app().db(), "admin_desk.create");
        // The secrets are told this once; of the token the hash alone is kept.
        let rows = server.rows();
        for secret in [desk_token, made.json["widget_secret"].as_str().unwrap()] {
            assert!(rows.values().flatten().all(|row| !row.contains(secret)));
        }
        assert_eq!(faqs_of(&server, id, desk_token).await.ok()["items"], json!([]));
        faqs_of(&server, id, "ht-one").await.refused(401, 154_001);
        let session = arrive(&server, id, json!({"name": "Gina"})).await;
        assert_eq!((session.status, &session.json["desk"]["name"]), (200, &json!("Shop / 商店")));
        // Bob owns it and looks after it.
        let bob = token(&server, "bob").await;
        let settings = get(&server, &bob, &format!("/desks/{id}/settings")).await;
        assert_eq!((&settings["timezone"], &settings["owner"]["open_id"]), (&json!("Europe/Berlin"), &json!(AGENT)));
        let agents = get(&server, &bob, &format!("/desks/{id}/agents")).await;
        assert_eq!((agents["agents"].as_array().unwrap().len(), &agents["agents"][0]["is_owner"]), (1, &json!(true)));
        // A desk file that does not know it leaves it as it is.
        let before = server.rows();
        server.apply(&file(&Options::default())).await;
        assert_unchanged(&before, &server.rows());
    }

    async fn what_a_desk_file_could_not_say_makes_no_help_desk(database) {
        let mut file = file(&Options::default());
        file["tenants"][0]["users"][2].as_object_mut().unwrap().remove("password");
        let server = TestServer::with_file(database, &Options::default(), &file).await;
        let root = token(&server, "root").await;
        let before = server.rows();
        for (change, at, told) in [
            (json!({"name": " "}), "name", "must not be empty"),
            (json!({"name": "x".repeat(201)}), "name", "200 characters"),
            (json!({"name": "IT help"}), "name", "is called IT help already"),
            (json!({"owner": "ou_nobody"}), "owner", "is no user here"),
            (json!({"owner": ""}), "owner", "is no user here"),
            (json!({"owner": USER}), "owner", "Eve has no password"),
            (json!({"timezone": "Mars/Olympus"}), "timezone", "IANA names"),
        ] {
            let mut body = json!({"name": "Shop", "owner": OWNER});
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let refused = send(&server, &root, Method::POST, "/desks", body).await;
            assert!(refused.refused(400, 154_000).contains(told), "{}", refused.json);
            assert_eq!(field(&refused), at);
        }
        assert_only_on_record(&before, &server.rows());
    }

    async fn only_an_administrator_of_the_tenant_makes_closes_and_opens(database) {
        let server = start(database, &Options::default()).await;
        let before = server.rows();
        for name in ["ada", "bob"] {
            let token = token(&server, name).await;
            let body = json!({"name": "Shop", "owner": OWNER});
            send(&server, &token, Method::POST, "/desks", body).await.refused(403, 154_003);
            close(&server, &token, DESK, "IT help").await.refused(403, 154_003);
            open(&server, &token, DESK).await.refused(403, 154_003);
        }
        let body = json!({"email": "rita@other.test", "password": "rita-demo", "cookie": false});
        let rita = server.call(Method::POST, "/admin/v1/session").json(&body).send().await;
        let rita = rita.json["token"].as_str().unwrap();
        close(&server, rita, DESK, "IT help").await.refused(404, 154_004);
        open(&server, rita, DESK).await.refused(404, 154_004);
        assert_eq!(before["helpdesk"], server.rows()["helpdesk"]);
    }

    async fn a_closed_help_desk_takes_nobody_new_and_ends_what_is_open(database) {
        let server = start(database, &Options { subscribed: true, ..Options::default() }).await;
        let (root, bob) = (token(&server, "root").await, token(&server, "bob").await);
        let gina = server.guest().await;
        let asked = gina.ask("Where is the gym?").await;
        let waiting = server.rows()["delivery"].clone();
        assert!(!waiting.is_empty());
        let refused = close(&server, &root, DESK, "IT").await;
        assert!(refused.refused(400, 154_000).contains("write IT help"));
        assert_eq!(field(&refused), "name");
        assert_eq!(closed(&server, &root).await, [(DESK.into(), Value::Null), (OTHER_DESK.into(), Value::Null)]);
        let done = close(&server, &root, DESK, " IT help ").await;
        assert_eq!(done.status, 200, "{}", done.json);
        assert_on_record(server.running.app().db(), "admin_desk.close");
        let at = done.json["closed_at"].clone();
        assert_eq!(closed(&server, &root).await, [(DESK.into(), at.clone()), (OTHER_DESK.into(), Value::Null)]);
        assert_eq!(get(&server, &bob, "/desks").await["desks"][0]["closed_at"], at);
        // Once more is the same.
        assert_eq!(close(&server, &root, DESK, "IT help").await.json["closed_at"], at);

        // Nobody new.
        assert!(arrive(&server, DESK, json!({"name": "New"})).await.refused(403, 154_003).contains("IT help is closed"));
        arrive(&server, DESK, json!({"open_id": USER})).await.refused(403, 154_003);
        let listed = server.call(Method::GET, "/guest/v1/desks").send().await.json;
        assert!(listed["desks"].as_array().unwrap().iter().all(|desk| desk["helpdesk_id"] != DESK), "{listed}");
        let look = server.call(Method::GET, &format!("/guest/v1/desks/{DESK}")).send().await;
        assert_eq!(look.json["closed"], json!(true));
        assert!(faqs_of(&server, DESK, "ht-one").await.refused(401, 154_001).contains("is closed"));
        faqs_of(&server, DESK, "ht-wrong").await.refused(401, 154_001);

        // Who has an open ticket reads and writes it, and comes back to it; agents read it.
        assert_eq!(gina.say("Hello?").await["ticket_id"], json!(asked.ticket_id));
        let back = gina.call(Method::POST, &format!("/desks/{DESK}/sessions")).json(&json!({})).send().await;
        assert_eq!((&back.json["ticket_id"], &back.json["desk"]["closed"]), (&json!(asked.ticket_id), &json!(true)));
        let path = format!("/console/v1/tickets/{}", asked.ticket_id);
        let read = server.call(Method::GET, &path).bearer(&bob).send().await;
        assert_eq!((read.status, &read.json["ticket"]["ticket_id"]), (200, &json!(asked.ticket_id)), "{}", read.json);
        // What was to be told to apps is still there, and more came to it.
        let now = server.rows()["delivery"].clone();
        assert!(now.len() > waiting.len() && waiting.iter().all(|row| now.contains(row)));
        // With the ticket ended, there is no other.
        assert_eq!(gina.call(Method::POST, "/close").json(&json!({})).send().await.status, 200);
        let before = server.rows();
        let more = gina.call(Method::POST, "/messages").json(&json!({"text": "One more"})).send().await;
        assert!(more.refused(403, 154_003).contains("takes no new questions"));
        gina.call(Method::POST, "/human").send().await.refused(403, 154_003);
        assert_unchanged(&before, &server.rows());
        assert!(gina.messages().await.len() >= 2);

        // The other help desk is as it was.
        assert_eq!(faqs_of(&server, OTHER_DESK, "ht-two").await.ok()["items"].as_array().unwrap().len(), 1);

        assert_eq!(open(&server, &root, DESK).await.status, 200);
        assert_on_record(server.running.app().db(), "admin_desk.open");
        assert_eq!(closed(&server, &root).await, [(DESK.into(), Value::Null), (OTHER_DESK.into(), Value::Null)]);
        assert_eq!(faqs_of(&server, DESK, "ht-one").await.ok()["items"].as_array().unwrap().len(), 3);
        assert_ne!(gina.say("One more").await["ticket_id"], json!(asked.ticket_id));
        server.guest().await.ask("And me?").await;
    }

    async fn a_notification_waits_while_its_help_desk_is_closed(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        let card = json!({"elements": [{"tag": "div", "text": {"tag": "lark_md", "content": "We move on Friday."}}]});
        let body = json!({"job_name": "Move", "push_content": card.to_string(), "push_type": 0, "push_scope_type": 0});
        let path = format!("/desks/{DESK}/notifications");
        let made = send(&server, &root, Method::POST, &path, body).await;
        let one = format!("{path}/{}", made.json["notification"]["id"].as_str().unwrap());
        send(&server, &root, Method::POST, &format!("{one}/submit"), json!({"reason": "news"})).await;
        let send_at = json!({"send_at": testkit::server::START_MS + 60_000});
        assert_eq!(send(&server, &root, Method::POST, &format!("{one}/send"), send_at).await.status, 200);
        close(&server, &root, DESK, "IT help").await;
        let desk = server.running.app().directory().helpdesks[&DESK.parse::<i64>().unwrap()].clone();
        let id: i64 = made.json["notification"]["id"].as_str().unwrap().parse().unwrap();
        server.running.app().clock().advance(60_000);
        // The same step as the worker takes, however often.
        let step = || {
            let desk = std::sync::Arc::clone(&desk);
            server.running.app().write(move |tx, cx| desk::notification::step(tx, cx, &desk, id))
        };
        assert!(!step().await.unwrap() && !step().await.unwrap());
        assert_eq!(server.rows()["notification_target"], Vec::<String>::new());
        assert_eq!(get(&server, &root, &one).await["state"], json!("waiting"));
        open(&server, &root, DESK).await;
        let mut state = Value::Null;
        for _ in 0..2_000 {
            server.running.app().clock().advance(60_000);
            state = get(&server, &root, &one).await["state"].clone();
            if state == json!("sent") {
                break;
            }
        }
        assert_eq!(state, json!("sent"));
    }

    async fn a_desk_file_leaves_a_help_desk_closed_unless_it_says_otherwise(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        close(&server, &root, DESK, "IT help").await;
        let mut file = file(&Options::default());
        file["tenants"][0]["helpdesks"][0]["welcome"] = json!("Moved");
        server.apply(&file).await;
        assert!(closed(&server, &root).await[0].1.is_i64());
        assert_eq!(get(&server, &root, &format!("/desks/{DESK}/settings")).await["welcome"], json!("Moved"));
        file["tenants"][0]["helpdesks"][0]["closed"] = json!(false);
        server.apply(&file).await;
        assert_eq!(closed(&server, &root).await[0].1, Value::Null);
        file["tenants"][0]["helpdesks"][0]["closed"] = json!(true);
        server.apply(&file).await;
        assert!(closed(&server, &root).await[0].1.is_i64());
    }
}
