//! Faults, the inspector of calls, reset and snapshots.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::APP;
use testkit::{Answer, Database, Options, Sink, TestServer, on_both};

async fn dev(server: &TestServer, method: Method, path: &str, body: Value) -> Answer {
    server.call(method, &format!("/dev/v1{path}")).json(&body).send().await
}

async fn fault(server: &TestServer, fault: Value) -> Value {
    let made = dev(server, Method::POST, "/faults", fault).await;
    assert_eq!(made.status, 200, "{}", made.json);
    made.json["fault"].clone()
}

async fn categories(server: &TestServer) -> Answer {
    server.open_api(Method::GET, "/categories").send().await
}

/// A call over a connection of its own, whose answer may get lost.
async fn raw(server: &TestServer, path: &str, token: &str, body: &Value) -> Result<u16, reqwest::Error> {
    let call = reqwest::Client::new().post(server.url(path)).bearer_auth(token).json(body);
    call.send().await.map(|answer| answer.status().as_u16())
}

fn said(server: &TestServer) -> usize {
    server.rows()["message"].len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_fails_as_often_as_asked_and_then_works_again() {
    let server = TestServer::start(Database::sqlite()).await;
    let made =
        fault(&server, json!({"route": "GET /open-apis/helpdesk/v1/categories", "code": 99_991_400, "times": 2})).await;
    assert_eq!((&made["status"], &made["percent"]), (&json!(429), &json!(100)), "the code's own status");
    for _ in 0..2 {
        let failed = categories(&server).await;
        assert_eq!((failed.status, &failed.json["code"]), (429, &json!(99_991_400)), "{}", failed.json);
        assert!(failed.json["error"]["log_id"].as_str().is_some_and(|id| id.len() > 10));
    }
    categories(&server).await.ok();
    assert_eq!(dev(&server, Method::GET, "/faults", json!({})).await.json["faults"], json!([]));
    fault(&server, json!({"route": "/open-apis/*", "status": 503})).await;
    assert_eq!(categories(&server).await.status, 503);
    dev(&server, Method::DELETE, "/faults", json!({})).await;
    categories(&server).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_get_lost_before_or_after_the_work_and_arrive_twice() {
    let server = TestServer::with(Database::sqlite(), &Options { by: "app", ..Options::default() }).await;
    let guest = server.guest().await;
    guest.say("zero").await;
    let before = said(&server);
    for (drop, stored) in [("request", 0), ("answer", 1)] {
        fault(&server, json!({"route": "POST /guest/v1/messages", "drop": drop, "times": 1})).await;
        let lost = raw(&server, "/guest/v1/messages", &guest.token, &json!({"text": drop})).await;
        assert!(lost.is_err(), "{drop}: {lost:?}");
        assert_eq!(said(&server), before + stored, "{drop}");
    }
    for (body, stored) in [(json!({"text": "twice"}), 3), (json!({"text": "once", "client_id": "c1"}), 4)] {
        fault(&server, json!({"route": "/guest/v1/messages", "duplicate": true, "times": 1})).await;
        assert_eq!(raw(&server, "/guest/v1/messages", &guest.token, &body).await.unwrap(), 201);
        assert_eq!(said(&server), before + stored, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_fail_get_lost_and_arrive_twice() {
    let sink = Sink::start().await;
    let options = Options { by: "app", events_url: Some(sink.url()), ..Options::default() };
    let server = TestServer::with(Database::sqlite(), &options).await;
    let guest = server.guest().await;
    guest.say("first").await;
    sink.wait(4).await;
    fault(&server, json!({"route": "events", "duplicate": true, "times": 2})).await;
    guest.say("second").await;
    let events = sink.wait(8).await;
    let header = |e: &testkit::sink::Received| e.json()["header"].clone();
    let ids: Vec<_> = events[4..].iter().map(header).map(|h| format!("{} {}", h["app_id"], h["event_id"])).collect();
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), 2, "each app has its event twice: {ids:?}");
    fault(&server, json!({"route": "events", "status": 500, "times": 2})).await;
    guest.say("third").await;
    let failed = async {
        loop {
            let list = dev(&server, Method::GET, "/deliveries", json!({})).await.json;
            let list = list["deliveries"].as_array().unwrap().clone();
            if list.iter().filter(|d| d["outcome"] == "500, by a fault").count() == 2 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), failed).await.expect("both attempts on record");
    assert_eq!(sink.events().len(), 8, "nothing was sent");
    server.clock.advance(15_000);
    sink.wait(10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_fault_is_refused_with_its_field() {
    let server = TestServer::start(Database::sqlite()).await;
    for (ask, field) in [
        (json!({"route": "/open-apis/*"}), "route"),
        (json!({"route": "open-apis", "status": 500}), "route"),
        (json!({"route": "/dev/v1/clock", "status": 500}), "route"),
        (json!({"route": "/a", "status": 200}), "status"),
        (json!({"route": "/a", "status": 500, "percent": 0}), "percent"),
        (json!({"route": "/a", "delay_ms": 60_001}), "delay_ms"),
        (json!({"route": "/a", "status": 500, "times": 0}), "times"),
    ] {
        let refused = dev(&server, Method::POST, "/faults", ask.clone()).await;
        assert_eq!(refused.status, 400, "{ask}");
        assert_eq!(refused.json["error"]["field_violations"][0]["field"], field, "{ask}: {}", refused.json);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_call_can_be_looked_at_with_its_cause_and_without_its_secrets() {
    let server = TestServer::start(Database::sqlite()).await;
    let guest = server.guest().await;
    guest.say("how do I reset my password?").await;
    let bad = server.open_api(Method::POST, "/events/subscribe").json(&json!({"events": "none"})).send().await;
    assert_eq!(bad.status, 400);
    let list = dev(&server, Method::GET, "/requests?limit=1", json!({})).await.json;
    let newest = &list["requests"][0];
    assert_eq!((&newest["path"], &newest["status"]), (&json!("/open-apis/helpdesk/v1/events/subscribe"), &json!(400)));
    assert_eq!(newest["code"], bad.json["code"]);
    let path = format!("/requests/{}", newest["log_id"].as_str().unwrap());
    let shown = dev(&server, Method::GET, &path, json!({})).await.json;
    assert_eq!(shown["body"]["text"], r#"{"events":"none"}"#);
    assert!(shown["error"]["cause"].as_str().is_some_and(|text| !text.is_empty()), "{shown}");
    assert_eq!(shown["error"]["fix"], bad.json["error"]["message"]);
    let headers = shown["headers"].to_string();
    assert!(headers.contains("Bearer …") && !headers.contains(&server.tenant_token(APP)), "{headers}");
    let sessions = dev(&server, Method::GET, "/requests?path=/sessions", json!({})).await.json;
    let path = format!("/requests/{}", sessions["requests"][0]["log_id"].as_str().unwrap());
    let shown = dev(&server, Method::GET, &path, json!({})).await.json;
    let answer = shown["answer"]["body"]["text"].as_str().unwrap();
    assert!(answer.contains("chat_id") && !answer.contains(&guest.token), "{answer}");
    let count = list["requests"][0]["number"].as_u64().unwrap();
    let older = dev(&server, Method::GET, &format!("/requests?before={count}"), json!({})).await.json;
    assert!(older["requests"].as_array().unwrap().iter().all(|call| call["number"].as_u64().unwrap() < count));
    let unknown = dev(&server, Method::GET, "/requests/none", json!({})).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_tells_which_list_changed() {
    let server = TestServer::start(Database::sqlite()).await;
    let mut feed = reqwest::get(server.url("/dev/v1/stream")).await.unwrap();
    assert!(feed.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    categories(&server).await.ok();
    let mut told = String::new();
    while !told.contains("event: calls\n") {
        told += std::str::from_utf8(&feed.chunk().await.unwrap().expect("the feed goes on")).unwrap();
    }
    server.guest().await.say("hello").await;
    while !told.contains("event: deliveries\n") {
        told += std::str::from_utf8(&feed.chunk().await.unwrap().expect("the feed goes on")).unwrap();
    }
}

on_both! {
    async fn everything_goes_back_to_a_snapshot_and_to_the_start(database) {
        let server = TestServer::with(database, &Options { by: "builtin", ..Options::default() }).await;
        let start = server.rows();
        let guest = server.guest().await;
        guest.say("forgot password").await;
        guest.wait(0, |m| m["kind"] == "answer").await;
        let snapshot = server.call(Method::GET, "/dev/v1/snapshot").send().await.json;
        let at_snapshot = server.rows();
        let pair = json!({"events": [{"type": "helpdesk.ticket", "subtype": "ticket.updated_v1"}]});
        server.open_api(Method::POST, "/events/unsubscribe").json(&pair).send().await.ok();
        guest.say("something else").await;
        server.guest().await.say("a new guest").await;
        let put = server.call(Method::PUT, "/dev/v1/snapshot").json(&snapshot).send().await;
        assert_eq!(put.status, 200, "{}", put.json);
        testkit::rows::assert_unchanged(&at_snapshot, &server.rows());
        // The guest's session lives on, and positions go on from there.
        let again = guest.say("forgot password").await;
        assert!(again["message"]["position"].as_i64().is_some());
        guest.wait(again["message"]["position"].as_i64().unwrap(), |m| m["kind"] == "answer").await;
        dev(&server, Method::POST, "/reset", json!({})).await;
        testkit::rows::assert_unchanged(&start, &server.rows());
        let fresh = server.guest().await;
        fresh.say("forgot password").await;
        fresh.wait(0, |m| m["kind"] == "answer").await;
    }

    async fn a_snapshot_that_does_not_fit_changes_nothing(database) {
        let server = TestServer::start(database).await;
        let good = server.call(Method::GET, "/dev/v1/snapshot").send().await.json;
        for table in testkit::rows::names() {
            assert!(good["tables"][&table].is_array(), "{table} is in the snapshot");
        }
        let before = server.rows();
        let mut other_schema = good.clone();
        other_schema["schema"] = json!("0001_init");
        let mut no_table = good.clone();
        no_table["tables"].as_object_mut().unwrap().remove("ticket");
        let mut odd_row = good.clone();
        odd_row["tables"]["tenant"][0] = json!([1]);
        for (bad, field) in [(other_schema, "schema"), (no_table, "tables"), (odd_row, "tables"), (json!([]), "body")] {
            let refused = server.call(Method::PUT, "/dev/v1/snapshot").json(&bad).send().await;
            assert_eq!(refused.status, 400);
            assert_eq!(refused.json["error"]["field_violations"][0]["field"], field, "{}", refused.json);
        }
        testkit::rows::assert_unchanged(&before, &server.rows());
    }
}
