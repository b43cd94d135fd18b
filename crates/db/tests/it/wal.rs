//! The write-ahead log stays bounded.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use db::{DbError, Options, params};

use crate::support::{TestDb, insert};

/// 1 MiB, so that a test reaches it.
const CAP: u64 = 1 << 20;

fn small_log() -> TestDb {
    let options = Options { readers: 2, wal_checkpoint_pages: 50, wal_max_bytes: CAP, ..Options::default() };
    TestDb::sqlite(options)
}

/// Adds a row of about eight pages.
fn fill(test: &TestDb, id: i64) -> Result<(), DbError> {
    test.db.write_blocking(move |tx| {
        let data = vec![1_u8; 32_000];
        let sql = "INSERT INTO item (id, data) VALUES ($1, $2)";
        tx.execute(sql, &params![id, &data])?;
        Ok(())
    })
}

fn log_bytes(test: &TestDb) -> u64 {
    std::fs::metadata(test.folder().join("test.db-wal")).map_or(0, |file| file.len())
}

#[test]
fn without_readers_it_stays_below_the_limit() {
    let test = small_log();
    for id in 0..1000 {
        fill(&test, id).unwrap();
        assert!(log_bytes(&test) < CAP * 4, "{} bytes after {id}", log_bytes(&test));
    }
}

#[test]
fn no_write_is_refused_because_the_log_is_being_copied() {
    let test = small_log();
    thread::scope(|scope| {
        for part in 0..4 {
            let test = &test;
            scope.spawn(move || {
                for id in 0..500 {
                    fill(test, part * 1_000 + id).unwrap();
                }
            });
        }
    });
    assert!(log_bytes(&test) < CAP * 5, "{} bytes", log_bytes(&test));
}

#[test]
fn a_checkpoint_happens_off_the_writer() {
    let options = Options { wal_checkpoint_pages: 50, ..Options::default() };
    let test = TestDb::sqlite(options);
    // Well below the cap of 64 MiB, so only the other thread can have copied this.
    for id in 0..100 {
        fill(&test, id).unwrap();
    }
    let file = test.folder().join("test.db");
    crate::support::eventually("a checkpoint", || std::fs::metadata(&file).unwrap().len() > 1_000_000);
}

#[test]
fn a_long_read_is_ended() {
    let test = small_log();
    insert(&test.db, 5_000, "seen by the reader").unwrap();
    let (ready, reading) = channel();
    let db = test.db.clone();
    let reader = thread::spawn(move || {
        db.read_blocking::<(), DbError>(move |tx| {
            loop {
                tx.query("SELECT id FROM item WHERE id = 5000", &[], |row| row.int(0))?;
                let _ = ready.send(());
                thread::sleep(Duration::from_millis(10));
            }
        })
    });
    reading.recv().unwrap();
    let started = Instant::now();
    let mut id = 0;
    while !reader.is_finished() {
        match fill(&test, id) {
            Ok(()) => id += 1,
            // Four times the cap, but the reader has not lasted long enough to be ended yet.
            Err(DbError::Full(_)) => {}
            Err(other) => panic!("{other}"),
        }
        assert!(log_bytes(&test) <= CAP * 5, "{} bytes", log_bytes(&test));
        assert!(started.elapsed() < Duration::from_secs(20), "the reader was not ended");
    }
    assert_eq!(reader.join().unwrap(), Err(DbError::Busy));
    for id in 10_000..10_200 {
        fill(&test, id).unwrap();
    }
    assert!(log_bytes(&test) <= CAP * 5, "{} bytes", log_bytes(&test));
}

#[test]
fn a_foreign_reader_makes_writes_wait_for_its_end() {
    let test = small_log();
    insert(&test.db, 5_000, "seen by the reader").unwrap();
    let foreign = rusqlite::Connection::open(test.folder().join("test.db")).unwrap();
    foreign.execute_batch("BEGIN; SELECT * FROM item;").unwrap();
    let mut refused = None;
    for id in 0..1000 {
        if let Err(error) = fill(&test, id) {
            refused = Some(error);
            break;
        }
    }
    assert!(matches!(refused, Some(DbError::Full(_))), "{refused:?}");
    let bytes = log_bytes(&test);
    assert!(bytes > CAP * 3 && bytes < CAP * 5, "{bytes} bytes");
    assert!(matches!(fill(&test, 2_000), Err(DbError::Full(_))));
    foreign.execute_batch("COMMIT").unwrap();
    for id in 3_000..3_100 {
        fill(&test, id).unwrap();
    }
    assert!(log_bytes(&test) < CAP * 5);
    assert!(test.db.stats().wal_pages < 4 * CAP / 4096);
}
