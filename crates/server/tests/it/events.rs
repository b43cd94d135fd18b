//! Events as a webhook receiver gets them.

use reqwest::Method;
use serde_json::json;
use testkit::server::{APP, FAQS};
use testkit::sink::Behaviour;
use testkit::{Options, Sink, TestServer, on_both};

const CREATED: &str = "helpdesk.ticket.created_v1";
const UPDATED: &str = "helpdesk.ticket.updated_v1";
const MESSAGE: &str = "helpdesk.ticket_message.created_v1";

async fn with_sink(database: testkit::Database, by: &'static str) -> (TestServer, Sink) {
    let sink = Sink::start().await;
    let options = Options { by, events_url: Some(sink.url()), ..Options::default() };
    (TestServer::with(database, &options).await, sink)
}

on_both! {
    async fn a_question_reaches_both_apps_and_its_answer_the_guest(database) {
        let (server, sink) = with_sink(database, "app").await;
        let guest = server.guest().await;
        let said = guest.say("forgot password").await;
        let created = sink.event(CREATED, |_| true).await;
        assert_eq!(created["schema"], "2.0");
        assert_eq!(created["header"]["token"], "v-token");
        assert_eq!(created["event"]["ticket_id"], said["ticket_id"]);
        assert_eq!((&created["event"]["stage"], &created["event"]["status"]), (&json!(1), &json!(1)));
        let asked = sink.event(MESSAGE, |e| e["sender_type"] == 2).await;
        let event = &asked["event"];
        assert_eq!((&event["text"], &event["message_id"]), (&json!("forgot password"), &said["message"]["message_id"]));
        assert_eq!(event["ticket"], json!({"ticket_id": said["ticket_id"], "status": 1}));
        assert_eq!(event["sender_id"]["open_id"], guest.session["guest"]["open_id"]);
        assert!(event["sender_id"]["user_id"].is_null(), "user_id needs a scope of its own");
        assert_ne!(event["event_id"], asked["header"]["event_id"]);
        let body = json!({"event_id": event["event_id"], "faqs": [{"id": FAQS[0], "score": 0.9}]});
        let ticket_id = said["ticket_id"].as_str().unwrap();
        server.answer_with(&server.tenant_token(APP), ticket_id, &body).await.ok();
        let shown = guest.wait(1, |m| m["kind"] == "answer").await;
        assert_eq!(shown["text"], "Open Settings > Security.");
        let bots = sink.event(MESSAGE, |e| e["sender_type"] == 1).await;
        assert!(bots["event"]["sender_id"].is_null());
        // Two apps, three events each; one URL check for each app.
        sink.wait(6).await;
        assert_eq!(sink.challenges(), 2, "{:?}", server.rows()["attempt"]);
        let apps: std::collections::HashSet<String> =
            sink.events().iter().map(|e| e.json()["header"]["app_id"].to_string()).collect();
        assert_eq!(apps.len(), 2);
    }

    async fn a_change_of_stage_or_status_is_told_with_its_old_values_only(database) {
        let (server, sink) = with_sink(database, "app").await;
        let guest = server.guest().await;
        guest.say("hello").await;
        guest.call(Method::POST, "/human").send().await;
        let moved = sink.event(UPDATED, |e| e["object"]["stage"] == 2).await;
        assert_eq!(moved["event"]["object"]["status"], 2);
        assert_eq!(moved["event"]["old_object"], json!({"stage": 1, "status": 1, "updated_at": -1}));
        server.clock.advance(5);
        guest.call(Method::POST, "/close").send().await;
        let closed = sink.event(UPDATED, |e| e["object"]["status"] == 52).await;
        let old = &closed["event"]["old_object"];
        assert_eq!((&old["status"], old.get("stage")), (&json!(2), None));
        assert!(closed["event"]["object"]["closed_at"].is_i64());
    }

    async fn only_subscribed_types_that_the_app_lists_are_delivered(database) {
        let sink = Sink::start().await;
        let options = Options { by: "app", subscribed: false, events_url: Some(sink.url()), ..Options::default() };
        let server = TestServer::with(database, &options).await;
        let pair = json!({"events": [{"type": "helpdesk.ticket_message", "subtype": "ticket_message.created_v1"}]});
        let call = |verb: &str| server.open_api(Method::POST, &format!("/events/{verb}")).json(&pair).send();
        // Without a listener the app mode acts as the built-in engine.
        let guest = server.guest().await;
        guest.say("forgot password").await;
        guest.wait(0, |m| m["answered_by"] == "builtin").await;
        assert!(sink.events().is_empty());
        call("subscribe").await.ok();
        guest.say("forgot password again").await;
        let events = sink.wait(1).await;
        assert!(events.iter().all(|e| e.json()["header"]["event_type"] == MESSAGE));
        assert!(events.iter().all(|e| e.json()["header"]["app_id"] == APP));
        call("unsubscribe").await.ok();
        let before = sink.events().len();
        guest.say("and again").await;
        guest.wait(4, |m| m["answered_by"] == "builtin").await;
        assert_eq!(sink.events().len(), before);
        let bad = json!({"events": [{"type": "helpdesk.ticket", "subtype": "nonsense"}]});
        let refused = server.open_api(Method::POST, "/events/subscribe").json(&bad).send().await;
        assert!(refused.refused(400, 154_000).contains("events[0]"));
        server.open_api(Method::POST, "/events/subscribe").json(&json!({})).send().await.refused(400, 99_992_402);
    }

    async fn the_built_in_engine_answers_when_the_apps_time_is_over(database) {
        let (server, sink) = with_sink(database, "app_then_builtin").await;
        let guest = server.guest().await;
        let said = guest.say("forgot password").await;
        sink.event(MESSAGE, |e| e["sender_type"] == 2).await;
        server.clock.advance(2_999);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        assert!(guest.answers().await.is_empty());
        server.clock.advance(1);
        let answer = guest.wait(1, |m| m["kind"] == "answer").await;
        assert_eq!(answer["answered_by"], "builtin");
        let steps = server.timeline(said["ticket_id"].as_str().unwrap()).await;
        let kinds: Vec<&str> = steps.iter().map(|s| s["kind"].as_str().unwrap()).collect();
        for kind in ["message", "event_queued", "delivery_attempt", "builtin_answered"] {
            assert!(kinds.contains(&kind), "{kind} is missing in {kinds:?}");
        }
        let fallback = steps.iter().find(|s| s["kind"] == "builtin_answered").unwrap();
        assert_eq!(fallback["detail"]["reason"], "no app answered in time");
    }

    async fn a_failed_delivery_is_repeated_on_the_schedule_and_then_given_up(database) {
        let (server, sink) = with_sink(database, "app").await;
        sink.behave(Behaviour::Status(500));
        let guest = server.guest().await;
        guest.say("hello").await;
        // Two apps, two events each.
        sink.wait(4).await;
        let mut seen = 4;
        for wait_ms in desk::outbox::RETRY_AFTER_MS {
            settle(&server, seen).await;
            server.clock.advance(wait_ms - 1);
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            assert_eq!(sink.events().len(), seen, "nothing before its time");
            server.clock.advance(1);
            seen += 4;
            sink.wait(seen).await;
        }
        settle(&server, seen).await;
        let list = server.call(Method::GET, "/dev/v1/deliveries").send().await.json;
        let list = list["deliveries"].as_array().unwrap();
        assert!(list.iter().all(|d| d["state"] == "dead" && d["attempts"] == 5), "{list:?}");
        let ids: std::collections::HashSet<String> =
            sink.events().iter().map(|e| e.json()["header"]["event_id"].to_string()).collect();
        assert_eq!(ids.len(), 2, "each repeat carries its event's id");
        sink.behave(Behaviour::Acknowledge);
        let id = list[0]["delivery_id"].as_str().unwrap();
        server.call(Method::POST, &format!("/dev/v1/deliveries/{id}/resend")).send().await;
        sink.wait(seen + 1).await;
    }

    async fn events_wait_for_a_server_that_was_away(database) {
        let options = Options { by: "app", ..Options::default() };
        let server = TestServer::with(database, &options).await;
        server.guest().await.say("hello").await;
        let sink = Sink::start().await;
        let with_url = Options { events_url: Some(sink.url()), ..options };
        let server = server.reapply(&with_url).await;
        sink.wait(4).await;
        drop(server);
    }
}

/// Waits until the record of every attempt is stored.
async fn settle(server: &TestServer, attempts: usize) {
    for _ in 0..100 {
        let made = server.rows()["attempt"].len();
        if made == attempts {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the attempts' records are missing: {:?}", server.rows()["attempt"]);
}
