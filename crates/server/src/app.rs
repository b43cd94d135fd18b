//! What every request and every worker shares.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use db::{Db, DbError, News, Tx};
use desk::directory::{self, Directory};
use desk::ids::Ids;
use desk::vault::Vault;
use desk::{Cx, Effect, Refusal};

use crate::admin::Feeds;
use crate::audit;
use crate::auth::Tokens;
use crate::clock::Clock;
use crate::console::{Beat, Presence, Streams};
use crate::dev::Controls;
use crate::embedding::Embedder;
use crate::engine::Engines;
use crate::faq_file::Places;
use crate::gaps::Gaps;
use crate::hub::{self, Hub};
use crate::inspector::calls::Calls;
use crate::limits::Limits;
use crate::log_id::LogIds;
use crate::login::Doorkeeper;
use crate::long_connection::LongConnections;
use crate::metrics::Metrics;
use crate::push::breaker::Breakers;
use crate::push::webhook::Webhooks;
use crate::replay::Turns;
use crate::settings::{Mode, RateLimits, Settings};
use crate::workers::Workers;

/// How often a server looks whether somebody else changed the directory, without any news of it.
const DIRECTORY_FLOOR: Duration = Duration::from_secs(5);

/// The server's state. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct App {
    inner: Arc<Inner>,
}

/// What an [`App`] is made from.
#[derive(Debug)]
pub struct Parts {
    /// The migrated database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Secrets.
    pub vault: Vault,
    /// Ids of this server's leased number.
    pub ids: Arc<Ids>,
    /// The operator's settings.
    pub settings: Settings,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    vault: Vault,
    ids: Arc<Ids>,
    directory: ArcSwap<Directory>,
    // Reloads one after another, so that an older snapshot never replaces a newer one.
    reloading: tokio::sync::Mutex<()>,
    settings: Settings,
    metrics: Metrics,
    limits: Limits,
    doorkeeper: Doorkeeper,
    feeds: Feeds,
    streams: Streams,
    presence: Presence,
    hub: Hub,
    long_connections: LongConnections,
    breakers: Breakers,
    webhooks: OnceLock<Webhooks>,
    engines: Engines,
    gaps: Gaps,
    replays: Turns,
    faq_files: Places,
    embedder: OnceLock<Arc<Embedder>>,
    tokens: Tokens,
    workers: Workers,
    log_ids: LogIds,
    controls: Option<Controls>,
    calls: Option<Calls>,
    fenced: AtomicBool,
    address: OnceLock<SocketAddr>,
}

impl App {
    /// The state, with the directory loaded.
    ///
    /// # Errors
    /// What keeps the directory from being read, such as another master key.
    pub async fn new(parts: Parts) -> Result<Self, Refusal> {
        let Parts { db, clock, vault, ids, settings } = parts;
        let on = settings.rate_limits == RateLimits::Standard;
        let limits = Limits::new(clock.clone(), on, settings.special_rate_limit.clone());
        let tokens = Tokens::new(&vault);
        let long_connections = LongConnections::new(&vault);
        let metrics = Metrics::new(&db);
        let engines = Engines::new(&settings, metrics.indexes().clone(), clock.network().clone());
        let log_ids = LogIds::new(ids.bytes());
        let presence = Presence::new(clock.network().clone());
        let controls = (settings.mode == Mode::Dev).then(Controls::default);
        let calls = (settings.mode == Mode::Serve && settings.inspector).then(Calls::narrow);
        let inner = Inner {
            db,
            clock,
            vault,
            ids,
            directory: ArcSwap::default(),
            reloading: tokio::sync::Mutex::new(()),
            settings,
            metrics,
            limits,
            doorkeeper: Doorkeeper::default(),
            feeds: Feeds::default(),
            streams: Streams::default(),
            presence,
            hub: Hub::default(),
            long_connections,
            breakers: Breakers::default(),
            webhooks: OnceLock::new(),
            engines,
            gaps: Gaps::default(),
            replays: Turns::default(),
            faq_files: Places::default(),
            embedder: OnceLock::new(),
            tokens,
            workers: Workers::default(),
            log_ids,
            controls,
            calls,
            fenced: AtomicBool::new(false),
            address: OnceLock::new(),
        };
        let app = Self { inner: Arc::new(inner) };
        app.reload_directory().await?;
        let (hub, presence) = (app.inner.hub.clone(), app.inner.presence.clone());
        app.inner.db.hear(move |news| {
            let beat = if let News::Told(text) = &news { Beat::heard(text) } else { None };
            match beat {
                // One that finds no room here is shown where it came from.
                Some(beat) => _ = presence.beat(&hub, &beat),
                None => hub.hear(&news),
            }
        })?;
        Ok(app)
    }

