//! `deskwire replay`.

use serde_json::Value;

use crate::apply::{DESK, DESK_ID};
use crate::bench::{Bench, Run};

const FAQS: &str = r#"{"id": "password", "question": "How do I reset my password?", "similar": ["forgot password"], "answer": "Open Settings."}
{"id": "vpn", "question": "How do I connect to the VPN?"}
"#;

/// Standard error of a run that failed because of cases.
#[track_caller]
fn failed(run: &Run) -> Vec<&str> {
    assert_eq!(run.status, 1, "{}{}", run.stdout, run.stderr);
    run.stderr.lines().collect()
}

#[test]
fn cases_of_files_need_no_database() {
    let bench = Bench::new();
    bench.write("faqs.jsonl", FAQS);
    let try_cases = |cases: &str, more: &[&str]| {
        bench.write("cases.jsonl", cases);
        bench.run(&[&["replay", "--faqs", "faqs.jsonl", "--cases", "cases.jsonl"], more].concat())
    };
    let good = r#"{"text": "forgot password", "wanted": "password"}
{"text": "How do I connect to the VPN?", "wanted": "How do I connect to the VPN?", "note": "by its question"}
{"text": "qwxz vbnm", "wanted": "nothing"}
"#;
    assert_eq!(try_cases(good, &[]).ok(), "3 of 3 cases passed\n");
    assert_eq!(try_cases("", &[]).ok(), "0 of 0 cases passed\n");
    let bad = r#"{"text": "forgot password", "wanted": "vpn", "note": "asked for by IT"}
{"text": "qwxz vbnm", "wanted": "vpn"}
{"text": "How do I connect to the VPN?", "wanted": "vpn"}
"#;
    let run = try_cases(bad, &[]);
    let lines = failed(&run);
    assert_eq!((lines.len(), lines[0]), (3, "deskwire: 2 of 3 cases failed"), "{lines:?}");
    assert!(
        lines[1].starts_with(
            "deskwire: case \"forgot password\": the direct answer is another FAQ's; \
             wanted: \"How do I connect to the VPN?\" (vpn); shown: "
        ) && lines[1].ends_with("; note: asked for by IT"),
        "{lines:?}"
    );
    assert!(lines[2].contains("nothing is shown") && lines[2].ends_with("shown: nothing"), "{lines:?}");
    let run = try_cases(bad, &["--json"]);
    assert_eq!(failed(&run).len(), 3);
    let told: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&told["cases"], &told["passed"]), (&3.into(), &1.into()));
    assert_eq!(
        (&told["failed"][0]["wanted"]["id"], &told["failed"][0]["shown"]["mode"]),
        (&"vpn".into(), &"direct".into())
    );
    // Other scores: only what fits word by word is shown, so the third one fails too.
    let run = try_cases(bad, &["--direct-score", "1", "--list-score", "1"]);
    assert_eq!(failed(&run)[0], "deskwire: 3 of 3 cases failed");
    assert_eq!(bench.entries(), ["cases.jsonl", "faqs.jsonl"], "no database was made");
}

#[test]
fn a_desk_file_holds_cases_beside_its_faqs() {
    let bench = Bench::new();
    let with = |cases: &str| DESK.to_owned() + "        cases:\n" + cases;
    bench.write(
        "desk.yaml",
        &with("          - {text: I forgot my password, wanted: How do I reset my password?, note: often}\n          - {text: qwxz vbnm, wanted: nothing}\n"),
    );
    assert_eq!(bench.run(&["replay", "--faqs", "desk.yaml", "--cases", "desk.yaml"]).ok(), "2 of 2 cases passed\n");
    assert_eq!(bench.entries(), ["desk.yaml"]);
    let told = bench.run(&["apply", "desk.yaml"]).ok().to_owned();
    assert!(told.contains("created case \"I forgot my password\" of help desk"), "{told}");
    assert_eq!(bench.run(&["apply", "desk.yaml"]).ok(), "desk.yaml: nothing changed\n");
    let exported = bench.run(&["export", "--with-secrets"]).ok().to_owned();
    assert!(exported.contains("wanted: nothing") && exported.contains("6900000000000001001"), "{exported}");
    bench.write("copy.yaml", &exported);
    assert_eq!(bench.run(&["apply", "copy.yaml"]).ok(), "copy.yaml: nothing changed\n");
    assert_eq!(bench.run(&["replay", "--cases"]).ok(), "2 of 2 cases passed\n");
    // What an apply would make of them.
    let other = DESK.replace("How do I reset my password?", "Badges").replace("forgot password", "gate");
    bench.write("other.yaml", &other);
    let run = bench.run(&["replay", "--cases", "--faqs", "other.yaml", "--helpdesk", DESK_ID]);
    let lines = failed(&run);
    assert!(lines[1].contains("nothing is shown; wanted: \"Badges\" (6900000000000001001)"), "{lines:?}");
    assert_eq!(bench.run(&["replay", "--cases"]).ok(), "2 of 2 cases passed\n", "nothing was changed");
    bench.write("desk.yaml", &with("          - {text: qwxz vbnm, wanted: nothing, note: why}\n"));
    let told = bench.run(&["apply", "desk.yaml"]).ok().to_owned();
    assert!(told.contains("updated case \"qwxz vbnm\"") && told.contains("removed case \"I forgot my"), "{told}");
    for (cases, line) in [
        (
            "          - {text: a, wanted: Who?}\n",
            "cases[0].wanted: \"Who?\" is neither the id nor the question of a FAQ",
        ),
        (
            "          - {text: a, wanted: nothing}\n          - {text: a, wanted: nothing}\n",
            "cases[1].text: \"a\" is another case of this help desk already",
        ),
        ("          - {text: a}\n", "cases[0].wanted: is missing"),
    ] {
        bench.write("desk.yaml", &with(cases));
        let run = bench.run(&["apply", "desk.yaml"]);
        assert!(run.fault(2).contains(line), "{}", run.stderr);
    }
}

