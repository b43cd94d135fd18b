//! Ends the time of what is kept for a while: deleted FAQs are gone for good 30 days after the deletion, rows of the audit
//! log after the days that the operator set.
//!
//! What is due stands in the database, so nothing is forgotten over a restart, and several servers may do the same work.

use desk::{Refusal, audit, faq};

use crate::app::App;

/// FAQs ended, and rows forgotten, in one transaction.
const BATCH: i64 = 100;
const DAY_MS: i64 = 86_400_000;
/// Even without anything due somebody looks this often, in ms: a desk file or another server may have changed the bin.
const LONGEST_MS: i64 = DAY_MS;
/// How long to wait after a failure, in ms.
const AGAIN_MS: i64 = 60_000;

/// Runs until it is cancelled. A failure is logged once until a round succeeds.
pub async fn run(app: App) {
    let mut failing = false;
    loop {
        match round(&app).await {
            Ok(next) => {
                failing = false;
                app.clock().sleep_until(next).await;
            }
            Err(error) => {
                if !failing {
                    tracing::error!(%error, "emptying the recycle bin failed; trying again every minute");
                }
                failing = true;
                app.clock().sleep(AGAIN_MS).await;
            }
        }
    }
}

/// Ends what is due now; answers when to look again, Unix ms. A deletion after this look is due later than that.
async fn round(app: &App) -> Result<i64, Refusal> {
    // Taken before the look: a clock that is moved meanwhile must not put off the next one.
    let latest = app.now_ms().saturating_add(LONGEST_MS);
    forget(app).await?;
    loop {
        let next = app.read(|tx, _| Ok(faq::next_purge(tx)?)).await?;
        match next {
            Some(at) if at <= app.now_ms() => app.write(|tx, cx| Ok(faq::purge(tx, cx, BATCH)?)).await?,
            Some(at) => return Ok(at.min(latest)),
            None => return Ok(latest),
        };
    }
}

/// Forgets rows of the audit log whose time is over.
async fn forget(app: &App) -> Result<(), Refusal> {
    let until = app.now_ms() - app.settings().audit_days * DAY_MS;
    let directory = app.directory();
    // Looked for before it is written: on most days there is nothing, and whoever writes keeps others waiting.
    let overdue = app.read(move |tx, _| {
        let mut overdue = Vec::new();
        for tenant in directory.tenants.keys() {
            if audit::has_older(tx, tenant, until)? {
                overdue.push(tenant.clone());
            }
        }
        Ok(overdue)
    });
    for tenant in overdue.await? {
        loop {
            let tenant = tenant.clone();
            let gone = app.write(move |tx, _| Ok(audit::forget(tx, &tenant, until, BATCH)?)).await?;
            if i64::try_from(gone).unwrap_or(0) < BATCH {
                break;
            }
        }
    }
    Ok(())
}
