//! Notifications: cards that a help desk pushes to many people (reference: helpdesk-v1.md section 7). Written as a draft,
//! approved by the owner, sent at a time by the servers' workers, and taken back if need be.

mod approve;
mod newcomers;
mod scope;
mod send;
mod state;

use db::{DbError, Row, Tx, params};

pub use approve::{Decision, REASON_MAX, decide, submit, withdraw};
pub(crate) use newcomers::{Newcomer, joined};
pub use scope::{Draft, Entry, LIST_MAX, Member, Members};
pub use send::{BATCH, Claim, LEASE_MS, cancel, claim, execute, next_due, step};
pub use state::{Status, Step};

use crate::audit::Told;
use crate::directory::{Helpdesk, Role};
use crate::event::Who;
use crate::message::card::Card;
use crate::message::{self, Message};
use crate::{Cx, Kind, Refusal, person};

/// Longest task name, in characters.
pub const JOB_NAME_MAX: usize = 100;
/// Longest `ext`, in characters.
pub const EXT_MAX: usize = 2_000;

/// Kinds of push (reference: `push_type`).
pub mod push_type {
    /// Goes out once, at its time.
    pub const TIMED: i64 = 0;
    /// Goes to everybody who joins from its time on.
    pub const NEW_STAFF: i64 = 1;
}

/// Whom a push is for (reference: `push_scope_type`).
pub mod scope_type {
    /// Everybody of the tenant who sees the help desk.
    pub const EVERYONE: i64 = 0;
    /// Only chats.
    pub const NOBODY: i64 = 1;
    /// Users and members of departments.
    pub const SOME: i64 = 2;
    /// New staff.
    pub const NEW_STAFF: i64 = 3;
}

/// A notification. Times are Unix ms.
#[derive(Debug, Clone)]
pub struct Notification {
    /// 19 digits.
    pub id: i64,
    /// Where it stands.
    pub status: Status,
    /// What people call it.
    pub job_name: String,
    /// The card's JSON as it was given.
    pub content: String,
    /// See [`push_type`].
    pub push_type: i64,
    /// See [`scope_type`].
    pub scope_type: i64,
    /// 0 all new staff, 1 that of certain departments; only with [`push_type::NEW_STAFF`].
    pub new_staff_scope_type: Option<i64>,
    /// Kept for the caller.
    pub ext: Option<String>,
    /// Why it should be approved.
    pub reason: Option<String>,
    /// What the owner said since approval was asked for. A draft that has it was rejected.
    pub decided: Option<Decided>,
    /// Who made it, with their name.
    pub created_by: (Who, String),
    /// Who changed it last, with their name.
    pub updated_by: (Who, String),
    /// When it was made.
    pub created_at: i64,
    /// When somebody last changed it or moved it on.
    pub updated_at: i64,
    /// When it is or was to go out.
    pub send_at: Option<i64>,
    /// Addressees found so far.
    pub target_count: i64,
    /// Addressees who got it.
    pub sent_count: i64,
    work: i64,
    cursor: String,
}

/// What the owner said of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Their name.
    pub by: String,
    /// When, in Unix ms.
    pub at: i64,
    /// Why, if they said so.
    pub reason: Option<String>,
}

fn read_decided(row: &Row<'_>) -> Result<Option<Decided>, DbError> {
    let Some(at) = row.opt_int(25)? else { return Ok(None) };
    Ok(Some(Decided { by: row.opt_string(27)?.unwrap_or_default(), at, reason: row.opt_string(26)? }))
}

fn read(row: &Row<'_>) -> Result<(i64, Notification), DbError> {
    let person = |at: usize| -> Result<(Who, String), DbError> {
        Ok((
            Who { open_id: row.string(at)?, union_id: row.string(at + 1)?, user_id: row.string(at + 2)? },
            row.string(at + 3)?,
        ))
    };
    let number = row.int(2)?;
    let status = Status::of(number);
    let notification = Notification {
        id: row.int(0)?,
        status: status.ok_or_else(|| DbError::Corrupt(format!("a notification has the unknown status {number}")))?,
        job_name: row.string(3)?,
        content: row.string(4)?,
        push_type: row.int(5)?,
        scope_type: row.int(6)?,
        new_staff_scope_type: row.opt_int(7)?,
        ext: row.opt_string(8)?,
        reason: row.opt_string(9)?,
        created_at: row.int(10)?,
        updated_at: row.int(11)?,
        send_at: row.opt_int(12)?,
        target_count: row.int(13)?,
        sent_count: row.int(14)?,
        work: row.int(15)?,
        cursor: row.string(16)?,
        created_by: person(17)?,
        updated_by: person(21)?,
        decided: read_decided(row)?,
    };
    Ok((row.int(1)?, notification))
}

