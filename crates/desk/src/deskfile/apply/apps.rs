//! Apps and their event pages.

use std::collections::HashSet;

use db::{DbError, params};

use super::{Diff, Work, given};
use crate::deskfile::report::Action;
use crate::deskfile::types::{App, Secret, Tenant};
use crate::directory::{AppType, Delivery, json, open};
use crate::faq::to_json;
use crate::secret::token_hash;

struct Row {
    app_type: String,
    secret_hash: String,
    secret_version: i64,
    scopes: Vec<String>,
    delivery: String,
    url: Option<String>,
    url_verified: Option<String>,
    verification_token: Option<String>,
    encrypt_key: Option<String>,
    event_types: Vec<String>,
    name: Option<String>,
    redirect_urls: Vec<String>,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            app_type: AppType::Custom.as_str().into(),
            secret_hash: String::new(),
            secret_version: 0,
            scopes: Vec::new(),
            delivery: Delivery::Webhook.as_str().into(),
            url: None,
            url_verified: None,
            verification_token: None,
            encrypt_key: None,
            event_types: Vec::new(),
            name: None,
            redirect_urls: Vec::new(),
        }
    }
}

impl Work<'_, '_> {
    pub(super) fn app(&mut self, tenant: &Tenant, app: &App) -> Result<(), DbError> {
        let found = self.find_app(tenant, app)?;
        let is_new = found.is_none();
        // An app that comes back must not bring back the versions, and with them the tokens, of an earlier life.
        let mut row = found.unwrap_or_else(|| Row { secret_version: self.cx.now / 1000, ..Row::default() });
        let mut diff = Diff::default();
        diff.set_if("type", &mut row.app_type, app.app_type.map(|t| t.as_str().to_owned()));
        diff.set_if("name", &mut row.name, given(app.name.as_deref()));
        diff.set_if("scopes", &mut row.scopes, app.scopes.clone());
        diff.set_if("redirect_urls", &mut row.redirect_urls, app.redirect_urls.clone());
        let hash = app.app_secret.as_ref().map(|secret| token_hash(secret.text()));
        if diff.set_if("app_secret", &mut row.secret_hash, hash) && !is_new {
            // Tokens made under the old secret carry its version, and so are void from now on.
            row.secret_version += 1;
        }
        if let Some(events) = &app.events {
            diff.set_if("delivery", &mut row.delivery, events.delivery.map(|d| d.as_str().to_owned()));
            if diff.set_if("url", &mut row.url, given(events.url.as_deref())) {
                row.url_verified = None;
            }
            let token = given(events.verification_token.as_ref().map(Secret::text));
            diff.set_if("verification_token", &mut row.verification_token, token);
            let key = given(events.encrypt_key.as_ref().map(Secret::text));
            diff.set_if("encrypt_key", &mut row.encrypt_key, key);
            diff.set_if("event types", &mut row.event_types, events.types.clone());
        }
        let what = format!("app {} of {}", app.app_id, tenant.key);
        if is_new {
            self.make_secrets(tenant, app, &mut row);
            self.insert_app(tenant, app, &row)?;
            self.directory(Action::Created, what);
        } else if !diff.is_empty() {
            self.update_app(tenant, app, &row)?;
            self.directory(Action::Updated, format!("{what}: {}", diff.columns()));
        }
        Ok(())
    }

    fn find_app(&mut self, tenant: &Tenant, app: &App) -> Result<Option<Row>, DbError> {
        let vault = self.vault;
        self.tx.query_opt(
            "SELECT app_type, secret_hash, secret_version, scopes, delivery, url, url_verified, verification_token,
                    encrypt_key, event_types, name, redirect_urls
             FROM app WHERE tenant = $1 AND app_id = $2",
            &params![&tenant.key, &app.app_id],
            |row| {
                Ok(Row {
                    app_type: row.string(0)?,
                    secret_hash: row.string(1)?,
                    secret_version: row.int(2)?,
                    scopes: json(row.text(3)?)?,
                    delivery: row.string(4)?,
                    url: row.opt_string(5)?,
                    url_verified: row.opt_string(6)?,
                    verification_token: open(vault, row.opt_bytes(7)?)?,
                    encrypt_key: open(vault, row.opt_bytes(8)?)?,
                    event_types: json(row.text(9)?)?,
                    name: row.opt_string(10)?,
                    redirect_urls: json(row.text(11)?)?,
                })
            },
        )
    }

