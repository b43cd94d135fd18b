//! The supervisor: one light task for each app that takes events, which sleeps until the app is owed something.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use desk::directory::{self, Delivery};
use desk::outbox::Owed;
use desk::{Refusal, outbox};
use tokio::sync::Semaphore;

use super::attempt::meter;
use super::session::Session;
use super::webhook::Webhooks;
use crate::app::App;
use crate::long_connection::connects;

/// Deliveries of all apps together that may be on their way at the same time, besides one for each app.
const IN_FLIGHT_MAX: usize = 256;
/// How often the supervisor looks for new apps in the directory, which is in memory.
const DIRECTORY_LOOK: Duration = Duration::from_millis(100);
/// Looks at the directory for each look into the database, which finds what other processes wrote or left behind:
/// with news of something written, and without.
const LOOKS_PER_QUERY: (u32, u32) = (10, 50);
/// Deliveries of one app that get "no live connection" on record at one look.
const UNCONNECTED_AT_ONCE: i64 = 500;

/// What all tasks of the deliverer share.
#[derive(Debug, Clone)]
pub(super) struct Pushing {
    pub(super) app: App,
    pub(super) webhooks: Webhooks,
    /// Places for deliveries on their way; see [`super::session`].
    pub(super) pool: Arc<Semaphore>,
    /// Names this process on leases.
    pub(super) holder: Arc<str>,
}

/// Delivers events as long as the server runs. Deliveries themselves run as jobs of the server's workers, so that
/// shutdown lets those on their way arrive.
pub fn run(app: App) -> impl Future<Output = ()> + Send {
    // When it was called, however long its task takes to start.
    let started_at = app.now_ms();
    supervise(app, started_at)
}

async fn supervise(app: App, started_at: i64) {
    let timers = app.clock().network().clone();
    let webhooks = match Webhooks::new(app.settings().allow_private_webhooks, timers) {
        Ok(webhooks) => webhooks,
        Err(error) => {
            // Ending makes the server not ready, which is right: nothing would be delivered.
            tracing::error!(%error, "the HTTP client for events cannot be made");
            return;
        }
    };
    app.calls_with(webhooks.clone());
    let holder = app.ids().tagged("push_").into();
    let pushing = Pushing { app, webhooks, pool: Arc::new(Semaphore::new(IN_FLIGHT_MAX)), holder };
    let mut supervisor = Supervisor { pushing, tasks: HashMap::new(), seen: None, started_at, failing: false };
    loop {
        supervisor.follow_directory();
        supervisor.wake_owed().await;
        let (hub, mut news) = (supervisor.pushing.app.hub().clone(), false);
        let timers = supervisor.pushing.app.clock().network().clone();
        for look in 0..LOOKS_PER_QUERY.1 {
            if news && look >= LOOKS_PER_QUERY.0 {
                break;
            }
            // Network time, because others do not live by this server's clock.
            let pause = timers.sleep(DIRECTORY_LOOK);
            tokio::pin!(pause);
            tokio::select! {
                () = hub.owed().notified(), if !news => {
                    news = true;
                    pause.await;
                }
                () = &mut pause => {}
            }
            supervisor.follow_directory();
        }
    }
}

/// The app, if events can reach it from here: by its URL, or on a live connection.
pub(super) fn addressee(app: &App, app_id: &str) -> Option<Arc<directory::App>> {
    let to = app.directory().apps.get(app_id).filter(|to| takes_events(to)).map(Arc::clone)?;
    let reachable = to.delivery == Delivery::Webhook || app.long_connections().live.ready(app_id) > 0;
    reachable.then_some(to)
}

/// Whether the app is set up to get events.
fn takes_events(to: &directory::App) -> bool {
    match to.delivery {
        Delivery::Webhook => to.url.is_some(),
        Delivery::LongConnection => connects(to),
    }
}

struct Supervisor {
    pushing: Pushing,
    /// Each task holds its token, so a token without holder means that the task is gone.
    tasks: HashMap<String, Weak<()>>,
    /// The directory's version that the tasks suit.
    seen: Option<i64>,
    /// Unix ms.
    started_at: i64,
    failing: bool,
}

