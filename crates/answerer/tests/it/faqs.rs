//! A list of FAQs that changes while it is read.

use std::time::Duration;

use crate::platform::{Fault, Platform};

const FAQS: &[(i64, &str)] =
    &[(1, "order a badge"), (2, "connect to the printer"), (3, "forgot password"), (4, "book a meeting room")];
const MINUTE: Duration = Duration::from_mins(1);

/// Asks and answers the ids of the FAQs that the guest sees.
async fn ask(platform: &Platform, id: &str, text: &str) -> Vec<String> {
    let before = platform.shown().len();
    platform.push(0, &platform.question(id, text)).await;
    platform.answered(before + 1).await;
    let shown = platform.shown();
    let faqs = shown[id].as_array().expect("a list");
    faqs.iter().map(|faq| faq["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_faq_skipped_between_two_pages_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    platform.page_max(2);
    let _app = platform.app(folder.path()).await;
    let reads = platform.requests("faqs").len();
    // With the first gone, the third stands on the page that has been read already.
    platform.between_pages(|faqs| faqs.retain(|(id, _)| *id != 1));
    platform.clock().asked(MINUTE..=MINUTE).await;
    platform.clock().advance(MINUTE);
    // Two pages, and two of the second reading; then the list is settled.
    platform.requested("faqs", reads + 4).await;
    assert!(platform.changed_between_pages());
    // Waits for the round's end: the next one begins a minute later.
    platform.clock().asked(MINUTE..=MINUTE).await;
    assert_eq!(ask(&platform, "q", "forgot password").await, ["3"]);
    assert_eq!(platform.requests("answer").len(), 1);
    assert!(!ask(&platform, "gone", "order a badge").await.contains(&"1".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_names_a_deleted_faq_is_ranked_anew() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let _app = platform.app(folder.path()).await;
    platform.change_faqs(|faqs| faqs.retain(|(id, _)| *id != 3));
    platform.change_faqs(|faqs| faqs.push((5, "forgot password")));
    assert_eq!(ask(&platform, "q", "forgot password").await, ["5"]);
    assert_eq!(platform.requests("answer").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_faq_read_in_a_round_that_failed_is_forgotten_when_it_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start(FAQS).await;
    let _app = platform.app(folder.path()).await;
    platform.page_max(1);
    platform.change_faqs(|faqs| faqs.insert(0, (6, "renew the parking permit")));
    // The first page is given, the second is not, so often that the round is given up.
    platform.fail("faqs", &[&[Fault::Fine][..], &[Fault::Broken; 40]].concat());
    let reads = platform.requests("faqs").len();
    platform.clock().asked(MINUTE..=MINUTE).await;
    platform.clock().advance(MINUTE);
    platform.clock().pass_until("a round that fails", || platform.requests("faqs").len() > reads + 6).await;
    platform.change_faqs(|faqs| faqs.retain(|(id, _)| *id != 6));
    platform.recover("faqs");
    platform.push(0, &platform.question("q", "renew the parking permit")).await;
    platform.clock().pass_until("an answer", || platform.taken() == 1).await;
    assert!(!platform.shown()["q"].to_string().contains("\"6\""));
}
