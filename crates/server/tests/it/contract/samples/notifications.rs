//! The push centre.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{AGENT, OWNER, START_MS, USER};

use crate::contract::sample::{At, INVALID, METHOD_FORBIDDEN, Sample};
use crate::contract::world::{ADMIN, CANDIDATE, DEPARTMENT, NOBODY, STRANGER, World, text};

/// What the server fills in by itself.
const SERVER_SIDE: &[&str] = &[
    "id",
    "status",
    "create_user",
    "created_at",
    "update_user",
    "updated_at",
    "target_user_count",
    "sent_user_count",
    "read_user_count",
    "send_at",
    "user_list.avatar_url",
    "user_list.name",
];

fn card() -> String {
    json!({"config": {"wide_screen_mode": true}, "header": {"title": {"tag": "plain_text", "content": "News"}},
           "elements": [{"tag": "div", "text": {"tag": "plain_text", "content": "The lift is out of order."}}]})
    .to_string()
}

/// One for new staff, because only such a one has all the fields read.
fn welcome(chat: &str) -> Value {
    json!({"job_name": "Welcome", "push_content": card(), "push_type": 1, "push_scope_type": 3,
           "new_staff_scope_type": 1, "new_staff_scope_department_list": [{"department_id": DEPARTMENT, "name": "IT"}],
           "user_list": [{"user_id": CANDIDATE}], "department_list": [{"department_id": DEPARTMENT, "name": "IT"}],
           "chat_list": [{"chat_id": chat, "name": "Eve"}], "ext": "{}"})
}

fn timed(chat: &str) -> Value {
    json!({"job_name": "Lift", "push_content": card(), "push_type": 0, "push_scope_type": 2,
           "user_list": [{"user_id": CANDIDATE}], "department_list": [{"department_id": DEPARTMENT, "name": "IT"}],
           "chat_list": [{"chat_id": chat, "name": "Eve"}], "ext": "{}"})
}

async fn draft(world: &World, operator: &str, body: Value) -> String {
    let made = world.user(operator, Method::POST, "/notifications?user_id_type=open_id", body).await;
    text(&made["notification_id"])
}

async fn step(world: &World, operator: &str, id: &str, verb: &str, body: Value) {
    world.user(operator, Method::POST, &format!("/notifications/{id}/{verb}"), body).await;
}

/// Submitted by the owner, and so approved at once.
async fn approved(world: &World, chat: &str) -> String {
    let id = draft(world, OWNER, timed(chat)).await;
    step(world, OWNER, &id, "submit_approve", json!({"reason": "news"})).await;
    id
}

pub async fn samples(world: &World) -> Vec<Sample> {
    let started = world.tenant(Method::POST, "/start_service", json!({"open_id": USER})).await;
    let chat = text(&started["chat_id"]);
    let of = |id: &'static str, notification: String| {
        let sample = Sample::new(id).refused(AGENT, METHOD_FORBIDDEN).refused(USER, METHOD_FORBIDDEN);
        sample.path("notification_id", notification)
    };
    let submitted = draft(world, ADMIN, timed(&chat)).await;
    step(world, ADMIN, &submitted, "submit_approve", json!({"reason": "news"})).await;
    let waiting = approved(world, &chat).await;
    let send_at = (START_MS + 3_600_000).to_string();
    step(world, OWNER, &waiting, "execute_send", json!({"send_at": send_at})).await;
    let scheduled = approved(world, &chat).await;
    step(world, OWNER, &scheduled, "execute_send", json!({"send_at": send_at})).await;
    let (patched, kept) = (draft(world, OWNER, timed(&chat)).await, draft(world, OWNER, timed(&chat)).await);
    let mut cancel_approve = of("notification.cancel_approve", submitted.clone()).never_on(kept.clone(), INVALID);
    cancel_approve.operator = ADMIN;
    vec![
        written(Sample::new("notification.create"), &chat)
            .refused(AGENT, METHOD_FORBIDDEN)
            .refused(USER, METHOD_FORBIDDEN),
        written(of("notification.patch", patched), &chat).never_on(submitted.clone(), INVALID),
        of("notification.get", kept.clone())
            .query("user_id_type", "open_id")
            .and(|given| given.query("user_id_type", "union_id"))
            .and(|given| given),
        of("notification.get", draft(world, OWNER, welcome(&chat)).await),
        of("notification.get", scheduled),
        of("notification.preview", kept.clone()).never_on(submitted.clone(), INVALID),
        of("notification.submit_approve", draft(world, OWNER, timed(&chat)).await)
            .body(json!({"reason": "news"}))
            .wrong(At::Body("reason"), "", &[INVALID])
            .never_on(submitted, INVALID),
        cancel_approve,
        of("notification.execute_send", approved(world, &chat).await)
            .body(json!({"send_at": send_at}))
            .wrong(At::Body("send_at"), "tomorrow", &[INVALID])
            .wrong(At::Body("send_at"), "", &[INVALID])
            .never_on(kept.clone(), INVALID),
        of("notification.cancel_send", waiting).body(json!({"is_recall": true})).never_on(kept, INVALID),
    ]
}

/// Create and patch take the same.
fn written(sample: Sample, chat: &str) -> Sample {
    sample
        .query("user_id_type", "open_id")
        .body(welcome(chat))
        .ignoring(SERVER_SIDE)
        .wrong(At::Body("user_list[0].user_id"), NOBODY, &[INVALID])
        .wrong(At::Body("user_list[0].user_id"), STRANGER, &[INVALID])
        .wrong(At::Body("chat_list[0].chat_id"), "oc_00000000000000000000000000000000", &[INVALID])
        .wrong(At::Body("push_content"), "no JSON", &[INVALID])
        .wrong(At::Body("job_name"), "", &[INVALID])
        .wrong(At::Body("new_staff_scope_type"), Value::Null, &[INVALID])
        .wrong(At::Body("new_staff_scope_department_list"), json!([]), &[INVALID])
        // Timed pushes have no new staff, those for new staff no members; nobody and everyone have no lists.
        .conflict(At::Body("push_type"), 0, &[INVALID])
        .wrong(At::Body("push_scope_type"), 0, &[INVALID])
        .wrong(At::Body("push_scope_type"), 1, &[INVALID])
        .wrong(At::Body("push_scope_type"), 2, &[INVALID])
        .and(|given| given.body(timed(chat)))
}
