//! The worker that looks for words that mean the same in answers that people confirmed.
//!
//! All servers look, and all come to the same; who is second finds nothing to change. Only the latest questions are read,
//! page by page, so that a busy help desk costs no more than any other.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use db::DbError;
use desk::directory::Helpdesk;
use desk::synonym::{self, Confirmed, New};
use desk::{Refusal, faq};
use retrieval::{CONFIRMED_MAX, FaqId, Mined, mine};

use crate::app::App;

/// How often it looks, in ms.
const EVERY_MS: i64 = 3_600_000;
/// How far back, in ms: half a year.
const BACK_MS: i64 = 180 * 86_400_000;
/// Questions read in one go, and how many pages of them at most.
const PAGE: i64 = 2_000;
const PAGES_MAX: usize = 10;
/// FAQs read in one go.
const FAQS: usize = 200;
/// Certainty is kept in tenths, so that it does not change with every guest.
const TENTHS: f64 = 10.0;

/// Runs until it is cancelled.
pub async fn run(app: App) {
    loop {
        app.clock().sleep(EVERY_MS).await;
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "looking for words that mean the same failed; the next try is in an hour");
        }
    }
}

/// Looks once, at one help desk after the other. Answers how many of them have other pairs now.
pub async fn round(app: &App) -> Result<usize, Refusal> {
    let mut desks: Vec<Arc<Helpdesk>> = app.directory().helpdesks.values().map(Arc::clone).collect();
    desks.sort_unstable_by_key(|desk| desk.id);
    let (mut changed, mut failed) = (0, None);
    for desk in desks {
        // One that fails does not keep the others from their turn.
        match one(app, &desk).await {
            Ok(other) => changed += usize::from(other),
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(changed), Err)
}

async fn one(app: &App, desk: &Arc<Helpdesk>) -> Result<bool, Refusal> {
    let confirmed = confirmed(app, desk).await?;
    let ids: BTreeSet<FaqId> = confirmed.iter().map(|one| one.faq_id).collect();
    let texts = texts(app, desk, ids).await?;
    let failed = |error: tokio::task::JoinError| DbError::Corrupt(format!("looking for synonyms failed: {error}"));
    let found = tokio::task::spawn_blocking(move || mine(&texts, &guests(&confirmed))).await.map_err(failed)?;
    let found: Vec<New> = found.into_iter().map(kept).collect();
    let desk = Arc::clone(desk);
    let known = {
        let desk = Arc::clone(&desk);
        app.read(move |tx, _| Ok(synonym::all(tx, &desk)?)).await?
    };
    if synonym::is_current(&known, &found) {
        return Ok(false);
    }
    app.write(move |tx, cx| Ok(synonym::replace(tx, cx, &desk, &found)?)).await
}

/// The latest confirmed answers.
async fn confirmed(app: &App, desk: &Arc<Helpdesk>) -> Result<Vec<Confirmed>, Refusal> {
    let (from, mut before, mut all) = (app.now_ms() - BACK_MS, None, Vec::new());
    for _ in 0..PAGES_MAX {
        let (desk, place) = (Arc::clone(desk), before.take());
        let page = move |tx: &mut db::Tx<'_>| synonym::confirmed(tx, &desk, from, place.as_ref(), PAGE);
        let (found, next) = app.read(move |tx, _| Ok(page(tx)?)).await?;
        all.extend(found);
        before = next;
        if before.is_none() || all.len() >= CONFIRMED_MAX {
            break;
        }
    }
    all.truncate(CONFIRMED_MAX);
    Ok(all)
}

/// Questions and similar questions of those of the FAQs that are online.
async fn texts(app: &App, desk: &Arc<Helpdesk>, ids: BTreeSet<FaqId>) -> Result<Vec<(FaqId, Vec<String>)>, Refusal> {
    let (ids, mut texts) = (Vec::from_iter(ids), Vec::new());
    for some in ids.chunks(FAQS) {
        let (desk, some) = (Arc::clone(desk), some.to_vec());
        let read = app.read(move |tx, _| {
            let one = |id: &FaqId| Ok::<_, DbError>(faq::wording(tx, &desk, *id)?.map(|wording| (*id, wording)));
            Ok(some.iter().map(one).collect::<Result<Vec<_>, _>>()?)
        });
        let read = read.await?.into_iter().flatten();
        texts.extend(read.map(|(id, (question, similar))| (id, std::iter::once(question).chain(similar).collect())));
    }
    Ok(texts)
}

/// Guests by number.
fn guests(confirmed: &[Confirmed]) -> Vec<retrieval::Confirmed> {
    let mut numbers: HashMap<&str, u64> = HashMap::new();
    let mut all = Vec::with_capacity(confirmed.len());
    for Confirmed { chat_id, text, faq_id } in confirmed {
        let next = u64::try_from(numbers.len()).unwrap_or(u64::MAX);
        let guest = *numbers.entry(chat_id).or_insert(next);
        all.push(retrieval::Confirmed { guest, question: text.clone(), faq: *faq_id });
    }
    all
}

#[expect(clippy::cast_possible_truncation, reason = "0 to 10")]
fn kept(mined: Mined) -> New {
    let tenths = (mined.weight * TENTHS).round() as i64;
    New {
        word: mined.word,
        means: mined.means,
        guests: i64::try_from(mined.guests).unwrap_or(i64::MAX),
        percent: (tenths * 10).clamp(10, 100),
    }
}
