//! The desk file of what is there.

use std::collections::{BTreeMap, HashMap};

use db::{DbError, Tx, params};

use super::known::{CategoryRow, SkillRow, paths};
use super::pictures::written;
use super::rules::with_paths;
use super::types::{
    Agent, AgentRole, App, Audience, Case, Category, DeskFile, Events, Faq, FaqImage, Field, Helpdesk, Options,
    Presence, Secret, Skill, Subscription, Tenant, User, Visibility,
};
use crate::admin::avatar;
use crate::agent::CAPACITY_DEFAULT;
use crate::agent::schedule::Slot;
use crate::agent::status::ONLINE;
use crate::category::TOP;
use crate::directory::{self, AppType, Delivery, json, open};
use crate::faq::{Content, RichItem, answer};
use crate::field::{Family, FieldType};
use crate::person::UserRole;
use crate::replay::case::NOTHING;
use crate::skill::rule::Rule;
use crate::vault::Vault;

/// Writes what is there as a desk file. Passwords, app secrets and help desk tokens are kept only as hashes and
/// cannot be written; the other secrets are written if `with_secrets` says so. FAQs in the recycle bin and guests who
/// came by themselves are left out.
pub fn export(tx: &mut Tx<'_>, vault: &Vault, with_secrets: bool) -> Result<DeskFile, DbError> {
    let rows = tx.query("SELECT tenant, name FROM tenant", &[], |row| Ok((row.string(0)?, row.string(1)?)))?;
    let rows: BTreeMap<String, String> = rows.into_iter().collect();
    let mut tenants = Vec::new();
    for (key, name) in rows {
        let mut source = Source { tx, vault, with_secrets, tenant: &key };
        let users = Some(source.users()?);
        let apps = Some(source.apps()?);
        let helpdesks = Some(source.helpdesks()?);
        tenants.push(Tenant { key, name, users, apps, helpdesks });
    }
    Ok(DeskFile { version: 1, tenants })
}

struct Source<'s, 't> {
    tx: &'s mut Tx<'t>,
    vault: &'s Vault,
    with_secrets: bool,
    tenant: &'s str,
}

impl Source<'_, '_> {
    fn users(&mut self) -> Result<Vec<User>, DbError> {
        let mut users = self.tx.query(
            "SELECT user_id, name, email, open_id, city, country, language, departments, level, avatar_url, role
             FROM person
             WHERE tenant = $1 AND guest_only = 0",
            &params![self.tenant],
            |row| {
                Ok(User {
                    id: row.string(0)?,
                    name: row.string(1)?,
                    email: row.opt_string(2)?,
                    password: None,
                    open_id: row.opt_string(3)?,
                    city: row.opt_string(4)?,
                    country: row.opt_string(5)?,
                    language: row.opt_string(6)?,
                    departments: Some(json::<Vec<String>>(row.text(7)?)?).filter(|list| !list.is_empty()),
                    level: row.opt_int(8)?,
                    avatar_url: row.opt_string(9)?,
                    role: UserRole::stored(row.opt_text(10)?)?,
                })
            },
        )?;
        users.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(users)
    }

    fn apps(&mut self) -> Result<Vec<App>, DbError> {
        let (vault, with_secrets) = (self.vault, self.with_secrets);
        let secret = move |sealed: Option<&[u8]>| -> Result<Option<Secret>, DbError> {
            if with_secrets { Ok(open(vault, sealed)?.map(Secret)) } else { Ok(None) }
        };
        let mut apps = self.tx.query(
            "SELECT app_id, app_type, scopes, delivery, url, verification_token, encrypt_key, event_types, name,
                    redirect_urls
             FROM app WHERE tenant = $1",
            &params![self.tenant],
            |row| {
                let webhook = row.text(3)? == Delivery::Webhook.as_str();
                let events = Events {
                    delivery: Some(if webhook { Delivery::Webhook } else { Delivery::LongConnection }),
                    url: row.opt_string(4)?,
                    verification_token: secret(row.opt_bytes(5)?)?,
                    encrypt_key: secret(row.opt_bytes(6)?)?,
                    types: Some(json(row.text(7)?)?),
                };
                let store = row.text(1)? == AppType::Store.as_str();
                Ok(App {
                    app_id: row.string(0)?,
                    app_secret: None,
                    app_type: Some(if store { AppType::Store } else { AppType::Custom }),
                    name: row.opt_string(8)?,
                    scopes: Some(json(row.text(2)?)?),
                    redirect_urls: Some(json::<Vec<String>>(row.text(9)?)?).filter(|list| !list.is_empty()),
                    events: Some(events),
                })
            },
        )?;
        apps.sort_by(|a, b| a.app_id.cmp(&b.app_id));
        Ok(apps)
    }

