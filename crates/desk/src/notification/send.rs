//! Sending and taking back, in batches: each batch is one transaction that also notes how far it came, so a server that
//! dies leaves nothing half done and nobody gets a card twice.

use std::collections::HashSet;

use db::{DbError, Tx, params};

use super::{Notification, Status, Step, find, moves, push_type, require_operator, scope, scope_type};
use crate::directory::{Helpdesk, json};
use crate::message::card::Card;
use crate::message::{self, New, Place, Sender};
use crate::{Cx, Effect, Refusal, guest, language};

/// Addressees of one transaction.
pub const BATCH: i64 = 200;

/// How long a claimed notification is left to the server that took it, in ms; a batch takes far less.
pub const LEASE_MS: i64 = 10_000;
/// How long a notification of a help desk that is closed rests before it is looked at again, in ms.
const CLOSED_MS: i64 = 60_000;

/// The farthest time to send at, in ms from now: a year.
pub const AHEAD_MS_MAX: i64 = 366 * 86_400_000;

/// The earliest number that is taken for Unix milliseconds; smaller ones are seconds.
const MILLISECONDS_FROM: i64 = 1_000_000_000_000;

/// What a server has to do next. Addressees are gathered in this order before the first card goes out.
mod work {
    pub const NONE: i64 = 0;
    /// It waits for its time.
    pub const START: i64 = 1;
    /// Gathers among the tenant's people: everybody, or members of departments.
    pub const PEOPLE: i64 = 2;
    /// Gathers from the list of users.
    pub const USERS: i64 = 3;
    /// Gathers from the list of chats.
    pub const CHATS: i64 = 4;
    /// Sends to addressees who wait.
    pub const SEND: i64 = 5;
    /// Takes back what went out.
    pub const RECALL: i64 = 6;
}

/// Gives an approved notification its time: `send_at` in Unix ms as digits. A time that has passed is now.
pub fn execute(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    id: i64,
    send_at: &str,
) -> Result<(), Refusal> {
    require_operator(desk, user_id)?;
    let old = find(tx, desk, id)?;
    let status = old.status.step(Step::Execute)?;
    let digits = !send_at.is_empty() && send_at.bytes().all(|b| b.is_ascii_digit());
    let given = send_at.parse().ok().filter(|at| digits && *at >= MILLISECONDS_FROM);
    let given: i64 = given.ok_or_else(|| Refusal::invalid("send_at", "must be Unix milliseconds in 13 digits"))?;
    if given > cx.now + AHEAD_MS_MAX {
        return Err(Refusal::invalid("send_at", "must be within a year from now"));
    }
    let at = given.max(cx.now);
    tx.execute(
        "UPDATE notification SET status = $1, send_at = $2, work = $3, cursor = '', due_at = $4, updated_by = $5,
                                 updated_at = $6
         WHERE tenant = $7 AND notification_id = $8",
        &params![status.number(), at, work::START, at, user_id, cx.now, &desk.tenant, id],
    )?;
    cx.effects.push(Effect::NotificationDue { at });
    moves(cx, &old, status);
    Ok(())
}

/// Cancels: before its time it is approved again; while it goes out it stops; with `recall` what went out is taken back.
pub fn cancel(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    id: i64,
    recall: bool,
) -> Result<(), Refusal> {
    require_operator(desk, user_id)?;
    let old = find(tx, desk, id)?;
    let status = old.status.step(Step::Cancel { recall })?;
    moves(cx, &old, status);
    if status == old.status {
        return Ok(());
    }
    let send_at = if status == Status::Approved { None } else { old.send_at };
    let (work, due_at) = if status == Status::Recalled { (work::RECALL, Some(cx.now)) } else { (work::NONE, None) };
    tx.execute(
        "UPDATE notification SET status = $1, send_at = $2, work = $3, cursor = '', due_at = $4, updated_by = $5,
                                 updated_at = $6
         WHERE tenant = $7 AND notification_id = $8",
        &params![status.number(), send_at, work, due_at, user_id, cx.now, &desk.tenant, id],
    )?;
    cx.effects.extend(due_at.map(|at| Effect::NotificationDue { at }));
    Ok(())
}

