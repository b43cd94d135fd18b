//! FAQ indexes leave memory and come back, and nobody is answered otherwise for it.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use retrieval::{Aids, FaqText, Index, Lesson};
use serde_json::{Value, json};
use server::clock::HeldNetwork;
use server::run::Running;
use server::settings::PartialSettings;
use testkit::server::{DESK, FAQS, OTHER_DESK, OWNER, desk_file, desk_header};
use testkit::{Answer, Database, Options, TestServer, on_both};

const DESKS: i64 = 200;
const FAQS_EACH: i64 = 6;
const MINUTE: Duration = Duration::from_mins(1);

fn desk_id(desk: i64) -> i64 {
    6_900_000_000_000_100_000 + desk
}

fn faq_id(desk: i64, faq: i64) -> i64 {
    6_900_000_000_001_000_000 + desk * FAQS_EACH + faq
}

/// A question of a hundred words that no other FAQ has: few FAQs, and yet an index of some size.
fn question(desk: i64, faq: i64) -> String {
    let word = |word: i64| {
        let mut left = (desk * FAQS_EACH + faq) * 100 + word;
        let letters = (0..5).map(|_| {
            let letter = u8::try_from(left % 26).unwrap();
            left /= 26;
            char::from(b'a' + letter)
        });
        letters.collect::<String>()
    };
    (0..100).map(word).collect::<Vec<_>>().join(" ")
}

/// A question that a guest may have: some words of one FAQ, one of another.
fn asked(desk: i64, faq: i64) -> String {
    let (text, other) = (question(desk, faq), question(desk, (faq + 1) % FAQS_EACH));
    let words: Vec<&str> = text.split(' ').skip(20).take(6).chain(other.split(' ').take(1)).collect();
    words.join(" ")
}

fn file(options: &Options) -> Value {
    let mut file = desk_file(options);
    for desk in 0..DESKS {
        let faq = |faq| json!({"id": faq_id(desk, faq).to_string(), "question": question(desk, faq), "answer": "So."});
        let faqs: Vec<Value> = (0..FAQS_EACH).map(faq).collect();
        let one = json!({
            "id": desk_id(desk).to_string(), "token": format!("t-{desk}"), "name": format!("Desk {desk}"),
            "owner": "u_ada", "agents": [], "visibility": "all", "answering": {"by": "builtin"}, "categories": [],
            "faqs": faqs,
        });
        file["tenants"][0]["helpdesks"].as_array_mut().unwrap().push(one);
    }
    file
}

/// Ids and scores, as an index of these questions ranks.
fn expected(desk: i64, questions: &[String], asked: &str) -> Vec<(i64, u64)> {
    let mut index = Index::default();
    for (faq, question) in (0..).zip(questions) {
        index.upsert(faq_id(desk, faq), &FaqText { question, similar: &[], answer: "So." });
    }
    index.rank(asked, 10).iter().map(|hit| (hit.id, hit.score.to_bits())).collect()
}

async fn ranked(running: &Running, desk_id: i64, text: &str) -> Vec<(i64, u64)> {
    let app = running.app();
    let desk = Arc::clone(&app.directory().helpdesks[&desk_id]);
    let hits = app.engines().rank(app, &desk, text, 10).await.unwrap();
    hits.iter().map(|hit| (hit.id, hit.score.to_bits())).collect()
}

/// A number of the metrics page; 0 if it is not there yet.
fn metric(running: &Running, name: &str) -> i64 {
    let page = running.app().metrics().text();
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0, |number| number.parse().unwrap())
}

async fn until(what: &str, mut there: impl FnMut() -> bool) {
    for _ in 0..600 {
        if there() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} never came");
}

/// Few enough for some ten of the desks.
fn little_memory() -> Options {
    let settings = PartialSettings { index_memory: Some(1), ..PartialSettings::default() };
    Options { settings, ..Options::default() }
}

async fn edit(server: &TestServer, desk: i64, faq: i64, question: &str) -> Answer {
    let owner = server.user_token(OWNER).await;
    let body = json!({"faq": {"question": question, "answer": "So."}});
    let path = format!("/open-apis/helpdesk/v1/faqs/{}", faq_id(desk, faq));
    let header = desk_header(&desk_id(desk).to_string(), &format!("t-{desk}"));
    let call = server.call(Method::PATCH, &path).bearer(&owner).header("x-lark-helpdesk-authorization", &header);
    call.json(&body).send().await
}

