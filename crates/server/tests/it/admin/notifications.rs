//! Notifications, as those who run a help desk handle them. The rules are those of the push centre and tested there.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::{assert_on_record, assert_only_on_record, assert_unchanged};
use testkit::server::{DESK, OTHER_DESK, OWNER, START_MS, USER};
use testkit::{Answer, Options, TestServer, on_both};

use super::{by, file, start, token};

fn push(name: &str, more: &Value) -> Value {
    let card = json!({"elements": [{"tag": "div", "text": {"tag": "lark_md", "content": "We move on Friday."}}]});
    let mut body = json!({"job_name": name, "push_content": card.to_string(), "push_type": 0, "push_scope_type": 0});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

/// Somebody who runs the first help desk.
struct Runs<'s> {
    server: &'s TestServer,
    token: String,
}

impl<'s> Runs<'s> {
    async fn of(server: &'s TestServer, name: &str) -> Self {
        Self { server, token: token(server, name).await }
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        by(self.server, &self.token, method, &format!("/desks/{DESK}/notifications{path}")).json(body).send().await
    }

    async fn create(&self, body: &Value) -> String {
        let made = self.call(Method::POST, "", body).await;
        assert_eq!((made.status, &made.json["state"]), (201, &json!("draft")), "{}", made.json);
        made.json["notification"]["id"].as_str().unwrap().to_owned()
    }

    async fn get(&self, id: &str) -> Value {
        self.call(Method::GET, &format!("/{id}"), &Value::Null).await.json
    }

    /// Takes a step and answers where the notification stands then.
    async fn step(&self, id: &str, what: &str, body: &Value) -> String {
        let done = self.call(Method::POST, &format!("/{id}/{what}"), body).await;
        assert_eq!(done.status, 200, "{what}: {}", done.json);
        done.json["state"].as_str().unwrap().to_owned()
    }

