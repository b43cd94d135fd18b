//! Conflicts, lost connections and TLS.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use db::{DatabaseUrl, Db, DbError, Options, Tx, params};

use crate::support::{TestDb, eventually, ids, in_database, insert};

fn options(workers: usize) -> Options {
    Options { postgres_workers: workers, ..Options::default() }
}

/// Counts the runs of a body and knows which this is.
fn counter() -> (Arc<AtomicU32>, impl Fn() -> u32 + Clone + Send + 'static) {
    let runs = Arc::new(AtomicU32::new(0));
    let inside = Arc::clone(&runs);
    (runs, move || inside.fetch_add(1, Ordering::SeqCst) + 1)
}

fn backend(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    tx.query_one("SELECT pg_backend_pid()", &[], |row| row.int(0))
}

fn terminate(client: &mut postgres::Client, backend: i64) {
    let backend = i32::try_from(backend).unwrap();
    client.execute("SELECT pg_terminate_backend($1, 5000)", &[&backend]).unwrap();
}

#[test]
fn increments_are_never_lost() {
    let test = TestDb::postgres(options(8));
    insert(&test.db, 0, "counter").unwrap();
    let hooks = Arc::new(AtomicU32::new(0));
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let (db, hooks) = (test.db.clone(), Arc::clone(&hooks));
            thread::spawn(move || {
                let mut done = 0;
                while done < 10 {
                    let hooks = Arc::clone(&hooks);
                    let answer = db.write_blocking::<_, DbError>(move |tx| {
                        let sql = "SELECT COUNT(*) FROM item";
                        let count = tx.query_one(sql, &[], |row| row.int(0))?;
                        let hooks = Arc::clone(&hooks);
                        tx.on_commit(move || {
                            hooks.fetch_add(1, Ordering::SeqCst);
                        });
                        // Two that counted the same would use the same id.
                        tx.execute("INSERT INTO item (id) VALUES ($1)", &params![count])
                    });
                    match answer {
                        Ok(_) => done += 1,
                        // Two that counted the same may also meet at the key itself.
                        Err(DbError::Conflict | DbError::Constraint(_)) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            })
        })
        .collect();
    for caller in callers {
        caller.join().unwrap();
    }
    assert_eq!(ids(&test.db), (0..=80).collect::<Vec<_>>());
    assert_eq!(hooks.load(Ordering::SeqCst), 80, "the hooks of repeated runs are dropped");
    assert!(test.db.stats().retries > 0);
}

#[test]
fn write_skew_is_prevented() {
    let test = TestDb::postgres(options(2));
    insert(&test.db, 1, "on duty").unwrap();
    insert(&test.db, 2, "also on duty").unwrap();
    let both = Arc::new(Barrier::new(2));
    // Each goes off duty if the other stays; both at once would leave nobody.
    let leavers: Vec<_> = [1_i64, 2]
        .into_iter()
        .map(|id| {
            let (db, both) = (test.db.clone(), Arc::clone(&both));
            let (_, run) = counter();
            thread::spawn(move || {
                db.write_blocking::<_, DbError>(move |tx| {
                    let sql = "SELECT COUNT(*) FROM item WHERE name IS NOT NULL";
                    let on_duty = tx.query_one(sql, &[], |row| row.int(0))?;
                    if run() == 1 {
                        both.wait();
                    }
                    if on_duty > 1 {
                        tx.execute("UPDATE item SET name = NULL WHERE id = $1", &params![id])?;
                    }
                    Ok(())
                })
            })
        })
        .collect();
    for leaver in leavers {
        leaver.join().unwrap().unwrap();
    }
    let left = test.db.read_blocking::<_, DbError>(|tx| {
        tx.query_one("SELECT COUNT(*) FROM item WHERE name IS NOT NULL", &[], |row| row.int(0))
    });
    assert_eq!(left, Ok(1));
    assert!(test.db.stats().retries > 0);
}

#[test]
fn conflicts_are_capped() {
    let test = TestDb::postgres(options(1));
    insert(&test.db, 1, "contended").unwrap();
    let (runs, run) = counter();
    let raw = Arc::new(std::sync::Mutex::new(test.raw()));
    let answer = test.db.write_blocking::<_, DbError>(move |tx| {
        run();
        tx.query_one("SELECT name FROM item WHERE id = $1", &params![1_i64], |row| row.string(0))?;
        // Somebody else is always faster.
        raw.lock().unwrap().batch_execute("UPDATE item SET name = name || 'x'").unwrap();
        // Even a body that swallows the error is run again.
        let _ = tx.execute("UPDATE item SET name = $1 WHERE id = $2", &params!["mine", 1_i64]);
        Ok(())
    });
    assert_eq!(answer, Err(DbError::Conflict));
    assert_eq!(runs.load(Ordering::SeqCst), 12);
    assert_eq!(test.db.stats().retries, 11);
    insert(&test.db, 2, "the worker lives").unwrap();
}

