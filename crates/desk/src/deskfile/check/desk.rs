//! The mistakes of a help desk.

use std::collections::{HashMap, HashSet};

use super::Checker;
use crate::admin::{avatar, settings};
use crate::agent::schedule::zone;
use crate::answering::Answering;
use crate::deskfile::known::KnownDesk;
use crate::deskfile::types::{Category, Faq, Helpdesk, Tenant, Visibility};
use crate::threshold::{Own, Thresholds};
use crate::{Refusal, category, event, faq, ids};

/// Names that a message lists at most.
const TOLD_MAX: usize = 12;

impl<'a> Checker<'a> {
    pub(super) fn helpdesks(&mut self, tenant: &'a Tenant, at: &str) {
        let desks = tenant.helpdesks.as_deref().unwrap_or_default();
        let mut names: HashMap<&str, usize> = HashMap::new();
        for desk in desks {
            *names.entry(&desk.name).or_default() += 1;
        }
        for (i, desk) in desks.iter().enumerate() {
            let at = format!("{at}.helpdesks[{i}]");
            if desk.id.is_none() && names.get(desk.name.as_str()).is_some_and(|n| *n > 1) {
                let why = format!("another help desk of this tenant is named {:?} too; give both an id", desk.name);
                self.fault(&format!("{at}.name"), why);
            }
            let known = self.helpdesk_id(tenant, desk, &at).and_then(|id| self.known.helpdesks.get(&id));
            self.helpdesk(tenant, desk, &at, known);
        }
    }

    /// The id that the help desk has or is found by.
    fn helpdesk_id(&mut self, tenant: &Tenant, desk: &Helpdesk, at: &str) -> Option<i64> {
        let path = format!("{at}.id");
        let Some(text) = &desk.id else {
            let found = self.known.named(&tenant.key, &desk.name);
            if found.len() > 1 {
                let why = format!("several help desks in the database are named {:?}; give the id", desk.name);
                self.fault(&format!("{at}.name"), why);
            }
            return found.first().copied().filter(|_| found.len() == 1);
        };
        let id = self.long_id(&path, text)?;
        if !self.desks.insert(id) {
            self.fault(&path, format!("{id} is another help desk of this file already"));
        }
        let other = self.known.helpdesks.get(&id).map(|desk| &desk.tenant).filter(|owner| **owner != tenant.key);
        if let Some(other) = other {
            self.fault(&path, format!("{id} belongs to tenant {other} in the database already"));
        }
        Some(id)
    }

    pub(super) fn long_id(&mut self, path: &str, text: &str) -> Option<i64> {
        let id = ids::parse(text).filter(|_| text.len() == 19);
        if id.is_none() {
            self.fault(path, format!("{text:?} is not allowed; 19 digits up to {} are", i64::MAX));
        }
        id
    }

    fn helpdesk(&mut self, tenant: &'a Tenant, desk: &'a Helpdesk, at: &str, known: Option<&'a KnownDesk>) {
        self.text(&format!("{at}.name"), &desk.name, settings::NAME_MAX);
        self.secret(&format!("{at}.token"), desk.token.as_ref());
        self.secret(&format!("{at}.widget_secret"), desk.widget_secret.as_ref());
        for (key, text) in [("welcome", &desk.welcome), ("away", &desk.away)] {
            if let Some(why) = text.as_deref().and_then(settings::text_fault) {
                self.fault(&format!("{at}.{key}"), why);
            }
        }
        if let Some(why) = desk.accent.as_deref().and_then(settings::colour_fault) {
            self.fault(&format!("{at}.accent"), why);
        }
        if let Some(why) = desk.description.as_deref().and_then(settings::description_fault) {
            self.fault(&format!("{at}.description"), why);
        }
        if let Some(why) = desk.avatar.as_deref().and_then(|avatar| avatar::parse(avatar).err()) {
            self.fault(&format!("{at}.avatar"), why);
        }
        self.user(tenant, &desk.owner, &format!("{at}.owner"));
        if let Some(timezone) = desk.timezone.as_deref().filter(|name| zone(name).is_none()) {
            let why = format!("{timezone:?} is no time zone; IANA names such as Europe/Berlin are");
            self.fault(&format!("{at}.timezone"), why);
        }
        if let Some(Visibility::Only(audience)) = &desk.visibility {
            for (i, user) in audience.users.iter().enumerate() {
                self.user(tenant, user, &format!("{at}.visibility.users[{i}]"));
            }
            for (i, department) in audience.departments.iter().enumerate() {
                self.word(&format!("{at}.visibility.departments[{i}]"), department, settings::DEPARTMENT_MAX);
            }
        }
        if let Some((key, why)) = desk.answering.as_ref().and_then(Answering::fault) {
            self.fault(&format!("{at}.answering.{key}"), why);
        }
        self.subscriptions(tenant, desk, at);
        self.fields(desk, at);
        let paths = self.category_paths(desk, at, known);
        let skills = self.skills(desk, at, known, &paths);
        self.agents(tenant, desk, at, &skills);
        self.faqs(desk, at, &paths);
        self.cases(desk, at);
    }