fn find(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64) -> Result<Notification, Refusal> {
    tx.query_opt(
        "SELECT n.notification_id, n.helpdesk_id, n.status, n.job_name, n.content, n.push_type, n.scope_type,
                n.new_staff_scope_type, n.ext, n.reason, n.created_at, n.updated_at, n.send_at, n.target_count,
                n.sent_count, n.work, n.cursor, c.open_id, c.union_id, c.user_id, c.name,
                u.open_id, u.union_id, u.user_id, u.name, n.decided_at, n.decision, d.name
         FROM notification n
         JOIN person c ON c.tenant = n.tenant AND c.user_id = n.created_by
         JOIN person u ON u.tenant = n.tenant AND u.user_id = n.updated_by
         LEFT JOIN person d ON d.tenant = n.tenant AND d.user_id = n.decided_by
         WHERE n.tenant = $1 AND n.notification_id = $2",
        &params![&desk.tenant, id],
        read,
    )?
    .filter(|(helpdesk_id, _)| *helpdesk_id == desk.id)
    .map(|(_, notification)| notification)
    .ok_or_else(|| Refusal::not_found(Kind::Notification, id))
}

/// A page of a help desk's notifications for an operator, newest first: up to `limit` of those made before the one with
/// the id `before`.
pub fn page(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    user_id: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<Notification>, Refusal> {
    require_operator(desk, user_id)?;
    let rows = tx.query(
        "SELECT n.notification_id, n.helpdesk_id, n.status, n.job_name, n.content, n.push_type, n.scope_type,
                n.new_staff_scope_type, n.ext, n.reason, n.created_at, n.updated_at, n.send_at, n.target_count,
                n.sent_count, n.work, n.cursor, c.open_id, c.union_id, c.user_id, c.name,
                u.open_id, u.union_id, u.user_id, u.name, n.decided_at, n.decision, d.name
         FROM notification n
         JOIN person c ON c.tenant = n.tenant AND c.user_id = n.created_by
         JOIN person u ON u.tenant = n.tenant AND u.user_id = n.updated_by
         LEFT JOIN person d ON d.tenant = n.tenant AND d.user_id = n.decided_by
         WHERE n.tenant = $1 AND n.helpdesk_id = $2 AND n.notification_id < $3
         ORDER BY n.notification_id DESC LIMIT $4",
        &params![&desk.tenant, desk.id, before, limit],
        read,
    )?;
    Ok(rows.into_iter().map(|(_, notification)| notification).collect())
}

/// Which steps a user may take with a notification where it stands.
pub fn allowed(desk: &Helpdesk, user_id: &str, status: Status) -> Vec<Step> {
    if require_operator(desk, user_id).is_err() {
        return Vec::new();
    }
    let owns = approve::owns(desk, user_id);
    status.possible().filter(|step| owns || !matches!(step, Step::Approve | Step::Reject)).collect()
}

/// Tells the audit log that a notification moves on.
fn moves(cx: &mut Cx, notification: &Notification, to: Status) {
    let Notification { id, job_name, status, .. } = notification;
    let line = |status: Status| Some(format!("{job_name}: {}", status.words()));
    cx.told = Some(Told::change(id, line(*status), line(to)));
}

/// What the audit log says a notification is: its name, and what its card says.
fn summary(job_name: &str, content: &str) -> String {
    let text = Card::parse("push_content", content).map(|card| card.text(false).to_owned()).unwrap_or_default();
    format!("{}\n{text}", job_name.trim())
}

/// Refuses a user who may not handle pushes: that takes an admin or the owner.
fn require_operator(desk: &Helpdesk, user_id: &str) -> Result<(), Refusal> {
    if desk.role(user_id).is_some_and(|role| role >= Role::Admin) {
        return Ok(());
    }
    Err(Refusal::Barred("only an admin or the owner of this help desk may handle pushes".into()))
}

/// A notification with its lists and how many of its addressees have read it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The notification.
    pub notification: Notification,
    /// Its lists.
    pub members: Members,
    /// Addressees whose client has fetched it.
    pub read_count: i64,
}

/// A notification for an operator.
pub fn get(tx: &mut Tx<'_>, desk: &Helpdesk, user_id: &str, id: i64) -> Result<Shown, Refusal> {
    require_operator(desk, user_id)?;
    let notification = find(tx, desk, id)?;
    let members = scope::members(tx, desk, id)?;
    let read_count = tx.query_one(
        "SELECT COUNT(*) FROM notification_target WHERE tenant = $1 AND notification_id = $2 AND read_at IS NOT NULL",
        &params![&desk.tenant, id],
        |row| row.int(0),
    )?;
    Ok(Shown { notification, members, read_count })
}

/// A notification for whoever holds its approval link; the help desk it belongs to is found by its id.
pub fn for_review(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64) -> Result<Notification, Refusal> {
    find(tx, desk, id)
}

/// The help desk of a notification, over all tenants; for those who hold its link.
pub fn helpdesk_of(tx: &mut Tx<'_>, id: i64) -> Result<Option<i64>, DbError> {
    tx.query_opt("SELECT helpdesk_id FROM notification WHERE notification_id = $1", &params![id], |row| row.int(0))
}