#[test]
fn an_idle_connection_that_died_is_replaced() {
    let test = TestDb::postgres(options(3));
    for id in 0..6 {
        insert(&test.db, id, &id.to_string()).unwrap();
    }
    let kill = "SELECT COUNT(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let killed: i64 = test.raw().query_one(kill, &[]).unwrap().get(0);
    assert!(killed >= 1);
    for id in 6..20 {
        insert(&test.db, id, &id.to_string()).unwrap();
    }
    assert_eq!(ids(&test.db).len(), 20);
}

#[test]
fn a_connection_that_dies_before_the_commit_costs_one_more_run() {
    let test = TestDb::postgres(options(1));
    let raw = Arc::new(std::sync::Mutex::new(test.raw()));
    for deaths in [1, 9] {
        let (runs, run) = counter();
        let raw = Arc::clone(&raw);
        let answer = test.db.write_blocking::<_, DbError>(move |tx| {
            let this = run();
            tx.execute("INSERT INTO item (id) VALUES ($1)", &params![i64::from(deaths)])?;
            if this <= deaths {
                terminate(&mut raw.lock().unwrap(), backend(tx)?);
            }
            tx.query_one("SELECT COUNT(*) FROM item", &[], |row| row.int(0))
        });
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        if deaths == 1 {
            assert_eq!(answer, Ok(1));
        } else {
            assert!(matches!(answer, Err(DbError::Unavailable(_))), "{answer:?}");
        }
    }
    assert_eq!(ids(&test.db), [1]);
}

#[test]
fn a_connection_that_dies_during_the_commit_is_no_answer() {
    let test = TestDb::postgres(options(1));
    // A deferred trigger runs at the commit and ends its own connection there.
    test.raw()
        .batch_execute(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
             CREATE CONSTRAINT TRIGGER die AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW WHEN (NEW.id = 666) EXECUTE FUNCTION die();",
        )
        .unwrap();
    let (runs, run) = counter();
    let answer = test.db.write_blocking::<_, DbError>(move |tx| {
        run();
        tx.execute("INSERT INTO item (id) VALUES ($1)", &params![666_i64])
    });
    let Err(DbError::Unavailable(said)) = answer else {
        panic!("{answer:?}");
    };
    assert!(said.contains("may or may not"), "{said}");
    assert_eq!(runs.load(Ordering::SeqCst), 1, "it might have been done, so it is not repeated");
    insert(&test.db, 1, "the worker lives").unwrap();
}

#[test]
fn a_check_at_the_commit_is_an_answer() {
    let test = TestDb::postgres(options(1));
    test.raw().batch_execute("CREATE TABLE late (id BIGINT, UNIQUE (id) DEFERRABLE INITIALLY DEFERRED)").unwrap();
    let answer =
        test.db.write_blocking::<_, DbError>(|tx| tx.execute("INSERT INTO late VALUES ($1), ($1)", &params![1_i64]));
    assert!(matches!(answer, Err(DbError::Constraint(_))), "{answer:?}");
}

#[test]
fn a_schema_change_under_a_prepared_statement_is_survived() {
    let test = TestDb::postgres(options(1));
    let read = || test.db.read_blocking::<_, DbError>(|tx| tx.query("SELECT * FROM item", &[], |row| row.int(0)));
    insert(&test.db, 1, "name").unwrap();
    assert_eq!(read(), Ok(vec![1]));
    test.raw().batch_execute("ALTER TABLE item ADD COLUMN extra BIGINT").unwrap();
    assert_eq!(read(), Ok(vec![1]));
}

#[test]
fn every_connection_is_set_up() {
    let test = TestDb::postgres(options(1));
    let settings = test.db.write_blocking::<_, DbError>(|tx| {
        tx.query(
            "SELECT name || '=' || setting FROM pg_settings WHERE name IN ('enable_seqscan', \
             'synchronous_commit', 'transaction_isolation', 'application_name') ORDER BY name",
            &[],
            |row| row.string(0),
        )
    });
    let expected = [
        "application_name=deskwire",
        "enable_seqscan=off",
        "synchronous_commit=on",
        "transaction_isolation=serializable",
    ];
    assert_eq!(settings.unwrap(), expected);
}