    fn helpdesks(&mut self) -> Result<Vec<Helpdesk>, DbError> {
        let (vault, with_secrets) = (self.vault, self.with_secrets);
        let rows = self.tx.query(
            "SELECT helpdesk_id, name, welcome, widget_secret, owner, visibility, answering, timezone, away, accent,
                    closed_at, description
             FROM helpdesk
             WHERE tenant = $1 ORDER BY helpdesk_id",
            &params![self.tenant],
            |row| {
                let id = row.int(0)?;
                let secret = if with_secrets { open(vault, row.opt_bytes(3)?)?.map(Secret) } else { None };
                let desk = Helpdesk {
                    id: Some(id.to_string()),
                    token: None,
                    name: row.string(1)?,
                    welcome: row.opt_string(2)?,
                    away: row.opt_string(8)?.filter(|away| !away.is_empty()),
                    accent: row.opt_string(9)?,
                    description: Some(row.string(11)?).filter(|text| !text.is_empty()),
                    avatar: None,
                    widget_secret: secret,
                    owner: row.string(4)?,
                    closed: row.opt_int(10)?.map(|_| true),
                    timezone: row.opt_string(7)?,
                    skills: None,
                    agents: None,
                    visibility: Some(visibility(json(row.text(5)?)?)),
                    answering: Some(json(row.text(6)?)?),
                    subscriptions: None,
                    ticket_fields: None,
                    user_fields: None,
                    categories: None,
                    faqs: None,
                    cases: None,
                };
                Ok((id, desk))
            },
        )?;
        let mut desks = Vec::new();
        for (id, mut desk) in rows {
            desk.avatar = avatar::written(self.tx, self.tenant, id)?;
            desk.agents = Some(self.agents(id, &desk.owner)?);
            desk.subscriptions = Some(self.subscriptions(id)?);
            desk.ticket_fields = self.fields(id, Family::Ticket)?;
            desk.user_fields = self.fields(id, Family::User)?;
            let rows = CategoryRow::of(self.tx, self.tenant, id)?;
            desk.categories = Some(tree(&rows));
            let paths = paths(&rows);
            desk.skills = Some(self.skills(id, &paths)?);
            desk.faqs = Some(self.faqs(id, &paths)?);
            desk.cases = self.cases(id)?;
            desks.push(desk);
        }
        Ok(desks)
    }

    fn agents(&mut self, helpdesk_id: i64, owner: &str) -> Result<Vec<Agent>, DbError> {
        let mut agents = self.tx.query(
            "SELECT user_id, role, status, schedule, capacity FROM agent
             WHERE tenant = $1 AND helpdesk_id = $2 AND removed_at IS NULL",
            &params![self.tenant, helpdesk_id],
            |row| {
                let user = row.string(0)?;
                let admin = row.text(1)? == directory::Role::Admin.as_str();
                let role = if admin { AgentRole::Admin } else { AgentRole::Agent };
                let role = Some(role).filter(|_| user != owner);
                let status = Some(if row.int(2)? == ONLINE { Presence::Online } else { Presence::Offline });
                let schedule = Some(json::<Vec<Slot>>(row.text(3)?)?).filter(|slots| !slots.is_empty());
                let capacity = Some(row.int(4)?).filter(|capacity| *capacity != CAPACITY_DEFAULT);
                Ok(Agent { user, role, status, schedule, skills: None, capacity })
            },
        )?;
        let mut skills = self.tx.query(
            "SELECT m.user_id, s.name FROM agent_skill m
             JOIN skill s ON s.tenant = m.tenant AND s.helpdesk_id = m.helpdesk_id AND s.skill_id = m.skill_id
             WHERE m.tenant = $1 AND m.helpdesk_id = $2",
            &params![self.tenant, helpdesk_id],
            |row| Ok((row.string(0)?, row.string(1)?)),
        )?;
        skills.sort();
        agents.sort_by(|a, b| a.user.cmp(&b.user));
        for (user, name) in skills {
            if let Ok(i) = agents.binary_search_by(|agent| agent.user.cmp(&user)) {
                agents[i].skills.get_or_insert_default().push(name);
            }
        }
        Ok(agents)
    }

