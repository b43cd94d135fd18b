//! `deskwire apply`, and desk files of the servers.

use crate::bench::Bench;

/// The help desk of [`DESK`].
pub const DESK_ID: &str = "6900000000000000001";
/// The app of [`DESK`].
pub const APP_ID: &str = "cli_a000000000000001";
/// A small desk that answers by itself.
pub const DESK: &str = r#"version: 1
tenants:
  - key: demo
    name: Demo Ltd
    users:
      - {id: u_ada, name: Ada, email: ada@demo.test, password: ada-demo, open_id: ou_ada}
    apps:
      - {app_id: cli_a000000000000001, app_secret: s, scopes: ["helpdesk:all"], events: {verification_token: v}}
    helpdesks:
      - id: "6900000000000000001"
        token: ht-demo
        name: IT help
        widget_secret: w
        owner: u_ada
        answering: {by: builtin}
        categories: [{name: Accounts}]
        faqs:
          - {id: "6900000000000001001", question: How do I reset my password?, similar: [forgot password], answer: "Open Settings > Security.", category: Accounts}
"#;

const COMMANDS: [&[&str]; 4] = [
    &["apply"],
    &["apply", "--dry-run"],
    &["serve", "--listen", "127.0.0.1:0", "--apply"],
    &["dev", "--listen", "127.0.0.1:0", "--apply"],
];

#[test]
fn mistakes_in_a_desk_file_are_a_line_each_and_nothing_is_written() {
    let cases = [
        (
            "name: Ada",
            "nmae: Ada",
            "tenants[0].users[0].nmae: unknown key; known here are id, name",
            "(line 6, column 21)",
        ),
        ("version: 1", "version: one", "version: ", "(line 1, column 10)"),
        ("faqs:\n", "faqs: 7\n        x:\n", "tenants[0].helpdesks[0].faqs: ", ")"),
        ("owner: u_ada", "owner: u_eve", "tenants[0].helpdesks[0].owner: no user \"u_eve\" in this tenant", "u_ada"),
        (
            "category: Accounts",
            "category: Foo",
            "tenants[0].helpdesks[0].faqs[0].category: no category \"Foo\" in this help desk",
            "known are Accounts",
        ),
        (
            "token: ht-demo",
            "token: ${HT_TOKEN}",
            "tenants[0].helpdesks[0].token: the environment variable HT_TOKEN is not set",
            "not set",
        ),
    ];
    let bench = Bench::new();
    for (from, to, start, end) in cases {
        bench.write("desk.yaml", &DESK.replacen(from, to, 1));
        for command in COMMANDS {
            let run = bench.run(&[command, &["desk.yaml"]].concat());
            let line = run.fault(2);
            assert!(line.starts_with(&format!("deskwire: desk.yaml: {start}")), "{line}");
            assert!(line.ends_with(end), "{line}");
            assert_eq!(bench.entries(), ["desk.yaml"], "{command:?}");
        }
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let bench = Bench::new();
    let users = "- {id: u_ada, name: Ada, email: ada@demo.test";
    let twice = format!("- {{id: u_ada, name: Twin}}\n      {users}");
    bench.write("desk.yaml", &DESK.replace(users, &twice).replace("owner: u_ada", "owner: u_eve"));
    let run = bench.run(&["apply", "desk.yaml"]);
    let lines = run.failed(2);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(
        lines[0],
        "deskwire: desk.yaml: tenants[0].users[1].id: u_ada belongs to another user of this tenant already"
    );
    assert!(lines[1].starts_with("deskwire: desk.yaml: tenants[0].helpdesks[0].owner: no user \"u_eve\""), "{lines:?}");
    assert_eq!(bench.entries(), ["desk.yaml"]);
}

#[test]
fn a_file_that_cannot_be_read_is_one_line() {
    let bench = Bench::new();
    for command in COMMANDS {
        let run = bench.run(&[command, &["none.yaml"]].concat());
        assert!(run.fault(2).starts_with("deskwire: none.yaml: the desk file cannot be read: "), "{}", run.stderr);
    }
    assert!(bench.entries().is_empty());
}

#[test]
fn a_dry_run_tells_everything_and_writes_nothing() {
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    let told = bench.run(&["apply", "desk.yaml", "--dry-run"]).ok().to_owned();
    assert!(told.contains("created help desk 6900000000000000001 (IT help)\n"), "{told}");
    assert!(told.ends_with("desk.yaml: 7 created, 0 updated, 0 removed (dry run: nothing was written)\n"), "{told}");
    assert_eq!(bench.entries(), ["desk.yaml"]);
    bench.run(&["apply", "desk.yaml"]).ok();
    let before = bench.run(&["export", "--with-secrets"]).ok().to_owned();
    bench.write("desk.yaml", &DESK.replace("IT help", "Help"));
    let told = bench.run(&["apply", "--dry-run", "desk.yaml"]).ok().to_owned();
    assert!(told.contains("updated help desk 6900000000000000001 (Help): name\n"), "{told}");
    assert_eq!(bench.run(&["export", "--with-secrets"]).ok(), before);
}

#[test]
fn a_second_apply_changes_nothing_and_made_secrets_are_told_once() {
    let bench = Bench::new();
    bench.write("desk.yaml", &DESK.replace("        token: ht-demo\n", ""));
    let first = bench.run(&["apply", "desk.yaml"]).ok().to_owned();
    assert!(first.lines().any(|line| line.starts_with("DEMO_HELPDESK_IT_HELP_TOKEN=ht-")), "{first}");
    assert!(!first.contains("ada-demo") && !first.contains("=w"), "{first}");
    assert_eq!(bench.run(&["apply", "desk.yaml"]).ok(), "desk.yaml: nothing changed\n");
    assert_eq!(bench.entries(), ["desk.yaml", "deskwire-data"]);
    let json = bench.run(&["apply", "--schema"]).ok().to_owned();
    assert!(json.contains("\"widget_secret\""), "{json}");
}

#[test]
fn secrets_come_from_the_environment() {
    let bench = Bench::new();
    bench.write("desk.yaml", &DESK.replace("widget_secret: w", "widget_secret: ${WIDGET}"));
    assert_eq!(bench.run_with(&["apply", "desk.yaml"], &[("WIDGET", "from-env")]).status, 0);
    assert!(bench.run(&["export", "--with-secrets"]).ok().contains("widget_secret: from-env"));
    assert!(!bench.run(&["export"]).ok().contains("from-env"));
}
