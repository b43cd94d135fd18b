//! Sessions of people who are signed in. A session is a random token with a row: so it can be ended, and does not
//! outlive the password it was opened with.

use db::{DbError, Tx, params};

use super::Staff;
use crate::Cx;
use crate::person::{self, Person, UserRole};
use crate::secret::token_hash;

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
pub fn open(tx: &mut Tx<'_>, cx: &mut Cx, staff: Staff, mark: &str) -> Result<(String, Session), DbError> {
    // Who is idle for too long cannot be seen again, so this finds those that are too old as well, some hours later.
    tx.execute(
        "DELETE FROM admin_session WHERE token_hash IN (
           SELECT token_hash FROM admin_session WHERE seen_at <= $1 ORDER BY seen_at LIMIT $2)",
        &params![cx.now - IDLE_MS, FORGOTTEN_AT_ONCE],
    )?;
    let (token, session_id) = (cx.ids.tagged("as_"), cx.ids.decimal(cx.now));
    tx.execute(
        "INSERT INTO admin_session (tenant, user_id, session_id, token_hash, password_mark, created_at, seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &params![&staff.tenant, &staff.user_id, session_id, &token_hash(&token), mark, cx.now, cx.now],
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
