//! Skills.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod patch;

use desk::agent::Member;
use desk::directory::Helpdesk;
use desk::skill::{self, Skill, rule};
use wire::agent::AgentUser;
use wire::skill::{AgentSkill, AgentSkillRule, RuleInput};

use crate::api::ApiError;

/// The skill as SDKs read it.
fn shape(desk: &Helpdesk, skill: &Skill, members: &[Member]) -> AgentSkill {
    let agents: Vec<&Member> = skill::agents_with(members, skill).collect();
    // An agent inside a skill has these three members only.
    let agent = |agent: &&Member| AgentUser {
        id: agent.open_id.clone(),
        avatar_url: agent.avatar_url.clone(),
        name: agent.name.clone(),
        ..AgentUser::default()
    };
    AgentSkill {
        id: skill.id.to_string(),
        agent_skill_id: skill.id.to_string(),
        helpdesk_id: desk.id.to_string(),
        name: skill.name.clone(),
        rules: Some(skill.rules.iter().filter_map(rule_shape).collect()),
        agent_ids: agents.iter().map(|agent| agent.open_id.clone()).collect(),
        is_default: skill.is_default,
        agents: Some(agents.iter().map(agent).collect()),
    }
}

/// The rule as SDKs read it; every stored one is of a known kind.
fn rule_shape(rule: &rule::Rule) -> Option<AgentSkillRule> {
    let kind = rule::Kind::of(&rule.id)?;
    let catalogue = super::agent_skill_rule::shape(kind);
    Some(AgentSkillRule { selected_operator: Some(rule.selected_operator), operand: rule.operand.clone(), ..catalogue })
}

/// The rules of a request; `at` is the list's path.
fn rules(list: Vec<RuleInput>, at: &str) -> Result<Vec<rule::Rule>, ApiError> {
    let read = |(i, input): (usize, RuleInput)| {
        let operand = input.operand.into_object();
        let operand = operand.map_err(|why| ApiError::invalid(format!("{at}[{i}].operand"), why))?;
        let (selected_operator, category) = (input.selected_operator, input.category);
        Ok(rule::Rule { id: input.id, selected_operator, operand, category })
    };
    list.into_iter().enumerate().map(read).collect()
}
