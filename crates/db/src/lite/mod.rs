//! SQLite: one writer with group commit, a few readers, one checkpoint thread.

mod engine;
pub(crate) mod news;
mod reader;
mod wal;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

pub(crate) use wal::WalGauge;

use crate::db::{Channels, Options};
use crate::error::DbError;
use crate::queue::Queue;
use crate::stats::Counters;

/// How long to wait for another process that writes to the same file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Write,
    Read,
}

/// Opens the file and starts the threads. The one handle answered is the writer's, which outlives
/// the others.
pub(crate) fn open(path: &Path, options: &Options) -> Result<(Channels, Vec<JoinHandle<()>>), DbError> {
    let writes = Arc::new(Queue::new(options.queue_max.max(1)));
    let reads = Arc::new(Queue::new(options.queue_max.max(1)));
    let counters = Arc::new(Counters::default());
    let gauge = Arc::new(WalGauge::new(options));

    make_private(path);
    let mut conn = connect(path, Purpose::Write)?;
    limit_wal(&mut conn, options, &gauge)?;
    let checkpoints = connect(path, Purpose::Write)?;

    let mut helpers = Vec::new();
    let mut slots = Vec::new();
    for number in 0..options.readers.max(1) {
        let conn = connect(path, Purpose::Read)?;
        let slot = Arc::new(reader::Slot::new(&conn));
        slots.push(Arc::clone(&slot));
        let (reads, counters) = (Arc::clone(&reads), Arc::clone(&counters));
        helpers.push(spawn(format!("db-reader-{number}"), move || {
            reader::run(&conn, &slot, &reads, &counters);
        })?);
    }
    let (wake, woken) = sync_channel(1);
    let checkpoint_gauge = Arc::clone(&gauge);
    helpers.push(spawn("db-checkpoint".to_owned(), move || {
        wal::run(&checkpoints, &woken, &checkpoint_gauge);
    })?);
    let setup = writer::Setup {
        conn,
        queue: Arc::clone(&writes),
        counters: Arc::clone(&counters),
        gauge: Arc::clone(&gauge),
        wake,
        slots,
        helpers,
        group_max: options.group_max.max(1),
    };
    let thread = spawn("db-writer".to_owned(), move || writer::run(setup))?;
    Ok((Channels { writes, reads, counters, wal: gauge }, vec![thread]))
}

/// Makes a missing file readable by its owner alone; SQLite gives the files beside it the same rights.
fn make_private(path: &Path) {
    let mut file = std::fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    // A file that exists keeps its rights, and of any other trouble SQLite tells more when it opens the file.
    let _ = file.open(path);
}

fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, DbError> {
    thread::Builder::new()
        .name(name)
        .spawn(body)
        .map_err(|error| DbError::Unavailable(format!("no thread could be started: {error}")))
}

/// Opens a connection of its own.
pub(crate) fn connect(path: &Path, purpose: Purpose) -> Result<Connection, DbError> {
    let access = match purpose {
        Purpose::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Purpose::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    // Without the URI flag, so that a path that starts with "file:" is a path.
    let conn = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| DbError::Io(format!("cannot open {}: {error}", path.display())))?;
    configure(&conn, purpose).map_err(|error| match DbError::from_sqlite("PRAGMA", &error) {
        DbError::Io(text) => DbError::Io(format!("cannot open {}: {text}", path.display())),
        DbError::Corrupt(text) => DbError::Corrupt(format!("{}: {text}", path.display())),
        DbError::ReadOnly(text) => DbError::ReadOnly(format!("{}: {text}", path.display())),
        other => other,
    })?;
    Ok(conn)
}

fn configure(conn: &Connection, purpose: Purpose) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    if purpose == Purpose::Write {
        let mode = switch_to_wal(conn)?;
        if mode != "wal" {
            return Err(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN),
                Some(format!("the file system does not allow a write-ahead log (mode {mode})")),
            ));
        }
    }
    // Small caches: the operating system caches the file already, and idle memory counts.
    conn.execute_batch(match purpose {
        Purpose::Write => "PRAGMA cache_size = -8192;",
        Purpose::Read => "PRAGMA cache_size = -2048;",
    })?;
    conn.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 0;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA wal_autocheckpoint = 0;",
    )
}

/// The switch does not wait for a lock by itself, so that two processes that create the same file
/// at once would fail.
fn switch_to_wal(conn: &Connection) -> rusqlite::Result<String> {
    let started = Instant::now();
    loop {
        match conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)) {
            Err(error) if DbError::from_sqlite("", &error) == DbError::Busy && started.elapsed() < BUSY_TIMEOUT => {
                thread::sleep(Duration::from_millis(20));
            }
            outcome => return outcome,
        }
    }
}

/// Lets the log shrink back after a burst, and has its length reported after each commit.
fn limit_wal(conn: &mut Connection, options: &Options, gauge: &Arc<WalGauge>) -> Result<(), DbError> {
    let limit = i64::try_from(options.wal_max_bytes).unwrap_or(i64::MAX);
    let gauge = Arc::clone(gauge);
    conn.query_row(&format!("PRAGMA journal_size_limit = {limit}"), [], |_| Ok(()))
        .and_then(|()| {
            conn.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages: i32| {
                gauge.committed(u64::try_from(pages).unwrap_or(0));
                Ok(())
            }))
        })
        .map_err(|error| DbError::from_sqlite("PRAGMA journal_size_limit", &error))
}
