//! The recycle bin: a deleted FAQ can be restored for 30 days, after that it is gone for good.

use std::sync::Arc;

use db::{DbError, Tx, params};

use super::history::forget;
use super::store::unbin;
use super::{at, get, require_role, status};
use crate::audit::Told;
use crate::directory::{Directory, Helpdesk, Role};
use crate::{Cx, Refusal, person};

/// How long a deleted FAQ can be restored, in ms: 30 days (reference: helpdesk-v1 4).
pub const RESTORABLE_MS: i64 = 30 * 86_400_000;

/// Takes a FAQ out of the recycle bin; it answers questions again at once. `user_id` has to be an agent of the help desk.
pub fn restore(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, faq_id: i64) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Agent)?;
    let faq = get(tx, desk, faq_id)?;
    if faq.status == status::ONLINE {
        return Err(Refusal::invalid("faq_id", format!("FAQ {faq_id} is online, not in the recycle bin")));
    }
    if faq.deleted_at.is_some_and(|at| at <= cx.now - RESTORABLE_MS) {
        let why = format!("FAQ {faq_id} was deleted more than 30 days ago and cannot be restored any more");
        return Err(Refusal::invalid("faq_id", why));
    }
    cx.told = Some(Told::change(faq_id, None, Some(faq.told())));
    unbin(tx, cx, &at(desk, user_id, faq_id)).map_err(Refusal::from)
}

/// [`restore`] for an operator: in the name of the user with this open id, or of the help desk's owner.
pub fn restore_for(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    open_id: Option<&str>,
    faq_id: i64,
) -> Result<(), Refusal> {
    let user_id = match open_id {
        Some(open_id) => person::require(tx, &desk.tenant, open_id)?.user_id,
        None => desk.owner.clone(),
    };
    restore(tx, cx, desk, &user_id, faq_id)
}

/// The help desks that have this FAQ, by id. A FAQ's id is unique only inside its help desk.
pub fn desks_with(tx: &mut Tx<'_>, directory: &Directory, faq_id: i64) -> Result<Vec<Arc<Helpdesk>>, Refusal> {
    let mut found = Vec::new();
    for desk in directory.helpdesks.values() {
        match get(tx, desk, faq_id) {
            Ok(_) => found.push(Arc::clone(desk)),
            Err(Refusal::NotFound { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    found.sort_unstable_by_key(|desk| desk.id);
    Ok(found)
}

/// Ends the time of FAQs deleted 30 days ago and longer, of all help desks, the oldest first and at most `limit`; answers
/// how many. What remains is the question with its times: the answers, the similar questions, the pictures and
/// the history go.
pub fn purge(tx: &mut Tx<'_>, cx: &Cx, limit: i64) -> Result<i64, DbError> {
    let due = tx.query(
        "SELECT tenant, helpdesk_id, faq_id FROM faq WHERE status = 0 AND deleted_at <= $1
         ORDER BY deleted_at LIMIT $2",
        &params![cx.now - RESTORABLE_MS, limit],
        |row| Ok((row.string(0)?, row.int(1)?, row.int(2)?)),
    )?;
    for (tenant, helpdesk_id, faq_id) in &due {
        tx.execute(
            "UPDATE faq SET status = 2, category_id = NULL, similar_questions = '[]', answer = '',
                            answer_richtext = '[]', updated_at = $1
             WHERE tenant = $2 AND helpdesk_id = $3 AND faq_id = $4",
            &params![cx.now, tenant, *helpdesk_id, *faq_id],
        )?;
        tx.execute(
            "DELETE FROM faq_image WHERE tenant = $1 AND helpdesk_id = $2 AND faq_id = $3",
            &params![tenant, *helpdesk_id, *faq_id],
        )?;
        forget(tx, (tenant, *helpdesk_id, *faq_id))?;
    }
    Ok(i64::try_from(due.len()).unwrap_or(limit))
}

/// When the next FAQ's time ends, Unix ms.
pub fn next_purge(tx: &mut Tx<'_>) -> Result<Option<i64>, DbError> {
    let oldest = tx.query_opt(
        "SELECT deleted_at FROM faq WHERE status = 0 AND deleted_at IS NOT NULL ORDER BY deleted_at LIMIT 1",
        &[],
        |row| row.int(0),
    )?;
    Ok(oldest.map(|at| at + RESTORABLE_MS))
}
