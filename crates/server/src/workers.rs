//! Background tasks, by name. None ends unnoticed: a dead worker is logged and makes `/readyz` fail.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Timers;

/// The tracked tasks of one server. Clones share them.
#[derive(Debug, Clone)]
pub struct Workers {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    stopping: watch::Sender<bool>,
    running: Mutex<Vec<JoinHandle<()>>>,
    dead: Mutex<Vec<String>>,
}

impl Default for Workers {
    fn default() -> Self {
        let stopping = watch::Sender::new(false);
        Self { inner: Arc::new(Inner { stopping, running: Mutex::default(), dead: Mutex::default() }) }
    }
}

/// Tells a worker that the server is shutting down.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Waits until the server shuts down.
    pub async fn requested(&mut self) {
        // The sender goes only with the server itself.
        let _ = self.0.wait_for(|stopping| *stopping).await;
    }

    /// Whether the server is shutting down.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }
}

impl Workers {
    /// Tells when to stop.
    pub fn stop(&self) -> Stop {
        Stop(self.inner.stopping.subscribe())
    }

    /// Starts a worker that runs as long as the server. It is dropped at its next await when the server shuts down, so
    /// what it must not leave half done belongs into one transaction; ending by itself counts as death.
    pub fn spawn(&self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        let (mut stop, inner) = (self.stop(), Arc::clone(&self.inner));
        let task = async move {
            let outcome = tokio::select! {
                () = stop.requested() => return,
                outcome = AssertUnwindSafe(work).catch_unwind() => outcome,
            };
            let how = if outcome.is_ok() { "ended" } else { "panicked" };
            tracing::error!(worker = name, "worker {name} {how}; restart the server");
            locked(&inner.dead).push(format!("worker {name} {how}"));
        };
        self.track(task);
    }

    /// Starts a task that may end by itself, such as one delivery or one connection, but which shutdown waits for.
    /// It should watch [`Self::stop`]. A panic is logged and ends only this task.
    pub fn spawn_job(&self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        self.track(async move {
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                tracing::error!(job = name, "job {name} panicked");
            }
        });
    }

    fn track(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut running = locked(&self.inner.running);
        // Finished jobs are dropped on the way; doubling keeps that cheap.
        if running.len() == running.capacity() {
            running.retain(|handle| !handle.is_finished());
        }
        running.push(tokio::spawn(task));
    }

    /// Why workers are dead; empty if all live.
    pub fn dead(&self) -> Vec<String> {
        locked(&self.inner.dead).clone()
    }

    /// Tells all tasks to stop, without waiting.
    pub fn request_stop(&self) {
        self.inner.stopping.send_replace(true);
    }

    /// Ends all tasks: tells them to stop, waits up to `patience` of network time, aborts the rest.
    pub async fn shut_down(&self, timers: &Timers, patience: Duration) {
        self.request_stop();
        let running = std::mem::take(&mut *locked(&self.inner.running));
        let aborts: Vec<_> = running.iter().map(JoinHandle::abort_handle).collect();
        if timers.timeout(patience, futures_util::future::join_all(running)).await.is_err() {
            tracing::warn!("some tasks did not end in time and were cut off");
            aborts.iter().for_each(tokio::task::AbortHandle::abort);
        }
    }
}

// A panic while a lock is held leaves these lists whole, so going on is safe.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_worker_that_ends_or_panics_is_reported_and_a_job_is_not() {
        let workers = Workers::default();
        workers.spawn("sleeper", std::future::pending());
        workers.spawn("quitter", async {});
        workers.spawn("faulty", async { panic!("on purpose") });
        workers.spawn_job("job", async {});
        let timers = Timers::real();
        let both = timers.timeout(Duration::from_secs(5), async {
            while workers.dead().len() < 2 {
                tokio::task::yield_now().await;
            }
        });
        both.await.unwrap();
        let mut dead = workers.dead();
        dead.sort();
        assert_eq!(dead, ["worker faulty panicked", "worker quitter ended"]);
        workers.shut_down(&Timers::real(), Duration::from_secs(5)).await;
        assert_eq!(workers.dead().len(), 2);
    }

    #[tokio::test]
    async fn shutdown_lets_a_job_finish() {
        let workers = Workers::default();
        let (done, mut stop) = (Arc::new(Mutex::new(false)), workers.stop());
        let flag = Arc::clone(&done);
        workers.spawn_job("job", async move {
            stop.requested().await;
            *flag.lock().unwrap() = true;
        });
        workers.shut_down(&Timers::real(), Duration::from_secs(5)).await;
        assert!(*done.lock().unwrap());
    }
}
