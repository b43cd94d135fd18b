//! `agent_skill.get`

use axum::http::Method;
use desk::{agent, skill};
use wire::skill::{GetData, SkillPath};
use wire::{Code, Nothing};

use super::shape;
use crate::api::{ApiError, Caller, Endpoint, Token, number};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const ID: &'static str = "agent_skill.get";
    const SUMMARY: &'static str = "Read a skill with its rules and agents.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/agent_skills/{agent_skill_id}";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN];

    type Path = SkillPath;
    type Query = Nothing;
    type Body = Nothing;
    type Data = GetData;

    async fn call(app: &App, caller: Caller, path: SkillPath, _: Nothing, _: Nothing) -> Result<GetData, ApiError> {
        let id = number("agent_skill_id", &path.agent_skill_id)?;
        let data = app
            .read(move |tx, _| {
                let desk = &caller.helpdesk;
                let found = skill::get(tx, desk, id)?;
                Ok(GetData { agent_skill: shape(desk, &found, &agent::list(tx, desk)?) })
            })
            .await?;
        Ok(data)
    }
}
