//! Families of refresh tokens.

use db::{DbError, Tx, params};

use super::{AUTHORISED_MS, Fault, Grant, OFFLINE, Outcome, RefreshToken, narrowed, still_there};
use crate::Cx;
use crate::directory::App;
use crate::secret::token_hash;

const PREFIX: &str = "ur-";
const ID_DIGITS: usize = 32;
const SECRET_DIGITS: usize = 32;

/// What an app sends to get a new grant for a refresh token.
#[derive(Debug, Clone, Default)]
pub struct Refresh {
    /// The refresh token.
    pub token: String,
    /// Fewer scopes than were granted, for this access token only.
    pub scopes: Option<Vec<String>>,
    /// How long the next refresh token is to live, in ms.
    pub refresh_life_ms: i64,
}

/// A family to be.
pub(super) struct Start<'a> {
    pub user_id: &'a str,
    pub scopes: &'a [String],
    /// When the user logged in, Unix ms.
    pub authorised_at: i64,
}

struct Row {
    app_id: String,
    secret_version: i64,
    user_id: String,
    scope: String,
    token_hash: String,
    authorised_at: i64,
    expires_at: i64,
    revoked: bool,
}

/// Starts a family with its first token.
pub(super) fn start(
    tx: &mut Tx<'_>,
    cx: &Cx,
    app: &App,
    start: &Start<'_>,
    life_ms: i64,
) -> Result<RefreshToken, DbError> {
    let id = cx.ids.tagged("");
    let (fresh, expires_at) = fresh(cx, &id, start.authorised_at, life_ms);
    tx.execute(
        "INSERT INTO oauth_family (tenant, family_id, app_id, secret_version, user_id, scope, token_hash,
                                   authorised_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &params![
            &app.tenant,
            &id,
            &app.app_id,
            app.secret_version,
            start.user_id,
            &start.scopes.join(" "),
            &token_hash(&fresh.token),
            start.authorised_at,
            expires_at
        ],
    )?;
    Ok(fresh)
}

/// Uses up a refresh token. Of several callers at the same time one gets the grant, and the others revoke it: who uses a
/// token twice cannot be told from a thief.
pub fn refresh(tx: &mut Tx<'_>, cx: &mut Cx, app: &App, ask: &Refresh) -> Outcome {
    let Some(id) = family_id(&ask.token) else { return Ok(Err(Fault::RefreshUnknown)) };
    let Some(row) = find(tx, &app.tenant, id)? else { return Ok(Err(Fault::RefreshUnknown)) };
    let checked = row.check(app, &ask.token, cx.now);
    if checked == Err(Fault::RefreshUsed) {
        tx.execute(
            "UPDATE oauth_family SET revoked_at = $1 WHERE tenant = $2 AND family_id = $3",
            &params![cx.now, &app.tenant, id],
        )?;
    }
    let scopes = match checked.and_then(|()| narrowed(app, &row.scope, ask.scopes.as_deref())) {
        Ok(scopes) => scopes,
        Err(fault) => return Ok(Err(fault)),
    };
    if let Err(fault) = still_there(tx, &app.tenant, &row.user_id)? {
        return Ok(Err(fault));
    }
    let (fresh, expires_at) = fresh(cx, id, row.authorised_at, ask.refresh_life_ms);
    tx.execute(
        "UPDATE oauth_family SET token_hash = $1, expires_at = $2 WHERE tenant = $3 AND family_id = $4",
        &params![&token_hash(&fresh.token), expires_at, &app.tenant, id],
    )?;
    Ok(Ok(Grant { user_id: row.user_id, scopes, refresh: Some(fresh) }))
}

impl Row {
    fn check(&self, app: &App, token: &str, now: i64) -> Result<(), Fault> {
        if self.app_id != app.app_id {
            return Err(Fault::OtherClient);
        }
        if self.revoked || self.secret_version != app.secret_version {
            return Err(Fault::RefreshRevoked);
        }
        if self.token_hash != token_hash(token) {
            return Err(Fault::RefreshUsed);
        }
        if now >= self.expires_at {
            return Err(Fault::RefreshExpired);
        }
        if !app.scopes.iter().any(|scope| scope == OFFLINE) {
            return Err(Fault::RefreshOff);
        }
        Ok(())
    }
}

/// The id in a refresh token; `None` for a text that cannot be one.
fn family_id(token: &str) -> Option<&str> {
    let digits = token.strip_prefix(PREFIX)?;
    let well_formed = digits.len() == ID_DIGITS + SECRET_DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit());
    if well_formed { digits.get(..ID_DIGITS) } else { None }
}

/// A new token of a family, and when it ends (Unix ms): no later than a year after the log-in.
fn fresh(cx: &Cx, id: &str, authorised_at: i64, life_ms: i64) -> (RefreshToken, i64) {
    let expires_at = (cx.now + life_ms).min(authorised_at + AUTHORISED_MS);
    let token = cx.ids.tagged(&format!("{PREFIX}{id}"));
    (RefreshToken { token, expires_in: (expires_at - cx.now).div_euclid(1000) }, expires_at)
}

fn find(tx: &mut Tx<'_>, tenant: &str, id: &str) -> Result<Option<Row>, DbError> {
    tx.query_opt(
        "SELECT app_id, secret_version, user_id, scope, token_hash, authorised_at, expires_at, revoked_at
         FROM oauth_family WHERE tenant = $1 AND family_id = $2",
        &params![tenant, id],
        |row| {
            Ok(Row {
                app_id: row.string(0)?,
                secret_version: row.int(1)?,
                user_id: row.string(2)?,
                scope: row.string(3)?,
                token_hash: row.string(4)?,
                authorised_at: row.int(5)?,
                expires_at: row.int(6)?,
                revoked: row.opt_int(7)?.is_some(),
            })
        },
    )
}
