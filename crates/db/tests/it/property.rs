//! Any mix of jobs leaves what a model says.

use std::collections::BTreeMap;
use std::sync::Arc;

use db::{DbError, Options, Param, params};
use proptest::prelude::*;

use crate::support::TestDb;

/// What a job does, after each of its changes.
#[derive(Debug, Clone)]
enum End {
    Keep,
    Refuse,
    Panic,
    /// A statement fails and the body swallows it.
    Fail,
}

#[derive(Debug, Clone)]
struct Plan {
    changes: Vec<(i64, Option<String>)>,
    end: End,
}

fn plan() -> impl Strategy<Value = Plan> {
    let change = (0..12_i64, proptest::option::of("[a-zß漢]{0,6}"));
    let end = prop_oneof![
        4 => Just(End::Keep), 2 => Just(End::Refuse), 1 => Just(End::Panic), 1 => Just(End::Fail)
    ];
    (proptest::collection::vec(change, 0..5), end).prop_map(|(changes, end)| Plan { changes, end })
}

/// A name of `None` removes the row.
fn run(tx: &mut db::Tx<'_>, plan: &Plan) -> Result<(), DbError> {
    for (id, name) in &plan.changes {
        if let Some(name) = name {
            let unique = format!("{id}:{name}");
            tx.execute(
                "INSERT INTO item (id, name) VALUES ($1, $2) \
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                &params![*id, &unique],
            )?;
        } else {
            tx.execute("DELETE FROM item WHERE id = $1", &params![*id])?;
        }
    }
    match plan.end {
        End::Keep => Ok(()),
        End::Refuse => Err(DbError::NoRow),
        End::Panic => panic!("as planned"),
        End::Fail => {
            let _ = tx.execute("INSERT INTO nowhere VALUES ($1)", &params![1_i64]);
            Ok(())
        }
    }
}

fn apply(model: &mut BTreeMap<i64, String>, plan: &Plan) {
    for (id, name) in &plan.changes {
        match name {
            Some(name) => model.insert(*id, format!("{id}:{name}")),
            None => model.remove(id),
        };
    }
}

/// Runs the plans, the first `queued` of them from one thread each time so that they are in
/// order and can still share a commit.
fn check(test: &TestDb, plans: Vec<Plan>) {
    test.db.write_blocking::<_, DbError>(|tx| tx.execute("DELETE FROM item", &[])).unwrap();
    let plans = Arc::new(plans);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut model = BTreeMap::new();
    runtime.block_on(async {
        let mut writes = Vec::new();
        for number in 0..plans.len() {
            let (db, plans) = (test.db.clone(), Arc::clone(&plans));
            let mut write = Box::pin(async move { db.write(move |tx| run(tx, &plans[number])).await });
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            match write.as_mut().poll(&mut context) {
                std::task::Poll::Ready(answer) => writes.push((None, Some(answer))),
                std::task::Poll::Pending => writes.push((Some(write), None)),
            }
        }
        for (number, (write, answer)) in writes.into_iter().enumerate() {
            let answer = match (write, answer) {
                (Some(write), _) => write.await,
                (None, answer) => answer.unwrap(),
            };
            let keeps = matches!(plans[number].end, End::Keep);
            assert_eq!(answer.is_ok(), keeps, "{answer:?} to {:?}", plans[number]);
            if keeps {
                apply(&mut model, &plans[number]);
            }
        }
    });
    let stored: BTreeMap<i64, String> = test
        .db
        .read_blocking::<_, DbError>(|tx| {
            tx.query("SELECT id, name FROM item", &[], |row| Ok((row.int(0)?, row.string(1)?)))
        })
        .unwrap()
        .into_iter()
        .collect();
    assert_eq!(stored, model);
}

fn check_cases(test: &TestDb, cases: u32) {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    // The planned panics would fill the output.
    let strategy = proptest::collection::vec(plan(), 1..24);
    runner
        .run(&strategy, |plans| {
            check(test, plans);
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_mix_of_jobs_on_sqlite() {
    check_cases(&TestDb::sqlite(Options { group_max: 7, ..Options::default() }), 64);
}

#[test]
fn any_mix_of_jobs_on_postgres() {
    // One worker keeps the order, which the model needs.
    let options = Options { postgres_workers: 1, ..Options::default() };
    check_cases(&TestDb::postgres(options), 16);
}

fn echo(test: &TestDb, cases: u32) {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let values = (
        any::<i64>(),
        proptest::option::of("[^\\x00]{0,40}"),
        proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40)),
    );
    runner
        .run(&values, |(id, name, data)| {
            let sent = (id, name.clone(), data.clone());
            let back = test
                .db
                .write_blocking::<_, DbError>(move |tx| {
                    tx.execute("DELETE FROM item", &[])?;
                    let data = data.as_deref().map_or(Param::Null, Param::Bytes);
                    tx.query_one(
                        "INSERT INTO item (id, name, data) VALUES ($1, $2, $3) \
                         RETURNING id, name, data",
                        &[id.into(), (&name).into(), data],
                        |row| {
                            let data = row.opt_bytes(2)?.map(<[u8]>::to_vec);
                            Ok((row.int(0)?, row.opt_string(1)?, data))
                        },
                    )
                })
                .unwrap();
            prop_assert_eq!(back, sent);
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_value_comes_back_from_sqlite() {
    echo(&TestDb::sqlite(Options::default()), 128);
}

#[test]
fn any_value_comes_back_from_postgres() {
    echo(&TestDb::postgres(Options { postgres_workers: 1, ..Options::default() }), 64);
}