on_both! {
    async fn two_hundred_desks_share_the_memory_of_ten(database) {
        let options = little_memory();
        let server = TestServer::with_file(database, &options, &file(&options)).await;
        let running = &server.running;
        let mut most = 0;
        for round in 0..2 {
            for desk in 0..DESKS {
                let questions: Vec<String> = (0..FAQS_EACH).map(|faq| question(desk, faq)).collect();
                let text = asked(desk, round);
                let found = ranked(running, desk_id(desk), &text).await;
                assert_eq!(found, expected(desk, &questions, &text), "desk {desk}");
                assert_eq!(found[0].0, faq_id(desk, round));
                // Nobody but the warm-up holds another one.
                assert!(metric(running, "deskwire_faq_index_bytes") <= 1 << 20);
                most = most.max(metric(running, "deskwire_faq_index_desks"));
            }
        }
        assert!((5..=20).contains(&most), "{most} desks were in memory together");
        let evicted = metric(running, r#"deskwire_faq_index_evictions_total{why="room"}"#);
        let builds = metric(running, "deskwire_faq_index_builds_total");
        assert!(evicted > 2 * DESKS - 2 * most && builds >= evicted, "{evicted} of {builds} left memory");
        assert!(metric(running, "deskwire_faq_index_faqs") <= most * FAQS_EACH);

        // The first desk is long gone; it comes back with what was changed meanwhile.
        let mut questions: Vec<String> = (0..FAQS_EACH).map(|faq| question(0, faq)).collect();
        questions[3] = String::from("how do i water the plants of colleagues");
        edit(&server, 0, 3, &questions[3]).await.ok();
        let text = "who waters the plants";
        assert_eq!(ranked(running, desk_id(0), text).await, expected(0, &questions, text));
        assert_eq!(ranked(running, desk_id(0), text).await[0].0, faq_id(0, 3));
    }

    async fn a_desk_that_nobody_asks_leaves_memory_and_is_built_once_for_all_who_ask_again(database) {
        let network = HeldNetwork::default();
        let settings = PartialSettings { index_idle: Some(30), ..PartialSettings::default() };
        let options = Options { network: Some(network.clone()), settings, ..Options::default() };
        let server = TestServer::with(database, &options).await;
        let running = &server.running;
        until("the warm-up", || metric(running, "deskwire_faq_index_builds_total") == 2).await;
        let (desk, other) = (DESK.parse().unwrap(), OTHER_DESK.parse().unwrap());
        let ask = "password of the notebook";
        let plain = expected_of_the_usual_desk(ask, false);

        // What there is to learn of it is learnt.
        let began = network.timers().now();
        let learnt = expected_of_the_usual_desk(ask, true);
        assert_ne!(plain, learnt);
        wait_ranked(running, desk, ask, &learnt, || network.advance(Duration::from_millis(1_100))).await;

        // The other desk goes after its half hour, and this one, asked meanwhile, stays.
        network.advance(20 * MINUTE);
        assert_eq!(ranked(running, desk, ask).await, learnt);
        let asked_at = network.timers().now();
        network.advance((30 * MINUTE).saturating_sub(network.timers().since(began)));
        // Learning may have used it a little later than the warm-up did.
        until("the look at idle desks", || {
            network.advance(Duration::from_secs(1));
            metric(running, "deskwire_faq_index_desks") == 1
        }).await;
        assert!(network.timers().since(asked_at) < 30 * MINUTE);
        assert_eq!(ranked(running, other, "holidays").await.len(), 1);
        assert_eq!(metric(running, "deskwire_faq_index_builds_total"), 3);
        until("the end of both", || {
            network.advance(MINUTE);
            metric(running, "deskwire_faq_index_desks") == 0
        }).await;
        assert_eq!(metric(running, "deskwire_faq_index_bytes"), 0);
        assert_eq!(metric(running, r#"deskwire_faq_index_evictions_total{why="idle"}"#), 3);

        let asking = (0..16).map(|_| ranked(running, desk, ask));
        for found in futures_util::future::join_all(asking).await {
            assert_eq!(found, plain);
        }
        assert_eq!(metric(running, "deskwire_faq_index_builds_total"), 4);
        // And it is learnt again.
        wait_ranked(running, desk, ask, &learnt, || network.advance(Duration::from_millis(1_100))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_at_one_server_is_seen_by_another_whose_index_had_left_memory() {
    let options = little_memory();
    let server = TestServer::with_file(Database::postgres(), &options, &file(&options)).await;
    let second = server.second().await;
    let (text, mut questions) =
        ("who waters the plants", (0..FAQS_EACH).map(|faq| question(0, faq)).collect::<Vec<_>>());
    for desk in 0..30 {
        assert_eq!(ranked(&server.running, desk_id(desk), &asked(desk, 0)).await[0].0, faq_id(desk, 0));
    }
    assert_eq!(ranked(&second, desk_id(0), text).await, expected(0, &questions, text));
    questions[5] = String::from("plants of colleagues want water");
    edit(&server, 0, 5, &questions[5]).await.ok();
    for running in [&second, &server.running] {
        assert_eq!(ranked(running, desk_id(0), text).await, expected(0, &questions, text));
    }
    // Now it is the second server that has let go of it.
    second.app().engines().forget();
    questions[4] = String::from("plants want light");
    edit(&server, 0, 4, &questions[4]).await.ok();
    for running in [&second, &server.running] {
        assert_eq!(ranked(running, desk_id(0), "light for plants").await, expected(0, &questions, "light for plants"));
    }
    second.shutdown().await;
}

fn expected_of_the_usual_desk(asked: &str, learnt: bool) -> Vec<(i64, u64)> {
    let mut index = Index::default();
    let mut put = |id: &str, question: &str, similar: &[&str], answer: &str| {
        let similar: Vec<String> = similar.iter().map(ToString::to_string).collect();
        index.upsert(id.parse().unwrap(), &FaqText { question, similar: &similar, answer });
    };
    let password = ["forgot password", "忘记密码怎么办"];
    put(FAQS[0], "How do I reset my password?", &password, "Open Settings > Security.");
    let laptop = ["order a notebook", "怎么申请新电脑"];
    put(FAQS[1], "How do I get a new laptop?", &laptop, "Ask your manager to file an order.");
    put(FAQS[2], "How do I connect to the VPN?", &["VPN 怎么连"], "Install the client and sign in.");
    let learned = Lesson::of(&index, None).learn();
    let aids = Aids { learned: learnt.then_some(&learned), ..Aids::default() };
    index.rank_with(asked, &aids, 10).iter().map(|hit| (hit.id, hit.score.to_bits())).collect()
}

/// Waits until this is found, doing something between looks.
async fn wait_ranked(running: &Running, desk: i64, text: &str, wanted: &[(i64, u64)], mut meanwhile: impl FnMut()) {
    for _ in 0..600 {
        if ranked(running, desk, text).await == wanted {
            return;
        }
        meanwhile();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}, not {wanted:?}", ranked(running, desk, text).await);
}