    /// The database. Use [`Self::write`] and [`Self::read`] for use cases.
    pub fn db(&self) -> &Db {
        &self.inner.db
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// The clock's time, Unix ms.
    pub fn now_ms(&self) -> i64 {
        self.inner.clock.now_ms()
    }

    /// Secrets.
    pub fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    /// Ids and randomness.
    pub fn ids(&self) -> &Arc<Ids> {
        &self.inner.ids
    }

    /// Apps, help desks, agents and subscriptions as of now. Hold the guard briefly, not over an await.
    pub fn directory(&self) -> arc_swap::Guard<Arc<Directory>> {
        self.inner.directory.load()
    }

    /// The operator's settings.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Where this server is reached, without a slash at the end: the operator's public URL, or else the address it
    /// listens on.
    pub fn base_url(&self) -> String {
        let listening = || self.inner.address.get().copied().unwrap_or(self.inner.settings.listen);
        self.inner.settings.public_url.clone().unwrap_or_else(|| format!("http://{}", listening()))
    }

    /// Notes the address that this server listens on; the first one stays.
    pub(crate) fn bound_to(&self, address: SocketAddr) {
        self.inner.address.get_or_init(|| address);
    }

    /// Counters for `/metrics`.
    pub fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Rate limits.
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// Who watches over the passwords.
    pub fn doorkeeper(&self) -> &Doorkeeper {
        &self.inner.doorkeeper
    }

    /// The places for feeds of events.
    pub(crate) fn feeds(&self) -> &Feeds {
        &self.inner.feeds
    }

    /// The places for streams of consoles.
    pub(crate) fn streams(&self) -> &Streams {
        &self.inner.streams
    }

    /// Which agents have which tickets open.
    pub(crate) fn presence(&self) -> &Presence {
        &self.inner.presence
    }

    /// Wake-ups.
    pub fn hub(&self) -> &Hub {
        &self.inner.hub
    }

    /// Apps that are connected here.
    pub fn long_connections(&self) -> &LongConnections {
        &self.inner.long_connections
    }

    /// How much the apps may have on their way that do not answer.
    pub(crate) fn breakers(&self) -> &Breakers {
        &self.inner.breakers
    }

    /// What calls apps' request URLs; there soon after the start.
    pub(crate) fn webhooks(&self) -> Option<&Webhooks> {
        self.inner.webhooks.get()
    }

    /// Notes what calls apps' request URLs; the first one stays.
    pub(crate) fn calls_with(&self, webhooks: Webhooks) {
        self.inner.webhooks.get_or_init(|| webhooks);
    }

    /// The built-in answer engine.
    pub fn engines(&self) -> &Engines {
        &self.inner.engines
    }

    /// Gaps in the FAQs.
    pub fn gaps(&self) -> &Gaps {
        &self.inner.gaps
    }

    /// Who may read or write a file of FAQs.
    pub(crate) fn faq_files(&self) -> &Places {
        &self.inner.faq_files
    }

    /// Whose turn it is to replay.
    pub fn replays(&self) -> &Turns {
        &self.inner.replays
    }

    /// What makes sentence vectors, if the operator wants them.
    pub fn embedder(&self) -> Option<&Arc<Embedder>> {
        self.inner.embedder.get()
    }

    /// Notes what makes sentence vectors; the first one stays.
    pub(crate) fn embeds_with(&self, embedder: Arc<Embedder>) {
        self.inner.embedder.get_or_init(|| embedder);
    }

    /// Makes and checks access tokens and guest session tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.inner.tokens
    }

    /// What developers set; `None` outside of `deskwire dev`.
    pub fn controls(&self) -> Option<&Controls> {
        self.inner.controls.as_ref()
    }

    /// The latest calls, for administrators; `None` if the operator wants none kept.
    pub(crate) fn calls(&self) -> Option<&Calls> {
        let of_developer = || self.inner.controls.as_ref().map(|controls| &controls.calls);
        self.inner.calls.as_ref().or_else(of_developer).filter(|_| self.inner.settings.inspector)
    }

    /// The tracked tasks.
    pub fn workers(&self) -> &Workers {
        &self.inner.workers
    }

    /// Ids of requests.
    pub fn log_ids(&self) -> &LogIds {
        &self.inner.log_ids
    }

