//! Every mistake that can be seen before anything is written.

mod agents;
mod cases;
mod desk;
mod fields;

pub(super) use desk::content;
pub(super) use fields::definition;

use std::collections::{HashMap, HashSet};
use std::fmt::Display;

use super::known::Known;
use super::parse::Fault;
use super::types::{App, DeskFile, Secret, Tenant, User};
use crate::admin::settings::word_fault;
use crate::directory::{AppType, Delivery};
use crate::event;

/// All mistakes of a file, in its order. References may name what the file has and what the database knows.
pub fn check(file: &DeskFile, known: &Known) -> Vec<Fault> {
    let (faults, users, apps, desks) = (Vec::new(), HashSet::new(), HashMap::new(), HashSet::new());
    let mut checker = Checker { known, faults, users, apps, desks };
    if file.version != 1 {
        checker.fault("version", format!("{} is not known; only 1 is", file.version));
    }
    let mut keys = HashSet::new();
    for (i, tenant) in file.tenants.iter().enumerate() {
        let at = format!("tenants[{i}]");
        checker.word(&format!("{at}.key"), &tenant.key, 64);
        if !keys.insert(&tenant.key) {
            checker.fault(&format!("{at}.key"), format!("the tenant {} is named twice", tenant.key));
        }
        checker.text(&format!("{at}.name"), &tenant.name, 200);
        checker.users(tenant, &at);
        for (i, app) in tenant.apps.iter().flatten().enumerate() {
            checker.app(tenant, app, &format!("{at}.apps[{i}]"));
        }
        checker.helpdesks(tenant, &at);
    }
    checker.faults
}

/// The first mistake in what is said of users, apps and help desks of a tenant that is there, by key path.
pub(super) fn first_fault(tenant: &Tenant, known: &Known) -> Option<Fault> {
    let (faults, users, apps, desks) = (Vec::new(), HashSet::new(), HashMap::new(), HashSet::new());
    let mut checker = Checker { known, faults, users, apps, desks };
    checker.users(tenant, "");
    for (i, app) in tenant.apps.iter().flatten().enumerate() {
        checker.app(tenant, app, &format!(".apps[{i}]"));
    }
    checker.helpdesks(tenant, "");
    checker.faults.into_iter().next()
}

struct Checker<'a> {
    known: &'a Known,
    faults: Vec<Fault>,
    /// The ids of the tenant's users in the file.
    users: HashSet<&'a str>,
    /// The app ids of the whole file with the path that named each first.
    apps: HashMap<&'a str, String>,
    /// The help desk ids of the whole file.
    desks: HashSet<i64>,
}

impl<'a> Checker<'a> {
    fn fault(&mut self, path: &str, why: impl Display) {
        self.faults.push(Fault::at(path, why));
    }

    /// A text for people: something, and not too long.
    fn text(&mut self, path: &str, text: &str, chars_max: usize) {
        if text.trim().is_empty() {
            self.fault(path, "must not be empty");
        } else if text.chars().count() > chars_max {
            self.fault(path, format!("at most {chars_max} characters are allowed"));
        } else if text.contains('\0') {
            self.fault(path, "must not hold a NUL character");
        }
    }

    /// An id of the operator's own making.
    fn word(&mut self, path: &str, text: &str, chars_max: usize) {
        if let Some(why) = word_fault(text, chars_max) {
            self.fault(path, why);
        }
    }

    fn secret(&mut self, path: &str, secret: Option<&Secret>) {
        if let Some(secret) = secret {
            if secret.text().trim().is_empty() {
                self.fault(path, "must not be empty; leave the key out to keep or make one");
            } else {
                self.sealed(path, Some(secret));
            }
        }
    }

    /// A secret that an empty text removes.
    fn sealed(&mut self, path: &str, secret: Option<&Secret>) {
        if secret.is_some_and(|s| s.text().len() > 1_000 || s.text().contains('\0')) {
            self.fault(path, "at most 1000 bytes without NUL are allowed");
        }
    }

    fn short(&mut self, path: &str, text: Option<&String>) {
        if text.is_some_and(|t| t.chars().count() > 200 || t.contains('\0')) {
            self.fault(path, "at most 200 characters without NUL are allowed");
        }
    }

    fn users(&mut self, tenant: &'a Tenant, at: &str) {
        let users = tenant.users.as_deref().unwrap_or_default();
        self.users = users.iter().map(|user| user.id.as_str()).collect();
        let mut seen: [HashSet<String>; 3] = Default::default();
        for (i, user) in users.iter().enumerate() {
            let at = format!("{at}.users[{i}]");
            self.word(&format!("{at}.id"), &user.id, 128);
            self.text(&format!("{at}.name"), &user.name, 200);
            self.secret(&format!("{at}.password"), user.password.as_ref());
            self.short(&format!("{at}.city"), user.city.as_ref());
            self.short(&format!("{at}.country"), user.country.as_ref());
            self.short(&format!("{at}.language"), user.language.as_ref());
            for (i, department) in user.departments.iter().flatten().enumerate() {
                self.word(&format!("{at}.departments[{i}]"), department, 128);
            }
            if user.avatar_url.as_ref().is_some_and(|url| !url.is_empty() && !is_web_url(url)) {
                self.fault(&format!("{at}.avatar_url"), "an http or https URL is allowed");
            }
            self.email(user, &at);
            self.open_id(tenant, user, &at);
            let email = user.email.as_ref().filter(|e| !e.is_empty()).map(|e| e.to_lowercase());
            let keys = [("id", Some(user.id.clone())), ("open_id", user.open_id.clone()), ("email", email)];
            for ((key, value), seen) in keys.into_iter().zip(&mut seen) {
                if let Some(value) = value
                    && !seen.insert(value.clone())
                {
                    self.fault(
                        &format!("{at}.{key}"),
                        format!("{value} belongs to another user of this tenant already"),
                    );
                }
            }
        }
    }

