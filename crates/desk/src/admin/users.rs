//! Accounts, for administrators of their tenant, and what everybody may do with their own. What an account may look like is
//! decided by the rules of desk files ([`crate::deskfile`]); one that was made here is taken away by no file.

use std::collections::HashMap;
use std::sync::Arc;

use db::{DbError, Row, Tx, params};
use serde_json::json;

use super::Staff;
use super::session::{self, Session};
use crate::audit::Told;
use crate::deskfile::{self, types};
use crate::directory::{Directory, Helpdesk, json as stored};
use crate::lookup::by_ids;
use crate::person::UserRole;
use crate::person::find::{self, Place};
use crate::vault::Vault;
use crate::{Cx, Kind, Refusal, agent};

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// The tenant's own id.
    pub user_id: String,
    /// `ou_…`
    pub open_id: String,
    /// The display name.
    pub name: String,
    /// E-mail address, with which they sign in.
    pub email: Option<String>,
    /// Whether they have a password; without one they cannot sign in.
    pub has_password: bool,
    /// What they may do in the whole tenant.
    pub role: Option<UserRole>,
    /// City.
    pub city: Option<String>,
    /// Country code.
    pub country: Option<String>,
    /// Language, such as `zh-CN`.
    pub language: Option<String>,
    /// Ids of departments.
    pub departments: Vec<String>,
    /// When the account was made, Unix ms.
    pub created_at: i64,
}

impl Account {
    fn shown(&self) -> String {
        json!({"name": self.name, "email": self.email, "role": self.role, "city": self.city, "country": self.country,
               "language": self.language, "departments": self.departments})
        .to_string()
    }
}

fn read(row: &Row<'_>) -> Result<Account, DbError> {
    Ok(Account {
        user_id: row.string(0)?,
        open_id: row.string(1)?,
        name: row.string(2)?,
        email: row.opt_string(3)?,
        has_password: row.opt_text(4)?.is_some(),
        role: UserRole::stored(row.opt_text(5)?)?,
        city: row.opt_string(6)?,
        country: row.opt_string(7)?,
        language: row.opt_string(8)?,
        departments: stored(row.text(9)?)?,
        created_at: row.int(10)?,
    })
}

/// Some accounts.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The accounts. There may be fewer than were asked for, and still more on the next page.
    pub accounts: Vec<Account>,
    /// What `after` is for the next page; `None` after the last.
    pub next: Option<String>,
}

/// Up to `size` accounts after those of the page before: by name, or with `search` those that [`find`] finds.
///
/// # Errors
/// `after` is of no page.
pub fn page(
    tx: &mut Tx<'_>,
    tenant: &str,
    search: Option<&str>,
    after: Option<&str>,
    size: usize,
) -> Result<Page, Refusal> {
    match search.map(str::trim).filter(|search| !search.is_empty()) {
        Some(search) => found(tx, tenant, search, after, size),
        None => listed(tx, tenant, after, size),
    }
}

fn found(tx: &mut Tx<'_>, tenant: &str, search: &str, after: Option<&str>, size: usize) -> Result<Page, Refusal> {
    let no_page = |_| Refusal::invalid("page_token", "this is no page of this search; leave it out for the first page");
    let behind: Option<Place> = after.map(str::parse).transpose().map_err(no_page)?;
    let found = find::find(tx, tenant, search, behind.as_ref(), size)?;
    let user_ids: Vec<String> = found.people.into_iter().map(|hit| hit.user_id).collect();
    Ok(Page { accounts: several(tx, tenant, &user_ids)?, next: found.next.map(|place| place.to_string()) })
}

fn listed(tx: &mut Tx<'_>, tenant: &str, after: Option<&str>, size: usize) -> Result<Page, Refusal> {
    let last = match after {
        None => (String::new(), String::new()),
        Some(user_id) => get(tx, tenant, user_id).map(|last| (last.name, last.user_id))?,
    };
    let one_more = i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1);
    let mut accounts = tx.query(
        "SELECT user_id, open_id, name, email, password_hash, role, city, country, language, departments, created_at
         FROM person WHERE tenant = $1 AND guest_only = 0 AND (name, user_id) > ($2, $3)
         ORDER BY name, user_id LIMIT $4",
        &params![tenant, &last.0, &last.1, one_more],
        read,
    )?;
    let more = accounts.len() > size;
    accounts.truncate(size);
    let next = accounts.last().filter(|_| more).map(|last| last.user_id.clone());
    Ok(Page { accounts, next })
}

