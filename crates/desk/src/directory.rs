//! Who is who: tenants, apps, help desks, agents, subscriptions, as one snapshot that servers keep in memory.
//!
//! These rows are few and change seldom, and every request asks them; so a server loads them once and again whenever
//! the directory's version has grown ([`version`]). Whoever changes one of these rows calls [`touch`] in the same
//! transaction.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use db::{DbError, Row, Tx, params};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::agent::schedule;
use crate::answering::Answering;
use crate::vault::Vault;
use crate::{Cx, Effect, Kind, Refusal};

/// Whether the app was built for one tenant or comes from a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppType {
    /// Self-built.
    Custom,
    /// From a store (ISV).
    Store,
}

impl AppType {
    /// The word in the database and in desk files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Store => "store",
        }
    }
}

/// How an app receives its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// HTTP POST to the app's request URL.
    Webhook,
    /// The SDKs' WebSocket.
    LongConnection,
}

impl Delivery {
    /// The word in the database and in desk files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::LongConnection => "long_connection",
        }
    }
}

/// What a person may do in a help desk; later ones may do all that earlier ones may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers guests and keeps FAQs.
    Agent,
    /// Keeps skills, schedules and fields too.
    Admin,
    /// Owns the help desk.
    Owner,
}

impl Role {
    /// The word in the database and in desk files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

/// An app of a tenant.
#[derive(Debug, Clone)]
pub struct App {
    /// The tenant it belongs to.
    pub tenant: String,
    /// `cli_` and 16 hex digits.
    pub app_id: String,
    /// Custom or store.
    pub app_type: AppType,
    /// SHA-256 of the app secret.
    pub secret_hash: String,
    /// Grows when the secret is replaced; tokens made under an older one are void.
    pub secret_version: i64,
    /// Granted scopes, such as `helpdesk:all`.
    pub scopes: Vec<String>,
    /// How people know it.
    pub name: Option<String>,
    /// Where the log-in page may send people back to.
    pub redirect_urls: Vec<String>,
    /// Webhook or long connection.
    pub delivery: Delivery,
    /// The request URL of a webhook app.
    pub url: Option<String>,
    /// The URL that last passed the URL check; events go only to this one.
    pub url_verified: Option<String>,
    /// The verification token that every event carries.
    pub verification_token: Option<String>,
    /// With this key set, events are encrypted and signed.
    pub encrypt_key: Option<String>,
    /// Event types on the app's event page, such as `helpdesk.ticket.created_v1`.
    pub event_types: Vec<String>,
    /// When it was made, Unix ms.
    pub created_at: i64,
}

/// Who may ask at a help desk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visibility {
    /// Everybody of the tenant, and guests.
    pub all: bool,
    /// Otherwise these users…
    #[serde(default)]
    pub users: Vec<String>,
    /// …and the members of these departments.
    #[serde(default)]
    pub departments: Vec<String>,
}

/// An agent of a help desk.
#[derive(Debug, Clone)]
pub struct Agent {
    /// The agent's user id.
    pub user_id: String,
    /// What they may do.
    pub role: Role,
    /// 1 online, 2 offline by hand (reference: `agent_status`).
    pub status: i64,
}

/// A help desk.
#[derive(Debug, Clone)]
pub struct Helpdesk {
    /// The tenant it belongs to.
    pub tenant: String,
    /// Its 19-digit id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What a guest reads first.
    pub welcome: String,
    /// What a guest reads while no agent is on duty; may be empty.
    pub away: String,
    /// The colour of chat and widget, `#rrggbb`.
    pub accent: Option<String>,
    /// What it is for, under its name; may be empty.
    pub description: String,
    /// The key of its picture.
    pub avatar_key: Option<String>,
    /// SHA-256 of the help desk token.
    pub token_hash: String,
    /// Signs guests' identity tokens.
    pub widget_secret: String,
    /// The owner's user id.
    pub owner: String,
    /// Who may ask here.
    pub visibility: Arc<Visibility>,
    /// How questions are answered.
    pub answering: Answering,
    /// Whether some FAQ category has thresholds of its own.
    pub category_scores: bool,
    /// Where agents' schedules are read.
    pub timezone: TimeZone,
    /// Since when it takes no new guests and tickets, Unix ms; `None` while it is open.
    pub closed_at: Option<i64>,
    /// Agents, the owner among them; removed ones are not.
    pub agents: Arc<Vec<Agent>>,
    /// The user id of somebody who may do here what the owner may without being an agent; only in a copy made for them.
    pub acting_owner: Option<String>,
    /// Apps that get events of a type: they subscribed here, and list the type on their event page.
    pub subscribers: Arc<HashMap<String, Vec<String>>>,
    /// What a list has counted already.
    pub counted: Arc<Mutex<Counted>>,
}

impl Helpdesk {
    /// The role of a user in this help desk.
    pub fn role(&self, user_id: &str) -> Option<Role> {
        if self.acting_owner.as_deref() == Some(user_id) {
            return Some(Role::Owner);
        }
        self.agents.iter().filter(|a| a.user_id == user_id).map(|a| a.role).max()
    }

