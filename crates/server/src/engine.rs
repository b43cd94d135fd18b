//! The built-in answer engine: one FAQ index for each help desk, kept in memory as long as it is asked.
//!
//! The database is the truth: each FAQ change raises the help desk's version in its own transaction, and an index
//! catches up before it ranks, so an edit is visible to the next question on every server. An index is built at the
//! first need, or by [`Engines::warm`] after the start. It leaves memory when others need the room or nobody has asked
//! for long, and is built again for the next question; what was learnt goes with it and is learnt again.

mod explain;
mod found;
mod shelf;
mod synonyms;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use db::{DbError, Tx};
use desk::Refusal;
use desk::answer::{Match, Why};
use desk::calibration;
use desk::directory::Helpdesk;
use desk::faq::vector;
use desk::faq::{self, Indexed};
use retrieval::{Aids, Calibration, Hit, Index, Synonyms, worth_showing};
use tokio::sync::{Mutex, Notify, Semaphore};

pub(crate) use self::explain::matched_text;
pub(crate) use self::found::{Found, Ready};
use self::shelf::{Shelf, Size};
pub(crate) use self::synonyms::in_use as synonyms_in_use;
use crate::app::App;
use crate::calibrating::scored_by;
use crate::clock::Timers;
use crate::metrics::Indexes;
use crate::settings::Settings;

/// Most FAQs suggested for a text.
const SUGGESTIONS: usize = 5;
/// The score from which a FAQ is suggested: half-typed questions score low, and single common words lower still.
const SUGGESTION_SCORE: f64 = 0.02;
/// Vectors read in one go; more than a batch of the worker that makes them.
pub(crate) const VECTORS: i64 = 2_000;
/// Indexes built at the same time: each keeps a processor and a reader of the database busy, and its memory counts only
/// once it is built.
const BUILDS: usize = 2;
/// Least time between two looks for idle help desks.
const LOOK: Duration = Duration::from_secs(1);

/// The indexes of one server.
pub struct Engines {
    desks: std::sync::Mutex<Shelf<Engine>>,
    builds: Semaphore,
    timers: Timers,
    metrics: Indexes,
    /// Help desks whose index has changed since [`Engines::learn`] began the last time.
    unlearnt: std::sync::Mutex<BTreeSet<i64>>,
    /// There are such help desks.
    changed: Notify,
}

struct Engine {
    /// The version that `index` shows; [`NOT_BUILT`] before the first build.
    version: AtomicI64,
    /// The last batch of vectors that `index` has.
    batch: AtomicI64,
    /// Held while catching up, so that only one request does.
    catching_up: Mutex<()>,
    index: RwLock<Found>,
}

const NOT_BUILT: i64 = -1;

impl Default for Engine {
    fn default() -> Self {
        Self {
            version: AtomicI64::new(NOT_BUILT),
            batch: AtomicI64::new(0),
            catching_up: Mutex::default(),
            index: RwLock::default(),
        }
    }
}

enum Update {
    None,
    Changes(i64, Vec<Indexed>, Synonyms),
    Rebuild,
}

impl std::fmt::Debug for Engines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engines").finish_non_exhaustive()
    }
}

