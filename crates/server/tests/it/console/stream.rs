//! What the stream tells, and who is there.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{AGENT, OWNER};
use testkit::{TestServer, on_both};

use super::{act, by, get, human, on_duty, post, start};
use crate::admin::token;

/// An event: its name, its id and its data.
type Event = (String, Option<String>, Value);

/// A stream that is read event by event.
struct Feed {
    response: reqwest::Response,
    read: String,
}

impl Feed {
    async fn open(server: &TestServer, token: &str, last: Option<&str>) -> Self {
        Self::at(&server.url("/console/v1/stream"), token, last).await
    }

    async fn at(url: &str, token: &str, last: Option<&str>) -> Self {
        let call = testkit::api::client().get(url).bearer_auth(token);
        let call = match last {
            Some(id) => call.header("last-event-id", id),
            None => call,
        };
        let response = call.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self { response, read: String::new() }
    }

    async fn next(&mut self) -> Event {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let told = (field("event: "), field("id: "), field("data: "));
                let rest = rest.len();
                self.read.drain(..self.read.len() - rest);
                if let (Some(name), id, Some(data)) = told {
                    return (name, id, serde_json::from_str(&data).unwrap());
                }
                continue;
            }
            let chunk =
                tokio::time::timeout(Duration::from_secs(20), self.response.chunk()).await.expect("an event in time");
            self.read.push_str(std::str::from_utf8(&chunk.unwrap().expect("an open stream")).unwrap());
        }
    }

    /// The next event that is `so`.
    async fn wait(&mut self, so: impl Fn(&Event) -> bool) -> Event {
        for _ in 0..100 {
            let event = self.next().await;
            if so(&event) {
                return event;
            }
        }
        panic!("no such event came");
    }
}

fn is_ticket(event: &Event, id: &str, so: impl Fn(&Value) -> bool) -> bool {
    event.0 == "ticket" && event.2["ticket"]["ticket_id"] == id && so(&event.2["ticket"])
}

