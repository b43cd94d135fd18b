//! A bounded queue between the callers and the database threads.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::DbError;

/// A queue that never grows beyond its bound and can be closed. Closing lets the consumers take
/// what is already in it.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    ready: Condvar,
    max: usize,
}

struct State<T> {
    items: VecDeque<T>,
    /// Consumers asleep, so that a push to a busy consumer costs no system call.
    sleeping: usize,
    closed: bool,
}

impl<T> Queue<T> {
    pub(crate) fn new(max: usize) -> Self {
        let items = VecDeque::with_capacity(max);
        let state = Mutex::new(State { items, sleeping: 0, closed: false });
        Self { state, ready: Condvar::new(), max }
    }

    /// Adds an item, or answers [`DbError::Busy`] when full and [`DbError::Closed`] when closed.
    pub(crate) fn push(&self, item: T) -> Result<(), DbError> {
        let mut state = self.lock();
        if state.closed {
            return Err(DbError::Closed);
        }
        if state.items.len() >= self.max {
            return Err(DbError::Busy);
        }
        state.items.push_back(item);
        let wake = state.sleeping > 0;
        drop(state);
        if wake {
            self.ready.notify_one();
        }
        Ok(())
    }

    /// Waits for an item; `None` when the queue is closed and empty.
    pub(crate) fn pop(&self) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some(item) = state.items.pop_front() {
                return Some(item);
            }
            if state.closed {
                return None;
            }
            state.sleeping += 1;
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.sleeping -= 1;
        }
    }

    /// Takes an item if there is one now.
    pub(crate) fn try_pop(&self) -> Option<T> {
        self.lock().items.pop_front()
    }

    /// How many items wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().items.len()
    }

    /// Refuses further items and wakes every consumer.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.ready.notify_all();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // No code that could panic runs under the lock, so a poisoned state is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
