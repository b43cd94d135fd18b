//! Notifications at work: sends them when they are due and takes recalled ones back, batch by batch.
//!
//! What is due stands in the database. A server takes a notification for a while before it works on it; if it dies,
//! another one, or the same one after its start, goes on where the last batch ended.

use std::sync::Arc;
use std::time::Duration;

use desk::Refusal;
use desk::notification::{self, Claim};

use crate::app::App;

/// Notifications that a server has at hand at a time.
const AT_HAND: usize = 4;
/// Even without a wake-up somebody looks this often: another server may have died with a push on its way, or the
/// command line added people.
const FLOOR: Duration = Duration::from_secs(5);
/// The wait after a failure.
const AGAIN: Duration = Duration::from_secs(1);

/// Runs until it is cancelled. A failure is logged once until a round succeeds.
pub async fn run(app: App) {
    let mut failing = false;
    loop {
        let woken = app.hub().notification_due().notified();
        let looked = round(&app).await;
        match &looked {
            Ok(next) => sleep(&app, *next, woken).await,
            Err(error) => {
                if !failing {
                    tracing::error!(%error, "sending due notifications failed; trying again every second");
                }
                app.clock().network().sleep(AGAIN).await;
            }
        }
        failing = looked.is_err();
    }
}

async fn sleep(app: &App, next: Option<i64>, woken: impl Future<Output = ()>) {
    tokio::select! {
        () = woken => {}
        () = app.clock().sleep_until_due(next) => {}
        () = app.clock().network().sleep(FLOOR) => {}
    }
}

/// Works on what is due now; answers when the next is due. Each notification at hand gets a batch in turn, so that a push
/// to few does not wait for one to many.
async fn round(app: &App) -> Result<Option<i64>, Refusal> {
    let mut at_hand: Vec<Claim> = Vec::new();
    loop {
        let next = app.read(|tx, _| Ok(notification::next_due(tx)?)).await?;
        let room = AT_HAND - at_hand.len();
        if next.is_some_and(|at| at <= app.now_ms()) && room > 0 {
            let limit = i64::try_from(room).unwrap_or(1);
            let claims = app.write(move |tx, cx| Ok(notification::claim(tx, cx, limit)?)).await?;
            at_hand.extend(claims);
        }
        if at_hand.is_empty() {
            return Ok(next);
        }
        for claim in std::mem::take(&mut at_hand) {
            match batch(app, claim).await {
                Ok(true) if !at_hand.contains(&claim) => at_hand.push(claim),
                Ok(_) => {}
                Err(error) => {
                    let id = claim.notification_id;
                    tracing::error!(%error, notification_id = id, "a batch failed; it is tried again after its lease");
                }
            }
        }
    }
}

/// Does the next batch of a notification; answers whether there is more to do.
async fn batch(app: &App, claim: Claim) -> Result<bool, Refusal> {
    let desk = app.directory().helpdesks.get(&claim.helpdesk_id).map(Arc::clone);
    let Some(desk) = desk else {
        // Made by another server a moment ago; the notification is due again when its lease ends.
        app.reload_directory().await?;
        return Ok(false);
    };
    app.write(move |tx, cx| notification::step(tx, cx, &desk, claim.notification_id)).await
}