/// The accounts of these user ids, in their order.
fn several(tx: &mut Tx<'_>, tenant: &str, user_ids: &[String]) -> Result<Vec<Account>, DbError> {
    let ids: Vec<&str> = user_ids.iter().map(String::as_str).collect();
    let accounts = by_ids(
        tx,
        "SELECT user_id, open_id, name, email, password_hash, role, city, country, language, departments, created_at
         FROM person WHERE tenant = $1 AND guest_only = 0 AND user_id IN
         ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        tenant,
        &ids,
        read,
    )?;
    let mut known: HashMap<_, _> = accounts.into_iter().map(|account| (account.user_id.clone(), account)).collect();
    Ok(user_ids.iter().filter_map(|user_id| known.remove(user_id)).collect())
}

/// The account of this user id.
pub fn get(tx: &mut Tx<'_>, tenant: &str, user_id: &str) -> Result<Account, Refusal> {
    let found = tx.query_opt(
        "SELECT user_id, open_id, name, email, password_hash, role, city, country, language, departments, created_at
         FROM person WHERE tenant = $1 AND user_id = $2 AND guest_only = 0",
        &params![tenant, user_id],
        read,
    )?;
    found.ok_or_else(|| Refusal::not_found(Kind::User, user_id))
}

/// What is said about an account; `None` leaves it as it is, and an empty text removes it.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The display name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether they are an administrator of the tenant.
    pub is_admin: Option<bool>,
    /// City.
    pub city: Option<String>,
    /// Country code.
    pub country: Option<String>,
    /// Language.
    pub language: Option<String>,
    /// Ids of departments.
    pub departments: Option<Vec<String>>,
}

impl Draft {
    fn user(self, user_id: &str, is_admin: bool, name: String) -> types::User {
        types::User {
            id: user_id.to_owned(),
            name,
            email: self.email,
            password: None,
            open_id: None,
            city: self.city,
            country: self.country,
            language: self.language,
            departments: self.departments,
            level: None,
            avatar_url: None,
            role: is_admin.then_some(UserRole::Admin),
        }
    }
}

/// Makes an account. Its user id is made too, if none is given; its password has this hash.
///
/// # Errors
/// The user id or the e-mail address is somebody's, or the first key that a desk file could not have so.
pub fn create(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    vault: &Vault,
    tenant: &str,
    (user_id, draft, hash): (Option<String>, Draft, Option<String>),
) -> Result<Account, Refusal> {
    let user_id = user_id.unwrap_or_else(|| cx.ids.tagged("u_"));
    let holder = tx.query_opt(
        "SELECT user_id FROM person WHERE tenant = $1 AND user_id = $2",
        &params![tenant, &user_id],
        |row| row.string(0),
    )?;
    if holder.is_some() {
        return Err(Refusal::invalid("id", format!("{user_id} is somebody's already; give another or leave it out")));
    }
    free(tx, tenant, draft.email.as_deref(), &user_id)?;
    let (is_admin, name) = (draft.is_admin == Some(true), draft.name.clone().unwrap_or_default());
    deskfile::put_user(tx, cx, vault, tenant, (draft.user(&user_id, is_admin, name), hash))?;
    let made = get(tx, tenant, &user_id)?;
    cx.told = Some(Told::change(&user_id, None, Some(made.shown())));
    Ok(made)
}

/// Changes what `draft` says about an account.
///
/// # Errors
/// Nobody has this user id; the e-mail address is another's; it would leave the tenant without an administrator; or the
/// first key that a desk file could not have so.
pub fn change(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    vault: &Vault,
    tenant: &str,
    (user_id, draft): (&str, Draft),
) -> Result<Account, Refusal> {
    let before = get(tx, tenant, user_id)?;
    free(tx, tenant, draft.email.as_deref(), user_id)?;
    let is_admin = draft.is_admin.unwrap_or(before.role == Some(UserRole::Admin));
    if !is_admin || draft.email.as_deref() == Some("") {
        not_the_last(tx, tenant, &before)?;
    }
    let name = draft.name.clone().unwrap_or_else(|| before.name.clone());
    deskfile::put_user(tx, cx, vault, tenant, (draft.user(user_id, is_admin, name), None))?;
    let after = get(tx, tenant, user_id)?;
    cx.told = Some(Told::change(user_id, Some(before.shown()), Some(after.shown())));
    Ok(after)
}

