//! Who gets which ticket: free agents, the queue, agents who leave, guests who fall silent.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{AGENT, Guest, OWNER, USER};
use testkit::{Options, TestServer, on_both};

/// Asks for a human; answers what the guest is told.
async fn human(guest: &Guest<'_>) -> Value {
    let answer = guest.call(Method::POST, "/human").send().await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json
}

fn id(of: &Value) -> &str {
    of["ticket_id"].as_str().expect("a ticket id")
}

fn kinds(steps: &[Value]) -> Vec<&str> {
    let kinds = steps.iter().map(|step| step["kind"].as_str().expect("a kind"));
    kinds.filter(|kind| !["message", "event_queued", "delivery_attempt"].contains(kind)).collect()
}

/// Waits until the routing worker has brought the ticket into this state.
async fn until(server: &TestServer, ticket_id: &str, status: i64) -> Value {
    for _ in 0..200 {
        let ticket = server.ticket(ticket_id).await;
        if ticket["status"] == status {
            return ticket;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("no status {status}: {}", server.ticket(ticket_id).await);
}

/// How many open tickets each agent has.
fn loads(server: &TestServer) -> BTreeMap<String, i64> {
    let rows = server.running.app().db().read_blocking(|tx| {
        tx.query(
            "SELECT owner, COUNT(*) FROM ticket WHERE status < 50 AND owner IS NOT NULL GROUP BY owner",
            &[],
            |row| Ok((row.string(0)?, row.int(1)?)),
        )
    });
    rows.expect("the tickets' rows").into_iter().collect()
}

on_both! {
    async fn the_longest_idle_agent_is_next_and_who_waits_longest_goes_first(database) {
        let server = TestServer::start(database).await;
        let options = Options::default();
        let mut owners = Vec::new();
        for _ in 0..20 {
            let told = human(&server.guest().await).await;
            assert_eq!(told["status"], 2, "{told}");
            owners.push(server.ticket(id(&told)).await["agent_owner"]["id"].as_str().unwrap().to_owned());
        }
        let turns: Vec<&str> = owners.iter().map(String::as_str).collect();
        assert_eq!(turns, [OWNER, AGENT].repeat(10), "the clock stands still, and they still take turns");
        let (first, second) = (server.guest().await, server.guest().await);
        let told = [human(&first).await, human(&second).await];
        assert_eq!((&told[0]["status"], &told[0]["queue_position"]), (&json!(3), &json!(1)));
        assert_eq!((&told[1]["queue_position"], &told[1]["on_duty"]), (&json!(2), &json!(true)));
        assert_eq!(first.messages().await[0]["notice"], "human");
        // Room appears for one: the first in line gets it, the other moves up.
        let busy = server.open_api(Method::GET, &format!("/tickets?agent_id={AGENT}&page_size=1")).send().await.ok();
        server.clock.advance(90_000);
        assert_eq!(server.act(AGENT, id(&busy["tickets"][0]), json!({"action": "close"})).await.status, 200);
        let ticket = server.ticket(id(&told[0])).await;
        assert_eq!((&ticket["status"], &ticket["agent_owner"]["id"]), (&json!(2), &json!(AGENT)));
        assert_eq!(ticket["bot_service_duration"], 90);
        let notice = first.messages().await.pop().unwrap();
        assert_eq!((&notice["notice"], &notice["text"]), (&json!("agent"), &json!("Bob has joined and will reply soon.")));
        let again = human(&second).await;
        assert_eq!((&again["queue_position"], &again["estimated_wait_s"]), (&json!(1), &json!(90)));
        assert_eq!(loads(&server).values().copied().max(), Some(10));
        server.staff(&options, &[("u_bob", true), ("u_eve", true)]).await;
        let ticket = until(&server, id(&told[1]), 2).await;
        assert_eq!(ticket["agent_owner"]["id"], USER, "a new agent is on duty as soon as the desk file says so");
    }

    async fn the_room_that_a_transfer_makes_is_given_out_at_once(database) {
        let server = TestServer::start(database).await;
        let mut of_owner = String::new();
        for _ in 0..20 {
            let told = human(&server.guest().await).await;
            if server.ticket(id(&told)).await["agent_owner"]["id"] == OWNER {
                id(&told).clone_into(&mut of_owner);
            }
        }
        let waiting = human(&server.guest().await).await;
        assert_eq!(waiting["status"], 3, "{waiting}");
        let transfer = json!({"action": "transfer", "to": AGENT});
        assert_eq!(server.act(OWNER, &of_owner, transfer).await.status, 200);
        let ticket = server.ticket(id(&waiting)).await;
        assert_eq!((&ticket["status"], &ticket["agent_owner"]["id"]), (&json!(2), &json!(OWNER)));
    }

    async fn tickets_of_an_agent_who_leaves_wait_at_their_old_place(database) {
        let options = Options::default();
        let server = TestServer::start(database).await;
        server.staff(&options, &[("u_ada", false), ("u_bob", true)]).await;
        let (early, held, late) = (server.guest_with(json!({"language": "zh-CN"})).await, server.guest().await, server.guest().await);
        let early_id = id(&human(&early).await).to_owned();
        let held_id = id(&human(&held).await).to_owned();
        server.act(AGENT, &held_id, json!({"action": "hold"})).await;
        server.clock.advance(1_000);
        server.staff(&options, &[("u_ada", false), ("u_bob", false)]).await;
        let told = human(&late).await;
        assert_eq!((&told["status"], &told["on_duty"]), (&json!(3), &json!(false)));
        let ticket = until(&server, &early_id, 3).await;
        assert!(ticket.get("agent_owner").is_none());
        assert_eq!(ticket["agents"][0]["id"], AGENT, "who worked on it stays known");
        let notice = early.messages().await.pop().unwrap();
        assert_eq!((&notice["notice"], &notice["text"]), (&json!("requeued"), &json!("客服暂时离开，您的排队位置已保留，其他客服会尽快回复。")));
        assert_eq!(human(&early).await["queue_position"], 1, "they came first");
        assert_eq!(human(&late).await["queue_position"], 2);
        assert_eq!(server.ticket(&held_id).await["status"], 4, "a ticket on hold stays with its agent");
        // Until its guest writes.
        held.say("Any news?").await;
        assert_eq!(server.ticket(&held_id).await["status"], 3);
        assert_eq!(human(&late).await["queue_position"], 3, "the held one came before the late one");
        assert_eq!(kinds(&server.timeline(&held_id).await), ["handed_over", "held", "requeued"]);
        server.staff(&options, &[("u_ada", true), ("u_bob", false)]).await;
        for ticket_id in [&early_id, &held_id, &id(&told).to_owned()] {
            assert_eq!(until(&server, ticket_id, 2).await["agent_owner"]["id"], OWNER);
        }
        assert_eq!(server.ticket(&early_id).await["agents"].as_array().map(Vec::len), Some(2));
        let events = server.rows()["delivery"].iter().filter(|row| row.contains(&early_id) && row.contains("updated_v1")).count();
        assert_eq!(events, 2 * 3, "handed over, queued again, assigned; for each of two apps");
    }

    async fn a_ticket_that_is_resumed_or_answered_while_its_agent_is_away_waits_for_another(database) {
        let options = Options::default();
        let server = TestServer::start(database).await;
        server.staff(&options, &[("u_ada", false), ("u_bob", true)]).await;
        let (one, two) = (server.guest().await, server.guest().await);
        let (resumed, answered) = (id(&human(&one).await).to_owned(), id(&human(&two).await).to_owned());
        server.act(AGENT, &resumed, json!({"action": "hold"})).await;
        server.act(AGENT, &answered, json!({"action": "reply", "text": "Which one?"})).await;
        server.staff(&options, &[("u_ada", false), ("u_bob", false)]).await;
        server.act(AGENT, &resumed, json!({"action": "resume"})).await;
        two.say("The blue one.").await;
        for ticket_id in [&resumed, &answered] {
            assert_eq!(server.ticket(ticket_id).await["status"], 3);
        }
    }

    async fn appointed_agents_get_the_ticket_or_it_waits_for_them(database) {
        let options = Options::default();
        let server = TestServer::start(database).await;
        server.staff(&options, &[("u_ada", true), ("u_bob", false)]).await;
        let start = |appointed: Value| {
            let body = json!({"open_id": USER, "human_service": true, "appointed_agents": appointed});
            server.open_api(Method::POST, "/start_service").json(&body).send()
        };
        let before = server.rows();
        start(json!(vec![AGENT; 101])).await.refused(400, 154_000);
        testkit::rows::assert_unchanged(&before, &server.rows());
        let started = start(json!([AGENT])).await.ok();
        let ticket = server.ticket(id(&started)).await;
        assert_eq!(ticket["status"], 3, "it waits for the appointed agent although another is free: {ticket}");
        let others = human(&server.guest().await).await;
        assert_eq!(others["status"], 2, "and does not hold up who comes after it");
        server.staff(&options, &[("u_ada", true), ("u_bob", true)]).await;
        assert_eq!(until(&server, id(&started), 2).await["agent_owner"]["id"], AGENT);
        server.act(AGENT, id(&started), json!({"action": "close"})).await;
        // Of two appointed agents, whoever is free.
        server.staff(&options, &[("u_ada", true), ("u_bob", false)]).await;
        let started = start(json!([AGENT, OWNER])).await.ok();
        assert_eq!(server.ticket(id(&started)).await["agent_owner"]["id"], OWNER);
    }

    async fn the_queue_moves_when_a_schedule_begins_and_ends(database) {
        let server = TestServer::start(database).await;
        let mut file = testkit::server::desk_file(&Options::default());
        // The tests begin at 08:00 UTC.
        file["tenants"][0]["helpdesks"][0]["agents"] = json!([
            {"user": "u_ada", "status": "offline"},
            {"user": "u_bob", "schedule": [{"start_time": "07:00", "end_time": "09:00", "weekday": 9}]}]);
        server.apply(&file).await;
        let (early, late) = (server.guest().await, server.guest().await);
        let early_id = id(&human(&early).await).to_owned();
        assert_eq!(server.ticket(&early_id).await["agent_owner"]["id"], AGENT);
        server.clock.advance(3_600_000);
        until(&server, &early_id, 3).await;
        let told = human(&late).await;
        assert_eq!((&told["status"], &told["queue_position"], &told["on_duty"]), (&json!(3), &json!(2), &json!(false)));
        server.clock.advance(22 * 3_600_000);
        for ticket_id in [early_id.as_str(), id(&told)] {
            assert_eq!(until(&server, ticket_id, 2).await["agent_owner"]["id"], AGENT, "he is back at 07:00");
        }
    }

    async fn a_queue_that_is_too_long_for_one_transaction_is_gone_through_by_the_worker(database) {
        let options = Options::default();
        let server = TestServer::start(database).await;
        server.staff(&options, &[("u_ada", true), ("u_bob", false)]).await;
        for _ in 0..120 {
            let guest = server.guest().await;
            let body = json!({"open_id": guest.session["guest"]["open_id"], "human_service": true, "appointed_agents": [AGENT]});
            server.open_api(Method::POST, "/start_service").json(&body).send().await.ok();
        }
        let told = human(&server.guest().await).await;
        assert_eq!(until(&server, id(&told), 2).await["agent_owner"]["id"], OWNER);
    }

    async fn a_silent_guests_ticket_is_closed_by_the_bot(database) {
        let options = Options { by: "app", ..Options::default() };
        let server = TestServer::with(database, &options).await;
        let mut file = testkit::server::desk_file(&options);
        file["tenants"][0]["helpdesks"][0]["answering"]["idle_close_min"] = json!(10);
        server.apply(&file).await;
        let (silent, writes, asks) = (server.guest().await, server.guest().await, server.guest().await);
        let silent_id = id(&silent.say("hello").await).to_owned();
        let writes_id = id(&writes.say("hello").await).to_owned();
        let asks_id = id(&asks.say("hello").await).to_owned();
        human(&asks).await;
        server.clock.advance(300_000);
        writes.say("still here").await;
        server.clock.advance(300_000);
        let ticket = until(&server, &silent_id, 50).await;
        assert_eq!((&ticket["solve"], ticket.get("closed_by")), (&json!(1), None));
        assert_eq!(silent.messages().await.pop().unwrap()["notice"], "closed");
        assert_eq!(server.ticket(&writes_id).await["status"], 1);
        server.clock.advance(300_000);
        until(&server, &writes_id, 50).await;
        assert_eq!(server.ticket(&asks_id).await["status"], 2, "the bot ends only what is still with it");
        assert_ne!(id(&silent.say("me again").await), silent_id);
    }
}

/// How many guests ask for a human at once.
const GUESTS: usize = 64;

on_both! {
    async fn many_guests_at_once_are_shared_out_fairly_and_none_is_lost(database) {
        let server = std::sync::Arc::new(TestServer::start(database).await);
        let staff = [("u_ada", true), ("u_bob", true), ("u_eve", true)];
        server.staff(&Options::default(), &staff).await;
        let mut tasks = Vec::new();
        for _ in 0..GUESTS {
            let server = std::sync::Arc::clone(&server);
            tasks.push(tokio::spawn(async move {
                let guest = server.guest().await;
                for _ in 0..50 {
                    let answer = guest.call(Method::POST, "/human").send().await;
                    match answer.status {
                        200 => return id(&answer.json).to_owned(),
                        // A busy server says so and stores nothing.
                        503 => tokio::time::sleep(Duration::from_millis(50)).await,
                        other => panic!("{other}: {}", answer.json),
                    }
                }
                panic!("always busy");
            }));
        }
        let mut tickets = Vec::new();
        for task in tasks {
            tickets.push(task.await.expect("a guest who asks"));
        }
        assert_eq!(loads(&server).into_values().collect::<Vec<_>>(), [10, 10, 10], "each agent's room, no more");
        let listed = async |query: &str| {
            server.open_api(Method::GET, &format!("/tickets?{query}")).send().await.ok()["total"].as_i64().unwrap()
        };
        assert_eq!(listed("type=2&status_list=2").await, 30);
        assert_eq!(listed("type=2&status_list=3").await, 34);
        // Everybody closes everything, until nobody waits.
        let (mut closed, mut served) = (0, BTreeMap::<String, usize>::new());
        while closed < GUESTS {
            let busy = server.open_api(Method::GET, "/tickets?status_list=2&page_size=200").send().await.ok();
            let busy = busy["tickets"].as_array().unwrap();
            assert!(!busy.is_empty(), "somebody waits for nobody");
            assert!(loads(&server).values().all(|&n| n <= 10));
            for ticket in busy {
                let owner = ticket["agent_owner"]["id"].as_str().unwrap();
                *served.entry(owner.to_owned()).or_default() += 1;
                assert_eq!(server.act(owner, id(ticket), json!({"action": "close"})).await.status, 200);
                closed += 1;
            }
        }
        let (least, most) = (served.values().min().unwrap(), served.values().max().unwrap());
        assert!(served.len() == 3 && most - least <= 1, "{served:?}");
        assert_eq!(listed("status_list=51").await, i64::try_from(GUESTS).unwrap());
    }
}
