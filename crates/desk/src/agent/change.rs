//! Changing who is an agent, when they work and what they can. Each change meets the queue in the same transaction.

use std::collections::{HashMap, HashSet};

use db::{DbError, Tx, params};

use super::roster::{self, Member};
use super::schedule::{Schedule, Slot};
use super::{AGENTS_MAX, CAPACITY_DEFAULT, CAPACITY_MAX, status};
use crate::audit::Told;
use crate::directory::{self, Helpdesk, Role};
use crate::faq::{require_role, to_json};
use crate::skill;
use crate::ticket::assign;
use crate::{Cx, Refusal, person};

/// An agent to be added.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Who: `ou_…`
    pub open_id: String,
    /// When they work and what they can.
    pub patch: Patch,
}

/// New hours, skills and room of an agent.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    /// When they work; `None` leaves it as it is, an empty list is always.
    pub schedule: Option<Vec<Slot>>,
    /// Skills by id; `None` leaves them as they are, an empty list is the default skill.
    pub skill_ids: Option<Vec<i64>>,
    /// How many tickets they work on at a time, 1 to [`CAPACITY_MAX`]; `None` leaves it as it is.
    pub capacity: Option<i64>,
}

/// A checked [`Patch`].
struct Plan {
    schedule: Option<Schedule>,
    skill_ids: Option<Vec<i64>>,
    capacity: Option<i64>,
}

/// Whom an entry names.
struct Wanted {
    user_id: String,
    /// What is there: nothing for who was never an agent.
    member: Option<Member>,
    plan: Plan,
}

/// Sets an agent online (1) or offline (2). `user_id` has to be that agent, or an admin of the help desk.
pub fn set_status(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    open_id: &str,
    to: i64,
) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Agent)?;
    let agent = roster::require(tx, desk, open_id)?;
    if agent.user_id != user_id {
        require_role(desk, user_id, Role::Admin)?;
    }
    if agent.status_by_hand == to {
        return Ok(());
    }
    tx.execute(
        "UPDATE agent SET status = $1 WHERE tenant = $2 AND helpdesk_id = $3 AND user_id = $4",
        &params![to, &desk.tenant, desk.id, &agent.user_id],
    )?;
    cx.told = Some(Told::change(open_id, Some(agent.told()), Some(roster::get(tx, desk, open_id)?.told())));
    directory::touch(tx, cx)?;
    Ok(assign::rebalance(tx, cx, desk)?)
}

/// Makes users agents; who is one already gets the new hours and skills, who was removed comes back without the old
/// ones. `user_id` has to be an admin of the help desk. All entries or none.
pub fn add(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, entries: &[Entry]) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Admin)?;
    let wanted = check_entries(tx, desk, entries)?;
    for Wanted { user_id, member, plan } in wanted {
        if member.as_ref().is_none_or(|member| member.removed) {
            enter(tx, cx, desk, &user_id, member.is_some(), plan)?;
        } else {
            write(tx, desk, &user_id, &plan)?;
        }
    }
    directory::touch(tx, cx)?;
    Ok(assign::rebalance(tx, cx, desk)?)
}

fn check_entries(tx: &mut Tx<'_>, desk: &Helpdesk, entries: &[Entry]) -> Result<Vec<Wanted>, Refusal> {
    let skills: HashSet<i64> = skill::list(tx, desk)?.into_iter().map(|skill| skill.id).collect();
    let members = roster::list(tx, desk)?;
    let mut count = members.iter().filter(|member| !member.removed).count();
    let mut members: HashMap<String, Member> = members.into_iter().map(|m| (m.open_id.clone(), m)).collect();
    let mut seen = HashSet::new();
    let mut wanted = Vec::new();
    for (i, Entry { open_id, patch }) in entries.iter().enumerate() {
        let at = format!("agent_schedules[{i}]");
        if !seen.insert(open_id) {
            return Err(Refusal::invalid(format!("{at}.agent_id"), format!("{open_id} is named twice")));
        }
        let plan = check_patch(patch, &skills, &at)?;
        let member = members.remove(open_id);
        let user_id = match &member {
            Some(member) => member.user_id.clone(),
            None => account(tx, desk, open_id, &at)?,
        };
        count += usize::from(member.as_ref().is_none_or(|member| member.removed));
        wanted.push(Wanted { user_id, member, plan });
    }
    if count > AGENTS_MAX {
        let why = format!("a help desk has at most {AGENTS_MAX} agents, these would be {count}");
        return Err(Refusal::invalid("agent_schedules", why));
    }
    Ok(wanted)
}

