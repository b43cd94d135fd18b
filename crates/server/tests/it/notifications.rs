//! Notifications from draft to recall.

use std::time::Duration;

use desk::deskfile::{self, Format};
use desk::notification::{BATCH, LEASE_MS};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{AGENT, APP, DESK, OTHER_DESK, OTHER_TOKEN, OWNER, START_MS, USER, desk_file, desk_header};
use testkit::{Answer, Options, Sink, TestServer, on_both};

const APPROVE: &str = "helpdesk.notification.approve_v1";

fn card(text: &str) -> Value {
    json!({
        "header": {"title": {"tag": "plain_text", "content": "Office move"}},
        "elements": [{"tag": "div", "text": {"tag": "lark_md", "content": text}}]})
}

fn push(more: &Value) -> Value {
    let mut body = json!({"job_name": "Move", "push_content": card("We move on Friday.").to_string(), "push_type": 0,
                          "push_scope_type": 0});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

/// The desk of all tests with Eve as an admin and, if wanted, more people.
fn file(options: &Options, more: impl IntoIterator<Item = Value>) -> Value {
    let mut file = desk_file(options);
    let tenant = &mut file["tenants"][0];
    tenant["helpdesks"][0]["agents"] = json!([{"user": "u_bob"}, {"user": "u_eve", "role": "admin"}]);
    tenant["users"].as_array_mut().unwrap().extend(more);
    file
}

/// Applies a desk file to a running server, as `deskwire apply` does beside it.
async fn apply(server: &TestServer, file: &Value) {
    let app = server.running.app().clone();
    let text = file.to_string();
    let work = move || {
        let file = deskfile::parse(&text, Format::Json, &|_| None).unwrap();
        deskfile::put(app.db(), (app.vault(), app.ids()), app.now_ms(), file, false).unwrap();
        app
    };
    tokio::task::spawn_blocking(work).await.unwrap().reload_directory().await.unwrap();
}

async fn start(database: testkit::Database, options: &Options) -> TestServer {
    let server = TestServer::with(database, options).await;
    apply(&server, &file(options, [])).await;
    server
}

/// An operator.
struct Operator<'s> {
    server: &'s TestServer,
    token: String,
}

impl<'s> Operator<'s> {
    async fn of(server: &'s TestServer, open_id: &str) -> Self {
        Self { server, token: server.user_token(open_id).await }
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let call = self.server.open_api_as(&self.token, method, &format!("/notifications{path}"));
        call.json(body).send().await
    }

    async fn create(&self, body: &Value) -> String {
        let made = self.call(Method::POST, "", body).await.ok();
        assert_eq!(made["status"], 0);
        made["notification_id"].as_str().unwrap().to_owned()
    }

    async fn post(&self, id: &str, what: &str, body: &Value) -> Answer {
        self.call(Method::POST, &format!("/{id}/{what}"), body).await
    }

    async fn get(&self, id: &str) -> Value {
        self.call(Method::GET, &format!("/{id}"), &json!({})).await.ok()["notification"].clone()
    }

    /// Makes, approves and executes a push; only the owner can.
    async fn send(&self, body: &Value, send_at: i64) -> String {
        let id = self.create(body).await;
        let submitted = self.post(&id, "submit_approve", &json!({"reason": "news"})).await.ok();
        assert_eq!(submitted, json!({"has_access": true}));
        self.post(&id, "execute_send", &json!({"send_at": send_at.to_string()})).await.ok();
        id
    }

    /// Waits for something that is soon over.
    async fn at_once(&self, id: &str, done: impl Fn(&Value) -> bool) {
        for _ in 0..5_000 {
            if done(&self.get(id).await) {
                return;
            }
        }
        panic!("it did not come to pass: {}", self.get(id).await);
    }

