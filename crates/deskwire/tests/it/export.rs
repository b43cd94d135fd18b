//! `deskwire export` and `deskwire user-token`.

use crate::apply::DESK;
use crate::bench::Bench;

#[test]
fn an_export_applied_elsewhere_exports_the_same() {
    let first = Bench::new();
    first.write("desk.yaml", DESK);
    first.run(&["apply", "desk.yaml"]).ok();
    for (format, name) in [("yaml", "copy.yaml"), ("json", "copy.json")] {
        let exported = first.run(&["export", "--with-secrets", "--format", format]).ok().to_owned();
        let second = Bench::new();
        second.write(name, &exported);
        let applied = second.run(&["apply", name]).ok().to_owned();
        assert!(applied.contains("DEMO_HELPDESK_IT_HELP_TOKEN=") && applied.contains("7 created"), "{applied}");
        assert_eq!(second.run(&["export", "--with-secrets", "--format", format]).ok(), exported);
        first.write(name, &exported);
        assert_eq!(first.run(&["apply", name]).ok(), format!("{name}: nothing changed\n"));
    }
}

#[test]
fn what_is_not_there_is_not_made() {
    let bench = Bench::new();
    for args in [&["export"][..], &["export", "--tickets", "csv"], &["user-token", "--open-id", "o", "--app-id", "a"]] {
        let run = bench.run(args);
        let line = run.fault(1);
        assert!(line.starts_with("deskwire: database: sqlite:./deskwire-data/deskwire.db is not there"), "{line}");
    }
    assert!(bench.entries().is_empty());
}

#[test]
fn a_user_token_is_made_for_known_users_and_apps_only() {
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    bench.run(&["apply", "desk.yaml"]).ok();
    let token = bench.run(&["user-token", "--open-id", "ou_ada", "--app-id", "cli_a000000000000001"]);
    assert!(token.ok().starts_with("u-") && token.ok().lines().count() == 1, "{}", token.stdout);
    let with_scope = |scope: &str| {
        bench.run(&["user-token", "--open-id", "ou_ada", "--app-id", "cli_a000000000000001", "--scope", scope])
    };
    assert!(with_scope("helpdesk:all").ok().starts_with("u-"));
    let line = with_scope("helpdesk:more").fault(1).to_owned();
    assert!(line.starts_with("deskwire: scope: app cli_a000000000000001 does not have helpdesk:more"), "{line}");
    let run = bench.run(&["user-token", "--open-id", "ou_eve", "--app-id", "cli_a000000000000001"]);
    assert_eq!(run.fault(1), "deskwire: open-id: no user \"ou_eve\" in tenant demo");
    let run = bench.run(&["user-token", "--open-id", "ou_ada", "--app-id", "cli_x"]);
    assert_eq!(run.fault(1), "deskwire: app-id: no app \"cli_x\"; known are cli_a000000000000001");
}
