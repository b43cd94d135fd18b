//! The thread that changes a SQLite database: all writes that wait become one commit.
//!
//! A commit waits for the disk, so its price is shared: the writer takes one job, begins a
//! transaction, runs it and whatever else has queued up meanwhile, commits once and only then
//! answers them all. There is no timer; an idle system commits each write at once.
//!
//! A job that fails must not take its neighbours along. It gets a savepoint when it follows
//! others and before its first change, so jobs that only look and refuse cost nothing extra. All
//! answers, refusals too, wait for the commit: a refusal may rest on what a neighbour wrote.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::BUSY_TIMEOUT;
use super::engine::{Guard, LiteEngine};
use super::reader::Slot;
use super::wal::{WalGauge, checkpoint};
use crate::db::Work;
use crate::error::DbError;
use crate::job::{Ended, Hook, Job, attempt, run_hooks};
use crate::queue::Queue;
use crate::stats::Counters;
use crate::tx::Tx;

/// How long a group may gather jobs, so that slow ones do not delay the first one's answer.
const GROUP_TIME_MAX: Duration = Duration::from_millis(20);
/// A body that takes longer is worth a warning: all other writes wait for it.
const SLOW_BODY: Duration = Duration::from_millis(50);
/// How long the writer waits for readers when it starts the log over.
const RESTART_WAIT: Duration = Duration::from_millis(100);
/// How long a read may last when it keeps an overlong log from being started over.
const READ_TIME_MAX: Duration = Duration::from_secs(2);

/// What the writer is made of.
pub(super) struct Setup {
    pub(super) conn: Connection,
    pub(super) queue: Arc<Queue<Work>>,
    pub(super) counters: Arc<Counters>,
    pub(super) gauge: Arc<WalGauge>,
    /// Wakes the checkpoint thread, and ends it when dropped.
    pub(super) wake: SyncSender<()>,
    pub(super) slots: Vec<Arc<Slot>>,
    /// The readers and the checkpoint thread, which must be gone before the file is closed.
    pub(super) helpers: Vec<JoinHandle<()>>,
    pub(super) group_max: usize,
}

/// Works until the queue is closed and empty, then leaves a database file without a log.
pub(super) fn run(setup: Setup) {
    let Setup { conn, queue, counters, gauge, wake, slots, helpers, group_max } = setup;
    let mut writer = Writer {
        engine: LiteEngine::new(&conn, None),
        conn: &conn,
        queue: &queue,
        counters: &counters,
        gauge: &gauge,
        wake: &wake,
        slots: &slots,
        group_max,
        restart_at: gauge.cap(),
        done: Vec::with_capacity(group_max),
        kept: 0,
        hooks: Vec::new(),
    };
    while let Some(work) = queue.pop() {
        writer.group(work.job);
    }
    drop(writer);
    drop(wake);
    for helper in helpers {
        if helper.join().is_err() {
            tracing::error!("a database thread panicked");
        }
    }
    if let Err(error) = checkpoint(&conn, "PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the write-ahead log stays beside the database file");
    }
}

struct Writer<'conn> {
    engine: LiteEngine<'conn>,
    conn: &'conn Connection,
    queue: &'conn Queue<Work>,
    counters: &'conn Counters,
    gauge: &'conn WalGauge,
    wake: &'conn SyncSender<()>,
    slots: &'conn [Arc<Slot>],
    group_max: usize,
    /// The length of the log, in pages, at which the writer next tries to start it over.
    restart_at: u64,
    /// The jobs of this group that have run and wait for the commit.
    done: Vec<Box<dyn Job>>,
    /// How many of them ended well.
    kept: u64,
    hooks: Vec<Hook>,
}

/// What a job did to the transaction it ran in.
enum After {
    /// The group can take another job.
    GoesOn,
    /// The job was alone and had to be undone: there is nothing left to commit.
    Undone,
    /// The whole group is lost.
    Lost(DbError),
}