/// Makes a draft; answers its id.
pub fn create(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, draft: &Draft) -> Result<i64, Refusal> {
    require_operator(desk, user_id)?;
    check(draft)?;
    let members = scope::settle(tx, desk, draft, &Members::default())?;
    let id = cx.ids.decimal(cx.now);
    tx.execute(
        "INSERT INTO notification (tenant, notification_id, helpdesk_id, status, job_name, content, push_type,
                                   scope_type, new_staff_scope_type, ext, work, cursor, target_count, sent_count,
                                   created_by, updated_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '', 0, 0, $11, $12, $13, $14)",
        &params![
            &desk.tenant,
            id,
            desk.id,
            Status::Draft.number(),
            draft.job_name.trim(),
            &draft.content,
            draft.push_type,
            draft.scope_type,
            draft.new_staff_scope_type,
            &draft.ext,
            user_id,
            user_id,
            cx.now,
            cx.now
        ],
    )?;
    scope::store(tx, desk, id, &members)?;
    cx.told = Some(Told::change(id, None, Some(summary(&draft.job_name, &draft.content))));
    Ok(id)
}

/// Changes a draft. Everything is given anew but `ext` and lists that are left out, which stay as far as the scope
/// allows them.
pub fn patch(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    id: i64,
    draft: &Draft,
) -> Result<(), Refusal> {
    require_operator(desk, user_id)?;
    let old = find(tx, desk, id)?;
    old.status.step(Step::Patch)?;
    check(draft)?;
    let kept = scope::members(tx, desk, id)?;
    let members = scope::settle(tx, desk, draft, &kept)?;
    tx.execute(
        "UPDATE notification SET job_name = $1, content = $2, push_type = $3, scope_type = $4,
                                 new_staff_scope_type = $5, ext = $6, updated_by = $7, updated_at = $8
         WHERE tenant = $9 AND notification_id = $10",
        &params![
            draft.job_name.trim(),
            &draft.content,
            draft.push_type,
            draft.scope_type,
            draft.new_staff_scope_type,
            draft.ext.as_ref().or(old.ext.as_ref()),
            user_id,
            cx.now,
            &desk.tenant,
            id
        ],
    )?;
    tx.execute(
        "DELETE FROM notification_member WHERE tenant = $1 AND notification_id = $2",
        &params![&desk.tenant, id],
    )?;
    let (was, is) = (summary(&old.job_name, &old.content), summary(&draft.job_name, &draft.content));
    cx.told = Some(Told::change(id, Some(was), Some(is)));
    scope::store(tx, desk, id, &members)
}

fn check(draft: &Draft) -> Result<(), Refusal> {
    let name = draft.job_name.trim().chars().count();
    if !(1..=JOB_NAME_MAX).contains(&name) {
        return Err(Refusal::invalid("job_name", format!("1 to {JOB_NAME_MAX} characters are allowed")));
    }
    if draft.ext.as_ref().is_some_and(|ext| ext.chars().count() > EXT_MAX) {
        return Err(Refusal::invalid("ext", format!("at most {EXT_MAX} characters are allowed")));
    }
    Card::parse("push_content", &draft.content)?;
    Ok(())
}

/// Shows the card of a draft to the operator, in their own chat with the help desk.
pub fn preview(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, id: i64) -> Result<Message, Refusal> {
    require_operator(desk, user_id)?;
    let notification = find(tx, desk, id)?;
    notification.status.step(Step::Preview)?;
    let card = Card::parse("push_content", &notification.content)?;
    let chinese = person::get(tx, &desk.tenant, user_id)?.is_some_and(|operator| operator.reads_chinese());
    let text = card.text(chinese).to_owned();
    let content = message::card_content(&card, &text, None);
    message::tell(tx, cx, desk, user_id, (text, content)).map_err(Refusal::from)
}

/// Whether a chat has pushed messages up to this position that count as unread.
pub fn is_unread(tx: &mut Tx<'_>, tenant: &str, chat_id: &str, position: i64) -> Result<bool, DbError> {
    let unread = tx.query_opt(
        "SELECT 1 FROM notification_target
         WHERE tenant = $1 AND chat_id = $2 AND position <= $3 AND read_at IS NULL AND state = 1 LIMIT 1",
        &params![tenant, chat_id, position],
        |row| row.int(0),
    )?;
    Ok(unread.is_some())
}

/// Counts the pushed messages of a chat up to this position as read. The first time counts.
pub fn mark_read(tx: &mut Tx<'_>, cx: &Cx, tenant: &str, chat_id: &str, position: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE notification_target SET read_at = $1
         WHERE tenant = $2 AND chat_id = $3 AND position <= $4 AND read_at IS NULL AND state = 1",
        &params![cx.now, tenant, chat_id, position],
    )?;
    Ok(())
}
