//! The handle everybody holds.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::error::DbError;
use crate::job::{Job, job, wait};
use crate::migrate::{self, Migration};
use crate::news::{self, News};
use crate::queue::Queue;
use crate::stats::{Counters, Stats};
use crate::tx::Tx;
use crate::url::DatabaseUrl;
use crate::{lite, pg};

/// Which database is behind a [`Db`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A SQLite file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// How much a [`Db`] may use. The defaults suit a small machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Threads that read from SQLite, each with its own connection; at least 1.
    pub readers: usize,
    /// Threads that work on PostgreSQL, each with its own connection; at least 1.
    pub postgres_workers: usize,
    /// Jobs that may wait in a queue before callers are answered [`DbError::Busy`]; at least 1.
    pub queue_max: usize,
    /// Writes that one SQLite commit may cover; at least 1.
    pub group_max: usize,
    /// Pages (of 4 KiB) that SQLite's write-ahead log grows by before the background thread
    /// copies them into the database file.
    pub wal_checkpoint_pages: u32,
    /// Bytes at which the writer itself starts the write-ahead log over. A reader that stays in
    /// the way is ended at twice, and writes are refused at four times this size.
    pub wal_max_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 4,
            postgres_workers: 16,
            queue_max: 1024,
            group_max: 256,
            wal_checkpoint_pages: 2_000,
            wal_max_bytes: 64 << 20,
        }
    }
}

/// A body and what it may do.
pub(crate) struct Work {
    pub(crate) job: Box<dyn Job>,
    pub(crate) write: bool,
}

/// What the callers and the database threads share.
pub(crate) struct Channels {
    pub(crate) writes: Arc<Queue<Work>>,
    /// The same queue as `writes` on PostgreSQL.
    pub(crate) reads: Arc<Queue<Work>>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) wal: Arc<lite::WalGauge>,
}

/// An open database. Clones share it; it closes when [`Db::close`] is called or the last clone is
/// dropped (then without waiting for the threads).
#[derive(Clone)]
pub struct Db {
    shared: Arc<Shared>,
}

struct Shared {
    url: DatabaseUrl,
    channels: Channels,
    threads: Mutex<Vec<JoinHandle<()>>>,
    news: news::Exchange,
}

impl Db {
    /// Opens the database, creating a missing SQLite file. Blocks for as long as the connection
    /// takes, with PostgreSQL up to 5 seconds.
    ///
    /// # Errors
    /// What keeps the file from being opened or the server from being reached.
    pub fn open(url: &DatabaseUrl, options: &Options) -> Result<Self, DbError> {
        let (channels, threads) = match url {
            DatabaseUrl::Sqlite(path) => lite::open(path, options)?,
            DatabaseUrl::Postgres(text) => pg::open(text, options)?,
        };
        let threads = Mutex::new(threads);
        let news = news::Exchange::default();
        Ok(Self { shared: Arc::new(Shared { url: url.clone(), channels, threads, news }) })
    }

    /// Brings the schema up to date and answers how many migrations that took. Blocks. All
    /// missing migrations are one transaction; several servers may call this at the same time.
    ///
    /// # Errors
    /// [`DbError::Migration`] when an applied migration was edited, or is not among
    /// `migrations`, or one of them fails.
    pub fn migrate(&self, migrations: &[Migration]) -> Result<usize, DbError> {
        self.refuse_when_closed()?;
        migrate::apply(&self.shared.url, migrations)
    }

    /// How many of `migrations` are not applied yet. Blocks.
    ///
    /// # Errors
    /// As for [`Db::migrate`].
    pub fn pending_migrations(&self, migrations: &[Migration]) -> Result<usize, DbError> {
        self.refuse_when_closed()?;
        migrate::pending(&self.shared.url, migrations)
    }

    /// Runs `body` as one transaction that may change data, and answers after its commit. The
    /// body may run again, and it runs to its end even when this future is dropped.
    ///
    /// On SQLite all writes wait for a body, so it must do nothing slow (no hashing, no network);
    /// and it must not wait for another write of the same database, which would wait for it.
    ///
    /// # Errors
    /// The body's own, or a [`DbError`] as its `E`.
    pub async fn write<T, E>(&self, body: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (job, answer) = job(body);
        self.send(job, true)?;
        answer.await.unwrap_or_else(|_| Err(DbError::Closed.into()))
    }

