//! A thread that runs transactions on its own connection, again and again where that helps.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use postgres::Client;

use super::connect::Target;
use super::engine::{Fault, PgEngine};
use crate::db::Work;
use crate::error::DbError;
use crate::job::{Ended, Hook, attempt, run_hooks};
use crate::queue::Queue;
use crate::stats::Counters;
use crate::tx::Tx;

/// How often a transaction may meet a conflict before its caller is told.
const TRIES_MAX: u32 = 12;
/// How often a transaction is run again because a key was taken. When the owner of the key
/// committed meanwhile, the next run sees its row and can act on it, as it would have on SQLite,
/// where transactions come one after the other. When the key was taken all along, the answer is
/// the same again and stands.
const DUPLICATES_MAX: u32 = 2;
/// After so many conflicts a transaction runs while no other of this process does. Under SERIALIZABLE, neighbours on one
/// index page conflict without touching the same row, and then more of the same haste only makes more conflicts.
const ALONE_AFTER: u32 = 3;
/// The longest wait after a conflict; the first is a hundredth of it.
const CONFLICT_WAIT_MAX: Duration = Duration::from_millis(100);
/// How often a lost connection is replaced for one job.
const RECONNECTS_MAX: u32 = 1;
/// How often to try to connect before the job at hand is told.
const CONNECTS_MAX: u32 = 4;
/// How long after that the other jobs are told at once, so that a queue full of callers does not
/// wait for a server that is down, one after the other.
const OUTAGE: Duration = Duration::from_millis(500);

/// One worker thread.
pub(super) struct Worker {
    target: Arc<Target>,
    outage: Arc<Outage>,
    lane: Arc<Lane>,
    engine: Option<PgEngine>,
    queue: Arc<Queue<Work>>,
    counters: Arc<Counters>,
    hooks: Vec<Hook>,
    dice: u64,
}

/// Shared by transactions that write, held alone by one that met too many conflicts.
pub(super) type Lane = RwLock<()>;

/// When a worker last found the server gone, and how it showed.
#[derive(Default)]
pub(super) struct Outage(Mutex<Option<(Instant, DbError)>>);

/// How one run of a transaction ended.
enum Outcome {
    /// It committed.
    Committed,
    /// Its body refused or panicked, and the answer says so.
    Refused,
    /// Something other than the body failed, for good.
    Failed(DbError),
    /// It should run again.
    Conflict,
    /// A key was taken; the answer says so but may be out of date.
    Duplicate,
    /// It did not commit because the connection was lost, and may run on another.
    Broken(DbError),
    /// The connection was lost while it committed.
    Unknown,
}

impl Worker {
    pub(super) fn new(
        target: Arc<Target>,
        (outage, lane): (Arc<Outage>, Arc<Lane>),
        client: Option<Client>,
        queue: Arc<Queue<Work>>,
        counters: Arc<Counters>,
    ) -> Self {
        let dice = RandomState::new().build_hasher().finish() | 1;
        let engine = client.map(PgEngine::new);
        Self { target, outage, lane, engine, queue, counters, hooks: Vec::new(), dice }
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        let queue = Arc::clone(&self.queue);
        while let Some(mut work) = queue.pop() {
            if let Err(error) = self.serve(&mut work) {
                work.job.fail(error);
            }
            self.hooks.clear();
            work.job.answer();
        }
    }

    /// Runs a job until it has an answer.
    fn serve(&mut self, work: &mut Work) -> Result<(), DbError> {
        let mut tries = 0;
        let mut duplicates = 0;
        let mut reconnects = 0;
        loop {
            self.hooks.clear();
            match self.once_in_lane(work, tries)? {
                Outcome::Committed | Outcome::Refused => return Ok(()),
                Outcome::Failed(error) => return Err(error),
                Outcome::Conflict => {
                    tries += 1;
                    if tries >= TRIES_MAX {
                        return Err(DbError::Conflict);
                    }
                    self.counters.retries.add(1);
                    // Alone, only other processes are left to wait for.
                    if tries != ALONE_AFTER {
                        self.wait(CONFLICT_WAIT_MAX / 100, tries, CONFLICT_WAIT_MAX);
                    }
                }
                Outcome::Duplicate => {
                    duplicates += 1;
                    if duplicates > DUPLICATES_MAX {
                        return Ok(());
                    }
                    self.counters.retries.add(1);
                }
                Outcome::Broken(error) => {
                    reconnects += 1;
                    if reconnects > RECONNECTS_MAX {
                        return Err(error);
                    }
                }
                Outcome::Unknown => {
                    return Err(DbError::Unavailable(
                        "the connection was lost during the commit, so the change may or may not \
                         have been made; look before you repeat it"
                            .to_owned(),
                    ));
                }
            }
        }
    }

