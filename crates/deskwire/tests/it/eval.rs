//! `deskwire eval`.

#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

use serde_json::Value;

use crate::bench::Bench;

const SET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../retrieval/testdata/helpdesk-shop");

#[test]
fn each_query_gets_scored_hits_and_most_first_ones_are_right() {
    let bench = Bench::new();
    let (faqs, queries) = (format!("{SET}/faqs.jsonl"), format!("{SET}/queries.jsonl"));
    let told = bench.run(&["eval", "--faqs", &faqs, "--queries", &queries, "--out", "results.jsonl"]);
    assert_eq!(told.ok(), "160 queries over 33 FAQs: results.jsonl\n");
    let lines = |text: &str| -> Vec<Value> { text.lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
    let results = lines(&std::fs::read_to_string(bench.path("results.jsonl")).unwrap());
    let queries = lines(&std::fs::read_to_string(queries).unwrap());
    assert_eq!(results.len(), queries.len());
    let (mut asked, mut right) = (0, 0);
    for (number, (result, query)) in results.iter().zip(&queries).enumerate() {
        assert_eq!(result["query_index"], number);
        let hits = result["hits"].as_array().unwrap();
        let scores: Vec<f64> = hits.iter().map(|hit| hit["score"].as_f64().unwrap()).collect();
        assert!(
            scores.iter().all(|score| (0.0..=1.0).contains(score)) && scores.is_sorted_by(|a, b| a >= b),
            "{result}"
        );
        if query["oos"] == false {
            asked += 1;
            right += i32::from(
                query["relevant"].as_array().unwrap().iter().any(|id| hits.first().is_some_and(|hit| hit["id"] == *id)),
            );
        }
    }
    // Half of them at least; how good it is, is measured, not tested.
    assert!(2 * right > asked, "{right} of {asked}");
}

#[test]
fn a_model_finds_what_shares_no_word() {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.models/all-MiniLM-L6-v2");
    let model = std::env::var("DESKWIRE_TEST_MODEL").unwrap_or_else(|_| usual.to_owned());
    if !std::path::Path::new(&model).join("model.safetensors").exists() {
        eprintln!("SKIPPED: there is no model in {model}; scripts/model fetches it");
        return;
    }
    let bench = Bench::new();
    let faqs = [
        r#"{"id": "password", "question": "How do I reset my password?"}"#,
        r#"{"id": "room", "question": "Booking a conference room"}"#,
        r#"{"id": "leave", "question": "怎么请年假"}"#,
    ];
    bench.write("faqs.jsonl", &faqs.join("\n"));
    bench.write("queries.jsonl", "{\"text\": \"forgotten login credentials\"}\n{\"text\": \"年假\"}\n");
    let first = |args: &[&str]| -> Vec<Value> {
        let all = [&["eval", "--faqs", "faqs.jsonl", "--queries", "queries.jsonl", "--out", "r.jsonl"], args].concat();
        bench.run(&all).ok();
        let told = std::fs::read_to_string(bench.path("r.jsonl")).unwrap();
        told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["hits"][0]["id"].clone()).collect()
    };
    assert_eq!(first(&[]), [Value::Null, "leave".into()]);
    assert_eq!(first(&["--model", &model]), ["password", "leave"]);
    let run = bench.run(&[
        "eval",
        "--faqs",
        "faqs.jsonl",
        "--queries",
        "queries.jsonl",
        "--out",
        "r.jsonl",
        "--model",
        "none",
    ]);
    assert!(run.fault(2).starts_with("deskwire: model: "), "{}", run.stderr);
}

#[test]
fn a_wrong_file_is_one_line_with_its_place() {
    let bench = Bench::new();
    bench.write("faqs.jsonl", "{\"id\": \"1\", \"question\": \"a\"}\n{\"id\": 2}\n");
    bench.write("queries.jsonl", "{\"text\": \"a\"}\n");
    let run = bench.run(&["eval", "--faqs", "faqs.jsonl", "--queries", "queries.jsonl", "--out", "r.jsonl"]);
    assert!(run.fault(2).starts_with("deskwire: faqs: faqs.jsonl:2: "), "{}", run.stderr);
    let run = bench.run(&["eval", "--faqs", "none.jsonl", "--queries", "queries.jsonl", "--out", "r.jsonl"]);
    assert!(run.fault(2).starts_with("deskwire: faqs: none.jsonl cannot be read"), "{}", run.stderr);
    assert_eq!(bench.entries(), ["faqs.jsonl", "queries.jsonl"]);
}