    pub(super) fn user(&mut self, tenant: &Tenant, user: &str, path: &str) {
        let in_file = self.users.contains(user);
        let in_database = self.known.users.get(&tenant.key).is_some_and(|users| users.contains_key(user));
        if !in_file && !in_database {
            let names = tenant.users.iter().flatten().map(|u| u.id.as_str());
            self.fault(path, format!("no user {user:?} in this tenant; known are {}", listed(names)));
        }
    }

    fn subscriptions(&mut self, tenant: &Tenant, desk: &Helpdesk, at: &str) {
        let mut seen = HashSet::new();
        for (i, subscription) in desk.subscriptions.iter().flatten().enumerate() {
            let path = format!("{at}.subscriptions[{i}]");
            let app = subscription.app.as_str();
            let in_file = tenant.apps.iter().flatten().any(|a| a.app_id == app);
            if !in_file && self.known.apps.get(app) != Some(&tenant.key) {
                let names = tenant.apps.iter().flatten().map(|a| a.app_id.as_str());
                self.fault(
                    &format!("{path}.app"),
                    format!("no app {app:?} in this tenant; known are {}", listed(names)),
                );
            }
            if event::subscribed_type(&subscription.kind, &subscription.subtype).is_none() {
                let why = format!(
                    "no event has type {:?} and subtype {:?}; known are {}",
                    subscription.kind,
                    subscription.subtype,
                    listed(event::TYPES.iter().map(|t| pair(t)).collect::<Vec<_>>().iter().map(String::as_str))
                );
                self.fault(&format!("{path}.subtype"), why);
            } else if !seen.insert(subscription) {
                self.fault(&path, "is the same as one before");
            }
        }
    }

    /// The paths that FAQs of this help desk may name.
    fn category_paths(&mut self, desk: &Helpdesk, at: &str, known: Option<&KnownDesk>) -> HashSet<String> {
        let in_database = known.map(|known| known.categories.as_slice()).unwrap_or_default();
        let Some(categories) = &desk.categories else {
            return in_database.iter().map(|(path, _)| path.clone()).collect();
        };
        let mut paths = HashSet::new();
        self.categories(categories, "", 1, &format!("{at}.categories"), &mut paths);
        let answering = desk.answering.as_ref().or(known.map(|known| &known.answering));
        let base = answering.map_or_else(|| Thresholds::of(&Answering::default()), Thresholds::of);
        // Contradictions that come from wrong thresholds of the help desk are told once, there.
        if base.fault().is_none() {
            let there = known.map(|known| &known.thresholds);
            self.thresholds(categories, "", base, &format!("{at}.categories"), there);
        }
        // What an earlier file made and this one no longer names is about to go.
        paths.extend(in_database.iter().filter(|(_, managed)| !managed).map(|(path, _)| path.clone()));
        paths
    }

    fn categories(&mut self, list: &[Category], above: &str, depth: usize, at: &str, paths: &mut HashSet<String>) {
        if depth > category::DEPTH_MAX && !list.is_empty() {
            self.fault(at, format!("at most {} levels are allowed", category::DEPTH_MAX));
            return;
        }
        let mut seen = HashSet::new();
        for (i, category) in list.iter().enumerate() {
            let at = format!("{at}[{i}]");
            let name = category.name.trim();
            self.text(&format!("{at}.name"), name, category::NAME_MAX);
            self.short(&format!("{at}.language"), category.language.as_ref());
            let path = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
            if !seen.insert(name) {
                self.fault(&format!("{at}.name"), format!("{name:?} is named twice under the same parent"));
            } else if !paths.insert(path.clone()) {
                self.fault(&format!("{at}.name"), format!("another category has the path {path:?} too"));
            }
            self.categories(&category.children, &path, depth + 1, &format!("{at}.children"), paths);
        }
    }

