//! What a desk file does is the same on both databases.

use testkit::Database;

use crate::apply::DESK;
use crate::bench::Bench;

fn run(database: &Database) {
    let bench = Bench::new();
    let data_dir = database.folder.path().to_str().expect("a path in UTF-8");
    let store = ["--database", &database.url, "--data-dir", data_dir];
    let run = |args: &[&str]| bench.run(&[args, &store].concat());
    bench.write("desk.yaml", DESK);
    let rehearsed = run(&["apply", "desk.yaml", "--dry-run"]).ok().to_owned();
    assert!(rehearsed.contains("7 created"), "{rehearsed}");
    let applied = run(&["apply", "desk.yaml"]).ok().to_owned();
    assert!(applied.ends_with("desk.yaml: 7 created, 0 updated, 0 removed\n"), "{applied}");
    assert_eq!(run(&["apply", "desk.yaml"]).ok(), "desk.yaml: nothing changed\n");
    let exported = run(&["export", "--with-secrets"]).ok().to_owned();
    bench.write("copy.yaml", &exported);
    assert_eq!(run(&["apply", "copy.yaml"]).ok(), "copy.yaml: nothing changed\n");
    let changed = DESK.replace("IT help", "Help").replace("name: Ada", "name: Ada K.").replace("Security", "Privacy");
    let start = changed.find("        categories:").expect("the desk has categories");
    bench.write("desk.yaml", &changed);
    assert!(run(&["apply", "desk.yaml"]).ok().ends_with("0 created, 3 updated, 0 removed\n"));
    bench.write("desk.yaml", &format!("{}        categories: []\n        faqs: []\n", &changed[..start]));
    assert!(run(&["apply", "desk.yaml"]).ok().ends_with("0 created, 0 updated, 2 removed\n"));
    bench.write("desk.yaml", &changed);
    assert!(run(&["apply", "desk.yaml"]).ok().ends_with("1 created, 1 updated, 0 removed\n"));
    assert_eq!(run(&["export", "--tickets", "jsonl"]).ok(), "");
}

#[test]
fn sqlite() {
    run(&Database::sqlite());
}

#[test]
fn postgres() {
    run(&Database::postgres());
}
