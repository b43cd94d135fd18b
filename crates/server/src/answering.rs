//! The built-in engine at work: answers the questions that are due for it, at once or when an app's time is over.
//!
//! Which questions are due stands in the database, so nothing is forgotten over a restart, and several servers may
//! look at the same question: only the first to answer shows anything.

use std::sync::Arc;
use std::time::Duration;

use desk::Refusal;
use desk::answer::builtin::{self, Due};
use futures_util::{StreamExt, stream};

use crate::app::App;

/// Questions looked at in one go, and answered side by side so that their commits are grouped.
const BATCH: i64 = 64;
const SIDE_BY_SIDE: usize = 64;
/// Even without a wake-up somebody looks this often: another server may have died with questions waiting.
const FLOOR: Duration = Duration::from_secs(5);
/// The wait after a failure.
const AGAIN: Duration = Duration::from_secs(1);

/// Runs until it is cancelled. A failure is logged once until a round succeeds.
pub async fn run(app: App) {
    let mut failing = false;
    loop {
        let woken = app.hub().question_due().notified();
        let looked = round(&app).await;
        match &looked {
            Ok(BATCH) => {}
            Ok(_) => sleep(&app, woken).await,
            Err(error) => {
                if !failing {
                    tracing::error!(%error, "answering due questions failed; trying again every second");
                }
                app.clock().network().sleep(AGAIN).await;
            }
        }
        failing = looked.is_err();
    }
}

async fn sleep(app: &App, woken: impl Future<Output = ()>) {
    let next = app.read(|tx, _| Ok(builtin::next_due(tx)?)).await.ok().flatten();
    tokio::select! {
        () = woken => {}
        () = app.clock().sleep_until_due(next) => {}
        () = app.clock().network().sleep(FLOOR) => {}
    }
}

/// Answers what is due now; answers how many questions it looked at.
pub async fn round(app: &App) -> Result<i64, Refusal> {
    let now = app.clock().now_ms();
    let due = app.read(move |tx, _| Ok(builtin::due(tx, now, BATCH)?)).await?;
    let count = i64::try_from(due.len()).unwrap_or(BATCH);
    let answered: Vec<Result<(), Refusal>> =
        stream::iter(due).map(|due| answer(app, due)).buffer_unordered(SIDE_BY_SIDE).collect().await;
    answered.into_iter().collect::<Result<Vec<()>, Refusal>>()?;
    Ok(count)
}

async fn answer(app: &App, due: Due) -> Result<(), Refusal> {
    let Some(desk) = app.directory().helpdesks.get(&due.helpdesk_id).map(Arc::clone) else {
        // Made by another server a moment ago.
        app.reload_directory().await?;
        return Ok(());
    };
    let (matches, why) = app.engines().matches(app, &desk, &due.text).await?;
    let mode = app.write(move |tx, cx| Ok(builtin::answer(tx, cx, &desk, &due, &matches, why.as_ref())?)).await?;
    if let Some(mode) = mode {
        app.metrics().answered("builtin", mode.as_str());
    }
    Ok(())
}
