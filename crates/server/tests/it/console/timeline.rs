//! A ticket's timeline, page by page.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::on_both;

use super::{act, by, get, human, on_duty, start};
use crate::admin::token;

on_both! {
    async fn a_timeline_is_read_page_by_page_also_while_things_happen(database) {
        let server = start(database).await;
        on_duty(&server, "ada", false).await;
        let bob = token(&server, "bob").await;
        let guest = server.guest().await;
        let mut after = 0;
        for number in 0..3 {
            guest.say(&format!("How do I reset my password? {number}")).await;
            let answer = guest.wait(after, |message| message["kind"] == "answer").await;
            after = answer["position"].as_i64().unwrap();
        }
        let ticket = human(&guest).await;
        let path = format!("/tickets/{ticket}");
        let turn = async |held: bool| {
            let action = if held { "hold" } else { "resume" };
            act(&server, &bob, &ticket, json!({"action": action})).await;
        };
        // Two in each millisecond.
        for _ in 0..5 {
            server.clock.advance(1);
            turn(true).await;
            turn(false).await;
        }
        let page = async |query: &str| get(&server, &bob, &format!("{path}/timeline?{query}")).await;
        for size in [1, 3, 4, 50] {
            let whole = page("page_size=200").await;
            assert_eq!((&whole["has_more"], whole.get("page_token")), (&json!(false), None));
            let all = whole["steps"].as_array().unwrap();
            let times: Vec<i64> = all.iter().map(|step| step["at"].as_i64().unwrap()).collect();
            assert!(times.is_sorted_by(|later, earlier| later >= earlier), "the last first: {times:?}");
            let of = |kind: &str| all.iter().filter(|step| step["kind"] == kind).count();
            assert!(of("builtin_answered") == 3 && of("held") >= 5 && of("resumed") >= 5 && of("handed_over") == 1, "{all:?}");
            let (mut found, mut next) = (Vec::<Value>::new(), String::new());
            loop {
                let part = page(&format!("page_size={size}&page_token={next}")).await;
                let steps = part["steps"].as_array().unwrap();
                assert!(steps.len() == size || part["has_more"] == false, "{part}");
                found.extend(steps.iter().cloned());
                // What happens now is no part of what was before.
                turn(true).await;
                turn(false).await;
                let Some(token) = part["page_token"].as_str() else { break };
                next = token.to_owned();
            }
            assert_eq!(&found, all, "{size} at a time");
        }
        let newest = page("page_size=1").await["steps"][0].clone();
        server.clock.advance(1);
        turn(true).await;
        let after = page("page_size=2").await;
        assert_eq!((&after["steps"][0]["kind"], &after["steps"][1]), (&json!("held"), &newest));
        for wrong in ["page_size=0", "page_size=201", "page_token=x", "page_token=1-2", "page_token=1-2-3-4", "page_token=-1-0-0"] {
            let answer = by(&server, &bob, Method::GET, &format!("{path}/timeline?{wrong}")).send().await;
            let field = wrong.split('=').next().unwrap();
            assert_eq!(answer.status, 400, "{wrong}: {}", answer.json);
            assert!(answer.json["error"]["message"].as_str().unwrap().starts_with(field), "{wrong}: {}", answer.json);
        }
    }
}
