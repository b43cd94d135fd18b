//! Wake-ups in memory. Whoever waits for a row to appear or to fall due sleeps here and looks into the database when
//! woken. A lost wake-up costs time, never data, because every waiter also looks by itself now and then.

mod desks;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db::News;
use desk::{Effect, directory};
use tokio::sync::{Notify, watch};

pub use desks::DeskWatch;
use desks::Desks;

/// The wake-ups of one server. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Hub {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    chats: Mutex<HashMap<String, watch::Sender<()>>>,
    desks: Desks,
    deliveries: Mutex<HashMap<String, Arc<Notify>>>,
    question_due: Notify,
    notification_due: Notify,
    routing: Notify,
    directory: Notify,
    owed: Notify,
}

/// A watch over one chat; dropping it ends the watch.
#[derive(Debug)]
pub struct ChatWatch {
    hub: Arc<Inner>,
    chat_id: String,
    seen: watch::Receiver<()>,
}

impl ChatWatch {
    /// Waits for the next change. A change since the watch began, or since the last return, counts, so nothing that
    /// happens between looking into the database and calling this is missed.
    pub async fn changed(&mut self) {
        if self.seen.changed().await.is_err() {
            // The sender lives as long as a watch does.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for ChatWatch {
    fn drop(&mut self) {
        let mut chats = locked(&self.hub.chats);
        // This watch's own receiver is still counted.
        if chats.get(&self.chat_id).is_some_and(|sender| sender.receiver_count() <= 1) {
            chats.remove(&self.chat_id);
        }
    }
}

impl Hub {
    /// Watches a chat from now on.
    pub fn watch_chat(&self, chat_id: &str) -> ChatWatch {
        let mut chats = locked(&self.inner.chats);
        let seen = chats.entry(chat_id.to_owned()).or_insert_with(|| watch::Sender::new(())).subscribe();
        ChatWatch { hub: Arc::clone(&self.inner), chat_id: chat_id.to_owned(), seen }
    }

    /// Watches the tickets of help desks from now on.
    pub fn watch_desks(&self, ids: Vec<i64>) -> DeskWatch {
        DeskWatch::over(Arc::clone(&self.inner), ids)
    }

    /// Wakes who watches a help desk.
    pub(crate) fn wake_desk(&self, helpdesk_id: i64) {
        self.inner.desks.wake(helpdesk_id);
    }

    /// Notified when a question for the built-in engine was stored; its due time is in the database.
    pub fn question_due(&self) -> &Notify {
        &self.inner.question_due
    }

    /// Notified when a server has to do something for a notification; when stands in the database.
    pub fn notification_due(&self) -> &Notify {
        &self.inner.notification_due
    }

    /// Notified when a queue may be given out further, or when agents may have changed.
    pub fn routing(&self) -> &Notify {
        &self.inner.routing
    }

    /// Notified when another process may have changed the directory.
    pub fn directory(&self) -> &Notify {
        &self.inner.directory
    }

    /// Notified when another process may have left deliveries that are due.
    pub fn owed(&self) -> &Notify {
        &self.inner.owed
    }

    /// Takes in what another process did. Texts are those of [`news`].
    pub fn hear(&self, news: &News) {
        match news {
            News::Told(text) => match text.split_once(' ') {
                Some((CHAT, chat_id)) => self.wake(&[Effect::Chat { chat_id: chat_id.to_owned() }]),
                Some((DELIVERY, app_id)) => self.wake(&[Effect::Delivery { app_id: app_id.to_owned() }]),
                Some((DESK, id)) => id.parse().into_iter().for_each(|id| self.wake_desk(id)),
                _ => self.inner.directory.notify_one(),
            },
            News::Written => {
                self.inner.directory.notify_one();
                self.inner.owed.notify_one();
            }
            News::Missed => {
                self.inner.directory.notify_one();
                self.inner.owed.notify_one();
                self.inner.question_due.notify_one();
                self.inner.notification_due.notify_one();
                self.inner.routing.notify_one();
                self.inner.desks.wake_all();
                locked(&self.inner.chats).values().for_each(|sender| {
                    sender.send_replace(());
                });
            }
        }
    }

    /// Notified when a delivery to this app is due. Entries that nobody holds any more are dropped on the way.
    pub fn delivery(&self, app_id: &str) -> Arc<Notify> {
        let mut deliveries = locked(&self.inner.deliveries);
        if let Some(notify) = deliveries.get(app_id) {
            return Arc::clone(notify);
        }
        deliveries.retain(|_, notify| Arc::strong_count(notify) > 1);
        Arc::clone(deliveries.entry(app_id.to_owned()).or_default())
    }

    /// Wakes whoever waits for these effects. Call only after the commit.
    pub fn wake(&self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Chat { chat_id } => {
                    if let Some(sender) = locked(&self.inner.chats).get(chat_id) {
                        sender.send_replace(());
                    }
                }
                Effect::Delivery { app_id } => {
                    if let Some(notify) = locked(&self.inner.deliveries).get(app_id) {
                        notify.notify_one();
                    }
                }
                Effect::QuestionDue { .. } => self.inner.question_due.notify_one(),
                Effect::NotificationDue { .. } => self.inner.notification_due.notify_one(),
                Effect::Routing => self.inner.routing.notify_one(),
                Effect::Desk { helpdesk_id, .. } => self.wake_desk(*helpdesk_id),
                // The app itself reloads its directory.
                Effect::Directory => {}
            }
        }
    }

