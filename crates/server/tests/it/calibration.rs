//! What guests and agents say about answers moves the scores of the next questions, on every server, in the background.

use std::sync::Arc;
use std::time::Duration;

use db::params;
use desk::{Effect, question};
use reqwest::Method;
use retrieval::{Calibration, Hit};
use serde_json::{Value, json};
use server::clock::HeldNetwork;
use server::{App, Running};
use testkit::server::{DESK, FAQS, Guest};
use testkit::{Options, TestServer, on_both};

use crate::admin::{by, start, token};

/// Near enough to the first FAQ to be answered, and far enough to leave its score room.
const QUESTION: &str = "is the password gone";
/// How long the worker waits for more words.
const SETTLE: Duration = Duration::from_millis(1_200);

fn options() -> Options {
    Options { by: "builtin", subscribed: false, ..Options::default() }
}

async fn best(app: &App) -> Hit {
    let desk = Arc::clone(&app.directory().helpdesks[&DESK.parse().unwrap()]);
    app.engines().rank(app, &desk, QUESTION, 1).await.unwrap()[0]
}

/// How far the score of the question is from the model's own.
async fn moved(app: &App) -> f64 {
    let hit = best(app).await;
    hit.score - Calibration::default().score(hit.log_odds, false)
}

async fn wait_moved(app: &App, what: &str, enough: impl Fn(f64) -> bool) {
    for _ in 0..600 {
        if enough(moved(app).await) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("scores are not {what}: moved by {}", moved(app).await);
}

/// A guest who has asked, and the engine's answer.
async fn answered<'a>(server: &'a TestServer, question: &str) -> (Guest<'a>, Value) {
    let guest = server.guest().await;
    guest.say(question).await;
    let answer = guest.wait(0, |m| m["kind"] == "answer").await;
    (guest, answer)
}

async fn judge(guest: &Guest<'_>, answer: &Value, solved: bool) {
    let path = format!("/messages/{}/feedback", answer["message_id"].as_str().unwrap());
    let judged = guest.call(Method::POST, &path).json(&json!({"solved": solved})).send().await;
    assert_eq!(judged.status, 200, "{}", judged.json);
}

async fn choose(guest: &Guest<'_>, answer: &Value, faq: &str) {
    let path = format!("/messages/{}/choose", answer["message_id"].as_str().unwrap());
    let chosen = guest.call(Method::POST, &path).json(&json!({"faq_id": faq})).send().await;
    assert_eq!(chosen.status, 201, "{}", chosen.json);
}

/// From now on every question is answered by the best FAQ, or by a list of FAQs.
async fn answer_by(server: &TestServer, token: &str, direct: bool) {
    let settings = json!({"direct_score": if direct { 0.0 } else { 1.0 }, "list_score": 0.0});
    let path = format!("/desks/{DESK}/answering");
    assert_eq!(by(server, token, Method::PATCH, &path).json(&settings).send().await.status, 200);
}

