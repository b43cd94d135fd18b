//! What the outbox promises: the order of a ticket's events, who may finish a delivery, and the retry schedule.

use std::collections::BTreeMap;
use std::time::Duration;

use desk::directory::Delivery;
use desk::outbox::{self, Attempt, Claim};
use reqwest::Method;
use serde_json::Value;
use testkit::server::APP;
use testkit::sink::Behaviour;
use testkit::{Options, Sink, TestServer, on_both};

async fn claim(server: &TestServer, holder: &'static str) -> Vec<Claim> {
    server.running.app().write(move |tx, cx| Ok(outbox::claim(tx, cx, "demo", APP, holder, 10)?)).await.unwrap()
}

async fn record(server: &TestServer, claim: &Claim, acknowledged: bool) {
    let claim = claim.clone();
    let app = server.running.app();
    let attempt = Attempt {
        acknowledged,
        http_status: Some(if acknowledged { 200 } else { 500 }),
        outcome: "as the test says".into(),
        at: app.now_ms(),
        duration_ms: 1,
        unconnected: false,
    };
    app.write(move |tx, cx| Ok(outbox::record(tx, cx, &claim, &attempt)?)).await.unwrap();
}

/// The delivery as developers see it.
async fn delivery(server: &TestServer, delivery_id: i64) -> Value {
    let list = server.call(Method::GET, "/dev/v1/deliveries").send().await.json;
    let wanted = delivery_id.to_string();
    let found = list["deliveries"].as_array().unwrap().iter().find(|d| d["delivery_id"] == wanted.as_str()).cloned();
    found.unwrap_or_else(|| panic!("delivery {wanted} in {list}"))
}

/// What was claimed, in this order: the ticket, and what its guest said or that it was created.
fn told(claims: &[Claim]) -> Vec<(String, String)> {
    let one = |claim: &Claim| {
        let body: Value = serde_json::from_str(&claim.body).unwrap();
        let of = if claim.event_type == "helpdesk.ticket.created_v1" { &body["ticket"] } else { &body["message"] };
        assert!(of["ticket_id"].is_i64(), "an event of a ticket: {body}");
        (of["ticket_id"].to_string(), of["text"].as_str().unwrap_or("created").to_owned())
    };
    claims.iter().map(one).collect()
}