    fn email(&mut self, user: &User, at: &str) {
        let Some(email) = user.email.as_deref().filter(|e| !e.is_empty()) else { return };
        let halves = email.split_once('@');
        let well_formed =
            halves.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
        if !well_formed || email.len() > 254 || email.contains(|c: char| c.is_whitespace() || c.is_control()) {
            self.fault(&format!("{at}.email"), format!("{email:?} is not an e-mail address"));
        }
    }

    fn open_id(&mut self, tenant: &Tenant, user: &User, at: &str) {
        let Some(open_id) = &user.open_id else { return };
        let path = format!("{at}.open_id");
        let rest = open_id.strip_prefix("ou_").unwrap_or_default();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if rest.is_empty() || rest.len() > 64 || !rest.chars().all(allowed) {
            self.fault(&path, format!("{open_id:?} is not allowed; ou_ and 1 to 64 letters, digits, _ and - are"));
        }
        let holder = self.known.open_ids.get(&tenant.key).and_then(|ids| ids.get(open_id));
        if let Some(holder) = holder.filter(|holder| **holder != user.id) {
            self.fault(&path, format!("{open_id} belongs to user {holder} in the database already"));
        }
    }

    fn app(&mut self, tenant: &'a Tenant, app: &'a App, at: &str) {
        let path = format!("{at}.app_id");
        let id = app.app_id.as_str();
        let digits = id.strip_prefix("cli_").unwrap_or_default();
        if digits.len() != 16 || !digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            self.fault(&path, format!("{id:?} is not allowed; cli_ and 16 digits out of 0-9 and a-f are"));
        }
        let first = self.apps.get(id).cloned();
        match (first, self.known.apps.get(id)) {
            (Some(first), _) => self.fault(&path, format!("{id} is {first} already")),
            (None, Some(other)) if *other != tenant.key => {
                self.fault(&path, format!("{id} belongs to tenant {other} in the database already"));
            }
            (None, _) => {}
        }
        self.apps.entry(id).or_insert(path);
        self.secret(&format!("{at}.app_secret"), app.app_secret.as_ref());
        for (i, scope) in app.scopes.iter().flatten().enumerate() {
            if scope.is_empty() || scope.len() > 200 || scope.contains(|c: char| c.is_whitespace() || c.is_control()) {
                let why = format!("{scope:?} is not a scope, such as helpdesk:all");
                self.fault(&format!("{at}.scopes[{i}]"), why);
            }
        }
        self.short(&format!("{at}.name"), app.name.as_ref());
        self.redirect_urls(app, at);
        self.events(app, at);
    }

    fn redirect_urls(&mut self, app: &App, at: &str) {
        let mut seen = HashSet::new();
        for (i, url) in app.redirect_urls.iter().flatten().enumerate() {
            let path = format!("{at}.redirect_urls[{i}]");
            if !is_web_url(url) || url.contains(['#', '\\']) {
                self.fault(&path, format!("{url:?} is not allowed; an http or https URL without a fragment is"));
            } else if !seen.insert(url) {
                self.fault(&path, format!("{url} is named twice"));
            }
        }
    }

    fn events(&mut self, app: &App, at: &str) {
        let Some(events) = &app.events else { return };
        self.sealed(&format!("{at}.events.verification_token"), events.verification_token.as_ref());
        self.sealed(&format!("{at}.events.encrypt_key"), events.encrypt_key.as_ref());
        if events.delivery == Some(Delivery::LongConnection) && app.app_type == Some(AppType::Store) {
            let why = "long_connection is for custom apps; a store app gets its events by webhook";
            self.fault(&format!("{at}.events.delivery"), why);
        }
        if let Some(url) = events.url.as_deref().filter(|url| !url.is_empty() && !is_web_url(url)) {
            self.fault(&format!("{at}.events.url"), format!("{url:?} is not allowed; an http or https URL is"));
        }
        let mut seen = HashSet::new();
        for (i, kind) in events.types.iter().flatten().enumerate() {
            let path = format!("{at}.events.types[{i}]");
            if !event::TYPES.contains(&kind.as_str()) {
                self.fault(&path, format!("no event type {kind:?}; known are {}", event::TYPES.join(", ")));
            } else if !seen.insert(kind) {
                self.fault(&path, format!("{kind} is named twice"));
            }
        }
    }
}

/// `http://` or `https://` with a host; no spaces, no user and password.
fn is_web_url(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let Some(rest) = rest else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let clean = !url.contains(|c: char| c.is_whitespace() || c.is_control()) && url.len() <= 2_000;
    clean && !host.is_empty() && !host.starts_with(':') && !host.contains('@')
}
