//! Agents and their schedules (reference: helpdesk-v1 5; helpdesk-v1.json `agent.*`, `agent_schedule.*`,
//! `agent_schedules.*`).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::flex;

/// A person who is an agent (reference: helpdesk-v1.json `agent_user`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AgentUser {
    /// `ou_…`
    pub id: String,
    /// Address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// Name.
    pub name: String,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The first department's id; departments have no names here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The tenant's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
}

/// A slot of a weekly schedule, in the help desk's time zone (reference: helpdesk-v1.json `weekday_schedule`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WeekdaySchedule {
    /// `HH:MM`, from 00:00 to 23:59.
    #[schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub start_time: String,
    /// `HH:MM`, from 00:00 to 24:00; before `start_time` it is on the next day.
    #[schemars(regex(pattern = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"))]
    pub end_time: String,
    /// 1 to 7 Monday to Sunday, 9 every day, 10 weekdays, 11 the weekend.
    #[schemars(extend("enum" = [1, 2, 3, 4, 5, 6, 7, 9, 10, 11]))]
    pub weekday: i64,
}

/// A skill as an agent's schedule names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AgentSkillLessInfo {
    /// Decimal id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is the default skill.
    pub is_default: bool,
}

/// An agent with schedule and skills (reference: helpdesk-v1.json `agent_schedule`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AgentSchedule {
    /// 1 online, 2 offline by hand, 3 off duty, 4 removed.
    pub status: i64,
    /// Who.
    pub agent: AgentUser,
    /// When they work; an empty list is always.
    pub schedule: Vec<WeekdaySchedule>,
    /// What they can.
    pub agent_skills: Vec<AgentSkillLessInfo>,
}

/// Path of an agent's endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentPath {
    /// The agent's open id.
    pub agent_id: String,
}

/// Data of `agent.agent_email`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EmailData {
    /// Each agent's open id with the address; the tables say string, the samples show this object.
    pub agents: BTreeMap<String, String>,
}

/// Body of `agent.patch`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PatchBody {
    /// 1 online, 2 offline.
    #[schemars(required, extend("enum" = [1, 2]))]
    pub status: Option<i64>,
}

/// An agent to be added, in `agent_schedule.create`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewSchedule {
    /// The open id of a user of the tenant.
    pub agent_id: String,
    /// When they work; an empty list is always.
    #[serde(default, deserialize_with = "flex::objects")]
    #[schemars(length(max = 50))]
    pub schedule: Option<Vec<WeekdaySchedule>>,
    /// Ids of skills; without any the agent has the default skill.
    #[schemars(inner(regex(pattern = r"^[1-9][0-9]{0,18}$")))]
    pub agent_skill_ids: Option<Vec<String>>,
}

/// Body of `agent_schedule.create`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreateBody {
    /// One entry for each agent, 100 at most.
    #[serde(deserialize_with = "flex::required_objects")]
    #[schemars(length(max = 100))]
    pub agent_schedules: Vec<NewSchedule>,
}

/// Query of `agent_schedule.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListQuery {
    /// Any of these: 1 online, 2 offline by hand, 3 off duty, 4 removed.
    #[schemars(extend("items" = {"type": "integer", "enum": [1, 2, 3, 4]}))]
    pub status: Vec<i64>,
}

/// Data of `agent_schedule.list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListData {
    /// All of them.
    pub agent_schedules: Vec<AgentSchedule>,
}

/// Data of `agent_schedules.get`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GetData {
    /// The agent with schedule and skills.
    pub agent_schedule: AgentSchedule,
}

/// What `agent_schedules.patch` changes; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduleUpdate {
    /// When they work; an empty list is always.
    #[serde(default, deserialize_with = "flex::objects")]
    #[schemars(length(max = 50))]
    pub schedule: Option<Vec<WeekdaySchedule>>,
    /// Ids of skills; an empty list is the default skill.
    #[schemars(inner(regex(pattern = r"^[1-9][0-9]{0,18}$")))]
    pub agent_skill_ids: Option<Vec<String>>,
}

/// Body of `agent_schedules.patch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduleBody {
    /// The changes.
    #[serde(deserialize_with = "flex::required_object")]
    pub agent_schedule: ScheduleUpdate,
}
