//! What other processes on the same database did, without asking it again and again.
//!
//! On PostgreSQL a process tells the others by `NOTIFY`, outside of every transaction, so that commits do not queue for
//! the lock that notifications take. On SQLite the change of the write-ahead log is the news. News is a hint: it can be
//! lost, come twice or come from this process, so whoever waits for something must also look by itself now and then.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Something that another process did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// What it told: the text of one [`crate::Db::tell`].
    Told(String),
    /// Somebody wrote, perhaps this process itself. Comes a few times a second at most; SQLite only.
    Written,
    /// News may have been lost, so anything may have happened.
    Missed,
}

/// Texts that wait to be told; more than that count as [`News::Missed`].
pub(crate) const WAITING_MAX: usize = 1_024;

/// The news of one open database: who hears and who tells.
#[derive(Default)]
pub(crate) struct Exchange {
    closed: Arc<AtomicBool>,
    own: Own,
    teller: Mutex<Option<Teller>>,
}

/// The number of the connection that this process tells on, whose news it need not hear; 0 for none. PostgreSQL only.
pub(crate) type Own = Arc<AtomicI32>;

/// A thread that tells others, and how to reach it.
pub(crate) struct Teller {
    pub(crate) texts: SyncSender<String>,
    /// Some text found no place in the queue.
    pub(crate) lost: Arc<AtomicBool>,
    pub(crate) thread: JoinHandle<()>,
}

impl Exchange {
    /// Becomes true when the database closes.
    pub(crate) fn closed(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.closed)
    }

    /// See [`Own`].
    pub(crate) fn own(&self) -> Own {
        Arc::clone(&self.own)
    }

    /// Passes `text` on to the thread that tells, which `start` starts if there is none.
    pub(crate) fn tell(&self, text: String, start: impl FnOnce() -> Option<Teller>) {
        if self.closed.load(Ordering::Acquire) {
            return;
        }
        let mut slot = self.teller.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = start();
        }
        let Some(teller) = slot.as_ref() else { return };
        match teller.texts.try_send(text) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => teller.lost.store(true, Ordering::Release),
            // The thread is gone; the next text starts another.
            Err(TrySendError::Disconnected(_)) => *slot = None,
        }
    }

    /// Ends the threads; what is still to be told is told first if `wait`.
    pub(crate) fn close(&self, wait: bool) {
        self.closed.store(true, Ordering::Release);
        let teller = self.teller.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Teller { texts, thread, .. }) = teller {
            drop(texts);
            if wait && thread.join().is_err() {
                tracing::error!("the thread that tells other servers panicked");
            }
        }
    }
}
