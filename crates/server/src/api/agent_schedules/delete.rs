//! `agent_schedules.delete`: removes the agent.

use axum::http::Method;
use desk::agent;
use wire::agent::AgentPath;
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Delete;

impl Endpoint for Delete {
    const ID: &'static str = "agent_schedules.delete";
    const SUMMARY: &'static str = "Remove an agent, who loses schedule, skills and role. The operator must be an admin \
         of the help desk or higher; the owner cannot be removed.";
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/open-apis/helpdesk/v1/agents/{agent_id}/schedules";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN];

    type Path = AgentPath;
    type Query = Nothing;
    type Body = Nothing;
    type Data = Nothing;

    async fn call(app: &App, caller: Caller, path: AgentPath, _: Nothing, _: Nothing) -> Result<Nothing, ApiError> {
        app.write(move |tx, cx| agent::remove(tx, cx, &caller.helpdesk, caller.user_id(), &path.agent_id)).await?;
        Ok(Nothing {})
    }
}
