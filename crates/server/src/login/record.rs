//! Tries to sign in that failed, in the audit log. What nobody's account is tried with is not kept: it may be a password
//! in the wrong field.

use std::net::IpAddr;

use desk::audit::{self, Actor};

use super::{LoggedIn, candidates, now_ms};
use crate::app::App;
use crate::audit::sign_in;

/// Puts a try with a wrong password on record, for everybody who may have been meant.
pub(super) async fn failed(app: &App, tenant: Option<&str>, meant: &[LoggedIn], address: IpAddr) {
    // Tries at accounts are bounded by the throttle, those at nobody's have to be.
    if meant.is_empty() && !app.doorkeeper().throttle().may_record(address, now_ms(app)) {
        return;
    }
    tried(app, tenant, meant, "sign_in.failed", address).await;
}

/// Puts a try on record that came too soon after others; the first few from an address in each time.
pub(super) async fn throttled(app: &App, tenant: Option<&str>, email: &str, address: IpAddr) {
    if !app.doorkeeper().throttle().may_record(address, now_ms(app)) {
        return;
    }
    match candidates(app, tenant, email).await {
        Ok(found) => {
            let meant: Vec<LoggedIn> = found.into_iter().map(|(who, _)| who).collect();
            tried(app, tenant, &meant, "sign_in.throttled", address).await;
        }
        Err(error) => tracing::error!(%error, "a throttled try to sign in could not be put on record"),
    }
}

async fn tried(app: &App, tenant: Option<&str>, meant: &[LoggedIn], action: &'static str, address: IpAddr) {
    let person = |who: &LoggedIn| {
        let actor = Actor::Person { user_id: who.person.user_id.clone(), name: who.person.name.clone() };
        sign_in(action, &who.tenant, actor, address)
    };
    let mut entries: Vec<audit::Entry> = meant.iter().map(person).collect();
    if entries.is_empty() {
        let directory = app.directory();
        let named = tenant.filter(|tenant| directory.tenants.contains_key(*tenant));
        // Of several tenants nobody knows whose door it was.
        let only = directory.tenants.keys().next().filter(|_| directory.tenants.len() == 1).map(String::as_str);
        let whose = named.or(only.filter(|_| tenant.is_none()));
        entries.extend(whose.map(|tenant| sign_in(action, tenant, Actor::Unknown, address)));
    }
    if entries.is_empty() {
        return;
    }
    let kept = app
        .write(move |tx, cx| {
            for entry in &entries {
                audit::record(tx, cx, entry)?;
            }
            Ok(())
        })
        .await;
    if let Err(error) = kept {
        tracing::error!(%error, "a try to sign in could not be put on record");
    }
}
