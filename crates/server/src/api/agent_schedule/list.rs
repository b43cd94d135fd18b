//! `agent_schedule.list`: agents by status, with their schedules and skills.

use axum::http::Method;
use desk::agent;
use desk::agent::status::{OFF_DUTY, OFFLINE, ONLINE, REMOVED};
use wire::agent::{ListData, ListQuery};
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token, agent_schedules, one_of};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct List;

impl Endpoint for List {
    const ID: &'static str = "agent_schedule.list";
    const SUMMARY: &'static str = "List the agents of some status with schedule and skills, unpaged.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/agent_schedules";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN];

    type Path = Nothing;
    type Query = ListQuery;
    type Body = Nothing;
    type Data = ListData;

    async fn call(app: &App, caller: Caller, _: Nothing, query: ListQuery, _: Nothing) -> Result<ListData, ApiError> {
        for status in &query.status {
            one_of("status", *status, &[ONLINE, OFFLINE, OFF_DUTY, REMOVED])?;
        }
        let company = agent_schedules::company(app, &caller.helpdesk);
        let data = app
            .read(move |tx, cx| {
                let desk = &caller.helpdesk;
                let mut agents = agent::list(tx, desk)?;
                agents.retain(|agent| query.status.contains(&agent.status(desk, cx.now)));
                let shape = |agent| agent_schedules::shape(desk, agent, &company, cx.now);
                Ok(ListData { agent_schedules: agents.iter().map(shape).collect() })
            })
            .await?;
        Ok(data)
    }
}
