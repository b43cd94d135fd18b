//! The audit log.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{APP, DESK, OTHER_DESK, OWNER};
use testkit::{Options, TestServer, on_both};

use crate::admin::{by, sign_in, start, token};

/// Calls that are no GET and change nothing: they only try.
const ONLY_TRY: &[&str] = &["admin_answering.explain", "admin_case.run", "admin_faq_file.preview", "admin_replay.run"];

/// Calls whose samples need what only a long story makes; the tests of those stories look for their rows.
const LONG_STORY: &[&str] = &[
    "admin_faq_file.import",
    "admin_gap.approve",
    "admin_gap.reject",
    "admin_gap_decision.withdraw",
    "admin_duplicate.reject",
    "admin_notification.decide",
    "admin_synonym.patch",
    "admin_event.resend",
    "admin_app.check",
    "admin_me.end_session",
];

/// A message card.
const CARD: &str = r#"{"elements": [{"tag": "div", "text": {"tag": "lark_md", "content": "We move on Friday."}}]}"#;

async fn log(server: &TestServer, token: &str, query: &str) -> Vec<Value> {
    let answer = by(server, token, Method::GET, &format!("/audit?page_size=200&{query}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json["entries"].as_array().unwrap().clone()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

/// A call that works: its id, its path with the names of what earlier calls made, its body, and what it makes.
/// A path that begins with `/` is one of the tenant, others are of the help desk.
type Sample = (&'static str, &'static str, Value, Option<(&'static str, &'static str)>);

/// Each call that may change something, in an order in which they work.
fn samples() -> Vec<Sample> {
    [of_desk(), of_notifications(), of_tenant()].concat()
}

fn of_desk() -> Vec<Sample> {
    let content = json!({"faq": {"question": "Where is the gym?", "answer": "On floor 2."}});
    let field = json!({"key_name": "room", "display_name": "Room", "position": "1", "field_type": "string", "description": "",
                       "visible": true, "required": false});
    vec![
        ("admin_settings.patch", "settings", json!({"welcome": "Hi!"}), None),
        ("admin_settings.renew_token", "token", Value::Null, None),
        ("admin_settings.renew_widget_secret", "widget-secret", Value::Null, None),
        ("admin_answering.patch", "answering", json!({"list_size": 3}), None),
        ("admin_category.create", "categories", json!({"name": "Sport"}), Some(("{category}", "/category/id"))),
        ("admin_category.patch", "categories/{category}", json!({"direct_score": 0.9}), None),
        ("admin_category.delete", "categories/{category}", json!({}), None),
        ("admin_faq.create", "faqs", content.clone(), Some(("{faq}", "/faq/faq_id"))),
        ("admin_faq.patch", "faqs/{faq}", content, None),
        ("admin_faq.patch", "faqs/{faq}", json!({"faq": {"question": "Where is the gym?", "answer": "Closed."}}), None),
        ("admin_faq_version.restore", "faqs/{faq}/history/1/restore", Value::Null, None),
        ("admin_faq.delete", "faqs/{faq}", Value::Null, None),
        ("admin_faq.restore", "faqs/{faq}/restore", Value::Null, None),
        ("admin_calibration.delete", "calibration", Value::Null, None),
        (
            "admin_case.create",
            "cases",
            json!({"text": "where to swim", "wanted": "nothing"}),
            Some(("{case}", "/case_id")),
        ),
        ("admin_case.patch", "cases/{case}", json!({"note": "why"}), None),
        ("admin_case.delete", "cases/{case}", Value::Null, None),
        ("admin_agent.create", "agents", json!({"email": "eve@demo.test"}), Some(("{agent}", "/agent/agent_id"))),
        ("admin_agent.patch", "agents/{agent}", json!({"capacity": 2}), None),
        ("admin_skill.create", "skills", json!({"name": "Networks"}), Some(("{skill}", "/skill/id"))),
        ("admin_skill.patch", "skills/{skill}", json!({"name": "Nets"}), None),
        ("admin_skill.delete", "skills/{skill}", Value::Null, None),
        ("admin_agent.delete", "agents/{agent}", Value::Null, None),
        ("admin_field.create", "fields", field, Some(("{field}", "/field/ticket_customized_field_id"))),
        ("admin_field.patch", "fields/{field}", json!({"display_name": "Floor"}), None),
        ("admin_field.arrange", "field-order", json!({"ids": ["{field}"]}), None),
        ("admin_field.delete", "fields/{field}", Value::Null, None),
    ]
}

fn of_notifications() -> Vec<Sample> {
    vec![
        (
            "admin_notification.create",
            "notifications",
            json!({"job_name": "Move", "push_content": CARD, "push_type": 0, "push_scope_type": 0}),
            Some(("{push}", "/notification/id")),
        ),
        (
            "admin_notification.patch",
            "notifications/{push}",
            json!({"job_name": "Moving", "push_content": CARD, "push_type": 0, "push_scope_type": 0}),
            None,
        ),
        ("admin_notification.preview", "notifications/{push}/preview", Value::Null, None),
        ("admin_notification.submit", "notifications/{push}/submit", json!({"reason": "news"}), None),
        ("admin_notification.withdraw", "notifications/{push}/withdraw", Value::Null, None),
        ("admin_notification.submit", "notifications/{push}/submit", json!({"reason": "news"}), None),
        (
            "admin_notification.send",
            "notifications/{push}/send",
            json!({"send_at": testkit::server::START_MS + 3_600_000}),
            None,
        ),
        ("admin_notification.cancel", "notifications/{push}/cancel", json!({"is_recall": false}), None),
    ]
}

fn of_tenant() -> Vec<Sample> {
    vec![
        (
            "admin_desk.create",
            "/desks",
            json!({"name": "Shop", "timezone": "Europe/Berlin", "owner": OWNER}),
            Some(("{desk}", "/id")),
        ),
        ("admin_desk.close", "/desks/{desk}/close", json!({"name": "Shop"}), None),
        ("admin_desk.open", "/desks/{desk}/open", Value::Null, None),
        ("admin_app.create", "/apps", json!({"name": "Robot"}), Some(("{app}", "/app/app_id"))),
        ("admin_app.patch", "/apps/{app}", json!({"name": "Robots"}), None),
        ("admin_app.renew_secret", "/apps/{app}/secret", Value::Null, None),
        ("admin_app.subscribe", "/apps/{app}/subscriptions/6900000000000000001", json!({"types": []}), None),
        ("admin_app.delete", "/apps/{app}", Value::Null, None),
        (
            "admin_user.create",
            "/users",
            json!({"user": {"name": "Ivy", "email": "ivy@demo.test"}}),
            Some(("{user}", "/user/user_id")),
        ),
        ("admin_user.patch", "/users/{user}", json!({"city": "Berlin"}), None),
        ("admin_user.set_password", "/users/{user}/password", json!({"password": "ivy-demo"}), None),
        ("admin_user.deactivate", "/users/{user}", Value::Null, None),
        (
            "admin_me.set_password",
            "/me/password",
            json!({"old_password": "root-demo", "new_password": "root-demo"}),
            None,
        ),
    ]
}

/// The document's calls of the admin API that are no GET: id, method.
async fn changing_calls(server: &TestServer) -> Vec<(String, Method)> {
    let document = server.call(Method::GET, "/openapi.json").send().await.json;
    let mut calls = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if path.starts_with("/admin/v1") && method != "get" {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                calls.push((operation["operationId"].as_str().unwrap().to_owned(), method));
            }
        }
    }
    calls
}

on_both! {
    async fn each_call_that_changes_something_is_on_record(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        let samples = samples();
        let mut known: BTreeSet<&str> = samples.iter().map(|(id, ..)| *id).collect();
        known.extend(ONLY_TRY.iter().chain(LONG_STORY));
        let calls: BTreeMap<String, Method> = changing_calls(&server).await.into_iter().collect();
        let unknown: Vec<_> =
            calls.keys().filter(|id| !known.contains(id.as_str()) && !id.starts_with("admin_session.")).collect();
        assert!(unknown.is_empty(), "say how to call {unknown:?} in samples()");
        let mut made: Vec<(&str, String)> = Vec::new();
        let named = |text: &str, made: &[(&str, String)]| {
            made.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
        };
        for (id, path, body, makes) in samples {
            let before = log(&server, &root, "").await.len();
            let method = calls.get(id).unwrap_or_else(|| panic!("{id} is not in the document")).clone();
            // Those of the tenant stand below no help desk.
            let path = if path.starts_with('/') { path.to_owned() } else { format!("/desks/{DESK}/{path}") };
            let mut call = by(&server, &root, method, &named(&path, &made));
            if !body.is_null() {
                call = call.json(&serde_json::from_str::<Value>(&named(&body.to_string(), &made)).unwrap());
            }
            let answer = call.send().await;
            assert!(answer.status < 300, "{id}: {}", answer.json);
            if let Some((name, at)) = makes {
                let new = answer.json.pointer(at).and_then(Value::as_str);
                made.push((name, new.unwrap_or_else(|| panic!("{id}: {}", answer.json)).to_owned()));
            }
            let entries = log(&server, &root, "").await;
            assert_eq!(entries.len(), before + 1, "{id} left no row, or several");
            let entry = &entries[0];
            assert_eq!((entry["action"].as_str(), entry["actor"].as_str()), (Some(id), Some("person")));
            // What people ask about later: what it said before, and what it says now.
            let (there, step) = id.rsplit_once('.').unwrap();
            let told = ["agent", "skill", "field", "category", "app", "user", "desk"];
            if there.strip_prefix("admin_").is_some_and(|there| told.contains(&there)) {
                let (was, is) = (entry["before"].is_string(), entry["after"].is_string());
                match step {
                    "create" => assert!(!was && is, "{entry}"),
                    "patch" | "arrange" | "subscribe" | "close" | "open" => assert!(was && is, "{entry}"),
                    "delete" | "deactivate" => assert!(was && !is, "{entry}"),
                    _ => assert!(!was && !is, "{entry}"),
                }
            }
            let of_path = path.contains(DESK).then_some(DESK);
            let desk = if there == "admin_desk" { entry["object"].as_str() } else { of_path };
            assert_eq!((entry["actor_id"].as_str(), entry["helpdesk_id"].as_str()), (Some("u_root"), desk));
        }
        let other = by(&server, &root, Method::DELETE, "/session").send().await;
        assert_eq!(other.status, 200);
        let root = token(&server, "root").await;
        assert_eq!(actions(&log(&server, &root, "").await)[..2], ["sign_in", "admin_session.delete"]);
    }

    async fn a_change_tells_what_was_there_and_a_refused_one_tells_nothing(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        let faqs = format!("/desks/{DESK}/faqs");
        let faq = |question: &str, answer: &str| json!({"faq": {"question": question, "answer": answer}});
        let made = by(&server, &root, Method::POST, &faqs).json(&faq("Old?", "Old answer.")).send().await;
        let id = made.json["faq"]["faq_id"].as_str().unwrap().to_owned();
        let one = format!("{faqs}/{id}");
        by(&server, &root, Method::PATCH, &one).json(&faq("New?", &"long ".repeat(1_000))).send().await;
        let entry = &log(&server, &root, "action=admin_faq").await[0];
        assert_eq!(entry["object"], json!(id));
        assert_eq!(entry["before"], json!("Old?\nOld answer."));
        // By what it was about, and by several beginnings.
        let actions = async |query: &str| {
            let found = log(&server, &root, query).await;
            found.iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(actions(&format!("object={id}")).await, ["admin_faq.patch", "admin_faq.create"]);
        assert_eq!(actions("object=no").await, Vec::<String>::new());
        let both = actions("action=sign_in,admin_faq.c,admin_session").await;
        assert_eq!(both[0], "admin_faq.create", "{both:?}");
        assert!(both.len() > 1 && !both.contains(&"admin_faq.patch".to_owned()), "{both:?}");
        let after = entry["after"].as_str().unwrap();
        assert!(after.starts_with("New?\nlong ") && after.chars().count() == 501 && after.ends_with('…'), "{after}");
        let before = log(&server, &root, "").await.len();
        let refused = by(&server, &root, Method::PATCH, &one).json(&faq("", "No question.")).send().await;
        assert_eq!(refused.status, 400);
        assert_eq!(log(&server, &root, "").await.len(), before);
    }

    async fn tries_to_sign_in_are_on_record_without_what_was_typed_and_not_without_end(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        let attempt = |email: &str| {
            let body = json!({"email": email, "password": "wrong-secret", "tenant": "demo", "cookie": false});
            let call = server.call(Method::POST, "/admin/v1/session").json(&body);
            async move { call.send().await.status }
        };
        for _ in 0..10 {
            assert_eq!(attempt("ada@demo.test").await, 401);
        }
        for _ in 0..15 {
            assert_eq!(attempt("ada@demo.test").await, 429);
        }
        assert_eq!(attempt("my-password@demo.test").await, 401);
        let entries = log(&server, &root, "action=sign_in.").await;
        let count = |action: &str| entries.iter().filter(|entry| entry["action"] == action).count();
        // The stranger's try found no room any more after ten throttled ones.
        assert_eq!((count("sign_in.failed"), count("sign_in.throttled")), (10, 10));
        assert!(entries.iter().all(|entry| entry["actor_id"] == "u_ada" && entry["address"] == "127.0.0.1"));
        let text = serde_json::to_string(&log(&server, &root, "").await).unwrap();
        assert!(!text.contains("wrong-secret") && !text.contains("my-password"), "{text}");
    }

    async fn owners_see_their_desks_and_agents_nothing(database) {
        let server = start(database, &Options::default()).await;
        let (root, ada) = (token(&server, "root").await, token(&server, "ada").await);
        for desk in [DESK, OTHER_DESK] {
            let path = format!("/desks/{desk}/answering");
            let changed = by(&server, &root, Method::PATCH, &path).json(&json!({"list_size": 4})).send().await;
            assert_eq!(changed.status, 200, "{}", changed.json);
        }
        let seen = log(&server, &ada, "").await;
        let desks: BTreeSet<&str> = seen.iter().map(|entry| entry["helpdesk_id"].as_str().unwrap()).collect();
        assert_eq!(desks, BTreeSet::from([DESK]));
        let theirs = by(&server, &ada, Method::GET, &format!("/audit?helpdesk_id={OTHER_DESK}")).send().await;
        assert_eq!(theirs.status, 404);
        let bob = token(&server, "bob").await;
        assert_eq!(by(&server, &bob, Method::GET, "/audit").send().await.status, 403);
        let all = log(&server, &root, "").await;
        assert!(actions(&all).contains(&"deskfile.apply") && actions(&all).contains(&"sign_in"), "{all:?}");
        let apply = all.iter().find(|entry| entry["action"] == "deskfile.apply").unwrap();
        assert_eq!(apply["actor"], "command_line");
        assert!(apply["after"].as_str().unwrap().contains("created user u_ada of demo"), "{apply}");
        assert!(!apply.to_string().contains("ada-demo"));
    }

    async fn pages_filters_and_the_file_show_the_same_rows(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        for question in ["=1+1?", "Two?", "Three?"] {
            let body = json!({"faq": {"question": question, "answer": "Yes."}});
            by(&server, &root, Method::POST, &format!("/desks/{DESK}/faqs")).json(&body).send().await;
        }
        let mut ids = Vec::new();
        let mut next = String::new();
        loop {
            let page = by(&server, &root, Method::GET, &format!("/audit?page_size=2{next}")).send().await.json;
            ids.extend(page["entries"].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()));
            let Some(token) = page["page_token"].as_str() else { break };
            next = format!("&page_token={token}");
        }
        let all: Vec<String> =
            log(&server, &root, "").await.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids, all);
        assert_eq!(log(&server, &root, "action=admin_faq.create&person=ROOT").await.len(), 3);
        assert_eq!(log(&server, &root, "person=u_ada").await.len(), 0);
        let now = server.running.app().now_ms();
        assert_eq!(log(&server, &root, &format!("until={now}")).await.len(), 0);
        assert_eq!(log(&server, &root, &format!("since={now}")).await.len(), all.len());
        let wrong = by(&server, &root, Method::GET, &format!("/audit?since={now}&until={now}")).send().await;
        assert_eq!(wrong.status, 400);
        let file = by(&server, &root, Method::GET, "/audit/export?action=admin_faq").send().await;
        let text = String::from_utf8(file.body).unwrap();
        assert!(text.starts_with("\u{feff}time,actor,actor_id,actor_name,action,"), "{text}");
        assert!(text.contains("\"'=1+1?\nYes.\""), "{text}");
        assert!(text.contains("\r\n2026-01-05T08:00:00Z,person,u_root,"), "{text}");
        assert_eq!(text.matches("admin_faq.create").count(), 3);
    }

    async fn what_apps_change_is_on_record_and_what_they_read_is_not(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        let before = log(&server, &root, "").await.len();
        let body = json!({"faq": {"question": "From an app?", "answer": "Yes."}});
        let made = server
            .open_api_as(&server.user_token(OWNER).await, Method::POST, "/faqs").json(&body).send().await;
        assert_eq!(made.json["code"], 0, "{}", made.json);
        let entries = log(&server, &root, "").await;
        assert_eq!(entries.len(), before + 1);
        assert_eq!(entries[0]["action"], "faq.create");
        assert_eq!((entries[0]["actor"].as_str(), entries[0]["actor_id"].as_str()), (Some("app"), Some(APP)));
    }

    async fn rows_are_forgotten_after_the_days_that_are_set(database) {
        let settings = server::settings::PartialSettings { audit_days: Some(3), ..Default::default() };
        let server = start(database, &Options { settings, ..Options::default() }).await;
        let root = token(&server, "root").await;
        server.clock.advance(4 * 86_400_000);
        // The worker looks once a day; what is over by then goes with its next look.
        for _ in 0..400 {
            if !server.rows()["audit"].iter().any(|row| row.contains("deskfile.apply")) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        assert!(!server.rows()["audit"].iter().any(|row| row.contains("deskfile.apply")));
        assert_eq!(by(&server, &root, Method::GET, "/session").send().await.status, 401);
        assert_eq!(sign_in(&server, "root").await.status, 200);
        assert_eq!(server.rows()["audit"].len(), 1);
    }
}