on_both! {
    async fn a_hand_over_is_told_to_whoever_looks(database) {
        let server = start(database).await;
        on_duty(&server, "bob", false).await;
        let (ada, bob) = (token(&server, "ada").await, token(&server, "bob").await);
        let mut feeds = [Feed::open(&server, &ada, None).await, Feed::open(&server, &bob, None).await];
        for feed in &mut feeds {
            assert_eq!(feed.next().await.0, "me", "it begins with who one is");
        }
        let guest = server.guest().await;
        guest.say("hello").await;
        let ticket = human(&guest).await;
        let mut last = String::new();
        for feed in &mut feeds {
            let told = feed.wait(|event| is_ticket(event, &ticket, |t| t["owner"]["open_id"] == OWNER)).await;
            assert_eq!(told.2["ticket"]["status"], 2);
            last = told.1.unwrap();
        }
        // Every kind of change is told.
        let said = guest.say("Still there?").await;
        feeds[1].wait(|event| is_ticket(event, &ticket, |t| t["last_message"]["text"] == "Still there?")).await;
        assert_eq!(said["ticket_id"], ticket.as_str());
        by(&server, &ada, Method::PATCH, &format!("/tickets/{ticket}")).json(&json!({"tag_names": ["vip"]})).send().await;
        feeds[1].wait(|event| is_ticket(event, &ticket, |t| t["tags"] == json!(["vip"]))).await;
        post(&server, &ada, &format!("/tickets/{ticket}/messages"), json!({"text": "Yes."})).await;
        feeds[1].wait(|event| is_ticket(event, &ticket, |t| t["last_message"]["from"] == "agent" && t["status"] == 5)).await;
        on_duty(&server, "bob", true).await;
        act(&server, &ada, &ticket, json!({"action": "transfer", "to": AGENT})).await;
        feeds[0].wait(|event| is_ticket(event, &ticket, |t| t["owner"]["open_id"] == AGENT)).await;
        // Who lost the connection is told what happened meanwhile, once for each ticket.
        drop(feeds);
        act(&server, &bob, &ticket, json!({"action": "close"})).await;
        let mut resumed = Feed::open(&server, &ada, Some(&last)).await;
        let told = resumed.wait(|event| event.0 == "ticket").await;
        assert!(is_ticket(&told, &ticket, |t| t["status"] == 51), "{told:?}");
        let rated = guest.call(Method::POST, "/rating").json(&json!({"score": 3, "reason": "Quick"})).send().await;
        assert_eq!(rated.status, 200, "{}", rated.json);
        resumed.wait(|event| is_ticket(event, &ticket, |t| t["score"] == 3)).await;
        // What is between the guest and the bot is not.
        guest.say("Another one").await;
        assert_eq!(guest.call(Method::POST, "/close").send().await.status, 200);
        assert_eq!(guest.call(Method::POST, "/rating").json(&json!({"score": 1})).send().await.status, 200);
        let next = server.guest().await;
        next.say("A human, please").await;
        let second = human(&next).await;
        let told = resumed.wait(|event| event.0 == "ticket" && event.2["ticket"]["ticket_id"] != ticket.as_str()).await;
        assert!(is_ticket(&told, &second, |_| true), "{told:?}");
        assert_eq!(next.call(Method::POST, "/close").send().await.status, 200);
        resumed.wait(|event| is_ticket(event, &second, |t| t["status"] == 52)).await;
        by(&server, &ada, Method::GET, "/stream").header("last-event-id", "x").send().await.refused(400, 154_000);
    }

    async fn a_stream_tells_nothing_of_other_desks_and_ends_with_its_session(database) {
        let server = start(database).await;
        let (hal, ada) = (token(&server, "hal").await, token(&server, "ada").await);
        let mut hals = Feed::open(&server, &hal, None).await;
        let mut adas = Feed::open(&server, &ada, None).await;
        let ticket = human(&server.guest().await).await;
        adas.wait(|event| is_ticket(event, &ticket, |_| true)).await;
        assert_eq!(hals.next().await.0, "me");
        server.call(Method::DELETE, "/admin/v1/session").bearer(&hal).send().await;
        let end = tokio::time::timeout(Duration::from_secs(20), hals.response.chunk()).await.unwrap();
        assert_eq!(end.unwrap(), None, "nothing but its end");
    }

    async fn a_person_has_so_many_streams(database) {
        let server = start(database).await;
        let (ada, bob) = (token(&server, "ada").await, token(&server, "bob").await);
        let mut feeds = Vec::new();
        for _ in 0..10 {
            feeds.push(Feed::open(&server, &ada, None).await);
        }
        let why = by(&server, &ada, Method::GET, "/stream").send().await.refused(503, 155_000);
        assert!(why.contains("10 streams"), "{why}");
        Feed::open(&server, &bob, None).await;
    }

    async fn two_agents_in_one_ticket_see_each_other(database) {
        let server = start(database).await;
        let guest = server.guest().await;
        let ticket = human(&guest).await;
        let (ada, bob) = (token(&server, "ada").await, token(&server, "bob").await);
        let mut feed = Feed::open(&server, &ada, None).await;
        let mut guests = Feed::at(&server.url("/guest/v1/stream"), &guest.token, None).await;
        let path = format!("/tickets/{ticket}/presence");
        let alone = post(&server, &ada, &path, json!({"viewing": true})).await;
        assert_eq!((alone.status, &alone.json), (200, &json!({"present": []})));
        let both = post(&server, &bob, &path, json!({"viewing": true, "typing": true})).await;
        assert_eq!(both.json, json!({"present": [{"open_id": OWNER, "name": "Ada", "typing": false}]}));
        let told = feed.wait(|event| event.0 == "presence" && event.2["present"].as_array().unwrap().len() == 2).await;
        assert_eq!((&told.2["ticket_id"], &told.2["present"][1]), (&json!(ticket), &json!({"open_id": AGENT, "name": "Bob", "typing": true})));
        assert_eq!(get(&server, &ada, &format!("/tickets/{ticket}")).await["present"][0]["name"], "Bob");
        let typing = guests.wait(|event| event.0 == "agent_typing").await;
        assert_eq!((typing.1, typing.2), (None, json!({"name": "Bob"})));
        post(&server, &bob, &path, json!({"viewing": false})).await;
        feed.wait(|event| event.0 == "presence" && event.2["present"].as_array().unwrap().len() == 1).await;
        assert_eq!(get(&server, &ada, &format!("/tickets/{ticket}")).await["present"], json!([]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_on_one_database_tell_each_other() {
    let server = start(testkit::Database::postgres()).await;
    let second = server.second().await;
    let guest = server.guest().await;
    let ticket = human(&guest).await;
    let (ada, bob) = (token(&server, "ada").await, token(&server, "bob").await);
    let mut feed = Feed::at(&format!("http://{}/console/v1/stream", second.address()), &ada, None).await;
    let mut guests = Feed::at(&format!("http://{}/guest/v1/stream", second.address()), &guest.token, None).await;
    assert_eq!(feed.next().await.0, "me");
    // The other server may not listen yet; a page says again and again that it is there.
    let path = format!("/tickets/{ticket}/presence");
    let beats = async {
        loop {
            let there = post(&server, &bob, &path, json!({"viewing": true, "typing": true})).await;
            assert_eq!(there.status, 200, "{}", there.json);
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    };
    let told = async {
        feed.wait(|event| event.0 == "presence" && event.2["present"][0]["name"] == "Bob").await;
        guests.wait(|event| event.0 == "agent_typing" && event.2["name"] == "Bob").await;
    };
    tokio::select! {
        () = told => {}
        () = beats => {}
    }
    post(&server, &ada, &format!("/tickets/{ticket}/notes"), json!({"text": "x"})).await;
    server.clock.advance(5_000);
    act(&server, &ada, &ticket, json!({"action": "close"})).await;
    feed.wait(|event| is_ticket(event, &ticket, |t| t["status"] == 51)).await;
    drop((feed, guests));
    second.shutdown().await;
}
