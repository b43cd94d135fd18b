//! Full-text search and saved views.

use std::fmt::Write as _;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{AGENT, DESK, OTHER_DESK};
use testkit::{TestServer, on_both};

use super::{act, by, get, human, ids, on_duty, post, start};
use crate::admin::token;

fn found(hits: &Value) -> Vec<String> {
    let hits = hits["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["ticket"]["ticket_id"].as_str().unwrap().to_owned()).collect()
}

/// Tickets with these words, once the index knows of what was just written.
async fn search(server: &TestServer, token: &str, q: &str) -> Value {
    let form = q.bytes().fold(String::new(), |mut form, byte| {
        write!(form, "%{byte:02x}").unwrap();
        form
    });
    get(server, token, &format!("/search?q={form}")).await
}

/// Waits until the search finds `ticket` by `q`.
async fn indexed(server: &TestServer, token: &str, q: &str, ticket: &str) {
    server.clock.advance(10_000);
    for _ in 0..100 {
        if found(&search(server, token, q).await).iter().any(|id| id == ticket) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("{q} never found {ticket}");
}

on_both! {
    async fn words_of_messages_and_notes_are_found(database) {
        let server = start(database).await;
        let (ada, hal) = (token(&server, "ada").await, token(&server, "hal").await);
        let mut tickets = Vec::new();
        for text in ["我忘记密码了怎么办", "Resetting my passwords fails with order A-2024-0042", "Nothing of that"] {
            let guest = server.guest().await;
            let said = guest.say(text).await;
            human(&guest).await;
            tickets.push(said["ticket_id"].as_str().unwrap().to_owned());
            server.clock.advance(1_000);
        }
        let noted = post(&server, &ada, &format!("/tickets/{}/notes", tickets[2]), json!({"text": "Suspected fraudster"})).await;
        assert_eq!(noted.status, 201);
        indexed(&server, &ada, "fraudster", &tickets[2]).await;
        for (q, expected) in [
            ("密码", vec![0]), ("密碼", vec![0]), ("忘记 密码", vec![0]), ("password", vec![1]), ("reset order", vec![1]), ("A-2024-0042", vec![1]),
            ("0042", vec![1]), ("reset fraudster", vec![]), ("码密", vec![]), ("suspected", vec![2]), ("nonesuch", vec![]),
        ] {
            let expected: Vec<String> = expected.into_iter().map(|i: usize| tickets[i].clone()).collect();
            let hits = search(&server, &ada, q).await;
            assert_eq!(found(&hits), expected, "{q}: {hits}");
            assert_eq!(found(&search(&server, &hal, q).await), [""; 0], "another's desk: {q}");
        }
        let hits = search(&server, &ada, "密码").await;
        assert_eq!((&hits["hits"][0]["match"]["text"], &hits["hits"][0]["match"]["from"]), (&json!("我忘记密码了怎么办"), &json!("guest")));
        assert_eq!(search(&server, &ada, "fraudster").await["hits"][0]["match"]["from"], "note");
        assert_eq!(found(&search(&server, &ada, &tickets[2]).await), [tickets[2].as_str()], "by its id");
        assert!(found(&search(&server, &hal, &tickets[2]).await).is_empty());
        for bad in ["", "q=", "q=%3f%21", &format!("q={}", "x".repeat(201)), "q=x&page_size=51", "q=x&page_token=y", "q=x&helpdesk_id=y"] {
            let answer = by(&server, &ada, Method::GET, &format!("/search?{bad}")).send().await;
            assert_eq!(answer.status, 400, "{bad}: {}", answer.json);
        }
        by(&server, &ada, Method::GET, &format!("/search?q=x&helpdesk_id={OTHER_DESK}")).send().await.refused(404, 154_004);
    }

    async fn a_search_goes_on_page_by_page(database) {
        let server = start(database).await;
        let ada = token(&server, "ada").await;
        let mut tickets = Vec::new();
        for i in 0..5 {
            let said = server.guest().await.say(&format!("The printer number {i} is on fire")).await;
            tickets.insert(0, said["ticket_id"].as_str().unwrap().to_owned());
            server.clock.advance(1_000);
        }
        indexed(&server, &ada, "printer fire", &tickets[0]).await;
        let (mut seen, mut page_token) = (Vec::new(), String::new());
        loop {
            let page = get(&server, &ada, &format!("/search?q=printer%20fire&page_size=2&page_token={page_token}")).await;
            seen.extend(found(&page));
            match page["page_token"].as_str() {
                Some(next) => next.clone_into(&mut page_token),
                None => break,
            }
        }
        assert_eq!(seen, tickets);
    }

    async fn a_view_is_saved_for_its_owner(database) {
        let server = start(database).await;
        on_duty(&server, "bob", false).await;
        let (ada, bob) = (token(&server, "ada").await, token(&server, "bob").await);
        let mut tickets = Vec::new();
        for _ in 0..3 {
            tickets.push(human(&server.guest().await).await);
            server.clock.advance(1_000);
        }
        on_duty(&server, "bob", true).await;
        act(&server, &ada, &tickets[0], json!({"action": "transfer", "to": AGENT})).await;
        act(&server, &ada, &tickets[1], json!({"action": "hold"})).await;
        for ticket in &tickets[..2] {
            by(&server, &ada, Method::PATCH, &format!("/tickets/{ticket}")).json(&json!({"tag_names": ["vip"]})).send().await;
        }
        let mut views = Vec::new();
        for (filter, expected) in [
            (json!({}), vec![0, 1, 2]), (json!({"owner": "me"}), vec![1, 2]), (json!({"owner": AGENT}), vec![0]), (json!({"owner": "none"}), vec![]),
            (json!({"tag": "vip"}), vec![0, 1]), (json!({"tag": "vip", "statuses": [4]}), vec![1]), (json!({"tag": "none"}), vec![]),
            (json!({"helpdesk_id": DESK, "owner": "ou_none"}), vec![]),
        ] {
            let made = post(&server, &ada, "/views", json!({"name": " My view ", "filter": filter})).await;
            assert_eq!((made.status, &made.json["view"]["name"], &made.json["view"]["filter"]), (201, &json!("My view"), &filter), "{}", made.json);
            let id = made.json["view"]["id"].as_str().unwrap().to_owned();
            let list = get(&server, &ada, &format!("/tickets?view={id}")).await;
            let expected: Vec<String> = expected.into_iter().map(|i: usize| tickets[i].clone()).collect();
            assert_eq!(ids(&list), expected, "{filter}");
            views.push(id);
        }
        let page = get(&server, &ada, &format!("/tickets?view={}&page_size=2", views[0])).await;
        let rest = get(&server, &ada, &format!("/tickets?view={}&page_token={}", views[0], page["page_token"].as_str().unwrap())).await;
        assert_eq!((ids(&page), ids(&rest)), (tickets[..2].to_vec(), tickets[2..].to_vec()));
        let own = get(&server, &ada, "/views").await;
        let listed: Vec<&Value> = own["views"].as_array().unwrap().iter().map(|view| &view["id"]).collect();
        assert_eq!(listed, views.iter().collect::<Vec<_>>());
        assert_eq!(get(&server, &bob, "/views").await, json!({"views": []}));
        by(&server, &bob, Method::GET, &format!("/tickets?view={}", views[0])).send().await.refused(404, 154_004);
        by(&server, &bob, Method::DELETE, &format!("/views/{}", views[0])).send().await.refused(404, 154_004);
        assert_eq!(by(&server, &ada, Method::DELETE, &format!("/views/{}", views[0])).send().await.status, 200);
        by(&server, &ada, Method::GET, &format!("/tickets?view={}", views[0])).send().await.refused(404, 154_004);
        for bad in [json!({"name": "", "filter": {}}), json!({"name": "x"}), json!({"name": "x", "filter": {"statuses": [50]}}),
                    json!({"name": "x", "filter": {"helpdesk_id": "x"}}), json!({"name": "x", "filter": {"tag": "x".repeat(201)}})] {
            let answer = post(&server, &ada, "/views", bad.clone()).await;
            assert_eq!(answer.status, 400, "{bad}: {}", answer.json);
        }
    }
}