impl Engines {
    /// None yet, with the memory that the settings allow.
    pub fn new(settings: &Settings, metrics: Indexes, timers: Timers) -> Self {
        Self {
            desks: std::sync::Mutex::new(Shelf::new(settings.index_memory, settings.index_idle)),
            builds: Semaphore::new(BUILDS),
            timers,
            metrics,
            unlearnt: std::sync::Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Does something with the desks in memory and notes what is there then.
    fn desks<R>(&self, work: impl FnOnce(&mut Shelf<Engine>) -> R) -> R {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        let done = work(&mut desks);
        let Size { faqs, bytes } = desks.total();
        self.metrics.holds(desks.len(), faqs, bytes);
        done
    }

    fn of(&self, helpdesk_id: i64) -> Arc<Engine> {
        let now = self.timers.now();
        self.desks(|desks| desks.take(helpdesk_id, now, Engine::default))
    }

    /// Notes how big a desk's index has become.
    fn weigh(&self, helpdesk_id: i64, engine: &Arc<Engine>) -> Size {
        let size = engine.index.read().unwrap_or_else(PoisonError::into_inner).size();
        self.desks(|desks| desks.weigh(helpdesk_id, engine, size));
        size
    }

    /// Ends the use of an index, which may be the one that there is no room for.
    fn put_back(&self, engine: Arc<Engine>) {
        drop(engine);
        self.let_go("room", self.desks(Shelf::trim));
    }

    fn let_go(&self, why: &'static str, gone: Vec<Arc<Engine>>) {
        if !gone.is_empty() {
            self.metrics.evicted(why, gone.len());
            // Millions of small pieces of memory take their time.
            tokio::task::spawn_blocking(move || drop(gone));
        }
    }

    /// Lets go of the indexes that nobody has asked for long. Runs until it is cancelled.
    pub async fn forget_idle(&self) {
        loop {
            let now = self.timers.now();
            let due = self.desks(|desks| desks.due().unwrap_or(now + desks.idle()));
            self.timers.sleep_until(due.max(now + LOOK)).await;
            self.let_go("idle", self.desks(|desks| desks.expire(self.timers.now())));
            self.let_go("room", self.desks(Shelf::trim));
        }
    }

    /// The FAQs that match `query`, best first, after catching up with every committed change.
    pub async fn rank(&self, app: &App, desk: &Arc<Helpdesk>, query: &str, limit: usize) -> Result<Vec<Hit>, Refusal> {
        self.aided(app, desk, query, |words, aids| words.rank_with(query, aids, limit)).await
    }

    /// What `look` finds in the caught-up index, with all that helps there is about `query`.
    async fn aided<T>(
        &self,
        app: &App,
        desk: &Arc<Helpdesk>,
        query: &str,
        look: impl FnOnce(&Index, &Aids<'_>) -> T,
    ) -> Result<T, Refusal> {
        let vector = async {
            match app.embedder() {
                Some(embedder) => embedder.question(query).await,
                None => None,
            }
        };
        let (engine, vector) = tokio::join!(self.caught_up(app, desk), vector);
        let (engine, calibration) = engine?;
        let seen = {
            let found = engine.index.read().unwrap_or_else(PoisonError::into_inner);
            look(&found.words, &found.aids(vector.as_deref(), calibration))
        };
        self.put_back(engine);
        Ok(seen)
    }

    /// Waits until some index has changed.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Learns from the similar questions of each help desk whose FAQs have changed, one after the other, on a thread of
    /// its own. Questions and edits do not wait for it.
    pub async fn learn(&self) {
        let changed = std::mem::take(&mut *self.unlearnt.lock().unwrap_or_else(PoisonError::into_inner));
        for helpdesk_id in changed {
            let Some(engine) = self.desks(|desks| desks.peek(helpdesk_id)) else { continue };
            let its = Arc::clone(&engine);
            let learn = move || {
                let lesson = its.index.read().unwrap_or_else(PoisonError::into_inner).lesson();
                let Some(lesson) = lesson else { return false };
                let learned = lesson.learn();
                let mut found = its.index.write().unwrap_or_else(PoisonError::into_inner);
                let old = std::mem::replace(&mut found.learned, learned);
                drop(found);
                drop(old);
                true
            };
            match tokio::task::spawn_blocking(learn).await {
                Ok(false) => {}
                Ok(true) => {
                    self.weigh(helpdesk_id, &engine);
                    self.put_back(engine);
                }
                Err(error) => {
                    tracing::error!(%error, "learning from a help desk's FAQs failed; the general model ranks alone");
                }
            }
        }
    }

    /// What the built-in engine answers to `question`, and why the first FAQ is the first.
    pub async fn matches(
        &self,
        app: &App,
        desk: &Arc<Helpdesk>,
        question: &str,
    ) -> Result<(Vec<Match>, Option<Why>), Refusal> {
        let limit = desk.answering.list_size + 1;
        let (hits, why) =
            self.aided(app, desk, question, |words, aids| words.rank_explained(question, aids, limit)).await?;
        Ok((worth_showing(hits).map(matched).collect(), why.as_ref().map(explain::short)))
    }

    /// FAQs that a question may become while it is being typed, best first. Found by words alone: a sentence vector for
    /// every few letters would cost more than it tells.
    pub async fn suggestions(&self, app: &App, desk: &Arc<Helpdesk>, text: &str) -> Result<Vec<Match>, Refusal> {
        let (engine, calibration) = self.caught_up(app, desk).await?;
        let hits = {
            let found = engine.index.read().unwrap_or_else(PoisonError::into_inner);
            found.words.rank_with(text, &found.aids(None, calibration), SUGGESTIONS)
        };
        self.put_back(engine);
        let likely = worth_showing(hits).filter(|hit| hit.score >= SUGGESTION_SCORE);
        Ok(likely.map(matched).collect())
    }

    /// The best FAQs for each of these texts, found by words alone, off the async threads.
    pub async fn by_words(
        &self,
        app: &App,
        desk: &Arc<Helpdesk>,
        texts: Vec<String>,
        limit: usize,
    ) -> Result<Vec<Vec<Match>>, Refusal> {
        let (engine, calibration) = self.caught_up(app, desk).await?;
        let ranked = tokio::task::spawn_blocking(move || {
            let rank = |text: &String| {
                let found = engine.index.read().unwrap_or_else(PoisonError::into_inner);
                found.words.rank_with(text, &found.aids(None, calibration), limit).into_iter().map(matched).collect()
            };
            (texts.iter().map(rank).collect(), engine)
        });
        let (found, engine) = ranked.await.map_err(|e| DbError::Corrupt(format!("ranking failed: {e}")))?;
        self.put_back(engine);
        Ok(found)
    }

    /// Drops all indexes; they are built again when they are needed.
    pub fn forget(&self) {
        drop(self.desks(Shelf::clear));
    }

    /// Builds the indexes of help desks, as many as there is memory for.
    pub async fn warm(&self, app: &App) -> Result<(), Refusal> {
        let mut desks: Vec<_> = app.directory().helpdesks.values().map(Arc::clone).collect();
        desks.sort_unstable_by_key(|desk| desk.id);
        let (all, mut biggest) = (desks.len(), 0);
        for (built, desk) in desks.into_iter().enumerate() {
            // One as big as the biggest so far has to fit, or it would push out another one.
            if !self.desks(|desks| desks.has_room(biggest)) {
                tracing::info!(
                    built,
                    all,
                    "index_memory is used up; the other FAQ indexes are built when they are needed"
                );
                break;
            }
            let (engine, _) = self.caught_up(app, &desk).await?;
            biggest = biggest.max(self.weigh(desk.id, &engine).bytes);
            self.put_back(engine);
        }
        Ok(())
    }

    /// The index after catching up, and how its log-odds become scores.
    async fn caught_up(&self, app: &App, desk: &Arc<Helpdesk>) -> Result<(Arc<Engine>, Calibration), Refusal> {
        let engine = self.of(desk.id);
        let model = app.embedder().map(|embedder| Arc::clone(embedder.model()));
        let ((committed, curve), batch) = {
            let (desk, model) = (Arc::clone(desk), model.clone());
            let batch = move |tx: &mut Tx<'_>, desk: &Helpdesk| {
                model.as_deref().map_or(Ok(0), |model| vector::batch(tx, desk, model))
            };
            app.read(move |tx, _| Ok((calibration::current(tx, &desk)?, batch(tx, &desk)?))).await?
        };
        let behind = engine.version.load(Ordering::Acquire) < committed || engine.batch.load(Ordering::Acquire) < batch;
        if behind {
            let _only_one = engine.catching_up.lock().await;
            let known = engine.version.load(Ordering::Acquire);
            match update(app, desk, known).await? {
                Update::None => {}
                Update::Changes(now, changes, synonyms) => {
                    let ready: Vec<Ready> = changes.iter().map(|change| Ready::of(change, model.is_some())).collect();
                    {
                        let mut found = engine.index.write().unwrap_or_else(PoisonError::into_inner);
                        for ready in &ready {
                            found.put(ready);
                        }
                        found.synonyms = synonyms;
                    }
                    engine.version.store(now, Ordering::Release);
                }
                Update::Rebuild => {
                    let _in_turn = self.builds.acquire().await;
                    let built = rebuild(app, desk, &engine).await?;
                    engine.batch.store(0, Ordering::Release);
                    engine.version.store(built, Ordering::Release);
                    self.metrics.built();
                }
            }
            if let Some(model) = model {
                catch_up_vectors(app, desk, &engine, &model).await?;
                // The last batches may be gone with their texts.
                engine.batch.fetch_max(batch, Ordering::AcqRel);
            }
            self.weigh(desk.id, &engine);
            self.unlearnt.lock().unwrap_or_else(PoisonError::into_inner).insert(desk.id);
            self.changed.notify_one();
        }
        Ok((engine, scored_by(curve)))
    }
}

pub(crate) fn matched(hit: Hit) -> Match {
    Match { faq_id: hit.id, score: hit.score, log_odds: (!hit.matched.exact).then_some(hit.log_odds) }
}

async fn update(app: &App, desk: &Arc<Helpdesk>, known: i64) -> Result<Update, Refusal> {
    let desk = Arc::clone(desk);
    app.read(move |tx, _| {
        let now = faq::version(tx, &desk)?;
        if known == now {
            return Ok(Update::None);
        }
        if known == NOT_BUILT || now - known >= faq::CHANGES_KEPT {
            return Ok(Update::Rebuild);
        }
        Ok(Update::Changes(now, faq::changes(tx, &desk, known)?, synonyms_in_use(tx, &desk)?))
    })
    .await
}

/// Reads the vectors stored since the last look. One may come before the text it belongs to, and waits for it there.
async fn catch_up_vectors(app: &App, desk: &Arc<Helpdesk>, engine: &Engine, model: &Arc<str>) -> Result<(), Refusal> {
    loop {
        let since = engine.batch.load(Ordering::Acquire);
        let (desk, model) = (Arc::clone(desk), Arc::clone(model));
        let (stored, last) =
            app.read(move |tx, _| Ok(vector::stored_after(tx, &desk, &model, since, VECTORS)?)).await?;
        if last == since {
            return Ok(());
        }
        let mut found = engine.index.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(vectors) = &mut found.meaning {
            for stored in stored {
                vectors.insert(stored.faq_id, stored.hash, &stored.vector);
            }
        }
        engine.batch.store(last, Ordering::Release);
    }
}

/// Builds a new index, off the async threads. What changes meanwhile is caught up with later, because the version is read
/// first.
async fn rebuild(app: &App, desk: &Arc<Helpdesk>, engine: &Arc<Engine>) -> Result<i64, Refusal> {
    let (db, desk, engine) = (app.db().clone(), Arc::clone(desk), Arc::clone(engine));
    let model = app.embedder().map(|embedder| Arc::clone(embedder.model()));
    let built = tokio::task::spawn_blocking(move || {
        let (version, synonyms) = db.read_blocking({
            let desk = Arc::clone(&desk);
            move |tx| Ok::<_, DbError>((faq::version(tx, &desk)?, synonyms_in_use(tx, &desk)?))
        })?;
        let mut fresh = Found { synonyms, ..Found::load(&db, &desk, model)? };
        let mut found = engine.index.write().unwrap_or_else(PoisonError::into_inner);
        fresh.learned = std::mem::take(&mut found.learned);
        let old = std::mem::replace(&mut *found, fresh);
        // Millions of small pieces of memory: nobody is to wait for their end.
        drop(found);
        drop(old);
        Ok::<i64, DbError>(version)
    });
    let failed = |e: tokio::task::JoinError| DbError::Corrupt(format!("building the FAQ index failed: {e}"));
    built.await.map_err(failed)?.map_err(Refusal::from)
}
