//! `docs/compatibility.md` has a row for every endpoint, and the tests it names are there.

use std::path::Path;

use super::{EXPECTED, reference};

/// A row of the table of endpoints.
struct Row {
    endpoint: String,
    call: String,
    state: String,
    tests: String,
}

/// The rows of the section about endpoints: id and call, state, notes, tests.
fn rows(page: &str) -> Vec<Row> {
    let section = page.split("\n## ").find(|section| section.starts_with("Endpoints")).expect("the section");
    let lines = section.lines().filter(|line| line.starts_with("| `"));
    let cells = lines.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect::<Vec<_>>());
    let row = |cells: Vec<&str>| {
        let names = ticked(cells[0]);
        Row {
            endpoint: names[0].to_owned(),
            call: names[1].to_owned(),
            state: cells[1].to_owned(),
            tests: cells.last().expect("cells").to_string(),
        }
    };
    cells.map(row).collect()
}

/// What stands in backticks.
fn ticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// A file that may hold tests.
struct Source {
    /// The module's name, if it is a module of these tests or a file of `conformance`.
    module: Option<String>,
    text: String,
}

/// These tests, the unit tests beside the server's code, and `conformance`.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    let mut folders = vec![root.join("crates/server/src"), root.join("crates/server/tests"), root.join("conformance")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let is_source = path.extension().is_some_and(|ending| ending == "rs" || ending == "py" || ending == "js");
            if path.is_dir() && !["node_modules", ".venv", "target"].contains(&name.as_str()) {
                folders.push(path);
            } else if is_source {
                let text = std::fs::read_to_string(&path).unwrap();
                let beside = path.starts_with(root.join("crates/server/src"));
                if !beside || text.contains("#[test]") || text.contains("#[tokio::test") {
                    found.push(Source { module: (!beside).then_some(name), text });
                }
            }
        }
    }
    found
}

#[test]
fn every_endpoint_has_a_row_that_names_its_tests() {
    let page = include_str!("../../../../../docs/compatibility.md");
    let rows = rows(page);
    let sources = sources();
    let is_test = |name: &str| {
        let functions = [format!("fn {name}("), format!("def {name}(")];
        let holds = |source: &Source| functions.iter().any(|function| source.text.contains(function));
        sources.iter().any(|source| source.module.as_deref() == Some(name) || holds(source))
    };
    let mut faults = Vec::new();
    let mut there = 0;
    for endpoint in reference::read().endpoints {
        let Some(row) = rows.iter().find(|row| row.endpoint == endpoint.id) else {
            faults.push(format!("{} has no row", endpoint.id));
            continue;
        };
        let path = endpoint.path.strip_prefix("/open-apis/helpdesk/v1").unwrap();
        if row.call != format!("{} {path}", endpoint.method) {
            faults.push(format!("{} is {} {path}, not {}", endpoint.id, endpoint.method, row.call));
        }
        if row.state != "there" {
            continue;
        }
        there += 1;
        let named = ticked(&row.tests);
        if named.is_empty() {
            faults.push(format!("{} names no test", endpoint.id));
        }
        let missing = named.into_iter().filter(|name| !is_test(name));
        faults.extend(missing.map(|name| format!("{}: there is no test {name}", endpoint.id)));
    }
    assert_eq!(rows.len(), 50);
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(there, EXPECTED);
}
