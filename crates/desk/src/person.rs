//! People of a tenant: those of the desk file and guests who came by themselves.

pub mod find;

use std::collections::{BTreeSet, HashMap};

use db::{DbError, Tx, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::directory::json;
use crate::event::Who;
use crate::lookup::by_ids;
use crate::{Cx, Kind, Refusal, language};

/// A desk file gives an e-mail address to one user only, several files may give it to several.
const SAME_EMAIL_MAX: i64 = 3;

/// What a person may do in the whole tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserRole {
    /// Signs in to the admin API and sees everything of the tenant.
    Admin,
}

impl UserRole {
    /// The word in the database and in desk files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
        }
    }

    /// The role that the database holds.
    pub(crate) fn stored(word: Option<&str>) -> Result<Option<Self>, DbError> {
        match word {
            None => Ok(None),
            Some("admin") => Ok(Some(Self::Admin)),
            Some(other) => Err(DbError::Corrupt(format!("{other} is no role that this version knows"))),
        }
    }
}

/// A person.
#[derive(Debug, Clone)]
pub struct Person {
    /// The tenant's own id.
    pub user_id: String,
    /// `on_…`
    pub union_id: String,
    /// `ou_…`
    pub open_id: String,
    /// The display name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Country code.
    pub country: Option<String>,
    /// Language, such as `zh-CN`.
    pub language: Option<String>,
    /// Ids of departments.
    pub departments: Vec<String>,
}

impl Person {
    /// Whether Chinese is this person's language; texts of the desk's own come in Chinese or English.
    pub fn reads_chinese(&self) -> bool {
        language::is_chinese(self.language.as_deref())
    }

    /// The three ids, as events show them.
    pub fn who(&self) -> Who {
        Who { open_id: self.open_id.clone(), union_id: self.union_id.clone(), user_id: self.user_id.clone() }
    }
}

/// A user's id as a number above zero, for the one place where the open API shows people so (a ticket's remark). It is
/// made from the user id and always the same.
pub fn number(user_id: &str) -> i64 {
    let digest = Sha256::digest(user_id.as_bytes());
    let bytes: [u8; 8] = std::array::from_fn(|i| digest[i]);
    (i64::from_be_bytes(bytes) & i64::MAX).max(1)
}

fn read(row: &db::Row<'_>) -> Result<Person, DbError> {
    Ok(Person {
        user_id: row.string(0)?,
        union_id: row.string(1)?,
        open_id: row.string(2)?,
        name: row.string(3)?,
        email: row.opt_string(4)?,
        city: row.opt_string(5)?,
        country: row.opt_string(6)?,
        language: row.opt_string(7)?,
        departments: json(row.text(8)?)?,
    })
}

/// The person with this user id.
pub fn get(tx: &mut Tx<'_>, tenant: &str, user_id: &str) -> Result<Option<Person>, DbError> {
    tx.query_opt(
        "SELECT user_id, union_id, open_id, name, email, city, country, language, departments
         FROM person WHERE tenant = $1 AND user_id = $2",
        &params![tenant, user_id],
        read,
    )
}

/// The person with this open id.
pub fn by_open_id(tx: &mut Tx<'_>, tenant: &str, open_id: &str) -> Result<Option<Person>, DbError> {
    tx.query_opt(
        "SELECT user_id, union_id, open_id, name, email, city, country, language, departments
         FROM person WHERE tenant = $1 AND open_id = $2",
        &params![tenant, open_id],
        read,
    )
}

/// The people with these user ids, by user id; unknown ones are left out.
pub fn several<'u>(
    tx: &mut Tx<'_>,
    tenant: &str,
    user_ids: impl Iterator<Item = &'u str>,
) -> Result<HashMap<String, Person>, DbError> {
    let distinct: Vec<&str> = user_ids.collect::<BTreeSet<_>>().into_iter().collect();
    let people = by_ids(
        tx,
        "SELECT user_id, union_id, open_id, name, email, city, country, language, departments
         FROM person WHERE tenant = $1 AND user_id IN
         ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        tenant,
        &distinct,
        read,
    )?;
    Ok(people.into_iter().map(|person| (person.user_id.clone(), person)).collect())
}

/// What the people with these open ids are called, by open id; unknown ones are left out.
pub fn names(tx: &mut Tx<'_>, tenant: &str, open_ids: &[&str]) -> Result<HashMap<String, String>, DbError> {
    let named = by_ids(
        tx,
        "SELECT open_id, name FROM person WHERE tenant = $1 AND open_id IN
         ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        tenant,
        open_ids,
        |row| Ok((row.string(0)?, row.string(1)?)),
    )?;
    Ok(named.into_iter().collect())
}

/// Which of a person's ids a call speaks of (reference: `user_id_type`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IdKind {
    /// `ou_…`
    #[default]
    Open,
    /// `on_…`
    Union,
    /// The tenant's own.
    User,
}

impl IdKind {
    /// The id of this kind.
    pub fn of(self, who: &Who) -> &str {
        match self {
            Self::Open => &who.open_id,
            Self::Union => &who.union_id,
            Self::User => &who.user_id,
        }
    }
}

