//! Counters for the metrics page.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the database did since it was opened. Counters only grow; the two depths are of now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Writes that wait. On PostgreSQL reads wait in the same queue and count here too.
    pub writes_queued: usize,
    /// Reads that wait, on SQLite.
    pub reads_queued: usize,
    /// Commits that covered at least one write.
    pub groups: u64,
    /// Writes that were committed.
    pub jobs: u64,
    /// Reads that were taken on.
    pub reads: u64,
    /// Bodies that were run again because PostgreSQL asked for it.
    pub retries: u64,
    /// Callers that were answered [`crate::DbError::Busy`] because a queue was full or another
    /// process held the file.
    pub busy: u64,
    /// Pages of 4 KiB in SQLite's write-ahead log after the last commit.
    pub wal_pages: u64,
}

/// The counters behind [`Stats`].
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) groups: Counter,
    pub(crate) jobs: Counter,
    pub(crate) reads: Counter,
    pub(crate) retries: Counter,
    pub(crate) busy: Counter,
}

/// A number that only grows.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
