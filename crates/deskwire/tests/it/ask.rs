//! `deskwire ask`, and the tickets it leaves behind.

use std::net::TcpListener;

use crate::apply::DESK;
use crate::bench::Bench;

#[test]
fn an_answer_is_printed_as_the_guest_sees_it_and_its_ticket_can_be_exported() {
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    let server = bench.start(&["dev", "--listen", "127.0.0.1:0", "--apply", "desk.yaml"]);
    let run = bench.run(&["ask", "How do I reset my password?", "--url", &server.url]);
    let text = run.ok();
    assert!(text.starts_with("Open Settings > Security.\n"), "{text}");
    assert!(text.contains("How do I reset my password? (FAQ 6900000000000001001)\n"), "{text}");
    assert!(text.contains("answered by: builtin\n"), "{text}");
    let none = bench.run_with(&["ask", "Which planet is largest?"], &[("DESKWIRE_URL", &server.url)]);
    assert!(none.ok().contains("human: "), "{}", none.stdout);
    let json = bench.run(&["ask", "forgot password", "--json", "--url", &server.url, "--desk", "6900000000000000001"]);
    assert!(json.ok().contains("\"answered_by\": \"builtin\""), "{}", json.stdout);
    let unknown = bench.run(&["ask", "x", "--url", &server.url, "--desk", "6900000000000000009"]);
    let expected = format!("deskwire: {} refused with HTTP 404: no help desk 6900000000000000009", server.url);
    assert_eq!(unknown.fault(1), expected);
    server.stop("-TERM");

    let export = ["export", "--data-dir", "deskwire-data/dev", "--tickets"];
    let jsonl = bench.run(&[&export[..], &["jsonl"]].concat()).ok().to_owned();
    let tickets: Vec<serde_json::Value> = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(tickets.len(), 3);
    let messages = tickets[0]["messages"].as_array().unwrap();
    assert_eq!(messages[0]["from"], "guest");
    assert_eq!(messages[0]["text"], "How do I reset my password?");
    assert!(messages.iter().any(|m| m["from"] == "bot" && m["answer"]["mode"] == "direct"), "{messages:?}");
    let csv = bench.run(&[&export[..], &["csv"]].concat()).ok().to_owned();
    assert_eq!(csv.lines().count(), 4);
    assert!(csv.starts_with("tenant,helpdesk_id,ticket_id,"), "{csv}");
}

#[test]
fn a_desk_where_only_an_app_answers_runs_out_of_time() {
    let bench = Bench::new();
    let subscribed = DESK
        .replace("{by: builtin}", "{by: app}")
        .replace("events: {verification_token: v}", "events: {delivery: long_connection, verification_token: v, types: [helpdesk.ticket_message.created_v1]}")
        .replace("        categories:", "        subscriptions: [{app: cli_a000000000000001, type: helpdesk.ticket_message, subtype: ticket_message.created_v1}]\n        categories:");
    bench.write("desk.yaml", &subscribed);
    let server = bench.start(&["dev", "--listen", "127.0.0.1:0", "--apply", "desk.yaml"]);
    let run = bench.run(&["ask", "forgot password", "--timeout", "1", "--url", &server.url]);
    assert!(run.fault(3).starts_with("deskwire: no answer within 1 s (ticket "), "{}", run.stderr);
}

#[test]
fn a_server_that_is_not_there_is_one_line() {
    let bench = Bench::new();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let run = bench.run(&["ask", "x", "--url", &format!("http://{closed}")]);
    assert_eq!(run.fault(1), format!("deskwire: no server can be reached at http://{closed}; is it running?"));
    let run = bench.run(&["ask", "x", "--url", "desk.test"]);
    assert_eq!(run.fault(2), "deskwire: url: value is \"desk.test\", allowed is an http or https URL");
}
