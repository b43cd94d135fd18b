//! Routing at work: looks after what no request causes. Schedules begin and end, queues are too long for one transaction,
//! guests fall silent.
//!
//! What is to be done stands in the database and every step looks again in its own transaction, so nothing is forgotten
//! over a restart and several servers may look at the same help desk.

use std::sync::Arc;
use std::time::Duration;

use desk::directory::Helpdesk;
use desk::ticket::{assign, idle};
use desk::{Refusal, agent};

use crate::app::App;

/// Silent tickets of a help desk that are closed in one go.
const BATCH: i64 = 64;
/// Even without a wake-up somebody looks this often, in ms of the injected clock: another server may have died with work
/// to do, and new tickets may fall silent.
const FLOOR_MS: i64 = 30_000;
/// The wait after a failure.
const AGAIN: Duration = Duration::from_secs(1);

/// Runs until it is cancelled. A failure is logged once until a round succeeds.
pub async fn run(app: App) {
    let mut failing = false;
    loop {
        let woken = app.hub().routing().notified();
        let worked = round(&app).await;
        match &worked {
            Ok(looked_at) => sleep(&app, *looked_at, woken).await,
            Err(error) => {
                if !failing {
                    tracing::error!(%error, "routing tickets failed; trying again every second");
                }
                app.clock().network().sleep(AGAIN).await;
            }
        }
        failing = worked.is_err();
    }
}

fn desks(app: &App) -> Vec<Arc<Helpdesk>> {
    app.directory().helpdesks.values().map(Arc::clone).collect()
}

/// Sleeps until there may be more to do than there was at `looked_at` (Unix ms).
async fn sleep(app: &App, looked_at: i64, woken: impl Future<Output = ()>) {
    let desks = desks(app);
    let floor = looked_at + FLOOR_MS;
    let next = app.read(move |tx, _| {
        let mut next = floor;
        for desk in &desks {
            for at in [agent::next_change(tx, desk, looked_at)?, idle::next_due(tx, desk)?].into_iter().flatten() {
                next = next.min(at);
            }
        }
        Ok(next)
    });
    let next = next.await.unwrap_or(floor);
    tokio::select! {
        () = woken => {}
        () = app.clock().sleep_until(next) => {}
    }
}

/// What a help desk wants done.
struct Work {
    desk: Arc<Helpdesk>,
    route: bool,
    silent: Vec<i64>,
}

/// Does once what is to be done at every help desk; answers as of when (Unix ms).
///
/// # Errors
/// The first thing that could not be done; the rest waits for the next round.
async fn round(app: &App) -> Result<i64, Refusal> {
    let desks = desks(app);
    let looked = app.read(move |tx, cx| {
        let mut works = Vec::new();
        for desk in &desks {
            let route = assign::is_due(tx, cx, desk)?;
            let silent = idle::due(tx, desk, cx.now, BATCH)?;
            if route || !silent.is_empty() {
                works.push(Work { desk: Arc::clone(desk), route, silent });
            }
        }
        Ok((works, cx.now))
    });
    let (works, looked_at) = looked.await?;
    for work in works {
        if work.route {
            route(app, &work.desk).await?;
        }
        for ticket_id in work.silent {
            let desk = Arc::clone(&work.desk);
            app.write(move |tx, cx| idle::close(tx, cx, &desk, ticket_id)).await?;
        }
    }
    Ok(looked_at)
}

/// Goes through the whole queue of a help desk, a bounded step a transaction.
async fn route(app: &App, desk: &Arc<Helpdesk>) -> Result<(), Refusal> {
    let mut after = None;
    loop {
        let desk = Arc::clone(desk);
        after = app.write(move |tx, cx| Ok(assign::pass(tx, cx, &desk, after)?)).await?;
        if after.is_none() {
            return Ok(());
        }
    }
}