    /// Waits until the notification looks as it should.
    async fn until(&self, id: &str, done: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..200 {
            let notification = self.get(id).await;
            if done(&notification) {
                return notification;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it did not come to pass: {}", self.get(id).await);
    }
}

fn counts(notification: &Value) -> [i64; 3] {
    ["target_user_count", "sent_user_count", "read_user_count"].map(|name| notification[name].as_i64().unwrap())
}

async fn cards(server: &TestServer, open_id: &str) -> Vec<Value> {
    let guest = server.guest_with(json!({"open_id": open_id})).await;
    guest.messages().await.into_iter().filter(|m| m["kind"] == "card").collect()
}

async fn decide(server: &TestServer, id: &str, body: &Value) -> Answer {
    server.call(Method::POST, &format!("/dev/v1/notifications/{id}/decide")).json(body).send().await
}

async fn link(operator: &Operator<'_>, id: &str) -> String {
    let data = operator.call(Method::GET, &format!("/{id}"), &json!({})).await.ok();
    let link = data["approval_app_link"].as_str().unwrap().to_owned();
    let (before, path) = link.split_once("/approval/").unwrap();
    assert_eq!(before, operator.server.url(""));
    format!("/approval/{path}")
}

on_both! {
    async fn a_push_goes_from_draft_to_everybody(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let owner = Operator::of(&server, OWNER).await;
        let id = owner.create(&push(&json!({"ext": "{}"}))).await;
        let draft = owner.get(&id).await;
        assert_eq!((&draft["id"], &draft["status"], &draft["job_name"]), (&json!(id), &json!(0), &json!("Move")));
        assert_eq!(draft["create_user"], json!({"user_id": OWNER, "name": "Ada"}));
        assert_eq!(draft["created_at"], START_MS.to_string());
        assert_eq!((draft.get("send_at"), &draft["ext"], &draft["user_list"]), (None, &json!("{}"), &json!([])));
        server.clock.advance(5);
        let changed = push(&json!({"job_name": "Move!", "push_content": card("We move on Monday.").to_string()}));
        assert_eq!(owner.call(Method::PATCH, &format!("/{id}"), &changed).await.ok(), json!({}));
        let draft = owner.get(&id).await;
        assert_eq!((&draft["job_name"], &draft["ext"]), (&json!("Move!"), &json!("{}")));
        assert_eq!(draft["updated_at"], (START_MS + 5).to_string());
        assert_eq!(owner.post(&id, "preview", &json!({})).await.ok(), json!({}));
        assert_eq!(cards(&server, OWNER).await[0]["text"], "Office move\nWe move on Monday.");
        owner.post(&id, "submit_approve", &json!({"reason": "news"})).await.ok();
        assert_eq!(owner.get(&id).await["status"], 2, "the owner need not be asked");
        owner.post(&id, "execute_send", &json!({"send_at": (START_MS - 1_000).to_string()})).await.ok();
        let sent = owner.until(&id, |n| n["status"] == 5).await;
        assert_eq!((counts(&sent), &sent["send_at"]), ([3, 3, 0], &json!((START_MS + 5).to_string())));
        let eves = cards(&server, USER).await;
        assert_eq!(eves.len(), 1);
        assert_eq!((&eves[0]["from"], &eves[0]["text"]), (&json!("bot"), &json!("Office move\nWe move on Monday.")));
        assert_eq!((&eves[0]["card"], eves[0].get("ticket_id")), (&card("We move on Monday."), None));
        assert_eq!(counts(&owner.get(&id).await), [3, 3, 1], "her client has fetched it");
        let before = server.rows();
        assert_eq!(cards(&server, USER).await, eves);
        testkit::rows::assert_unchanged(&before, &server.rows());
        assert!(before["ticket"].is_empty() && before["delivery"].is_empty(), "no ticket, no ticket's event");
    }

    async fn the_owner_decides_and_apps_that_subscribed_are_told(database) {
        let sink = Sink::start().await;
        let options = Options { by: "app", subscribed: false, events_url: Some(sink.url()), ..Options::default() };
        let server = start(database, &options).await;
        let pair = json!({"events": [{"type": "helpdesk.notification", "subtype": "notification.approve_v1"}]});
        let admin = Operator::of(&server, USER).await;
        let id = admin.create(&push(&json!({}))).await;
        let submit = || async { admin.post(&id, "submit_approve", &json!({"reason": "all hands"})).await };
        submit().await.ok();
        admin.post(&id, "cancel_approve", &json!({})).await.ok();
        assert!(sink.events().is_empty(), "nobody has subscribed yet");
        server.open_api(Method::POST, "/events/subscribe").json(&pair).send().await.ok();
        submit().await.ok();
        assert_eq!(admin.get(&id).await["status"], 1);
        let asked = cards(&server, OWNER).await.pop().unwrap();
        let text = asked["text"].as_str().unwrap();
        assert!(text.contains("Push to approve: Move") && text.contains("Eve asks to send it. Reason: all hands"), "{text}");
        let url = asked["card"]["elements"][1]["actions"][0]["url"].as_str().unwrap();
        assert!(url.ends_with(&link(&admin, &id).await), "{url}");
        for (what, body) in [("execute_send", json!({"send_at": START_MS.to_string()})), ("preview", json!({}))] {
            let why = admin.post(&id, what, &body).await.refused(400, 154_000);
            assert!(why.contains("under review (1)") && why.contains("cancel_approve"), "{why}");
        }
        admin.call(Method::PATCH, &format!("/{id}"), &push(&json!({}))).await.refused(400, 154_000);
        let no = |open_id: &str| json!({"open_id": open_id, "approve": false, "reason": "too early"});
        let before = server.rows();
        decide(&server, &id, &no(USER)).await.refused(403, 154_003);
        testkit::rows::assert_unchanged(&before, &server.rows());
        let rejected = decide(&server, &id, &no(OWNER)).await;
        assert_eq!((rejected.status, &rejected.json["status"]), (200, &json!(0)));
        let eve = server.guest_with(json!({"open_id": USER})).await;
        let told = eve.messages().await.pop().unwrap();
        assert_eq!(told["text"], "Your push \"Move\" was rejected and is a draft again.\ntoo early");
        decide(&server, &id, &no(OWNER)).await.refused(400, 154_000);
        submit().await.ok();
        admin.post(&id, "cancel_approve", &json!({})).await.ok();
        submit().await.ok();
        assert_eq!(decide(&server, &id, &json!({"open_id": OWNER, "approve": true})).await.json["status"], 2);
        for status in ["REJECTED", "CANCELED", "APPROVED"] {
            let event = sink.event(APPROVE, |e| e["approve_status"] == status).await;
            assert_eq!(event["event"], json!({"notification_id": id, "helpdesk_id": DESK, "approve_status": status}));
            assert_eq!(event["header"]["app_id"], APP, "the other app lists the type but has not subscribed");
        }
        assert_eq!(sink.events().len(), 3);
        // An approval that was granted can be given up as well.
        admin.post(&id, "cancel_approve", &json!({})).await.ok();
        assert_eq!(admin.get(&id).await["status"], 0);
    }

    async fn only_the_owners_own_words_pass_by_themselves(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let (owner, admin) = (Operator::of(&server, OWNER).await, Operator::of(&server, USER).await);
        let reason = json!({"reason": "news"});
        let ids = [owner.create(&push(&json!({}))).await, owner.create(&push(&json!({}))).await];
        admin.post(&ids[0], "submit_approve", &reason).await.ok();
        assert_eq!(owner.get(&ids[0]).await["status"], 2, "as the owner wrote it");
        admin.call(Method::PATCH, &format!("/{}", ids[1]), &push(&json!({"job_name": "Other"}))).await.ok();
        admin.post(&ids[1], "submit_approve", &reason).await.ok();
        assert_eq!(owner.get(&ids[1]).await["status"], 1, "an admin changed it");
        owner.post(&ids[1], "cancel_approve", &json!({})).await.ok();
        owner.post(&ids[1], "submit_approve", &reason).await.ok();
        assert_eq!(owner.get(&ids[1]).await["status"], 2, "the owner asks");
    }

    async fn the_approval_page_takes_the_owners_password(database) {
        let options = Options { by: "app", ..Options::default() };
        let server = start(database, &options).await;
        let mut with_password = file(&options, []);
        with_password["tenants"][0]["users"][0]["password"] = json!("ada-demo");
        apply(&server, &with_password).await;
        let admin = Operator::of(&server, USER).await;
        let content = card("<b>Friday</b> & more").to_string();
        let id = admin.create(&push(&json!({"push_content": content, "job_name": "<i>Move</i>"}))).await;
        admin.post(&id, "submit_approve", &json!({"reason": "all <u>hands</u>"})).await.ok();
        let path = link(&admin, &id).await;
        let page = server.call(Method::GET, &path).send().await;
        let html = String::from_utf8(page.body).unwrap();
        assert_eq!(page.status, 200);
        assert!(page.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
        for text in ["&lt;i&gt;Move&lt;/i&gt;", "&lt;b&gt;Friday&lt;/b&gt; &amp; more", "all &lt;u&gt;hands", "Eve"] {
            assert!(html.contains(text), "{text} in {html}");
        }
        let (bare, key) = path.split_once("?key=").unwrap();
        let guess = format!("{}{}", &key[..63], if key.ends_with('0') { '1' } else { '0' });
        for wrong in [bare.to_owned(), format!("{bare}?key={guess}"), format!("{bare}?key=zz"), "/approval/x".into()] {
            assert_eq!(server.call(Method::GET, &wrong).send().await.status, 404, "{wrong}");
        }
        let send = |email: &str, password: &str, decision: &str| {
            let seen = server.clock.now_ms().to_string();
            let form = [
                ("key", key),
                ("seen", &seen),
                ("email", email),
                ("password", password),
                ("decision", decision),
                ("reason", "go & tell"),
            ];
            let body = form.iter().map(|(k, v)| format!("{k}={}", v.replace('&', "%26").replace('@', "%40").replace(' ', "+")));
            server.call(Method::POST, bare).raw(body.collect::<Vec<_>>().join("&")).send()
        };
        let before = server.rows();
        assert_eq!(send("ada@demo.test", "ada-demo", "").await.status, 400);
        assert_eq!(send("ada@demo.test", "wrong", "approve").await.status, 403);
        assert_eq!(send("eve@demo.test", "ada-demo", "approve").await.status, 403);
        server.clock.advance(1);
        let stale = send("ada@demo.test", "ada-demo", "approve").await;
        assert!(stale.status == 400 && String::from_utf8(stale.body).unwrap().contains("changed since"));
        testkit::rows::assert_only_on_record(&before, &server.rows());
        admin.post(&id, "cancel_approve", &json!({})).await.ok();
        admin.post(&id, "submit_approve", &json!({"reason": "once more"})).await.ok();
        let approved = send("Ada@demo.test", "ada-demo", "approve").await;
        let html = String::from_utf8(approved.body).unwrap();
        assert_eq!(approved.status, 200);
        assert!(html.contains("Approved.") && !html.contains("<form"), "{html}");
        assert_eq!(admin.get(&id).await["status"], 2);
        let eve = server.guest_with(json!({"open_id": USER})).await;
        assert!(eve.messages().await.pop().unwrap()["text"].as_str().unwrap().ends_with("go & tell"));
        assert_eq!(send("ada@demo.test", "ada-demo", "reject").await.status, 400, "there is nothing to decide any more");
        let mut statuses = Vec::new();
        for _ in 0..11 {
            statuses.push(send("ada@demo.test", "wrong", "approve").await.status);
        }
        assert_eq!(statuses.last(), Some(&429), "guessing is slowed down: {statuses:?}");
        server.clock.advance(300_000);
        assert_eq!(send("ada@demo.test", "wrong", "approve").await.status, 403);
    }

    async fn somebody_in_several_lists_gets_one_card(database) {
        let options = Options { by: "app", ..Options::default() };
        let server = start(database, &options).await;
        let person = |id: &str, open_id: &str, departments: Value| {
            json!({"id": id, "name": id, "open_id": open_id, "departments": departments})
        };
        let more = [
            person("u_it1", "ou_00000000000000000000000000000011", json!(["od_it"])),
            person("u_it2", "ou_00000000000000000000000000000012", json!(["od_x", "od_it"])),
            person("u_hr", "ou_00000000000000000000000000000013", json!(["od_hr"])),
        ];
        apply(&server, &file(&options, more)).await;
        let guest = server.guest().await;
        let chat_id = guest.session["chat_id"].as_str().unwrap();
        let eves_chat = server.guest_with(json!({"open_id": USER})).await.session["chat_id"].clone();
        let owner = Operator::of(&server, OWNER).await;
        let lists = json!({
            "push_scope_type": 2,
            "user_list": [{"user_id": USER}, {"user_id": "ou_00000000000000000000000000000011"}, {"user_id": USER}],
            "department_list": [{"department_id": "od_it", "name": "IT"}],
            "chat_list": [{"chat_id": chat_id, "name": "Gina"}, {"chat_id": eves_chat}]});
        let id = owner.send(&push(&lists), START_MS).await;
        let sent = owner.until(&id, |n| n["status"] == 5).await;
        assert_eq!(counts(&sent)[..2], [4, 4]);
        assert_eq!(sent["user_list"][0], json!({"user_id": USER, "name": "Eve"}));
        assert_eq!(sent["user_list"].as_array().unwrap().len(), 2);
        assert_eq!(sent["department_list"], json!([{"department_id": "od_it", "name": "IT"}]));
        assert_eq!(sent["chat_list"][0], json!({"chat_id": chat_id, "name": "Gina"}));
        assert_eq!(guest.messages().await.len(), 1);
        for (open_id, count) in [
            (USER, 1),
            ("ou_00000000000000000000000000000011", 1),
            ("ou_00000000000000000000000000000012", 1),
            ("ou_00000000000000000000000000000013", 0),
            (AGENT, 0),
        ] {
            assert_eq!(cards(&server, open_id).await.len(), count, "{open_id}");
        }
        let by_union = owner.call(Method::GET, &format!("/{id}?user_id_type=union_id"), &json!({})).await.ok();
        let union_id = by_union["notification"]["user_list"][0]["user_id"].as_str().unwrap();
        assert!(union_id.starts_with("on_"));
        let lists = json!({"push_scope_type": 2, "user_list": [{"user_id": union_id}]});
        let made = owner.call(Method::POST, "?user_id_type=union_id", &push(&lists)).await.ok();
        let made = owner.get(made["notification_id"].as_str().unwrap()).await;
        assert_eq!(made["user_list"], json!([{"user_id": USER, "name": "Eve"}]));
    }

    async fn only_who_sees_the_help_desk_gets_it(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let token = server.user_token(OWNER).await;
        let call = async |path: &str, body: Value| {
            let call = server.call(Method::POST, &format!("/open-apis/helpdesk/v1/notifications{path}")).bearer(&token);
            let header = desk_header(OTHER_DESK, OTHER_TOKEN);
            call.header("x-lark-helpdesk-authorization", &header).json(&body).send().await.ok()
        };
        let lists = json!({"push_scope_type": 2, "user_list": [{"user_id": USER}, {"user_id": OWNER}]});
        for (body, people) in [(push(&json!({})), 2), (push(&lists), 1)] {
            let id = call("", body).await["notification_id"].as_str().unwrap().to_owned();
            call(&format!("/{id}/submit_approve"), json!({"reason": "news"})).await;
            call(&format!("/{id}/execute_send"), json!({"send_at": START_MS.to_string()})).await;
            let mut sent = Value::Null;
            for _ in 0..200 {
                let get = server
                    .call(Method::GET, &format!("/open-apis/helpdesk/v1/notifications/{id}"))
                    .bearer(&token)
                    .header("x-lark-helpdesk-authorization", &desk_header(OTHER_DESK, OTHER_TOKEN));
                sent = get.send().await.ok()["notification"].clone();
                if sent["status"] == 5 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            assert_eq!((&sent["status"], counts(&sent)), (&json!(5), [people, people, 0]), "Eve does not see this help desk");
        }
    }

    async fn a_timed_push_waits_and_can_be_cancelled_before(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let owner = Operator::of(&server, OWNER).await;
        let id = owner.send(&push(&json!({})), START_MS + 60_000).await;
        server.clock.advance(59_999);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!((&owner.get(&id).await["status"], cards(&server, USER).await.len()), (&json!(3), 0));
        owner.post(&id, "cancel_send", &json!({"is_recall": false})).await.ok();
        let back = owner.get(&id).await;
        assert_eq!((&back["status"], back.get("send_at")), (&json!(2), None));
        server.clock.advance(60_000);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(cards(&server, USER).await.len(), 0);
        let at = START_MS + 180_000;
        owner.post(&id, "execute_send", &json!({"send_at": at.to_string()})).await.ok();
        server.clock.advance(at - START_MS - 119_999);
        owner.until(&id, |n| n["status"] == 5).await;
        assert_eq!(cards(&server, USER).await.len(), 1);
    }

    async fn a_recalled_card_goes_from_the_screen_and_from_the_feed(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let owner = Operator::of(&server, OWNER).await;
        let id = owner.send(&push(&json!({})), START_MS).await;
        owner.until(&id, |n| n["status"] == 5).await;
        let eve = server.guest_with(json!({"open_id": USER})).await;
        let shown = eve.wait(0, |m| m["kind"] == "card").await;
        let position = shown["position"].as_i64().unwrap();
        owner.post(&id, "cancel_send", &json!({"is_recall": false})).await.ok();
        assert_eq!(owner.get(&id).await["status"], 5, "nothing is left to stop");
        let (live, _) = tokio::join!(eve.wait(position, |m| m["notice"] == "recall"), async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            owner.post(&id, "cancel_send", &json!({"is_recall": true})).await.ok()
        });
        assert_eq!((&live["kind"], &live["from"]), (&json!("notice"), &json!("system")));
        assert_eq!(live["recalled_message_id"], shown["message_id"]);
        let now = eve.messages().await.remove(usize::try_from(position - 1).unwrap());
        assert_eq!((&now["message_id"], &now["position"]), (&shown["message_id"], &shown["position"]));
        assert_eq!((&now["kind"], &now["text"]), (&json!("notice"), &json!("This message was recalled.")));
        assert_eq!((&now["notice"], now.get("card")), (&json!("recalled"), None));
        owner.until(&id, |n| n["status"] == 7).await;
        let dump = format!("{:?}", server.rows()["message"]);
        assert!(!dump.contains("Friday"), "{dump}");
        owner.post(&id, "cancel_send", &json!({"is_recall": true})).await.refused(400, 154_000);
    }

    async fn a_server_that_dies_between_batches_leaves_nothing_twice(database) {
        let options = Options { by: "app", ..Options::default() };
        let server = start(database, &options).await;
        let people: i64 = 12 * BATCH;
        apply(&server, &file(&options, (0..people - 3).map(|i| json!({"id": format!("p_{i:05}"), "name": "P"})))).await;
        let owner = Operator::of(&server, OWNER).await;
        let id = owner.send(&push(&json!({})), START_MS).await;
        owner.at_once(&id, |n| counts(n)[1] > 0).await;
        drop(owner);
        let server = server.restart(&options).await;
        let owner = Operator::of(&server, OWNER).await;
        let half = owner.get(&id).await;
        assert_eq!((&half["status"], counts(&half)[0]), (&json!(4), people));
        assert!(counts(&half)[1] < people, "the first server was to stop half-way");
        assert_eq!(counts(&half)[1] % BATCH, 0, "a batch is whole");
        server.clock.advance(LEASE_MS);
        let sent = owner.until(&id, |n| n["status"] == 5).await;
        assert_eq!(counts(&sent)[..2], [people, people]);
        assert_one_card_each(&server, people);
        // Stopping a recall half-way leaves nothing behind either.
        owner.post(&id, "cancel_send", &json!({"is_recall": true})).await.ok();
        drop(owner);
        let server = server.restart(&options).await;
        server.clock.advance(LEASE_MS);
        for _ in 0..200 {
            if server.rows()["notification_target"].iter().all(|row| row.contains("|2|oc_")) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let messages = &server.rows()["message"];
        let recalled = messages.iter().filter(|row| row.contains("This message was recalled.")).count();
        let told = messages.iter().filter(|row| row.contains("recalled_message_id")).count();
        assert_eq!((recalled, told), (usize::try_from(people).unwrap(), usize::try_from(people).unwrap()));
    }

    async fn a_push_stops_half_way_when_told_to(database) {
        let options = Options { by: "app", ..Options::default() };
        let server = start(database, &options).await;
        let people: i64 = 12 * BATCH;
        apply(&server, &file(&options, (0..people - 3).map(|i| json!({"id": format!("p_{i:05}"), "name": "P"})))).await;
        let owner = Operator::of(&server, OWNER).await;
        let id = owner.send(&push(&json!({})), START_MS).await;
        owner.at_once(&id, |n| n["status"] == 4).await;
        owner.post(&id, "cancel_send", &json!({"is_recall": false})).await.ok();
        let stopped = owner.get(&id).await;
        assert_eq!(stopped["status"], 6);
        assert!(counts(&stopped)[1] < people);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(owner.get(&id).await, stopped);
        owner.post(&id, "cancel_send", &json!({"is_recall": true})).await.ok();
        assert_eq!(owner.get(&id).await["status"], 7);
    }

    async fn new_staff_gets_the_push_once_and_only_while_it_runs(database) {
        let options = Options { by: "app", ..Options::default() };
        let server = start(database, &options).await;
        let owner = Operator::of(&server, OWNER).await;
        let all = json!({"push_type": 1, "push_scope_type": 3, "new_staff_scope_type": 0, "job_name": "Welcome"});
        let all = owner.send(&push(&all), START_MS).await;
        let some = json!({"push_type": 1, "push_scope_type": 3, "new_staff_scope_type": 1, "job_name": "Welcome to IT",
                          "new_staff_scope_department_list": [{"department_id": "od_it"}]});
        let some = owner.send(&push(&some), START_MS).await;
        for id in [&all, &some] {
            owner.until(id, |n| n["status"] == 4).await;
        }
        assert_eq!(cards(&server, USER).await.len(), 0, "she was there before");
        server.guest().await;
        let new = |n: usize, departments: Value| {
            json!({"id": format!("n_{n}"), "name": "N", "open_id": format!("ou_{n:032}"), "departments": departments})
        };
        let people = [new(21, json!(["od_it"])), new(22, json!(["od_hr"]))];
        apply(&server, &file(&options, people.clone())).await;
        apply(&server, &file(&options, people.clone())).await;
        let welcome = owner.until(&all, |n| n["sent_user_count"] == 2).await;
        assert_eq!((counts(&welcome), &welcome["status"]), ([2, 2, 0], &json!(4)));
        owner.until(&some, |n| n["sent_user_count"] == 1).await;
        assert_eq!(cards(&server, &format!("ou_{:032}", 21)).await.len(), 2);
        assert_eq!(cards(&server, &format!("ou_{:032}", 22)).await.len(), 1);
        // Whoever joins while no server runs is not forgotten.
        let server = {
            drop(owner);
            let server = server.restart(&options).await;
            apply(&server, &file(&options, people.iter().cloned().chain([new(23, json!([]))]))).await;
            server.restart(&options).await
        };
        let owner = Operator::of(&server, OWNER).await;
        server.clock.advance(LEASE_MS);
        owner.until(&all, |n| n["sent_user_count"] == 3).await;
        owner.post(&all, "cancel_send", &json!({"is_recall": true})).await.ok();
        owner.post(&some, "cancel_send", &json!({"is_recall": false})).await.ok();
        let (recalled, stopped) = (owner.get(&all).await, owner.get(&some).await);
        assert_eq!((&recalled["status"], &stopped["status"]), (&json!(7), &json!(6)));
        let later = people.into_iter().chain([new(23, json!([])), new(24, json!(["od_it"]))]);
        apply(&server, &file(&options, later)).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(cards(&server, &format!("ou_{:032}", 24)).await.len(), 0);
        assert_eq!(cards(&server, &format!("ou_{:032}", 21)).await.len(), 1, "one was recalled, one stays");
    }

    async fn a_guest_who_gets_an_account_is_new_staff_and_chats_get_the_push_at_its_start(database) {
        let options = Options { by: "app", ..Options::default() };
        let server = start(database, &options).await;
        let guest = server.guest().await;
        let owner = Operator::of(&server, OWNER).await;
        let chats = json!({"push_type": 1, "push_scope_type": 1, "new_staff_scope_type": 0,
                           "chat_list": [{"chat_id": guest.session["chat_id"]}]});
        let chats = owner.send(&push(&chats), START_MS).await;
        owner.until(&chats, |n| n["status"] == 4 && n["sent_user_count"] == 1).await;
        let all = json!({"push_type": 1, "push_scope_type": 3, "new_staff_scope_type": 0});
        let all = owner.send(&push(&all), START_MS).await;
        owner.until(&all, |n| n["status"] == 4).await;
        let row = server.rows()["person"].iter().find(|row| row.contains("|Gina|")).unwrap().clone();
        let user_id = row.split('|').nth(1).unwrap();
        apply(&server, &file(&options, [json!({"id": user_id, "name": "Gina"})])).await;
        owner.until(&all, |n| n["sent_user_count"] == 1).await;
        let cards = guest.messages().await.into_iter().filter(|m| m["kind"] == "card").count();
        assert_eq!(cards, 2);
        assert_eq!(owner.get(&chats).await["sent_user_count"], 1, "that push is for the chat alone");
    }

    async fn wrong_calls_name_their_field_and_write_nothing(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let owner = Operator::of(&server, OWNER).await;
        let (draft, approved) = (owner.create(&push(&json!({}))).await, owner.create(&push(&json!({}))).await);
        owner.post(&approved, "submit_approve", &json!({"reason": "x"})).await.ok();
        let agent = Operator::of(&server, AGENT).await;
        let before = server.rows();
        let evil = json!({"elements": [{"tag": "markdown", "content": "[x](javascript:1)"}]}).to_string();
        let staff = json!({"push_type": 1, "push_scope_type": 3});
        for (change, field) in [
            (json!({"job_name": null}), "job_name"),
            (json!({"job_name": " "}), "job_name"),
            (json!({"job_name": "x".repeat(101)}), "job_name"),
            (json!({"push_content": null}), "push_content"),
            (json!({"push_content": "hello"}), "push_content"),
            (json!({"push_content": evil}), "push_content"),
            (json!({"push_content": "{\"schema\":\"2.0\",\"body\":{}}"}), "push_content"),
            (json!({"push_type": null}), "push_type"),
            (json!({"push_type": 2}), "push_type"),
            (json!({"push_scope_type": null}), "push_scope_type"),
            (json!({"push_scope_type": 4}), "push_scope_type"),
            (json!({"push_scope_type": 3}), "push_scope_type"),
            (json!({"push_scope_type": 1}), "chat_list"),
            (json!({"push_scope_type": 2}), "user_list"),
            (json!({"user_list": [{"user_id": USER}]}), "user_list"),
            (json!({"push_scope_type": 2, "user_list": [{"user_id": USER}, {"user_id": "ou_x"}]}), "user_list[1].user_id"),
            (json!({"push_scope_type": 2, "user_list": [{}]}), "user_list[0].user_id"),
            (json!({"chat_list": [{"chat_id": "oc_x"}]}), "chat_list[0].chat_id"),
            (staff.clone(), "new_staff_scope_type"),
            (json!({"push_type": 1, "push_scope_type": 3, "new_staff_scope_type": 1}), "new_staff_scope_department_list"),
            (json!({"ext": "x".repeat(2_001)}), "ext"),
        ] {
            for (method, path) in [(Method::POST, String::new()), (Method::PATCH, format!("/{draft}"))] {
                let refused = owner.call(method, &path, &push(&change)).await;
                refused.refused(400, 154_000);
                assert_eq!(refused.json["error"]["field_violations"][0]["field"], field, "{change}");
            }
        }
        owner.call(Method::POST, "", &push(&json!({"push_type": "0"}))).await.refused(400, 9499);
        for (send_at, code) in [("", 154_000), ("tomorrow", 154_000), ("1767600000", 154_000), ("-1", 154_000)] {
            owner.post(&approved, "execute_send", &json!({"send_at": send_at})).await.refused(400, code);
        }
        let far = (START_MS + 400 * 86_400_000).to_string();
        owner.post(&approved, "execute_send", &json!({"send_at": far})).await.refused(400, 154_000);
        for (what, field) in [("submit_approve", "reason"), ("execute_send", "send_at"), ("cancel_send", "is_recall")] {
            let missing = owner.post(&draft, what, &json!({})).await;
            missing.refused(400, 99_992_402);
            assert_eq!(missing.json["error"]["field_violations"][0]["field"], field);
        }
        owner.post(&draft, "submit_approve", &json!({"reason": " "})).await.refused(400, 154_000);
        let bodies = json!({"reason": "x", "send_at": START_MS.to_string(), "is_recall": true});
        for what in ["cancel_approve", "execute_send", "cancel_send"] {
            let why = owner.post(&draft, what, &bodies).await.refused(400, 154_000);
            assert!(why.contains("a draft (0)") && why.contains("submit_approve"), "{why}");
        }
        for what in ["preview", "submit_approve", "cancel_send"] {
            let why = owner.post(&approved, what, &bodies).await.refused(400, 154_000);
            assert!(why.contains("approved (2)") && why.contains("execute_send"), "{why}");
        }
        for what in ["preview", "submit_approve", "cancel_approve", "execute_send", "cancel_send"] {
            agent.post(&draft, what, &bodies).await.refused(405, 154_005);
            owner.post("6900000000000009999", what, &bodies).await.refused(404, 154_004);
            owner.post("x", what, &bodies).await.refused(400, 154_000);
        }
        agent.call(Method::POST, "", &push(&json!({}))).await.refused(405, 154_005);
        agent.call(Method::PATCH, &format!("/{draft}"), &push(&json!({}))).await.refused(405, 154_005);
        agent.call(Method::GET, &format!("/{draft}"), &json!({})).await.refused(405, 154_005);
        let by_user_id = owner.call(Method::GET, &format!("/{draft}?user_id_type=user_id"), &json!({})).await;
        by_user_id.refused(400, 99_991_672);
        let elsewhere = server
            .call(Method::GET, &format!("/open-apis/helpdesk/v1/notifications/{draft}"))
            .bearer(&owner.token)
            .header("x-lark-helpdesk-authorization", &desk_header(OTHER_DESK, OTHER_TOKEN));
        elsewhere.send().await.refused(404, 154_004);
        decide(&server, "6900000000000009999", &json!({"open_id": OWNER, "approve": true})).await.refused(404, 154_004);
        testkit::rows::assert_unchanged(&before, &server.rows());
    }

    async fn a_patch_keeps_what_it_leaves_out_as_far_as_the_scope_allows(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let owner = Operator::of(&server, OWNER).await;
        let chat_id = server.guest().await.session["chat_id"].clone();
        let lists = json!({"push_scope_type": 2, "user_list": [{"user_id": USER}], "chat_list": [{"chat_id": chat_id}]});
        let id = owner.create(&push(&lists)).await;
        let patch = async |more: Value| {
            owner.call(Method::PATCH, &format!("/{id}"), &push(&more)).await.ok();
            let now = owner.get(&id).await;
            ["user_list", "department_list", "chat_list"].map(|list| now[list].as_array().unwrap().len())
        };
        assert_eq!(patch(json!({"push_scope_type": 2, "job_name": "Other"})).await, [1, 0, 1]);
        let department = json!({"push_scope_type": 2, "user_list": [], "department_list": [{"department_id": "od_it"}]});
        assert_eq!(patch(department).await, [0, 1, 1]);
        assert_eq!(patch(json!({"push_scope_type": 1})).await, [0, 0, 1]);
        assert_eq!(patch(json!({"push_scope_type": 0, "chat_list": []})).await, [0, 0, 0]);
    }

    async fn the_rates_are_those_of_the_reference(database) {
        let options = Options { by: "app", rate_limits: true, ..Options::default() };
        let server = start(database, &options).await;
        let owner = Operator::of(&server, OWNER).await;
        for _ in 0..10 {
            owner.create(&push(&json!({}))).await;
        }
        let over = owner.call(Method::POST, "", &push(&json!({}))).await;
        over.refused(429, 99_991_400);
        assert_eq!(over.headers["x-ogw-ratelimit-limit"], "10");
    }
}

/// Every chat has exactly one card, and there are as many as people.
fn assert_one_card_each(server: &TestServer, people: i64) {
    let rows = server.rows();
    let mut chats: Vec<&str> =
        rows["message"].iter().filter(|row| row.contains("|card|")).map(|row| row.split('|').nth(1).unwrap()).collect();
    assert_eq!(i64::try_from(chats.len()).unwrap(), people);
    chats.sort_unstable();
    chats.dedup();
    assert_eq!(i64::try_from(chats.len()).unwrap(), people, "somebody got it twice");
}

/// Two servers on one database share the work, and nobody gets a card twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_send_each_card_once() {
    let options = Options { by: "app", ..Options::default() };
    let server = start(testkit::Database::postgres(), &options).await;
    let people: i64 = 6 * BATCH;
    apply(&server, &file(&options, (0..people - 3).map(|i| json!({"id": format!("p_{i:05}"), "name": "P"})))).await;
    let settings = server::settings::PartialSettings {
        listen: Some("127.0.0.1:0".into()),
        database: Some(server.database.url.clone()),
        data_dir: Some(server.database.folder.path().to_path_buf()),
        ..server::settings::PartialSettings::default()
    };
    let settings = settings.finish(options.mode).unwrap();
    let second = server::run::Server::start(settings, server.clock.clone()).await.unwrap();
    let owner = Operator::of(&server, OWNER).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(owner.send(&push(&json!({})), START_MS).await);
        // A lease that is over at once lets both work on the same push.
        server.clock.advance(LEASE_MS);
    }
    for id in &ids {
        let sent = owner.until(id, |n| n["status"] == 5).await;
        assert_eq!(counts(&sent)[..2], [people, people]);
    }
    second.shutdown().await;
    let cards = server.rows()["message"].iter().filter(|row| row.contains("|card|")).count();
    assert_eq!(i64::try_from(cards).unwrap(), 3 * people);
}
