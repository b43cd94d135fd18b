//! News between the servers on one PostgreSQL database, by LISTEN and NOTIFY.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use postgres::Client;
use postgres::fallible_iterator::FallibleIterator;

use super::connect::Target;
use crate::error::{DbError, chain};
use crate::news::{News, Own, Teller, WAITING_MAX};

/// The longest text of one notification, in bytes; PostgreSQL takes 8,000.
const TEXT_MAX: usize = 7_000;
/// How soon a closed database is noticed.
const CLOSED_LOOK: Duration = Duration::from_secs(1);
/// The first and the longest wait before connecting again.
const AGAIN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Starts the thread that hears.
pub(crate) fn hear(
    url: &str,
    own: Own,
    closed: Arc<AtomicBool>,
    heard: impl Fn(News) + Send + 'static,
) -> Result<(), DbError> {
    let target = Target::parse(url)?;
    let hear = move || {
        let (mut wait, mut failing) = (AGAIN.0, false);
        while !closed.load(Ordering::Acquire) {
            match listen(&target, &own, &closed, &heard, &mut failing) {
                Ok(()) => return,
                Err(why) => {
                    if failing {
                        wait = (wait * 2).min(AGAIN.1);
                    } else {
                        failing = true;
                        tracing::warn!(why, "news of other servers cannot be heard; looking for it now and then");
                    }
                    nap(wait, &closed);
                }
            }
            if !failing {
                wait = AGAIN.0;
            }
        }
    };
    spawn("db-hear", hear).map(drop)
}

/// Hears until the database is closed; fails when the connection does.
fn listen(
    target: &Target,
    own: &AtomicI32,
    closed: &AtomicBool,
    heard: &impl Fn(News),
    failing: &mut bool,
) -> Result<(), String> {
    let mut client = target.connect().map_err(|e| e.to_string())?;
    client.batch_execute("LISTEN deskwire").map_err(|e| chain(&e))?;
    *failing = false;
    // What happened before is unknown.
    heard(News::Missed);
    while !closed.load(Ordering::Acquire) {
        // A new wait each time: the driver's timer runs once, and after that it would neither wait nor read.
        let coming = client.notifications().timeout_iter(CLOSED_LOOK).next().map_err(|e| chain(&e))?;
        let Some(notification) = coming else {
            if client.is_closed() {
                return Err("the connection was closed".to_owned());
            }
            continue;
        };
        if notification.process_id() == own.load(Ordering::Acquire) {
            continue;
        }
        match notification.payload() {
            "" => heard(News::Missed),
            texts => texts.lines().for_each(|text| heard(News::Told(text.to_owned()))),
        }
    }
    Ok(())
}

/// Starts the thread that tells.
pub(crate) fn teller(url: &str, own: Own) -> Result<Teller, DbError> {
    let target = Target::parse(url)?;
    let (texts, waiting) = sync_channel(WAITING_MAX);
    let lost = Arc::new(AtomicBool::new(false));
    let gap = Arc::clone(&lost);
    let thread = spawn("db-tell", move || tell(&target, &waiting, &gap, &own))?;
    Ok(Teller { texts, lost, thread })
}

/// Tells what waits, all of it in one notification where it fits, until nobody can send more.
fn tell(target: &Target, waiting: &Receiver<String>, lost: &AtomicBool, own: &AtomicI32) {
    let mut client = None;
    while let Ok(first) = waiting.recv() {
        let mut payload = first;
        while payload.len() < TEXT_MAX
            && let Ok(next) = waiting.try_recv()
        {
            if !payload.lines().any(|told| told == next) {
                payload.push('\n');
                payload.push_str(&next);
            }
        }
        if lost.swap(false, Ordering::AcqRel) || payload.len() > TEXT_MAX {
            payload.clear();
        }
        if let Err(why) = notify(&mut client, target, own, &payload) {
            // The others look by themselves now and then.
            tracing::debug!(why, "other servers could not be told");
            client = None;
        }
    }
}

fn notify(client: &mut Option<Client>, target: &Target, own: &AtomicI32, payload: &str) -> Result<(), String> {
    let client = if let Some(client) = client {
        client
    } else {
        let mut fresh = target.connect().map_err(|e| e.to_string())?;
        let number: i32 =
            fresh.query_one("SELECT pg_backend_pid()", &[]).and_then(|row| row.try_get(0)).map_err(|e| chain(&e))?;
        own.store(number, Ordering::Release);
        client.insert(fresh)
    };
    client.execute("SELECT pg_notify('deskwire', $1)", &[&payload]).map(drop).map_err(|e| chain(&e))
}

fn nap(wait: Duration, closed: &AtomicBool) {
    let mut left = wait;
    while !left.is_zero() && !closed.load(Ordering::Acquire) {
        let step = left.min(CLOSED_LOOK);
        thread::sleep(step);
        left -= step;
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<thread::JoinHandle<()>, DbError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| DbError::Unavailable(format!("no thread could be started: {error}")))
}