/// The user id of somebody with an account; guests who came by themselves have none.
fn account(tx: &mut Tx<'_>, desk: &Helpdesk, open_id: &str, at: &str) -> Result<String, Refusal> {
    let found = tx.query_opt(
        "SELECT user_id, guest_only FROM person WHERE tenant = $1 AND open_id = $2",
        &params![&desk.tenant, open_id],
        |row| Ok((row.string(0)?, row.flag(1)?)),
    )?;
    match found {
        Some((user_id, false)) => Ok(user_id),
        Some(_) => Err(Refusal::invalid(format!("{at}.agent_id"), format!("{open_id} is a guest without an account"))),
        None => {
            Err(Refusal::invalid(format!("{at}.agent_id"), format!("no user of this tenant has open_id {open_id}")))
        }
    }
}

fn check_patch(patch: &Patch, skills: &HashSet<i64>, at: &str) -> Result<Plan, Refusal> {
    let schedule = patch.schedule.as_deref().map(Schedule::new).transpose();
    let schedule =
        schedule.map_err(|fault| Refusal::invalid(under(at, &format!("schedule{}", fault.at)), fault.why))?;
    let mut skill_ids = patch.skill_ids.clone();
    if let Some(ids) = &mut skill_ids {
        if let Some((j, id)) = ids.iter().enumerate().find(|(_, id)| !skills.contains(id)) {
            let why = format!("no skill {id} in this help desk");
            return Err(Refusal::invalid(under(at, &format!("agent_skill_ids[{j}]")), why));
        }
        ids.sort_unstable();
        ids.dedup();
    }
    if patch.capacity.is_some_and(|tickets| !(1..=CAPACITY_MAX).contains(&tickets)) {
        return Err(Refusal::invalid(under(at, "capacity"), format!("must be 1 to {CAPACITY_MAX} tickets at a time")));
    }
    Ok(Plan { schedule, skill_ids, capacity: patch.capacity })
}

/// The path of a member of the object at `at`, which is empty for the body itself.
fn under(at: &str, member: &str) -> String {
    if at.is_empty() { member.to_owned() } else { format!("{at}.{member}") }
}

/// Makes a user an agent, or one again.
fn enter(tx: &mut Tx<'_>, cx: &Cx, desk: &Helpdesk, user_id: &str, was_one: bool, plan: Plan) -> Result<(), DbError> {
    let schedule = to_json(&plan.schedule.unwrap_or_default());
    let capacity = plan.capacity.unwrap_or(CAPACITY_DEFAULT);
    if was_one {
        tx.execute(
            "UPDATE agent SET role = 'agent', status = $1, schedule = $2, capacity = $3, managed = 0,
                              removed_at = NULL
             WHERE tenant = $4 AND helpdesk_id = $5 AND user_id = $6",
            &params![status::ONLINE, &schedule, capacity, &desk.tenant, desk.id, user_id],
        )?;
    } else {
        tx.execute(
            "INSERT INTO agent (tenant, helpdesk_id, user_id, role, status, schedule, capacity, managed, created_at)
             VALUES ($1, $2, $3, 'agent', $4, $5, $6, 0, $7)",
            &params![&desk.tenant, desk.id, user_id, status::ONLINE, &schedule, capacity, cx.now],
        )?;
    }
    skill::set_of_agent(tx, (&desk.tenant, desk.id), user_id, &plan.skill_ids.unwrap_or_default())
}

