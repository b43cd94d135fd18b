//! The gap loop: what guests ask in vain is told with what could close it, decided, and measured afterwards.

use db::DbError;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::{assert_on_record, assert_unchanged};
use testkit::server::{DESK, FAQS, Guest, OTHER_DESK, OWNER};
use testkit::{Database, Options, TestServer, on_both};

use crate::admin::{by, start, token};

const MINUTE: i64 = 60_000;
/// Three ways to ask for something that the desk's FAQs do not know.
const INVOICE: [&str; 3] = ["please send invoice copy", "invoice copy please", "send invoice copies, please"];
const HELLO: &str = "Hello, this is Ada, I am looking into it.";
const ANSWER: &str = "You find a copy of each invoice in the portal under Billing, Documents.";

async fn world(database: Database) -> TestServer {
    start(database, &Options { by: "builtin", subscribed: false, ..Options::default() }).await
}

/// A guest asks and reads the answer; then time goes on.
async fn ask<'s>(server: &'s TestServer, text: &str) -> (Guest<'s>, Value) {
    let guest = server.guest().await;
    guest.say(text).await;
    let answer = guest.wait(0, |m| m["kind"] == "answer").await;
    server.clock.advance(MINUTE);
    (guest, answer)
}

/// A guest asks in vain, and the owner answers by hand; the ticket's id.
async fn ask_in_vain(server: &TestServer, text: &str, replies: &[&str]) -> String {
    let (guest, answer) = ask(server, text).await;
    assert_eq!(answer["mode"], "none", "{answer}");
    if replies.is_empty() {
        return answer["ticket_id"].as_str().unwrap().to_owned();
    }
    let told = guest.call(Method::POST, "/human").send().await.json;
    let ticket_id = told["ticket_id"].as_str().unwrap().to_owned();
    for text in replies {
        let done = server.act(OWNER, &ticket_id, json!({"action": "reply", "text": text})).await;
        assert_eq!(done.status, 200, "{}", done.json);
    }
    server.act(OWNER, &ticket_id, json!({"action": "close"})).await;
    server.clock.advance(MINUTE);
    ticket_id
}

