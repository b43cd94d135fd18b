//! What agents and `ticket.update` do with a ticket, and what apps read of it.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{AGENT, APP, OWNER, USER};
use testkit::{Answer, Options, TestServer, on_both};

/// A guest's ticket at the human stage, with Ada.
async fn with_ada(server: &TestServer) -> (testkit::server::Guest<'_>, String) {
    let guest = server.guest().await;
    let told = guest.call(Method::POST, "/human").send().await.json;
    let id = told["ticket_id"].as_str().expect("a ticket id").to_owned();
    assert_eq!(server.ticket(&id).await["agent_owner"]["id"], OWNER);
    (guest, id)
}

async fn put(server: &TestServer, token: &str, ticket_id: &str, body: Value) -> Answer {
    server.open_api_as(token, Method::PUT, &format!("/tickets/{ticket_id}")).json(&body).send().await
}

fn ids(users: &Value) -> Vec<&str> {
    users.as_array().expect("a list of users").iter().map(|user| user["id"].as_str().expect("an id")).collect()
}

async fn total(server: &TestServer, query: &str) -> i64 {
    server.open_api(Method::GET, &format!("/tickets?{query}")).send().await.ok()["total"].as_i64().expect("a total")
}

on_both! {
    async fn an_agents_work_shows_in_the_ticket(database) {
        let server = TestServer::start(database).await;
        let (guest, id) = with_ada(&server).await;
        let act = |who: &'static str, body: Value| server.act(who, &id, body);
        server.clock.advance(30_000);
        let replied = act(OWNER, json!({"action": "reply", "text": "Which printer?"})).await;
        assert_eq!((replied.status, &replied.json["ticket"]["status"]), (200, &json!(5)), "{}", replied.json);
        assert_eq!((&replied.json["message"]["from"], &replied.json["message"]["sender"]["name"]), (&json!("agent"), &json!("Ada")));
        guest.say("The blue one.").await;
        assert_eq!(server.ticket(&id).await["status"], 2, "the guest's answer is the agent's turn again");
        assert_eq!(act(OWNER, json!({"action": "hold"})).await.json["ticket"]["status"], 4);
        server.clock.advance(60_000);
        assert_eq!(act(OWNER, json!({"action": "reply", "text": "Still waiting."})).await.json["ticket"]["status"], 4);
        assert_eq!(act(OWNER, json!({"action": "resume"})).await.json["ticket"]["status"], 2);
        act(OWNER, json!({"action": "collaborate", "to": AGENT})).await;
        act(AGENT, json!({"action": "reply", "text": "Try now."})).await;
        act(OWNER, json!({"action": "hold"})).await;
        server.clock.advance(10_000);
        guest.say("It works!").await;
        assert_eq!(server.ticket(&id).await["status"], 2, "a guest who writes takes the ticket off hold");
        let moved = act(OWNER, json!({"action": "transfer", "to": AGENT})).await.json["ticket"].clone();
        assert_eq!((&moved["status"], &moved["agent_owner"]["id"]), (&json!(2), &json!(AGENT)));
        server.clock.advance(20_000);
        act(AGENT, json!({"action": "hold"})).await;
        server.clock.advance(5_000);
        let closed = act(AGENT, json!({"action": "close", "solved": true})).await;
        assert_eq!(closed.status, 200, "{}", closed.json);
        let ticket = server.ticket(&id).await;
        assert_eq!(closed.json["ticket"], ticket);
        assert_eq!((&ticket["status"], &ticket["solve"], &ticket["closed_by"]["id"]), (&json!(51), &json!(2), &json!(AGENT)));
        assert_eq!(ids(&ticket["agents"]), [OWNER, AGENT]);
        assert_eq!(ids(&ticket["collaborators"]), [AGENT]);
        assert_eq!(ticket["bot_service_duration"], 0);
        assert_eq!(ticket["agent_first_response_duration"], 30);
        assert_eq!(ticket["agent_service_duration"], 1.5);
        assert_eq!((&ticket["agent_resolution_time"], &ticket["actual_processing_time"]), (&json!(125), &json!(50)));
        assert_eq!(ticket["agent_last_response_time"].as_i64().unwrap() - ticket["agent_entry_time"].as_i64().unwrap(), 90_000);
        let notices: Vec<Value> =
            guest.messages().await.into_iter().filter(|m| m["kind"] == "notice").map(|m| m["notice"].clone()).collect();
        assert_eq!(notices, ["agent", "agent", "closed"]);
        let steps = server.timeline(&id).await;
        let kinds: Vec<&str> = steps.iter().map(|s| s["kind"].as_str().unwrap()).filter(|k| !["message", "event_queued"].contains(k)).collect();
        assert_eq!(kinds, ["handed_over", "replied", "guest_wrote", "held", "resumed", "collaborator_added", "replied",
                           "held", "guest_wrote", "transferred", "held", "closed"]);
        let closing = steps.iter().find(|s| s["kind"] == "closed").unwrap();
        assert_eq!((&closing["detail"]["by"], &closing["detail"]["old_status"]), (&json!("agent"), &json!(4)));
        guest.call(Method::POST, "/close").send().await.refused(400, 154_000);
    }

    async fn an_agent_may_do_only_what_the_ticket_allows(database) {
        let options = Options::default();
        let server = TestServer::start(database).await;
        server.staff(&options, &[("u_ada", true), ("u_bob", false)]).await;
        let (guest, id) = with_ada(&server).await;
        let bots = server.guest().await.say("hello").await["ticket_id"].as_str().unwrap().to_owned();
        let before = server.rows();
        for (who, ticket, body, status, code) in [
            (USER, &id, json!({"action": "take"}), 403, 154_003),
            (AGENT, &id, json!({"action": "reply", "text": "x"}), 403, 154_003),
            (AGENT, &id, json!({"action": "take"}), 400, 154_000),
            (OWNER, &id, json!({"action": "dance"}), 400, 154_000),
            (OWNER, &id, json!({"action": "reply"}), 400, 154_000),
            (OWNER, &id, json!({"action": "reply", "text": " "}), 400, 154_000),
            (OWNER, &id, json!({"action": "transfer"}), 400, 154_000),
            (OWNER, &id, json!({"action": "transfer", "to": USER}), 400, 154_000),
            (OWNER, &id, json!({"action": "transfer", "to": AGENT}), 400, 154_000),
            (OWNER, &bots, json!({"action": "reply", "text": "x"}), 400, 154_000),
            ("ou_none", &id, json!({"action": "take"}), 404, 154_004),
            (OWNER, &"6900000000000000999".to_owned(), json!({"action": "take"}), 404, 154_004),
        ] {
            server.act(who, ticket, body).await.refused(status, code);
        }
        testkit::rows::assert_unchanged(&before, &server.rows());
        // What is so already changes nothing.
        for action in ["take", "resume"] {
            assert_eq!(server.act(OWNER, &id, json!({"action": action})).await.status, 200);
        }
        testkit::rows::assert_unchanged(&before, &server.rows());
        guest.call(Method::POST, "/close").send().await;
        server.act(OWNER, &id, json!({"action": "reply", "text": "x"})).await.refused(401, 154_401);
        // Who waits in the queue can be taken or handed on, but not answered.
        server.staff(&options, &[("u_ada", false), ("u_bob", false)]).await;
        let waiting = server.guest().await.call(Method::POST, "/human").send().await.json["ticket_id"].as_str().unwrap().to_owned();
        server.act(OWNER, &waiting, json!({"action": "reply", "text": "x"})).await.refused(400, 154_000);
        server.act(OWNER, &waiting, json!({"action": "hold"})).await.refused(400, 154_000);
        let taken = server.act(AGENT, &waiting, json!({"action": "take"})).await;
        assert_eq!((taken.status, &taken.json["ticket"]["agent_owner"]["id"]), (200, &json!(AGENT)));
    }

    async fn an_update_changes_data_and_tells_of_stage_and_status_only(database) {
        let server = TestServer::start(database).await;
        let (guest, id) = with_ada(&server).await;
        let owner = server.user_token(OWNER).await;
        let events = || server.rows()["delivery"].iter().filter(|row| row.contains("updated_v1")).count();
        let (told, messages) = (events(), guest.messages().await.len());
        server.clock.advance(1_000);
        put(&server, &owner, &id, json!({"comment": " Knows the 打印机. ", "tag_names": ["vip", " printer ", "vip"], "solved": 1, "channel": 13})).await.ok();
        let ticket = server.ticket(&id).await;
        assert_eq!((&ticket["solve"], &ticket["channel"], &ticket["status"]), (&json!(1), &json!(13), &json!(2)));
        let names: Vec<&Value> = ticket["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
        assert_eq!(names, ["printer", "vip"]);
        let comment = &ticket["comments"];
        assert_eq!((&comment["content"], &comment["user_name"]), (&json!("Knows the 打印机."), &json!("Ada")));
        assert!(comment["id"].is_i64() && comment["user_id"].as_i64().unwrap() > 0);
        assert_eq!(comment["created_at"], testkit::server::START_MS + 1_000);
        assert_eq!(ticket["updated_at"], testkit::server::START_MS + 1_000);
        assert_eq!(events(), told, "neither stage nor status changed");
        // The same once more changes nothing.
        server.clock.advance(1_000);
        let before = server.rows();
        put(&server, &owner, &id, json!({"comment": "Knows the 打印机.", "tag_names": ["printer", "vip"], "status": 2})).await.ok();
        testkit::rows::assert_unchanged(&before, &server.rows());
        // Tags are replaced, and keep their ids in other tickets.
        let said = server.guest().await.say("hi").await;
        let other = said["ticket_id"].as_str().unwrap().to_owned();
        put(&server, &owner, &other, json!({"tag_names": ["vip"]})).await.ok();
        assert_eq!(server.ticket(&other).await["tags"][0], ticket["tags"][1]);
        for (query, expected) in [("tags=vip", 2), ("tags=printer", 1), ("tags=printer&tags=vip", 2), ("tags=none", 0),
                                  ("tags=none&tags=printer", 1), ("tags=vip&type=2", 1), ("tags=vip&status_list=1", 1)] {
            assert_eq!(total(&server, query).await, expected, "{query}");
        }
        let listed = server.open_api(Method::GET, "/tickets?tags=vip").send().await.ok();
        assert_eq!(listed["tickets"][1], server.ticket(&id).await, "a list shows what get shows");
        put(&server, &owner, &id, json!({"tag_names": [], "comment": ""})).await.ok();
        let ticket = server.ticket(&id).await;
        assert_eq!((ticket.get("tags"), ticket.get("comments")), (None, None));
        assert_eq!(total(&server, "tags=vip").await, 1);
        // A change of status is told, and nobody is told in the chat.
        put(&server, &owner, &id, json!({"status": 4})).await.ok();
        server.clock.advance(7_000);
        put(&server, &owner, &id, json!({"status": 51, "solved": 2})).await.ok();
        assert_eq!((events() - told, guest.messages().await.len()), (4, messages), "two changes, each for two apps");
        let ticket = server.ticket(&id).await;
        assert_eq!((&ticket["closed_by"]["id"], &ticket["closed_at"]), (&json!(OWNER), &json!(server.clock.now_ms())));
        assert_eq!((&ticket["agent_resolution_time"], &ticket["actual_processing_time"]), (&json!(9), &json!(2)));
    }

    async fn an_update_closes_and_reopens_as_long_as_nothing_else_is_open(database) {
        let server = TestServer::start(database).await;
        let (guest, id) = with_ada(&server).await;
        let owner = server.user_token(OWNER).await;
        put(&server, &owner, &id, json!({"status": 51})).await.ok();
        put(&server, &owner, &id, json!({"status": 2})).await.ok();
        let ticket = server.ticket(&id).await;
        assert_eq!((&ticket["status"], ticket.get("closed_at"), ticket.get("closed_by")), (&json!(2), None, None));
        assert_eq!(guest.say("still there?").await["ticket_id"], id, "the conversation goes on in it");
        put(&server, &owner, &id, json!({"status": 50})).await.ok();
        assert!(server.ticket(&id).await.get("closed_by").is_none(), "the bot is nobody");
        let next = guest.say("another thing").await;
        assert_ne!(next["ticket_id"], id, "a closed ticket takes no more messages");
        let before = server.rows();
        let why = put(&server, &owner, &id, json!({"status": 2})).await.refused(400, 154_000);
        assert!(why.contains(next["ticket_id"].as_str().unwrap()), "{why}");
        testkit::rows::assert_unchanged(&before, &server.rows());
        // Into the queue, and back to the bot.
        let next = next["ticket_id"].as_str().unwrap().to_owned();
        put(&server, &owner, &next, json!({"ticket_type": 2, "status": 3})).await.ok();
        assert_eq!(total(&server, "type=2&status_list=3&status_list=2").await, 1, "routing may have been quick");
        put(&server, &owner, &next, json!({"ticket_type": 1, "status": 1})).await.ok();
        let ticket = server.ticket(&next).await;
        assert_eq!((&ticket["ticket_type"], ticket.get("agent_owner")), (&json!(1), None));
        // Alone, each brings along what it needs: only humans queue and hold.
        for status in [3, 4] {
            put(&server, &owner, &next, json!({"status": status})).await.ok();
            put(&server, &owner, &next, json!({"ticket_type": 1})).await.ok();
            let ticket = server.ticket(&next).await;
            assert_eq!((&ticket["ticket_type"], ticket.get("agent_owner")), (&json!(1), None));
        }
        // Nobody has this one, so it is for whoever sets it to be worked on.
        put(&server, &owner, &next, json!({"ticket_type": 2})).await.ok();
        put(&server, &owner, &next, json!({"status": 5})).await.ok();
        assert_eq!(server.ticket(&next).await["agent_owner"]["id"], OWNER);
    }

    async fn an_update_is_for_those_who_may_work_on_the_ticket(database) {
        let server = TestServer::start(database).await;
        let (guest, id) = with_ada(&server).await;
        let (owner, agent, user) =
            (server.user_token(OWNER).await, server.user_token(AGENT).await, server.user_token(USER).await);
        let comment = json!({"comment": "x"});
        let before = server.rows();
        put(&server, &agent, &id, comment.clone()).await.refused(403, 154_003);
        put(&server, &user, &id, comment.clone()).await.refused(403, 154_003);
        put(&server, &server.tenant_token(APP), &id, comment.clone()).await.refused(400, 99_991_663);
        put(&server, &owner, "abc", comment.clone()).await.refused(400, 154_000);
        put(&server, &owner, "6900000000000000999", comment.clone()).await.refused(404, 154_004);
        put(&server, &owner, &id, json!({})).await.refused(400, 154_000);
        put(&server, &owner, &id, json!({"display_name": "unknown members do not count"})).await.refused(400, 154_000);
        for (body, field, code) in [
            (json!({"status": 52}), "status", 99_992_402),
            (json!({"status": 6}), "status", 99_992_402),
            (json!({"ticket_type": 3}), "ticket_type", 99_992_402),
            (json!({"solved": 0}), "solved", 99_992_402),
            (json!({"channel": -1}), "channel", 99_992_402),
            (json!({"ticket_type": 1, "status": 3}), "status", 154_000),
            (json!({"ticket_type": 1, "status": 4}), "status", 154_000),
            (json!({"tag_names": ["a", " "]}), "tag_names[1]", 154_000),
            (json!({"tag_names": ["x".repeat(51)]}), "tag_names[0]", 154_000),
            (json!({"comment": "x".repeat(5_001)}), "comment", 154_000),
            (json!({"status": "2"}), "status", 9_499),
            (json!({"tag_names": "vip"}), "tag_names", 9_499),
            (json!({"comment": "x", "customized_fields": [{"id": "6900000000000000999", "value": "v"}]}), "customized_fields", 154_000),
        ] {
            let refused = put(&server, &owner, &id, body.clone()).await;
            refused.refused(400, code);
            let named = refused.json["error"]["field_violations"][0]["field"].as_str().unwrap();
            assert!(named.starts_with(field), "{body}: {named}");
        }
        testkit::rows::assert_unchanged(&before, &server.rows());
        put(&server, &owner, &id, json!({"status": 4})).await.ok();
        let why = put(&server, &owner, &id, json!({"ticket_type": 1, "status": 4})).await.refused(400, 154_000);
        assert!(why.contains("status 4"), "{why}");
        server.act(OWNER, &id, json!({"action": "collaborate", "to": AGENT})).await;
        put(&server, &agent, &id, comment).await.ok();
        drop(guest);
    }
}