    /// Runs a job once, beside others or, after too many conflicts, alone.
    fn once_in_lane(&mut self, work: &mut Work, tries: u32) -> Result<Outcome, DbError> {
        let lane = Arc::clone(&self.lane);
        // The lane guards no data, so a panic that poisoned it left nothing behind.
        if work.write && tries >= ALONE_AFTER {
            let _alone = lane.write().unwrap_or_else(PoisonError::into_inner);
            self.once(work)
        } else if work.write {
            let _beside = lane.read().unwrap_or_else(PoisonError::into_inner);
            self.once(work)
        } else {
            self.once(work)
        }
    }

    /// Runs a job once, on a connection that works when that can be had.
    fn once(&mut self, work: &mut Work) -> Result<Outcome, DbError> {
        let mut engine = match self.engine.take() {
            Some(engine) => engine,
            None => PgEngine::new(self.connect()?),
        };
        let outcome = transaction(&mut engine, work, &mut self.hooks);
        if matches!(outcome, Outcome::Committed) {
            if work.write {
                self.counters.groups.add(1);
                self.counters.jobs.add(1);
            }
            run_hooks(&mut self.hooks);
        }
        if !matches!(engine.fault(), Fault::Broken(_)) {
            self.engine = Some(engine);
        }
        Ok(outcome)
    }

    /// Connects, with a few tries, unless another worker has just found that it is of no use.
    fn connect(&mut self) -> Result<Client, DbError> {
        if let Some(error) = self.outage.recent() {
            return Err(error);
        }
        let mut tries = 0;
        loop {
            match self.target.connect() {
                Ok(client) => {
                    self.outage.over();
                    return Ok(client);
                }
                Err(error) => {
                    tries += 1;
                    if tries >= CONNECTS_MAX || self.queue.is_closed() {
                        tracing::error!(%error, "PostgreSQL cannot be reached");
                        self.outage.begin(&error);
                        return Err(error);
                    }
                    self.wait(Duration::from_millis(50), tries, Duration::from_millis(400));
                }
            }
        }
    }

    /// Sleeps for `first`, doubled for each further try up to `max`, and shortened at random so
    /// that transactions that met once do not meet again.
    fn wait(&mut self, first: Duration, tries: u32, max: Duration) {
        let full = first.saturating_mul(1 << tries.min(16)).min(max);
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        let percent = u32::try_from(self.dice % 100).unwrap_or(0);
        thread::sleep(full * percent / 100);
    }
}

/// Runs a job's body between `BEGIN` and `COMMIT`.
fn transaction(engine: &mut PgEngine, work: &mut Work, hooks: &mut Vec<Hook>) -> Outcome {
    engine.start();
    let begun = engine.control(if work.write {
        "BEGIN ISOLATION LEVEL SERIALIZABLE"
    } else {
        "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    });
    if let Err(error) = begun {
        return trouble(engine).unwrap_or(Outcome::Failed(error));
    }
    let ended = attempt(&mut *work.job, &mut Tx::new(engine, hooks));
    if ended == Ended::Well {
        let Err(error) = engine.control("COMMIT") else {
            return Outcome::Committed;
        };
        return match trouble(engine) {
            Some(Outcome::Broken(_)) if work.write => Outcome::Unknown,
            Some(Outcome::Duplicate) | None => Outcome::Failed(error),
            Some(outcome) => outcome,
        };
    }
    let outcome = if ended == Ended::Panicked { None } else { trouble(engine) };
    if !matches!(engine.fault(), Fault::Broken(_))
        && let Err(error) = engine.control("ROLLBACK")
    {
        tracing::warn!(%error, "a rollback failed, the connection is given up");
        engine.give_up(error);
    }
    outcome.unwrap_or(Outcome::Refused)
}

/// What the connection's state calls for, if it calls for anything.
fn trouble(engine: &PgEngine) -> Option<Outcome> {
    match engine.fault() {
        Fault::None => None,
        Fault::Conflict => Some(Outcome::Conflict),
        Fault::Duplicate => Some(Outcome::Duplicate),
        Fault::Broken(error) => Some(Outcome::Broken(error.clone())),
    }
}

impl Outage {
    /// The error of an outage that was found a moment ago.
    fn recent(&self) -> Option<DbError> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.as_ref().filter(|(since, _)| since.elapsed() < OUTAGE).map(|(_, error)| error.clone())
    }

    fn begin(&self, error: &DbError) {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *found = Some((Instant::now(), error.clone()));
    }

    fn over(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
