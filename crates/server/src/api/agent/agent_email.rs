//! `agent.agent_email`: the agents' e-mail addresses.

use axum::http::Method;
use desk::agent;
use wire::agent::EmailData;
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct AgentEmail;

impl Endpoint for AgentEmail {
    const ID: &'static str = "agent.agent_email";
    const SUMMARY: &'static str =
        "List the e-mail addresses of all agents by open id; agents without one are left out.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/agent_emails";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::UNAUTHORIZED, Code::NOT_FOUND];

    type Path = Nothing;
    type Query = Nothing;
    type Body = Nothing;
    type Data = EmailData;

    async fn call(app: &App, caller: Caller, _: Nothing, _: Nothing, _: Nothing) -> Result<EmailData, ApiError> {
        let data = app
            .read(move |tx, _| {
                let agents = agent::list(tx, &caller.helpdesk)?.into_iter().filter(|agent| !agent.removed);
                let emails = agents.filter_map(|agent| Some((agent.open_id, agent.email?)));
                Ok(EmailData { agents: emails.collect() })
            })
            .await?;
        Ok(data)
    }
}
