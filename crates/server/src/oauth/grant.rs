//! From a code or a refresh token to an access token: what the flat and the older endpoints share.

use std::sync::Arc;

use desk::directory;
use desk::oauth::{self, Exchange, Grant, Refresh, RefreshToken};
use wire::Code;

use super::fault::OAuthError;
use super::form::Form;
use super::pkce;
use crate::app::App;
use crate::auth::Granted;

/// The two grants of a user.
pub(super) const CODE: &str = "authorization_code";
/// See [`CODE`].
pub(super) const REFRESH: &str = "refresh_token";

/// What an app gets.
#[derive(Debug)]
pub(super) struct Issued {
    pub access_token: String,
    pub expires_in: i64,
    pub refresh: Option<RefreshToken>,
    pub scope: String,
}

/// Uses up the code of a form.
pub(super) async fn by_code(
    app: &App,
    client: &Arc<directory::App>,
    form: &Form,
    refresh_life_ms: i64,
) -> Result<Issued, OAuthError> {
    let ask = Exchange {
        code: form.required("code")?.to_owned(),
        redirect_uri: form.optional("redirect_uri")?.map(str::to_owned),
        verifier_hash: form.optional("code_verifier")?.map(pkce::hash),
        scopes: form.optional("scope")?.map(oauth::scopes),
        refresh_life_ms,
    };
    let owner = Arc::clone(client);
    let outcome = app.write(move |tx, cx| oauth::exchange(tx, cx, &owner, &ask)).await?;
    issue(app, client, outcome?)
}

/// Uses up the refresh token of a form.
pub(super) async fn by_refresh_token(
    app: &App,
    client: &Arc<directory::App>,
    form: &Form,
    refresh_life_ms: i64,
) -> Result<Issued, OAuthError> {
    let ask = Refresh {
        token: form.required("refresh_token")?.to_owned(),
        scopes: form.optional("scope")?.map(oauth::scopes),
        refresh_life_ms,
    };
    let owner = Arc::clone(client);
    let outcome = app.write(move |tx, cx| oauth::refresh(tx, cx, &owner, &ask)).await?;
    issue(app, client, outcome?)
}

fn issue(app: &App, client: &directory::App, grant: Grant) -> Result<Issued, OAuthError> {
    let granted = Granted::of(grant.scopes.iter().map(String::as_str));
    let made = app.tokens().user(client, &grant.user_id, granted, app.ids(), app.now_ms());
    let (access_token, expires_in) = made.ok_or_else(|| OAuthError::new(Code::OAUTH_INTERNAL, "no token was made"))?;
    Ok(Issued { access_token, expires_in, refresh: grant.refresh, scope: grant.scopes.join(" ") })
}