/// When the next notification is due (Unix ms), leases included; `None` if none is.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<i64>, DbError> {
    tx.query_opt(
        "SELECT due_at FROM notification WHERE due_at IS NOT NULL ORDER BY due_at, notification_id LIMIT 1",
        &[],
        |row| row.int(0),
    )
}

/// A notification that a server took to work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Its help desk.
    pub helpdesk_id: i64,
    /// The notification.
    pub notification_id: i64,
}

/// Takes up to `limit` due notifications for [`LEASE_MS`].
pub fn claim(tx: &mut Tx<'_>, cx: &Cx, limit: i64) -> Result<Vec<Claim>, DbError> {
    tx.query(
        // Materialized, because PostgreSQL may otherwise run the inner query once for each row and claim more than $2.
        "WITH due AS MATERIALIZED (
           SELECT notification_id FROM notification WHERE due_at <= $1
           ORDER BY due_at, notification_id LIMIT $2 /*skip locked*/)
         UPDATE notification SET due_at = $3 WHERE notification_id IN (SELECT notification_id FROM due)
         RETURNING helpdesk_id, notification_id",
        &params![cx.now, limit, cx.now + LEASE_MS],
        |row| Ok(Claim { helpdesk_id: row.int(0)?, notification_id: row.int(1)? }),
    )
}

/// Does the next batch of a notification; answers whether there is more to do.
pub fn step(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, id: i64) -> Result<bool, Refusal> {
    let notification = find(tx, desk, id)?;
    if desk.closed_at.is_some() && notification.work != work::RECALL {
        // Nobody is sent to a help desk that takes no questions; it goes on once that is open again.
        tx.execute(
            "UPDATE notification SET due_at = $1 WHERE tenant = $2 AND notification_id = $3 AND due_at IS NOT NULL",
            &params![cx.now + CLOSED_MS, &desk.tenant, id],
        )?;
        return Ok(false);
    }
    let done = match notification.work {
        work::START => start(tx, cx, desk, &notification)?,
        work::PEOPLE => gather_people(tx, desk, &notification)?,
        work::USERS | work::CHATS => gather_listed(tx, desk, &notification)?,
        work::SEND => send(tx, cx, desk, &notification)?,
        work::RECALL => take_back(tx, cx, desk, &notification)?,
        _ => return Ok(false),
    };
    let Some(done) = done else { return Ok(false) };
    let due_at = if done.rests { None } else { Some(cx.now + LEASE_MS) };
    tx.execute(
        "UPDATE notification SET status = $1, work = $2, cursor = $3, due_at = $4, target_count = target_count + $5,
                                 sent_count = sent_count + $6
         WHERE tenant = $7 AND notification_id = $8",
        &params![done.status.number(), done.work, &done.cursor, due_at, done.targets, done.sent, &desk.tenant, id],
    )?;
    Ok(!done.rests)
}

/// What a batch came to.
struct Done {
    status: Status,
    work: i64,
    cursor: String,
    /// Nothing is left to do for now.
    rests: bool,
    /// Addressees found, less those left out.
    targets: i64,
    sent: i64,
}

impl Done {
    /// Goes on in the same work after `cursor`, or with `next` from its beginning.
    fn after(notification: &Notification, cursor: Option<String>, next: i64) -> Self {
        let work = if cursor.is_some() { notification.work } else { next };
        let cursor = cursor.unwrap_or_default();
        Self { status: notification.status, work, cursor, rests: work == work::NONE, targets: 0, sent: 0 }
    }
}

/// The last key of a full page: there may be more after it.
fn cursor_of<T>(page: &[T], key: impl Fn(&T) -> String) -> Option<String> {
    let full = i64::try_from(page.len()).is_ok_and(|rows| rows >= BATCH);
    page.last().filter(|_| full).map(key)
}

