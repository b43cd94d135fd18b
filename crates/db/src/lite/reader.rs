//! A thread that serves reads from snapshots.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, InterruptHandle};

use super::engine::{Guard, LiteEngine};
use crate::db::Work;
use crate::error::DbError;
use crate::job::{Ended, Hook, attempt, run_hooks};
use crate::queue::Queue;
use crate::stats::Counters;
use crate::tx::Tx;

/// What the writer knows of a reader, to end a read that keeps the log from being started over.
pub(super) struct Slot {
    since: Mutex<Option<Instant>>,
    expired: AtomicBool,
    interrupt: InterruptHandle,
}

impl Slot {
    pub(super) fn new(conn: &Connection) -> Self {
        Self { since: Mutex::new(None), expired: AtomicBool::new(false), interrupt: conn.get_interrupt_handle() }
    }

    /// Ends the read that runs, if it has run for longer than `limit`: its statement is
    /// interrupted and further ones are refused.
    pub(super) fn expire(&self, limit: Duration) {
        // Under the lock, so that the next read of this thread cannot be hit instead.
        let since = self.lock();
        if since.is_some_and(|since| since.elapsed() > limit) {
            self.expired.store(true, Ordering::Relaxed);
            self.interrupt.interrupt();
        }
    }

    fn begin(&self) {
        let mut since = self.lock();
        self.expired.store(false, Ordering::Relaxed);
        *since = Some(Instant::now());
    }

    fn end(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Works until the queue is closed and empty.
pub(super) fn run(conn: &Connection, slot: &Slot, queue: &Queue<Work>, counters: &Counters) {
    let mut engine = LiteEngine::new(conn, Some(&slot.expired));
    let mut hooks = Vec::new();
    while let Some(Work { mut job, .. }) = queue.pop() {
        slot.begin();
        let outcome = serve(&mut engine, &mut hooks, &mut *job, slot);
        if let Err(error) = outcome {
            if error == DbError::Busy {
                counters.busy.add(1);
            }
            job.fail(error);
        }
        hooks.clear();
        job.answer();
    }
}

fn serve(
    engine: &mut LiteEngine<'_>,
    hooks: &mut Vec<Hook>,
    job: &mut dyn crate::job::Job,
    slot: &Slot,
) -> Result<(), DbError> {
    engine.start(Guard::Alone);
    let begun = engine.control("BEGIN DEFERRED");
    let ended = begun.map(|()| attempt(job, &mut Tx::new(engine, hooks)));
    // From here on the writer must not interrupt: the end of the transaction has to succeed.
    slot.end();
    let ended = ended?;
    if ended == Ended::Well {
        engine.control("COMMIT")?;
        run_hooks(hooks);
    } else if !engine.is_autocommit() {
        engine.control("ROLLBACK")?;
    }
    Ok(())
}
