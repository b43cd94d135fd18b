//! Looking at deliveries: every filter, page by page, one with all there is to know, and what happens as it happens.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use desk::delivery::{Follow, News};
use desk::event::{MessageSnapshot, Snapshot};
use desk::outbox::{self, Attempt, By, Claim};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{AGENT, APP, APP_TWO, DESK, desk_file};
use testkit::{Database, Options, TestServer, on_both};

/// No news.
const NOTHING: [&str; 0] = [];

async fn look_for(server: &TestServer, query: &str) -> Vec<Value> {
    let answer = server.call(Method::GET, &format!("/dev/v1/deliveries?{query}")).send().await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.json);
    answer.json["deliveries"].as_array().unwrap().clone()
}

fn ids(list: &[Value]) -> Vec<&str> {
    list.iter().map(|delivery| delivery["delivery_id"].as_str().unwrap()).collect()
}

/// Two guests with three messages each: 8 events for each of two apps. Of the first app's, the two that are claimable
/// are delivered and given up.
async fn furnished(database: Database) -> TestServer {
    let server = TestServer::with(database, &Options { by: "app", ..Options::default() }).await;
    for guest in [server.guest().await, server.guest().await] {
        for text in ["one", "two", "three"] {
            guest.say(text).await;
        }
    }
    let app = server.running.app().clone();
    app.write(|tx, cx| {
        let mut claims = outbox::claim(tx, cx, "demo", APP, "here", 10)?;
        assert_eq!(claims.len(), 2);
        for (acknowledged, claim) in [true, false].into_iter().zip(&mut claims) {
            claim.attempts = 4;
            let http_status = Some(if acknowledged { 200 } else { 500 });
            let outcome = "as the test says".to_owned();
            let attempt =
                Attempt { acknowledged, http_status, outcome, at: cx.now, duration_ms: 7, unconnected: false };
            outbox::record(tx, cx, claim, &attempt)?;
        }
        Ok(())
    })
    .await
    .unwrap();
    server
}