    fn skills(&mut self, helpdesk_id: i64, paths: &HashMap<i64, String>) -> Result<Vec<Skill>, DbError> {
        let path_of = |id: i64| paths.get(&id).cloned();
        let mut rows = SkillRow::of(self.tx, self.tenant, helpdesk_id)?;
        rows.sort_by_key(|row| !row.is_default);
        let skill = |row: SkillRow| {
            let rules: Vec<Rule> = row.rules.iter().map(|rule| with_paths(rule, &path_of)).collect();
            Skill { name: row.name, default: row.is_default, rules: Some(rules).filter(|rules| !rules.is_empty()) }
        };
        Ok(rows.into_iter().map(skill).collect())
    }

    fn subscriptions(&mut self, helpdesk_id: i64) -> Result<Vec<Subscription>, DbError> {
        let mut rows = self.tx.query(
            "SELECT app_id, event_type FROM subscription WHERE tenant = $1 AND helpdesk_id = $2",
            &params![self.tenant, helpdesk_id],
            |row| Ok((row.string(0)?, row.string(1)?)),
        )?;
        rows.sort();
        let subscription = |(app, event_type): (String, String)| {
            let kind = event_type.rsplit_once('.').map_or(event_type.as_str(), |(kind, _)| kind).to_owned();
            let subtype = event_type.strip_prefix("helpdesk.").unwrap_or(&event_type).to_owned();
            Subscription { app, kind, subtype }
        };
        Ok(rows.into_iter().map(subscription).collect())
    }

    /// The fields of a family by place; `None` if there are none.
    fn fields(&mut self, helpdesk_id: i64, family: Family) -> Result<Option<Vec<Field>>, DbError> {
        let fields = self.tx.query(
            "SELECT field_id, key_name, display_name, place, field_type, description, visible, editable, required,
                    multiple, choices
             FROM field WHERE tenant = $1 AND helpdesk_id = $2 AND family = $3 ORDER BY place, field_id",
            &params![self.tenant, helpdesk_id, family.as_str()],
            |row| {
                let field_type = FieldType::stored(row.text(4)?)?;
                let mut field = Field {
                    id: Some(row.int(0)?.to_string()),
                    key_name: row.string(1)?,
                    display_name: row.string(2)?,
                    position: Some(row.int(3)?),
                    field_type: Some(field_type),
                    description: Some(row.string(5)?).filter(|text| !text.is_empty()),
                    visible: Some(row.flag(6)?),
                    editable: Some(row.flag(7)?),
                    required: Some(row.flag(8)?),
                    dropdown_allow_multiple: Some(row.flag(9)?),
                    dropdown_options: Some(Options { children: json(row.text(10)?)? }),
                };
                options(field_type, &mut field);
                Ok(field)
            },
        )?;
        Ok(Some(fields).filter(|fields| !fields.is_empty()))
    }

    /// The kept cases, oldest first; `None` if there are none.
    fn cases(&mut self, helpdesk_id: i64) -> Result<Option<Vec<Case>>, DbError> {
        let cases = self.tx.query(
            "SELECT text, faq_id, note FROM kept_case WHERE tenant = $1 AND helpdesk_id = $2 ORDER BY case_id",
            &params![self.tenant, helpdesk_id],
            |row| {
                let wanted = row.opt_int(1)?.map_or_else(|| NOTHING.to_owned(), |id| id.to_string());
                let note = Some(row.string(2)?).filter(|note| !note.is_empty());
                Ok(Case { text: row.string(0)?, wanted, note })
            },
        )?;
        Ok(Some(cases).filter(|cases| !cases.is_empty()))
    }

