//! Notifications at work: sends them when they are due and takes recalled ones back, batch by batch.
//!
//! What is due stands in the database. A server takes a notification for a while before it works on it; if it dies,
//! another one, or the same one after its start, goes on where the last batch ended.

use std::sync::Arc;
use std::time::Duration;

use desk::Refusal;
use desk::notification::{self, Claim};

use crate::app::App;

/// Notifications taken in one go. They are worked on one after the other.
const TAKEN: i64 = 4;
/// Even without a wake-up somebody looks this often: another server may have died, or a desk file added people.
const FLOOR: Duration = Duration::from_secs(1);

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
                tokio::time::sleep(FLOOR).await;
            }
        }
        failing = looked.is_err();
    }
}

async fn sleep(app: &App, next: Option<i64>, woken: impl Future<Output = ()>) {
    let due = async {
        match next {
            Some(at) => app.clock().sleep_until(at).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = woken => {}
        () = due => {}
        () = tokio::time::sleep(FLOOR) => {}
    }
}

/// Works on what is due now; answers when the next is due.
async fn round(app: &App) -> Result<Option<i64>, Refusal> {
    loop {
        let next = app.read(|tx, _| Ok(notification::next_due(tx)?)).await?;
        if next.is_none_or(|at| at > app.now_ms()) {
            return Ok(next);
        }
        let claims = app.write(|tx, cx| Ok(notification::claim(tx, cx, TAKEN)?)).await?;
        for claim in claims {
            work(app, claim).await?;
        }
    }
}

async fn work(app: &App, claim: Claim) -> Result<(), Refusal> {
    let desk = app.directory().helpdesks.get(&claim.helpdesk_id).map(Arc::clone);
    let Some(desk) = desk else {
        // Made by another server a moment ago; the notification is due again when its lease ends.
        return app.reload_directory().await;
    };
    loop {
        let desk = Arc::clone(&desk);
        if !app.write(move |tx, cx| notification::step(tx, cx, &desk, claim.notification_id)).await? {
            return Ok(());
        }
    }
}