    /// How many chats are watched.
    pub fn watched_chats(&self) -> usize {
        locked(&self.inner.chats).len()
    }
}

const CHAT: &str = "chat";
const DELIVERY: &str = "delivery";
const DESK: &str = "desk";

/// What others are told of an effect; `None` if only the process where it happened has to act.
pub fn news(effect: &Effect) -> Option<String> {
    match effect {
        Effect::Chat { chat_id } => Some(format!("{CHAT} {chat_id}")),
        Effect::Delivery { app_id } => Some(format!("{DELIVERY} {app_id}")),
        Effect::Directory => Some(directory::NEWS.to_owned()),
        Effect::Desk { helpdesk_id, .. } => Some(format!("{DESK} {helpdesk_id}")),
        Effect::QuestionDue { .. } | Effect::NotificationDue { .. } | Effect::Routing => None,
    }
}

// A panic while a lock is held leaves these maps whole, so going on is safe.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests wait for tasks in real time")]
mod tests {
    use super::*;
    use std::time::Duration;

    fn chat(id: &str) -> Effect {
        Effect::Chat { chat_id: id.to_owned() }
    }

    #[tokio::test]
    async fn a_change_before_waiting_is_not_lost_and_other_chats_sleep_on() {
        let hub = Hub::default();
        let (mut a, mut b) = (hub.watch_chat("oc_a"), hub.watch_chat("oc_b"));
        hub.wake(&[chat("oc_a"), chat("oc_c")]);
        tokio::time::timeout(Duration::from_secs(1), a.changed()).await.unwrap();
        assert!(tokio::time::timeout(Duration::from_millis(20), b.changed()).await.is_err());
        assert!(tokio::time::timeout(Duration::from_millis(20), a.changed()).await.is_err());
    }

    #[tokio::test]
    async fn who_watches_help_desks_is_woken_by_each_of_them() {
        let hub = Hub::default();
        let (both, other) = (hub.watch_desks(vec![1, 2]), hub.watch_desks(vec![3]));
        let patience = Duration::from_secs(5);
        hub.wake(&[Effect::Desk { helpdesk_id: 2, ticket_id: 7 }]);
        tokio::time::timeout(patience, both.changed()).await.unwrap();
        hub.hear(&News::Told("desk 1".into()));
        tokio::time::timeout(patience, both.changed()).await.unwrap();
        assert!(tokio::time::timeout(Duration::from_millis(20), other.changed()).await.is_err());
        drop(both);
        assert_eq!(hub.inner.desks.watched(), 1);
    }

    #[test]
    fn the_map_shrinks_when_the_last_watcher_goes() {
        let hub = Hub::default();
        let first = hub.watch_chat("oc_a");
        let second = hub.watch_chat("oc_a");
        drop(first);
        assert_eq!(hub.watched_chats(), 1);
        drop(second);
        assert_eq!(hub.watched_chats(), 0);
    }

    #[tokio::test]
    async fn others_news_wakes_as_ones_own_effects_do() {
        let (here, elsewhere) = (Hub::default(), Hub::default());
        let mut watch = here.watch_chat("oc_a");
        let owed = here.delivery("cli_1");
        let effects = [chat("oc_a"), Effect::Delivery { app_id: "cli_1".into() }, Effect::Directory, Effect::Routing];
        let told: Vec<String> = effects.iter().filter_map(news).collect();
        assert_eq!(told, ["chat oc_a", "delivery cli_1", "directory"]);
        elsewhere.wake(&effects);
        for text in told {
            here.hear(&News::Told(text));
        }
        for waited in [true, false] {
            let all = async {
                tokio::join!(watch.changed(), owed.notified(), here.directory().notified());
            };
            let patience = Duration::from_millis(if waited { 5_000 } else { 20 });
            assert_eq!(tokio::time::timeout(patience, all).await.is_ok(), waited);
        }
        here.hear(&News::Missed);
        tokio::time::timeout(Duration::from_secs(5), watch.changed()).await.unwrap();
    }

    #[tokio::test]
    async fn a_delivery_wakes_its_app_even_if_nobody_waits_yet() {
        let hub = Hub::default();
        let notify = hub.delivery("cli_1");
        hub.wake(&[Effect::Delivery { app_id: "cli_1".into() }, Effect::Delivery { app_id: "cli_2".into() }]);
        tokio::time::timeout(Duration::from_secs(1), notify.notified()).await.unwrap();
        drop(notify);
        let _other = hub.delivery("cli_3");
        assert_eq!(locked(&hub.inner.deliveries).len(), 1);
    }
}
