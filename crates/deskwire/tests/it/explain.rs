//! `deskwire explain`.

use crate::apply::{DESK, DESK_ID};
use crate::bench::Bench;

const FAQ_ID: &str = "6900000000000001001";

#[test]
fn a_question_is_explained_from_the_database() {
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    bench.run(&["apply", "desk.yaml"]).ok();
    let run = bench.run(&["explain", "forgot my pasword"]);
    let text = run.ok();
    let named = format!("How do I reset my password? (FAQ {FAQ_ID})");
    for part in [&named, "words:   forgot ", "unknown: pasword", "matched  similar question 1: forgot password"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    for part in ["direct_score 0.8", "letters ", "score    ", "constant "] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let exact = bench.run(&["explain", "Forgot password!", "--helpdesk", DESK_ID]).ok().to_owned();
    assert!(exact.starts_with("direct: ") && exact.contains("(exactly)"), "{exact}");
    let json = bench.run(&["explain", "forgot my pasword", "--json", "--desk", DESK_ID, "--faq", FAQ_ID]);
    let json: serde_json::Value = serde_json::from_str(json.ok()).unwrap();
    assert_eq!(json["faqs"][0]["matched"]["text"], "forgot password");
    assert!(bench.run(&["explain", "qqqq"]).ok().starts_with("none: no FAQ has anything to do with the question\n"));
}

#[test]
fn what_cannot_be_explained_is_one_line() {
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    bench.run(&["apply", "desk.yaml"]).ok();
    for (args, line) in [
        (&["explain", " "][..], "deskwire: text: must not be empty"),
        (
            &["explain", "x", "--desk", "1"],
            "deskwire: desk: no help desk \"1\"; known are 6900000000000000001 (IT help)",
        ),
        (&["explain", "x", "--faq", "x"], "deskwire: faq: \"x\" is no FAQ id; ids have 19 digits"),
        (&["explain", "x", "--faq", "7"], "deskwire: no FAQ 7 in this help desk"),
    ] {
        assert_eq!(bench.run(args).fault(1), line);
    }
    assert_eq!(bench.run(&["explain", "x", "--limit", "21"]).status, 2);
}
