//! Jobs that share a commit on SQLite, and the same jobs on PostgreSQL.

use std::sync::{Arc, Mutex};

use db::{DbError, Options, params};

use crate::support::{Blocked, TestDb, ids, insert, on_both};

on_both![a_failing_job_spares_its_neighbours, refusals_see_what_neighbours_wrote];

type Body = Box<dyn FnMut(&mut db::Tx<'_>) -> Result<(), DbError> + Send>;

/// Submits the writes in order while the writer is busy, so that they form one group.
fn together(test: &TestDb, jobs: Vec<Body>) -> Vec<Result<(), DbError>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let blocked = Blocked::new(test);
        let mut writes: Vec<_> = jobs
            .into_iter()
            .map(|job| {
                let db = test.db.clone();
                Box::pin(async move { db.write(job).await })
            })
            .collect();
        for write in &mut writes {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(write.as_mut().poll(&mut context).is_pending());
        }
        blocked.release();
        let mut answers = Vec::new();
        for write in writes {
            answers.push(write.await);
        }
        answers
    })
}

fn a_failing_job_spares_its_neighbours(test: &TestDb) {
    let hooks = Arc::new(Mutex::new(Vec::new()));
    let job = |id: i64, end: fn() -> Result<(), DbError>| {
        let hooks = Arc::clone(&hooks);
        let body = move |tx: &mut db::Tx<'_>| {
            let hooks = Arc::clone(&hooks);
            tx.on_commit(move || hooks.lock().unwrap().push(id));
            tx.execute("INSERT INTO item (id) VALUES ($1)", &params![id])?;
            end()
        };
        Box::new(body) as Body
    };
    let before = test.db.stats();
    let answers = together(
        test,
        vec![
            job(1, || Err(DbError::NoRow)),
            job(2, || Ok(())),
            job(3, || Err(DbError::NoRow)),
            job(4, || panic!("a defect")),
            job(5, || Ok(())),
            Box::new(|_| Err(DbError::NoRow)),
            Box::new(|tx| tx.execute("INSERT INTO nowhere VALUES (1)", &[]).map(|_| ())),
            job(8, || Ok(())),
        ],
    );
    let well: Vec<_> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(well, [false, true, false, false, true, false, false, true]);
    assert_eq!(ids(&test.db), [2, 5, 8]);
    let mut hooked = hooks.lock().unwrap().clone();
    hooked.sort_unstable();
    assert_eq!(hooked, [2, 5, 8]);
    if !test.is_postgres() {
        let after = test.db.stats();
        // The job that blocked the writer was one more, in the same commit.
        assert_eq!((after.groups - before.groups, after.jobs - before.jobs), (1, 4));
    }
}

fn refusals_see_what_neighbours_wrote(test: &TestDb) {
    if test.is_postgres() {
        return insert(&test.db, 1, "there the jobs run side by side").unwrap();
    }
    let answers = together(
        test,
        vec![
            Box::new(|tx| {
                tx.execute("INSERT INTO item (id) VALUES (1)", &[])?;
                Ok(())
            }),
            Box::new(|tx| {
                let count = tx.query_one("SELECT COUNT(*) FROM item", &[], |row| row.int(0))?;
                if count == 1 { Err(DbError::NoRow) } else { Ok(()) }
            }),
        ],
    );
    assert_eq!(answers, [Ok(()), Err(DbError::NoRow)]);
}

#[test]
fn a_group_has_a_limit() {
    let test = TestDb::sqlite(Options { group_max: 4, ..Options::default() });
    let jobs = (0..11_i64)
        .map(|id| {
            Box::new(move |tx: &mut db::Tx<'_>| {
                tx.execute("INSERT INTO item (id) VALUES ($1)", &params![id])?;
                Ok(())
            }) as Body
        })
        .collect();
    let before = test.db.stats();
    assert!(together(&test, jobs).iter().all(Result::is_ok));
    let after = test.db.stats();
    assert_eq!((after.groups - before.groups, after.jobs - before.jobs), (3, 12));
}

/// A database without room: SQLite rolls back the whole transaction by itself, so everybody who
/// shared it is told, and the next group is whole again.
#[test]
fn a_full_database_fails_its_group_only() {
    let test = TestDb::sqlite(Options::default());
    insert(&test.db, 1, "before").unwrap();
    test.db
        .write_blocking::<_, DbError>(|tx| tx.query_one("PRAGMA max_page_count = 40", &[], |row| row.int(0)))
        .unwrap();
    let small = |id: i64| {
        Box::new(move |tx: &mut db::Tx<'_>| {
            tx.execute("INSERT INTO item (id) VALUES ($1)", &params![id])?;
            Ok(())
        }) as Body
    };
    let big = |swallow: bool| {
        Box::new(move |tx: &mut db::Tx<'_>| {
            let data = vec![7_u8; 400_000];
            let sql = "INSERT INTO item (id, data) VALUES ($1, $2)";
            let outcome = tx.execute(sql, &params![100_i64, &data]);
            // A body that goes on regardless must not write outside of any transaction.
            let later = tx.execute("INSERT INTO item (id) VALUES ($1)", &params![101_i64]);
            assert_eq!(outcome, later);
            if swallow { Ok(()) } else { outcome.map(|_| ()) }
        }) as Body
    };
    for swallow in [false, true] {
        let answers = together(&test, vec![small(10), small(11), big(swallow), small(12), small(13)]);
        let told: Vec<_> = answers.iter().map(|answer| matches!(answer, Err(DbError::Full(_)))).collect();
        assert_eq!(told, [true, true, true, false, false], "{answers:?}");
        assert!(answers[3..].iter().all(Result::is_ok), "{answers:?}");
        assert_eq!(ids(&test.db), [1, 12, 13]);
        test.db.write_blocking::<_, DbError>(|tx| tx.execute("DELETE FROM item WHERE id > 1", &[])).unwrap();
    }
}
