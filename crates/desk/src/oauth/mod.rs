//! What people grant to apps: authorization codes, and the families of refresh tokens that come of them (reference:
//! platform-protocol 2.3).
//!
//! A code is good once, within [`CODE_LIFE_MS`]. A family is one row for each grant: it knows the one refresh token that
//! is good now. Its id is a part of the token, so a token of the family that is not the good one has been used before,
//! and then the whole family is revoked: either the app or somebody else holds a stolen token. Both are void with the
//! app secret they were made under.

mod code;
mod family;
#[cfg(test)]
mod tests;

pub use code::{Exchange, Grantable, authorise, exchange};
pub use family::{Refresh, refresh};

use db::{DbError, Tx, params};

use crate::directory::App;
use crate::{Refusal, person};

/// The scope without which there is no refresh token.
pub const OFFLINE: &str = "offline_access";
/// How long a code is good, in ms: 5 minutes.
pub const CODE_LIFE_MS: i64 = 300_000;
/// After this time people have to log in again, in ms: 365 days.
pub const AUTHORISED_MS: i64 = 365 * 86_400_000;
/// How long what has ended stays known, so that it is refused for the right reason, in ms: a day.
pub const KNOWN_AFTER_MS: i64 = 86_400_000;
/// How many rows of each kind [`forget`] deletes at once.
pub const BATCH: i64 = 500;

/// What an app gets for a code or a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whose it is.
    pub user_id: String,
    /// The scopes of the access token, in the order in which they were asked for.
    pub scopes: Vec<String>,
    /// If the user granted [`OFFLINE`].
    pub refresh: Option<RefreshToken>,
}

/// A fresh refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// `ur-…`; not to be read again.
    pub token: String,
    /// Whole seconds until it ends.
    pub expires_in: i64,
}

/// Why an app gets nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No such code.
    CodeUnknown,
    /// The code's 5 minutes are over.
    CodeExpired,
    /// The code was used.
    CodeUsed,
    /// The code or refresh token was made for another app of the tenant.
    OtherClient,
    /// The redirect URI is not the one the code was asked for with.
    RedirectDiffers,
    /// The code verifier is missing, wrong, or given for a code without a challenge.
    Verifier,
    /// No such refresh token.
    RefreshUnknown,
    /// The refresh token's life, or the year since the log-in, is over.
    RefreshExpired,
    /// The refresh token was used; its family is revoked from now on.
    RefreshUsed,
    /// The family was revoked, or the app has another secret now.
    RefreshRevoked,
    /// The app may no longer ask for [`OFFLINE`].
    RefreshOff,
    /// The user is not there any more.
    UserGone,
    /// The user may not log in any more.
    UserLockedOut,
    /// A scope is named twice.
    ScopeTwice,
    /// A scope is not among those that were granted.
    ScopeNotGranted,
}

/// A fault is an answer, not a refusal: finding a used refresh token revokes its family.
pub type Outcome = Result<Result<Grant, Fault>, Refusal>;

/// The scopes of a text, which are separated by spaces.
pub fn scopes(text: &str) -> Vec<String> {
    text.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// The first scope that a list names twice.
pub fn named_twice(scopes: &[String]) -> Option<&str> {
    let earlier = |(i, scope): &(usize, &String)| scopes[..*i].contains(scope);
    scopes.iter().enumerate().find(earlier).map(|(_, scope)| scope.as_str())
}

/// What an access token may do: the part that is asked for of what was granted, as far as the app still has it.
fn narrowed(app: &App, granted: &str, asked: Option<&[String]>) -> Result<Vec<String>, Fault> {
    let granted = scopes(granted);
    let wanted = asked.unwrap_or(&granted);
    if named_twice(wanted).is_some() {
        return Err(Fault::ScopeTwice);
    }
    if wanted.iter().any(|scope| !granted.contains(scope)) {
        return Err(Fault::ScopeNotGranted);
    }
    Ok(wanted.iter().filter(|scope| app.scopes.contains(scope)).cloned().collect())
}

/// People whose account was closed grant nothing any more.
fn still_there(tx: &mut Tx<'_>, tenant: &str, user_id: &str) -> Result<Result<(), Fault>, DbError> {
    Ok(match person::may_log_in(tx, tenant, user_id)? {
        Some(true) => Ok(()),
        Some(false) => Err(Fault::UserLockedOut),
        None => Err(Fault::UserGone),
    })
}

/// Deletes a batch of a tenant's codes and families that ended more than [`KNOWN_AFTER_MS`] before `now` (Unix ms);
/// answers whether there may be more.
pub fn forget(tx: &mut Tx<'_>, tenant: &str, now: i64) -> Result<bool, DbError> {
    let before = now - KNOWN_AFTER_MS;
    let codes = tx.execute(
        "DELETE FROM oauth_code WHERE tenant = $1 AND code_hash IN (
           SELECT code_hash FROM oauth_code WHERE tenant = $1 AND expires_at < $2 ORDER BY expires_at LIMIT $3)",
        &params![tenant, before, BATCH],
    )?;
    let families = tx.execute(
        "DELETE FROM oauth_family WHERE tenant = $1 AND family_id IN (
           SELECT family_id FROM oauth_family WHERE tenant = $1 AND expires_at < $2 ORDER BY expires_at LIMIT $3)",
        &params![tenant, before, BATCH],
    )?;
    let whole = BATCH.unsigned_abs();
    Ok(codes >= whole || families >= whole)
}