on_both! {
    async fn an_event_waits_for_the_earlier_ones_of_its_ticket_until_they_arrive_or_fail(database) {
        // Nobody looks after the app: it has no URL.
        let server = TestServer::with(database, &Options { by: "app", ..Options::default() }).await;
        let (first, second) = (server.guest().await, server.guest().await);
        for guest in [&first, &second] {
            guest.say("one").await;
            guest.say("two").await;
        }
        let heads = claim(&server, "here").await;
        let tickets: Vec<_> = told(&heads).into_iter().map(|(ticket, _)| ticket).collect();
        let created = |ticket: &String| (ticket.clone(), "created".to_owned());
        assert_eq!(told(&heads), tickets.iter().map(created).collect::<Vec<_>>(), "one event of each");
        assert_ne!(tickets[0], tickets[1], "tickets go side by side");
        assert!(claim(&server, "elsewhere").await.is_empty(), "also not from another server");
        record(&server, &heads[0], true).await;
        let next = claim(&server, "elsewhere").await;
        assert_eq!(told(&next), [(tickets[0].clone(), "one".to_owned())]);
        record(&server, &heads[1], false).await;
        let next = claim(&server, "here").await;
        assert_eq!(told(&next), [(tickets[1].clone(), "one".to_owned())], "a failure holds nothing back");
    }

    async fn an_acknowledgement_counts_although_another_server_gave_the_event_up(database) {
        let server = TestServer::with(database, &Options { by: "app", ..Options::default() }).await;
        server.guest().await.say("one").await;
        for wait in outbox::RETRY_AFTER_MS {
            let due = claim(&server, "here").await;
            record(&server, &due[0], false).await;
            server.clock.advance(wait);
        }
        let slow = claim(&server, "slow").await.remove(0);
        assert_eq!(slow.attempts, 4);
        server.clock.advance(outbox::LEASE_MS);
        let again = claim(&server, "quick").await.into_iter().find(|c| c.delivery_id == slow.delivery_id).unwrap();
        record(&server, &slow, false).await;
        let state = async || delivery(&server, slow.delivery_id).await["state"].clone();
        assert_eq!(state().await, "dead");
        record(&server, &again, true).await;
        assert_eq!(state().await, "delivered");
        record(&server, &slow, false).await;
        assert_eq!(state().await, "delivered", "and it stays so");
    }

    async fn what_waited_for_a_connection_goes_at_once_when_the_app_gets_a_url(database) {
        let by = |delivery, events_url| Options { by: "app", delivery, events_url, ..Options::default() };
        let server = TestServer::with(database, &by(Delivery::LongConnection, None)).await;
        server.guest().await.say("one").await;
        server.clock.advance(outbox::CONNECT_GRACE_MS);
        let app = server.running.app().clone();
        let queue = || app.read(|tx, cx| Ok(outbox::queue(tx, cx)?));
        let stands = queue().await.unwrap();
        assert_eq!((stands.waiting, stands.dead), (4, 0));
        let noted = || app.write(|tx, cx| Ok(outbox::not_connected(tx, cx, "demo", APP, "here", 10)?));
        noted().await.unwrap();
        let sink = Sink::start().await;
        server.apply(&testkit::server::desk_file(&by(Delivery::Webhook, Some(sink.url())))).await;
        sink.until("both events of the first app", |events| {
            events.iter().filter(|e| e.json()["header"]["app_id"] == APP).count() == 2
        }).await;
        let page = app.metrics();
        page.looked(Some(outbox::Queue { waiting: 1, dead: 2, overdue_ms: 3 }));
        let text = page.text();
        for line in ["deskwire_outbox_waiting 1", "deskwire_outbox_dead 2", "deskwire_outbox_overdue_ms 3"] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(text.contains(r#"deskwire_delivery_attempt_seconds_count{transport="webhook"}"#), "{text}");
    }

    async fn a_lease_that_ran_out_is_found_behind_more_waiting_events_than_a_claim_looks_at(database) {
        let server = TestServer::with(database, &Options { by: "app", ..Options::default() }).await;
        let guest = server.guest().await;
        guest.say("first").await;
        let head = claim(&server, "killed").await;
        for n in 0..outbox::CLAIM_WINDOW {
            guest.say(&format!("question {n}")).await;
        }
        assert!(claim(&server, "here").await.is_empty(), "all wait for the one that is on its way");
        server.clock.advance(outbox::LEASE_MS + 1);
        let again = claim(&server, "here").await;
        assert_eq!(told(&again), told(&head));
        assert!(claim(&server, "elsewhere").await.is_empty(), "the new lease holds");
        record(&server, &again[0], true).await;
        assert_eq!(claim(&server, "here").await.len(), 1, "and the ticket goes on");
    }

    async fn a_busy_ticket_with_more_waiting_events_than_a_claim_looks_at_holds_up_no_other(database) {
        let server = TestServer::with(database, &Options { by: "app", ..Options::default() }).await;
        let (busy, other) = (server.guest().await, server.guest().await);
        busy.say("first").await;
        let head = claim(&server, "here").await;
        for n in 0..300 {
            busy.say(&format!("question {n}")).await;
        }
        let said = other.say("am I heard?").await;
        let ticket = said["ticket_id"].as_str().unwrap().to_owned();
        let claimed = claim(&server, "here").await;
        assert_eq!(told(&claimed), [(ticket.clone(), "created".to_owned())]);
        // Those in the way are put aside, and a claim does not meet them again.
        let aside = || {
            let db = server.running.app().db();
            let count = "SELECT COUNT(*) FROM delivery WHERE aside = 1";
            db.read_blocking(|tx| tx.query_one::<i64>(count, &[], |row| row.int(0))).unwrap()
        };
        assert!(aside() >= outbox::CLAIM_WINDOW, "{}", aside());
        record(&server, &claimed[0], true).await;
        record(&server, &head[0], false).await;
        let mut next = told(&claim(&server, "elsewhere").await);
        next.sort_unstable();
        assert_eq!(next, [(told(&head)[0].0.clone(), "first".to_owned()), (ticket, "am I heard?".to_owned())]);
        // The lease ends, and so on until all have come, one after another.
        server.clock.advance(outbox::LEASE_MS);
        let mut heard = Vec::new();
        loop {
            let claims = claim(&server, "here").await;
            if claims.is_empty() {
                break;
            }
            for claim in &claims {
                record(&server, claim, true).await;
            }
            heard.extend(told(&claims).into_iter().filter(|(of, _)| *of == told(&head)[0].0).map(|(_, text)| text));
        }
        assert_eq!((heard.len(), aside()), (301, 0));
        assert_eq!(heard[..3], ["first", "question 0", "question 1"]);
        assert_eq!(heard[300], "question 299");
    }

    async fn an_app_that_never_answers_is_probed_and_gets_everything_once_it_does(database) {
        const GUESTS: usize = 20;
        // Nobody listens at this port, so each attempt, with its URL check, fails at once.
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let options = Options { by: "app", events_url: Some(format!("http://{gone}/events")), ..Options::default() };
        let server = TestServer::with(database, &options).await;
        let mut guests = Vec::new();
        for _ in 0..GUESTS {
            guests.push(server.guest().await);
        }
        for guest in &guests {
            guest.say("one").await;
        }
        let attempts = async || {
            let list = server.call(Method::GET, "/dev/v1/deliveries?limit=200").send().await.json;
            let mine = list["deliveries"].as_array().unwrap().iter().filter(|d| d["app_id"] == APP);
            mine.map(|d| d["attempts"].as_u64().unwrap()).sum::<u64>()
        };
        let reach = async |count: u64| {
            for _ in 0..200 {
                if attempts().await >= count {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            // Time for more, if there were to be more.
            tokio::time::sleep(Duration::from_millis(500)).await;
            attempts().await
        };
        assert_eq!(reach(16).await, 16, "then the breaker is open");
        server.clock.advance(5_000);
        assert_eq!(reach(17).await, 17, "one probe, which fails");
        let sink = Sink::at(gone).await;
        server.clock.advance(10_000);
        // A ticket opened and a message, for each guest and app; what was attempted waits for its retry.
        server.clock.advance(15_000);
        sink.wait(2 * 2 * GUESTS).await;
    }

    async fn a_slow_receiver_sees_each_tickets_events_in_order(database) {
        const GUESTS: usize = 4;
        const QUESTIONS: usize = 6;
        let sink = Sink::start().await;
        sink.behave(Behaviour::Hang(Duration::from_millis(40)));
        let options = Options { by: "app", events_url: Some(sink.url()), ..Options::default() };
        let server = TestServer::with(database, &options).await;
        let mut guests = Vec::new();
        for _ in 0..GUESTS {
            guests.push(server.guest().await);
        }
        for n in 0..QUESTIONS {
            for guest in &guests {
                guest.say(&format!("question {n}")).await;
            }
        }
        // Two apps, one event more for each ticket: that it was opened.
        let events = sink.wait(2 * GUESTS * (QUESTIONS + 1)).await;
        let mut seen = BTreeMap::<(String, String), Vec<String>>::new();
        for event in &events {
            let json = event.json();
            let ticket = json["event"]["ticket_id"].as_str().or(json["event"]["ticket"]["ticket_id"].as_str()).unwrap();
            let what = json["event"]["text"].as_str().unwrap_or("created").to_owned();
            seen.entry((json["header"]["app_id"].to_string(), ticket.to_owned())).or_default().push(what);
        }
        let mut wanted = vec!["created".to_owned()];
        wanted.extend((0..QUESTIONS).map(|n| format!("question {n}")));
        assert_eq!(seen.len(), 2 * GUESTS);
        for (of, texts) in seen {
            assert_eq!(texts, wanted, "{of:?}");
        }
    }
}
