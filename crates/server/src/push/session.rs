//! One app's deliveries while it is owed some: claim, send, record, until nothing is left.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use desk::Refusal;
use desk::directory::{self, Delivery};
use desk::outbox::{self, Attempt, Claim};
use tokio::sync::{Notify, OwnedSemaphorePermit};
use tokio::task::JoinSet;

use super::attempt::attempt;
use super::breaker::{Allowed, Breaker};
use super::worker::{Pushing, addressee};
use crate::workers::Stop;

/// Deliveries to one URL, or on one connection, that may be on their way at the same time.
const IN_FLIGHT_MAX: usize = 16;
/// Deliveries that wait for a connection and are let go in one transaction.
const RELEASED_AT_ONCE: u64 = 500;
/// How long shutdown waits for deliveries that are on their way; as long as one may take.
const DRAIN_MAX: Duration = Duration::from_secs(3);
/// Pause before the database is asked again for rows that another server is just claiming.
const CONTENDED_PAUSE: Duration = Duration::from_millis(100);
/// Pause after the database failed.
const FAILED_PAUSE: Duration = Duration::from_secs(1);

/// A finished attempt and what it was an attempt at.
type Finished = (Claim, Attempt);

/// A place for one delivery on its way. Each app has one of its own, so that it gets on whatever the others do; more
/// come from the pool that all apps share.
type Place = Option<OwnedSemaphorePermit>;

/// The deliveries of one app.
pub(super) struct Session<'a> {
    pushing: &'a Pushing,
    app_id: &'a str,
    on_their_way: JoinSet<(Finished, Place)>,
    ids_on_their_way: HashSet<i64>,
    own_place_taken: bool,
    finished: Vec<Finished>,
    breaker: Breaker,
    failing: bool,
}

/// What to wait for.
struct Wake {
    /// When to claim again, Unix ms: what is due then, or the end of the breaker's pause.
    next: Option<i64>,
    contended: bool,
    /// No place is free, so only an arrival matters, and the end of the breaker's pause.
    full: bool,
    /// The breaker is open.
    open: bool,
}

/// What the database said.
struct Turn {
    claims: Vec<Claim>,
    next_due: Option<i64>,
}

/// Who is owed nothing has no breaker.
impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.pushing.app.breakers().note(self.app_id, Allowed::All);
    }
}

impl<'a> Session<'a> {
    pub(super) fn new(pushing: &'a Pushing, app_id: &'a str) -> Self {
        Self {
            pushing,
            app_id,
            on_their_way: JoinSet::new(),
            ids_on_their_way: HashSet::new(),
            own_place_taken: false,
            finished: Vec::new(),
            breaker: Breaker::default(),
            failing: false,
        }
    }

    /// Runs until the app is owed nothing, cannot be reached from here any more, or the server shuts down.
    pub(super) async fn run(mut self, woken: &Notify, stop: &mut Stop) {
        while !stop.is_requested() {
            let Some(to) = addressee(&self.pushing.app, self.app_id) else { break };
            let allowed = self.breaker.allows(self.pushing.app.now_ms());
            let places = self.places(&to, allowed);
            let full = places.is_empty();
            let turn = match self.release(&to).await {
                Ok(()) => self.turn(&to.tenant, places.len()).await,
                Err(refusal) => Err(refusal),
            };
            let turn = match turn {
                Ok(turn) => turn,
                Err(refusal) => {
                    self.report(&refusal);
                    tokio::select! {
                        () = stop.requested() => {}
                        () = self.pushing.app.clock().network().sleep(FAILED_PAUSE) => {}
                    }
                    continue;
                }
            };
            let sent = self.send(&to, turn.claims, places);
            if self.on_their_way.is_empty() && turn.next_due.is_none() {
                return;
            }
            let (next, open) = match allowed {
                Allowed::NothingUntil(until) => (Some(until), true),
                Allowed::All | Allowed::One => (turn.next_due, false),
            };
            // Due, but claimed by nobody here: another server is at it, or it is already on its way from here.
            let contended = sent == 0 && next.is_some_and(|at| at <= self.pushing.app.now_ms());
            self.wait(Wake { next, contended, full, open }, woken, stop).await;
        }
        self.drain().await;
    }

    /// Lets deliveries go that waited for a connection, once after one has come.
    async fn release(&self, to: &directory::App) -> Result<(), Refusal> {
        let live = &self.pushing.app.long_connections().live;
        if to.delivery != Delivery::LongConnection || !live.take_came(self.app_id) {
            return Ok(());
        }
        loop {
            let (tenant, app_id) = (to.tenant.clone(), self.app_id.to_owned());
            let limit = i64::try_from(RELEASED_AT_ONCE).unwrap_or(i64::MAX);
            let released =
                self.pushing.app.write(move |tx, cx| Ok(outbox::connected(tx, cx, &tenant, &app_id, limit)?));
            match released.await {
                Ok(count) if count < RELEASED_AT_ONCE => return Ok(()),
                Ok(_) => {}
                Err(refusal) => {
                    live.came(self.app_id);
                    return Err(refusal);
                }
            }
        }
    }