    /// Ids of the apps that get events of this type.
    pub fn subscribers(&self, event_type: &str) -> &[String] {
        self.subscribers.get(event_type).map_or(&[], Vec::as_slice)
    }

    /// Whether a user who belongs to `departments` may ask here.
    pub fn visible_to(&self, user_id: &str, departments: &[String]) -> bool {
        let v = &self.visibility;
        v.all
            || self.role(user_id).is_some()
            || v.users.iter().any(|u| u == user_id)
            || v.departments.iter().any(|d| departments.contains(d))
    }
}

/// Tickets of a help desk that have been counted: `count` of them have ids below `below`. Tickets are never deleted, so
/// nobody has to count these again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    /// Ids below this one are counted.
    pub below: i64,
    /// How many there are.
    pub count: i64,
}

/// The snapshot.
#[derive(Debug, Default)]
pub struct Directory {
    /// The version this snapshot shows.
    pub version: i64,
    /// Names of the tenants by key.
    pub tenants: HashMap<String, String>,
    /// Apps by app id.
    pub apps: HashMap<String, Arc<App>>,
    /// Help desks by id.
    pub helpdesks: HashMap<i64, Arc<Helpdesk>>,
}

impl Directory {
    /// The help desks that are open and that everybody may use, by id. Where several tenants share a server they do not see each other, so
    /// none is listed unless `tenants_may_see_each_other`.
    pub fn open_to_all(&self, tenants_may_see_each_other: bool) -> Vec<Arc<Helpdesk>> {
        let listed = tenants_may_see_each_other || self.tenants.len() <= 1;
        let mut desks: Vec<_> =
            self.helpdesks.values().filter(|d| listed && d.visibility.all && d.closed_at.is_none()).cloned().collect();
        desks.sort_unstable_by_key(|d| d.id);
        desks
    }
}

