//! Rules of the house that a machine can check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

const SOURCE_LINES_MAX: usize = 520;
const TEST_LINES_MAX: usize = 1_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// All Rust files of the workspace with their text.
fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(files.len() > 100, "the sources were not found");
    files
}

#[test]
fn files_are_small() {
    let too_long: Vec<String> = sources()
        .into_iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(name, lines)| {
            let test = name.contains("/tests/") || name.ends_with("tests.rs");
            *lines > if test { TEST_LINES_MAX } else { SOURCE_LINES_MAX }
        })
        .map(|(name, lines)| format!("{name} has {lines} lines"))
        .collect();
    assert!(too_long.is_empty(), "look whether each holds two things: {too_long:?}");
}

#[test]
fn nothing_is_called_util_and_nothing_is_left_to_do() {
    let unfinished = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("unimplemented", "!(")];
    for (name, text) in sources() {
        for word in unfinished {
            assert!(!text.contains(word), "{name} holds {word}");
        }
        for vague in ["util", "utils", "helpers", "common"] {
            assert!(!text.contains(&format!("mod {vague};")), "{name}: {vague} names no room for one thing");
        }
    }
}

#[test]
fn the_servers_lints_are_those_of_all_and_more() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let (all, servers) = (read("clippy.toml"), read("crates/server/clippy.toml"));
    assert!(all.lines().count() > 5);
    for line in all.lines() {
        assert!(servers.lines().any(|own| own == line), "crates/server/clippy.toml lacks {line}");
    }
}

#[test]
fn dependencies_point_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("wire", &[][..]),
        ("db", &[]),
        ("retrieval", &[]),
        ("embed", &[]),
        ("desk", &["db"]),
        ("server", &["wire", "db", "desk", "retrieval", "embed"]),
        ("answerer", &["wire", "db", "retrieval"]),
        ("deskwire", &["server", "answerer", "desk", "db", "retrieval", "embed"]),
        ("testkit", &["server", "desk", "db"]),
        ("bench", &["server", "desk", "db", "embed", "wire"]),
    ]);
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(ours, allowed.keys().copied().collect::<BTreeSet<_>>());
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let used = package["dependencies"].as_array().unwrap().iter().filter(|d| d["kind"].is_null());
        for used in used.map(|d| d["name"].as_str().unwrap()).filter(|d| ours.contains(d)) {
            assert!(allowed[name].contains(&used), "{name} must not use {used}");
        }
        // The domain is synchronous and knows no HTTP.
        if name == "desk" {
            let banned = ["tokio", "axum", "reqwest", "hyper", "wire"];
            for dependency in package["dependencies"].as_array().unwrap() {
                assert!(!banned.contains(&dependency["name"].as_str().unwrap()), "desk must not use {dependency}");
            }
        }
    }
}

#[test]
fn only_db_knows_which_database_runs() {
    for (name, text) in sources() {
        let may = ["crates/db/", "crates/testkit/", "crates/bench/"].iter().any(|folder| name.starts_with(folder));
        for word in ["rusqlite::", "postgres::Client", "PRAGMA "] {
            let here = name.ends_with("tidy.rs");
            assert!(may || here || !text.contains(word), "{name} holds {word}");
        }
    }
}

#[test]
fn an_endpoint_lies_where_its_name_says() {
    let router = std::fs::read_to_string(root().join("crates/server/src/router.rs")).unwrap();
    let reference = std::fs::read_to_string(root().join("crates/server/testdata/helpdesk-v1.json")).unwrap();
    let reference: Value = serde_json::from_str(&reference).unwrap();
    let listed = reference["endpoints"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap());
    let mut missing: BTreeSet<&str> = listed.collect();
    for (name, text) in sources() {
        let Some(rest) = name.strip_prefix("crates/server/src/api/") else { continue };
        let Some((_, id)) = text.split_once("const ID: &'static str = \"") else { continue };
        let id = id.split('"').next().unwrap();
        if rest.contains("tests") || id.is_empty() || !rest.contains('/') || rest.starts_with("auth/") {
            continue;
        }
        assert_eq!(rest, format!("{}.rs", id.replace('.', "/")), "{id} lies in {name}");
        let route = format!(".with::<{}::", id.replace('.', "::"));
        assert!(router.contains(&route), "{id} is not in the router");
        assert!(missing.remove(id), "{id} is not in the reference, or there twice");
    }
    assert!(missing.is_empty(), "endpoints without a file: {missing:?}");
}
