//! Keeping the write-ahead log short without stopping the writer.
//!
//! The writer reports the log's length after each commit. When it has grown by a step, the
//! checkpoint thread copies the log into the database file; once all of it is copied and no
//! reader needs it, the next commit starts the log over by itself. Under steady writing the
//! thread never quite catches up, so at a cap the writer finishes the job, which is short because
//! most of the log is copied by then.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::Connection;

use crate::db::Options;

/// SQLite's page size in bytes; new files get the default.
const PAGE_BYTES: u64 = 4096;

/// The length of the log and what it calls for, all in pages.
pub(crate) struct WalGauge {
    pages: AtomicU64,
    /// The length at which the checkpoint thread is woken.
    wake_at: AtomicU64,
    step: u64,
    /// The length at which the writer starts the log over.
    cap: u64,
    /// Held while the checkpoint thread copies, because SQLite lets only one checkpoint run and refuses the other.
    copying: Mutex<()>,
}

impl WalGauge {
    pub(crate) fn new(options: &Options) -> Self {
        let step = u64::from(options.wal_checkpoint_pages.max(1));
        Self {
            pages: AtomicU64::new(0),
            wake_at: AtomicU64::new(step),
            step,
            cap: (options.wal_max_bytes / PAGE_BYTES).max(1),
            copying: Mutex::default(),
        }
    }

    /// The length after the last commit.
    pub(crate) fn pages(&self) -> u64 {
        self.pages.load(Ordering::Relaxed)
    }

    pub(super) fn committed(&self, pages: u64) {
        let before = self.pages.swap(pages, Ordering::Relaxed);
        if pages < before {
            // The log was started over.
            self.wake_at.store(self.step, Ordering::Relaxed);
        }
    }

    pub(super) fn wants_checkpoint(&self) -> bool {
        self.pages() >= self.wake_at.load(Ordering::Relaxed)
    }

    pub(super) fn cap(&self) -> u64 {
        self.cap
    }

    /// Waits until the checkpoint thread is not copying and keeps it from beginning; `None` at once if it is copying and
    /// the caller is not `patient`.
    pub(super) fn alone(&self, patient: bool) -> Option<MutexGuard<'_, ()>> {
        // The lock guards no data, so a panic under it left nothing behind.
        if patient {
            return Some(self.copying.lock().unwrap_or_else(PoisonError::into_inner));
        }
        match self.copying.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn checkpointed(&self) {
        // Measured from now even if a reader kept part of the log from being copied: trying again
        // at once would only burn time.
        self.wake_at.store(self.pages() + self.step, Ordering::Relaxed);
    }
}

/// Works until the writer drops its end of the channel.
pub(super) fn run(conn: &Connection, woken: &Receiver<()>, gauge: &WalGauge) {
    while woken.recv().is_ok() {
        if gauge.wants_checkpoint() {
            let _alone = gauge.alone(true);
            if let Err(error) = checkpoint(conn, "PRAGMA wal_checkpoint(PASSIVE)") {
                tracing::warn!(%error, "the write-ahead log could not be copied back");
            }
            gauge.checkpointed();
        }
    }
}

/// Runs a checkpoint and answers whether it did all it was asked for.
pub(super) fn checkpoint(conn: &Connection, pragma: &str) -> rusqlite::Result<bool> {
    conn.query_row(pragma, [], |row| {
        let (busy, log, copied): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(busy == 0 && log == copied)
    })
}
