//! A caller's body on its way to a database thread, and its answer on the way back.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use tokio::sync::oneshot;

use crate::error::{DbError, one_line};
use crate::tx::Tx;

/// Something to run right after a commit.
pub(crate) type Hook = Box<dyn FnOnce() + Send>;

/// A body with its types hidden, so that bodies of all kinds wait in one queue.
pub(crate) trait Job: Send {
    /// Runs the body, keeps its answer, and tells whether it was `Ok`.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Replaces the answer by an error.
    fn fail(&mut self, error: DbError);
    /// Sends the answer to the caller, if it still waits.
    fn answer(self: Box<Self>);
}

/// How running a body ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Well,
    Refused,
    Panicked,
}

struct Typed<T, E, F> {
    body: F,
    answer: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for Typed<T, E, F>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let answer = (self.body)(tx);
        let well = answer.is_ok();
        self.answer = Some(answer);
        well
    }

    fn fail(&mut self, error: DbError) {
        self.answer = Some(Err(E::from(error)));
    }

    fn answer(self: Box<Self>) {
        if let Some(answer) = self.answer {
            // The caller may have dropped its future; the work is done all the same.
            let _ = self.reply.send(answer);
        }
    }
}

/// Wraps a body and gives the end on which its answer arrives.
pub(crate) fn job<T, E>(
    body: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
) -> (Box<dyn Job>, oneshot::Receiver<Result<T, E>>)
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    let (reply, receiver) = oneshot::channel();
    (Box::new(Typed { body, answer: None, reply }), receiver)
}

/// Runs a body so that neither its panic nor an error it swallowed can do harm.
pub(crate) fn attempt(job: &mut dyn Job, tx: &mut Tx<'_>) -> Ended {
    match catch_unwind(AssertUnwindSafe(|| job.run(tx))) {
        Ok(well) => match tx.failure() {
            // PostgreSQL would turn the commit of such a transaction into a silent rollback.
            Some(error) if well => {
                job.fail(error.clone());
                Ended::Refused
            }
            _ if well => Ended::Well,
            _ => Ended::Refused,
        },
        Err(payload) => {
            let message = format!("the transaction panicked: {}", panic_text(&*payload));
            job.fail(DbError::Sql { statement: one_line(tx.latest()), message });
            Ended::Panicked
        }
    }
}

/// Runs what was to happen after the commit. A panic there must not take the thread along.
pub(crate) fn run_hooks(hooks: &mut Vec<Hook>) {
    for hook in hooks.drain(..) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(hook)) {
            tracing::error!(reason = panic_text(&*payload), "a hook after a commit panicked");
        }
    }
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Waits for a future on this thread. The answers come from the database threads, so unlike
/// tokio's own blocking receive this is allowed, if unwise, on a thread of the runtime.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    // A task of the runtime that has used up its turn would be told "not yet" for ever, because it never yields here.
    let mut future = pin!(tokio::task::unconstrained(future));
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}
