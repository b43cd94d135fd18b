//! Pushes for new staff.

use db::{DbError, Tx, params};

use super::{push_type, scope_type};
use crate::{Cx, Effect};

/// Somebody who joined a tenant.
#[derive(Debug, Clone)]
pub(crate) struct Newcomer {
    pub user_id: String,
    pub departments: Vec<String>,
}

/// Makes newcomers addressees of the pushes for new staff that are under way. Part of the transaction that adds them, so
/// that nobody is missed; a worker sends them their card. An addressee is one row, so nobody gets it twice.
pub(crate) fn joined(tx: &mut Tx<'_>, cx: &mut Cx, tenant: &str, newcomers: &[Newcomer]) -> Result<(), DbError> {
    if newcomers.is_empty() {
        return Ok(());
    }
    // One whose time has come but which no server has begun yet counts as well.
    let pushes = tx.query(
        "SELECT notification_id, new_staff_scope_type FROM notification
         WHERE tenant = $1 AND push_type = $2 AND status IN (3, 4) AND scope_type = $3 AND send_at <= $4",
        &params![tenant, push_type::NEW_STAFF, scope_type::NEW_STAFF, cx.now],
        |row| Ok((row.int(0)?, row.opt_int(1)? == Some(1))),
    )?;
    for (id, by_department) in pushes {
        let departments = if by_department { departments(tx, tenant, id)? } else { Vec::new() };
        let mut added = 0;
        for newcomer in newcomers {
            if by_department && !newcomer.departments.iter().any(|d| departments.contains(d)) {
                continue;
            }
            added += tx.execute(
                "INSERT INTO notification_target (tenant, notification_id, user_id, state) VALUES ($1, $2, $3, 0)
                 ON CONFLICT (tenant, notification_id, user_id) DO NOTHING",
                &params![tenant, id, &newcomer.user_id],
            )?;
        }
        if added > 0 {
            tx.execute(
                "UPDATE notification SET target_count = target_count + $1, due_at = $2
                 WHERE tenant = $3 AND notification_id = $4",
                &params![i64::try_from(added).unwrap_or(i64::MAX), cx.now, tenant, id],
            )?;
            cx.effects.push(Effect::NotificationDue { at: cx.now });
        }
    }
    Ok(())
}

fn departments(tx: &mut Tx<'_>, tenant: &str, id: i64) -> Result<Vec<String>, DbError> {
    tx.query(
        "SELECT member_id FROM notification_member WHERE tenant = $1 AND notification_id = $2 AND kind = 'new_staff'",
        &params![tenant, id],
        |row| row.string(0),
    )
}
