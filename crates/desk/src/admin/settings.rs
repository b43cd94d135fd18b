//! What a help desk is called and looks like, who may ask there, who owns it, and its secrets.

use std::collections::HashMap;

use db::{DbError, Row, Tx, params};

use super::avatar;
use crate::agent::schedule::zone;
use crate::agent::{self, Member};
use crate::audit::Told;
use crate::directory::{self, Helpdesk, Role, Visibility, json};
use crate::faq::{Picture, to_json};
use crate::person::{self, Person};
use crate::secret::token_hash;
use crate::ticket::assign;
use crate::vault::Vault;
use crate::{Cx, Kind, Refusal};

/// Longest name of a help desk, in characters.
pub const NAME_MAX: usize = 200;
/// Longest text for guests, in characters.
pub const TEXT_MAX: usize = 2_000;
/// Longest description, in characters.
pub const DESCRIPTION_MAX: usize = 200;
/// Longest id of a department, in bytes.
pub const DEPARTMENT_MAX: usize = 128;
/// How many users, and how many departments, may be named as those who may ask.
pub const AUDIENCE_MAX: usize = 1_000;

/// What is wrong with a text for guests; nothing if it may be so.
pub(crate) fn text_fault(text: &str) -> Option<String> {
    let wrong = text.chars().count() > TEXT_MAX || text.contains('\0');
    wrong.then(|| format!("at most {TEXT_MAX} characters without NUL are allowed"))
}

/// What is wrong with a description, which is one line; nothing if it may be so.
pub(crate) fn description_fault(text: &str) -> Option<String> {
    let wrong = text.trim().chars().count() > DESCRIPTION_MAX || text.trim().contains(char::is_control);
    wrong.then(|| format!("at most {DESCRIPTION_MAX} characters in one line are allowed"))
}

/// What is wrong with a colour as it is written; the empty text is none, and right.
pub(crate) fn colour_fault(text: &str) -> Option<String> {
    let digits = text.strip_prefix('#').unwrap_or_default();
    let right = text.is_empty() || (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
    (!right)
        .then(|| format!("{text:?} is no colour; # and six hex digits such as #7a3ff2 are, and an empty text is none"))
}

/// The colour that is stored for one that has no fault.
pub(crate) fn colour(text: &str) -> Option<String> {
    Some(text.to_ascii_lowercase()).filter(|colour| !colour.is_empty())
}

/// What is wrong with an id of the operator's own making.
pub(crate) fn word_fault(text: &str, bytes_max: usize) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '@');
    let right = !text.is_empty() && text.len() <= bytes_max && text.chars().all(allowed);
    (!right).then(|| format!("{text:?} is not allowed; 1 to {bytes_max} letters, digits, _, -, . and @ are"))
}

/// What is set of a help desk.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stored {
    name: String,
    welcome: String,
    away: String,
    accent: Option<String>,
    description: String,
    avatar_key: Option<String>,
    timezone: String,
    owner: String,
    visibility: Visibility,
    closed_at: Option<i64>,
}

/// What is set of a help desk, with the people it names.
#[derive(Debug, Clone)]
pub struct Settings {
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
    /// The IANA name of the time zone of agents' schedules.
    pub timezone: String,
    /// Since when it is closed, Unix ms; `None` while it is open.
    pub closed_at: Option<i64>,
    /// The owner.
    pub owner: Person,
    /// Whether everybody may ask.
    pub open_to_all: bool,
    /// Otherwise these people…
    pub users: Vec<Person>,
    /// …and the members of these departments.
    pub departments: Vec<String>,
}

fn read(row: &Row<'_>) -> Result<Stored, DbError> {
    Ok(Stored {
        name: row.string(0)?,
        welcome: row.string(1)?,
        away: row.string(2)?,
        accent: row.opt_string(3)?,
        timezone: row.string(4)?,
        owner: row.string(5)?,
        visibility: json(row.text(6)?)?,
        closed_at: row.opt_int(7)?,
        description: row.string(8)?,
        avatar_key: row.opt_string(9)?,
    })
}

