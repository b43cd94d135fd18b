//! What a shadow would have answered, and what became of its questions.

use std::path::Path;
use std::time::Duration;

use answerer::{Answerer, Clock, Outcomes, Report, ReportSettings, Settings, report};
use serde_json::{Value, json};

use crate::clock::PATIENCE;
use crate::platform::Platform;

const FAQS: &[(i64, &str)] = &[(1, "forgot password"), (2, "connect to the printer")];
const ANSWER: &str = "Open settings, choose security and click reset password.";

/// Asks, each an id, a ticket and a text, while a shadow listens; every question is noted.
async fn shadowed(platform: &Platform, folder: &Path, asked: &[(&str, &str, &str)]) {
    let file = folder.join("shadow.jsonl");
    let lines = || std::fs::read_to_string(&file).map_or(0, |text| text.lines().count());
    let wanted = lines() + asked.len();
    let settings = Settings { shadow: Some(file.clone()), ..platform.settings(folder) };
    platform.disconnect();
    let app = Answerer::start(settings).await.expect("an app that runs");
    platform.connected().await;
    for (id, ticket, text) in asked {
        let mut question = platform.question(id, text);
        question["event"]["ticket"]["ticket_id"] = json!(ticket);
        platform.push(0, &question).await;
    }
    let until = tokio::time::Instant::now() + PATIENCE;
    while lines() < wanted {
        assert!(tokio::time::Instant::now() < until, "{} of {wanted} are noted", lines());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    app.shutdown(Duration::from_secs(10)).await;
}

async fn reported(platform: &Platform, folder: &Path) -> Report {
    let settings = platform.settings(folder);
    let (base_url, credentials, clock) = (settings.base_url, settings.credentials, settings.clock);
    report(ReportSettings { base_url, credentials, clock, data_dir: folder.to_owned() }).await.expect("a report")
}

fn ticket(status: i64, agents: &[&str], more: &Value) -> Value {
    let agents: Vec<Value> = agents.iter().map(|id| json!({"id": id})).collect();
    let mut ticket = json!({"status": status, "agents": agents, "guest": {"id": "ou_g"}});
    for (name, value) in more.as_object().into_iter().flatten() {
        ticket[name] = value.clone();
    }
    json!({"ticket": ticket})
}

fn messages(said: &[(i64, &str, &str)]) -> Value {
    let message = |(at, who, text): &(i64, &str, &str)| {
        json!({"created_at": at, "user_id": who, "message_type": "text",
               "content": json!({"content": text, "msg_type": "text"}).to_string()})
    };
    json!({"messages": said.iter().map(message).collect::<Vec<_>>(), "total": said.len()})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_tells_what_became_of_each_question() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let asked = ["same", "other", "alone", "unsolved", "silent", "open", "gone"];
    let asked = asked.map(|ticket| (ticket, ticket, "forgot password"));
    shadowed(&platform, folder.path(), &[&asked[..], &[("nothing", "nothing", "Wetterbericht Mars")]].concat()).await;
    assert_eq!(platform.taken(), 0);
    let at = platform.clock().unix_ms();
    platform.resource("/faqs/1", json!({"faq": {"id": "1", "question": "forgot password", "answer": ANSWER}}));
    let closed = json!({});
    platform.resource("/tickets/same", ticket(51, &["ou_a"], &closed));
    // What was said before the question, and by the guest, is no answer.
    platform.resource(
        "/tickets/same/messages",
        messages(&[
            (at - 1, "ou_a", "Good morning, what can I do for you today?"),
            (at + 1, "ou_a", "Hello, open settings, choose security, click reset password!"),
        ]),
    );
    platform.resource("/tickets/other", ticket(51, &["ou_a"], &closed));
    platform.resource(
        "/tickets/other/messages",
        messages(&[
            (at + 1, "ou_g", ANSWER),
            (at - 1, "ou_a", ANSWER),
            (at + 2, "ou_a", "The directory is down until noon, we are working on it"),
        ]),
    );
    platform.resource("/tickets/alone", ticket(50, &[], &json!({"solve": 2})));
    platform.resource("/tickets/unsolved", ticket(52, &[], &json!({"score": 1})));
    platform.resource("/tickets/silent", ticket(50, &[], &json!({"solve": 1})));
    // An agent who only says hello so far.
    platform.resource("/tickets/open", ticket(2, &["ou_b"], &closed));
    platform.resource("/tickets/open/messages", messages(&[(at + 1, "ou_b", "Hello, what can I do for you today?")]));
    platform.resource("/tickets/nothing", ticket(51, &["ou_a"], &closed));
    platform.resource("/tickets/nothing/messages", messages(&[(at + 1, "ou_a", "Dusty, with storms in the evening.")]));
    let report = reported(&platform, folder.path()).await;
    assert_eq!((report.questions, report.direct, report.listed, report.nothing), (8, 7, 0, 1));
    let expected = Outcomes { same: 1, other: 1, alone: 1, unsolved: 1, unknown: 3, open: 1 };
    assert_eq!(report.outcomes, expected);
    assert_eq!(report.outcomes.precision(), Some((0.5, 2)));
    let band = report.bands[0];
    assert_eq!((report.bands.len(), band.from, band.questions), (1, 90, 7));
    assert_eq!(band.outcomes, Outcomes { unknown: 2, ..expected });

    // What was open is looked at again; what is known stays in the ledger.
    platform.resource("/tickets/open", ticket(51, &["ou_b"], &closed));
    platform.resource("/tickets/open/messages", messages(&[(at + 9, "ou_b", ANSWER)]));
    platform.resource("/tickets/same", ticket(50, &[], &closed));
    let report = reported(&platform, folder.path()).await;
    assert_eq!(report.outcomes, Outcomes { same: 2, open: 0, ..expected });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_the_next_question_is_none_to_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    shadowed(&platform, folder.path(), &[("first", "7", "forgot password")]).await;
    let at = platform.clock().unix_ms();
    platform.clock().advance(Duration::from_mins(1));
    shadowed(&platform, folder.path(), &[("next", "7", "connect to the printer")]).await;
    platform.resource("/faqs/1", json!({"faq": {"id": "1", "answer": ANSWER}}));
    platform.resource("/faqs/2", json!({"faq": {"id": "2", "answer": "Install the driver from the software centre."}}));
    platform.resource("/tickets/7", ticket(51, &["ou_a"], &json!({})));
    platform.resource(
        "/tickets/7/messages",
        messages(&[(at + 61_000, "ou_a", "Please install the driver from the software centre")]),
    );
    let report = reported(&platform, folder.path()).await;
    assert_eq!(report.outcomes, Outcomes { same: 1, unknown: 1, ..Outcomes::default() });
}

#[tokio::test]
async fn without_a_shadow_there_is_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let settings = platform.settings(folder.path());
    let (base_url, credentials, clock) = (settings.base_url, settings.credentials, settings.clock);
    let error =
        report(ReportSettings { base_url, credentials, clock, data_dir: folder.path().into() }).await.unwrap_err();
    assert!(error.to_string().contains("--shadow"), "{error}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
}