fn write(tx: &mut Tx<'_>, desk: &Helpdesk, user_id: &str, plan: &Plan) -> Result<(), DbError> {
    if let Some(schedule) = &plan.schedule {
        tx.execute(
            "UPDATE agent SET schedule = $1 WHERE tenant = $2 AND helpdesk_id = $3 AND user_id = $4",
            &params![&to_json(schedule), &desk.tenant, desk.id, user_id],
        )?;
    }
    if let Some(skill_ids) = &plan.skill_ids {
        skill::set_of_agent(tx, (&desk.tenant, desk.id), user_id, skill_ids)?;
    }
    if let Some(capacity) = plan.capacity {
        tx.execute(
            "UPDATE agent SET capacity = $1 WHERE tenant = $2 AND helpdesk_id = $3 AND user_id = $4",
            &params![capacity, &desk.tenant, desk.id, user_id],
        )?;
    }
    Ok(())
}

/// Makes the user with this e-mail address an agent, or one again, and answers their open id. `user_id` has to be an
/// admin of the help desk.
pub fn appoint(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    email: &str,
    patch: &Patch,
) -> Result<String, Refusal> {
    require_role(desk, user_id, Role::Admin)?;
    let skills: HashSet<i64> = skill::list(tx, desk)?.into_iter().map(|skill| skill.id).collect();
    let plan = check_patch(patch, &skills, "")?;
    let person = person::account_by_email(tx, &desk.tenant, email)?;
    let members = roster::list(tx, desk)?;
    let there = members.iter().find(|member| member.user_id == person.user_id);
    if let Some(twin) = there.filter(|member| !member.removed) {
        return Err(Refusal::invalid("email", format!("{} is an agent of this help desk already", twin.name)));
    }
    if members.iter().filter(|member| !member.removed).count() >= AGENTS_MAX {
        return Err(Refusal::invalid("email", format!("a help desk has at most {AGENTS_MAX} agents")));
    }
    enter(tx, cx, desk, &person.user_id, there.is_some(), plan)?;
    directory::touch(tx, cx)?;
    assign::rebalance(tx, cx, desk)?;
    Ok(person.open_id)
}

/// Changes an agent's hours, skills and room; `at` is the path of the object that tells them, empty for the body itself.
/// `user_id` has to be an admin of the help desk.
pub fn patch(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    open_id: &str,
    (patch, at): (&Patch, &str),
) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Admin)?;
    let agent = roster::require(tx, desk, open_id)?;
    let skills: HashSet<i64> = skill::list(tx, desk)?.into_iter().map(|skill| skill.id).collect();
    let plan = check_patch(patch, &skills, at)?;
    write(tx, desk, &agent.user_id, &plan)?;
    cx.told = Some(Told::change(open_id, Some(agent.told()), Some(roster::get(tx, desk, open_id)?.told())));
    directory::touch(tx, cx)?;
    Ok(assign::rebalance(tx, cx, desk)?)
}

/// Removes an agent: they lose their role and skills, and their tickets go back into the queue. `user_id` has to be an
/// admin of the help desk; its owner stays.
pub fn remove(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, open_id: &str) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Admin)?;
    let agent = roster::require(tx, desk, open_id)?;
    if agent.is_owner {
        return Err(Refusal::invalid("agent_id", format!("{open_id} owns the help desk and cannot be removed")));
    }
    leave(tx, cx, (&desk.tenant, desk.id), &agent.user_id)?;
    cx.told = Some(Told::change(open_id, Some(agent.told()), None));
    directory::touch(tx, cx)?;
    Ok(assign::rebalance(tx, cx, desk)?)
}

/// Takes role and skills from an agent of the help desk (tenant and id).
pub(crate) fn leave(tx: &mut Tx<'_>, cx: &Cx, desk: (&str, i64), user_id: &str) -> Result<(), DbError> {
    let (tenant, helpdesk_id) = desk;
    tx.execute(
        "UPDATE agent SET role = 'agent', removed_at = $1 WHERE tenant = $2 AND helpdesk_id = $3 AND user_id = $4",
        &params![cx.now, tenant, helpdesk_id, user_id],
    )?;
    tx.execute(
        "DELETE FROM agent_skill WHERE tenant = $1 AND helpdesk_id = $2 AND user_id = $3",
        &params![tenant, helpdesk_id, user_id],
    )?;
    Ok(())
}
