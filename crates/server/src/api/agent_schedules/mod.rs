//! The schedule of one agent.

pub mod delete;
pub mod get;
pub mod patch;

use desk::agent::schedule::Slot;
use desk::agent::{self, Member};
use desk::directory::Helpdesk;
use wire::agent::{AgentSchedule, AgentSkillLessInfo, WeekdaySchedule};

use crate::api::{ApiError, number};
use crate::app::App;

/// The name of the help desk's tenant.
pub(super) fn company(app: &App, desk: &Helpdesk) -> String {
    app.directory().tenants.get(&desk.tenant).cloned().unwrap_or_default()
}

/// The agent with schedule and skills at `now` (Unix ms) as SDKs read it.
pub(super) fn shape(desk: &Helpdesk, agent: &Member, company: &str, now: i64) -> AgentSchedule {
    let slot =
        |slot: Slot| WeekdaySchedule { start_time: slot.start_time, end_time: slot.end_time, weekday: slot.weekday };
    let skills = agent.skills.iter().map(|skill| AgentSkillLessInfo {
        id: skill.id.to_string(),
        name: skill.name.clone(),
        is_default: skill.is_default,
    });
    AgentSchedule {
        status: agent.status(desk, now),
        agent: super::agent::user(agent, company),
        schedule: agent.schedule.slots().into_iter().map(slot).collect(),
        agent_skills: skills.collect(),
    }
}

/// New hours and skills; `at` is the path of the object that holds them.
pub(super) fn change(
    schedule: Option<Vec<WeekdaySchedule>>,
    skill_ids: Option<Vec<String>>,
    at: &str,
) -> Result<agent::Patch, ApiError> {
    let slot =
        |slot: WeekdaySchedule| Slot { start_time: slot.start_time, end_time: slot.end_time, weekday: slot.weekday };
    let skill_ids = skill_ids.map(|ids| {
        let id = |(j, id): (usize, &String)| number(&format!("{at}.agent_skill_ids[{j}]"), id);
        ids.iter().enumerate().map(id).collect::<Result<_, _>>()
    });
    Ok(agent::Patch {
        schedule: schedule.map(|slots| slots.into_iter().map(slot).collect()),
        skill_ids: skill_ids.transpose()?,
        capacity: None,
    })
}
