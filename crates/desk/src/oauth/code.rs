//! Authorization codes.

use db::{DbError, Tx, params};

use super::{CODE_LIFE_MS, Fault, Grant, OFFLINE, Outcome, family, narrowed, still_there};
use crate::directory::App;
use crate::secret::token_hash;
use crate::{Cx, Refusal};

/// What a user grants.
#[derive(Debug, Clone)]
pub struct Grantable {
    /// Who grants it.
    pub user_id: String,
    /// Where the code goes.
    pub redirect_uri: String,
    /// The scopes, each one the app's and named once.
    pub scopes: Vec<String>,
    /// BASE64URL(SHA-256(verifier)) of the verifier that has to come with the code.
    pub challenge: Option<String>,
}

/// Makes a code for an app.
pub fn authorise(tx: &mut Tx<'_>, cx: &mut Cx, app: &App, grant: &Grantable) -> Result<String, Refusal> {
    let code = cx.ids.tagged("");
    tx.execute(
        "INSERT INTO oauth_code (tenant, code_hash, app_id, secret_version, user_id, redirect_uri, scope, challenge,
                                 created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &params![
            &app.tenant,
            &token_hash(&code),
            &app.app_id,
            app.secret_version,
            &grant.user_id,
            &grant.redirect_uri,
            &grant.scopes.join(" "),
            &grant.challenge,
            cx.now,
            cx.now + CODE_LIFE_MS
        ],
    )?;
    Ok(code)
}

/// What an app sends to get a grant for a code.
#[derive(Debug, Clone, Default)]
pub struct Exchange {
    /// The code.
    pub code: String,
    /// If the app names it again, it has to be the same.
    pub redirect_uri: Option<String>,
    /// BASE64URL(SHA-256(verifier)) of the verifier the app sends.
    pub verifier_hash: Option<String>,
    /// Fewer scopes than were granted.
    pub scopes: Option<Vec<String>>,
    /// How long a refresh token is to live, in ms.
    pub refresh_life_ms: i64,
}

struct Row {
    app_id: String,
    secret_version: i64,
    user_id: String,
    redirect_uri: String,
    scope: String,
    challenge: Option<String>,
    created_at: i64,
    expires_at: i64,
    used: bool,
}

/// Uses up a code. Of several callers at the same time one gets the grant.
pub fn exchange(tx: &mut Tx<'_>, cx: &mut Cx, app: &App, ask: &Exchange) -> Outcome {
    let hash = token_hash(&ask.code);
    let checked = find(tx, &app.tenant, &hash)?.ok_or(Fault::CodeUnknown).and_then(|row| {
        row.check(app, ask, cx.now)?;
        let scopes = narrowed(app, &row.scope, ask.scopes.as_deref())?;
        Ok((row, scopes))
    });
    let (row, scopes) = match checked {
        Ok(checked) => checked,
        Err(fault) => return Ok(Err(fault)),
    };
    if let Err(fault) = still_there(tx, &app.tenant, &row.user_id)? {
        return Ok(Err(fault));
    }
    tx.execute(
        "UPDATE oauth_code SET used_at = $1 WHERE tenant = $2 AND code_hash = $3",
        &params![cx.now, &app.tenant, &hash],
    )?;
    let refresh = if scopes.iter().any(|scope| scope == OFFLINE) {
        let start = family::Start { user_id: &row.user_id, scopes: &scopes, authorised_at: row.created_at };
        Some(family::start(tx, cx, app, &start, ask.refresh_life_ms)?)
    } else {
        None
    };
    Ok(Ok(Grant { user_id: row.user_id, scopes, refresh }))
}

impl Row {
    fn check(&self, app: &App, ask: &Exchange, now: i64) -> Result<(), Fault> {
        if self.app_id != app.app_id {
            return Err(Fault::OtherClient);
        }
        // A code of an earlier secret, or of an earlier life of the app, is none.
        if self.secret_version != app.secret_version {
            return Err(Fault::CodeUnknown);
        }
        if self.used {
            return Err(Fault::CodeUsed);
        }
        if now >= self.expires_at {
            return Err(Fault::CodeExpired);
        }
        if ask.redirect_uri.as_ref().is_some_and(|uri| *uri != self.redirect_uri) {
            return Err(Fault::RedirectDiffers);
        }
        // A verifier without a challenge is refused too: somebody may have taken the challenge off the question.
        if self.challenge != ask.verifier_hash {
            return Err(Fault::Verifier);
        }
        Ok(())
    }
}

fn find(tx: &mut Tx<'_>, tenant: &str, hash: &str) -> Result<Option<Row>, DbError> {
    tx.query_opt(
        "SELECT app_id, secret_version, user_id, redirect_uri, scope, challenge, created_at, expires_at, used_at
         FROM oauth_code WHERE tenant = $1 AND code_hash = $2",
        &params![tenant, hash],
        |row| {
            Ok(Row {
                app_id: row.string(0)?,
                secret_version: row.int(1)?,
                user_id: row.string(2)?,
                redirect_uri: row.string(3)?,
                scope: row.string(4)?,
                challenge: row.opt_string(5)?,
                created_at: row.int(6)?,
                expires_at: row.int(7)?,
                used: row.opt_int(8)?.is_some(),
            })
        },
    )
}