on_both! {
    async fn every_filter_and_all_of_them_together_pass_just_what_fits(database) {
        let server = furnished(database).await;
        let all = look_for(&server, "limit=200").await;
        assert_eq!(all.len(), 16);
        assert!(all.is_sorted_by(|a, b| a["delivery_id"].as_str() > b["delivery_id"].as_str()), "newest first: {all:?}");
        let member = |name: &'static str| all.iter().map(|d| d[name].as_str().unwrap()).collect::<BTreeSet<_>>();
        let filters = [("state", "state"), ("app", "app_id"), ("type", "event_type"), ("ticket", "ticket_id"),
                       ("event", "event_id"), ("event", "header_event_id")];
        let mut narrow = 0;
        for (one, of_one) in filters {
            for value in member(of_one) {
                let wanted: Vec<Value> = all.iter().filter(|d| d[of_one] == value).cloned().collect();
                assert_eq!(look_for(&server, &format!("{one}={value}&limit=200")).await, wanted, "{one}={value}");
                for (other, of_other) in filters.into_iter().filter(|(other, _)| *other != one) {
                    for second in member(of_other) {
                        let wanted: Vec<Value> = wanted.iter().filter(|d| d[of_other] == second).cloned().collect();
                        narrow += wanted.len();
                        let query = format!("{one}={value}&{other}={second}&limit=200");
                        assert_eq!(look_for(&server, &query).await, wanted, "{query}");
                    }
                }
            }
        }
        assert!(narrow > 0);
        let dead = look_for(&server, &format!("state=dead&app={APP}&type=helpdesk.ticket.created_v1")).await;
        assert_eq!((dead.len(), &dead[0]["attempts"], &dead[0]["outcome"]), (1, &json!(5), &json!("as the test says")));
        assert!(look_for(&server, &format!("state=dead&app={APP_TWO}")).await.is_empty());
    }

    async fn pages_follow_each_other_without_gap_or_repetition(database) {
        let server = furnished(database).await;
        for filter in ["", "state=pending", "app=cli_a000000000000001", "type=helpdesk.ticket_message.created_v1"] {
            let whole = look_for(&server, &format!("{filter}&limit=200")).await;
            let mut paged: Vec<Value> = Vec::new();
            let mut before = String::new();
            loop {
                let page = look_for(&server, &format!("{filter}&limit=3{before}")).await;
                let Some(last) = page.last() else { break };
                assert!(page.len() <= 3);
                before = format!("&before={}", last["delivery_id"].as_str().unwrap());
                paged.extend(page);
            }
            assert_eq!(ids(&paged), ids(&whole), "{filter}");
        }
    }

    async fn a_wrong_word_is_refused_with_what_is_allowed(database) {
        let server = TestServer::start(database).await;
        for (query, field, told) in [
            ("state=done", "state", "pending, delivered, dead"),
            ("app=cli_x", "app", APP),
            ("type=helpdesk.ticket", "type", "helpdesk.ticket.created_v1"),
            ("ticket=x", "ticket", "19 digits"),
            ("event=x", "event", "UUID"),
            ("before=-1", "before", "delivery_id"),
            ("limit=0", "limit", "1 to 200"),
            ("limit=201", "limit", "1 to 200"),
            ("limit=many", "limit", "number"),
        ] {
            let refused = server.call(Method::GET, &format!("/dev/v1/deliveries?{query}")).send().await;
            assert_eq!(refused.status, 400, "{query}: {}", refused.json);
            assert_eq!(refused.json["error"]["field_violations"][0]["field"], field, "{query}: {}", refused.json);
            let message = refused.json["error"]["message"].as_str().unwrap();
            assert!(message.contains(told), "{query}: {message}");
        }
        let unknown = server.call(Method::GET, "/dev/v1/deliveries?status=dead").send().await;
        assert_eq!(unknown.status, 400);
        assert!(unknown.json["error"]["message"].as_str().is_some_and(|m| m.contains("`state`")), "{}", unknown.json);
    }

    async fn one_is_shown_with_its_attempts_and_its_event(database) {
        let server = furnished(database).await;
        let dead = look_for(&server, "state=dead").await.remove(0);
        let path = format!("/dev/v1/deliveries/{}", dead["delivery_id"].as_str().unwrap());
        let shown = server.call(Method::GET, &path).send().await.json;
        for (name, value) in dead.as_object().unwrap() {
            assert_eq!(shown[name], *value, "{name}");
        }
        assert_eq!(shown["attempt_list"].as_array().map(Vec::len), Some(1), "{shown}");
        let attempt = &shown["attempt_list"][0];
        assert_eq!((&attempt["http_status"], &attempt["duration_ms"]), (&json!(500), &json!(7)));
        assert_eq!(shown["event"]["header"]["event_type"], dead["event_type"]);
        assert_eq!((&shown["event"]["header"]["token"], &shown["encrypted"]), (&json!("…"), &json!(false)));
        for unknown in ["6900000000000000009", "x"] {
            let none = server.call(Method::GET, &format!("/dev/v1/deliveries/{unknown}")).send().await;
            assert_eq!(none.status, 404, "{}", none.json);
            assert!(none.json["error"]["message"].as_str().is_some_and(|m| m.contains("no delivery")), "{}", none.json);
        }
    }

    async fn what_happens_is_followed_also_at_old_deliveries(database) {
        let server = TestServer::with(database, &Options { by: "app", ..Options::default() }).await;
        server.guest().await.say("one").await;
        let old = claim(&server).await;
        // Longer ago than a look reaches back.
        server.clock.advance(3_600_000);
        let mut follow = start(&server).await;
        assert_eq!(look(&server, &mut follow).await, NOTHING);
        record(&server, &old[0], 4, false).await;
        let id = old[0].delivery_id;
        assert_eq!(look(&server, &mut follow).await, [format!("attempt 5 at {id} ended 2")]);
        let by = By::Administrator { open_id: AGENT.into(), name: "Bob".into() };
        server.running.app().write(move |tx, cx| outbox::resend(tx, cx, id, &by)).await.unwrap();
        assert_eq!(look(&server, &mut follow).await, [format!("resend of {id} by administrator Bob")]);
        record(&server, &old[0], 5, true).await;
        assert_eq!(look(&server, &mut follow).await, [format!("attempt 6 at {id} ended 1")]);
        let late = outbox::Late { delivery_id: id, attempt: 6, outcome: "late".into() };
        let app = server.running.app();
        app.write(move |tx, cx| Ok(outbox::acknowledged_late(tx, cx, "demo", APP, &late)?)).await.unwrap();
        server.guest().await.say("two").await;
        let events = look(&server, &mut follow).await;
        assert_eq!(events.len(), 4, "{events:?}");
        assert!(events.iter().all(|news| news.starts_with("event ")), "{events:?}");
        assert_eq!(look(&server, &mut follow).await, NOTHING, "nothing twice");
        server.clock.advance(3_600_000);
        server.guest().await.say("three").await;
        assert_eq!(look(&server, &mut follow).await.len(), 4, "also after a pause");
        assert_eq!(look(&server, &mut follow).await, NOTHING);
    }

    async fn the_timeline_tells_what_was_given_up_and_who_had_it_sent_again(database) {
        let options = Options { by: "app", ..Options::default() };
        let server = TestServer::with(database, &options).await;
        let said = server.guest().await.say("one").await;
        let ticket = said["ticket_id"].as_str().unwrap();
        let dead = claim(&server).await.remove(0);
        record(&server, &dead, 4, false).await;
        let id = dead.delivery_id;
        server.call(Method::POST, &format!("/dev/v1/deliveries/{id}/resend")).send().await;
        let admin = By::Administrator { open_id: AGENT.into(), name: "Bob".into() };
        for by in [By::CommandLine, admin] {
            server.running.app().write(move |tx, cx| outbox::resend(tx, cx, id, &by)).await.unwrap();
        }
        let steps = server.timeline(ticket).await;
        let of = |kind: &str| -> Vec<Value> {
            steps.iter().filter(|s| s["kind"] == kind).map(|s| s["detail"].clone()).collect()
        };
        let id = id.to_string();
        let given_up = json!({"delivery_id": id, "app_id": APP, "attempts": 5, "reason": "the last retry failed"});
        assert_eq!(of("given_up"), [given_up], "also after it was sent again");
        let resent = |by: &str, open_id: Value, name: Value| {
            json!({"delivery_id": id, "app_id": APP, "by": by, "open_id": open_id, "name": name})
        };
        assert_eq!(of("resent"), [
            resent("developer controls", Value::Null, Value::Null),
            resent("command line", Value::Null, Value::Null),
            resent("administrator", json!(AGENT), json!("Bob")),
        ]);
        let mut without = desk_file(&options);
        without["tenants"][0]["apps"].as_array_mut().unwrap().retain(|app| app["app_id"] != APP_TWO);
        let subscriptions = &mut without["tenants"][0]["helpdesks"][0]["subscriptions"];
        subscriptions.as_array_mut().unwrap().retain(|pair| pair["app"] != APP_TWO);
        server.apply(&without).await;
        let steps = server.timeline(ticket).await;
        let gone = steps.iter().filter(|s| s["kind"] == "given_up" && s["detail"]["reason"] == "the app was removed");
        assert_eq!(gone.filter(|s| s["detail"]["app_id"] == APP_TWO).count(), 2, "{steps:?}");
        // They are still found, although their app is gone.
        assert_eq!(look_for(&server, "state=dead").await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_commits_late_with_an_earlier_id_is_followed_too() {
    let server = TestServer::with(Database::postgres(), &Options { by: "app", ..Options::default() }).await;
    let app = server.running.app().clone();
    let mut follow = start(&server).await;
    let (begun, may_commit) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let slow = {
        let (app, desk, begun, may_commit) = (app.clone(), desk(&server), Arc::clone(&begun), Arc::clone(&may_commit));
        tokio::spawn(async move {
            app.write(move |tx, cx| {
                outbox::append(tx, cx, &desk, "018bcfe5-6800-7000-8000-000000000001", &event())?;
                begun.store(true, Ordering::SeqCst);
                while !may_commit.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Ok(())
            })
            .await
        })
    };
    while !begun.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let quick = desk(&server);
    app.write(move |tx, cx| Ok(outbox::append(tx, cx, &quick, "018bcfe5-6800-7000-8000-000000000002", &event())?))
        .await
        .unwrap();
    let first = look(&server, &mut follow).await;
    assert_eq!(first.len(), 2, "for two apps: {first:?}");
    may_commit.store(true, Ordering::SeqCst);
    slow.await.unwrap().unwrap();
    let second = look(&server, &mut follow).await;
    assert_eq!(second.len(), 2, "{second:?}");
    assert!(second.iter().max() < first.iter().min(), "{second:?} have earlier ids than {first:?}");
    assert!(look(&server, &mut follow).await.is_empty());
}

fn desk(server: &TestServer) -> Arc<desk::directory::Helpdesk> {
    Arc::clone(&server.running.app().directory().helpdesks[&DESK.parse::<i64>().unwrap()])
}

fn event() -> Snapshot {
    let message = MessageSnapshot {
        ticket_message_id: 6_948_728_206_392_295_444,
        message_id: "om_1".into(),
        msg_type: "text".into(),
        position: 10,
        sender: None,
        sender_type: 1,
        content: json!({"content": "hello", "msg_type": "text"}),
        text: "hello".into(),
        ticket_id: 6_948_728_206_392_295_400,
        ticket_status: 1,
        chat_id: "oc_1".into(),
    };
    Snapshot::MessageCreated { message }
}

async fn claim(server: &TestServer) -> Vec<Claim> {
    server.running.app().write(|tx, cx| Ok(outbox::claim(tx, cx, "demo", APP, "here", 10)?)).await.unwrap()
}

/// Puts an attempt on record after so many others.
async fn record(server: &TestServer, claim: &Claim, before: i64, acknowledged: bool) {
    let claim = Claim { attempts: before, resent_after: if before > 4 { before } else { 0 }, ..claim.clone() };
    let app = server.running.app();
    app.write(move |tx, cx| {
        let http_status = Some(if acknowledged { 200 } else { 500 });
        let outcome = "as the test says".to_owned();
        let attempt = Attempt { acknowledged, http_status, outcome, at: cx.now, duration_ms: 7, unconnected: false };
        Ok(outbox::record(tx, cx, &claim, &attempt)?)
    })
    .await
    .unwrap();
}

async fn start(server: &TestServer) -> Arc<Follow> {
    Arc::new(server.running.app().read(|tx, cx| Ok(Follow::start(tx, cx.now)?)).await.unwrap())
}

/// A line for each piece of news.
async fn look(server: &TestServer, follow: &mut Arc<Follow>) -> Vec<String> {
    let (app, looking) = (server.running.app(), Arc::clone(follow));
    let looked = app.read(move |tx, _| Ok(looking.look(tx)?)).await.unwrap();
    Arc::make_mut(follow).saw(&looked, app.now_ms());
    let told = |news: &News| match news {
        News::Event(delivery) => format!("event {}", delivery.delivery_id),
        News::Attempt(delivery, made) => {
            format!("attempt {} at {} ended {}", made.attempt, delivery.delivery_id, made.ended)
        }
        News::Resend(delivery, resend) => {
            let name = resend.name.as_deref().unwrap_or_default();
            format!("resend of {} by {} {name}", delivery.delivery_id, resend.way)
        }
    };
    looked.news.iter().map(told).collect()
}