impl Writer<'_> {
    /// Runs a job and those that wait behind it as one transaction.
    fn group(&mut self, first: Box<dyn Job>) {
        if let Err(error) = self.begin() {
            self.refuse(first, &error);
            return;
        }
        let begun = Instant::now();
        let mut last = begun;
        let mut next = Some(first);
        while let Some(job) = next {
            match self.run(job) {
                After::GoesOn => {}
                After::Undone => return self.answer(),
                After::Lost(error) => return self.lose(&error),
            }
            let now = Instant::now();
            if now - last > SLOW_BODY {
                let milliseconds = (now - last).as_millis();
                tracing::warn!(milliseconds, "a transaction was slow and held up all writes");
            }
            last = now;
            let full = self.done.len() >= self.group_max || now - begun > GROUP_TIME_MAX;
            next = if full { None } else { self.queue.try_pop().map(|work| work.job) };
        }
        match self.engine.control("COMMIT") {
            Ok(()) => {
                if self.kept > 0 {
                    self.counters.groups.add(1);
                    self.counters.jobs.add(self.kept);
                }
                run_hooks(&mut self.hooks);
                self.answer();
                self.tend_log();
            }
            Err(error) => self.lose(&error),
        }
    }

    fn begin(&mut self) -> Result<(), DbError> {
        if self.gauge.pages() >= self.gauge.cap().saturating_mul(4) && !self.restart_log() {
            return Err(DbError::Full(
                "the write-ahead log cannot be emptied because a reader has been open for too \
                 long; end the program that reads the file"
                    .to_owned(),
            ));
        }
        if !self.engine.is_autocommit() {
            self.engine.control("ROLLBACK")?;
        }
        self.engine.control("BEGIN IMMEDIATE")
    }

    fn run(&mut self, mut job: Box<dyn Job>) -> After {
        let alone = self.done.is_empty();
        let hooks_before = self.hooks.len();
        self.engine.start(if alone { Guard::Alone } else { Guard::Lazy });
        let mut tx = Tx::new(&mut self.engine, &mut self.hooks);
        let ended = attempt(&mut *job, &mut tx);
        let failure = tx.failure().cloned();
        self.done.push(job);
        if self.engine.is_autocommit() {
            // SQLite rolled the whole transaction back by itself, as it does when the disk is
            // full or fails. A savepoint released now would belong to nothing.
            return After::Lost(
                failure.unwrap_or_else(|| DbError::Io("the transaction was rolled back by the database".to_owned())),
            );
        }
        if ended == Ended::Well {
            self.kept += 1;
            return self.engine.keep().map_or_else(After::Lost, |()| After::GoesOn);
        }
        self.hooks.truncate(hooks_before);
        match self.engine.undo() {
            Ok(true) => After::GoesOn,
            Ok(false) => match self.engine.control("ROLLBACK") {
                Ok(()) => After::Undone,
                Err(error) => After::Lost(error),
            },
            Err(error) => After::Lost(error),
        }
    }

    /// Tells every job of the group that nothing of it was kept.
    fn lose(&mut self, error: &DbError) {
        // Whoever waits for a job tells what it meant; a second line each would only flood the log.
        tracing::debug!(%error, jobs = self.done.len(), "a group of writes failed");
        if !self.engine.is_autocommit()
            && let Err(error) = self.engine.control("ROLLBACK")
        {
            tracing::error!(%error, "a rollback failed");
        }
        self.hooks.clear();
        for job in &mut self.done {
            job.fail(error.clone());
        }
        self.answer();
    }

    fn answer(&mut self) {
        self.kept = 0;
        for job in self.done.drain(..) {
            job.answer();
        }
    }

    /// Refuses a job and all that wait: they waited for the same lock or room in vain, and one by
    /// one each would wait as long again.
    fn refuse(&mut self, first: Box<dyn Job>, error: &DbError) {
        let waiting = self.queue.len();
        tracing::debug!(%error, jobs = waiting + 1, "writes were refused");
        let others = (0..waiting).map_while(|_| self.queue.try_pop()).map(|work| work.job);
        for mut job in std::iter::once(first).chain(others) {
            if *error == DbError::Busy {
                self.counters.busy.add(1);
            }
            job.fail(error.clone());
            job.answer();
        }
    }

    fn tend_log(&mut self) {
        let pages = self.gauge.pages();
        if pages >= self.restart_at {
            self.restart_log();
        } else if self.gauge.wants_checkpoint() {
            // A full channel means that the thread is already on its way.
            let _ = self.wake.try_send(());
        }
    }

    /// Copies the rest of the log and has the next commit start it over. Answers whether that
    /// succeeded; readers of an old state can keep it from doing so.
    fn restart_log(&mut self) -> bool {
        let cap = self.gauge.cap();
        // Up to twice the cap the thread that copies is let finish; then the writer waits for it.
        let gauge = self.gauge;
        let Some(_alone) = gauge.alone(gauge.pages() >= cap.saturating_mul(2)) else { return false };
        let outcome =
            self.conn.busy_timeout(RESTART_WAIT).and_then(|()| checkpoint(self.conn, "PRAGMA wal_checkpoint(RESTART)"));
        if let Err(error) = self.conn.busy_timeout(BUSY_TIMEOUT) {
            tracing::error!(%error, "the lock timeout could not be set");
        }
        if matches!(outcome, Ok(true)) {
            self.gauge.committed(0);
            self.restart_at = cap;
            return true;
        }
        let pages = self.gauge.pages();
        self.restart_at = pages + (cap / 4).max(1);
        if pages >= cap.saturating_mul(2) {
            tracing::warn!(pages, "a reader keeps the write-ahead log from being emptied");
            for slot in self.slots {
                slot.expire(READ_TIME_MAX);
            }
        }
        false
    }
}