/// Gives somebody a password with this hash. All their sessions end but, if it is their own doing, the one they did it in.
///
/// # Errors
/// Nobody has this user id.
pub fn set_password(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    vault: &Vault,
    tenant: &str,
    (user_id, hash, but): (&str, String, Option<&Session>),
) -> Result<(), Refusal> {
    let before = get(tx, tenant, user_id)?;
    if before.email.is_none() {
        let why = "people sign in with their e-mail address; give this account one first";
        return Err(Refusal::invalid("email", why));
    }
    let same = Draft::default().user(user_id, before.role == Some(UserRole::Admin), before.name);
    session::end_all(tx, (tenant, user_id), but.map(|session| (session, hash.as_str())))?;
    deskfile::put_user(tx, cx, vault, tenant, (same, Some(hash)))?;
    cx.told = Some(Told::change(user_id, None, None));
    Ok(())
}

/// Takes an account away: its password, its role and its sessions. Whoever it was stays, because tickets name them; as an
/// agent they are removed, and their open tickets go back into the queue. Another password makes the account anew.
///
/// # Errors
/// Nobody has this user id; it is the one who asks; they own a help desk; or they are the last administrator.
pub fn deactivate(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    (vault, directory): (&Vault, &Directory),
    staff: &Staff,
    user_id: &str,
) -> Result<(), Refusal> {
    let before = get(tx, &staff.tenant, user_id)?;
    if before.user_id == staff.user_id {
        return Err(Refusal::Forbidden(
            "nobody can deactivate their own account; another administrator can".to_owned(),
        ));
    }
    not_the_last(tx, &staff.tenant, &before)?;
    let desks = desks_of(directory, &staff.tenant, user_id);
    if let Some(owned) = desks.iter().find(|desk| desk.owner == user_id) {
        let why =
            format!("{} owns the help desk {}; give it another owner in the desk file first", before.name, owned.name);
        return Err(Refusal::Forbidden(why));
    }
    for desk in desks {
        let Some(place) = staff.place(directory, desk.id) else { continue };
        agent::remove(tx, cx, &staff.as_it_is_for_them(&place), &staff.user_id, &before.open_id)?;
    }
    session::end_all(tx, (&staff.tenant, user_id), None)?;
    deskfile::take_user(tx, cx, vault, &staff.tenant, user_id)?;
    cx.told = Some(Told::change(user_id, Some(before.shown()), None));
    Ok(())
}

/// The help desks of a tenant in which somebody is an agent or which they own, by id.
pub fn desks_of(directory: &Directory, tenant: &str, user_id: &str) -> Vec<Arc<Helpdesk>> {
    let theirs =
        |desk: &&Arc<Helpdesk>| desk.tenant == tenant && (desk.owner == user_id || desk.role(user_id).is_some());
    let mut desks: Vec<Arc<Helpdesk>> = directory.helpdesks.values().filter(theirs).map(Arc::clone).collect();
    desks.sort_unstable_by_key(|desk| desk.id);
    desks
}

/// Refuses an e-mail address that another account has: who signs in with it would be unclear.
fn free(tx: &mut Tx<'_>, tenant: &str, email: Option<&str>, user_id: &str) -> Result<(), Refusal> {
    let Some(email) = email.map(str::trim).filter(|email| !email.is_empty()) else { return Ok(()) };
    let holder = tx.query_opt(
        "SELECT name FROM person
         WHERE tenant = $1 AND lower(email) = lower($2) AND guest_only = 0 AND user_id <> $3 LIMIT 1",
        &params![tenant, email, user_id],
        |row| row.string(0),
    )?;
    match holder {
        Some(name) => Err(Refusal::invalid("email", format!("{email} belongs to {name} already; give another"))),
        None => Ok(()),
    }
}

/// Refuses to leave a tenant without anybody who can sign in as its administrator.
fn not_the_last(tx: &mut Tx<'_>, tenant: &str, account: &Account) -> Result<(), Refusal> {
    if account.role != Some(UserRole::Admin) {
        return Ok(());
    }
    let other = tx.query_opt(
        "SELECT user_id FROM person
         WHERE tenant = $1 AND role = $2 AND role IS NOT NULL AND password_hash IS NOT NULL AND email IS NOT NULL
           AND user_id <> $3 LIMIT 1",
        &params![tenant, UserRole::Admin.as_str(), &account.user_id],
        |row| row.string(0),
    )?;
    match other {
        Some(_) => Ok(()),
        None => Err(Refusal::Forbidden(format!(
            "{} is the last administrator who can sign in; make somebody else an administrator first",
            account.name
        ))),
    }
}
