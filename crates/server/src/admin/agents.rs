//! The agents of a help desk, for those who run it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::admin::roster::{self, Change, Working};
use desk::agent::schedule::Slot;
use desk::agent::{self, Patch, status};
use desk::directory::Helpdesk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Code, Nothing};

use super::Visitor;
use super::desks::of_path;
use crate::api::error::ApiError;
use crate::api::number;
use crate::app::App;
use crate::guest::{Body, Segment};

/// The path of an agent.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AdminAgentPath")]
pub struct AgentPath {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// The agent's open id, `ou_…`.
    agent_id: String,
}

/// The agents of a help desk.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminAgentList")]
pub struct AgentList {
    /// In the order in which they came.
    agents: Vec<AgentOut>,
    /// The IANA name of the time zone in which schedules are read, such as `Europe/Berlin`.
    timezone: String,
}

/// An agent.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminAgentData")]
pub struct AgentData {
    /// As they are now.
    agent: AgentOut,
}

/// An agent of a help desk.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminAgent")]
struct AgentOut {
    /// Open id, `ou_…`.
    agent_id: String,
    /// The display name.
    name: String,
    /// E-mail address; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Address of a picture; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar_url: Option<String>,
    /// Whether they own the help desk and so cannot be removed.
    is_owner: bool,
    /// `online`, `offline` (set by hand) or `off_duty` (online, but outside of the schedule).
    #[schemars(extend("enum" = ["online", "offline", "off_duty"]))]
    status: &'static str,
    /// How many tickets they work on at a time.
    capacity: i64,
    /// Their open tickets.
    open_tickets: i64,
    /// When they work, on the clock of the help desk's time zone; empty: always.
    schedule: Vec<Slot>,
    /// Their skills by name; the default skill if they have no other.
    skills: Vec<SkillLabel>,
}

/// A skill as others name it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminSkillLabel")]
struct SkillLabel {
    /// Decimal id.
    id: String,
    /// Its name.
    name: String,
    /// Whether it is the default skill.
    is_default: bool,
}

fn shape(desk: &Helpdesk, working: Working, now: i64) -> AgentOut {
    let Working { member, open_tickets } = working;
    let status = match member.status(desk, now) {
        status::ONLINE => "online",
        status::OFF_DUTY => "off_duty",
        _ => "offline",
    };
    let label = |skill: desk::skill::Label| SkillLabel {
        id: skill.id.to_string(),
        name: skill.name,
        is_default: skill.is_default,
    };
    AgentOut {
        status,
        open_tickets,
        schedule: member.schedule.slots(),
        agent_id: member.open_id,
        name: member.name,
        email: member.email,
        avatar_url: member.avatar_url,
        is_owner: member.is_owner,
        capacity: member.capacity,
        skills: member.skills.into_iter().map(label).collect(),
    }
}

/// `GET /admin/v1/desks/:helpdesk_id/agents`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<AgentList>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let list = app
        .read(move |tx, cx| {
            let agents = roster::agents(tx, &desk)?.into_iter().map(|working| shape(&desk, working, cx.now));
            let timezone = desk.timezone.iana_name().unwrap_or("UTC").to_owned();
            Ok(AgentList { agents: agents.collect(), timezone })
        })
        .await?;
    Ok(Json(list))
}

/// Who is to be an agent.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NewAgent {
    /// With which e-mail address the user signs in, in any case.
    email: String,
    /// When they work, at most 50 slots; always if left out.
    schedule: Option<Vec<Slot>>,
    /// Decimal ids of their skills; the default skill if left out.
    agent_skill_ids: Option<Vec<String>>,
    /// How many tickets they work on at a time; 10 if left out.
    #[schemars(range(min = 1, max = 1_000))]
    capacity: Option<i64>,
}

/// What is to change of an agent; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ChangeAgent {
    /// `online` or `offline`.
    #[schemars(extend("enum" = ["online", "offline"]))]
    status: Option<String>,
    /// When they work, all of it, at most 50 slots that do not overlap; empty: always.
    schedule: Option<Vec<Slot>>,
    /// Decimal ids of their skills, all of them; empty: the default skill.
    agent_skill_ids: Option<Vec<String>>,
    /// How many tickets they work on at a time.
    #[schemars(range(min = 1, max = 1_000))]
    capacity: Option<i64>,
}

fn ids(list: Option<Vec<String>>) -> Result<Option<Vec<i64>>, ApiError> {
    let id = |(i, text): (usize, String)| number(&format!("agent_skill_ids[{i}]"), &text);
    list.map(|ids| ids.into_iter().enumerate().map(id).collect()).transpose()
}

/// `POST /admin/v1/desks/:helpdesk_id/agents`
pub async fn create(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<NewAgent>,
) -> Result<(StatusCode, Json<AgentData>), ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let patch = Patch { schedule: ask.schedule, skill_ids: ids(ask.agent_skill_ids)?, capacity: ask.capacity };
    let data = app
        .write(move |tx, cx| {
            let made = roster::add(tx, cx, &desk, &who.session.staff.user_id, &ask.email, &patch)?;
            Ok(AgentData { agent: shape(&desk, made, cx.now) })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(data)))
}

/// `PATCH /admin/v1/desks/:helpdesk_id/agents/:agent_id`
pub async fn update(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<AgentPath>,
    Body(ask): Body<ChangeAgent>,
) -> Result<Json<AgentData>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let status = ask.status.as_deref().map(by_hand).transpose()?;
    let work = Patch { schedule: ask.schedule, skill_ids: ids(ask.agent_skill_ids)?, capacity: ask.capacity };
    let change = Change { status, patch: work };
    let data = app
        .write(move |tx, cx| {
            let changed = roster::change(tx, cx, &desk, &who.session.staff.user_id, &path.agent_id, &change)?;
            Ok(AgentData { agent: shape(&desk, changed, cx.now) })
        })
        .await?;
    Ok(Json(data))
}

fn by_hand(word: &str) -> Result<i64, ApiError> {
    match word {
        "online" => Ok(status::ONLINE),
        "offline" => Ok(status::OFFLINE),
        other => Err(ApiError::field(Code::BAD_REQUEST, "status", other, "options: [online,offline]")),
    }
}

/// `DELETE /admin/v1/desks/:helpdesk_id/agents/:agent_id`
pub async fn delete(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<AgentPath>,
) -> Result<Json<Nothing>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    app.write(move |tx, cx| agent::remove(tx, cx, &desk, &who.session.staff.user_id, &path.agent_id)).await?;
    Ok(Json(Nothing {}))
}
