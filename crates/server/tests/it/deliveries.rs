//! Looking at deliveries: every filter, page by page, and one with all there is to know.

use std::collections::BTreeSet;

use desk::outbox::{self, Attempt};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{APP, APP_TWO};
use testkit::{Options, TestServer, on_both};

async fn look(server: &TestServer, query: &str) -> Vec<Value> {
    let answer = server.call(Method::GET, &format!("/dev/v1/deliveries?{query}")).send().await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.json);
    answer.json["deliveries"].as_array().unwrap().clone()
}

fn ids(list: &[Value]) -> Vec<&str> {
    list.iter().map(|delivery| delivery["delivery_id"].as_str().unwrap()).collect()
}

/// Two guests with three messages each: 8 events for each of two apps. Of the first app's, the two that are claimable
/// are delivered and given up.
async fn furnished(database: testkit::Database) -> TestServer {
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
        let all = look(&server, "limit=200").await;
        assert_eq!(all.len(), 16);
        assert!(all.is_sorted_by(|a, b| a["delivery_id"].as_str() > b["delivery_id"].as_str()), "newest first: {all:?}");
        let member = |name: &'static str| all.iter().map(|d| d[name].as_str().unwrap()).collect::<BTreeSet<_>>();
        let filters = [("state", "state"), ("app", "app_id"), ("type", "event_type"), ("ticket", "ticket_id"),
                       ("event", "event_id"), ("event", "header_event_id")];
        let mut narrow = 0;
        for (one, of_one) in filters {
            for value in member(of_one) {
                let wanted: Vec<Value> = all.iter().filter(|d| d[of_one] == value).cloned().collect();
                assert_eq!(look(&server, &format!("{one}={value}&limit=200")).await, wanted, "{one}={value}");
                for (other, of_other) in filters.into_iter().filter(|(other, _)| *other != one) {
                    for second in member(of_other) {
                        let wanted: Vec<Value> = wanted.iter().filter(|d| d[of_other] == second).cloned().collect();
                        narrow += wanted.len();
                        let query = format!("{one}={value}&{other}={second}&limit=200");
                        assert_eq!(look(&server, &query).await, wanted, "{query}");
                    }
                }
            }
        }
        assert!(narrow > 0);
        let dead = look(&server, &format!("state=dead&app={APP}&type=helpdesk.ticket.created_v1")).await;
        assert_eq!((dead.len(), &dead[0]["attempts"], &dead[0]["outcome"]), (1, &json!(5), &json!("as the test says")));
        assert!(look(&server, &format!("state=dead&app={APP_TWO}")).await.is_empty());
    }

    async fn pages_follow_each_other_without_gap_or_repetition(database) {
        let server = furnished(database).await;
        for filter in ["", "state=pending", "app=cli_a000000000000001", "type=helpdesk.ticket_message.created_v1"] {
            let whole = look(&server, &format!("{filter}&limit=200")).await;
            let mut paged: Vec<Value> = Vec::new();
            let mut before = String::new();
            loop {
                let page = look(&server, &format!("{filter}&limit=3{before}")).await;
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
        let dead = look(&server, "state=dead").await.remove(0);
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
}
