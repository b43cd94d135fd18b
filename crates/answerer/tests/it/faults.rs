//! What the platform refuses, limits and breaks.

use std::time::Duration;

use answerer::{Answerer, Clock};

use crate::platform::{Fault, Platform, metric};

const FAQS: &[(i64, &str)] = &[(1, "forgot password"), (2, "connect to the printer")];
const SECOND: Duration = Duration::from_secs(1);
/// More faults than the app tries a call in one go.
const MANY: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_refused_inside_400_is_renewed_once_for_all_calls() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let _app = platform.app(folder.path()).await;
    assert_eq!(platform.tokens(), 1);
    platform.expire_token(8);
    for id in 0..8 {
        platform.push(0, &platform.question(&format!("q{id}"), "forgot password")).await;
    }
    platform.answered(8).await;
    assert_eq!((platform.requests("token").len(), platform.tokens(), platform.taken()), (2, 2, 8));
    assert_eq!(platform.shown()["q3"][0]["id"], "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_renewed_before_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let _app = platform.app(folder.path()).await;
    platform.clock().advance(Duration::from_secs(7_200 - 299));
    platform.push(0, &platform.question("q", "forgot password")).await;
    platform.answered(1).await;
    // The old one was still good: nothing was refused.
    assert_eq!((platform.tokens(), platform.requests("answer").len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_waited_for_as_long_as_the_platform_says() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let _app = platform.app(folder.path()).await;
    platform.fail("answer", &[Fault::Limited(37)]);
    platform.push(0, &platform.question("q", "forgot password")).await;
    platform.clock().asked(37 * SECOND..=38 * SECOND).await;
    platform.clock().advance(36 * SECOND);
    platform.clock().advance(2 * SECOND);
    platform.answered(1).await;
    let requests = platform.requests("answer");
    assert_eq!((requests.len(), platform.taken()), (2, 1));
    assert!(requests[1].at >= requests[0].at + 37 * SECOND, "{requests:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_are_tried_again_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let app = platform.app(folder.path()).await;
    platform.fail("answer", &[Fault::Status(502), Fault::Broken, Fault::Status(500), Fault::Status(200)]);
    platform.push(0, &platform.question("q", "forgot password")).await;
    platform.clock().pass_until("an answer", || platform.taken() == 1).await;
    assert_eq!(platform.requests("answer").len(), 5);
    assert_eq!(metric(&app, "deskwire_answer_retries_total").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_given_up_after_five_tries_and_answered_when_the_platform_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let app = platform.app(folder.path()).await;
    platform.fail("answer", &[Fault::Broken; MANY]);
    platform.push(0, &platform.question("q", "forgot password")).await;
    platform.clock().pass_until("the first tries", || platform.requests("answer").len() >= 5).await;
    // The fifth failure ends the call; the ledger brings the question again.
    platform.clock().pass_until("more tries", || platform.requests("answer").len() > 5).await;
    assert_eq!(metric(&app, "deskwire_answer_retries_total").await, 1);
    assert_eq!(platform.taken(), 0);
    platform.recover("answer");
    platform.clock().pass_until("an answer", || platform.taken() == 1).await;
    app.shutdown(10 * SECOND).await;
    assert_eq!((platform.taken(), platform.shown()["q"][0]["id"].as_str()), (1, Some("1")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_again_is_the_same_call_even_if_the_faqs_changed() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let app = platform.app(folder.path()).await;
    // The guest has the answer from the first try on; the app never hears of it.
    platform.fail("answer", &[Fault::DoneThenBroken; 5]);
    platform.push(0, &platform.question("q", "forgot password")).await;
    platform.requested("answer", 1).await;
    let reads = platform.requests("faqs").len();
    platform.change_faqs(|faqs| faqs.insert(0, (3, "forgot password, what now")));
    app.shutdown(Duration::ZERO).await;
    platform.recover("answer");
    let app = platform.app(folder.path()).await;
    assert!(platform.requests("faqs").len() > reads);
    platform.clock().pass_until("a repetition", || platform.requests("answer").len() >= 2).await;
    let requests = platform.requests("answer");
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| request.body == requests[0].body), "{requests:?}");
    app.shutdown(10 * SECOND).await;
    assert_eq!(platform.shown().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_starts_when_the_token_endpoint_comes_up() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    platform.fail("token", &[Fault::Status(503), Fault::Broken].repeat(MANY));
    let starting = tokio::spawn(Answerer::start(platform.settings(folder.path())));
    platform.clock().pass_until("tries", || platform.requests("token").len() > 6).await;
    assert!(!starting.is_finished() && platform.requests("faqs").is_empty());
    platform.recover("token");
    platform.clock().pass_until("a start", || starting.is_finished()).await;
    let _app = starting.await.unwrap().unwrap();
    platform.push(0, &platform.question("q", "forgot password")).await;
    platform.answered(1).await;
    assert_eq!((platform.tokens(), platform.taken()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_grow_too_old_to_answer() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let app = platform.app(folder.path()).await;
    let old = platform.question("old", "forgot password");
    platform.clock().advance(3_601 * SECOND);
    let now = platform.clock().unix_ms();
    platform.push(0, &old).await;
    platform.push(0, &platform.question("new", "forgot password")).await;
    platform.answered(1).await;
    app.shutdown(10 * SECOND).await;
    assert_eq!((platform.clock().unix_ms(), platform.shown().len()), (now, 1));
    assert!(platform.shown().contains_key("new"));
}
