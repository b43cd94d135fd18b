//! Skills of a help desk: which agents a ticket is for.
//!
//! A skill is for the tickets for which all its rules hold. What no skill is for belongs to the default skill, which
//! every help desk has and every agent without another skill.

mod facts;
pub mod rule;

use std::collections::{BTreeSet, HashMap, HashSet};

use db::{DbError, Row, Tx, params};

use crate::agent::{self, Member};
use crate::audit::Told;
use crate::directory::{Helpdesk, Role, json};
use crate::faq::{require_role, to_json};
use crate::ticket::{Ticket, assign};
use crate::{Cx, Kind, Refusal, category};
use rule::{Rule, Test};

/// Longest name, in characters.
pub const NAME_MAX: usize = 100;
/// Most skills of a help desk, the default one included.
pub const SKILLS_MAX: usize = 200;
/// Most rules of a skill.
pub const RULES_MAX: usize = 20;
/// The default skill's name until somebody changes it.
pub const DEFAULT_NAME: &str = "Default skill";

/// A skill as others name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// 19 digits; the default skill has the help desk's.
    pub id: i64,
    /// Unique in the help desk.
    pub name: String,
    /// Whether it is the default skill.
    pub is_default: bool,
}

/// A skill.
#[derive(Debug, Clone)]
pub struct Skill {
    /// 19 digits; the default skill has the help desk's.
    pub id: i64,
    /// Unique in the help desk.
    pub name: String,
    /// All have to hold for a ticket; a skill without rules is for none.
    pub rules: Vec<Rule>,
    /// Whether it is the default skill.
    pub is_default: bool,
}

/// What a skill is to be; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// The name.
    pub name: Option<String>,
    /// All its rules.
    pub rules: Option<Vec<Rule>>,
    /// Open ids of all agents who are to have it.
    pub agents: Option<Vec<String>>,
}

fn read(row: &Row<'_>) -> Result<Skill, DbError> {
    let rules = json(row.text(2)?)?;
    Ok(Skill { id: row.int(0)?, name: row.string(1)?, rules, is_default: row.flag(3)? })
}

/// All skills of the help desk: the default one, then the others in the order in which they were made.
pub fn list(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Vec<Skill>, DbError> {
    let mut skills = tx.query(
        "SELECT skill_id, name, rules, is_default FROM skill WHERE tenant = $1 AND helpdesk_id = $2 ORDER BY skill_id",
        &params![&desk.tenant, desk.id],
        read,
    )?;
    skills.sort_by_key(|skill| !skill.is_default);
    Ok(skills)
}

/// A skill of the help desk.
pub fn get(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64) -> Result<Skill, Refusal> {
    let found = tx.query_opt(
        "SELECT skill_id, name, rules, is_default FROM skill
         WHERE tenant = $1 AND helpdesk_id = $2 AND skill_id = $3",
        &params![&desk.tenant, desk.id, id],
        read,
    )?;
    found.ok_or_else(|| Refusal::not_found(Kind::Skill, id))
}

/// The agents with this skill, in the order in which they came.
pub fn agents_with<'m>(members: &'m [Member], skill: &Skill) -> impl Iterator<Item = &'m Member> {
    let id = skill.id;
    members.iter().filter(move |member| member.skills.iter().any(|label| label.id == id))
}

