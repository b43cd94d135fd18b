//! The four events as apps get them.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{APP, APP_READER, APP_TWO, FAQS, OWNER};
use testkit::{Database, Options, Sink, on_both};

use super::reference::{self, Reference};
use super::shape;
use super::world::{self, World, text};

const CREATED: &str = "helpdesk.ticket.created_v1";
const UPDATED: &str = "helpdesk.ticket.updated_v1";
const MESSAGE: &str = "helpdesk.ticket_message.created_v1";
const APPROVED: &str = "helpdesk.notification.approve_v1";
const ALL: [&str; 4] = [CREATED, UPDATED, MESSAGE, APPROVED];

/// What `POST /events/subscribe` wants of a type.
fn pair(event: &str) -> Value {
    let (kind, _) = event.rsplit_once('.').unwrap();
    json!({"type": kind, "subtype": event.strip_prefix("helpdesk.").unwrap()})
}

/// A server whose [`APP`] lists and subscribes to everything, [`APP_TWO`] lists everything, and [`APP_READER`]
/// subscribes to everything.
async fn start(database: Database, sink: &Sink) -> World {
    let options = Options { by: "app", subscribed: false, events_url: Some(sink.url()), ..Options::default() };
    let mut file = world::file(&options);
    for app in file["tenants"][0]["apps"].as_array_mut().unwrap() {
        let lists = app["app_id"] == APP || app["app_id"] == APP_TWO;
        app["events"] = json!({"delivery": "webhook", "verification_token": "v-token", "url": sink.url(),
                               "types": if lists { &ALL[..] } else { &[] }});
    }
    let world = World::start_with(database, &options, &file).await;
    let body = json!({"events": ALL.map(pair)});
    for app in [APP, APP_READER] {
        let call = world.server.open_api_as(world.tenant_token(app), Method::POST, "/events/subscribe");
        call.json(&body).send().await.ok();
    }
    world
}

/// Asserts that an envelope has what the reference says.
#[track_caller]
fn judge(reference: &Reference, envelope: &Value) {
    let header = &envelope["header"];
    let kind = header["event_type"].as_str().expect("an event type");
    let event = reference.events.iter().find(|event| event.kind == kind).expect("an event of the reference");
    let mut faults = shape::object(&event.body, &envelope["event"], &[]).faults;
    faults.extend(shape::object(&reference.events_envelope.header.fields, header, &[]).faults);
    assert!(faults.is_empty(), "{kind}: {faults:?}\n{envelope}");
    let members: Vec<&String> = envelope.as_object().unwrap().keys().collect();
    assert_eq!(members, ["event", "header", "schema"]);
    assert_eq!(envelope["schema"], "2.0");
    assert_eq!((&header["token"], &header["tenant_key"]), (&json!("v-token"), &json!("demo")));
    let id = header["event_id"].as_str().unwrap();
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    assert!(header["create_time"].as_str().unwrap().parse::<i64>().is_ok(), "{header}");
    assert_eq!(header.as_object().unwrap().len(), reference.events_envelope.header.fields.len(), "{header}");
}

/// The last but one state of a ticket: everything of `old_object` differs from `object`.
#[track_caller]
fn holds_changes_only(event: &Value) {
    let old = event["old_object"].as_object().expect("an object");
    assert!(old.contains_key("stage") || old.contains_key("status"), "{event}");
    for (name, value) in old {
        assert_ne!(value, &event["object"][name], "{name} did not change: {event}");
    }
}

on_both! {
    async fn every_event_is_what_the_reference_says(database) {
        let reference = reference::read();
        let sink = Sink::start().await;
        let world = start(database, &sink).await;
        let server = &world.server;
        let guest = server.guest().await;
        let said = guest.say("forgot password").await;
        let ticket_id = text(&said["ticket_id"]);
        let created = sink.event(CREATED, |_| true).await;
        assert_eq!(created["event"]["updated_at"], -1);
        let asked = sink.event(MESSAGE, |event| event["sender_type"] == 2).await;
        // The id in the body is another than the header's, and the one that an answer names.
        let event_id = asked["event"]["event_id"].clone();
        assert_ne!(event_id, asked["header"]["event_id"]);
        let body = json!({"event_id": event_id, "faqs": [{"id": FAQS[0], "score": 0.9}]});
        server.answer_with(world.tenant_token(APP), &ticket_id, &body).await.ok();
        let shown = sink.event(MESSAGE, |event| event["sender_type"] == 1).await;
        assert!(shown["event"].get("sender_id").is_none(), "the bot has no id: {shown}");
        server.clock.advance(5_000);
        guest.call(Method::POST, "/human").send().await;
        sink.event(UPDATED, |event| event["object"]["stage"] == 2).await;
        let ticket = world.tenant(Method::GET, &format!("/tickets/{ticket_id}"), json!({})).await["ticket"].clone();
        let owner = text(&ticket["agent_owner"]["id"]);
        let act = json!({"open_id": owner, "action": "reply", "text": "Hello"});
        let path = format!("/dev/v1/tickets/{ticket_id}/agent");
        assert_eq!(server.call(Method::POST, &path).json(&act).send().await.status, 200);
        let replied = sink.event(MESSAGE, |event| event["sender_type"] == 3).await;
        assert_eq!(replied["event"]["sender_id"]["open_id"], owner);
        server.clock.advance(5_000);
        guest.call(Method::POST, "/close").send().await;
        sink.event(UPDATED, |event| event["object"]["status"] == 52).await;
        let made = notification(&world).await;
        let decided = sink.event(APPROVED, |_| true).await;
        assert_eq!(decided["event"]["notification_id"], made);
        for received in sink.events() {
            let envelope = received.json();
            judge(&reference, &envelope);
            assert_eq!(envelope["header"]["app_id"], APP, "only who lists and subscribes gets it: {envelope}");
            if envelope["header"]["event_type"] == UPDATED {
                holds_changes_only(&envelope["event"]);
            }
        }
    }
}

/// Makes a notification of the owner, which is approved when it is submitted; answers its id.
async fn notification(world: &World) -> Value {
    let card = json!({"elements": [{"tag": "div", "text": {"tag": "plain_text", "content": "News"}}]}).to_string();
    let body = json!({"job_name": "News", "push_content": card, "push_type": 0, "push_scope_type": 0});
    let made = world.user(OWNER, Method::POST, "/notifications", body).await;
    let path = format!("/notifications/{}/submit_approve", text(&made["notification_id"]));
    world.user(OWNER, Method::POST, &path, json!({"reason": "news"})).await;
    made["notification_id"].clone()
}