async fn get(server: &TestServer, token: &str, path: &str) -> Value {
    let answer = by(server, token, Method::GET, &format!("/desks/{DESK}/{path}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json
}

async fn post(server: &TestServer, token: &str, path: &str, body: Value) -> testkit::Answer {
    by(server, token, Method::POST, &format!("/desks/{DESK}/{path}")).json(&body).send().await
}

/// The one gap there is.
async fn only(server: &TestServer, token: &str) -> Value {
    let list = get(server, token, "gaps").await;
    assert_eq!((&list["total"], &list["has_more"]), (&json!(1), &json!(false)), "{list}");
    list["gaps"][0].clone()
}

async fn decide(server: &TestServer, token: &str, gap: &Value, what: &str, body: Value) -> Value {
    let path = format!("gaps/{}/{what}", gap["id"].as_str().unwrap());
    let answer = post(server, token, &path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    server.clock.advance(MINUTE);
    answer.json["decision"].clone()
}

/// Kind, way and author of a FAQ's newest version.
async fn newest_version(server: &TestServer, token: &str, faq: &Value) -> [String; 3] {
    let history = get(server, token, &format!("faqs/{}/history", faq.as_str().unwrap())).await;
    ["kind", "way", "author_id"].map(|name| history["versions"][0][name].as_str().unwrap_or_default().to_owned())
}

on_both! {
    async fn a_draft_from_what_agents_replied_answers_the_next_guest(database) {
        let server = world(database).await;
        let ada = token(&server, "ada").await;
        let mut tickets = Vec::new();
        for text in INVOICE {
            tickets.push(ask_in_vain(&server, text, &[HELLO, ANSWER]).await);
        }
        let gap = only(&server, &ada).await;
        assert_eq!((&gap["questions"], &gap["guests"], &gap["unanswered"]), (&json!(3), &json!(3), &json!(3)), "{gap}");
        let shown: Vec<&str> = gap["examples"].as_array().unwrap().iter().map(|e| e["ticket_id"].as_str().unwrap()).collect();
        let newest: Vec<&str> = tickets.iter().rev().map(String::as_str).collect();
        assert_eq!(shown, newest, "each question with its ticket, the newest first");
        let proposal = &gap["proposal"];
        assert_eq!(proposal["kind"], "draft", "{proposal}");
        assert_eq!((&proposal["answer"]["text"], &proposal["answer"]["tickets"]), (&json!(ANSWER), &json!(3)));
        assert_eq!((&proposal["texts"][0], proposal["texts"].as_array().unwrap().len()), (&gap["question"], 3));
        assert!(gap["last_asked_at"].as_i64() > gap["first_asked_at"].as_i64());
        let decision = decide(&server, &ada, &gap, "approve", json!({})).await;
        assert_eq!((&decision["kind"], &decision["decided_by"]["name"]), (&json!("draft"), &json!("Ada")));
        let faq = get(&server, &ada, &format!("faqs/{}", decision["faq_id"].as_str().unwrap())).await["faq"].clone();
        assert_eq!((&faq["question"], &faq["answer"]), (&gap["question"], &json!(ANSWER)));
        assert_eq!(faq["tags"], decision["added"]);
        assert_eq!(newest_version(&server, &ada, &decision["faq_id"]).await, ["made", "gap", "u_ada"]);
        assert_eq!(get(&server, &ada, "gaps").await["total"], 0, "what was decided covers all that was asked");
        let (guest, answer) = ask(&server, "Invoice copy, please!").await;
        assert_eq!((&answer["mode"], &answer["text"]), (&json!("direct"), &json!(ANSWER)), "{answer}");
        let path = format!("/messages/{}/feedback", answer["message_id"].as_str().unwrap());
        guest.call(Method::POST, &path).json(&json!({"solved": true})).send().await;
        server.clock.advance(MINUTE);
        let told = get(&server, &ada, "gap-decisions").await["decisions"][0].clone();
        let tally = |asked: i64, answered: i64, solved: i64, missed: i64| {
            json!({"asked": asked, "answered": answered, "solved": solved, "missed": missed, "handed_over": missed})
        };
        // As much time as went by since the approval held the last two of the three.
        let span = told["effect"]["span_ms"].as_i64().unwrap();
        assert_eq!(span, 3 * MINUTE, "{told}");
        assert_eq!(told["effect"]["after"], tally(1, 1, 1, 0), "{told}");
        let before = told["effect"]["before"].clone();
        assert_eq!(before, tally(before["asked"].as_i64().unwrap(), 0, 0, before["asked"].as_i64().unwrap()));
        server.clock.advance(60 * MINUTE);
        let told = get(&server, &ada, "gap-decisions").await["decisions"][0].clone();
        assert_eq!(told["effect"]["before"], tally(3, 0, 0, 3), "{told}");
        // Once it fails again, it is a gap again, by that question alone.
        let (guest, answer) = ask(&server, "invoice copy please").await;
        let path = format!("/messages/{}/feedback", answer["message_id"].as_str().unwrap());
        guest.call(Method::POST, &path).json(&json!({"solved": false})).send().await;
        server.clock.advance(2 * MINUTE);
        let again = only(&server, &ada).await;
        assert_eq!((&again["questions"], &again["not_solved"]), (&json!(1), &json!(1)), "{again}");
        assert_eq!(again["approved_at"], decision["decided_at"]);
        assert_eq!(again["proposal"]["kind"], "answer_needed");
    }

    async fn a_rejected_gap_stays_away_until_there_is_new_evidence(database) {
        let server = world(database).await;
        let (ada, root) = (token(&server, "ada").await, token(&server, "root").await);
        ask_in_vain(&server, "parking near office", &[]).await;
        let gap = only(&server, &ada).await;
        assert_eq!(gap["proposal"]["kind"], "answer_needed", "{gap}");
        let before = server.rows();
        let path = format!("gaps/{}/approve", gap["id"].as_str().unwrap());
        let why = post(&server, &ada, &path, json!({})).await.refused(400, 154_000);
        assert!(why.contains("faq") && why.contains("nothing is proposed"), "{why}");
        post(&server, &ada, &path, json!({"as": "similar"})).await.refused(400, 154_000);
        post(&server, &ada, &path, json!({"faq_id": FAQS[0], "add": []})).await.refused(400, 154_000);
        post(&server, &ada, &path, json!({"faq_id": "6900000000000001999"})).await.refused(404, 154_004);
        post(&server, &ada, &path, json!({"faq": {"question": "Where do I park?"}})).await.refused(400, 154_000);
        let long = "x".repeat(501);
        let reject = format!("gaps/{}/reject", gap["id"].as_str().unwrap());
        post(&server, &ada, &reject, json!({"reason": long})).await.refused(400, 154_000);
        assert_unchanged(&before, &server.rows());
        let decision = decide(&server, &root, &gap, "reject", json!({"reason": "not ours"})).await;
        assert_eq!((&decision["kind"], &decision["reason"]), (&json!("rejected"), &json!("not ours")));
        for _ in 0..2 {
            assert_eq!(get(&server, &ada, "gaps").await["total"], 0);
            ask_in_vain(&server, "any parking near office?", &[]).await;
        }
        post(&server, &ada, &reject, json!({})).await.refused(404, 154_004);
        ask_in_vain(&server, "office parking", &[]).await;
        let back = only(&server, &ada).await;
        assert_eq!((&back["guests"], &back["rejected_at"]), (&json!(4), &decision["decided_at"]), "three more asked");
        assert_eq!(back["id"], gap["id"], "it is the same gap");
        decide(&server, &ada, &back, "reject", json!({})).await;
        assert_eq!(get(&server, &ada, "gaps").await["total"], 0);
        ask_in_vain(&server, "parking near office", &["Visitors park behind the building; the gate opens by itself."]).await;
        assert_eq!(only(&server, &ada).await["proposal"]["kind"], "draft", "now there is an answer");
        assert_eq!(get(&server, &ada, "gap-decisions").await["decisions"][0].get("effect"), None);
    }

    async fn a_rejection_is_taken_back_and_an_approval_is_not(database) {
        let server = world(database).await;
        let ada = token(&server, "ada").await;
        ask_in_vain(&server, "parking near office", &[]).await;
        ask_in_vain(&server, "beamer flickers", &[]).await;
        let newest = get(&server, &ada, "gaps?order=newest").await["gaps"].clone();
        assert_eq!((&newest[0]["question"], &newest[1]["question"]), (&json!("beamer flickers"), &json!("parking near office")));
        let first = decide(&server, &ada, &newest[1], "reject", json!({})).await;
        decide(&server, &ada, &newest[0], "reject", json!({})).await;
        assert_eq!(get(&server, &ada, "gaps").await["total"], 0);
        let withdraw = async |id: &Value| {
            let path = format!("/desks/{DESK}/gap-decisions/{}", id.as_str().unwrap());
            by(&server, &ada, Method::DELETE, &path).send().await
        };
        // Not the last decision, so that nothing but its absence tells.
        let gone = withdraw(&first["id"]).await;
        assert_eq!((gone.status, &gone.json["decision"]["id"]), (200, &first["id"]), "{}", gone.json);
        for action in ["admin_gap.reject", "admin_gap_decision.withdraw"] {
            assert_on_record(server.running.app().db(), action);
        }
        assert_eq!(only(&server, &ada).await["id"], newest[1]["id"]);
        withdraw(&first["id"]).await.refused(404, 154_004);
        withdraw(&json!("x")).await.refused(404, 154_004);
        let faq = json!({"faq": {"question": "Where do I park?", "answer": "Behind the building."}});
        let approved = decide(&server, &ada, &newest[1], "approve", faq).await;
        assert!(withdraw(&approved["id"]).await.refused(400, 154_000).contains("edit or delete FAQ"));
        let told = get(&server, &ada, "gap-decisions").await["decisions"].clone();
        assert_eq!(told.as_array().unwrap().len(), 2, "{told}");
    }

    async fn what_agents_answered_with_a_faqs_words_becomes_its_similar_question(database) {
        let server = world(database).await;
        let ada = token(&server, "ada").await;
        ask_in_vain(&server, "remote access outage", &["Install the client and sign in."]).await;
        ask_in_vain(&server, "outage of remote access", &[HELLO, "install the client, and sign in!"]).await;
        let gap = only(&server, &ada).await;
        let faq = &gap["proposal"]["faq"];
        assert_eq!((&faq["id"], &faq["because"], &faq["tickets"]), (&json!(FAQS[2]), &json!("said"), &json!(2)), "{gap}");
        assert_eq!(faq["question"], "How do I connect to the VPN?");
        let path = format!("gaps/{}/approve", gap["id"].as_str().unwrap());
        let many: Vec<String> = (0..200).map(|n| format!("outage {n}")).collect();
        let before = server.rows();
        let why = post(&server, &ada, &path, json!({"add": many})).await.refused(400, 154_000);
        assert!(why.contains("room for 199"), "{why}");
        post(&server, &ada, &path, json!({"add": ["vpn 怎么连"]})).await.refused(400, 154_000);
        assert_unchanged(&before, &server.rows());
        let add = json!({"add": ["Remote access outage", "REMOTE access outage", "VPN 怎么连"]});
        let decision = decide(&server, &ada, &gap, "approve", add).await;
        assert_eq!((&decision["kind"], &decision["faq_id"]), (&json!("similar"), &json!(FAQS[2])));
        assert_eq!(decision["added"], json!(["Remote access outage"]));
        assert_on_record(server.running.app().db(), "admin_gap.approve");
        let faq = get(&server, &ada, &format!("faqs/{}", FAQS[2])).await["faq"].clone();
        assert_eq!(faq["tags"], json!(["VPN 怎么连", "Remote access outage"]));
        assert_eq!(newest_version(&server, &ada, &decision["faq_id"]).await, ["edited", "gap", "u_ada"]);
        assert_eq!(faq["answer"], "Install the client and sign in.");
        let (_, answer) = ask(&server, "remote access outage").await;
        assert_eq!(answer["faqs"][0]["id"], FAQS[2]);
        assert_eq!(answer["mode"], "direct");
        // Whoever still has the old list is told.
        post(&server, &ada, &path, json!({})).await.refused(404, 154_004);
    }

    async fn what_agents_and_guests_picked_is_proposed(database) {
        let server = world(database).await;
        let ada = token(&server, "ada").await;
        let ticket_id: i64 = ask_in_vain(&server, "beamer flickers", &[]).await.parse().unwrap();
        let app = server.running.app();
        let desk = std::sync::Arc::clone(&app.directory().helpdesks[&DESK.parse().unwrap()]);
        let laptop: i64 = FAQS[1].parse().unwrap();
        app.write(move |tx, cx| desk::question::answered_by_agent(tx, cx, &desk, ticket_id, laptop)).await.unwrap();
        server.clock.advance(2 * MINUTE);
        let faq = only(&server, &ada).await["proposal"]["faq"].clone();
        assert_eq!((&faq["id"], &faq["because"]), (&json!(FAQS[1]), &json!("agent")), "{faq}");
    }

    async fn a_faq_that_is_written_by_hand_closes_a_gap(database) {
        let server = world(database).await;
        let ada = token(&server, "ada").await;
        ask_in_vain(&server, "停车场在哪里", &[]).await;
        ask_in_vain(&server, "公司停车场在哪", &[]).await;
        ask_in_vain(&server, "beamer flickers", &[]).await;
        let list = get(&server, &ada, "gaps?page_size=1").await;
        assert_eq!((&list["total"], &list["gaps"][0]["guests"]), (&json!(2), &json!(2)), "{list}");
        let rest = get(&server, &ada, &format!("gaps?page_size=1&page_token={}", list["page_token"].as_str().unwrap())).await;
        assert_eq!((&rest["gaps"][0]["question"], rest.get("page_token")), (&json!("beamer flickers"), None));
        let body = json!({"faq": {"question": "停车场在哪里？", "answer": "在楼后。", "tags": ["公司停车场在哪"]}});
        assert_eq!(post(&server, &ada, "faqs", body).await.status, 201);
        server.clock.advance(MINUTE);
        assert_eq!(only(&server, &ada).await["question"], "beamer flickers");
    }

    async fn faqs_that_ask_the_same_are_told_until_somebody_wants_both(database) {
        let server = world(database).await;
        let ada = token(&server, "ada").await;
        assert_eq!(get(&server, &ada, "duplicates").await["total"], 0);
        let body = json!({"faq": {"question": "My password is lost", "answer": "Call us.", "tags": ["Forgot password!"]}});
        let made = post(&server, &ada, "faqs", body).await.json["faq"]["id"].as_str().unwrap().to_owned();
        let list = get(&server, &ada, "duplicates").await;
        let pair = &list["duplicates"][0];
        assert_eq!((&list["total"], &pair["one"]["id"], &pair["other"]["id"]), (&json!(1), &json!(FAQS[0]), &json!(made)));
        assert_eq!(pair["texts"], json!([{"one": "forgot password", "other": "Forgot password!"}]));
        assert_eq!((&pair["similarity"], &pair["other"]["question"]), (&json!(1.0), &json!("My password is lost")));
        let both = json!({"one": made, "other": FAQS[0], "reason": "for guests without an account"});
        let decision = post(&server, &ada, "duplicates/reject", both.clone()).await.json["decision"].clone();
        assert_eq!((&decision["kind"], &decision["other_faq_id"]), (&json!("apart"), &json!(made)));
        assert_eq!(get(&server, &ada, "duplicates").await["total"], 0);
        post(&server, &ada, "duplicates/reject", both.clone()).await.refused(404, 154_004);
        let path = format!("/desks/{DESK}/gap-decisions/{}", decision["id"].as_str().unwrap());
        assert_eq!(by(&server, &ada, Method::DELETE, &path).send().await.status, 200);
        assert_eq!(get(&server, &ada, "duplicates").await["total"], 1, "it is open again");
        assert_eq!(post(&server, &ada, "duplicates/reject", both).await.status, 200);
        assert_on_record(server.running.app().db(), "admin_duplicate.reject");
        let body = json!({"faq": {"question": "How do I reset my password", "answer": "Call us.", "tags": ["Forgot password!"]}});
        let path = format!("/desks/{DESK}/faqs/{made}");
        assert_eq!(by(&server, &ada, Method::PATCH, &path).json(&body).send().await.status, 200);
        assert_eq!(get(&server, &ada, "duplicates").await["total"], 1, "another text makes them alike");
    }

    async fn a_busy_desk_is_worked_on_every_ten_seconds_at_most(database) {
        let server = world(database).await;
        let ada = token(&server, "ada").await;
        ask_in_vain(&server, "beamer flickers", &[]).await;
        let app = server.running.app();
        let desk = std::sync::Arc::clone(&app.directory().helpdesks[&DESK.parse().unwrap()]);
        let mut surveys = Vec::new();
        // A question every two seconds, with a look after each, for twenty seconds.
        for i in 0..10 {
            let guest = server.guest().await;
            guest.say(&format!("word{i} other{i}")).await;
            guest.wait(0, |m| m["kind"] == "answer").await;
            server.clock.advance(2_000);
            surveys.push(app.gaps().survey(app, &desk).await.unwrap());
        }
        let made = 1 + surveys.windows(2).filter(|two| !std::sync::Arc::ptr_eq(&two[0], &two[1])).count();
        assert_eq!(made, 2, "one in ten seconds");
        // What somebody decides shows at once.
        let total = || async { get(&server, &ada, "gaps").await["total"].clone() };
        let before = total().await.as_i64().unwrap();
        let gap = get(&server, &ada, "gaps").await["gaps"][0].clone();
        let path = format!("gaps/{}/reject", gap["id"].as_str().unwrap());
        assert_eq!(post(&server, &ada, &path, json!({})).await.status, 200);
        let after = get(&server, &ada, "gaps").await;
        assert!(after["gaps"].as_array().unwrap().iter().all(|other| other["id"] != gap["id"]), "{after}");
        assert!(before > 0);
    }

    async fn no_decision_is_forgotten_however_many_come_after_it(database) {
        let server = world(database).await;
        let ada = token(&server, "ada").await;
        let body = json!({"faq": {"question": "My password is lost", "answer": "Call us.", "tags": ["Forgot password!"]}});
        let made = post(&server, &ada, "faqs", body).await.json["faq"]["id"].as_str().unwrap().to_owned();
        ask_in_vain(&server, "beamer flickers", &[]).await;
        let gap = only(&server, &ada).await;
        decide(&server, &ada, &gap, "reject", json!({})).await;
        let apart = post(&server, &ada, "duplicates/reject", json!({"one": made, "other": FAQS[0]})).await;
        assert_eq!(apart.status, 200, "{}", apart.json);
        let written = server.running.app().db().write_blocking(|tx| {
            tx.execute(
                "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
                 INSERT INTO gap_decision (tenant, helpdesk_id, decision_id, kind, decided_at, decided_by, question, texts,
                                           guests, proposed, added)
                 SELECT d.tenant, d.helpdesk_id, d.decision_id + n.i, CASE n.i % 2 WHEN 0 THEN 'apart' ELSE 'rejected' END,
                        d.decided_at, d.decided_by, 'another', '[\"another\"]', 1, 'none', '[]'
                 FROM n JOIN (SELECT * FROM gap_decision ORDER BY decision_id DESC LIMIT 1) d ON 1 = 1",
                &[],
            )
        });
        assert_eq!(written.map_err(|e: DbError| e.to_string()), Ok(2_500));
        assert_eq!(get(&server, &ada, "duplicates").await["total"], 0);
        assert_eq!(get(&server, &ada, "gaps").await["total"], 0);
    }

    async fn gaps_are_for_those_who_run_the_desk(database) {
        let server = world(database).await;
        let [ada, bob, root] = [token(&server, "ada").await, token(&server, "bob").await, token(&server, "root").await];
        ask_in_vain(&server, "beamer flickers", &[]).await;
        let gap = only(&server, &root).await;
        let id = gap["id"].as_str().unwrap();
        let before = server.rows();
        let body = json!({"one": FAQS[0], "other": FAQS[1]});
        for (method, path) in [
            (Method::GET, "gaps".to_owned()),
            (Method::POST, format!("gaps/{id}/approve")),
            (Method::POST, format!("gaps/{id}/reject")),
            (Method::GET, "gap-decisions".to_owned()),
            (Method::DELETE, "gap-decisions/6900000000000000009".to_owned()),
            (Method::GET, "duplicates".to_owned()),
            (Method::POST, "duplicates/reject".to_owned()),
        ] {
            let call = |who: &str, desk: &str| by(&server, who, method.clone(), &format!("/desks/{desk}/{path}")).json(&body).send();
            call(&ada, OTHER_DESK).await.refused(404, 154_004);
            call(&bob, DESK).await.refused(403, 154_003);
        }
        for unknown in ["0000000000000000", "x", &id[..15], &format!("+{}", &id[1..])] {
            post(&server, &ada, &format!("gaps/{unknown}/reject"), json!({})).await.refused(404, 154_004);
        }
        by(&server, &ada, Method::GET, &format!("/desks/{DESK}/gap-decisions?page_size=21")).send().await.refused(400, 99_992_402);
        assert_unchanged(&before, &server.rows());
    }
}
