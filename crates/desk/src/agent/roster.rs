//! Reading agents with who they are and what they can.

use std::collections::HashMap;

use db::{DbError, Row, Tx, params};

use super::schedule::Schedule;
use super::status;
use crate::directory::{Helpdesk, Role, json};
use crate::person;
use crate::skill::{self, Label};
use crate::{Kind, Refusal};

/// An agent with the person behind it.
#[derive(Debug, Clone)]
pub struct Member {
    /// The agent's user id.
    pub user_id: String,
    /// `ou_…`, which is also the agent's id in the open API.
    pub open_id: String,
    /// Display name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Address of a picture.
    pub avatar_url: Option<String>,
    /// The first department's id.
    pub department: Option<String>,
    /// Whether they own the help desk.
    pub is_owner: bool,
    /// How many tickets they work on at a time.
    pub capacity: i64,
    /// 1 online, 2 offline, as set by hand.
    pub status_by_hand: i64,
    /// When they work.
    pub schedule: Schedule,
    /// Whether they are an agent no more.
    pub removed: bool,
    /// Their skills by name; the default skill if they have no other, nothing if they are removed.
    pub skills: Vec<Label>,
}

impl Member {
    /// The agent in short, for the audit log.
    pub(crate) fn told(&self) -> String {
        let skills: Vec<&str> = self.skills.iter().map(|skill| skill.name.as_str()).collect();
        let status = if self.status_by_hand == status::ONLINE { "online" } else { "offline" };
        serde_json::json!({
            "name": self.name, "status": status, "capacity": self.capacity, "skills": skills,
            "schedule": self.schedule.slots(),
        })
        .to_string()
    }

    /// What the agent is at `now` (Unix ms); see [`status`].
    pub fn status(&self, desk: &Helpdesk, now: i64) -> i64 {
        if self.removed { status::REMOVED } else { status_at(self.status_by_hand, &self.schedule, desk, now) }
    }
}

/// What an agent with this status by hand and this schedule is at `now` (Unix ms); see [`status`].
pub(crate) fn status_at(by_hand: i64, schedule: &Schedule, desk: &Helpdesk, now: i64) -> i64 {
    if by_hand != status::ONLINE {
        status::OFFLINE
    } else if schedule.on_duty(&desk.timezone, now) {
        status::ONLINE
    } else {
        status::OFF_DUTY
    }
}

/// The columns that [`read`] reads, then when the agent came.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT a.user_id, p.open_id, p.name, p.email, p.avatar_url, p.departments, a.role, a.status, a.schedule,
                    a.removed_at, a.capacity, a.created_at
             FROM agent a JOIN person p ON p.tenant = a.tenant AND p.user_id = a.user_id
             WHERE a.tenant = $1 AND a.helpdesk_id = $2",
            $tail
        )
    };
}

fn read(row: &Row<'_>) -> Result<Member, DbError> {
    Ok(Member {
        user_id: row.string(0)?,
        open_id: row.string(1)?,
        name: row.string(2)?,
        email: row.opt_string(3)?,
        avatar_url: row.opt_string(4)?,
        department: json::<Vec<String>>(row.text(5)?)?.into_iter().next(),
        is_owner: row.text(6)? == Role::Owner.as_str(),
        status_by_hand: row.int(7)?,
        schedule: json(row.text(8)?)?,
        removed: row.opt_int(9)?.is_some(),
        capacity: row.int(10)?,
        skills: Vec::new(),
    })
}

/// All agents of the help desk, removed ones too, in the order in which they came.
pub fn list(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Vec<Member>, DbError> {
    let mut rows = tx.query(select!(""), &params![&desk.tenant, desk.id], |row| Ok((row.int(11)?, read(row)?)))?;
    // Here, because the databases order texts differently.
    rows.sort_by(|(at, a), (bt, b)| (at, &a.user_id).cmp(&(bt, &b.user_id)));
    let mut members: Vec<Member> = rows.into_iter().map(|(_, member)| member).collect();
    let mut skills = skill::of_agents(tx, desk)?;
    let default = skill::default_label(tx, desk)?;
    for member in &mut members {
        add_skills(member, &mut skills, &default);
    }
    Ok(members)
}

/// The agent with this open id, removed or not.
pub fn get(tx: &mut Tx<'_>, desk: &Helpdesk, open_id: &str) -> Result<Member, Refusal> {
    let unknown = || Refusal::not_found(Kind::Agent, open_id);
    let person = person::by_open_id(tx, &desk.tenant, open_id)?.ok_or_else(unknown)?;
    let found = tx.query_opt(select!(" AND a.user_id = $3"), &params![&desk.tenant, desk.id, &person.user_id], read)?;
    let mut member = found.ok_or_else(unknown)?;
    let mut skills = HashMap::from([(person.user_id.clone(), skill::of_agent(tx, desk, &person.user_id)?)]);
    let default = skill::default_label(tx, desk)?;
    add_skills(&mut member, &mut skills, &default);
    Ok(member)
}

fn add_skills(member: &mut Member, skills: &mut HashMap<String, Vec<Label>>, default: &Label) {
    member.skills = skills.remove(&member.user_id).unwrap_or_default();
    member.skills.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    if member.skills.is_empty() && !member.removed {
        member.skills.push(default.clone());
    }
}

/// The agent with this open id who was not removed.
pub(super) fn require(tx: &mut Tx<'_>, desk: &Helpdesk, open_id: &str) -> Result<Member, Refusal> {
    let member = get(tx, desk, open_id)?;
    if member.removed {
        let why = format!("agent {open_id} was removed; agent_schedule.create brings them back");
        return Err(Refusal::invalid("agent_id", why));
    }
    Ok(member)
}
