//! `agent_skill.list`: all skills without their rules.

use axum::http::Method;
use desk::{agent, skill};
use wire::skill::{AgentSkill, ListData};
use wire::{Code, Nothing};

use super::shape;
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct List;

impl Endpoint for List {
    const ID: &'static str = "agent_skill.list";
    const SUMMARY: &'static str = "List all skills with their agents' ids, unpaged; rules are in agent_skill.get.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/agent_skills";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::FORBIDDEN];

    type Path = Nothing;
    type Query = Nothing;
    type Body = Nothing;
    type Data = ListData;

    async fn call(app: &App, caller: Caller, _: Nothing, _: Nothing, _: Nothing) -> Result<ListData, ApiError> {
        let data = app
            .read(move |tx, _| {
                let desk = &caller.helpdesk;
                let members = agent::list(tx, desk)?;
                let skills = skill::list(tx, desk)?;
                let short = |found| AgentSkill { rules: None, agents: None, ..shape(desk, found, &members) };
                Ok(ListData { agent_skills: skills.iter().map(short).collect() })
            })
            .await?;
        Ok(data)
    }
}
