//! The Rust SDKs, unmodified, against a running Deskwire; `scripts/conformance rust` runs this.

mod guest;
mod larksuite;
mod openlark;
mod server;

/// `sender_type` of a guest.
const GUEST: i32 = 2;
/// What the bots know an answer to.
const CJK: &str = "打印机 坏了 / printer \"broken\" \\ <b>& 🖨 👩\u{200d}👩\u{200d}👧";
/// The same, but each bot fails at its first sight of it.
const STUMBLE: &str = "stumble over this";

/// What an app subscribes to, as type and subtype.
const SUBSCRIBED: [(&str, &str); 3] = [
    ("helpdesk.ticket", "ticket.created_v1"),
    ("helpdesk.ticket", "ticket.updated_v1"),
    ("helpdesk.ticket_message", "ticket_message.created_v1"),
];

/// The id of the FAQ that answers, for the questions that have an answer.
fn known(question: &str) -> Option<String> {
    let known = [CJK, STUMBLE].contains(&question) || server::faq(0)["question"] == question;
    known.then(|| server::text(server::faq(0), "id"))
}

/// The most characters that an app may send, about 100 kB. The event holds them twice, with escapes more than the 256
/// KiB of a frame, so it comes in parts.
fn long_text() -> String {
    let long: String = "🧾🖨📠\u{1b}".chars().cycle().take(30_000).collect();
    let as_json = serde_json::to_string(&long).unwrap();
    assert!(2 * as_json.len() > 256 * 1024, "{}", as_json.len());
    long
}
