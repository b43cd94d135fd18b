//! Sessions of people who are signed in. A session is a random token with a row: so it can be ended, and does not
//! outlive the password it was opened with.

use db::{DbError, Tx, params};

use super::Staff;
use crate::person::{self, Person, UserRole};
use crate::secret::token_hash;
use crate::{Cx, Kind, Refusal};

/// How long a session lasts, in ms.
pub const LIFE_MS: i64 = 7 * 86_400_000;
/// How long it lasts without use, in ms. What is noted of the use may be [`SEEN_EVERY_MS`] old.
pub const IDLE_MS: i64 = 12 * 3_600_000;
/// How often its use is noted at most, in ms.
pub const SEEN_EVERY_MS: i64 = 300_000;
/// How many sessions a person has; the oldest one goes for the next.
pub const PER_PERSON: i64 = 10;
/// How many ended sessions of others are deleted when somebody signs in.
const FORGOTTEN_AT_ONCE: i64 = 100;

/// How many characters of a browser's name are kept.
const USER_AGENT_MAX: usize = 200;

/// A session that is alive.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose it is.
    pub staff: Staff,
    /// When it ends at the latest, Unix ms.
    pub expires_at: i64,
    id: i64,
    seen_at: i64,
}

impl Session {
    /// Its id among the sessions of its person.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Whether it is time to note that it is in use ([`seen`]).
    pub fn is_due(&self, now: i64) -> bool {
        now - self.seen_at >= SEEN_EVERY_MS
    }
}

/// What a session remembers of a password, from the password's hash. Another password has another mark, and so has the
/// same one after it was set anew.
pub fn password_mark(password_hash: &str) -> String {
    token_hash(&format!("deskwire/session/{password_hash}"))
}

/// The account of a person who has just logged in.
pub fn staff(tx: &mut Tx<'_>, tenant: &str, person: &Person) -> Result<Staff, DbError> {
    let role = person::role(tx, tenant, &person.user_id)?;
    Ok(Staff {
        tenant: tenant.to_owned(),
        user_id: person.user_id.clone(),
        open_id: person.open_id.clone(),
        name: person.name.clone(),
        email: person.email.clone(),
        is_admin: role == Some(UserRole::Admin),
    })
}

/// Opens a session for somebody who gave the password with this [mark](password_mark), and answers its token. Sessions
/// that are over are deleted on the way, a bounded number of them.
///
/// `user_agent` is what the browser calls itself; some of it is kept.
pub fn open(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    staff: Staff,
    (mark, user_agent): (&str, Option<&str>),
) -> Result<(String, Session), DbError> {
    // Who is idle for too long cannot be seen again, so this finds those that are too old as well, some hours later.
    tx.execute(
        "DELETE FROM admin_session WHERE token_hash IN (
           SELECT token_hash FROM admin_session WHERE seen_at <= $1 ORDER BY seen_at LIMIT $2)",
        &params![cx.now - IDLE_MS, FORGOTTEN_AT_ONCE],
    )?;
    let (token, session_id) = (cx.ids.tagged("as_"), cx.ids.decimal(cx.now));
    tx.execute(
        "INSERT INTO admin_session (tenant, user_id, session_id, token_hash, password_mark, created_at, seen_at,
                                    user_agent)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &params![
            &staff.tenant,
            &staff.user_id,
            session_id,
            &token_hash(&token),
            mark,
            cx.now,
            cx.now,
            &user_agent.map(|text| text.chars().take(USER_AGENT_MAX).collect::<String>())
        ],
    )?;
    tx.execute(
        "DELETE FROM admin_session WHERE tenant = $1 AND user_id = $2 AND session_id NOT IN (
           SELECT session_id FROM admin_session WHERE tenant = $1 AND user_id = $2
           ORDER BY session_id DESC LIMIT $3)",
        &params![&staff.tenant, &staff.user_id, PER_PERSON],
    )?;
    Ok((token, Session { staff, expires_at: cx.now + LIFE_MS, id: session_id, seen_at: cx.now }))
}

