//! Apps, for administrators of their tenant. What an app may look like is decided by the rules of desk files
//! ([`crate::deskfile`]); an app that was made here is taken away by no file.

use std::collections::BTreeSet;

use db::{DbError, Tx, params};
use serde_json::json;

use crate::audit::Told;
use crate::deskfile::types::{self, Secret};
use crate::deskfile::{self, Report};
use crate::directory::{self, App, Helpdesk};
use crate::vault::Vault;
use crate::{Cx, Refusal, subscription};

/// An app that was just made, with the secrets that are told this once.
#[derive(Clone)]
pub struct Made {
    /// The app.
    pub app: App,
    /// The app secret; only its hash is kept.
    pub app_secret: String,
    /// The verification token, if it was made too.
    pub verification_token: Option<String>,
}

/// Makes an app; its `app_id` and its secret are made too, whatever `draft` says.
///
/// # Errors
/// The first key that a desk file could not have so.
pub fn create(tx: &mut Tx<'_>, cx: &mut Cx, vault: &Vault, tenant: &str, draft: types::App) -> Result<Made, Refusal> {
    let app_id = format!("cli_{}", hex::encode(cx.ids.bytes::<8>()));
    let draft = types::App { app_id: app_id.clone(), app_secret: None, ..draft };
    let report = deskfile::put_app(tx, cx, vault, tenant, draft)?;
    let made = |what| report.made_for(&[tenant, &app_id, what]).map(str::to_owned);
    let app = directory::app(tx, vault, tenant, &app_id)?;
    cx.told = Some(Told::change(&app_id, None, Some(shown(&app, None))));
    let app_secret = made("app_secret").unwrap_or_default();
    Ok(Made { app, app_secret, verification_token: made("verification_token") })
}

/// Changes what `change` says about an app; what it leaves out stays as it is. The secret is not changed so
/// ([`renew_secret`]).
///
/// # Errors
/// No such app in the tenant, or the first key that a desk file could not have so.
pub fn change(tx: &mut Tx<'_>, cx: &mut Cx, vault: &Vault, tenant: &str, change: types::App) -> Result<App, Refusal> {
    let before = directory::app(tx, vault, tenant, &change.app_id)?;
    // What it is decides what it may become, so the checks have to know both.
    let delivery = change.events.as_ref().and_then(|events| events.delivery).unwrap_or(before.delivery);
    let events = types::Events { delivery: Some(delivery), ..change.events.unwrap_or_default() };
    let app_type = Some(change.app_type.unwrap_or(before.app_type));
    let whole = types::App { app_type, app_secret: None, events: Some(events), ..change };
    let report = deskfile::put_app(tx, cx, vault, tenant, whole)?;
    let after = directory::app(tx, vault, tenant, &before.app_id)?;
    cx.told = Some(Told::change(&after.app_id, Some(shown(&before, None)), Some(shown(&after, Some(&report)))));
    Ok(after)
}

/// Gives an app another secret, and answers it. Access tokens made under the old one are void from now on.
pub fn renew_secret(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    vault: &Vault,
    tenant: &str,
    app_id: &str,
) -> Result<String, Refusal> {
    let before = directory::app(tx, vault, tenant, app_id)?;
    let secret = cx.ids.tagged("");
    let other = types::App { app_secret: Some(Secret(secret.clone())), ..unsaid(&before.app_id) };
    deskfile::put_app(tx, cx, vault, tenant, other)?;
    cx.told = Some(Told::change(app_id, None, None));
    Ok(secret)
}

/// Removes an app, with its subscriptions; what waits for it is given up.
pub fn remove(tx: &mut Tx<'_>, cx: &mut Cx, vault: &Vault, tenant: &str, app_id: &str) -> Result<(), Refusal> {
    let before = directory::app(tx, vault, tenant, app_id)?;
    deskfile::take_app(tx, cx, vault, tenant, app_id)?;
    cx.told = Some(Told::change(app_id, Some(shown(&before, None)), None));
    Ok(())
}

/// Has an app subscribe to just these event types at a help desk.
///
/// # Errors
/// A type that is none, as `types[…]`.
pub fn subscribe(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, app: &App, wanted: &[String]) -> Result<(), Refusal> {
    for (i, kind) in wanted.iter().enumerate() {
        if !crate::event::TYPES.contains(&kind.as_str()) {
            let known = crate::event::TYPES.join(", ");
            return Err(Refusal::invalid(format!("types[{i}]"), format!("no event type {kind:?}; known are {known}")));
        }
    }
    let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    let before = tx.query(
        "SELECT event_type FROM subscription WHERE tenant = $1 AND helpdesk_id = $2 AND app_id = $3 ORDER BY event_type",
        &params![&desk.tenant, desk.id, &app.app_id],
        |row| row.string(0),
    )?;
    let gone: Vec<&str> = before.iter().map(String::as_str).filter(|kind| !wanted.contains(kind)).collect();
    let come: Vec<&str> = wanted.iter().copied().filter(|kind| before.iter().all(|had| had != kind)).collect();
    subscription::unsubscribe(tx, cx, desk, app, &gone)?;
    subscription::subscribe(tx, cx, desk, app, &come)?;
    let after: Vec<&str> = wanted.into_iter().collect();
    let told = Told::change(&app.app_id, Some(before.join("\n")), Some(after.join("\n")));
    cx.told = Some(Told { helpdesk_id: Some(desk.id), ..told });
    Ok(())
}

/// What an app has subscribed to: help desk and event type.
pub fn subscriptions(tx: &mut Tx<'_>, tenant: &str, app_id: &str) -> Result<Vec<(i64, String)>, DbError> {
    tx.query(
        "SELECT helpdesk_id, event_type FROM subscription
         WHERE tenant = $1 AND app_id = $2 AND helpdesk_id IN (SELECT h.helpdesk_id FROM helpdesk h WHERE h.tenant = $1)
         ORDER BY helpdesk_id, event_type",
        &params![tenant, app_id],
        |row| Ok((row.int(0)?, row.string(1)?)),
    )
}

/// An app of which nothing is said.
pub fn unsaid(app_id: &str) -> types::App {
    types::App {
        app_id: app_id.to_owned(),
        app_secret: None,
        app_type: None,
        name: None,
        scopes: None,
        redirect_urls: None,
        events: None,
    }
}

/// An app for the audit log: of secrets only whether there are some, and with a report which ones became others.
fn shown(app: &App, report: Option<&Report>) -> String {
    let columns = report.and_then(|report| report.changes.first()).and_then(|change| change.what.split_once(": "));
    json!({
        "name": app.name, "type": app.app_type, "scopes": app.scopes, "redirect_urls": app.redirect_urls,
        "delivery": app.delivery, "url": app.url, "types": app.event_types,
        "has_verification_token": app.verification_token.is_some(), "has_encrypt_key": app.encrypt_key.is_some(),
        "changed": columns.map(|(_, columns)| columns),
    })
    .to_string()
}