    fn pictures(&mut self, helpdesk_id: i64) -> Result<HashMap<i64, Vec<FaqImage>>, DbError> {
        let rows = self.tx.query(
            "SELECT faq_id, image_key, bytes FROM faq_image
             WHERE tenant = $1 AND helpdesk_id = $2 ORDER BY faq_id, image_key",
            &params![self.tenant, helpdesk_id],
            |row| Ok((row.int(0)?, written(row.string(1)?, row.bytes(2)?))),
        )?;
        let mut pictures: HashMap<i64, Vec<FaqImage>> = HashMap::new();
        for (faq_id, image) in rows {
            pictures.entry(faq_id).or_default().push(image);
        }
        Ok(pictures)
    }

    fn faqs(&mut self, helpdesk_id: i64, paths: &HashMap<i64, String>) -> Result<Vec<Faq>, DbError> {
        let mut pictures = self.pictures(helpdesk_id)?;
        self.tx.query(
            "SELECT faq_id, question, similar_questions, answer, answer_richtext, category_id FROM faq
             WHERE tenant = $1 AND helpdesk_id = $2 AND status = 1 ORDER BY faq_id",
            &params![self.tenant, helpdesk_id],
            |row| {
                let id = row.int(0)?;
                let plain = row.string(3)?;
                let rich: Vec<RichItem> = json(row.text(4)?)?;
                // The rich form that is made from the plain one need not be written.
                let plain_only = Content { answer: Some(plain.clone()), ..Content::default() };
                let made = answer(&plain_only, "faq").map(|made| made.rich).unwrap_or_default();
                // Pictures of earlier answers are not part of the file.
                let mut images = pictures.remove(&id).unwrap_or_default();
                images.retain(|image| rich.iter().any(|item| item.get("key").is_some_and(|key| *key == image.key)));
                Ok(Faq {
                    id: Some(id.to_string()),
                    question: row.string(1)?,
                    similar: Some(json::<Vec<String>>(row.text(2)?)?).filter(|list| !list.is_empty()),
                    answer: Some(plain).filter(|answer| !answer.is_empty()),
                    answer_richtext: Some(rich).filter(|rich| *rich != made),
                    images: Some(images).filter(|images| !images.is_empty()),
                    category: row.opt_int(5)?.and_then(|id| paths.get(&id).cloned()),
                })
            },
        )
    }
}

/// Only a drop-down has options, and only a plain one may allow several picks.
fn options(field_type: FieldType, field: &mut Field) {
    if field_type.levels() == 0 {
        field.dropdown_options = None;
    }
    if field_type != FieldType::Dropdown {
        field.dropdown_allow_multiple = None;
    }
}

fn visibility(stored: directory::Visibility) -> Visibility {
    if stored.all {
        return Visibility::All;
    }
    Visibility::Only(Audience { users: stored.users, departments: stored.departments })
}

fn tree(rows: &[CategoryRow]) -> Vec<Category> {
    let mut below: HashMap<i64, Vec<&CategoryRow>> = HashMap::new();
    for row in rows {
        below.entry(row.parent).or_default().push(row);
    }
    level(&mut below, TOP)
}

// Takes each level out of the map, so that even a damaged tree with a circle ends.
fn level(below: &mut HashMap<i64, Vec<&CategoryRow>>, parent: i64) -> Vec<Category> {
    let rows = below.remove(&parent).unwrap_or_default();
    let category = |row: &CategoryRow| {
        let children = level(below, row.id);
        let (direct_score, list_score) = (row.own.direct_score.map(Some), row.own.list_score.map(Some));
        Category { name: row.name.clone(), language: row.language.clone(), direct_score, list_score, children }
    };
    rows.into_iter().map(category).collect()
}