    fn make_secrets(&mut self, tenant: &Tenant, app: &App, row: &mut Row) {
        if app.app_secret.is_none() {
            let secret = self.cx.ids.tagged("");
            self.report.made(&[&tenant.key, &app.app_id, "app_secret"], &secret);
            row.secret_hash = token_hash(&secret);
        }
        if app.events.as_ref().is_none_or(|events| events.verification_token.is_none()) {
            let token = self.cx.ids.tagged("");
            self.report.made(&[&tenant.key, &app.app_id, "verification_token"], &token);
            row.verification_token = Some(token);
        }
    }

    fn insert_app(&mut self, tenant: &Tenant, app: &App, row: &Row) -> Result<(), DbError> {
        let token = self.seal_opt(row.verification_token.as_ref());
        let key = self.seal_opt(row.encrypt_key.as_ref());
        self.tx.execute(
            "INSERT INTO app (tenant, app_id, app_type, secret_hash, secret_version, scopes, delivery, url,
                              verification_token, encrypt_key, event_types, name, redirect_urls, managed, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            &params![
                &tenant.key,
                &app.app_id,
                &row.app_type,
                &row.secret_hash,
                row.secret_version,
                &to_json(&row.scopes),
                &row.delivery,
                &row.url,
                token.as_ref(),
                key.as_ref(),
                &to_json(&row.event_types),
                &row.name,
                &to_json(&row.redirect_urls),
                self.managed,
                self.cx.now
            ],
        )?;
        Ok(())
    }

    fn update_app(&mut self, tenant: &Tenant, app: &App, row: &Row) -> Result<(), DbError> {
        let token = self.seal_opt(row.verification_token.as_ref());
        let key = self.seal_opt(row.encrypt_key.as_ref());
        self.tx.execute(
            "UPDATE app SET app_type = $1, secret_hash = $2, secret_version = $3, scopes = $4, delivery = $5, url = $6,
                            url_verified = $7, verification_token = $8, encrypt_key = $9, event_types = $10,
                            name = $11, redirect_urls = $12
             WHERE tenant = $13 AND app_id = $14",
            &params![
                &row.app_type,
                &row.secret_hash,
                row.secret_version,
                &to_json(&row.scopes),
                &row.delivery,
                &row.url,
                &row.url_verified,
                token.as_ref(),
                key.as_ref(),
                &to_json(&row.event_types),
                &row.name,
                &to_json(&row.redirect_urls),
                &tenant.key,
                &app.app_id
            ],
        )?;
        if row.delivery == Delivery::Webhook.as_str() {
            // What waited for a connection need not wait any longer.
            let all = crate::outbox::COUNTED_MAX;
            crate::outbox::connected(self.tx, self.cx, &tenant.key, &app.app_id, all)?;
        }
        Ok(())
    }

    /// Apps that an earlier file made and this one no longer names go, with their subscriptions; what waits for them
    /// in the outbox is given up.
    pub(super) fn leaving_apps(&mut self, tenant: &Tenant) -> Result<(), DbError> {
        let Some(apps) = &tenant.apps else { return Ok(()) };
        let named: HashSet<&str> = apps.iter().map(|app| app.app_id.as_str()).collect();
        let rows = self.tx.query(
            "SELECT app_id FROM app WHERE tenant = $1 AND managed = 1",
            &params![&tenant.key],
            |row| row.string(0),
        )?;
        for app_id in rows.into_iter().filter(|id| !named.contains(id.as_str())) {
            self.remove_app(&tenant.key, &app_id)?;
        }
        Ok(())
    }

    /// An app goes, with its subscriptions; what waits for it in the outbox is given up.
    pub(super) fn remove_app(&mut self, tenant: &str, app_id: &str) -> Result<(), DbError> {
        self.tx.execute("DELETE FROM subscription WHERE tenant = $1 AND app_id = $2", &params![tenant, app_id])?;
        crate::outbox::give_up(self.tx, self.cx, tenant, app_id)?;
        self.tx.execute("DELETE FROM app WHERE tenant = $1 AND app_id = $2", &params![tenant, app_id])?;
        self.directory(Action::Removed, format!("app {app_id} of {tenant}"));
        Ok(())
    }
}
