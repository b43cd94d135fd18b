//! Full queues, dropped callers and the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use db::{Db, DbError, Options, params};

use crate::support::{Blocked, TestDb, eventually, ids, insert, on_both};

on_both![
    close_finishes_what_is_queued,
    a_dropped_caller_changes_nothing,
    a_closed_database_says_so,
    dropping_the_last_handle_ends_the_threads,
];

/// Starts a write and leaves it queued; gives its future so that it can be awaited or dropped.
fn queued(db: &Db, id: i64) -> std::pin::Pin<Box<dyn Future<Output = Result<(), DbError>> + Send>> {
    let db = db.clone();
    let mut write = Box::pin(async move {
        db.write(move |tx| {
            tx.execute("INSERT INTO item (id) VALUES ($1)", &params![id])?;
            Ok(())
        })
        .await
    });
    let polled = write.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    match polled {
        Poll::Pending => write,
        Poll::Ready(answer) => Box::pin(std::future::ready(answer)),
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn full_queue(test: &TestDb) {
    let blocked = Blocked::new(test);
    let waiting = [queued(&test.db, 1), queued(&test.db, 2)];
    assert_eq!(test.db.stats().writes_queued, 2);
    let asked = Instant::now();
    assert_eq!(insert(&test.db, 3, "too many"), Err(DbError::Busy));
    assert!(asked.elapsed() < Duration::from_secs(1), "it must not wait");
    assert_eq!(test.db.stats().busy, 1);
    blocked.release();
    for write in waiting {
        wait(write).unwrap();
    }
    assert_eq!(ids(&test.db), [1, 2]);
    assert!(test.db.stats().jobs >= 3);
}

#[test]
fn a_full_queue_is_busy_on_sqlite() {
    full_queue(&TestDb::sqlite(Options { queue_max: 2, ..Options::default() }));
}

#[test]
fn a_full_queue_is_busy_on_postgres() {
    let options = Options { queue_max: 2, postgres_workers: 1, ..Options::default() };
    full_queue(&TestDb::postgres(options));
}

fn close_finishes_what_is_queued(test: &TestDb) {
    let blocked = Blocked::new(test);
    let waiting: Vec<_> = (1..=20).map(|id| queued(&test.db, id)).collect();
    let closing = {
        let db = test.db.clone();
        thread::spawn(move || db.close())
    };
    eventually("closing", || test.db.pending_migrations(crate::support::ITEMS) == Err(DbError::Closed));
    blocked.release();
    closing.join().unwrap();
    for write in waiting {
        wait(write).unwrap();
    }
    let reopened = test.again();
    assert_eq!(ids(&reopened), (1..=20).collect::<Vec<_>>());
    reopened.close();
}

fn a_dropped_caller_changes_nothing(test: &TestDb) {
    let blocked = Blocked::new(test);
    let hooked = Arc::new(AtomicBool::new(false));
    let (db, hook) = (test.db.clone(), Arc::clone(&hooked));
    let mut write = Box::pin(async move {
        db.write::<(), DbError>(move |tx| {
            tx.execute("INSERT INTO item (id) VALUES ($1)", &params![1_i64])?;
            let hook = Arc::clone(&hook);
            tx.on_commit(move || hook.store(true, Ordering::SeqCst));
            Ok(())
        })
        .await
    });
    assert!(write.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(write);
    drop(queued(&test.db, 2));
    blocked.release();
    eventually("the hook", || hooked.load(Ordering::SeqCst));
    eventually("the other write", || ids(&test.db) == [1, 2]);
}

fn a_closed_database_says_so(test: &TestDb) {
    test.db.close();
    test.db.close();
    assert_eq!(insert(&test.db, 1, "late"), Err(DbError::Closed));
    assert_eq!(test.db.read_blocking::<(), _>(|_| Ok(())), Err(DbError::Closed));
    assert_eq!(test.db.migrate(crate::support::ITEMS), Err(DbError::Closed));
    assert_eq!(test.db.pending_migrations(crate::support::ITEMS), Err(DbError::Closed));
}

fn dropping_the_last_handle_ends_the_threads(test: &TestDb) {
    let db = test.again();
    let alive = Arc::new(());
    let held = Arc::clone(&alive);
    db.write_blocking::<(), DbError>(move |_| {
        let _ = &held;
        Ok(())
    })
    .unwrap();
    let (inner, held) = (db.clone(), Arc::clone(&alive));
    // A handle inside a queued body must not keep a thread waiting for itself.
    let write = Box::pin(async move {
        inner
            .clone()
            .write::<(), DbError>(move |_| {
                let _ = (&inner, &held);
                Ok(())
            })
            .await
    });
    drop(db);
    wait(write).unwrap();
    eventually("the end of the bodies", || Arc::strong_count(&alive) == 1);
}