/// The default skill; a help desk without its row would be one that the schema was not made for.
pub(crate) fn default_label(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Label, DbError> {
    let name = tx.query_opt(
        "SELECT name FROM skill WHERE tenant = $1 AND helpdesk_id = $2 AND skill_id = $3",
        &params![&desk.tenant, desk.id, desk.id],
        |row| row.string(0),
    )?;
    Ok(Label { id: desk.id, name: name.unwrap_or_else(|| DEFAULT_NAME.into()), is_default: true })
}

/// Makes the default skill of a new help desk (tenant and id).
pub(crate) fn create_default(tx: &mut Tx<'_>, cx: &Cx, desk: (&str, i64)) -> Result<(), DbError> {
    let (tenant, helpdesk_id) = desk;
    tx.execute(
        "INSERT INTO skill (tenant, helpdesk_id, skill_id, name, rules, is_default, managed, created_at, updated_at)
         VALUES ($1, $2, $3, $4, '[]', 1, 0, $5, $6)",
        &params![tenant, helpdesk_id, helpdesk_id, DEFAULT_NAME, cx.now, cx.now],
    )?;
    Ok(())
}

fn read_label(row: &Row<'_>) -> Result<Label, DbError> {
    Ok(Label { id: row.int(0)?, name: row.string(1)?, is_default: row.flag(2)? })
}

/// The skills that agents were given, by user id; who has none is left out.
pub(crate) fn of_agents(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<HashMap<String, Vec<Label>>, DbError> {
    let rows = tx.query(
        "SELECT s.skill_id, s.name, s.is_default, m.user_id FROM agent_skill m
         JOIN skill s ON s.tenant = m.tenant AND s.helpdesk_id = m.helpdesk_id AND s.skill_id = m.skill_id
         WHERE m.tenant = $1 AND m.helpdesk_id = $2",
        &params![&desk.tenant, desk.id],
        |row| Ok((row.string(3)?, read_label(row)?)),
    )?;
    let mut skills: HashMap<String, Vec<Label>> = HashMap::new();
    for (user_id, label) in rows {
        skills.entry(user_id).or_default().push(label);
    }
    Ok(skills)
}

/// The skills that one agent was given.
pub(crate) fn of_agent(tx: &mut Tx<'_>, desk: &Helpdesk, user_id: &str) -> Result<Vec<Label>, DbError> {
    tx.query(
        "SELECT s.skill_id, s.name, s.is_default FROM agent_skill m
         JOIN skill s ON s.tenant = m.tenant AND s.helpdesk_id = m.helpdesk_id AND s.skill_id = m.skill_id
         WHERE m.tenant = $1 AND m.helpdesk_id = $2 AND m.user_id = $3",
        &params![&desk.tenant, desk.id, user_id],
        read_label,
    )
}

/// Gives an agent of the help desk (tenant and id) these skills and no others.
pub(crate) fn set_of_agent(
    tx: &mut Tx<'_>,
    desk: (&str, i64),
    user_id: &str,
    skill_ids: &[i64],
) -> Result<(), DbError> {
    let (tenant, helpdesk_id) = desk;
    tx.execute(
        "DELETE FROM agent_skill WHERE tenant = $1 AND helpdesk_id = $2 AND user_id = $3",
        &params![tenant, helpdesk_id, user_id],
    )?;
    for skill_id in skill_ids {
        give(tx, desk, user_id, *skill_id)?;
    }
    Ok(())
}

fn give(tx: &mut Tx<'_>, desk: (&str, i64), user_id: &str, skill_id: i64) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO agent_skill (tenant, helpdesk_id, user_id, skill_id) VALUES ($1, $2, $3, $4)",
        &params![desk.0, desk.1, user_id, skill_id],
    )?;
    Ok(())
}

/// Makes a skill and answers its id. `user_id` has to be an admin of the help desk.
pub fn create(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, new: &Content) -> Result<i64, Refusal> {
    require_role(desk, user_id, Role::Admin)?;
    let skills = list(tx, desk)?;
    if skills.len() >= SKILLS_MAX {
        return Err(Refusal::invalid("name", format!("a help desk has at most {SKILLS_MAX} skills")));
    }
    let name = checked_name(new.name.as_deref().unwrap_or_default(), &skills, None, "name")?;
    let rules = checked_rules(tx, desk, new.rules.as_deref().unwrap_or_default(), "rules")?;
    let users = checked_agents(tx, desk, new.agents.as_deref().unwrap_or_default(), "agent_ids")?;
    let id = cx.ids.decimal(cx.now);
    tx.execute(
        "INSERT INTO skill (tenant, helpdesk_id, skill_id, name, rules, is_default, managed, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7)",
        &params![&desk.tenant, desk.id, id, &name, &to_json(&rules), cx.now, cx.now],
    )?;
    for user in &users {
        give(tx, (&desk.tenant, desk.id), user, id)?;
    }
    assign::rebalance(tx, cx, desk)?;
    cx.told = Some(Told::change(id, None, Some(told(tx, desk, id)?)));
    Ok(id)
}

/// A skill in short, for the audit log.
fn told(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64) -> Result<String, Refusal> {
    let (skill, members) = (get(tx, desk, id)?, agent::list(tx, desk)?);
    let names: Vec<&str> = agents_with(&members, &skill).map(|member| member.name.as_str()).collect();
    Ok(serde_json::json!({"name": skill.name, "agents": names, "rules": skill.rules}).to_string())
}

/// Changes a skill. `user_id` has to be an admin of the help desk. The default skill takes no rules.
pub fn patch(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    id: i64,
    change: &Content,
) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Admin)?;
    let old = get(tx, desk, id)?;
    let before = told(tx, desk, id)?;
    let name = match &change.name {
        Some(name) => checked_name(name, &list(tx, desk)?, Some(id), "name")?,
        None => old.name,
    };
    let rules = match &change.rules {
        Some(rules) => checked_rules(tx, desk, rules, "rules")?,
        None => old.rules,
    };
    if old.is_default && !rules.is_empty() {
        let why = "the default skill is for what no other skill is for; it takes no rules";
        return Err(Refusal::invalid("rules", why));
    }
    let agents = change.agents.as_deref();
    let users = agents.map(|agents| checked_agents(tx, desk, agents, "agent_ids")).transpose()?;
    tx.execute(
        "UPDATE skill SET name = $1, rules = $2, updated_at = $3
         WHERE tenant = $4 AND helpdesk_id = $5 AND skill_id = $6",
        &params![&name, &to_json(&rules), cx.now, &desk.tenant, desk.id, id],
    )?;
    if let Some(users) = users {
        take_from_all(tx, (&desk.tenant, desk.id), id)?;
        for user in &users {
            give(tx, (&desk.tenant, desk.id), user, id)?;
        }
    }
    cx.told = Some(Told::change(id, Some(before), Some(told(tx, desk, id)?)));
    Ok(assign::rebalance(tx, cx, desk)?)
}