#[test]
fn past_questions_are_answered_again() {
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    let server = bench.start(&["serve", "--listen", "127.0.0.1:0", "--apply", "desk.yaml"]);
    bench.run(&["ask", "forgot password", "--url", &server.url]).ok();
    bench.run(&["ask", "qwxz vbnm", "--url", &server.url]).ok();
    let told = bench.run(&["replay"]).ok().to_owned();
    assert!(told.contains(&format!("help desk {DESK_ID} (IT help): 2 questions since ")), "{told}");
    let counts = |name: &str| -> Vec<String> {
        let line = told.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().skip(1).map(str::to_owned).collect()
    };
    assert_eq!(counts("then"), ["1", "0", "1", "0", "1", "0", "1"]);
    assert_eq!(counts("then"), counts("now"));
    assert!(told.contains("answered otherwise than then: 0, of them better 0, worse 0"), "{told}");
    bench.write("faqs.jsonl", "{\"question\": \"qwxz vbnm\"}\n");
    let told = bench.run(&["replay", "--faqs", "faqs.jsonl"]).ok().to_owned();
    assert!(told.contains("answered otherwise after the change: 2"), "{told}");
    assert!(told.contains("qwxz vbnm (FAQ faqs[0])"), "{told}");
    let json = bench.run(&["replay", "--faqs", "desk.yaml", "--direct-score", "1", "--json"]).ok().to_owned();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["summary"]["changed"], &json["summary"]["after"]["list"]), (&1.into(), &1.into()));
    assert_eq!(json["questions"][0]["after"]["faqs"][0]["id"], "6900000000000001001");
    let none = bench.run(&["replay", "--since", "0h", "--json"]).ok().to_owned();
    assert_eq!(serde_json::from_str::<Value>(&none).unwrap()["summary"]["questions"], 0);
}

#[test]
fn what_keeps_it_from_trying_is_told_with_another_status() {
    let bench = Bench::new();
    assert!(bench.run(&["replay", "--cases"]).fault(2).contains("is not there"));
    assert!(bench.entries().is_empty());
    bench.write("desk.yaml", DESK);
    bench.run(&["apply", "desk.yaml"]).ok();
    bench.write("faqs.jsonl", FAQS);
    bench.write("twice.jsonl", &FAQS.replace("vpn", "password"));
    bench.write("cases.jsonl", "{\"text\": \"a\", \"wanted\": \"printer\"}\n");
    bench.write("wrong.jsonl", "{\"text\": \"a\", \"faq\": \"printer\"}\n");
    for (args, line) in [
        (&["--helpdesk", "1"][..], "helpdesk: no help desk \"1\"; known are 6900000000000000001 (IT help)"),
        (&["--desk", "1"], "helpdesk: no help desk \"1\"; known are 6900000000000000001 (IT help)"),
        (&["--since", "soon"], "since: value is \"soon\", allowed are days or hours ago"),
        (&["--limit", "0"], "invalid value '0' for '--limit <NUMBER>': allowed is 1 to 10000"),
        (&["--direct-score", "2"], "direct_score: 2 is not in 0..=1"),
        (&["--list-score", "0.9"], "list_score: 0.9 is not in 0..=direct_score (0.8)"),
        (&["--faqs", "none.jsonl"], "faqs: none.jsonl cannot be read"),
        (&["--faqs", "twice.jsonl"], "faqs: twice.jsonl:2: id: \"password\" is another FAQ already"),
        (&["--faqs", "desk.yaml", "--cases", "desk.yaml"], "desk.yaml: the help desk has no cases"),
        (&["--faqs", "faqs.jsonl", "--cases", "wrong.jsonl"], "cases: wrong.jsonl:1: unknown field `faq`"),
        (
            &["--faqs", "faqs.jsonl", "--cases", "cases.jsonl"],
            "cases.jsonl: case \"a\": wanted: \"printer\" is neither",
        ),
        (&["--cases", "cases.jsonl"], "cases.jsonl: case \"a\": wanted: \"printer\" is neither"),
    ] {
        let run = bench.run(&[&["replay"], args].concat());
        assert!(run.fault(2).starts_with(&format!("deskwire: {line}")), "{args:?}: {}", run.stderr);
    }
}