    async fn until(&self, id: &str, state: &str) -> Value {
        for _ in 0..400 {
            let now = self.get(id).await;
            if now["state"] == state {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("never {state}: {}", self.get(id).await);
    }
}

fn words(notification: &Value) -> Vec<&str> {
    notification["allowed"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

on_both! {
    async fn the_owner_writes_a_notification_and_sends_it(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let ada = Runs::of(&server, "ada").await;
        let before = server.rows();
        let wrong = ada.call(Method::POST, "", &push("Move", &json!({"push_scope_type": 2}))).await;
        assert!(wrong.refused(400, 154_000).contains("user_list"));
        assert_unchanged(&before, &server.rows());
        let id = ada.create(&push("Move", &json!({"push_scope_type": 2, "user_list": [{"user_id": USER}]}))).await;
        let draft = ada.get(&id).await;
        assert_eq!(words(&draft), ["patch", "preview", "submit"]);
        assert_eq!(draft["text"], "We move on Friday.");
        assert_eq!(draft["notification"]["user_list"], json!([{"user_id": USER, "name": "Eve"}]));
        let both = json!({"push_scope_type": 2, "user_list": [{"user_id": USER}, {"user_id": OWNER}]});
        let changed = ada.call(Method::PATCH, &format!("/{id}"), &push("Move!", &both)).await;
        assert_eq!(changed.json["notification"]["job_name"], "Move!");
        assert_eq!(ada.step(&id, "preview", &Value::Null).await, "draft");
        ada.call(Method::POST, &format!("/{id}/submit"), &json!({"reason": " "})).await.refused(400, 154_000);
        assert_eq!(ada.step(&id, "submit", &json!({"reason": "news"})).await, "approved");
        assert_eq!(words(&ada.get(&id).await), ["withdraw", "send"]);
        ada.call(Method::PATCH, &format!("/{id}"), &push("Late", &json!({}))).await.refused(400, 154_000);
        let at = START_MS + 3_600_000;
        assert_eq!(ada.step(&id, "send", &json!({"send_at": at})).await, "waiting");
        assert_eq!(words(&ada.get(&id).await), ["stop"]);
        assert_eq!(ada.step(&id, "cancel", &json!({"is_recall": false})).await, "approved");
        assert_eq!(ada.step(&id, "send", &json!({})).await, "waiting");
        let sent = ada.until(&id, "sent").await;
        let counts = |of: &Value| [of["target_user_count"].clone(), of["sent_user_count"].clone()];
        assert_eq!((counts(&sent["notification"]), words(&sent)), ([json!(2), json!(2)], vec!["recall"]));
        assert_eq!(ada.step(&id, "cancel", &json!({"is_recall": true})).await, "recalled");
        assert!(words(&ada.get(&id).await).is_empty());
        let log = by(&server, &ada.token, Method::GET, "/audit?action=admin_notification.send").send().await.json;
        let entry = &log["entries"][0];
        assert_eq!((&entry["object"], &entry["before"]), (&json!(id), &json!("Move!: approved")));
        assert_eq!(entry["after"], "Move!: waiting for its time");
    }

    async fn an_administrator_decides_as_the_owner_does(database) {
        let mut file = file(&Options::default());
        file["tenants"][0]["helpdesks"][0]["agents"] = json!([{"user": "u_bob"}, {"user": "u_eve", "role": "admin"}]);
        let server = TestServer::with_file(database, &Options::default(), &file).await;
        // An admin of the help desk alone works with the open API.
        let eve = server.user_token(USER).await;
        let app = |path: String, body: Value| {
            let call = server.open_api_as(&eve, Method::POST, &format!("/notifications{path}")).json(&body);
            async move { call.send().await.ok() }
        };
        let made = app(String::new(), push("All hands", &json!({}))).await;
        let id = made["notification_id"].as_str().unwrap().to_owned();
        let ask = || app(format!("/{id}/submit_approve"), json!({"reason": "soon"}));
        ask().await;
        let root = Runs::of(&server, "root").await;
        let seen = root.get(&id).await;
        assert_eq!((words(&seen), &seen["reason"]), (vec!["withdraw", "approve", "reject"], &json!("soon")));
        let stale = json!({"approve": true, "seen": START_MS - 1});
        let why = root.call(Method::POST, &format!("/{id}/decide"), &stale).await.refused(400, 154_000);
        assert!(why.contains("changed since"), "{why}");
        let no = json!({"approve": false, "reason": "too early", "seen": START_MS});
        assert_eq!(root.step(&id, "decide", &no).await, "draft");
        let told = server.guest_with(json!({"open_id": USER})).await.messages().await.pop().unwrap();
        assert_eq!(told["text"], "Your push \"All hands\" was rejected and is a draft again.\ntoo early");
        ask().await;
        assert_eq!(root.step(&id, "decide", &json!({"approve": true})).await, "approved");
        assert_eq!(root.step(&id, "withdraw", &Value::Null).await, "draft");
        assert_on_record(server.running.app().db(), "admin_notification.decide");
        assert_on_record(server.running.app().db(), "notification.submit_approve");
        // Whoever may do what the owner may need not ask.
        assert_eq!(root.step(&id, "submit", &json!({"reason": "now"})).await, "approved");
        let before = server.rows();
        root.call(Method::POST, &format!("/{id}/decide"), &no).await.refused(400, 154_000);
        assert_only_on_record(&before, &server.rows());
    }

    async fn why_it_was_rejected_stays_with_the_draft_until_approval_is_asked_for_again(database) {
        let mut file = file(&Options::default());
        file["tenants"][0]["helpdesks"][0]["agents"] = json!([{"user": "u_bob"}, {"user": "u_eve", "role": "admin"}]);
        let server = TestServer::with_file(database, &Options::default(), &file).await;
        let eve = server.user_token(USER).await;
        let app = async |method: Method, path: &str, body: &Value| {
            server.open_api_as(&eve, method, &format!("/notifications{path}")).json(body).send().await.ok()
        };
        let made = app(Method::POST, "", &push("Party", &json!({}))).await;
        let id = made["notification_id"].as_str().unwrap().to_owned();
        let asks = async || app(Method::POST, &format!("/{id}/submit_approve"), &json!({"reason": "fun"})).await;
        let ada = Runs::of(&server, "ada").await;
        let decision = async || ada.get(&id).await["decision"].clone();
        asks().await;
        assert_eq!(decision().await, Value::Null);
        server.clock.advance(5);
        ada.step(&id, "decide", &json!({"approve": false, "reason": " Not on a Monday "})).await;
        let rejection = json!({"approved": false, "by": "Ada", "at": START_MS + 5, "reason": "Not on a Monday"});
        assert_eq!(decision().await, rejection);
        // A change of the draft does not undo it, a new request does.
        server.clock.advance(5);
        app(Method::PATCH, &format!("/{id}"), &push("Party on Friday", &json!({}))).await;
        assert_eq!(decision().await, rejection);
        asks().await;
        assert_eq!(decision().await, Value::Null);
        ada.step(&id, "decide", &json!({"approve": true})).await;
        assert_eq!(decision().await, json!({"approved": true, "by": "Ada", "at": START_MS + 10}));
        // An approval that was given up is no rejection.
        app(Method::POST, &format!("/{id}/cancel_approve"), &json!({})).await;
        assert_eq!(decision().await, Value::Null);
    }

    async fn drafts_of_an_older_database_tell_a_rejection_only_where_it_is_certain(database) {
        let db = database.open();
        let last = desk::MIGRATIONS.iter().position(|migration| migration.name == "0026_rejected_drafts").unwrap();
        db.migrate(&desk::MIGRATIONS[..last]).unwrap();
        let insert = "INSERT INTO notification (tenant, notification_id, helpdesk_id, status, job_name, content, push_type,
                                                scope_type, decided_by, decided_at, decision, work, cursor, target_count,
                                                sent_count, created_by, updated_by, created_at, updated_at)
                      VALUES ('demo', $1, 69, $2, '', '', 0, 0, 'u_ada', 5, 'why', 0, '', 0, 0, 'u_ada', 'u_ada', 1, $3)";
        // Rejected last of all; changed since, or an approval that was given up; sent.
        let rows = [(1, 0, 5), (2, 0, 6), (3, 5, 6)];
        db.write_blocking(move |tx| {
            rows.iter().try_for_each(|(id, status, at)| tx.execute(insert, &db::params![*id, *status, *at]).map(|_| ()))
        })
        .unwrap();
        db.migrate(desk::MIGRATIONS).unwrap();
        let select = "SELECT notification_id, decided_at, decision FROM notification ORDER BY notification_id";
        let read = db
            .read_blocking(move |tx| tx.query(select, &[], |row| Ok((row.int(0)?, row.opt_int(1)?, row.opt_string(2)?))))
            .unwrap();
        let why = || Some("why".to_owned());
        assert_eq!(read, [(1, Some(5), why()), (2, None, None), (3, Some(5), why())]);
        db.close();
    }

    async fn a_list_is_read_page_by_page_newest_first(database) {
        let server = start(database, &Options::default()).await;
        let ada = Runs::of(&server, "ada").await;
        let mut made = Vec::new();
        for number in 0..5 {
            made.push(ada.create(&push(&format!("Push {number}"), &json!({}))).await);
        }
        made.reverse();
        let (mut ids, mut next) = (Vec::new(), String::new());
        loop {
            let page = ada.call(Method::GET, &format!("?page_size=2{next}"), &Value::Null).await.json;
            let all = page["notifications"].as_array().unwrap();
            ids.extend(all.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()));
            assert_eq!(all[0]["created_by"], "Ada");
            let Some(token) = page["page_token"].as_str() else { break };
            assert_eq!((all.len(), page["has_more"].as_bool()), (2, Some(true)));
            next = format!("&page_token={token}");
        }
        assert_eq!(ids, made);
        let first = ada.call(Method::GET, "?page_size=2&page_token=", &Value::Null).await.json;
        assert_eq!(first["notifications"][0]["id"], json!(made[0]), "an empty token is none");
        ada.call(Method::GET, "?page_token=x", &Value::Null).await.refused(400, 154_000);
    }

    async fn notifications_are_for_those_who_run_the_help_desk(database) {
        let server = start(database, &Options::default()).await;
        let id = Runs::of(&server, "ada").await.create(&push("Move", &json!({}))).await;
        let before = server.rows();
        for (name, desk, status, code) in [("bob", DESK, 403, 154_003), ("hal", DESK, 404, 154_004), ("hal", OTHER_DESK, 404, 154_004)] {
            let token = token(&server, name).await;
            let one = format!("/desks/{desk}/notifications/{id}");
            for (method, path) in [(Method::GET, ""), (Method::PATCH, ""), (Method::POST, "/submit"), (Method::POST, "/send")] {
                let mut body = push("Mine", &json!({}));
                body["reason"] = json!("because");
                by(&server, &token, method, &format!("{one}{path}")).json(&body).send().await.refused(status, code);
            }
        }
        assert_eq!(before["notification"], server.rows()["notification"]);
    }
}