/// Deletes a skill; who had no other has the default skill then. `user_id` has to be an admin of the help desk.
pub fn delete(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, id: i64) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Admin)?;
    if get(tx, desk, id)?.is_default {
        return Err(Refusal::invalid("agent_skill_id", "the default skill cannot be deleted"));
    }
    cx.told = Some(Told::change(id, Some(told(tx, desk, id)?), None));
    erase(tx, (&desk.tenant, desk.id), id)?;
    Ok(assign::rebalance(tx, cx, desk)?)
}

/// Deletes a skill's rows of the help desk (tenant and id).
pub(crate) fn erase(tx: &mut Tx<'_>, desk: (&str, i64), id: i64) -> Result<(), DbError> {
    take_from_all(tx, desk, id)?;
    tx.execute(
        "DELETE FROM skill WHERE tenant = $1 AND helpdesk_id = $2 AND skill_id = $3",
        &params![desk.0, desk.1, id],
    )?;
    Ok(())
}

fn take_from_all(tx: &mut Tx<'_>, desk: (&str, i64), id: i64) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM agent_skill WHERE tenant = $1 AND helpdesk_id = $2 AND skill_id = $3",
        &params![desk.0, desk.1, id],
    )?;
    Ok(())
}

fn checked_name(name: &str, skills: &[Skill], own: Option<i64>, at: &str) -> Result<String, Refusal> {
    let name = name.trim();
    match name.chars().count() {
        0 => return Err(Refusal::invalid(at, "must not be empty")),
        n if n > NAME_MAX => return Err(Refusal::invalid(at, format!("at most {NAME_MAX} characters are allowed"))),
        _ => {}
    }
    match skills.iter().find(|skill| skill.name == name && Some(skill.id) != own) {
        Some(twin) => Err(Refusal::invalid(at, format!("skill {} of this help desk has this name already", twin.id))),
        None => Ok(name.to_owned()),
    }
}