    /// The thresholds of categories, with what they inherit and what the database has of them already.
    fn thresholds(
        &mut self,
        list: &[Category],
        above: &str,
        base: Thresholds,
        at: &str,
        there: Option<&HashMap<String, Own>>,
    ) {
        for (i, category) in list.iter().enumerate() {
            let at = format!("{at}[{i}]");
            let name = category.name.trim();
            let path = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
            let own = there.and_then(|there| there.get(&path)).copied().unwrap_or_default();
            let thresholds = base.under(own.changed(category.thresholds()));
            if let Some((key, why)) = thresholds.fault() {
                self.fault(&format!("{at}.{key}"), why);
            } else {
                self.thresholds(&category.children, &path, thresholds, &format!("{at}.children"), there);
            }
        }
    }

    fn faqs(&mut self, desk: &Helpdesk, at: &str, paths: &HashSet<String>) {
        let (mut ids, mut questions, mut pictures) = (HashSet::new(), HashSet::new(), HashSet::new());
        for (i, faq) in desk.faqs.iter().flatten().enumerate() {
            let at = format!("{at}.faqs[{i}]");
            if let Some(id) = &faq.id
                && let Some(id) = self.long_id(&format!("{at}.id"), id)
                && !ids.insert(id)
            {
                self.fault(&format!("{at}.id"), format!("{id} is another FAQ of this help desk already"));
            }
            let question = faq.question.trim();
            self.text(&format!("{at}.question"), question, faq::QUESTION_MAX);
            if !questions.insert(question) {
                self.fault(&format!("{at}.question"), format!("{question:?} is another FAQ of this help desk already"));
            }
            self.faq(faq, &at);
            self.images(faq, &at, &mut pictures);
            if let Some(path) = faq.category.as_deref().filter(|path| !path.is_empty() && !paths.contains(*path)) {
                let mut known: Vec<&str> = paths.iter().map(String::as_str).collect();
                known.sort_unstable();
                let why = format!("no category {path:?} in this help desk; known are {}", listed(known.into_iter()));
                self.fault(&format!("{at}.category"), why);
            }
        }
    }

    fn faq(&mut self, faq: &Faq, at: &str) {
        let similar = faq.similar.as_deref().unwrap_or_default();
        if similar.len() > faq::SIMILAR_MAX {
            self.fault(&format!("{at}.similar"), format!("at most {} are allowed", faq::SIMILAR_MAX));
        }
        for (i, question) in similar.iter().enumerate() {
            self.text(&format!("{at}.similar[{i}]"), question, faq::QUESTION_MAX);
        }
        let nul = faq.answer.as_ref().is_some_and(|answer| answer.contains('\0'));
        if nul {
            self.fault(&format!("{at}.answer"), "must not hold a NUL character");
        }
        match faq::answer(&content(faq), at) {
            Err(Refusal::Invalid { field, why }) => self.fault(&field, why),
            Err(other) => self.fault(at, other),
            Ok(_) => {}
        }
    }
}

/// The FAQ as `faq` checks and completes it.
pub(in crate::deskfile) fn content(faq: &Faq) -> faq::Content {
    faq::Content {
        question: faq.question.trim().to_owned(),
        similar: faq.similar.clone(),
        answer: faq.answer.clone(),
        richtext: faq.answer_richtext.clone(),
        category_id: None,
    }
}

/// `helpdesk.ticket` + `ticket.created_v1`.
fn pair(event_type: &str) -> String {
    let resource = event_type.rsplit_once('.').map_or(event_type, |(resource, _)| resource);
    format!("{resource} + {}", event_type.strip_prefix("helpdesk.").unwrap_or(event_type))
}

pub(super) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.len() {
        0 => "none".into(),
        n if n > TOLD_MAX => format!("{} and {} more", names[..TOLD_MAX].join(", "), n - TOLD_MAX),
        _ => names.join(", "),
    }
}
