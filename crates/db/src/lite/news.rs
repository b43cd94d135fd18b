//! News of other processes that write to the same SQLite file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::error::DbError;
use crate::news::News;

/// How often the write-ahead log is looked at. That asks the file system, not the database.
const LOOK: Duration = Duration::from_millis(250);

/// Starts the thread that looks. Whoever commits writes to the log, so its size or time changes; also when this process
/// does.
pub(crate) fn hear(path: &Path, closed: Arc<AtomicBool>, heard: impl Fn(News) + Send + 'static) -> Result<(), DbError> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let log = PathBuf::from(log);
    let look = move || {
        let mut seen = state(&log);
        while !closed.load(Ordering::Acquire) {
            thread::sleep(LOOK);
            let now = state(&log);
            if now != seen {
                seen = now;
                heard(News::Written);
            }
        }
    };
    let spawned = thread::Builder::new().name("db-hear".to_owned()).spawn(look);
    spawned.map(drop).map_err(|error| DbError::Unavailable(format!("no thread could be started: {error}")))
}

/// Length and time of the log; `None` while there is none.
fn state(log: &Path) -> Option<(u64, SystemTime)> {
    let metadata = std::fs::metadata(log).ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}