    /// Places for further deliveries. An app that has not yet proved its URL gets one.
    fn places(&self, to: &directory::App, allowed: Allowed) -> Vec<Place> {
        let (trusted, ways) = match to.delivery {
            Delivery::Webhook => (to.url_verified == to.url, 1),
            Delivery::LongConnection => (true, self.pushing.app.long_connections().live.ready(self.app_id)),
        };
        let max = match allowed {
            Allowed::All if trusted => IN_FLIGHT_MAX * ways.max(1),
            Allowed::All | Allowed::One => 1,
            Allowed::NothingUntil(_) => 0,
        };
        let free = max.saturating_sub(self.on_their_way.len());
        let mut places = Vec::new();
        if free > 0 && !self.own_place_taken {
            places.push(None);
        }
        while places.len() < free
            && let Ok(permit) = Arc::clone(&self.pushing.pool).try_acquire_owned()
        {
            places.push(Some(permit));
        }
        places
    }

    /// One transaction: records what is finished, claims what is due, and asks when the next is due.
    async fn turn(&mut self, tenant: &str, limit: usize) -> Result<Turn, Refusal> {
        let finished = Arc::new(std::mem::take(&mut self.finished));
        let (tenant, app_id) = (tenant.to_owned(), self.app_id.to_owned());
        let (holder, to_record) = (Arc::clone(&self.pushing.holder), Arc::clone(&finished));
        let limit = i64::try_from(limit).unwrap_or(0);
        let turn = self.pushing.app.write(move |tx, cx| {
            for (claim, attempt) in to_record.iter() {
                outbox::record(tx, cx, claim, attempt)?;
            }
            let claims = match limit {
                0 => Vec::new(),
                _ => outbox::claim(tx, cx, &tenant, &app_id, &holder, limit)?,
            };
            let next_due = outbox::next_due(tx, &tenant, &app_id)?;
            Ok(Turn { claims, next_due })
        });
        let turn = turn.await;
        match turn {
            Ok(_) => self.failing = false,
            Err(_) => self.finished = Arc::unwrap_or_clone(finished),
        }
        turn
    }

    fn send(&mut self, to: &Arc<directory::App>, claims: Vec<Claim>, places: Vec<Place>) -> usize {
        let mut places = places.into_iter();
        let mut sent = 0;
        for claim in claims {
            // A lease can run out under a delivery when the clock is moved; once is enough.
            if !self.ids_on_their_way.insert(claim.delivery_id) {
                continue;
            }
            let place = places.next().flatten();
            self.own_place_taken |= place.is_none();
            let (pushing, to) = (self.pushing.clone(), Arc::clone(to));
            self.on_their_way.spawn(async move {
                let attempt = attempt(&pushing, &to, &claim).await;
                ((claim, attempt), place)
            });
            sent += 1;
        }
        sent
    }

    async fn wait(&mut self, wake: Wake, woken: &Notify, stop: &mut Stop) {
        let clock = self.pushing.app.clock();
        let due = async {
            match wake.next {
                Some(_) if wake.contended => clock.network().sleep(CONTENDED_PAUSE).await,
                next => clock.sleep_until_due(next).await,
            }
        };
        tokio::select! {
            () = stop.requested() => return,
            () = woken.notified(), if !wake.full => return,
            () = due, if !wake.full || wake.open => return,
            Some(done) = self.on_their_way.join_next() => self.arrived(done),
        }
        // What finished at the same time is recorded with it.
        while let Some(done) = self.on_their_way.try_join_next() {
            self.arrived(done);
        }
    }

    fn arrived(&mut self, done: Result<(Finished, Place), tokio::task::JoinError>) {
        match done {
            Ok((finished, place)) => {
                self.own_place_taken &= place.is_some();
                self.ids_on_their_way.remove(&finished.0.delivery_id);
                if self.breaker.ended(finished.1.http_status.is_some(), self.pushing.app.now_ms()) {
                    tracing::warn!(
                        app_id = self.app_id,
                        outcome = finished.1.outcome,
                        "the app does not answer at all; trying now and then"
                    );
                }
                let (app, now) = (&self.pushing.app, self.pushing.app.now_ms());
                app.breakers().note(self.app_id, self.breaker.allows(now));
                self.finished.push(finished);
            }
            Err(error) => {
                // Its lease runs out and it is sent again. Which one it was is unknown, so all may be claimed again.
                tracing::error!(app_id = self.app_id, %error, "a delivery was cut off");
                self.ids_on_their_way.clear();
                self.own_place_taken = false;
            }
        }
    }

    /// Lets what is on its way arrive, and records it at once, because shutdown may lose patience. What takes too long
    /// is sent again when its lease has run out.
    async fn drain(mut self) {
        let mut too_long = std::pin::pin!(self.pushing.app.clock().network().sleep(DRAIN_MAX));
        loop {
            if let Some(tenant) = self.finished.first().map(|(claim, _)| claim.tenant.clone())
                && let Err(refusal) = self.turn(&tenant, 0).await
            {
                self.report(&refusal);
            }
            tokio::select! {
                () = &mut too_long => {
                    tracing::info!(app_id = self.app_id, "deliveries on their way were cut off; they will be sent again");
                    return;
                }
                done = self.on_their_way.join_next() => match done {
                    Some(done) => self.arrived(done),
                    None => return,
                },
            }
            while let Some(done) = self.on_their_way.try_join_next() {
                self.arrived(done);
            }
        }
    }

    fn report(&mut self, refusal: &Refusal) {
        if !self.failing {
            self.failing = true;
            tracing::warn!(app_id = self.app_id, %refusal, "deliveries could not be claimed or recorded; trying again");
        }
    }
}
