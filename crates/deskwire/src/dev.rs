//! What is special about `deskwire dev`: throw-away data, the demo desk, and credentials to start with.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use desk::deskfile::Report;
use desk::deskfile::types::{App, Helpdesk, Secret, Tenant, User};
use desk::person::UserRole;
use server::settings::Settings;

use crate::fail::Failure;
use crate::files::{self, Source};

/// Beside the developer server's folder, because that is wiped.
const LOCK: &str = "dev.lock";
const DEMO: &str = include_str!("../demo/demo.yaml");

/// The demo desk.
pub fn demo() -> Result<Source, Failure> {
    files::parse(Path::new("demo.yaml"), DEMO)
}

/// The folder of a developer server, held against others.
#[derive(Debug)]
pub struct Folder {
    _lock: File,
}

impl Folder {
    /// Takes the data folder and, unless it keeps its data, wipes it.
    pub fn take(settings: &Settings, keeps_data: bool, sources: &[Source]) -> Result<Self, Failure> {
        let parent = settings.data_dir.parent().unwrap_or(Path::new("."));
        let shown = parent.display().to_string();
        let broken = |what: &str, error: &std::io::Error| {
            Failure::other(format!("data_dir: {shown} {what}: {error}; allowed is a writable folder"))
        };
        // Its database is going to be an empty one, so every mistake shows now.
        if keeps_data {
            files::check_early(sources, settings)?;
        } else if let Some(first) = sources.first() {
            let faults = desk::deskfile::check(&first.file, &desk::deskfile::Known::default());
            if !faults.is_empty() {
                return Err(Failure::faults(&first.path, &faults));
            }
        }
        fs::create_dir_all(parent).map_err(|error| broken("cannot be made", &error))?;
        let lock = File::create(parent.join(LOCK)).map_err(|error| broken("cannot be written to", &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let line =
                    format!("data_dir: {shown} is in use by another deskwire dev, allowed is a folder of its own");
                return Err(Failure::other(line));
            }
            Err(TryLockError::Error(error)) => return Err(broken("cannot be locked", &error)),
        }
        if !keeps_data && settings.data_dir.exists() {
            fs::remove_dir_all(&settings.data_dir).map_err(|error| broken("cannot be wiped", &error))?;
        }
        Ok(Self { _lock: lock })
    }
}

/// What a developer needs to start, as `NAME=value` lines.
pub fn credentials(url: &str, applied: &[(Source, Report)]) -> Vec<String> {
    let mut lines = vec![format!("DESKWIRE_URL={url}")];
    let mut counts = Counts::default();
    for (source, report) in applied {
        for tenant in &source.file.tenants {
            let tenant = InTenant { tenant, report };
            for desk in tenant.tenant.helpdesks.iter().flatten() {
                tenant.helpdesk(desk, &numbered("HELPDESK", &mut counts.helpdesks), &mut lines);
            }
            for app in tenant.tenant.apps.iter().flatten() {
                tenant.app(app, &mut counts.apps, &mut lines);
            }
            for user in tenant.tenant.users.iter().flatten() {
                let name = match tenant.place(user) {
                    Place::Admin => numbered("ADMIN", &mut counts.admins),
                    Place::Owner => numbered("OWNER", &mut counts.owners),
                    Place::Agent => numbered("AGENT", &mut counts.agents),
                    Place::Guest => numbered("GUEST", &mut counts.guests),
                };
                tenant.user(user, &name, &mut lines);
            }
        }
        let told = |value: &str| lines.iter().any(|line| line.ends_with(&format!("={value}")));
        let untold: Vec<String> =
            report.made.iter().filter(|made| !told(&made.value)).map(ToString::to_string).collect();
        lines.extend(untold);
    }
    lines
}

#[derive(Default)]
struct Counts {
    helpdesks: usize,
    apps: usize,
    admins: usize,
    owners: usize,
    agents: usize,
    guests: usize,
}

/// `DESKWIRE_AGENT`, then `DESKWIRE_AGENT2`, …
fn numbered(what: &str, count: &mut usize) -> String {
    *count += 1;
    if *count == 1 { format!("DESKWIRE_{what}") } else { format!("DESKWIRE_{what}{count}") }
}

enum Place {
    Admin,
    Owner,
    Agent,
    Guest,
}

struct InTenant<'a> {
    tenant: &'a Tenant,
    report: &'a Report,
}