impl Supervisor {
    /// Starts tasks for new apps, and has those end that take events no more; likewise connections.
    fn follow_directory(&mut self) {
        let directory = Arc::clone(&self.pushing.app.directory());
        if self.seen == Some(directory.version) {
            return;
        }
        self.seen = Some(directory.version);
        self.pushing.app.long_connections().live.follow(&directory);
        self.tasks.retain(|app_id, _| {
            let wanted = directory.apps.get(app_id).is_some_and(|to| takes_events(to));
            if !wanted {
                // It looks for itself and ends.
                self.pushing.app.hub().delivery(app_id).notify_one();
            }
            wanted
        });
        for to in directory.apps.values().filter(|to| takes_events(to)) {
            self.start(&to.app_id);
        }
    }

    fn start(&mut self, app_id: &str) {
        if self.tasks.get(app_id).is_some_and(|token| token.strong_count() > 0) {
            return;
        }
        let token = Arc::new(());
        self.tasks.insert(app_id.to_owned(), Arc::downgrade(&token));
        let (pushing, app_id) = (self.pushing.clone(), app_id.to_owned());
        self.pushing.app.workers().spawn_job("delivery", async move {
            attend(&pushing, &app_id).await;
            // A panic drops it too.
            drop(token);
        });
    }

    /// Wakes the tasks of apps with a delivery that is due. Finds what was owed at start, what other processes wrote,
    /// and what a process left behind that died.
    async fn wake_owed(&mut self) {
        let owed = self.pushing.app.read(|tx, _| Ok(outbox::owed(tx)?));
        let looked = match owed.await {
            Ok(owed) => self.attend_to(owed).await,
            Err(refusal) => Err(refusal),
        };
        match looked {
            Ok(()) => self.failing = false,
            Err(refusal) => self.report(&refusal),
        }
    }

    async fn attend_to(&mut self, owed: Vec<Owed>) -> Result<(), Refusal> {
        let now = self.pushing.app.now_ms();
        for Owed { app_id, next_at: since } in owed.into_iter().filter(|owed| owed.next_at <= now) {
            if addressee(&self.pushing.app, &app_id).is_some() {
                self.start(&app_id);
                self.pushing.app.hub().delivery(&app_id).notify_one();
                continue;
            }
            let to = self.pushing.app.directory().apps.get(&app_id).filter(|to| connects(to)).map(Arc::clone);
            // After a start, clients first have to come back.
            let long_since = since.max(self.started_at) + outbox::CONNECT_GRACE_MS <= self.pushing.app.now_ms();
            if let Some(to) = to.filter(|_| long_since) {
                self.note_unconnected(&to).await?;
            }
        }
        Ok(())
    }

    /// Puts on record that deliveries could not go because the app is connected nowhere.
    async fn note_unconnected(&self, to: &directory::App) -> Result<(), Refusal> {
        let (tenant, app_id, holder) = (to.tenant.clone(), to.app_id.clone(), Arc::clone(&self.pushing.holder));
        let noted = self
            .pushing
            .app
            .write(move |tx, cx| Ok(outbox::not_connected(tx, cx, &tenant, &app_id, &holder, UNCONNECTED_AT_ONCE)?));
        for claim in noted.await? {
            meter(&self.pushing.app, to.delivery, &claim, false);
        }
        Ok(())
    }

    fn report(&mut self, refusal: &Refusal) {
        if !self.failing {
            self.failing = true;
            tracing::warn!(%refusal, "the outbox could not be looked at; looking again");
        }
    }
}

/// Sleeps until the app is owed something, and delivers it. While it sleeps it is little more than the app's id.
async fn attend(pushing: &Pushing, app_id: &str) {
    let (woken, mut stop) = (pushing.app.hub().delivery(app_id), pushing.app.workers().stop());
    loop {
        tokio::select! {
            () = stop.requested() => return,
            () = woken.notified() => {}
        }
        if !pushing.app.directory().apps.get(app_id).is_some_and(|to| takes_events(to)) {
            return;
        }
        Box::pin(Session::new(pushing, app_id).run(&woken, &mut stop)).await;
    }
}