fn start(tx: &mut Tx<'_>, cx: &Cx, desk: &Helpdesk, notification: &Notification) -> Result<Option<Done>, Refusal> {
    // It may have been cancelled and executed anew for later since this server took it.
    let Some(status) = notification.status.after(Step::Start) else { return Ok(None) };
    if notification.send_at.is_some_and(|at| at > cx.now) {
        return Ok(None);
    }
    let first = match notification.scope_type {
        scope_type::EVERYONE => work::PEOPLE,
        scope_type::SOME if !departments(tx, desk, notification.id)?.is_empty() => work::PEOPLE,
        scope_type::SOME => work::USERS,
        _ => work::CHATS,
    };
    Ok(Some(Done { status, ..Done::after(notification, None, first) }))
}

fn departments(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64) -> Result<HashSet<String>, DbError> {
    Ok(scope::members(tx, desk, id)?.departments.into_iter().map(|member| member.id).collect())
}

fn gather_people(tx: &mut Tx<'_>, desk: &Helpdesk, notification: &Notification) -> Result<Option<Done>, Refusal> {
    let everyone = notification.scope_type == scope_type::EVERYONE;
    let wanted = if everyone { HashSet::new() } else { departments(tx, desk, notification.id)? };
    let page = tx.query(
        "SELECT user_id, departments FROM person
         WHERE tenant = $1 AND guest_only = 0 AND user_id > $2 ORDER BY user_id LIMIT $3",
        &params![&desk.tenant, &notification.cursor, BATCH],
        |row| Ok((row.string(0)?, json::<Vec<String>>(row.text(1)?)?)),
    )?;
    let chosen = page.iter().filter(|(user_id, departments)| {
        desk.visible_to(user_id, departments) && (everyone || departments.iter().any(|d| wanted.contains(d)))
    });
    let targets = add(tx, desk, notification.id, chosen.map(|(user_id, _)| user_id.as_str()))?;
    let cursor = cursor_of(&page, |(user_id, _)| user_id.clone());
    Ok(Some(Done { targets, ..Done::after(notification, cursor, work::USERS) }))
}

fn gather_listed(tx: &mut Tx<'_>, desk: &Helpdesk, notification: &Notification) -> Result<Option<Done>, Refusal> {
    let (sql, next) = if notification.work == work::USERS {
        (
            "SELECT ordinal, member_id FROM notification_member
          WHERE tenant = $1 AND notification_id = $2 AND kind = 'user' AND ordinal > $3 ORDER BY ordinal LIMIT $4",
            work::CHATS,
        )
    } else {
        (
            "SELECT listed.ordinal, c.guest FROM notification_member listed
          JOIN chat c ON c.tenant = listed.tenant AND c.chat_id = listed.member_id
          WHERE listed.tenant = $1 AND listed.notification_id = $2 AND listed.kind = 'chat' AND listed.ordinal > $3
          ORDER BY listed.ordinal LIMIT $4",
            work::SEND,
        )
    };
    let after: i64 = notification.cursor.parse().unwrap_or(0);
    let page =
        tx.query(sql, &params![&desk.tenant, notification.id, after, BATCH], |row| Ok((row.int(0)?, row.string(1)?)))?;
    let targets = add(tx, desk, notification.id, page.iter().map(|(_, user_id)| user_id.as_str()))?;
    let cursor = cursor_of(&page, |(ordinal, _)| ordinal.to_string());
    Ok(Some(Done { targets, ..Done::after(notification, cursor, next) }))
}

/// Makes people addressees; answers how many are new. Somebody in several lists is one addressee.
fn add<'u>(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64, user_ids: impl Iterator<Item = &'u str>) -> Result<i64, DbError> {
    let mut added = 0;
    for user_id in user_ids {
        added += tx.execute(
            "INSERT INTO notification_target (tenant, notification_id, user_id, state) VALUES ($1, $2, $3, 0)
             ON CONFLICT (tenant, notification_id, user_id) DO NOTHING",
            &params![&desk.tenant, id, user_id],
        )?;
    }
    Ok(i64::try_from(added).unwrap_or(i64::MAX))
}

/// An addressee who waits.
struct Waiting {
    user_id: String,
    chinese: bool,
    departments: Vec<String>,
    chat_id: Option<String>,
}