fn stored(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Stored, DbError> {
    tx.query_one(
        "SELECT name, welcome, away, accent, timezone, owner, visibility, closed_at, description, avatar_key FROM helpdesk
         WHERE tenant = $1 AND helpdesk_id = $2",
        &params![&desk.tenant, desk.id],
        read,
    )
}

/// What is set of the help desk.
pub fn get(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Settings, Refusal> {
    let now = stored(tx, desk)?;
    with_people(tx, desk, now)
}

fn with_people(tx: &mut Tx<'_>, desk: &Helpdesk, now: Stored) -> Result<Settings, Refusal> {
    let named = now.visibility.users.iter().chain([&now.owner]).map(String::as_str);
    let people: HashMap<String, Person> = person::several(tx, &desk.tenant, named)?;
    let owner = people.get(&now.owner).cloned().ok_or_else(|| Refusal::not_found(Kind::User, &now.owner))?;
    let users = now.visibility.users.iter().filter_map(|user_id| people.get(user_id).cloned());
    Ok(Settings {
        name: now.name,
        welcome: now.welcome,
        away: now.away,
        accent: now.accent,
        description: now.description,
        avatar_key: now.avatar_key,
        timezone: now.timezone,
        closed_at: now.closed_at,
        owner,
        open_to_all: now.visibility.all,
        users: users.collect(),
        departments: now.visibility.departments,
    })
}

/// Who is to be allowed to ask.
#[derive(Debug, Clone)]
pub struct Audience {
    /// Everybody; then no one is named.
    pub all: bool,
    /// Open ids of users.
    pub users: Vec<String>,
    /// Ids of departments.
    pub departments: Vec<String>,
}

/// What is to change of a help desk; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name.
    pub name: Option<String>,
    /// What a guest reads first.
    pub welcome: Option<String>,
    /// What a guest reads while no agent is on duty; empty for nothing.
    pub away: Option<String>,
    /// The colour, `#rrggbb`; empty for none.
    pub accent: Option<String>,
    /// What it is for, in one line; empty for nothing.
    pub description: Option<String>,
    /// Its picture, `data:image/…;base64,…`; empty for none.
    pub avatar: Option<String>,
    /// The IANA name of the time zone.
    pub timezone: Option<String>,
    /// Open id of the agent who is to own it.
    pub owner: Option<String>,
    /// Who may ask.
    pub audience: Option<Audience>,
}

/// Changes a help desk, all of it or nothing, and answers how it is then. The checks are those of a desk file; besides, a
/// new owner has to be an agent of the help desk who can sign in. Who owned it stays an agent.
pub fn change(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, change: &Change) -> Result<Settings, Refusal> {
    let old = stored(tx, desk)?;
    let (new, picture) = changed(tx, desk, &old, change)?;
    if new != old {
        tx.execute(
            "UPDATE helpdesk SET name = $1, welcome = $2, away = $3, accent = $4, timezone = $5, owner = $6,
                                 visibility = $7, description = $8, avatar_key = $9
             WHERE tenant = $10 AND helpdesk_id = $11",
            &params![
                &new.name,
                &new.welcome,
                &new.away,
                &new.accent,
                &new.timezone,
                &new.owner,
                &to_json(&new.visibility),
                &new.description,
                &new.avatar_key,
                &desk.tenant,
                desk.id
            ],
        )?;
        if new.avatar_key != old.avatar_key {
            avatar::keep(tx, &desk.tenant, desk.id, picture.as_ref())?;
        }
        if new.owner != old.owner {
            set_role(tx, desk, &old.owner, Role::Agent)?;
            set_role(tx, desk, &new.owner, Role::Owner)?;
        }
        directory::touch(tx, cx)?;
    }
    if let Some(zone) = zone(&new.timezone).filter(|_| new.timezone != old.timezone) {
        // Whoever is on duty by the new clock gets what waits.
        assign::rebalance(tx, cx, &Helpdesk { timezone: zone, ..desk.clone() })?;
    }
    let (before, after) = told(&old, &new);
    cx.told = Some(Told::change(desk.id, Some(before), Some(after)));
    with_people(tx, desk, new)
}

/// How the help desk is to be, and its picture where that is given.
fn changed(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    old: &Stored,
    change: &Change,
) -> Result<(Stored, Option<Picture>), Refusal> {
    let mut new = old.clone();
    let picture = face(&mut new, change)?;
    if let Some(name) = &change.name {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX || name.contains('\0') {
            return Err(Refusal::invalid("name", format!("1 to {NAME_MAX} characters without NUL are allowed")));
        }
        name.clone_into(&mut new.name);
    }
    for (field, given, text) in [("welcome", &change.welcome, &mut new.welcome), ("away", &change.away, &mut new.away)]
    {
        let Some(given) = given else { continue };
        if let Some(why) = text_fault(given) {
            return Err(Refusal::invalid(field, why));
        }
        given.trim().clone_into(text);
    }
    if let Some(name) = &change.timezone {
        let found = zone(name.trim()).and_then(|zone| zone.iana_name().map(str::to_owned));
        let unknown = || format!("{name:?} is no time zone; IANA names such as Europe/Berlin are");
        new.timezone = found.ok_or_else(|| Refusal::invalid("timezone", unknown()))?;
    }
    if let Some(audience) = &change.audience {
        new.visibility = visibility(tx, desk, audience)?;
    }
    if let Some(open_id) = &change.owner {
        new.owner = new_owner(tx, desk, &old.owner, open_id)?;
    }
    Ok((new, picture))
}

/// Changes what a help desk looks like; answers its picture where that is given.
fn face(new: &mut Stored, change: &Change) -> Result<Option<Picture>, Refusal> {
    if let Some(accent) = &change.accent {
        if let Some(why) = colour_fault(accent.trim()) {
            return Err(Refusal::invalid("accent", why));
        }
        new.accent = colour(accent.trim());
    }
    if let Some(description) = &change.description {
        if let Some(why) = description_fault(description) {
            return Err(Refusal::invalid("description", why));
        }
        description.trim().clone_into(&mut new.description);
    }
    let Some(avatar) = &change.avatar else { return Ok(None) };
    let picture = avatar::parse(avatar).map_err(|why| Refusal::invalid("avatar", why))?;
    new.avatar_key = picture.as_ref().map(|picture| picture.key.clone());
    Ok(picture)
}

fn visibility(tx: &mut Tx<'_>, desk: &Helpdesk, audience: &Audience) -> Result<Visibility, Refusal> {
    let Audience { all, users, departments } = audience;
    for (field, list) in [("visibility.users", users), ("visibility.departments", departments)] {
        if *all && !list.is_empty() {
            return Err(Refusal::invalid(field, "must be empty where everybody may ask (all is true)"));
        }
        if list.len() > AUDIENCE_MAX {
            return Err(Refusal::invalid(field, format!("at most {AUDIENCE_MAX} entries are allowed")));
        }
    }
    let asked: Vec<&str> = users.iter().map(String::as_str).collect();
    let found = person::user_ids_of(tx, &desk.tenant, person::IdKind::Open, &asked)?;
    let mut user_ids: Vec<String> = Vec::new();
    for (i, open_id) in users.iter().enumerate() {
        let unknown = || Refusal::invalid(format!("visibility.users[{i}]"), format!("{open_id} is no user here"));
        let user_id = found.get(open_id).ok_or_else(unknown)?;
        if !user_ids.contains(user_id) {
            user_ids.push(user_id.clone());
        }
    }
    let mut named: Vec<String> = Vec::new();
    for (i, department) in departments.iter().enumerate() {
        if let Some(why) = word_fault(department, DEPARTMENT_MAX) {
            return Err(Refusal::invalid(format!("visibility.departments[{i}]"), why));
        }
        if !named.contains(department) {
            named.push(department.clone());
        }
    }
    Ok(Visibility { all: *all, users: user_ids, departments: named })
}

fn new_owner(tx: &mut Tx<'_>, desk: &Helpdesk, old: &str, open_id: &str) -> Result<String, Refusal> {
    let agents: Vec<Member> = agent::list(tx, desk)?;
    let agent = agents.into_iter().find(|member| member.open_id == open_id && !member.removed);
    let no_agent =
        || Refusal::invalid("owner", format!("{open_id} is no agent of this help desk; make them one first"));
    let agent = agent.ok_or_else(no_agent)?;
    if agent.user_id != old {
        require_owner(tx, &desk.tenant, &agent.user_id, &agent.name)?;
    }
    Ok(agent.user_id)
}

/// Refuses somebody as an owner who could not sign in.
pub(super) fn require_owner(tx: &mut Tx<'_>, tenant: &str, user_id: &str, name: &str) -> Result<(), Refusal> {
    if person::may_log_in(tx, tenant, user_id)? == Some(true) {
        return Ok(());
    }
    let why = format!("{name} has no password and could not sign in to look after the help desk");
    Err(Refusal::invalid("owner", why))
}

fn set_role(tx: &mut Tx<'_>, desk: &Helpdesk, user_id: &str, role: Role) -> Result<(), DbError> {
    tx.execute(
        "UPDATE agent SET role = $1 WHERE tenant = $2 AND helpdesk_id = $3 AND user_id = $4",
        &params![role.as_str(), &desk.tenant, desk.id, user_id],
    )?;
    Ok(())
}

/// What differs, a line each: as it was, and as it is.
fn told(old: &Stored, new: &Stored) -> (String, String) {
    let lines = |desk: &Stored| {
        [
            ("name", desk.name.clone()),
            ("welcome", desk.welcome.clone()),
            ("away", desk.away.clone()),
            ("accent", desk.accent.clone().unwrap_or_default()),
            ("description", desk.description.clone()),
            ("avatar", desk.avatar_key.clone().unwrap_or_default()),
            ("timezone", desk.timezone.clone()),
            ("owner", desk.owner.clone()),
            ("visibility", to_json(&desk.visibility)),
        ]
    };
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for ((key, was), (_, is)) in lines(old).into_iter().zip(lines(new)) {
        if was != is {
            before.push(format!("{key}: {was}"));
            after.push(format!("{key}: {is}"));
        }
    }
    (before.join("\n"), after.join("\n"))
}

/// Makes a new help desk token and answers it; it is kept as a hash only. The old one is void at once.
pub fn renew_token(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk) -> Result<String, DbError> {
    let token = cx.ids.tagged("ht-");
    tx.execute(
        "UPDATE helpdesk SET token_hash = $1 WHERE tenant = $2 AND helpdesk_id = $3",
        &params![&token_hash(&token), &desk.tenant, desk.id],
    )?;
    directory::touch(tx, cx)?;
    Ok(token)
}

/// Makes a new widget secret and answers it; it is kept sealed. Identity tokens that the old one signed are void at once.
pub fn renew_widget_secret(tx: &mut Tx<'_>, cx: &mut Cx, vault: &Vault, desk: &Helpdesk) -> Result<String, DbError> {
    let secret = cx.ids.tagged("");
    tx.execute(
        "UPDATE helpdesk SET widget_secret = $1 WHERE tenant = $2 AND helpdesk_id = $3",
        &params![&vault.seal(&secret, cx.ids.bytes()), &desk.tenant, desk.id],
    )?;
    directory::touch(tx, cx)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_a_hash_and_six_digits_or_nothing() {
        for right in ["", "#7a3ff2", "#ABCDEF"] {
            assert_eq!(colour_fault(right), None, "{right}");
        }
        for wrong in ["7a3ff2", "#7a3", "#7a3ff2ff", "red", "#7a3ff", "#gggggg", "#ééé", " "] {
            assert!(colour_fault(wrong).is_some_and(|why| why.contains("#7a3ff2")), "{wrong}");
        }
        assert_eq!((colour("#ABCDEF"), colour("")), (Some("#abcdef".into()), None));
    }
}
