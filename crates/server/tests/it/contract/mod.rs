//! The contract: every endpoint of the reference, against the running server, on both databases.
//!
//! `reference` reads `testdata/helpdesk-v1.json`, `samples` has a valid call of each endpoint, `checks` makes it wrong in
//! every way the reference knows of, and `probe` judges the answers. A run tells everything that does not hold, not
//! only the first.

mod checks;
mod deviations;
mod documented;
mod events;
mod probe;
mod reference;
mod sample;
mod samples;
mod shape;
mod unseen;
mod world;

use std::collections::BTreeSet;

use testkit::{Database, Options, on_both};
use tokio::task::JoinSet;

use probe::Report;
use world::World;

/// How many endpoints the reference has, and the server.
const EXPECTED: usize = 50;

fn options() -> Options {
    Options { by: "app", ..Options::default() }
}

/// One group of resources: all that needs valid calls.
async fn group(database: Database, (name, set_up): (&'static str, samples::SetUp)) -> Report {
    let reference = reference::read();
    let world = World::start(database, &options()).await;
    let mut report = Report::default();
    for sample in set_up(&world).await {
        let endpoint = reference.endpoints.iter().find(|e| e.id == sample.id);
        let endpoint = endpoint.unwrap_or_else(|| panic!("{name}: {} is not in the reference", sample.id));
        checks::of_sample(&world, endpoint, &sample, &mut report).await;
    }
    report
}

/// What needs no valid call, of all endpoints.
async fn gateway(database: Database) -> Report {
    let reference = reference::read();
    let world = World::start(database, &options()).await;
    let mut report = Report::default();
    for endpoint in &reference.endpoints {
        checks::gateway::check(&world, endpoint, &mut report).await;
    }
    report
}

/// Rate limits and the end of tokens.
async fn limits(database: Database) -> Report {
    let reference = reference::read();
    let world = World::start(database, &Options { rate_limits: true, ..options() }).await;
    let mut report = Report::default();
    for endpoint in &reference.endpoints {
        checks::limits::rate(&world, endpoint, &mut report).await;
    }
    checks::limits::expiry(&world, &reference.endpoints, &mut report).await;
    report
}

/// Runs all groups beside each other, each on a server and a database of its own.
async fn everything(make: fn() -> Database) -> Report {
    let mut tasks = JoinSet::new();
    for each in samples::GROUPS {
        tasks.spawn(group(make(), each));
    }
    tasks.spawn(gateway(make()));
    tasks.spawn(limits(make()));
    let mut report = Report::default();
    for part in tasks.join_all().await {
        report.add(part);
    }
    report
}

#[expect(clippy::print_stdout, reason = "the line that tells how much was checked")]
fn conclude(database: &str, report: &Report) {
    println!("{database}: {} endpoints, {} checks", report.endpoints.len(), report.checks);
    let reference = reference::read();
    let mut faults = report.faults.clone();
    let uncovered = reference.endpoints.iter().filter(|endpoint| !report.endpoints.contains(&endpoint.id));
    faults.extend(uncovered.map(|endpoint| format!("{} is not covered", endpoint.id)));
    faults.extend(unseen::faults(&reference, report));
    faults.extend(deviations::unmet(&reference, &report.met));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert_eq!((report.endpoints.len(), server::router::endpoints().len()), (EXPECTED, EXPECTED));
    assert!(report.checks > 500 * EXPECTED, "only {} checks", report.checks);
}

on_both! {
    async fn every_endpoint_does_what_the_reference_says(database) {
        if database.is_postgres() {
            conclude("PostgreSQL", &everything(Database::postgres).await);
        } else {
            conclude("SQLite", &everything(Database::sqlite).await);
        }
    }
}

#[tokio::test]
async fn every_endpoint_of_the_reference_has_a_valid_call() {
    let world = World::start(Database::sqlite(), &options()).await;
    let mut covered = BTreeSet::new();
    for (_, set_up) in samples::GROUPS {
        covered.extend(set_up(&world).await.into_iter().map(|sample| sample.id.to_owned()));
    }
    let listed: BTreeSet<String> = reference::read().endpoints.into_iter().map(|endpoint| endpoint.id).collect();
    assert_eq!((&covered, listed.len()), (&listed, EXPECTED));
}
