//! `deskwire events`, beside a running server.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use crate::bench::Bench;

const APP: &str = "cli_a000000000000001";
/// Nobody listens there, so each attempt fails at once.
const DESK: &str = r#"
version: 1
tenants:
  - key: demo
    name: Demo Ltd
    users: [{id: u_ada, name: Ada, open_id: ou_ada}]
    apps:
      - app_id: cli_a000000000000001
        app_secret: demo-secret
        type: custom
        scopes: ["helpdesk:all"]
        events: {delivery: webhook, url: "http://127.0.0.1:9/events", verification_token: v-token, encrypt_key: e-key,
                 types: [helpdesk.ticket_message.created_v1]}
    helpdesks:
      - id: "6900000000000000001"
        token: ht-demo
        name: IT help
        owner: u_ada
        answering: {by: app}
        subscriptions: [{app: cli_a000000000000001, type: helpdesk.ticket_message, subtype: ticket_message.created_v1}]
"#;

fn patient(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(20), "waited for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A running `deskwire events tail`; killed when it is dropped.
struct Tail {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Tail {
    fn start(bench: &Bench, args: &[&str]) -> Self {
        let args = [&["events", "tail", "--app", APP][..], args].concat();
        let mut child = bench.command(&args);
        let mut child = child.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary starts");
        let lines = BufReader::new(child.stdout.take().expect("standard output is piped")).lines();
        Self { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("it runs on").expect("text")
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }
}

#[test]
fn an_event_is_followed_listed_shown_and_sent_again() {
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    let server = bench.start(&["serve", "--listen", "127.0.0.1:0", "--apply", "desk.yaml", "--allow-private-webhooks"]);
    let (mut tail, mut plain) = (Tail::start(&bench, &["--color", "always"]), Tail::start(&bench, &[]));
    // It prints nothing until something happens; an event after its start is seen.
    std::thread::sleep(Duration::from_secs(2));
    // Nobody answers.
    bench.run(&["ask", "Is anybody there?", "--url", &server.url, "--timeout", "1"]).fault(3);
    let event = tail.line();
    assert!(event.contains("helpdesk.ticket_message.created_v1") && event.starts_with("\u{1b}[2m"), "{event}");
    let attempt = tail.line();
    assert!(attempt.contains("#1") && attempt.starts_with("\u{1b}[31m"), "no answer at all is red: {attempt}");
    for coloured in [event, attempt] {
        let bare = coloured.split_once('m').unwrap().1.trim_end_matches("\u{1b}[0m").to_owned();
        assert_eq!(plain.line(), bare, "no colours into a pipe");
    }
    drop((tail, plain));

    let list = bench.run(&["events", "list"]).ok().to_owned();
    assert_eq!(list.lines().count(), 1, "{list}");
    let id = list.split_whitespace().next().unwrap().to_owned();
    assert!(list.contains(APP) && list.contains("pending") && list.contains("1 attempts"), "{list}");
    assert_eq!(bench.run(&["events", "list", "--state", "delivered"]).ok(), "");
    assert_eq!(bench.run(&["events", "list", "--state", "pending", "--app", APP]).ok(), list);
    assert_eq!(bench.run(&["events", "dead"]).ok(), "");
    let json: serde_json::Value = serde_json::from_str(bench.run(&["events", "list", "--json"]).ok()).unwrap();
    assert_eq!((&json["delivery_id"], &json["state"]), (&id.clone().into(), &"pending".into()));
    let ticket = json["ticket_id"].as_str().unwrap();
    assert_eq!(bench.run(&["events", "list", "--ticket", ticket]).ok(), list);
    assert_eq!(bench.run(&["events", "list", "--before", &id]).ok(), "");
    for name in ["event_id", "header_event_id"] {
        assert_eq!(bench.run(&["events", "list", "--event", json[name].as_str().unwrap()]).ok(), list);
    }
    let other = "00000000-0000-4000-8000-000000000000";
    assert_eq!(bench.run(&["events", "list", "--event", other]).ok(), "");
    assert_eq!(bench.run(&["events", "list", "--type", "helpdesk.ticket_message.created_v1"]).ok(), list);
    assert_eq!(bench.run(&["events", "list", "--type", "helpdesk.ticket.updated_v1"]).ok(), "");

    let shown = bench.run(&["events", "show", &id]).ok().to_owned();
    for text in ["Is anybody there?", "encrypted and signed", "attempt   1", "next attempt", "\"token\": \"…\""] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    assert!(bench.run(&["events", "show", &id, "--secrets"]).ok().contains("v-token"));
    let curl = bench.run(&["events", "show", &id, "--curl"]).ok().to_owned();
    assert!(
        curl.starts_with("curl -X POST 'http://127.0.0.1:9/events'") && curl.contains("X-Lark-Signature"),
        "{curl}"
    );

    // One that begins now sees what becomes of what was there before.
    let mut tail = Tail::start(&bench, &["--ticket", ticket]);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(bench.run(&["events", "resend", &id]).ok(), format!("{id} will be sent again\n"));
    let resend = tail.line();
    assert!(resend.contains(&format!("delivery {id}  by command line")), "{resend}");
    let again = tail.line();
    assert!(again.contains("attempt") && again.contains("#2"), "{again}");
    patient("the second attempt", || bench.run(&["events", "list"]).ok().contains("2 attempts"));
    assert_eq!(bench.run(&["events", "resend", "--dead", "--app", APP]).ok(), "0 deliveries will be sent again\n");
}

#[test]
fn a_plain_curl_command_has_the_token_only_if_asked_for() {
    let bench = Bench::new();
    let plain = DESK.replace(", encrypt_key: e-key", "");
    assert_ne!(plain, DESK);
    bench.write("desk.yaml", &plain);
    let server = bench.start(&["serve", "--listen", "127.0.0.1:0", "--apply", "desk.yaml", "--allow-private-webhooks"]);
    bench.run(&["ask", "It's \"odd\"", "--url", &server.url, "--timeout", "1"]).fault(3);
    let list = bench.run(&["events", "list"]).ok().to_owned();
    let id = list.split_whitespace().next().unwrap();
    let hidden = bench.run(&["events", "show", id, "--curl"]).ok().to_owned();
    assert!(!hidden.contains("v-token") && hidden.contains(r#""token":"…""#), "{hidden}");
    assert!(hidden.contains(r#"It'\''s \"odd\""#) && !hidden.contains("X-Lark-Signature"), "{hidden}");
    let whole = bench.run(&["events", "show", id, "--curl", "--secrets"]).ok().to_owned();
    assert!(whole.contains(r#""token":"v-token""#), "{whole}");
}

#[test]
fn beside_a_developers_server_its_data_folder_is_named() {
    let bench = Bench::new();
    let server = bench.start(&["dev", "--listen", "127.0.0.1:0"]);
    let told = bench.run(&["events", "list"]);
    let line = told.fault(1);
    let folder = line.rsplit_once("--data-dir ").unwrap_or_else(|| panic!("{line}")).1;
    assert_eq!(bench.run(&["events", "list", "--data-dir", folder]).ok(), "");
    drop(server);
}

#[test]
fn what_is_not_there_is_told_in_one_line() {
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    bench.run(&["apply", "desk.yaml"]).ok();
    for (args, line) in [
        (
            &["events", "show", "6900000000000000009"][..],
            "deskwire: no delivery 6900000000000000009; `deskwire events list` prints their ids",
        ),
        (&["events", "show", "x"], "deskwire: delivery_id: \"x\" is no id; ids have 19 digits"),
        (&["events", "resend", "6900000000000000009"], "deskwire: no delivery 6900000000000000009 in this help desk"),
        (&["events", "list", "--app", "cli_x"], "deskwire: app: no app \"cli_x\"; known are cli_a000000000000001"),
        (&["events", "list", "--ticket", "x"], "deskwire: ticket: \"x\" is no ticket id; ids have 19 digits"),
        (
            &["events", "list", "--event", "x"],
            "deskwire: event: \"x\" is no event id; it is a UUID in an event's body, and 32 hex digits in its header",
        ),
        (
            &["events", "list", "--type", "x"],
            "deskwire: type: \"x\" is no event type; known are helpdesk.ticket.created_v1, helpdesk.ticket.updated_v1, \
             helpdesk.ticket_message.created_v1, helpdesk.notification.approve_v1",
        ),
    ] {
        assert_eq!(bench.run(args).fault(1), line);
    }
    assert_eq!(bench.run(&["events", "resend"]).status, 2);
    assert_eq!(bench.run(&["events", "resend", "--dead"]).status, 2);
}
