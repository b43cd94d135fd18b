//! Which calls there are about agents and their skills.

use axum::http::Method;
use axum::routing::{delete, get, patch, post};
use wire::Nothing;
use wire::skill::RuleListData;

use super::agents::{self, AgentData, AgentList, AgentPath, ChangeAgent, NewAgent};
use super::calls::{body_call, call, get_call};
use super::skills::{self, SkillBody, SkillData, SkillList, SkillPath};
use crate::guest::DeskPath;
use crate::openapi::Calls;

/// Adds them.
pub(super) fn with(calls: Calls) -> Calls {
    with_skills(with_agents(calls))
}

fn with_agents(calls: Calls) -> Calls {
    let (all, one) = ("/admin/v1/desks/{helpdesk_id}/agents", "/admin/v1/desks/{helpdesk_id}/agents/{agent_id}");
    let changed = "Change an agent: online or offline, hours, skills, and how many tickets at a time. What is left out \
                   stays as it is; tickets that wait are given out anew.";
    let removed =
        "Remove an agent, whose tickets go back into the queue. The owner of the help desk cannot be removed.";
    calls
        .with(
            get_call("admin_agent.list", all, "List the agents of a help desk with status, hours, skills and load.")
                .of::<DeskPath, Nothing, Nothing, AgentList>(),
            get(agents::list),
        )
        .with(
            body_call(
                "admin_agent.create",
                Method::POST,
                all,
                "Make a user of the tenant an agent, by e-mail address.",
            )
            .creates()
            .of::<DeskPath, Nothing, NewAgent, AgentData>(),
            post(agents::create),
        )
        .with(
            body_call("admin_agent.patch", Method::PATCH, one, changed)
                .of::<AgentPath, Nothing, ChangeAgent, AgentData>(),
            patch(agents::update),
        )
        .with(
            call("admin_agent.delete", Method::DELETE, one, removed).of::<AgentPath, Nothing, Nothing, Nothing>(),
            delete(agents::delete),
        )
}

fn with_skills(calls: Calls) -> Calls {
    let (all, one) = ("/admin/v1/desks/{helpdesk_id}/skills", "/admin/v1/desks/{helpdesk_id}/skills/{skill_id}");
    let catalogue = "List the rules that a skill may have, with their operators and an example of the operand.";
    let removed = "Delete a skill; who had no other has the default skill then, which cannot be deleted.";
    calls
        .with(
            get_call("admin_skill.list", all, "List the skills of a help desk with their rules and who has them.")
                .of::<DeskPath, Nothing, Nothing, SkillList>(),
            get(skills::list),
        )
        .with(
            get_call("admin_skill_rule.list", "/admin/v1/desks/{helpdesk_id}/skill-rules", catalogue)
                .of::<DeskPath, Nothing, Nothing, RuleListData>(),
            get(skills::rules),
        )
        .with(
            body_call("admin_skill.create", Method::POST, all, "Make a skill.")
                .creates()
                .of::<DeskPath, Nothing, SkillBody, SkillData>(),
            post(skills::create),
        )
        .with(
            body_call("admin_skill.patch", Method::PATCH, one, "Change a skill; what is left out stays as it is.")
                .of::<SkillPath, Nothing, SkillBody, SkillData>(),
            patch(skills::update),
        )
        .with(
            call("admin_skill.delete", Method::DELETE, one, removed).of::<SkillPath, Nothing, Nothing, Nothing>(),
            delete(skills::delete),
        )
}
