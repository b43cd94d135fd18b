//! Events that come twice, late, or to two instances.

use std::time::Duration;

use serde_json::json;

use crate::platform::{Platform, metric};

const FAQS: &[(i64, &str)] = &[(1, "forgot password"), (2, "connect to the printer")];
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_comes_twice_is_answered_once() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let app = platform.app(folder.path()).await;
    // Nothing but its own id tells that it is the same.
    let mut question = platform.question("q", "forgot password");
    question["event"].as_object_mut().expect("an event").retain(|name, _| !name.ends_with("message_id"));
    platform.push(0, &question).await;
    platform.push(0, &question).await;
    platform.answered(1).await;
    // Also when it comes again after the answer, and after a restart.
    platform.push(0, &question).await;
    app.shutdown(10 * SECOND).await;
    let app = platform.app(folder.path()).await;
    platform.push(platform.connections() - 1, &question).await;
    platform.push(platform.connections() - 1, &platform.question("last", "forgot password")).await;
    platform.answered(2).await;
    app.shutdown(10 * SECOND).await;
    assert_eq!((platform.taken(), platform.requests("answer").len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_in_two_events_is_answered_once() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let app = platform.app(folder.path()).await;
    let question = platform.question("q", "forgot password");
    let mut again = question.clone();
    again["header"]["event_id"] = json!("h-other");
    again["event"]["event_id"] = json!("other");
    platform.push(0, &question).await;
    platform.push(0, &again).await;
    platform.push(0, &platform.question("last", "forgot password")).await;
    platform.answered(2).await;
    app.shutdown(10 * SECOND).await;
    assert_eq!(platform.shown().into_keys().collect::<Vec<_>>(), ["last", "q"]);
    assert_eq!(platform.taken(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_at_two_instances_is_answered_once() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let platform = Platform::start(FAQS).await;
    let first = platform.app(one.path()).await;
    // The second knows another list, so it means to give another answer.
    platform.change_faqs(|faqs| faqs.push((3, "forgot password of the printer")));
    platform.change_faqs(|faqs| faqs.retain(|(id, _)| *id != 1));
    let second = platform.app(two.path()).await;
    platform.change_faqs(|faqs| faqs.push(FAQS[0]));
    let question = platform.question("q", "forgot password");
    platform.push(0, &question).await;
    platform.answered(1).await;
    let shown = platform.shown();
    platform.push(1, &question).await;
    platform.requested("answer", 2).await;
    platform.clock().advance(120 * SECOND);
    let left = "deskwire_answer_questions_total{outcome=\"left\"}";
    for _ in 0..2_000 {
        if metric(&second, left).await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(metric(&second, left).await, 1);
    assert_eq!(metric(&second, "deskwire_answer_retries_total").await, 0);
    first.shutdown(10 * SECOND).await;
    second.shutdown(10 * SECOND).await;
    let requests = platform.requests("answer");
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert_ne!(requests[0].body, requests[1].body);
    assert_eq!(platform.shown(), shown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_comes_back_and_the_event_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let _app = platform.app(folder.path()).await;
    let question = platform.question("q", "forgot password");
    platform.push(0, &question).await;
    platform.answered(1).await;
    platform.disconnect();
    platform.clock().pass_until("a connection", || platform.connections() == 1).await;
    platform.push(0, &question).await;
    platform.push(0, &platform.question("next", "connect to the printer")).await;
    platform.answered(2).await;
    assert_eq!(platform.taken(), 2);
}
