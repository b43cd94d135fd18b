//! `agent_schedules.get`: an agent's schedule and skills.

use axum::http::Method;
use desk::agent;
use wire::agent::{AgentPath, GetData};
use wire::{Code, Nothing};

use super::{company, shape};
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const ID: &'static str = "agent_schedules.get";
    const SUMMARY: &'static str = "Read an agent's status, schedule and skills.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/agents/{agent_id}/schedules";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN];

    type Path = AgentPath;
    type Query = Nothing;
    type Body = Nothing;
    type Data = GetData;

    async fn call(app: &App, caller: Caller, path: AgentPath, _: Nothing, _: Nothing) -> Result<GetData, ApiError> {
        let company = company(app, &caller.helpdesk);
        let data = app
            .read(move |tx, cx| {
                let found = agent::get(tx, &caller.helpdesk, &path.agent_id)?;
                Ok(GetData { agent_schedule: shape(&caller.helpdesk, &found, &company, cx.now) })
            })
            .await?;
        Ok(data)
    }
}
