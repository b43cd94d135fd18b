//! Which tickets changed: what consoles follow. A ticket has one row, which says when it last changed.

use db::{DbError, Tx, params};

use crate::directory::Helpdesk;
use crate::{Cx, Effect, ids};

/// After this long every transaction is committed that had made its ids before, in ms.
pub const SETTLED_MS: i64 = 2_000;

/// Most changes that are read at once.
const PAGE: i64 = 500;

/// Notes that a ticket at the human stage changed. Once for each use case, however much it changes.
pub(crate) fn note(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, ticket_id: i64) -> Result<(), DbError> {
    let effect = Effect::Desk { helpdesk_id: desk.id, ticket_id };
    if cx.effects.contains(&effect) {
        return Ok(());
    }
    tx.execute(
        "INSERT INTO ticket_news (tenant, ticket_id, helpdesk_id, changed) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant, ticket_id) DO UPDATE SET changed = excluded.changed",
        &params![&desk.tenant, ticket_id, desk.id, cx.ids.decimal(cx.now)],
    )?;
    cx.effects.push(effect);
    Ok(())
}

/// A change: when, as an id, and the ticket.
pub type Change = (i64, i64);

/// Changes of a help desk's tickets from `from` (an id) on, oldest first. Some thousand at most; if there are more, with the
/// last that was read.
pub fn since(tx: &mut Tx<'_>, desk: &Helpdesk, from: i64) -> Result<(Vec<Change>, Option<i64>), DbError> {
    const PAGES: usize = 10;
    let mut found: Vec<Change> = Vec::new();
    for _ in 0..PAGES {
        let (changed, ticket_id) = found.last().copied().unwrap_or((from - 1, i64::MAX));
        let page = tx.query(
            "SELECT changed, ticket_id FROM ticket_news
             WHERE tenant = $1 AND helpdesk_id = $2 AND (changed, ticket_id) > ($3, $4)
             ORDER BY changed, ticket_id LIMIT $5",
            &params![&desk.tenant, desk.id, changed, ticket_id, PAGE],
            |row| Ok((row.int(0)?, row.int(1)?)),
        )?;
        let last_page = i64::try_from(page.len()) != Ok(PAGE);
        found.extend(page);
        if last_page {
            return Ok((found, None));
        }
    }
    let last = found.last().map(|(changed, _)| *changed);
    Ok((found, last))
}

/// Where to look from so that nothing is missed: what has a smaller id than `known` may have been committed after it, for
/// as long as transactions take.
pub fn overlap(known: i64) -> i64 {
    ids::before(known, SETTLED_MS)
}
