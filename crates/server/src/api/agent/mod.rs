//! Agents.

pub mod agent_email;
pub mod patch;

use desk::agent::Member;
use wire::agent::AgentUser;

/// The agent as SDKs read one; `company` is the tenant's name.
pub(super) fn user(agent: &Member, company: &str) -> AgentUser {
    AgentUser {
        id: agent.open_id.clone(),
        avatar_url: agent.avatar_url.clone(),
        name: agent.name.clone(),
        email: agent.email.clone(),
        department: agent.department.clone(),
        company_name: Some(company.to_owned()),
    }
}