/// Refuses what would begin something new in a help desk that is closed, as it is in this transaction.
///
/// # Errors
/// [`Refusal::DeskClosed`].
pub(crate) fn require_open(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<(), Refusal> {
    let closed_at = tx.query_opt(
        "SELECT closed_at FROM helpdesk WHERE tenant = $1 AND helpdesk_id = $2",
        &params![&desk.tenant, desk.id],
        |row| row.opt_int(0),
    )?;
    match closed_at.flatten() {
        Some(_) => Err(Refusal::DeskClosed(desk.name.clone())),
        None => Ok(()),
    }
}

/// The current version; one row.
pub fn version(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    tx.query_one("SELECT version FROM directory WHERE one = $1", &params![1], |row| row.int(0))
}

/// What processes tell each other ([`db::Db::tell`]) after the directory changed.
pub const NEWS: &str = "directory";

/// Makes every server reload its directory. Part of each transaction that changes what the directory shows.
pub fn touch(tx: &mut Tx<'_>, cx: &mut Cx) -> Result<(), DbError> {
    tx.execute("UPDATE directory SET version = version + 1 WHERE one = $1", &params![1])?;
    cx.effects.push(Effect::Directory);
    Ok(())
}

/// Loads the snapshot. Secrets sealed under another master key are an error that says so.
pub fn load(tx: &mut Tx<'_>, vault: &Vault) -> Result<Directory, DbError> {
    let version = version(tx)?;
    let tenants = tx.query("SELECT tenant, name FROM tenant", &[], |row| Ok((row.string(0)?, row.string(1)?)))?;
    let apps = load_apps(tx, vault)?;
    let helpdesks = load_helpdesks(tx, vault, &apps)?;
    Ok(Directory {
        version,
        tenants: tenants.into_iter().collect(),
        apps: apps.into_iter().map(|app| (app.app_id.clone(), Arc::new(app))).collect(),
        helpdesks,
    })
}

/// The columns that [`read_app`] reads.
macro_rules! select_app {
    ($tail:literal) => {
        concat!(
            "SELECT tenant, app_id, app_type, secret_hash, secret_version, scopes, delivery, url, url_verified,
                    verification_token, encrypt_key, event_types, created_at, name, redirect_urls
             FROM app ",
            $tail
        )
    };
}

fn load_apps(tx: &mut Tx<'_>, vault: &Vault) -> Result<Vec<App>, DbError> {
    tx.query(select_app!(""), &[], |row| read_app(row, vault))
}

/// An app of a tenant as it is in this transaction.
pub fn app(tx: &mut Tx<'_>, vault: &Vault, tenant: &str, app_id: &str) -> Result<App, Refusal> {
    let found = tx.query_opt(select_app!("WHERE tenant = $1 AND app_id = $2"), &params![tenant, app_id], |row| {
        read_app(row, vault)
    })?;
    found.ok_or_else(|| Refusal::not_found(Kind::App, app_id))
}

fn read_app(row: &Row<'_>, vault: &Vault) -> Result<App, DbError> {
    Ok(App {
        tenant: row.string(0)?,
        app_id: row.string(1)?,
        app_type: if row.text(2)? == "store" { AppType::Store } else { AppType::Custom },
        secret_hash: row.string(3)?,
        secret_version: row.int(4)?,
        scopes: json(row.text(5)?)?,
        delivery: if row.text(6)? == "webhook" { Delivery::Webhook } else { Delivery::LongConnection },
        url: row.opt_string(7)?,
        url_verified: row.opt_string(8)?,
        verification_token: open(vault, row.opt_bytes(9)?)?,
        encrypt_key: open(vault, row.opt_bytes(10)?)?,
        event_types: json(row.text(11)?)?,
        created_at: row.int(12)?,
        name: row.opt_string(13)?,
        redirect_urls: json(row.text(14)?)?,
    })
}

fn load_helpdesks(tx: &mut Tx<'_>, vault: &Vault, apps: &[App]) -> Result<HashMap<i64, Arc<Helpdesk>>, DbError> {
    let mut desks: HashMap<i64, Helpdesk> = tx
        .query(
            "SELECT tenant, helpdesk_id, name, welcome, token_hash, widget_secret, owner, visibility, answering, timezone,
                    away, accent, closed_at, description, avatar_key
             FROM helpdesk",
            &[],
            |row| {
                Ok(Helpdesk {
                    tenant: row.string(0)?,
                    id: row.int(1)?,
                    name: row.string(2)?,
                    welcome: row.string(3)?,
                    token_hash: row.string(4)?,
                    widget_secret: open(vault, row.opt_bytes(5)?)?.unwrap_or_default(),
                    owner: row.string(6)?,
                    visibility: Arc::new(json(row.text(7)?)?),
                    answering: json(row.text(8)?)?,
                    category_scores: false,
                    timezone: timezone(row.text(9)?)?,
                    away: row.string(10)?,
                    accent: row.opt_string(11)?,
                    closed_at: row.opt_int(12)?,
                    description: row.string(13)?,
                    avatar_key: row.opt_string(14)?,
                    agents: Arc::default(),
                    acting_owner: None,
                    subscribers: Arc::default(),
                    counted: Arc::default(),
                })
            },
        )?
        .into_iter()
        .map(|desk| (desk.id, desk))
        .collect();
    for id in tx.query("SELECT helpdesk_id FROM category WHERE scores IS NOT NULL", &[], |row| row.int(0))? {
        if let Some(desk) = desks.get_mut(&id) {
            desk.category_scores = true;
        }
    }
    load_agents(tx, &mut desks)?;
    load_subscriptions(tx, apps, &mut desks)?;
    Ok(desks.into_iter().map(|(id, desk)| (id, Arc::new(desk))).collect())
}

fn load_agents(tx: &mut Tx<'_>, desks: &mut HashMap<i64, Helpdesk>) -> Result<(), DbError> {
    let agents =
        tx.query("SELECT helpdesk_id, user_id, role, status FROM agent WHERE removed_at IS NULL", &[], |row| {
            let role = match row.text(2)? {
                "owner" => Role::Owner,
                "admin" => Role::Admin,
                _ => Role::Agent,
            };
            Ok((row.int(0)?, Agent { user_id: row.string(1)?, role, status: row.int(3)? }))
        })?;
    for (helpdesk_id, agent) in agents {
        if let Some(desk) = desks.get_mut(&helpdesk_id) {
            Arc::make_mut(&mut desk.agents).push(agent);
        }
    }
    Ok(())
}

fn load_subscriptions(tx: &mut Tx<'_>, apps: &[App], desks: &mut HashMap<i64, Helpdesk>) -> Result<(), DbError> {
    let listed: HashMap<&str, &App> = apps.iter().map(|app| (app.app_id.as_str(), app)).collect();
    let rows = tx.query("SELECT helpdesk_id, app_id, event_type FROM subscription", &[], |row| {
        Ok((row.int(0)?, row.string(1)?, row.string(2)?))
    })?;
    for (helpdesk_id, app_id, event_type) in rows {
        let lists_type = listed.get(app_id.as_str()).is_some_and(|app| app.event_types.contains(&event_type));
        if let (true, Some(desk)) = (lists_type, desks.get_mut(&helpdesk_id)) {
            Arc::make_mut(&mut desk.subscribers).entry(event_type).or_default().push(app_id);
        }
    }
    Ok(())
}

fn timezone(name: &str) -> Result<TimeZone, DbError> {
    schedule::zone(name).ok_or_else(|| DbError::Corrupt(format!("{name} is no time zone that this version knows")))
}

/// Reads a JSON column of ours.
pub(crate) fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|e| DbError::Corrupt(format!("a stored document cannot be read: {e}")))
}

pub(crate) fn open(vault: &Vault, sealed: Option<&[u8]>) -> Result<Option<String>, DbError> {
    let Some(sealed) = sealed else { return Ok(None) };
    vault.open(sealed).map(Some).ok_or_else(|| {
        DbError::Foreign(
            "a stored secret was sealed under another master key; start with the key this database was made with"
                .into(),
        )
    })
}
