//! One app, user or help desk, as somebody makes and changes them by hand: checked and written as if a desk file said so, except
//! that no desk file takes away what was made here.

use db::{Tx, params};

use super::Work;
use crate::deskfile::check::first_fault;
use crate::deskfile::known::{Known, KnownUser};
use crate::deskfile::prepare::Prepared;
use crate::deskfile::report::Report;
use crate::deskfile::types::{App, Helpdesk, Tenant, User};
use crate::person::Person;
use crate::vault::Vault;
use crate::{Cx, Refusal, directory, notification};

/// Makes the app of this `app_id`, or changes what is said about it.
///
/// # Errors
/// The first key that a desk file could not have so. Nothing was written.
pub fn put_app(tx: &mut Tx<'_>, cx: &mut Cx, vault: &Vault, tenant: &str, app: App) -> Result<Report, Refusal> {
    let holder =
        tx.query_opt("SELECT tenant FROM app WHERE app_id = $1", &params![&app.app_id], |row| row.string(0))?;
    let mut known = Known::default();
    known.apps.extend(holder.map(|holder| (app.app_id.clone(), holder)));
    let tenant = Tenant { apps: Some(vec![app]), ..named(tenant) };
    refuse(&tenant, &known, ".apps[0].")?;
    let prepared = Prepared::one_user(&tenant.key, "", None);
    let report = within(tx, cx, vault, &prepared, |work| {
        for app in tenant.apps.iter().flatten() {
            work.app(&tenant, app)?;
        }
        Ok(())
    })?;
    Ok(report)
}

/// Removes an app, with its subscriptions; what waits for it is given up.
pub fn take_app(tx: &mut Tx<'_>, cx: &mut Cx, vault: &Vault, tenant: &str, app_id: &str) -> Result<(), Refusal> {
    let prepared = Prepared::one_user(tenant, "", None);
    within(tx, cx, vault, &prepared, |work| Ok(work.remove_app(tenant, app_id)?)).map(drop)
}

/// Makes the user of this id, or changes what is said about them; the password's hash is `hash`, if it is to be another.
///
/// # Errors
/// The first key that a desk file could not have so. Nothing was written.
pub fn put_user(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    vault: &Vault,
    tenant: &str,
    (user, hash): (User, Option<String>),
) -> Result<Report, Refusal> {
    let mut known = Known::default();
    if let Some(open_id) = &user.open_id {
        let holder = tx.query_opt(
            "SELECT user_id FROM person WHERE tenant = $1 AND open_id = $2",
            &params![tenant, open_id],
            |row| row.string(0),
        )?;
        let holder = holder.map(|holder| (open_id.clone(), holder));
        known.open_ids.entry(tenant.to_owned()).or_default().extend(holder);
    }
    let prepared = Prepared::one_user(tenant, &user.id, hash);
    let tenant = Tenant { users: Some(vec![user]), ..named(tenant) };
    refuse(&tenant, &known, ".users[0].")?;
    within(tx, cx, vault, &prepared, |work| {
        for user in tenant.users.iter().flatten() {
            work.user(&tenant, user)?;
        }
        Ok(notification::joined(work.tx, work.cx, &tenant.key, &std::mem::take(&mut work.newcomers))?)
    })
}

/// Makes the help desk of this id for an owner who is there, with their user id and open id.
///
/// # Errors
/// The first key that a desk file could not have so. Nothing was written.
pub fn put_helpdesk(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    vault: &Vault,
    tenant: &str,
    (desk, owner): (Helpdesk, &Person),
) -> Result<Report, Refusal> {
    let mut known = Known::default();
    let owner = (owner.user_id.clone(), KnownUser { open_id: owner.open_id.clone(), password_hash: None });
    known.users.entry(tenant.to_owned()).or_default().extend([owner]);
    let prepared = Prepared::one_user(tenant, "", None);
    let tenant = Tenant { helpdesks: Some(vec![desk]), ..named(tenant) };
    refuse(&tenant, &known, ".helpdesks[0].")?;
    within(tx, cx, vault, &prepared, |work| {
        tenant.helpdesks.iter().flatten().try_for_each(|desk| work.helpdesk(&tenant, desk, 0))
    })
}

/// Takes somebody's password and role away. They stay, because tickets may name them.
pub fn take_user(tx: &mut Tx<'_>, cx: &mut Cx, vault: &Vault, tenant: &str, user_id: &str) -> Result<(), Refusal> {
    let prepared = Prepared::one_user(tenant, "", None);
    within(tx, cx, vault, &prepared, |work| Ok(work.take_account(tenant, user_id)?)).map(drop)
}

fn named(key: &str) -> Tenant {
    Tenant { key: key.to_owned(), name: String::new(), users: None, apps: None, helpdesks: None }
}

/// The first mistake as a refusal; its field is named as from `under` on.
fn refuse(tenant: &Tenant, known: &Known, under: &str) -> Result<(), Refusal> {
    let Some(fault) = first_fault(tenant, known) else { return Ok(()) };
    let (path, why) = fault.parts();
    Err(Refusal::invalid(path.strip_prefix(under).unwrap_or(path), why))
}

fn within(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    vault: &Vault,
    prepared: &Prepared,
    body: impl FnOnce(&mut Work<'_, '_>) -> Result<(), Refusal>,
) -> Result<Report, Refusal> {
    let (report, rebalance, newcomers) = (Report::default(), Vec::new(), Vec::new());
    let (directory_changed, managed) = (false, false);
    let mut work = Work { tx, cx, vault, prepared, report, directory_changed, managed, rebalance, newcomers };
    body(&mut work)?;
    if work.directory_changed {
        directory::touch(work.tx, work.cx)?;
    }
    Ok(work.report)
}
