//! The worker that fits help desks' scores to what guests and agents say about answers.
//!
//! Which help desks wait for a fit stands in the database, and so does every fit: all servers score the next question by
//! it, and of two servers that fit at once one wins.

use std::sync::Arc;
use std::time::Duration;

use db::DbError;
use desk::Refusal;
use desk::calibration::{self, Curve, Kept, Verdict};
use desk::directory::Helpdesk;
use retrieval::calibration::{self as engine, Label};

use crate::app::App;

/// Clicks come in rows: one fit for all of them. No round number, so that tests of other limits tell it apart.
const SETTLE: Duration = Duration::from_millis(1_200);
/// Fitting leaves at least this many times its own time between two rounds, so that it takes a tenth of a processor.
const REST: u32 = 9;
/// Even without a word somebody looks this often: another server may have died with labels waiting.
const FLOOR: Duration = Duration::from_secs(61);
/// Help desks fitted in one round.
const BATCH: i64 = 32;

/// Runs until it is cancelled. A failure is logged once until a round succeeds.
pub async fn run(app: App) {
    let timers = app.clock().network().clone();
    let mut failing = false;
    loop {
        let began = timers.now();
        let looked = round(&app).await;
        timers.sleep(timers.since(began) * REST).await;
        match &looked {
            Ok(BATCH) => {}
            Ok(_) => tokio::select! {
                () = app.hub().feedback().notified() => {}
                () = timers.sleep(FLOOR) => {}
            },
            Err(error) => {
                if !failing {
                    tracing::error!(%error, "fitting scores failed, the old ones stay; trying again every minute");
                }
                timers.sleep(FLOOR).await;
            }
        }
        failing = looked.is_err();
        timers.sleep(SETTLE).await;
    }
}

/// Fits help desks that wait for it, one after the other; answers how many there were.
async fn round(app: &App) -> Result<i64, Refusal> {
    let waiting = app.read(|tx, _| Ok(calibration::waiting(tx, BATCH)?)).await?;
    let mut failed = None;
    for id in &waiting {
        // A help desk that another server made a moment ago has its turn later.
        let Some(desk) = app.directory().helpdesks.get(id).map(Arc::clone) else { continue };
        // One that fails does not keep the others from their turn.
        failed = refit(app, desk).await.err().or(failed);
    }
    failed.map_or_else(|| Ok(i64::try_from(waiting.len()).unwrap_or(BATCH)), Err)
}

async fn refit(app: &App, desk: Arc<Helpdesk>) -> Result<(), Refusal> {
    let (before, labels, newest) = {
        let desk = Arc::clone(&desk);
        let look = app.read(move |tx, _| {
            let before = calibration::kept(tx, &desk)?;
            let (labels, newest) = calibration::labels(tx, &desk, before.forgotten)?;
            Ok((before, labels, newest))
        });
        look.await?
    };
    let (fit, count) = {
        let (curve, seen) = (before.curve, before.seen);
        let work = move || (engine::fit(&of_engine(&labels, seen), scored_by(curve)), labels.len());
        let failed = |error| DbError::Corrupt(format!("fitting the scores of a help desk failed: {error}"));
        tokio::task::spawn_blocking(work).await.map_err(failed)?
    };
    let verdict = verdict(fit.verdict);
    let curve = Curve { slope: fit.calibration.slope(), offset: fit.calibration.offset() };
    let labels = i64::try_from(count).unwrap_or(i64::MAX);
    let kept = app.write(move |tx, cx| {
        let seen = newest.max(before.seen);
        let fitted = Kept { curve, verdict: Some(verdict), labels, seen, fitted_at: cx.now, ..before.clone() };
        Ok(calibration::keep(tx, &desk, &before, &fitted)?)
    });
    if kept.await? {
        app.metrics().calibrated(verdict.as_str());
    }
    Ok(())
}

/// The engine's form of what is stored.
pub(crate) fn scored_by(curve: Curve) -> retrieval::Calibration {
    retrieval::Calibration::new(curve.slope, curve.offset)
}

/// The engine's form of labels; those after `seen` are new.
pub(crate) fn of_engine(labels: &[calibration::Label], seen: i64) -> Vec<Label<'_>> {
    let mut all = Vec::with_capacity(labels.len());
    for calibration::Label { id, guest, log_odds, right, .. } in labels {
        all.push(Label { log_odds: *log_odds, right: *right, weight: 1.0, guest, new: *id > seen });
    }
    all
}

fn verdict(verdict: engine::Verdict) -> Verdict {
    match verdict {
        engine::Verdict::Better => Verdict::Better,
        engine::Verdict::TooFew => Verdict::TooFew,
        engine::Verdict::NoBetter => Verdict::NoBetter,
    }
}