impl InTenant<'_> {
    fn made(&self, parts: &[&str]) -> Option<String> {
        let parts: Vec<&str> = std::iter::once(self.tenant.key.as_str()).chain(parts.iter().copied()).collect();
        self.report.made_for(&parts).map(str::to_owned)
    }

    fn helpdesk(&self, desk: &Helpdesk, name: &str, lines: &mut Vec<String>) {
        let values = [
            ("ID", desk.id.clone().or_else(|| self.made(&["helpdesk", &desk.name, "id"]))),
            ("TOKEN", text(desk.token.as_ref()).or_else(|| self.made(&["helpdesk", &desk.name, "token"]))),
            (
                "WIDGET_SECRET",
                text(desk.widget_secret.as_ref()).or_else(|| self.made(&["helpdesk", &desk.name, "widget_secret"])),
            ),
        ];
        push(name, values, lines);
    }

    fn app(&self, app: &App, count: &mut usize, lines: &mut Vec<String>) {
        let name = numbered("APP", count);
        let secret = text(app.app_secret.as_ref()).or_else(|| self.made(&[&app.app_id, "app_secret"]));
        push(&name, [("ID", Some(app.app_id.clone())), ("SECRET", secret)], lines);
        // The first app's keys have the names that examples use.
        let name = if *count == 1 { "DESKWIRE".to_owned() } else { name };
        let events = app.events.as_ref();
        let token = text(events.and_then(|events| events.verification_token.as_ref()));
        let token = token.or_else(|| self.made(&[&app.app_id, "verification_token"]));
        let key = text(events.and_then(|events| events.encrypt_key.as_ref()));
        push(&name, [("VERIFICATION_TOKEN", token), ("ENCRYPT_KEY", key)], lines);
    }

    fn user(&self, user: &User, name: &str, lines: &mut Vec<String>) {
        let open_id = user.open_id.clone().or_else(|| self.made(&[&user.id, "open_id"]));
        let password = text(user.password.as_ref());
        let login = user.email.clone().filter(|_| password.is_some());
        push(name, [("LOGIN", login), ("PASSWORD", password), ("OPEN_ID", open_id)], lines);
    }

    fn place(&self, user: &User) -> Place {
        let desks = self.tenant.helpdesks.as_deref().unwrap_or_default();
        if desks.iter().any(|desk| desk.owner == user.id) {
            return Place::Owner;
        }
        if user.role == Some(UserRole::Admin) {
            return Place::Admin;
        }
        let agents = desks.iter().flat_map(|desk| desk.agents.iter().flatten());
        if agents.into_iter().any(|agent| agent.user == user.id) { Place::Agent } else { Place::Guest }
    }
}

fn text(secret: Option<&Secret>) -> Option<String> {
    secret.map(|secret| secret.text().to_owned()).filter(|text| !text.is_empty())
}

fn push<const N: usize>(name: &str, values: [(&str, Option<String>); N], lines: &mut Vec<String>) {
    lines.extend(values.into_iter().filter_map(|(key, value)| Some(format!("{name}_{key}={}", value?))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_desk_has_no_mistakes_and_gives_what_examples_need() {
        let source = demo().unwrap();
        assert_eq!(desk::deskfile::check(&source.file, &desk::deskfile::Known::default()), []);
        let lines = credentials("http://127.0.0.1:8420", &[(source, Report::default())]);
        for name in [
            "DESKWIRE_URL=http://127.0.0.1:8420",
            "DESKWIRE_HELPDESK_ID=",
            "DESKWIRE_HELPDESK_TOKEN=",
            "DESKWIRE_APP_ID=",
            "DESKWIRE_APP_SECRET=",
            "DESKWIRE_VERIFICATION_TOKEN=",
            "DESKWIRE_APP2_ID=",
            "DESKWIRE_APP2_SECRET=",
            "DESKWIRE_APP2_VERIFICATION_TOKEN=",
            "DESKWIRE_APP2_ENCRYPT_KEY=",
            "DESKWIRE_ADMIN_LOGIN=",
            "DESKWIRE_ADMIN_PASSWORD=",
            "DESKWIRE_OWNER_LOGIN=",
            "DESKWIRE_OWNER_PASSWORD=",
            "DESKWIRE_AGENT_LOGIN=",
            "DESKWIRE_AGENT2_PASSWORD=",
            "DESKWIRE_GUEST_OPEN_ID=",
        ] {
            assert_eq!(lines.iter().filter(|line| line.starts_with(name)).count(), 1, "{name}: {lines:?}");
        }
    }
}