#[test]
fn an_unreachable_server_is_one_clear_error() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = DatabaseUrl::Postgres(format!("postgres://me:secret@127.0.0.1:{port}/desk"));
    let asked = Instant::now();
    let error = Db::open(&url, &Options::default()).unwrap_err();
    assert!(asked.elapsed() < Duration::from_secs(5));
    let text = error.to_string();
    assert!(matches!(error, DbError::Unavailable(_)), "{text}");
    assert!(text.contains(&format!("postgres://me:***@127.0.0.1:{port}/desk")), "{text}");
    assert!(text.contains("refused") && !text.contains("secret"), "{text}");
    let nowhere = DatabaseUrl::Postgres(in_database("no_such_database"));
    let error = Db::open(&nowhere, &Options::default()).unwrap_err().to_string();
    assert!(error.contains("no_such_database"), "{error}");
}

#[test]
fn a_silent_server_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://me@{}/desk", silent.local_addr().unwrap());
    let asked = Instant::now();
    let error = Db::open(&DatabaseUrl::Postgres(url), &Options::default()).unwrap_err();
    assert!(asked.elapsed() < Duration::from_secs(15));
    assert!(error.to_string().contains("does not answer"), "{error}");
}

#[test]
fn tls_checks_the_certificate() {
    let authority =
        std::env::var("DESKWIRE_TEST_POSTGRES_CA").expect("set DESKWIRE_TEST_POSTGRES_CA or run `make test`");
    let test = TestDb::postgres(options(1));
    let DatabaseUrl::Postgres(plain) = &test.url else { unreachable!() };
    let open = |settings: &str| Db::open(&DatabaseUrl::Postgres(format!("{plain}?{settings}")), &options(1));
    for mode in ["require", "verify-full"] {
        let db = open(&format!("sslmode={mode}&sslrootcert={authority}")).unwrap();
        let encrypted = db.read_blocking::<_, DbError>(|tx| {
            let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            tx.query_one(sql, &[], |row| row.flag(0))
        });
        assert_eq!(encrypted, Ok(true));
        db.close();
    }
    let distrusted = open("sslmode=require").unwrap_err().to_string();
    assert!(distrusted.contains("certificate"), "{distrusted}");
    let missing = open("sslmode=require&sslrootcert=/nowhere.pem").unwrap_err().to_string();
    assert!(missing.contains("/nowhere.pem"), "{missing}");
}

#[test]
fn a_server_that_comes_back_is_used_again() {
    let test = TestDb::postgres(options(2));
    insert(&test.db, 1, "before").unwrap();
    let name = in_database("x");
    let name = name.rsplit_once('/').map(|(server, _)| server.to_owned()).unwrap();
    let DatabaseUrl::Postgres(own) = &test.url else { unreachable!() };
    let database = own.rsplit_once('/').unwrap().1;
    let mut admin = postgres::Client::connect(&format!("{name}/postgres"), postgres::NoTls).unwrap();
    let mut allow = |allowed: bool| {
        admin.batch_execute(&format!("ALTER DATABASE {database} ALLOW_CONNECTIONS {allowed}")).unwrap();
        let kill = "SELECT COUNT(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
                    WHERE datname = $1";
        admin.execute(kill, &[&database]).unwrap();
    };
    allow(false);
    let answer = insert(&test.db, 2, "during");
    assert!(matches!(answer, Err(DbError::Unavailable(_))), "{answer:?}");
    // While the outage lasts, others are told at once.
    let asked = Instant::now();
    assert!(matches!(insert(&test.db, 3, "during"), Err(DbError::Unavailable(_))));
    assert!(asked.elapsed() < Duration::from_millis(450));
    allow(true);
    eventually("recovery", || insert(&test.db, 4, "after").is_ok());
    assert_eq!(ids(&test.db), [1, 4]);
}

#[test]
fn a_key_taken_meanwhile_is_seen_by_the_next_run() {
    let test = TestDb::postgres(options(1));
    let raw = Arc::new(std::sync::Mutex::new(test.raw()));
    let (runs, run) = counter();
    let answer = test.db.write_blocking::<_, DbError>(move |tx| {
        // The look does not touch the index that refuses, so the server reports a taken key and
        // not a conflict.
        let sql = "SELECT COUNT(*) FROM item WHERE name IS NOT NULL";
        let taken = tx.query_one(sql, &[], |row| row.int(0))?;
        if run() == 1 {
            raw.lock().unwrap().batch_execute("INSERT INTO item VALUES (1, 'theirs')").unwrap();
        }
        tx.execute("INSERT INTO item (id, name) VALUES ($1, $2)", &params![taken + 1, "mine"])?;
        Ok(taken + 1)
    });
    assert_eq!(answer, Ok(2));
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    let (runs, run) = counter();
    let answer = test.db.write_blocking::<_, DbError>(move |tx| {
        run();
        tx.execute("INSERT INTO item (id) VALUES ($1)", &params![1_i64])
    });
    assert!(matches!(answer, Err(DbError::Constraint(_))), "{answer:?}");
    assert_eq!(runs.load(Ordering::SeqCst), 3, "a key that stays taken is an answer");
}
