//! Makes the vectors that FAQs lack, in the background: a new or edited FAQ is answered by its words until its vectors
//! are there. What is missing stands in the database, so a restart goes on where it ended.

use std::sync::Arc;
use std::time::Duration;

use desk::Refusal;
use desk::directory::Helpdesk;
use desk::faq::vector::{self, Progress};

use super::{Embedder, Failed};
use crate::app::App;

/// Even when all is done somebody looks this often; an edit has its vectors that much later.
const FLOOR: Duration = Duration::from_secs(5);
/// How long to wait after a failure that does not say.
pub(super) const AGAIN: Duration = Duration::from_secs(5);
/// Texts, and their characters together, whose vectors are made in one go.
pub(super) const BATCH: (usize, usize) = (64, 32_000);
/// Help desks looked at in one round.
const DESKS: i64 = 64;

enum Trouble {
    Refused(Refusal),
    Failed(Failed),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Runs until it is cancelled. A failure is logged once until a round succeeds.
pub async fn run(app: App, embedder: Arc<Embedder>) {
    let (mut failing, mut busy) = (false, false);
    loop {
        let pause = match round(&app, &embedder).await {
            Ok(worked) => {
                failing = false;
                report(&app, &embedder, worked, &mut busy).await;
                if worked { Duration::ZERO } else { FLOOR }
            }
            Err(trouble) => {
                let (why, again) = match trouble {
                    Trouble::Refused(refusal) => (refusal.to_string(), AGAIN),
                    Trouble::Failed(failed) => (failed.why, failed.again),
                };
                app.metrics().embedded("batch_failed");
                if !failing {
                    tracing::warn!(%why, "vectors of FAQs could not be made; trying again, ranking by words meanwhile");
                }
                failing = true;
                again
            }
        };
        // Network time: other servers do not live by this one's clock.
        app.clock().network().sleep(pause).await;
    }
}

/// One step for each help desk with something to do; answers whether there was any.
async fn round(app: &App, embedder: &Arc<Embedder>) -> Result<bool, Trouble> {
    let (model, name) = (Arc::clone(embedder.model()), embedder.holder.clone());
    let now = app.now_ms();
    let ids = app.read(move |tx, _| Ok(vector::waiting(tx, &model, &name, now, DESKS)?)).await?;
    let (mut worked, mut failed) = (false, None);
    for id in ids {
        let desk = app.directory().helpdesks.get(&id).map(Arc::clone);
        // One that another server made a moment ago comes with the next look at the directory.
        let Some(desk) = desk else { continue };
        match step(app, embedder, &desk).await {
            Ok(did) => worked |= did,
            // The texts of other help desks may do.
            Err(Trouble::Failed(trouble)) if trouble.of_text => failed = Some(trouble),
            Err(trouble) => return Err(trouble),
        }
    }
    if let Some(failed) = failed {
        return Err(Trouble::Failed(failed));
    }
    if !worked {
        let model = Arc::clone(embedder.model());
        worked = app.write(move |tx, cx| Ok(vector::delete_old(tx, &model, cx.now)?)).await?;
    }
    Ok(worked)
}

/// One step for one help desk; false if another server is at it or nothing is missing.
async fn step(app: &App, embedder: &Arc<Embedder>, desk: &Arc<Helpdesk>) -> Result<bool, Trouble> {
    let (model, name, its) = (Arc::clone(embedder.model()), embedder.holder.clone(), Arc::clone(desk));
    let step = app.write(move |tx, cx| {
        if !vector::claim(tx, &its, &model, &name, cx.now)? {
            return Ok(None);
        }
        Ok(vector::next(tx, &its, &model, BATCH)?)
    });
    let Some(step) = step.await? else { return Ok(false) };
    let texts: Vec<String> = step.missing.iter().map(|missing| missing.text.clone()).collect();
    let made = if texts.is_empty() { Vec::new() } else { embedder.texts(texts).await.map_err(Trouble::Failed)? };
    // A vector without a direction says nothing; as an empty one it is at least not asked for again.
    let vectors: Vec<Vec<i8>> = made.iter().map(|made| retrieval::quantise(made).unwrap_or_default()).collect();
    let (model, name, its) = (Arc::clone(embedder.model()), embedder.holder.clone(), Arc::clone(desk));
    Ok(app.write(move |tx, _| Ok(vector::store(tx, &its, &model, &name, (&step, &vectors))?)).await?)
}

/// Says how far the first passes are: in the log at their beginning and end, as metrics always.
async fn report(app: &App, embedder: &Embedder, worked: bool, busy: &mut bool) {
    let model = Arc::clone(embedder.model());
    let Ok(Progress { total, done }) = app.read(move |tx, _| Ok(vector::progress(tx, &model)?)).await else {
        return;
    };
    app.metrics().embedding_progress(total, done);
    let behind = worked && done < total;
    if behind != *busy {
        let what = if behind { "making vectors of FAQs in the background" } else { "all FAQs have their vectors" };
        tracing::info!(total, done, "{what}");
        *busy = behind;
    }
}
