//! What a help desk's own similar questions teach: learnt in the background, the same on every server.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use retrieval::{Aids, FaqText, Index, Lesson};
use serde_json::json;
use testkit::server::{AGENT, DESK, FAQS};
use testkit::{TestServer, on_both};

type Ranked = Vec<(i64, u64)>;

const QUESTIONS: [&str; 3] = ["password of the notebook", "new laptop password", "怎么连 VPN"];

/// The usual help desk's FAQs, the first one's question as told.
fn index(first: &str) -> Index {
    let mut index = Index::default();
    let mut put = |id: &str, question: &str, similar: &[&str], answer: &str| {
        let similar: Vec<String> = similar.iter().map(ToString::to_string).collect();
        index.upsert(id.parse().unwrap(), &FaqText { question, similar: &similar, answer });
    };
    put(FAQS[0], first, &["forgot password", "忘记密码怎么办"], "Open Settings > Security.");
    put(
        FAQS[1],
        "How do I get a new laptop?",
        &["order a notebook", "怎么申请新电脑"],
        "Ask your manager to file an order.",
    );
    put(FAQS[2], "How do I connect to the VPN?", &["VPN 怎么连"], "Install the client and sign in.");
    index
}

/// How an engine that has learnt of one index ranks another.
fn expected(index: &Index, learnt_of: &Index) -> Vec<Ranked> {
    let learned = Lesson::of(learnt_of, None).learn();
    let aids = Aids { learned: Some(&learned), ..Aids::default() };
    let rank = |question: &&str| index.rank_with(question, &aids, 10);
    QUESTIONS.iter().map(rank).map(|hits| hits.iter().map(|hit| (hit.id, hit.score.to_bits())).collect()).collect()
}

async fn ranked(server: &TestServer) -> Vec<Ranked> {
    let app = server.running.app();
    let desk = Arc::clone(&app.directory().helpdesks[&DESK.parse().unwrap()]);
    let mut all = Vec::new();
    for question in QUESTIONS {
        let hits = app.engines().rank(app, &desk, question, 10).await.unwrap();
        all.push(hits.iter().map(|hit| (hit.id, hit.score.to_bits())).collect());
    }
    all
}

async fn wait_ranked(server: &TestServer, wanted: &[Ranked]) {
    for _ in 0..600 {
        if ranked(server).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was learnt: {:?}, not {wanted:?}", ranked(server).await);
}

on_both! {
    async fn a_server_learns_and_an_edit_does_not_wait(database) {
        let server = TestServer::start(database).await;
        let before = index("How do I reset my password?");
        let plain = expected(&before, &Index::default());
        let learnt = expected(&before, &before);
        assert_ne!(plain, learnt);
        wait_ranked(&server, &learnt).await;
        let edited = "I cannot log in any more";
        let agent = server.user_token(AGENT).await;
        let body = json!({"faq": {"question": edited, "answer": "Open Settings > Security.", "tags": ["forgot password", "忘记密码怎么办"]}});
        server.open_api_as(&agent, Method::PATCH, &format!("/faqs/{}", FAQS[0])).json(&body).send().await.ok();
        let after = index(edited);
        let at_once = ranked(&server).await;
        // Of the edited FAQ nothing is known yet; that of the others still counts. Or all is learnt already.
        let relearnt = expected(&after, &after);
        assert!([&expected(&after, &before), &relearnt].contains(&&at_once), "{at_once:?}");
        wait_ranked(&server, &relearnt).await;
    }
}