/// The person with this id of that kind, or a refusal that names it.
pub fn require_by(tx: &mut Tx<'_>, tenant: &str, kind: IdKind, id: &str) -> Result<Person, Refusal> {
    let found = match kind {
        IdKind::Open => by_open_id(tx, tenant, id)?,
        IdKind::User => get(tx, tenant, id)?,
        IdKind::Union => tx.query_opt(
            "SELECT user_id, union_id, open_id, name, email, city, country, language, departments
             FROM person WHERE tenant = $1 AND union_id = $2",
            &params![tenant, id],
            read,
        )?,
    };
    found.ok_or_else(|| Refusal::not_found(Kind::User, id))
}

/// The user ids behind ids of a kind; what names nobody is not among them.
pub fn user_ids_of(
    tx: &mut Tx<'_>,
    tenant: &str,
    kind: IdKind,
    ids: &[&str],
) -> Result<HashMap<String, String>, DbError> {
    let sql = match kind {
        IdKind::Open => {
            "SELECT open_id, user_id FROM person WHERE tenant = $1 AND open_id IN
             ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)"
        }
        IdKind::Union => {
            "SELECT union_id, user_id FROM person WHERE tenant = $1 AND union_id IN
             ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)"
        }
        IdKind::User => {
            "SELECT user_id, user_id FROM person WHERE tenant = $1 AND user_id IN
             ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)"
        }
    };
    let found = by_ids(tx, sql, tenant, ids, |row| Ok((row.string(0)?, row.string(1)?)))?;
    Ok(found.into_iter().collect())
}

/// The person with this open id, or a refusal that names it.
pub fn require(tx: &mut Tx<'_>, tenant: &str, open_id: &str) -> Result<Person, Refusal> {
    by_open_id(tx, tenant, open_id)?.ok_or_else(|| Refusal::not_found(Kind::User, open_id))
}

/// Whether the person with this user id has a password; `None` if there is nobody.
pub fn may_log_in(tx: &mut Tx<'_>, tenant: &str, user_id: &str) -> Result<Option<bool>, DbError> {
    tx.query_opt(
        "SELECT password_hash FROM person WHERE tenant = $1 AND user_id = $2",
        &params![tenant, user_id],
        |row| Ok(row.opt_text(0)?.is_some()),
    )
}

/// The role of the person with this user id.
pub fn role(tx: &mut Tx<'_>, tenant: &str, user_id: &str) -> Result<Option<UserRole>, DbError> {
    let found =
        tx.query_opt("SELECT role FROM person WHERE tenant = $1 AND user_id = $2", &params![tenant, user_id], |row| {
            UserRole::stored(row.opt_text(0)?)
        });
    Ok(found?.flatten())
}

/// The people of a tenant who log in with this e-mail address, whatever its case, and the hashes of their passwords:
/// mostly one, three at most.
pub fn by_login(tx: &mut Tx<'_>, tenant: &str, email: &str) -> Result<Vec<(Person, String)>, DbError> {
    tx.query(
        "SELECT user_id, union_id, open_id, name, email, city, country, language, departments, password_hash
         FROM person WHERE tenant = $1 AND lower(email) = lower($2) AND password_hash IS NOT NULL LIMIT $3",
        &params![tenant, email, SAME_EMAIL_MAX],
        |row| Ok((read(row)?, row.string(9)?)),
    )
}

/// The one user who signs in with this e-mail address, whatever its case. Guests who came by themselves say any address they
/// like, so they do not count.
pub fn account_by_email(tx: &mut Tx<'_>, tenant: &str, email: &str) -> Result<Person, Refusal> {
    let email = email.trim();
    if email.is_empty() {
        return Err(Refusal::invalid("email", "must not be empty"));
    }
    let mut found = by_login(tx, tenant, email)?;
    match (found.pop(), found.is_empty()) {
        (Some((only, _)), true) => Ok(only),
        (Some(_), false) => {
            let why = format!("several users of this tenant sign in with {email}; give each an address of their own");
            Err(Refusal::invalid("email", why))
        }
        (None, _) => {
            let why =
                format!("no user of this tenant signs in with {email}; an agent needs an account with a password");
            Err(Refusal::invalid("email", why))
        }
    }
}

/// What a guest who comes by themselves says about themselves.
#[derive(Debug, Clone, Default)]
pub struct NewGuest {
    /// Display name; `Guest` if they give none.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Language, such as `zh-CN`.
    pub language: Option<String>,
}

/// Makes a person for a guest who came by themselves.
pub fn create_guest(tx: &mut Tx<'_>, cx: &mut Cx, tenant: &str, guest: &NewGuest) -> Result<Person, DbError> {
    let person = Person {
        user_id: cx.ids.tagged("g_"),
        union_id: cx.ids.tagged("on_"),
        open_id: cx.ids.tagged("ou_"),
        name: guest.name.clone().unwrap_or_else(|| "Guest".into()),
        email: guest.email.clone(),
        city: None,
        country: None,
        language: guest.language.clone(),
        departments: Vec::new(),
    };
    tx.execute(
        "INSERT INTO person (tenant, user_id, union_id, open_id, name, email, language, departments, guest_only,
                             managed, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, '[]', 1, 0, $8)",
        &params![
            tenant,
            &person.user_id,
            &person.union_id,
            &person.open_id,
            &person.name,
            &person.email,
            &person.language,
            cx.now
        ],
    )?;
    Ok(person)
}