async fn calibration(server: &TestServer, token: &str) -> Value {
    let answer = by(server, token, Method::GET, &format!("/desks/{DESK}/calibration")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json
}

/// What is told once this many questions have been fitted.
async fn wait_fitted(server: &TestServer, token: &str, questions: usize) -> Value {
    for _ in 0..600 {
        let told = calibration(server, token).await;
        if told["why"].as_str().unwrap().starts_with(&format!("{questions} questions were fitted")) {
            return told;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was fitted: {}", calibration(server, token).await);
}

fn faq(answer: &Value, n: usize) -> &str {
    answer["faqs"][n]["id"].as_str().unwrap()
}

/// A question to which two FAQs are offered, neither by an exact match.
async fn offered(app: &App) -> &'static str {
    let desk = Arc::clone(&app.directory().helpdesks[&DESK.parse().unwrap()]);
    for question in ["laptop password", "reset or order", "new VPN password", "VPN laptop", "laptop or VPN or password"]
    {
        let (found, _) = app.engines().matches(app, &desk, question).await.unwrap();
        if found.len() >= 2 && found[0].log_odds.is_some() {
            return question;
        }
    }
    panic!("nothing here is like two FAQs");
}

/// Questions of as many guests, whom the best FAQ helped, as if they had been asked here.
async fn much_praise(app: &App, count: i64) {
    let found = format!("[{{\"id\":\"{}\",\"score\":0.9,\"log_odds\":{}}}]", FAQS[0], best(app).await.log_odds);
    let desk: i64 = DESK.parse().unwrap();
    app.write(move |tx, cx| {
        let label = cx.ids.decimal(cx.now);
        tx.execute(
            "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
             INSERT INTO question (tenant, ticket_id, event_id, chat_id, position, text, state, asked_at, app_shown,
                                   helpdesk_id, found, mode, solved, label_id)
             SELECT 'demo', i, 'event ' || i, 'oc_' || i, 1, 'a question', 1, i, 0, CAST($2 AS BIGINT),
                    CAST($3 AS TEXT), 'direct', 1, CAST($4 AS BIGINT) + i
             FROM n",
            &params![count, desk, &found, label],
        )?;
        cx.effects.push(Effect::Feedback);
        Ok(())
    })
    .await
    .unwrap();
}

on_both! {
    async fn what_guests_say_moves_the_next_score_on_every_server_until_a_reset(database) {
        let server = start(database, &options()).await;
        let second = if server.database.is_postgres() { Some(server.second().await) } else { None };
        let ada = token(&server, "ada").await;
        let app = server.running.app();
        let before = calibration(&server, &ada).await;
        assert_eq!((&before["in_use"], &before["verdict"], &before["slope"]), (&json!(false), &json!("none"), &json!(1.0)));
        assert_eq!((before.get("fitted_at"), before.get("error"), &before["bands"]), (None, None, &json!([])));
        answer_by(&server, &ada, true).await;
        for _ in 0..30 {
            let (guest, answer) = answered(&server, QUESTION).await;
            judge(&guest, &answer, false).await;
        }
        let told = wait_fitted(&server, &ada, 30).await;
        assert!(moved(app).await < -0.01, "{told}");
        assert_eq!((&told["in_use"], &told["labels"]["not_solved"]), (&json!(true), &json!(30)), "{told}");
        assert_eq!((&told["labels"]["total"], &told["weight"]), (&json!(30), &json!(30.0)));
        assert_eq!((&told["verdict"], &told["bands"][0]["right"]), (&json!("better"), &json!(0.0)));
        assert!(told["error"].as_f64() < told["error_without"].as_f64(), "{told}");
        let hit = best(app).await;
        let line = Calibration::new(told["slope"].as_f64().unwrap(), told["offset"].as_f64().unwrap());
        assert_eq!(hit.score.to_bits(), line.score(hit.log_odds, false).to_bits());
        let (_, next) = answered(&server, QUESTION).await;
        assert_eq!(next["faqs"][0]["score"].as_f64(), Some(hit.score));
        if let Some(second) = &second {
            assert!(moved(second.app()).await < -0.01);
        }
        // An exact match stays at the top.
        let (_, exact) = answered(&server, "forgot password").await;
        assert!(exact["faqs"][0]["score"].as_f64().unwrap() >= 0.98);

        let path = format!("/desks/{DESK}/calibration");
        assert_eq!(by(&server, &ada, Method::DELETE, &path).send().await.status, 200);
        for app in std::iter::once(app).chain(second.as_ref().map(Running::app)) {
            assert!(moved(app).await.abs() < 1e-12);
        }
        let reset = calibration(&server, &ada).await;
        assert_eq!((&reset["in_use"], &reset["verdict"]), (&json!(false), &json!("none")));
        assert_eq!((&reset["labels"]["total"], &reset["slope"], &reset["offset"]), (&json!(0), &json!(1.0), &json!(0.0)));
        let bob = token(&server, "bob").await;
        by(&server, &bob, Method::GET, &path).send().await.refused(403, 154_003);
        by(&server, &bob, Method::DELETE, &path).send().await.refused(403, 154_003);
        if let Some(second) = second {
            second.shutdown().await;
        }
    }

    async fn no_call_waits_for_a_fit_and_honest_words_outweigh_hostile_ones(database) {
        let network = HeldNetwork::default();
        let server = start(database, &Options { network: Some(network.clone()), ..options() }).await;
        let ada = token(&server, "ada").await;
        let app = server.running.app();
        answer_by(&server, &ada, true).await;
        // One guest is not enough, however often they click.
        let loud = server.guest().await;
        for _ in 0..12 {
            let said = loud.say(QUESTION).await;
            let after = said["message"]["position"].as_i64().unwrap();
            let answer = loud.wait(after, |m| m["kind"] == "answer").await;
            judge(&loud, &answer, false).await;
        }
        network.awaited(SETTLE, 1).await;
        network.advance(SETTLE);
        while calibration(&server, &ada).await["verdict"] != "too_few" {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(moved(app).await.abs() < 1e-12);
        for _ in 0..17 {
            let (guest, answer) = answered(&server, QUESTION).await;
            judge(&guest, &answer, false).await;
        }
        network.awaited(SETTLE, 1).await;
        // All have their answers, and so has the next question, by the old score.
        assert!(moved(app).await.abs() < 1e-12);
        network.advance(SETTLE);
        wait_moved(app, "lower", |moved| moved < -0.01).await;
        let low = moved(app).await;
        much_praise(app, 400).await;
        network.awaited(SETTLE, 1).await;
        network.advance(SETTLE);
        wait_moved(app, "back", |moved| moved > low / 2.0).await;
    }

    async fn labels_are_counted_by_what_was_said(database) {
        // Time stands still, so nothing is learnt that would put FAQs into another order meanwhile.
        let server = start(database, &Options { network: Some(HeldNetwork::default()), ..options() }).await;
        let ada = token(&server, "ada").await;
        let app = server.running.app();
        answer_by(&server, &ada, true).await;
        let (guest, answer) = answered(&server, QUESTION).await;
        // The last word counts, once.
        for solved in [false, true, false, true] {
            judge(&guest, &answer, solved).await;
        }
        answer_by(&server, &ada, false).await;
        let offered = offered(app).await;
        for n in [0, 1] {
            let (guest, answer) = answered(&server, offered).await;
            assert_eq!(answer["mode"], "list");
            choose(&guest, &answer, faq(&answer, n)).await;
        }
        // An exact match says nothing, nor does a list that is judged.
        let (guest, answer) = answered(&server, "forgot password").await;
        choose(&guest, &answer, FAQS[0]).await;
        let (guest, answer) = answered(&server, offered).await;
        judge(&guest, &answer, true).await;
        // An agent's word goes before the guest's.
        for first in [true, false] {
            let guest = server.guest().await;
            let ticket: i64 = guest.say(offered).await["ticket_id"].as_str().unwrap().parse().unwrap();
            let answer = guest.wait(0, |m| m["kind"] == "answer").await;
            choose(&guest, &answer, faq(&answer, 1)).await;
            let desk = Arc::clone(&app.directory().helpdesks[&DESK.parse().unwrap()]);
            let picked: i64 = if first { faq(&answer, 0) } else { FAQS[2] }.parse().unwrap();
            app.write(move |tx, cx| question::answered_by_agent(tx, cx, &desk, ticket, picked)).await.unwrap();
        }
        let told = calibration(&server, &ada).await;
        let labels = &told["labels"];
        assert_eq!((&labels["solved"], &labels["not_solved"]), (&json!(1), &json!(0)), "{labels}");
        assert_eq!((&labels["chosen_first"], &labels["chosen_other"]), (&json!(1), &json!(1)), "{labels}");
        assert_eq!((&labels["agent_first"], &labels["agent_other"]), (&json!(1), &json!(1)), "{labels}");
        assert_eq!((&labels["total"], &told["in_use"]), (&json!(5), &json!(false)), "{labels}");
    }
}
