//! A ticket's events on their way to apps, in the console.

use desk::outbox::{self, Attempt};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::APP;
use testkit::{Database, Options, TestServer, on_both};

use super::{by, get, human};
use crate::admin::{start as start_admin, token};

const SAID: &str = "refused: secret words of the app";

async fn start(database: Database) -> TestServer {
    start_admin(database, &Options { by: "app", ..Options::default() }).await
}

/// Claims what is due of the app and puts an attempt at the first on record.
async fn attempt(server: &TestServer, acknowledged: bool) {
    let app = server.running.app().clone();
    app.write(move |tx, cx| {
        let mut claims = outbox::claim(tx, cx, "demo", APP, "here", 1)?;
        let claim = claims.first_mut().expect("one is due");
        let (http_status, outcome) = (Some(if acknowledged { 200 } else { 500 }), SAID.to_owned());
        let attempt = Attempt { acknowledged, http_status, outcome, at: cx.now, duration_ms: 7, unconnected: false };
        outbox::record(tx, cx, claim, &attempt)?;
        Ok(())
    })
    .await
    .unwrap();
}

async fn of_app(server: &TestServer, token: &str, ticket: &str) -> Vec<Value> {
    let list = get(server, token, &format!("/tickets/{ticket}/deliveries")).await;
    let all = list["deliveries"].as_array().unwrap().iter();
    all.filter(|sent| sent["app_id"] == APP).cloned().collect()
}

on_both! {
    async fn where_each_event_stands_is_told_page_by_page(database) {
        let server = start(database).await;
        let guest = server.guest().await;
        guest.say("one").await;
        let ticket = human(&guest).await;
        guest.say("two").await;
        let (ada, bob) = (token(&server, "ada").await, token(&server, "bob").await);
        let fresh = of_app(&server, &bob, &ticket).await;
        assert!(fresh.len() >= 3, "{fresh:?}");
        assert!(fresh.iter().all(|sent| sent["state"] == "pending" && sent["attempts"] == 0 && sent.get("finished_at").is_none()));
        let ids: Vec<i64> = fresh.iter().map(|sent| sent["delivery_id"].as_str().unwrap().parse().unwrap()).collect();
        assert!(ids.is_sorted_by(|a, b| a > b), "newest first: {ids:?}");
        attempt(&server, false).await;
        let failed = of_app(&server, &ada, &ticket).await.pop().unwrap();
        assert_eq!((&failed["state"], &failed["attempts"], &failed["http_status"], &failed["outcome"]),
                   (&json!("pending"), &json!(1), &json!(500), &json!(SAID)));
        let next = failed["next_at"].as_i64().unwrap();
        assert!(next > failed["created_at"].as_i64().unwrap(), "{failed}");
        // What the app's server says is not for every agent; that it failed, and how often, is.
        let seen = of_app(&server, &bob, &ticket).await.pop().unwrap();
        assert_eq!((&seen["http_status"], seen.get("outcome")), (&json!(500), None));
        let all = get(&server, &bob, &format!("/tickets/{ticket}/deliveries")).await.to_string();
        assert!(!all.contains("secret words") && !all.contains("one"), "neither what was said nor what was sent: {all}");
        server.clock.advance(next - failed["created_at"].as_i64().unwrap());
        // The later ones of the ticket may go first.
        for _ in 0..fresh.len() {
            attempt(&server, true).await;
        }
        let done = of_app(&server, &bob, &ticket).await.pop().unwrap();
        assert_eq!((&done["state"], &done["attempts"], &done["http_status"], done.get("next_at")),
                   (&json!("delivered"), &json!(2), &json!(200), None));
        assert!(done["finished_at"].as_i64().unwrap() >= next, "{done}");

        let whole = get(&server, &ada, &format!("/tickets/{ticket}/deliveries?page_size=200")).await;
        assert_eq!((&whole["has_more"], whole.get("page_token")), (&json!(false), None));
        let (mut token, mut paged) = (String::new(), Vec::new());
        loop {
            let page = get(&server, &ada, &format!("/tickets/{ticket}/deliveries?page_size=2&page_token={token}")).await;
            let found = page["deliveries"].as_array().unwrap().clone();
            assert!(found.len() <= 2);
            paged.extend(found);
            if page["has_more"] == false {
                break;
            }
            page["page_token"].as_str().unwrap().clone_into(&mut token);
        }
        assert_eq!(json!(paged), whole["deliveries"]);
        for wrong in ["page_size=0", "page_size=201", "page_token=x"] {
            let answer = by(&server, &ada, Method::GET, &format!("/tickets/{ticket}/deliveries?{wrong}")).send().await;
            assert_eq!(answer.status, 400, "{wrong}: {}", answer.json);
        }
    }
}
