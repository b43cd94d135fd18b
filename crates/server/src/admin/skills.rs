//! The skills of a help desk, for those who run it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::Kind;
use desk::admin::roster::{self, Held};
use desk::skill::rule::{self, Rule};
use desk::skill::{self, Content};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Nothing;
use wire::skill::RuleListData;

use super::Visitor;
use super::desks::of_path;
use crate::api::agent_skill_rule;
use crate::api::error::ApiError;
use crate::api::known;
use crate::app::App;
use crate::guest::{Body, Segment};

/// The path of a skill.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AdminSkillPath")]
pub struct SkillPath {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// Decimal id of the skill.
    skill_id: String,
}

/// The skills of a help desk.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminSkillList")]
pub struct SkillList {
    /// The default skill, then the others in the order in which they were made.
    skills: Vec<SkillOut>,
}

/// A skill.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminSkillData")]
pub struct SkillData {
    /// As it is now.
    skill: SkillOut,
}

/// A skill of a help desk: which agents a ticket is for.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminSkill")]
struct SkillOut {
    /// Decimal id.
    id: String,
    /// Its name, unique in the help desk.
    name: String,
    /// All have to hold for a ticket; a skill without rules is for none.
    rules: Vec<Rule>,
    /// Open ids of the agents who have it.
    agent_ids: Vec<String>,
    /// Whether it is the default skill, for what no other is for.
    is_default: bool,
}

impl From<Held> for SkillOut {
    fn from(Held { skill, agents }: Held) -> Self {
        let (name, rules) = (skill.name, skill.rules);
        Self { id: skill.id.to_string(), name, rules, agent_ids: agents, is_default: skill.is_default }
    }
}

/// A skill to be made or changed; what is left out is empty in a new one and stays as it is in one that is there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SkillBody {
    /// Its name, unique in the help desk.
    #[schemars(length(min = 1, max = 100))]
    name: Option<String>,
    /// What a ticket has to be like: all rules have to hold.
    #[schemars(length(max = 20))]
    rules: Option<Vec<Rule>>,
    /// Open ids of all agents who are to have it.
    agent_ids: Option<Vec<String>>,
}

impl From<SkillBody> for Content {
    fn from(SkillBody { name, rules, agent_ids }: SkillBody) -> Self {
        Self { name, rules, agents: agent_ids }
    }
}

/// `GET /admin/v1/desks/:helpdesk_id/skills`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<SkillList>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let skills = app.read(move |tx, _| Ok(roster::skills(tx, &desk)?)).await?;
    Ok(Json(SkillList { skills: skills.into_iter().map(SkillOut::from).collect() }))
}

/// `GET /admin/v1/desks/:helpdesk_id/skill-rules`
pub async fn rules(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<RuleListData>, ApiError> {
    of_path(&app, &who, &helpdesk_id)?;
    Ok(Json(RuleListData { rules: rule::Kind::ALL.map(agent_skill_rule::shape).into() }))
}

/// `POST /admin/v1/desks/:helpdesk_id/skills`
pub async fn create(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<SkillBody>,
) -> Result<(StatusCode, Json<SkillData>), ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let content = Content::from(ask);
    let made = app
        .write(move |tx, cx| {
            let id = skill::create(tx, cx, &desk, &who.session.staff.user_id, &content)?;
            roster::skill(tx, &desk, id)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(SkillData { skill: made.into() })))
}

/// `PATCH /admin/v1/desks/:helpdesk_id/skills/:skill_id`
pub async fn update(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<SkillPath>,
    Body(ask): Body<SkillBody>,
) -> Result<Json<SkillData>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(Kind::Skill, &path.skill_id)?;
    let content = Content::from(ask);
    let changed = app
        .write(move |tx, cx| {
            skill::patch(tx, cx, &desk, &who.session.staff.user_id, id, &content)?;
            roster::skill(tx, &desk, id)
        })
        .await?;
    Ok(Json(SkillData { skill: changed.into() }))
}

/// `DELETE /admin/v1/desks/:helpdesk_id/skills/:skill_id`
pub async fn delete(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<SkillPath>,
) -> Result<Json<Nothing>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(Kind::Skill, &path.skill_id)?;
    app.write(move |tx, cx| skill::delete(tx, cx, &desk, &who.session.staff.user_id, id)).await?;
    Ok(Json(Nothing {}))
}
