//! Help desks.

use std::collections::HashSet;

use db::{DbError, params};

use super::{Diff, Work};
use crate::admin::{avatar, settings};
use crate::agent::schedule::zone;
use crate::answering::Answering;
use crate::deskfile::report::{Action, slug};
use crate::deskfile::types::{self, Helpdesk, Tenant};
use crate::directory::{Visibility, json, open};
use crate::faq::to_json;
use crate::secret::token_hash;
use crate::{Refusal, ids, skill};

/// What a guest reads first where nothing else is said.
const WELCOME: &str = "Hello! How can we help you?";

/// A help desk that is being applied.
pub(super) struct Place<'a> {
    pub(super) tenant: &'a str,
    pub(super) id: i64,
    /// The desk for people, in a report.
    pub(super) label: String,
    pub(super) desk: &'a Helpdesk,
}

struct Row {
    name: String,
    welcome: String,
    away: String,
    accent: Option<String>,
    description: String,
    avatar_key: Option<String>,
    token_hash: String,
    widget_secret: String,
    owner: String,
    visibility: Visibility,
    answering: Answering,
    timezone: String,
    closed_at: Option<i64>,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            name: String::new(),
            welcome: WELCOME.into(),
            away: String::new(),
            accent: None,
            description: String::new(),
            avatar_key: None,
            token_hash: String::new(),
            widget_secret: String::new(),
            owner: String::new(),
            visibility: Visibility { all: true, ..Visibility::default() },
            answering: Answering::default(),
            timezone: "UTC".into(),
            closed_at: None,
        }
    }
}

impl Work<'_, '_> {
    pub(super) fn helpdesk(&mut self, tenant: &Tenant, desk: &Helpdesk, index: usize) -> Result<(), Refusal> {
        let known_id = match &desk.id {
            Some(id) => ids::parse(id),
            None => self.tx.query_opt(
                "SELECT helpdesk_id FROM helpdesk WHERE tenant = $1 AND name = $2 ORDER BY helpdesk_id LIMIT 1",
                &params![&tenant.key, &desk.name],
                |row| row.int(0),
            )?,
        };
        let name = if slug(&desk.name).is_empty() { (index + 1).to_string() } else { desk.name.clone() };
        let id = known_id.unwrap_or_else(|| {
            let id = self.cx.ids.decimal(self.cx.now);
            self.report.made(&[&tenant.key, "helpdesk", &name, "id"], &id.to_string());
            id
        });
        let label = format!("help desk {id} ({})", desk.name);
        let place = Place { tenant: &tenant.key, id, label, desk };
        let before = self.report.counts;
        self.helpdesk_row(&place, &name)?;
        self.agents(&place)?;
        let duty_changed = self.report.counts != before;
        self.subscriptions(&place)?;
        self.fields(&place)?;
        let categories = self.categories(&place)?;
        let before = self.report.counts;
        self.skills(&place, &categories)?;
        self.agents_skills(&place)?;
        if duty_changed || self.report.counts != before {
            self.rebalance.push(id);
        }
        self.faqs(&place, &categories)?;
        self.cases(&place)?;
        self.leaving_categories(&place)?;
        // Every changed FAQ wakes the same waiter; once is enough.
        self.cx.effects.dedup();
        Ok(())
    }

    fn helpdesk_row(&mut self, place: &Place<'_>, name: &str) -> Result<(), DbError> {
        let found = self.find_helpdesk(place)?;
        let is_new = found.is_none();
        let mut row = found.unwrap_or_default();
        let desk = place.desk;
        let mut diff = Diff::default();
        diff.set("name", &mut row.name, desk.name.clone());
        diff.set_if("welcome", &mut row.welcome, desk.welcome.clone());
        diff.set_if("away", &mut row.away, desk.away.clone());
        // What is no colour was refused by the checks, but for the empty text, which removes it.
        diff.set_if("accent", &mut row.accent, desk.accent.as_deref().map(settings::colour));
        diff.set_if(
            "description",
            &mut row.description,
            desk.description.as_deref().map(|text| text.trim().to_owned()),
        );
        // So was what is no picture.
        let picture = desk.avatar.as_deref().and_then(|text| avatar::parse(text).ok());
        let key = picture.as_ref().map(|picture| picture.as_ref().map(|picture| picture.key.clone()));
        diff.set_if("avatar", &mut row.avatar_key, key);
        diff.set_if("token", &mut row.token_hash, desk.token.as_ref().map(|token| token_hash(token.text())));
        diff.set_if("widget_secret", &mut row.widget_secret, desk.widget_secret.as_ref().map(|s| s.text().to_owned()));
        diff.set("owner", &mut row.owner, desk.owner.clone());
        diff.set_if("visibility", &mut row.visibility, desk.visibility.as_ref().map(stored_visibility));
        diff.set_if("answering", &mut row.answering, desk.answering.clone());
        let zone = desk.timezone.as_deref().and_then(zone);
        diff.set_if("timezone", &mut row.timezone, zone.and_then(|zone| zone.iana_name().map(str::to_owned)));
        if let Some(closed) = desk.closed.filter(|closed| *closed != row.closed_at.is_some()) {
            diff.set("closed", &mut row.closed_at, Some(self.cx.now).filter(|_| closed));
        }
        if row.closed_at.is_some() && desk.closed.is_none() {
            let why = "is closed and stays so; what the file says of it holds once it is opened (closed: false)";
            self.report.kept.push(format!("{} {why}", place.label));
        }
        if is_new {
            self.make_helpdesk_secrets(place, name, &mut row);
            self.insert_helpdesk(place, &row)?;
            skill::create_default(self.tx, self.cx, (place.tenant, place.id))?;
            self.directory(Action::Created, place.label.clone());
        } else if !diff.is_empty() {
            self.update_helpdesk(place, &row)?;
            self.directory(Action::Updated, format!("{}: {}", place.label, diff.columns()));
        }
        if let Some(picture) = picture.filter(|_| is_new || !diff.is_empty()) {
            avatar::keep(self.tx, place.tenant, place.id, picture.as_ref())?;
        }
        Ok(())
    }

