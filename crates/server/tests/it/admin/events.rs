//! Events on their way to apps.

use std::time::Duration;

use desk::directory::Delivery;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{AGENT, APP, APP_FOREIGN, APP_TWO, DESK, OTHER_DESK};
use testkit::sink::Behaviour;
use testkit::{Options, Sink, TestServer, on_both};

use super::{by, file, start, token};

const CREATED: &str = "helpdesk.ticket.created_v1";
const MESSAGE: &str = "helpdesk.ticket_message.created_v1";

/// A server whose second desk sends its events too: one ticket in each, both apps subscribed to both. The other tenant
/// has a ticket as well.
async fn busy(database: testkit::Database, options: &Options) -> (TestServer, [String; 3]) {
    let mut file = file(options);
    let subscriptions = file["tenants"][0]["helpdesks"][0]["subscriptions"].clone();
    file["tenants"][0]["helpdesks"][1]["subscriptions"] = subscriptions;
    file["tenants"][0]["helpdesks"][1]["answering"]["by"] = json!("app");
    file["tenants"][1]["helpdesks"][0]["subscriptions"] =
        json!([{"app": APP_FOREIGN, "type": "helpdesk.ticket", "subtype": "ticket.created_v1"}]);
    let server = TestServer::with_file(database, options, &file).await;
    let mut tickets = Vec::new();
    for (desk, body) in [(DESK, json!({})), (OTHER_DESK, json!({"open_id": AGENT})), ("6900000000000000003", json!({}))]
    {
        let opened = server.call(Method::POST, &format!("/guest/v1/desks/{desk}/sessions")).json(&body).send().await;
        let session = opened.json["session_token"].as_str().unwrap();
        let said = server.call(Method::POST, "/guest/v1/messages").bearer(session).json(&json!({"text": "hello"}));
        tickets.push(said.send().await.json["ticket_id"].as_str().unwrap().to_owned());
    }
    (server, tickets.try_into().unwrap())
}

fn quiet() -> Options {
    Options { by: "app", ..Options::default() }
}

/// All events of a list, page by page.
async fn all(server: &TestServer, token: &str, query: &str, size: usize) -> Vec<Value> {
    let (mut found, mut from) = (Vec::new(), String::new());
    loop {
        let path = format!("/events?page_size={size}&page_token={from}&{query}");
        let page = by(server, token, Method::GET, &path).send().await;
        assert_eq!(page.status, 200, "{}", page.json);
        let events = page.json["events"].as_array().unwrap();
        assert!(events.len() <= size);
        found.extend(events.iter().cloned());
        match page.json["page_token"].as_str() {
            Some(next) => next.clone_into(&mut from),
            None => break,
        }
        assert_eq!(page.json["has_more"], true);
    }
    found
}

fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["delivery_id"].as_str().unwrap().to_owned()).collect()
}

async fn tells(server: &TestServer, token: &str, query: &str) -> Vec<(String, String)> {
    let pair = |event: &Value| (text(event, "helpdesk_id"), text(event, "app_id"));
    all(server, token, query, 200).await.iter().map(pair).collect()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap().to_owned()
}

/// What a feed tells until `count` events came: ids and events.
async fn feed(server: &TestServer, token: &str, query: &str, last: Option<&str>, count: usize) -> Vec<(String, Value)> {
    let client = testkit::api::client();
    let url = server.url(&format!("/admin/v1/events/stream?{query}"));
    let mut call = client.get(url).bearer_auth(token);
    if let Some(last) = last {
        call = call.header("last-event-id", last);
    }
    let mut response = call.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let mut told = String::new();
    while told.matches("\n\n").count() < count {
        let chunk = tokio::time::timeout(Duration::from_secs(20), response.chunk()).await;
        told.push_str(std::str::from_utf8(&chunk.unwrap().unwrap().unwrap()).unwrap());
    }
    let line = |block: &str, name: &str| {
        block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name} in {block}")).to_owned()
    };
    let blocks = told.split("\n\n").filter(|block| block.contains("data:"));
    blocks.take(count).map(|b| (line(b, "id: "), serde_json::from_str(&line(b, "data: ")).unwrap())).collect()
}