/// The session of this token, if it is alive: known, not over, and its person still has the password.
pub fn find(tx: &mut Tx<'_>, cx: &Cx, token: &str) -> Result<Option<Session>, DbError> {
    let found = tx.query_opt(
        "SELECT admin_session.tenant, admin_session.user_id, session_id, password_mark, admin_session.created_at,
                seen_at, open_id, name, email, password_hash, role
         FROM admin_session
         JOIN person ON person.tenant = admin_session.tenant AND person.user_id = admin_session.user_id
         WHERE token_hash = $1",
        &params![&token_hash(token)],
        |row| {
            let staff = Staff {
                tenant: row.string(0)?,
                user_id: row.string(1)?,
                open_id: row.string(6)?,
                name: row.string(7)?,
                email: row.opt_string(8)?,
                is_admin: UserRole::stored(row.opt_text(10)?)? == Some(UserRole::Admin),
            };
            let (id, expires_at, seen_at) = (row.int(2)?, row.int(4)? + LIFE_MS, row.int(5)?);
            let same_password = row.opt_text(9)?.map(password_mark).as_deref() == Some(row.text(3)?);
            Ok((Session { staff, expires_at, id, seen_at }, same_password))
        },
    )?;
    let alive = |session: &Session| cx.now < session.expires_at && cx.now < session.seen_at + IDLE_MS;
    Ok(found.filter(|(session, same_password)| *same_password && alive(session)).map(|(session, _)| session))
}

/// Notes that a session is in use.
pub fn seen(tx: &mut Tx<'_>, cx: &Cx, session: &Session) -> Result<(), DbError> {
    let Session { staff, id, .. } = session;
    tx.execute(
        "UPDATE admin_session SET seen_at = $1 WHERE tenant = $2 AND user_id = $3 AND session_id = $4 AND seen_at < $5",
        &params![cx.now, &staff.tenant, &staff.user_id, *id, cx.now],
    )?;
    Ok(())
}

/// Ends a session.
pub fn end(tx: &mut Tx<'_>, session: &Session) -> Result<(), DbError> {
    let Session { staff, id, .. } = session;
    tx.execute(
        "DELETE FROM admin_session WHERE tenant = $1 AND user_id = $2 AND session_id = $3",
        &params![&staff.tenant, &staff.user_id, *id],
    )?;
    Ok(())
}

/// A session as its person sees it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its id among the sessions of its person.
    pub id: i64,
    /// When it was opened, Unix ms.
    pub created_at: i64,
    /// When it was last used, Unix ms; up to [`SEEN_EVERY_MS`] too early.
    pub seen_at: i64,
    /// What the browser called itself.
    pub user_agent: Option<String>,
}

/// Somebody's sessions that are not over, newest first.
pub fn list(tx: &mut Tx<'_>, cx: &Cx, staff: &Staff) -> Result<Vec<Shown>, DbError> {
    let found = tx.query(
        "SELECT session_id, admin_session.created_at, seen_at, user_agent, password_mark, password_hash
         FROM admin_session
         JOIN person ON person.tenant = admin_session.tenant AND person.user_id = admin_session.user_id
         WHERE admin_session.tenant = $1 AND admin_session.user_id = $2 ORDER BY session_id DESC",
        &params![&staff.tenant, &staff.user_id],
        |row| {
            let (created_at, seen_at) = (row.int(1)?, row.int(2)?);
            let shown = Shown { id: row.int(0)?, created_at, seen_at, user_agent: row.opt_string(3)? };
            let same_password = row.opt_text(5)?.map(password_mark).as_deref() == Some(row.text(4)?);
            Ok((shown, same_password))
        },
    )?;
    let alive = |shown: &Shown| cx.now < shown.created_at + LIFE_MS && cx.now < shown.seen_at + IDLE_MS;
    Ok(found.into_iter().filter(|(shown, same)| *same && alive(shown)).map(|(shown, _)| shown).collect())
}

/// Ends one of somebody's sessions.
pub fn end_one(tx: &mut Tx<'_>, staff: &Staff, session_id: i64) -> Result<(), Refusal> {
    let ended = tx.execute(
        "DELETE FROM admin_session WHERE tenant = $1 AND user_id = $2 AND session_id = $3",
        &params![&staff.tenant, &staff.user_id, session_id],
    )?;
    if ended == 0 { Err(Refusal::not_found(Kind::Session, session_id)) } else { Ok(()) }
}

/// Ends all sessions of somebody but, if they go on in it, this one, which then knows the password's new hash.
pub(crate) fn end_all(
    tx: &mut Tx<'_>,
    (tenant, user_id): (&str, &str),
    but: Option<(&Session, &str)>,
) -> Result<(), DbError> {
    let kept = but.map_or(0, |(session, _)| session.id);
    tx.execute(
        "DELETE FROM admin_session WHERE tenant = $1 AND user_id = $2 AND session_id <> $3",
        &params![tenant, user_id, kept],
    )?;
    if let Some((_, hash)) = but {
        tx.execute(
            "UPDATE admin_session SET password_mark = $1 WHERE tenant = $2 AND user_id = $3 AND session_id = $4",
            &params![&password_mark(hash), tenant, user_id, kept],
        )?;
    }
    Ok(())
}
