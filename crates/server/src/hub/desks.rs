//! Wake-ups of consoles, by help desk.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use super::locked;

/// Who waits for changes of help desks.
#[derive(Debug, Default)]
pub(super) struct Desks(Mutex<HashMap<i64, Vec<Arc<Notify>>>>);

impl Desks {
    /// Wakes everybody who watches this help desk.
    pub fn wake(&self, helpdesk_id: i64) {
        locked(&self.0).get(&helpdesk_id).into_iter().flatten().for_each(|watcher| watcher.notify_one());
    }

    /// Wakes everybody.
    pub fn wake_all(&self) {
        locked(&self.0).values().flatten().for_each(|watcher| watcher.notify_one());
    }

    /// How many help desks are watched.
    #[cfg(test)]
    pub fn watched(&self) -> usize {
        locked(&self.0).len()
    }
}

/// A watch over some help desks; dropping it ends the watch.
#[derive(Debug)]
pub struct DeskWatch {
    desks: Arc<super::Inner>,
    ids: Vec<i64>,
    woken: Arc<Notify>,
}

impl DeskWatch {
    pub(super) fn over(desks: Arc<super::Inner>, ids: Vec<i64>) -> Self {
        let woken = Arc::new(Notify::new());
        let mut watched = locked(&desks.desks.0);
        for id in &ids {
            watched.entry(*id).or_default().push(Arc::clone(&woken));
        }
        drop(watched);
        Self { desks, ids, woken }
    }

    /// Which help desks.
    pub fn ids(&self) -> &[i64] {
        &self.ids
    }

    /// Waits for the next change. One since the watch began, or since the last return, counts.
    pub async fn changed(&self) {
        self.woken.notified().await;
    }
}

impl Drop for DeskWatch {
    fn drop(&mut self) {
        let mut watched = locked(&self.desks.desks.0);
        for id in &self.ids {
            let Some(watchers) = watched.get_mut(id) else { continue };
            watchers.retain(|watcher| !Arc::ptr_eq(watcher, &self.woken));
            if watchers.is_empty() {
                watched.remove(id);
            }
        }
    }
}