/// Refuses what is no rule, and categories that this help desk does not have; answers the rules as they are stored.
fn checked_rules(tx: &mut Tx<'_>, desk: &Helpdesk, rules: &[Rule], at: &str) -> Result<Vec<Rule>, Refusal> {
    if rules.len() > RULES_MAX {
        return Err(Refusal::invalid(at, format!("at most {RULES_MAX} rules are allowed")));
    }
    let mut categories: Option<HashSet<i64>> = None;
    for (i, rule) in rules.iter().enumerate() {
        let test = Test::new(rule).map_err(|fault| Refusal::invalid(format!("{at}[{i}].{}", fault.at), fault.why))?;
        for id in test.categories() {
            if categories.is_none() {
                categories = Some(category::list(tx, desk)?.into_iter().map(|category| category.id).collect());
            }
            if categories.as_ref().is_some_and(|known| !known.contains(&id)) {
                let why = format!("no category {id} in this help desk");
                return Err(Refusal::invalid(format!("{at}[{i}].operand"), why));
            }
        }
    }
    Ok(rules.iter().map(|rule| Rule { category: None, ..rule.clone() }).collect())
}

/// User ids of agents by their open ids, each once.
fn checked_agents(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    open_ids: &[String],
    at: &str,
) -> Result<BTreeSet<String>, Refusal> {
    if open_ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let members = agent::list(tx, desk)?.into_iter().filter(|member| !member.removed);
    let members: HashMap<String, String> = members.map(|member| (member.open_id, member.user_id)).collect();
    let user = |(i, open_id): (usize, &String)| {
        let why = || format!("{open_id} is no agent of this help desk");
        members.get(open_id).cloned().ok_or_else(|| Refusal::invalid(format!("{at}[{i}]"), why()))
    };
    open_ids.iter().enumerate().map(user).collect()
}

/// User ids of the agents whose skills this ticket asks for, whether or not they are on duty: those with a skill whose
/// rules all hold for the ticket, else those with the default skill. `None` if nobody has such a skill, so that every
/// agent will do. Ordered by user id.
pub fn agents_for(tx: &mut Tx<'_>, desk: &Helpdesk, ticket: &Ticket) -> Result<Option<Vec<String>>, DbError> {
    let skills = list(tx, desk)?;
    if skills.iter().all(|skill| skill.is_default) {
        return Ok(None);
    }
    let tests =
        skills.iter().map(|skill| tests(skill).map(|tests| (skill.id, tests))).collect::<Result<Vec<_>, _>>()?;
    let facts = facts::of(tx, desk, ticket, tests.iter().flat_map(|(_, tests)| tests))?;
    let asked = tests.iter().filter(|(_, tests)| !tests.is_empty() && tests.iter().all(|test| test.holds(&facts)));
    let asked: HashSet<i64> = asked.map(|(id, _)| *id).collect();
    let holders = holders(tx, desk)?;
    let with = |wanted: &dyn Fn(i64) -> bool| -> BTreeSet<&String> {
        holders.iter().filter(|(_, skill)| wanted(*skill)).map(|(user, _)| user).collect()
    };
    let mut found = with(&|skill| asked.contains(&skill));
    if found.is_empty() {
        found = with(&|skill| skill == desk.id);
    }
    Ok(Some(found.into_iter().cloned().collect()).filter(|found: &Vec<String>| !found.is_empty()))
}

fn tests(skill: &Skill) -> Result<Vec<Test>, DbError> {
    let test = |rule: &Rule| {
        Test::new(rule).map_err(|fault| {
            DbError::Corrupt(format!("skill {} holds a rule that is none: {}: {}", skill.id, fault.at, fault.why))
        })
    };
    skill.rules.iter().map(test).collect()
}

/// Each agent's user id with each of their skills.
fn holders(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Vec<(String, i64)>, DbError> {
    tx.query(
        "SELECT a.user_id, m.skill_id FROM agent a
         LEFT JOIN agent_skill m ON m.tenant = a.tenant AND m.helpdesk_id = a.helpdesk_id AND m.user_id = a.user_id
         WHERE a.tenant = $1 AND a.helpdesk_id = $2 AND a.removed_at IS NULL",
        &params![&desk.tenant, desk.id],
        |row| Ok((row.string(0)?, row.opt_int(1)?.unwrap_or(desk.id))),
    )
}
