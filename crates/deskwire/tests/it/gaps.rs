//! `deskwire gaps`, after a server that could not answer.

use serde_json::Value;

use crate::apply::{DESK, DESK_ID};
use crate::bench::Bench;

#[test]
fn what_was_asked_in_vain_is_a_row_or_an_object() {
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    let server = bench.start(&["dev", "--listen", "127.0.0.1:0", "--apply", "desk.yaml"]);
    for question in ["Which planet is largest?", "forgot password", "which planet is the largest"] {
        bench.run(&["ask", question, "--url", &server.url]).ok();
    }
    server.stop("-TERM");
    let gaps = ["gaps", "--data-dir", "deskwire-data/dev"];
    let objects = bench.run(&[&gaps[..], &["--json"]].concat()).ok().to_owned();
    let gap: Value = serde_json::from_str(&objects).unwrap();
    assert_eq!(
        (gap["guests"].as_i64(), gap["unanswered"].as_i64(), &gap["proposal"]),
        (Some(2), Some(2), &"answer_needed".into())
    );
    assert_eq!((gap["helpdesk_id"].as_str(), gap["id"].as_str().map(str::len)), (Some(DESK_ID), Some(16)));
    let ticket = gap["examples"][0]["ticket_id"].as_str().unwrap();
    let table = bench.run(&gaps).ok().to_owned();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "guests  asked  help desk            last ticket          proposal         question");
    assert_eq!(
        lines[1],
        format!("2       2      {DESK_ID}  {ticket}  needs an answer  {}", gap["question"].as_str().unwrap())
    );
    assert_eq!(lines.len(), 2, "what was answered is no gap: {table}");
    let unknown = bench.run(&[&gaps[..], &["--desk", "7"]].concat());
    assert_eq!(unknown.fault(1), format!("deskwire: desk: no help desk \"7\"; known are {DESK_ID}"));
}

#[test]
fn a_desk_without_gaps_has_no_table() {
    let bench = Bench::new();
    assert!(bench.run(&["gaps"]).fault(1).contains("is not there"));
    bench.write("desk.yaml", DESK);
    bench.run(&["apply", "desk.yaml"]).ok();
    assert_eq!(bench.run(&["gaps"]).ok(), "");
}