    /// A context at the clock's time. [`Self::write`] and [`Self::read`] make their own.
    pub fn cx(&self) -> Cx {
        Cx::new(self.now_ms(), Arc::clone(&self.inner.ids))
    }

    /// Whether this server may not write, because its number may be another's.
    pub fn fenced(&self) -> bool {
        self.inner.fenced.load(Ordering::Acquire)
    }

    pub(crate) fn fence(&self, fenced: bool) {
        self.inner.fenced.store(fenced, Ordering::Release);
    }

    /// Runs a use case as one transaction and answers after its commit. The body may run again, each time with a fresh
    /// context. Within a call that is [on record](crate::audit) the transaction puts it there. Waiters are woken right after
    /// the commit; if the directory changed, it is reloaded before this answers.
    ///
    /// # Errors
    /// The body's refusal; then nothing was written.
    pub async fn write<T: Send + 'static>(
        &self,
        mut body: impl FnMut(&mut Tx<'_>, &mut Cx) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        if self.fenced() {
            return Err(DbError::Unavailable("this server lost its number and may not make ids".into()).into());
        }
        let (clock, ids, hub) = (self.inner.clock.clone(), Arc::clone(&self.inner.ids), self.inner.hub.clone());
        let db = self.inner.db.clone();
        let on_record = audit::pending();
        let is_on_record = on_record.is_some();
        let means = audit::means();
        let run = move |tx: &mut Tx<'_>| {
            let mut cx = Cx { by: means.clone(), ..Cx::new(clock.now_ms(), Arc::clone(&ids)) };
            let value = body(tx, &mut cx)?;
            if let Some(entry) = &on_record {
                desk::audit::record(tx, &cx, entry)?;
            }
            let directory_changed = cx.effects.contains(&Effect::Directory);
            if !cx.effects.is_empty() {
                let (hub, db, effects) = (hub.clone(), db.clone(), cx.effects);
                tx.on_commit(move || {
                    hub.wake(&effects);
                    db.tell(effects.iter().filter_map(hub::news));
                });
            }
            Ok::<_, Refusal>((value, directory_changed))
        };
        let (value, directory_changed) = self.inner.db.write(run).await?;
        if is_on_record {
            audit::written();
        }
        if directory_changed {
            self.reload_directory().await?;
        }
        Ok(value)
    }

    /// Runs a query on one state of the data.
    ///
    /// # Errors
    /// The body's refusal.
    pub async fn read<T: Send + 'static>(
        &self,
        mut body: impl FnMut(&mut Tx<'_>, &Cx) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (clock, ids) = (self.inner.clock.clone(), Arc::clone(&self.inner.ids));
        self.inner.db.read(move |tx| body(tx, &Cx::new(clock.now_ms(), Arc::clone(&ids)))).await
    }

    /// Loads the directory again.
    ///
    /// # Errors
    /// What kept it from being read; the old one stays.
    pub async fn reload_directory(&self) -> Result<(), Refusal> {
        let _one_at_a_time = self.inner.reloading.lock().await;
        let vault = self.inner.vault.clone();
        let fresh = self.inner.db.read(move |tx| Ok::<_, Refusal>(directory::load(tx, &vault)?)).await?;
        self.inner.directory.store(Arc::new(fresh));
        // Agents may have come or gone, or people to whom a push is owed.
        self.inner.hub.routing().notify_one();
        self.inner.hub.notification_due().notify_one();
        Ok(())
    }

    /// Follows changes of the directory that others make: other servers on `PostgreSQL`, the command line
    /// on `SQLite`.
    /// A failed look is repeated; it is logged once until one succeeds.
    pub(crate) async fn follow_directory(self) {
        let mut failing = false;
        loop {
            // Network time, because the others do not live by this server's clock.
            tokio::select! {
                () = self.inner.hub.directory().notified() => {}
                () = self.inner.clock.network().sleep(DIRECTORY_FLOOR) => {}
            }
            let looked = self.inner.db.read(|tx| Ok::<_, Refusal>(directory::version(tx)?)).await;
            let outcome = match looked {
                Ok(version) if version != self.directory().version => self.reload_directory().await,
                Ok(_) => Ok(()),
                Err(refusal) => Err(refusal),
            };
            match outcome {
                Ok(()) => failing = false,
                Err(refusal) if !failing => {
                    failing = true;
                    tracing::warn!(%refusal, "the directory could not be checked; looking again");
                }
                Err(_) => {}
            }
        }
    }
}
