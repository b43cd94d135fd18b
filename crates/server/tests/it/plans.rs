//! No statement of the domain reads a whole table that grows: SQLite's own plan of each says so.

use std::path::Path;

use db::Param;
use testkit::{Database, TestServer};

/// Tables that grow with use.
const GROWING: &[&str] = &[
    "admin_session",
    "attempt",
    "chat",
    "delivery",
    "faq",
    "faq_change",
    "faq_image",
    "faq_vector",
    "field_value",
    "image",
    "message",
    "notification",
    "notification_member",
    "notification_target",
    "oauth_code",
    "oauth_family",
    "person",
    "question",
    "step",
    "tag",
    "ticket",
    "ticket_agent",
    "ticket_tag",
    "q",
    // Notifications and their addressees and lists in joins.
    "listed",
    "n",
    "target",
];

/// The SQL texts written down in a source file.
fn statements(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some((_, after)) = rest.split_once('"') {
        let end = after.match_indices('"').map(|(i, _)| i).find(|&i| i == 0 || after.as_bytes()[i - 1] != b'\\');
        let Some(end) = end else { break };
        let text = &after[..end];
        if ["SELECT ", "UPDATE ", "DELETE ", "WITH "].iter().any(|verb| text.trim_start().starts_with(verb)) {
            found.push(text);
        }
        rest = &after[end + 1..];
    }
    found
}

fn sources(folder: &Path, into: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("deskfile") {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.to_string_lossy().ends_with("tests.rs") {
            into.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_statement_scans_a_table_that_grows() {
    let server = TestServer::start(Database::sqlite()).await;
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../desk/src"), &mut files);
    let mut looked_at = 0;
    for (file, source) in &files {
        for sql in statements(source) {
            // Pieces of a statement that a macro puts together do not stand alone.
            if sql.matches('(').count() != sql.matches(')').count() || sql.trim_end().ends_with("SELECT 1") {
                continue;
            }
            let count = (1..40).rev().find(|n| sql.contains(&format!("${n}"))).unwrap_or(0);
            let explain: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {sql}").into_boxed_str());
            let plan = server.running.app().db().read_blocking(move |tx| {
                let nothing: Vec<Param<'_>> = (0..count).map(|_| Param::Null).collect();
                tx.query(explain, &nothing, |row| row.string(3))
            });
            let plan = plan.unwrap_or_else(|error| panic!("{file}: {error}\n{sql}"));
            looked_at += 1;
            for step in plan {
                let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
                let whole = scanned.is_some_and(|table| GROWING.contains(&table) && !step.contains("USING"));
                assert!(!whole, "{file}: {step}\n{sql}");
            }
        }
    }
    assert!(looked_at > 50, "only {looked_at} statements were found");
}