    /// Runs `body` as one transaction that sees one state of the data and may not change it.
    ///
    /// # Errors
    /// As for [`Db::write`]; a change is [`DbError::ReadOnly`].
    pub async fn read<T, E>(&self, body: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (job, answer) = job(body);
        self.send(job, false)?;
        answer.await.unwrap_or_else(|_| Err(DbError::Closed.into()))
    }

    /// [`Db::write`] for the command line and start-up: blocks the calling thread.
    ///
    /// # Errors
    /// As for [`Db::write`].
    pub fn write_blocking<T, E>(&self, body: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        wait(self.write(body))
    }

    /// [`Db::read`] for the command line and start-up: blocks the calling thread.
    ///
    /// # Errors
    /// As for [`Db::read`].
    pub fn read_blocking<T, E>(&self, body: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        wait(self.read(body))
    }

    /// Which database this is.
    pub fn kind(&self) -> Kind {
        match self.shared.url {
            DatabaseUrl::Sqlite(_) => Kind::Sqlite,
            DatabaseUrl::Postgres(_) => Kind::Postgres,
        }
    }

    /// The counters, for the metrics page. Cheap.
    pub fn stats(&self) -> Stats {
        let Channels { writes, reads, counters, wal } = &self.shared.channels;
        Stats {
            writes_queued: writes.len(),
            reads_queued: if Arc::ptr_eq(writes, reads) { 0 } else { reads.len() },
            groups: counters.groups.get(),
            jobs: counters.jobs.get(),
            reads: counters.reads.get(),
            retries: counters.retries.get(),
            busy: counters.busy.get(),
            wal_pages: wal.pages(),
        }
    }

    /// Hears what other processes do with this database, until it is closed; see [`News`]. `heard` runs on a thread of
    /// its own and should be quick. Call it once.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if no thread can be started.
    pub fn hear(&self, heard: impl Fn(News) + Send + 'static) -> Result<(), DbError> {
        let closed = self.shared.news.closed();
        match &self.shared.url {
            DatabaseUrl::Sqlite(path) => lite::news::hear(path, closed, heard),
            DatabaseUrl::Postgres(url) => pg::news::hear(url, self.shared.news.own(), closed, heard),
        }
    }

    /// Tells the other processes on this database `texts`, each one line. Never blocks, does not fail and may get lost.
    /// On SQLite nothing is to be done, and `texts` is not looked at: a commit is seen anyway.
    pub fn tell(&self, texts: impl IntoIterator<Item = String>) {
        let DatabaseUrl::Postgres(url) = &self.shared.url else { return };
        let news = &self.shared.news;
        let start = || match pg::news::teller(url, news.own()) {
            Ok(teller) => Some(teller),
            Err(error) => {
                tracing::warn!(%error, "other servers cannot be told what happens here");
                None
            }
        };
        for text in texts {
            news.tell(text, start);
        }
    }

    /// Finishes what is queued, commits it, empties the write-ahead log and ends the threads.
    /// Blocks until that is done; every later call answers [`DbError::Closed`].
    pub fn close(&self) {
        self.shared.close_queues();
        let mut threads = self.shared.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for handle in threads.drain(..) {
            // A hook may close the database; its own thread cannot be waited for.
            if handle.thread().id() != thread::current().id() && handle.join().is_err() {
                tracing::error!("a database thread panicked");
            }
        }
        // After the last commit, which may be news.
        self.shared.news.close(true);
    }

    fn send(&self, job: Box<dyn Job>, write: bool) -> Result<(), DbError> {
        let channels = &self.shared.channels;
        let queue = if write { &channels.writes } else { &channels.reads };
        let outcome = queue.push(Work { job, write });
        if outcome == Err(DbError::Busy) {
            channels.counters.busy.add(1);
        } else if !write {
            channels.counters.reads.add(1);
        }
        outcome
    }

    fn refuse_when_closed(&self) -> Result<(), DbError> {
        if self.shared.channels.writes.is_closed() { Err(DbError::Closed) } else { Ok(()) }
    }
}

impl Shared {
    fn close_queues(&self) {
        self.channels.writes.close();
        self.channels.reads.close();
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.close_queues();
        self.news.close(false);
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Db").field("url", &self.shared.url).finish_non_exhaustive()
    }
}
