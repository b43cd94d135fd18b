//! Files: opening them, sharing them, leaving them.

use std::thread;
use std::time::{Duration, Instant};

use db::{DatabaseUrl, Db, DbError, Options, params};

use crate::support::{TestDb, ids, insert};

fn open(path: &std::path::Path) -> Result<Db, DbError> {
    Db::open(&DatabaseUrl::Sqlite(path.to_owned()), &Options::default())
}

fn foreign(test: &TestDb) -> rusqlite::Connection {
    rusqlite::Connection::open(test.folder().join("test.db")).unwrap()
}

#[test]
fn what_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = open(&folder.path().join("missing/test.db")).unwrap_err();
    assert!(matches!(&missing, DbError::Io(text) if text.contains("missing/test.db")), "{missing}");
    let other = folder.path().join("other.db");
    std::fs::write(&other, "This is a letter and not a database, whatever its name says.").unwrap();
    let other = open(&other).unwrap_err();
    assert!(matches!(&other, DbError::Corrupt(text) if text.contains("other.db")), "{other}");
}

#[test]
fn commits_are_durable_and_logged() {
    let test = TestDb::sqlite(Options::default());
    let settings = test
        .db
        .write_blocking::<_, DbError>(|tx| {
            Ok((
                tx.query_one("PRAGMA journal_mode", &[], |row| row.string(0))?,
                tx.query_one("PRAGMA synchronous", &[], |row| row.int(0))?,
                tx.query_one("PRAGMA foreign_keys", &[], |row| row.int(0))?,
                tx.query_one("PRAGMA page_size", &[], |row| row.int(0))?,
            ))
        })
        .unwrap();
    assert_eq!(settings, ("wal".to_owned(), 2, 1, 4096));
}

#[test]
fn a_closed_database_is_one_file() {
    let test = TestDb::sqlite(Options::default());
    insert(&test.db, 1, "name").unwrap();
    test.db.close();
    let files: Vec<_> = std::fs::read_dir(test.folder()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["test.db"]);
}

#[test]
fn two_processes_may_write() {
    let test = TestDb::sqlite(Options::default());
    let other = test.again();
    let writers: Vec<_> = [test.db.clone(), other.clone()]
        .into_iter()
        .zip([0_i64, 1])
        .map(|(db, odd)| {
            thread::spawn(move || {
                for number in 0..100 {
                    let id = number * 2 + odd;
                    insert(&db, id, &id.to_string()).unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    assert_eq!(ids(&other), (0..200).collect::<Vec<_>>());
    other.close();
    assert_eq!(ids(&test.db).len(), 200);
}

#[test]
fn a_held_lock_is_busy_for_all_that_wait() {
    let test = TestDb::sqlite(Options::default());
    let foreign = foreign(&test);
    foreign.execute_batch("BEGIN IMMEDIATE").unwrap();
    let asked = Instant::now();
    let writers: Vec<_> = (0..8_i64)
        .map(|id| {
            let db = test.db.clone();
            thread::spawn(move || insert(&db, id, &id.to_string()))
        })
        .collect();
    for writer in writers {
        assert_eq!(writer.join().unwrap(), Err(DbError::Busy));
    }
    let waited = asked.elapsed();
    assert!(waited > Duration::from_secs(4) && waited < Duration::from_secs(11), "{waited:?}");
    assert_eq!(test.db.stats().busy, 8);
    // Reads are not held up, and the writer goes on when the lock is free.
    assert_eq!(ids(&test.db), [0_i64; 0]);
    foreign.execute_batch("ROLLBACK").unwrap();
    insert(&test.db, 1, "free").unwrap();
}

#[test]
fn more_statements_than_the_cache_holds_work() {
    let test = TestDb::sqlite(Options::default());
    // Statements are static text; a test may leak a few to have many.
    let statements: Vec<&'static str> =
        (0..600).map(|number| &*Box::leak(format!("SELECT {number} + $1").into_boxed_str())).collect();
    let sum: i64 = test
        .db
        .write_blocking::<_, DbError>(move |tx| {
            let mut sum = 0;
            for _ in 0..2 {
                for statement in &statements {
                    sum += tx.query_one(statement, &params![1_i64], |row| row.int(0))?;
                }
            }
            Ok(sum)
        })
        .unwrap();
    assert_eq!(sum, 2 * (600 * 599 / 2 + 600));
}

#[test]
fn reads_run_side_by_side_with_a_write() {
    let test = TestDb::sqlite(Options::default());
    insert(&test.db, 1, "before").unwrap();
    let db = test.db.clone();
    test.db
        .write_blocking::<_, DbError>(move |tx| {
            tx.execute("INSERT INTO item (id) VALUES ($1)", &params![2_i64])?;
            assert_eq!(ids(&db), [1], "what is not committed is not seen");
            Ok(())
        })
        .unwrap();
    assert_eq!(ids(&test.db), [1, 2]);
}