    fn find_helpdesk(&mut self, place: &Place<'_>) -> Result<Option<Row>, DbError> {
        let vault = self.vault;
        self.tx.query_opt(
            "SELECT name, welcome, token_hash, widget_secret, owner, visibility, answering, timezone, away, accent,
                    closed_at, description, avatar_key
             FROM helpdesk
             WHERE tenant = $1 AND helpdesk_id = $2",
            &params![place.tenant, place.id],
            |row| {
                Ok(Row {
                    name: row.string(0)?,
                    welcome: row.string(1)?,
                    token_hash: row.string(2)?,
                    widget_secret: open(vault, row.opt_bytes(3)?)?.unwrap_or_default(),
                    owner: row.string(4)?,
                    visibility: json(row.text(5)?)?,
                    answering: json(row.text(6)?)?,
                    timezone: row.string(7)?,
                    away: row.string(8)?,
                    accent: row.opt_string(9)?,
                    closed_at: row.opt_int(10)?,
                    description: row.string(11)?,
                    avatar_key: row.opt_string(12)?,
                })
            },
        )
    }

    fn make_helpdesk_secrets(&mut self, place: &Place<'_>, name: &str, row: &mut Row) {
        if place.desk.token.is_none() {
            let token = self.cx.ids.tagged("ht-");
            self.report.made(&[place.tenant, "helpdesk", name, "token"], &token);
            row.token_hash = token_hash(&token);
        }
        if place.desk.widget_secret.is_none() {
            row.widget_secret = self.cx.ids.tagged("");
            self.report.made(&[place.tenant, "helpdesk", name, "widget_secret"], &row.widget_secret);
        }
    }

    fn insert_helpdesk(&mut self, place: &Place<'_>, row: &Row) -> Result<(), DbError> {
        self.tx.execute(
            "INSERT INTO helpdesk (tenant, helpdesk_id, name, welcome, token_hash, widget_secret, owner, visibility,
                                   answering, timezone, away, accent, closed_at, description, avatar_key,
                                   faq_version, managed, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1, $16, $17)",
            &params![
                place.tenant,
                place.id,
                &row.name,
                &row.welcome,
                &row.token_hash,
                &self.seal(&row.widget_secret),
                &row.owner,
                &to_json(&row.visibility),
                &to_json(&row.answering),
                &row.timezone,
                &row.away,
                &row.accent,
                row.closed_at,
                &row.description,
                &row.avatar_key,
                self.managed,
                self.cx.now
            ],
        )?;
        Ok(())
    }

    fn update_helpdesk(&mut self, place: &Place<'_>, row: &Row) -> Result<(), DbError> {
        self.tx.execute(
            "UPDATE helpdesk SET name = $1, welcome = $2, token_hash = $3, widget_secret = $4, owner = $5,
                                 visibility = $6, answering = $7, timezone = $8, away = $9, accent = $10,
                                 closed_at = $11, description = $12, avatar_key = $13
             WHERE tenant = $14 AND helpdesk_id = $15",
            &params![
                &row.name,
                &row.welcome,
                &row.token_hash,
                &self.seal(&row.widget_secret),
                &row.owner,
                &to_json(&row.visibility),
                &to_json(&row.answering),
                &row.timezone,
                &row.away,
                &row.accent,
                row.closed_at,
                &row.description,
                &row.avatar_key,
                place.tenant,
                place.id
            ],
        )?;
        Ok(())
    }

    /// Help desks that an earlier file made and this one no longer names stay; it is only told.
    pub(super) fn leaving_helpdesks(&mut self, tenant: &Tenant) -> Result<(), DbError> {
        let Some(desks) = &tenant.helpdesks else { return Ok(()) };
        let ids: HashSet<i64> = desks.iter().filter_map(|desk| ids::parse(desk.id.as_deref()?)).collect();
        let names: HashSet<&str> = desks.iter().filter(|desk| desk.id.is_none()).map(|d| d.name.as_str()).collect();
        let rows = self.tx.query(
            "SELECT helpdesk_id, name FROM helpdesk WHERE tenant = $1 AND managed = 1 ORDER BY helpdesk_id",
            &params![&tenant.key],
            |row| Ok((row.int(0)?, row.string(1)?)),
        )?;
        for (id, name) in rows.into_iter().filter(|(id, name)| !ids.contains(id) && !names.contains(name.as_str())) {
            self.report.kept.push(format!("help desk {id} ({name}): help desks stay, because tickets hang on them"));
        }
        Ok(())
    }
}

fn stored_visibility(visibility: &types::Visibility) -> Visibility {
    match visibility {
        types::Visibility::All => Visibility { all: true, ..Visibility::default() },
        types::Visibility::Only(audience) => {
            Visibility { all: false, users: audience.users.clone(), departments: audience.departments.clone() }
        }
    }
}
