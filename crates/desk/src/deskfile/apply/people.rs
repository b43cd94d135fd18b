//! People with an account.

use db::{DbError, params};

use super::{Diff, Work, given};
use crate::deskfile::report::Action;
use crate::deskfile::types::{Tenant, User};
use crate::directory::json;
use crate::faq::to_json;
use crate::notification::Newcomer;
use crate::person::find;

#[derive(Default)]
struct Row {
    open_id: String,
    name: String,
    email: Option<String>,
    password_hash: Option<String>,
    city: Option<String>,
    country: Option<String>,
    language: Option<String>,
    departments: Vec<String>,
    level: Option<i64>,
    avatar_url: Option<String>,
    role: Option<String>,
    guest_only: bool,
}

impl Work<'_, '_> {
    pub(super) fn user(&mut self, tenant: &Tenant, user: &User) -> Result<(), DbError> {
        let found = self.tx.query_opt(
            "SELECT open_id, name, email, password_hash, city, country, language, departments, level, avatar_url,
                    guest_only, role
             FROM person WHERE tenant = $1 AND user_id = $2",
            &params![&tenant.key, &user.id],
            |row| {
                Ok(Row {
                    open_id: row.string(0)?,
                    name: row.string(1)?,
                    email: row.opt_string(2)?,
                    password_hash: row.opt_string(3)?,
                    city: row.opt_string(4)?,
                    country: row.opt_string(5)?,
                    language: row.opt_string(6)?,
                    departments: json(row.text(7)?)?,
                    level: row.opt_int(8)?,
                    avatar_url: row.opt_string(9)?,
                    guest_only: row.flag(10)?,
                    role: row.opt_string(11)?,
                })
            },
        )?;
        let is_new = found.is_none();
        let mut row = found.unwrap_or_default();
        let mut diff = Diff::default();
        diff.set("name", &mut row.name, user.name.trim().to_owned());
        diff.set_if("open_id", &mut row.open_id, user.open_id.clone());
        diff.set_if("email", &mut row.email, given(user.email.as_deref()));
        diff.set_if("city", &mut row.city, given(user.city.as_deref()));
        diff.set_if("country", &mut row.country, given(user.country.as_deref()));
        diff.set_if("language", &mut row.language, given(user.language.as_deref()));
        diff.set_if("departments", &mut row.departments, user.departments.clone());
        diff.set_if("level", &mut row.level, user.level.map(Some));
        diff.set_if("avatar_url", &mut row.avatar_url, given(user.avatar_url.as_deref()));
        // A role stays only as long as the file says so.
        diff.set("role", &mut row.role, user.role.map(|role| role.as_str().to_owned()));
        let hash = self.prepared.password_hash(&tenant.key, &user.id).map(str::to_owned);
        diff.set_if("password", &mut row.password_hash, hash.map(Some));
        let was_guest = diff.set("account", &mut row.guest_only, false);
        if row.open_id.is_empty() {
            row.open_id = self.cx.ids.tagged("ou_");
            self.report.made(&[&tenant.key, &user.id, "open_id"], &row.open_id);
        }
        if is_new || was_guest {
            let departments = row.departments.clone();
            self.newcomers.push(Newcomer { user_id: user.id.clone(), departments });
        }
        let what = format!("user {} of {}", user.id, tenant.key);
        if is_new {
            self.insert_user(tenant, user, &row)?;
            find::keep(self.tx, &tenant.key, &user.id)?;
            self.report.changed(Action::Created, what);
        } else if !diff.is_empty() {
            self.update_user(tenant, user, &row)?;
            find::keep(self.tx, &tenant.key, &user.id)?;
            self.report.changed(Action::Updated, format!("{what}: {}", diff.columns()));
        }
        Ok(())
    }

    fn insert_user(&mut self, tenant: &Tenant, user: &User, row: &Row) -> Result<(), DbError> {
        self.tx.execute(
            "INSERT INTO person (tenant, user_id, union_id, open_id, name, email, password_hash, city, country,
                                 language, departments, level, avatar_url, role, guest_only, managed, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, $16)",
            &params![
                &tenant.key,
                &user.id,
                &self.cx.ids.tagged("on_"),
                &row.open_id,
                &row.name,
                &row.email,
                &row.password_hash,
                &row.city,
                &row.country,
                &row.language,
                &to_json(&row.departments),
                row.level,
                &row.avatar_url,
                &row.role,
                self.managed,
                self.cx.now
            ],
        )?;
        Ok(())
    }

    fn update_user(&mut self, tenant: &Tenant, user: &User, row: &Row) -> Result<(), DbError> {
        self.tx.execute(
            "UPDATE person SET open_id = $1, name = $2, email = $3, password_hash = $4, city = $5, country = $6,
                               language = $7, departments = $8, level = $9, avatar_url = $10, role = $11, guest_only = 0
             WHERE tenant = $12 AND user_id = $13",
            &params![
                &row.open_id,
                &row.name,
                &row.email,
                &row.password_hash,
                &row.city,
                &row.country,
                &row.language,
                &to_json(&row.departments),
                row.level,
                &row.avatar_url,
                &row.role,
                &tenant.key,
                &user.id
            ],
        )?;
        Ok(())
    }

    /// People whom an earlier file made and this one no longer names lose their password and their role.
    pub(super) fn leaving_users(&mut self, tenant: &Tenant) -> Result<(), DbError> {
        let Some(users) = &tenant.users else { return Ok(()) };
        let named: std::collections::HashSet<&str> = users.iter().map(|user| user.id.as_str()).collect();
        let rows = self.tx.query(
            "SELECT user_id, password_hash, role FROM person WHERE tenant = $1 AND managed = 1",
            &params![&tenant.key],
            |row| Ok((row.string(0)?, [row.opt_text(1)?.map(|_| "password"), row.opt_text(2)?.map(|_| "role")])),
        )?;
        for (user_id, has) in rows.into_iter().filter(|(id, _)| !named.contains(id.as_str())) {
            let has: Vec<&str> = has.into_iter().flatten().collect();
            if !has.is_empty() {
                self.take_account(&tenant.key, &user_id)?;
                let what = format!("user {user_id} of {}: {} taken away", tenant.key, has.join(" and "));
                self.report.changed(Action::Updated, what);
            }
            self.report.kept.push(format!("user {user_id} of {}: tickets may name people, so they stay", tenant.key));
        }
        Ok(())
    }

    /// Somebody loses their password and their role, and stays, because tickets may name them.
    pub(super) fn take_account(&mut self, tenant: &str, user_id: &str) -> Result<(), DbError> {
        self.tx.execute(
            "UPDATE person SET password_hash = NULL, role = NULL WHERE tenant = $1 AND user_id = $2",
            &params![tenant, user_id],
        )?;
        Ok(())
    }
}
