//! The agents of a help desk as those who run it see and change them.

use std::collections::HashMap;

use db::{DbError, Tx};

use crate::agent::schedule::{Schedule, Slot};
use crate::agent::{self, Member, Patch};
use crate::audit::Told;
use crate::directory::Helpdesk;
use crate::skill::{self, Skill};
use crate::{Cx, Refusal, ticket};

/// An agent with what they have to do.
#[derive(Debug, Clone)]
pub struct Working {
    /// Who, when they work and what they can.
    pub member: Member,
    /// Their open tickets.
    pub open_tickets: i64,
}

/// What is to change of an agent.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// 1 online, 2 offline; `None` leaves it as it is.
    pub status: Option<i64>,
    /// Hours, skills and room.
    pub patch: Patch,
}

/// A skill with the open ids of the agents who have it.
#[derive(Debug, Clone)]
pub struct Held {
    /// The skill.
    pub skill: Skill,
    /// Who has it, in the order in which they came.
    pub agents: Vec<String>,
}

/// The agents of the help desk without those who were removed, in the order in which they came.
pub fn agents(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Vec<Working>, DbError> {
    let mut open: HashMap<String, i64> = ticket::open_by_agent(tx, desk)?;
    let members = agent::list(tx, desk)?.into_iter().filter(|member| !member.removed);
    let working = |member: Member| Working { open_tickets: open.remove(&member.user_id).unwrap_or(0), member };
    Ok(members.map(working).collect())
}

/// One of them.
pub fn agent(tx: &mut Tx<'_>, desk: &Helpdesk, open_id: &str) -> Result<Working, Refusal> {
    let member = agent::get(tx, desk, open_id)?;
    let open_tickets = ticket::open_by_agent(tx, desk)?.remove(&member.user_id).unwrap_or(0);
    Ok(Working { member, open_tickets })
}

/// Makes the user with this e-mail address an agent.
pub fn add(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    email: &str,
    patch: &Patch,
) -> Result<Working, Refusal> {
    apart(patch.schedule.as_deref())?;
    let open_id = agent::appoint(tx, cx, desk, user_id, email, patch)?;
    let made = agent(tx, desk, &open_id)?;
    cx.told = Some(Told::change(&open_id, None, Some(made.member.told())));
    Ok(made)
}

/// Changes an agent, all of it or nothing.
pub fn change(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    open_id: &str,
    change: &Change,
) -> Result<Working, Refusal> {
    apart(change.patch.schedule.as_deref())?;
    let before = agent::get(tx, desk, open_id)?.told();
    agent::patch(tx, cx, desk, user_id, open_id, (&change.patch, ""))?;
    if let Some(status) = change.status {
        agent::set_status(tx, cx, desk, user_id, open_id, status)?;
    }
    let changed = agent(tx, desk, open_id)?;
    cx.told = Some(Told::change(open_id, Some(before), Some(changed.member.told())));
    Ok(changed)
}

/// Refuses slots that cover the same time. The open API takes them, because the platform is said to; people who see a week
/// in front of them mean two slots to be two.
fn apart(slots: Option<&[Slot]>) -> Result<(), Refusal> {
    // What is no schedule at all is refused by the change itself.
    let Some(Ok(schedule)) = slots.map(Schedule::new) else { return Ok(()) };
    match schedule.overlap() {
        Some((first, second)) => {
            let why = format!("covers time that schedule[{first}] covers already; let one end where the other begins");
            Err(Refusal::invalid(format!("schedule[{second}]"), why))
        }
        None => Ok(()),
    }
}

/// All skills of the help desk with who has them: the default one, then the others in the order in which they were made.
pub fn skills(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Vec<Held>, DbError> {
    let members = agent::list(tx, desk)?;
    let held = |skill: Skill| Held {
        agents: skill::agents_with(&members, &skill).map(|member| member.open_id.clone()).collect(),
        skill,
    };
    Ok(skill::list(tx, desk)?.into_iter().map(held).collect())
}

/// One of them.
pub fn skill(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64) -> Result<Held, Refusal> {
    let (skill, members) = (skill::get(tx, desk, id)?, agent::list(tx, desk)?);
    let agents = skill::agents_with(&members, &skill).map(|member| member.open_id.clone()).collect();
    Ok(Held { skill, agents })
}