fn send(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, notification: &Notification) -> Result<Option<Done>, Refusal> {
    let page = tx.query(
        // Not joined: PostgreSQL would compare everybody with all chats for a batch.
        "SELECT target.user_id,
                (SELECT p.language FROM person p WHERE p.tenant = target.tenant AND p.user_id = target.user_id),
                (SELECT p.departments FROM person p WHERE p.tenant = target.tenant AND p.user_id = target.user_id),
                (SELECT c.chat_id FROM chat c
                 WHERE c.tenant = target.tenant AND c.helpdesk_id = $1 AND c.guest = target.user_id)
         FROM notification_target target
         WHERE target.tenant = $2 AND target.notification_id = $3 AND target.state = 0
         ORDER BY target.user_id LIMIT $4",
        &params![desk.id, &desk.tenant, notification.id, BATCH],
        |row| {
            Ok(Waiting {
                user_id: row.string(0)?,
                chinese: language::is_chinese(row.opt_text(1)?),
                departments: json(row.text(2)?)?,
                chat_id: row.opt_string(3)?,
            })
        },
    )?;
    let card = Card::parse("push_content", &notification.content)?;
    let mut done = Done::after(notification, cursor_of(&page, |_| String::new()), work::NONE);
    for waiting in &page {
        if desk.visible_to(&waiting.user_id, &waiting.departments) {
            send_to(tx, cx, desk, (notification.id, &card), waiting)?;
            done.sent += 1;
        } else {
            tx.execute(
                "UPDATE notification_target SET state = 3 WHERE tenant = $1 AND notification_id = $2 AND user_id = $3",
                &params![&desk.tenant, notification.id, &waiting.user_id],
            )?;
            done.targets -= 1;
        }
    }
    match (done.rests, notification.push_type) {
        // Those who join later make it due again.
        (true, push_type::NEW_STAFF) => done.work = work::SEND,
        (true, _) => done.status = notification.status.step(Step::Finish)?,
        (false, _) => {}
    }
    Ok(Some(done))
}

fn send_to(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    (id, card): (i64, &Card),
    to: &Waiting,
) -> Result<(), DbError> {
    let chat_id = match &to.chat_id {
        Some(chat_id) => chat_id.clone(),
        None => guest::new_chat(tx, cx, desk, &to.user_id)?,
    };
    let text = card.text(to.chinese).to_owned();
    let content = message::card_content(card, &text, Some(id));
    let new = New { sender: Sender::Bot, person: None, kind: "card", text, content, answer: None, client_id: None };
    let message = message::append(tx, cx, desk, Place::outside(&chat_id), new)?;
    tx.execute(
        "UPDATE notification_target SET state = 1, chat_id = $1, position = $2, sent_at = $3
         WHERE tenant = $4 AND notification_id = $5 AND user_id = $6",
        &params![&chat_id, message.position, cx.now, &desk.tenant, id, &to.user_id],
    )?;
    Ok(())
}

fn take_back(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    notification: &Notification,
) -> Result<Option<Done>, Refusal> {
    let page = tx.query(
        "SELECT target.user_id, target.chat_id, target.position, m.message_id, p.language
         FROM notification_target target
         JOIN message m
           ON m.tenant = target.tenant AND m.chat_id = target.chat_id AND m.position = target.position
         JOIN person p ON p.tenant = target.tenant AND p.user_id = target.user_id
         WHERE target.tenant = $1 AND target.notification_id = $2 AND target.user_id > $3 AND target.state = 1
         ORDER BY target.user_id LIMIT $4",
        &params![&desk.tenant, notification.id, &notification.cursor, BATCH],
        |row| {
            let chinese = language::is_chinese(row.opt_text(4)?);
            let (chat_id, position, message_id) = (row.string(1)?, row.int(2)?, row.string(3)?);
            Ok((row.string(0)?, message::Sent { chat_id, position, message_id, chinese }))
        },
    )?;
    for (user_id, sent) in &page {
        message::recall(tx, cx, desk, sent)?;
        tx.execute(
            "UPDATE notification_target SET state = 2 WHERE tenant = $1 AND notification_id = $2 AND user_id = $3",
            &params![&desk.tenant, notification.id, user_id],
        )?;
    }
    let cursor = cursor_of(&page, |(user_id, _)| user_id.clone());
    Ok(Some(Done::after(notification, cursor, work::NONE)))
}
