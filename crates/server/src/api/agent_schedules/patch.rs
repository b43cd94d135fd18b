//! `agent_schedules.patch`: changes an agent's schedule and skills.

use axum::http::Method;
use desk::agent;
use wire::agent::{AgentPath, ScheduleBody};
use wire::{Code, Nothing};

use super::change;
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Patch;

impl Endpoint for Patch {
    const ID: &'static str = "agent_schedules.patch";
    const SUMMARY: &'static str = "Change an agent's schedule and skills; what is left out stays. The operator must be \
         an admin of the help desk or higher.";
    const METHOD: Method = Method::PATCH;
    const PATH: &'static str = "/open-apis/helpdesk/v1/agents/{agent_id}/schedules";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN];

    type Path = AgentPath;
    type Query = Nothing;
    type Body = ScheduleBody;
    type Data = Nothing;

    async fn call(
        app: &App,
        caller: Caller,
        path: AgentPath,
        _: Nothing,
        body: ScheduleBody,
    ) -> Result<Nothing, ApiError> {
        let change = change(body.agent_schedule.schedule, body.agent_schedule.agent_skill_ids, "agent_schedule")?;
        let at = "agent_schedule";
        app.write(move |tx, cx| {
            agent::patch(tx, cx, &caller.helpdesk, caller.user_id(), &path.agent_id, (&change, at))
        })
        .await?;
        Ok(Nothing {})
    }
}