on_both! {
    async fn owners_see_their_desks_and_administrators_the_tenant(database) {
        let (server, tickets) = busy(database, &quiet()).await;
        let (root, ada, hal) = (token(&server, "root").await, token(&server, "ada").await, token(&server, "hal").await);
        // Each ticket has an event of its own and one of its message, for two apps.
        let all_of = all(&server, &root, "", 200).await;
        let (of_ada, of_hal) = (all(&server, &ada, "", 200).await, all(&server, &hal, "", 200).await);
        assert_eq!((all_of.len(), of_ada.len(), of_hal.len()), (8, 4, 4));
        assert!(of_ada.iter().all(|event| event["helpdesk_id"] == DESK && event["ticket_id"] == tickets[0]));
        assert!(of_hal.iter().all(|event| event["helpdesk_id"] == OTHER_DESK && event["ticket_id"] == tickets[1]));
        assert!(all_of.iter().all(|event| event["app_id"] != APP_FOREIGN));
        let newest = server.call(Method::GET, "/dev/v1/deliveries?limit=1").send().await.json;
        let foreign = text(&newest["deliveries"][0], "delivery_id");
        let (of_ada, of_hal) = (ids(&of_ada), ids(&of_hal));
        let calls = [(Method::GET, ""), (Method::POST, "/resend")];
        let before = server.rows();
        for (who, not_theirs) in [(&ada, &of_hal[0]), (&hal, &of_ada[0]), (&root, &foreign), (&ada, &"x".to_owned())] {
            for (method, rest) in &calls {
                let path = format!("/events/{not_theirs}{rest}");
                by(&server, who, method.clone(), &path).send().await.refused(404, 154_004);
            }
        }
        let bob = token(&server, "bob").await;
        for path in ["/events", &format!("/events/{}", of_ada[0]), "/events/stream", "/connections"] {
            let why = by(&server, &bob, Method::GET, path).send().await.refused(403, 154_003);
            assert!(why.contains("agents may not"), "{why}");
        }
        by(&server, &bob, Method::POST, &format!("/events/{}/resend", of_ada[0])).send().await.refused(403, 154_003);
        testkit::rows::assert_unchanged(&only_deliveries(&before), &only_deliveries(&server.rows()));
        server.call(Method::GET, "/admin/v1/events").send().await.refused(401, 154_001);
    }

    async fn filters_narrow_a_list(database) {
        let (server, tickets) = busy(database, &quiet()).await;
        let root = token(&server, "root").await;
        let at = |desk: &str, app: &str| (desk.to_owned(), app.to_owned());
        let created = tells(&server, &root, &format!("app={APP}&event_type={CREATED}")).await;
        assert_eq!(created, [at(OTHER_DESK, APP), at(DESK, APP)]);
        let messages = format!("helpdesk_id={DESK}&event_type={MESSAGE}&app={APP_TWO}");
        assert_eq!(tells(&server, &root, &messages).await, [at(DESK, APP_TWO)]);
        let of_ticket = tells(&server, &root, &format!("ticket_id={}", tickets[1])).await;
        assert_eq!((of_ticket.len(), of_ticket.iter().all(|(desk, _)| desk == OTHER_DESK)), (4, true));
        assert_eq!(tells(&server, &root, &format!("ticket_id={}&helpdesk_id={DESK}", tickets[1])).await, []);
        assert_eq!(tells(&server, &root, &format!("ticket_id={}", tickets[2])).await, [], "another tenant's");
        assert_eq!(tells(&server, &root, "state=pending").await.len(), 8);
        assert_eq!(tells(&server, &root, "state=dead").await, []);
        for field in ["state", "event_type", "ticket_id", "helpdesk_id", "page_token"] {
            let why = by(&server, &root, Method::GET, &format!("/events?{field}=x")).send().await.refused(400, 154_000);
            assert!(why.contains(field), "{why}");
        }
        for query in ["page_size=0", "page_size=201", "page_size=x"] {
            by(&server, &root, Method::GET, &format!("/events?{query}")).send().await.refused(400, 99_992_402);
        }
        for query in [format!("app={APP_FOREIGN}"), "helpdesk_id=6900000000000000003".to_owned()] {
            by(&server, &root, Method::GET, &format!("/events?{query}")).send().await.refused(404, 154_004);
        }
        let hal = token(&server, "hal").await;
        by(&server, &hal, Method::GET, &format!("/events?helpdesk_id={DESK}")).send().await.refused(404, 154_004);
    }

    async fn pages_hold_everything_once(database) {
        let (server, _) = busy(database, &quiet()).await;
        let guest = server.guest().await;
        for i in 0..20 {
            guest.say(&format!("message {i}")).await;
        }
        for (who, count) in [("root", 50), ("ada", 46), ("hal", 4)] {
            let token = token(&server, who).await;
            let whole = ids(&all(&server, &token, "", 200).await);
            assert_eq!(whole.len(), count, "{who}");
            assert!(whole.is_sorted_by(|a, b| a > b), "newest first");
            for size in [1, 7, count] {
                assert_eq!(ids(&all(&server, &token, "", size).await), whole, "{who} {size}");
            }
        }
    }

    async fn an_event_tells_what_became_of_it(database) {
        let sink = Sink::start().await;
        sink.behave(Behaviour::Status(500));
        let server = start(database, &Options { events_url: Some(sink.url()), ..quiet() }).await;
        let asked = server.guest().await.ask("hello").await;
        let (ada, root) = (token(&server, "ada").await, token(&server, "root").await);
        let list = format!("ticket_id={}&app={APP}&event_type={CREATED}", asked.ticket_id);
        let id = text(&all(&server, &ada, &list, 1).await[0], "delivery_id");
        let shown = wait(&server, &ada, &id, |shown| shown["delivery"]["attempts"] == 1).await;
        assert_eq!(shown["attempts"][0]["http_status"], 500, "{shown}");
        assert!(text(&shown, "meaning").starts_with("Attempt 1 failed: 500"), "{shown}");
        assert_eq!((&shown["standing"], shown.get("lack")), (&json!("waiting"), None));
        assert_eq!(shown["to"], json!({"app_id": APP, "delivery": "webhook", "url": sink.url(), "encrypted": false}));
        assert_eq!(shown["event"]["event"]["ticket_id"], asked.ticket_id);
        assert_eq!(shown["event"]["header"]["token"], "…");
        // Masked it has the same ids, and nothing that people wrote.
        let masked = by(&server, &ada, Method::GET, &format!("/events/{id}?masked=true")).send().await.json;
        assert_eq!(masked["event"]["event"]["ticket_id"], asked.ticket_id);
        let (name, hidden) = (&shown["event"]["event"]["guest"]["name"], &masked["event"]["event"]["guest"]["name"]);
        assert!(name.as_str().is_some_and(|name| name.len() > 1) && hidden == "…", "{name} {hidden}");
        sink.behave(Behaviour::Acknowledge);
        let again = by(&server, &ada, Method::POST, &format!("/events/{id}/resend")).send().await;
        assert_eq!((again.status, &again.json), (200, &json!({})));
        testkit::rows::assert_on_record(server.running.app().db(), "admin_event.resend");
        let shown = wait(&server, &ada, &id, |shown| shown["delivery"]["state"] == "delivered").await;
        assert_eq!(shown["attempts"].as_array().unwrap().len(), 2, "{shown}");
        assert!(text(&shown, "meaning").starts_with("The app acknowledged"), "{shown}");
        assert_eq!(shown["standing"], "delivered");
        let steps = server.timeline(&asked.ticket_id).await;
        let resent = steps.iter().find(|step| step["kind"] == "resent").expect("the step");
        assert_eq!((&resent["detail"]["delivery_id"], &resent["detail"]["name"]), (&json!(id), &json!("Ada")));
        let path = format!("/events/{id}/curl?secrets=true");
        let told = by(&server, &root, Method::GET, &path).send().await;
        assert_eq!(told.headers["content-type"], "text/plain; charset=utf-8");
        let told = String::from_utf8(told.body).unwrap();
        assert!(told.starts_with(&format!("curl -X POST '{}'", sink.url())), "{told}");
        by(&server, &ada, Method::GET, &path).send().await.refused(403, 154_003);
    }

    async fn a_command_shows_the_token_only_to_who_asks(database) {
        let nobody = Options { events_url: Some("http://127.0.0.1:9/".into()), ..quiet() };
        let (server, tickets) = busy(database, &nobody).await;
        let root = token(&server, "root").await;
        let id = text(&all(&server, &root, &format!("ticket_id={}", tickets[0]), 1).await[0], "delivery_id");
        let command = |query: &'static str| {
            let call = by(&server, &root, Method::GET, &format!("/events/{id}/curl{query}"));
            async { String::from_utf8(call.send().await.body).unwrap() }
        };
        assert!(command("?secrets=true").await.contains("v-token"));
        for query in ["", "?secrets=false"] {
            let told = command(query).await;
            assert!(told.contains("--data-raw") && !told.contains("v-token"), "{told}");
        }
        // What is encrypted hides it by itself.
        server.apply(&file(&Options { encrypt_key: Some("e-key"), ..nobody })).await;
        let told = command("?secrets=true").await;
        assert!(told.contains("X-Lark-Signature") && !told.contains("v-token") && !told.contains("e-key"), "{told}");
        let shown = by(&server, &root, Method::GET, &format!("/events/{id}")).send().await.json;
        assert_eq!(shown["to"]["encrypted"], true);
        assert_eq!(shown["event"]["header"]["token"], "…", "it is shown as the app reads it");
    }

    async fn a_feed_resumes_without_gaps(database) {
        let (server, _) = busy(database, &quiet()).await;
        let (root, ada) = (token(&server, "root").await, token(&server, "ada").await);
        let guest = server.guest().await;
        for i in 0..5 {
            guest.say(&format!("message {i}")).await;
            server.clock.advance(300);
        }
        // What happened less than two seconds ago may not be whole yet.
        server.clock.advance(2_000);
        let mut expected = ids(&all(&server, &root, "", 200).await);
        expected.reverse();
        let first = feed(&server, &root, &format!("after={}", expected[0]), None, 5).await;
        let last = first[4].0.clone();
        let rest = feed(&server, &root, "", Some(&last), expected.len() - 5).await;
        let told: Vec<String> = first.iter().chain(&rest).map(|(id, _)| id.clone()).collect();
        assert_eq!(told, expected);
        assert!(first.iter().all(|(id, event)| event["delivery_id"] == *id && event["helpdesk_id"].is_string()));
        let mut of_ada = ids(&all(&server, &ada, "", 200).await);
        of_ada.reverse();
        let told = feed(&server, &ada, &format!("after={}", expected[0]), None, of_ada.len()).await;
        assert_eq!(told.into_iter().map(|(id, _)| id).collect::<Vec<_>>(), of_ada);
        let live = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let said = guest.say("live").await;
            server.clock.advance(3_000);
            said
        };
        let (only, last) = (format!("helpdesk_id={DESK}"), of_ada.last().map(String::as_str));
        let (live, said) = tokio::join!(feed(&server, &ada, &only, last, 2), live);
        let is_live = |event: &Value| event["ticket_id"] == said["ticket_id"] && event["event_type"] == MESSAGE;
        assert!(live.iter().all(|(_, event)| is_live(event)), "{live:?}");
        let bad = by(&server, &root, Method::GET, "/events/stream").header("last-event-id", "x").send().await;
        assert!(bad.refused(400, 154_000).contains("Last-Event-ID"));
    }

    async fn a_server_has_a_bounded_number_of_feeds(database) {
        let server = start(database, &quiet()).await;
        let token = token(&server, "root").await;
        let client = testkit::api::client();
        let open = || client.get(server.url("/admin/v1/events/stream")).bearer_auth(&token).send();
        let mut feeds = Vec::new();
        for _ in 0..64 {
            feeds.push(open().await.unwrap());
        }
        assert!(feeds.iter().all(|feed| feed.status() == 200));
        by(&server, &token, Method::GET, "/events/stream").send().await.refused(503, 155_000);
        // One that goes makes room, as soon as the server sees that it went.
        feeds.pop();
        for _ in 0..200 {
            if open().await.unwrap().status() == 200 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("there is no room again");
    }

    async fn a_feed_ends_with_its_session(database) {
        let (server, _) = busy(database, &quiet()).await;
        let token = token(&server, "root").await;
        let client = testkit::api::client();
        let mut feed = client.get(server.url("/admin/v1/events/stream")).bearer_auth(&token).send().await.unwrap();
        assert_eq!(feed.status(), 200);
        assert_eq!(by(&server, &token, Method::DELETE, "/session").send().await.status, 200);
        let end = tokio::time::timeout(Duration::from_secs(20), feed.chunk()).await.unwrap();
        assert_eq!(end.unwrap(), None);
    }

    async fn long_connections_are_those_of_the_tenant(database) {
        let server = start(database, &Options { delivery: Delivery::LongConnection, ..quiet() }).await;
        let body = json!({"AppID": APP, "AppSecret": "secret"});
        let found = server.call(Method::POST, "/callback/ws/endpoint").header("user-agent", "test-sdk/1").json(&body);
        let url = text(&found.send().await.json["data"], "URL");
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        for (who, count) in [("root", 1), ("ada", 1), ("hal", 0)] {
            let token = token(&server, who).await;
            let shown = by(&server, &token, Method::GET, "/connections").send().await.json;
            assert_eq!(shown["connections"].as_array().unwrap().len(), count, "{who}: {shown}");
            if count == 1 {
                let connection = &shown["connections"][0];
                assert_eq!((&connection["app_id"], &connection["user_agent"]), (&json!(APP), &json!("test-sdk/1")));
                assert!(connection["peer"].is_string() && connection["since"].is_i64() && connection["in_flight"] == 0);
            }
        }
        let rita = json!({"email": "rita@other.test", "password": "rita-demo", "cookie": false});
        let rita = server.call(Method::POST, "/admin/v1/session").json(&rita).send().await.json;
        let shown = by(&server, rita["token"].as_str().unwrap(), Method::GET, "/connections").send().await.json;
        assert_eq!(shown, json!({"connections": []}));
        socket.close(None).await.unwrap();
    }
}

/// Rows but those that sign-ins write.
fn only_deliveries(
    rows: &std::collections::BTreeMap<String, Vec<String>>,
) -> std::collections::BTreeMap<String, Vec<String>> {
    let kept = rows.iter().filter(|(table, _)| ["delivery", "step"].contains(&table.as_str()));
    kept.map(|(table, rows)| (table.clone(), rows.clone())).collect()
}

/// The event as soon as it is `so`.
async fn wait(server: &TestServer, token: &str, id: &str, so: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..200 {
        let shown = by(server, token, Method::GET, &format!("/events/{id}")).send().await;
        assert_eq!(shown.status, 200, "{}", shown.json);
        if so(&shown.json) {
            return shown.json;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("event {id} never became so");
}
