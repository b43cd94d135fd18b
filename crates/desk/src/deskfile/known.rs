//! What the database knows already and a file may refer to: read once before the checks, outside of the transaction
//! that writes.

use std::collections::HashMap;

use db::{DbError, Tx, params};

use crate::answering::Answering;
use crate::category;
use crate::directory::json;
use crate::skill::rule::Rule;
use crate::threshold::Own;

/// People, apps, help desks and categories that are there. Empty for an empty database.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub(super) users: HashMap<String, HashMap<String, KnownUser>>,
    /// The user behind each tenant's open ids.
    pub(super) open_ids: HashMap<String, HashMap<String, String>>,
    /// The tenant of each app id.
    pub(super) apps: HashMap<String, String>,
    pub(super) helpdesks: HashMap<i64, KnownDesk>,
}

#[derive(Debug, Clone)]
pub(super) struct KnownUser {
    pub(super) open_id: String,
    pub(super) password_hash: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct KnownDesk {
    pub(super) tenant: String,
    pub(super) name: String,
    /// Paths of the categories, and whether a desk file made them.
    pub(super) categories: Vec<(String, bool)>,
    /// How it answers.
    pub(super) answering: Answering,
    /// The thresholds of the categories that have some of their own, by path.
    pub(super) thresholds: HashMap<String, Own>,
    pub(super) skills: Vec<SkillRow>,
}

impl Known {
    /// Reads it.
    pub fn read(tx: &mut Tx<'_>) -> Result<Self, DbError> {
        let mut known = Self::default();
        let users = tx.query(
            "SELECT tenant, user_id, open_id, password_hash FROM person WHERE guest_only = $1",
            &params![0],
            |row| {
                let user = KnownUser { open_id: row.string(2)?, password_hash: row.opt_string(3)? };
                Ok((row.string(0)?, row.string(1)?, user))
            },
        )?;
        for (tenant, user_id, user) in users {
            known.open_ids.entry(tenant.clone()).or_default().insert(user.open_id.clone(), user_id.clone());
            known.users.entry(tenant).or_default().insert(user_id, user);
        }
        let apps = tx.query("SELECT app_id, tenant FROM app", &[], |row| Ok((row.string(0)?, row.string(1)?)))?;
        known.apps.extend(apps);
        let desks = tx.query("SELECT helpdesk_id, tenant, name, answering FROM helpdesk", &[], |row| {
            let desk = KnownDesk {
                tenant: row.string(1)?,
                name: row.string(2)?,
                categories: Vec::new(),
                answering: json(row.text(3)?)?,
                thresholds: HashMap::new(),
                skills: Vec::new(),
            };
            Ok((row.int(0)?, desk))
        })?;
        known.helpdesks.extend(desks);
        for (id, desk) in &mut known.helpdesks {
            let rows = CategoryRow::of(tx, &desk.tenant, *id)?;
            let mut paths = paths(&rows);
            let own = rows.iter().filter(|row| !row.own.is_empty());
            desk.thresholds = own.filter_map(|row| Some((paths.get(&row.id)?.clone(), row.own))).collect();
            desk.categories = rows.iter().filter_map(|row| Some((paths.remove(&row.id)?, row.managed))).collect();
            desk.skills = SkillRow::of(tx, &desk.tenant, *id)?;
        }
        Ok(known)
    }

    /// Ids of the help desks of this name.
    pub(super) fn named(&self, tenant: &str, name: &str) -> Vec<i64> {
        let named = self.helpdesks.iter().filter(|(_, desk)| desk.tenant == tenant && desk.name == name);
        named.map(|(id, _)| *id).collect()
    }
}

/// A row of `category`.
#[derive(Debug, Clone)]
pub(super) struct CategoryRow {
    pub(super) id: i64,
    pub(super) parent: i64,
    pub(super) name: String,
    pub(super) language: Option<String>,
    pub(super) own: Own,
    pub(super) managed: bool,
}

impl CategoryRow {
    /// The help desk's categories in the order in which they were made.
    pub(super) fn of(tx: &mut Tx<'_>, tenant: &str, helpdesk_id: i64) -> Result<Vec<Self>, DbError> {
        tx.query(
            "SELECT category_id, parent_id, name, language, managed, scores FROM category
             WHERE tenant = $1 AND helpdesk_id = $2 ORDER BY category_id",
            &params![tenant, helpdesk_id],
            |row| {
                Ok(Self {
                    id: row.int(0)?,
                    parent: row.int(1)?,
                    name: row.string(2)?,
                    language: row.opt_string(3)?,
                    managed: row.flag(4)?,
                    own: Own::stored(row.opt_text(5)?)?,
                })
            },
        )
    }
}

/// A row of `skill`.
#[derive(Debug, Clone)]
pub(super) struct SkillRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) rules: Vec<Rule>,
    pub(super) is_default: bool,
    pub(super) managed: bool,
}

impl SkillRow {
    /// The help desk's skills in the order in which they were made.
    pub(super) fn of(tx: &mut Tx<'_>, tenant: &str, helpdesk_id: i64) -> Result<Vec<Self>, DbError> {
        tx.query(
            "SELECT skill_id, name, rules, is_default, managed FROM skill
             WHERE tenant = $1 AND helpdesk_id = $2 ORDER BY skill_id",
            &params![tenant, helpdesk_id],
            |row| {
                Ok(Self {
                    id: row.int(0)?,
                    name: row.string(1)?,
                    rules: json(row.text(2)?)?,
                    is_default: row.flag(3)?,
                    managed: row.flag(4)?,
                })
            },
        )
    }
}

/// The path of each category, such as `Accounts/Passwords`.
pub(super) fn paths(rows: &[CategoryRow]) -> HashMap<i64, String> {
    category::joined(rows.iter().map(|row| (row.id, row.parent, row.name.as_str())), "/")
}
