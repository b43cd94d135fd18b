//! `agent_skill.create`

use axum::http::Method;
use desk::skill::{self, Content};
use wire::skill::{CreateBody, CreateData};
use wire::{Code, Nothing};

use super::rules;
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Create;

impl Endpoint for Create {
    const ID: &'static str = "agent_skill.create";
    const SUMMARY: &'static str =
        "Make a skill with rules and agents. The operator must be an admin of the help desk or higher.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/agent_skills";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN];

    type Path = Nothing;
    type Query = Nothing;
    type Body = CreateBody;
    type Data = CreateData;

    async fn call(app: &App, caller: Caller, _: Nothing, _: Nothing, body: CreateBody) -> Result<CreateData, ApiError> {
        let new = Content {
            name: Some(body.name),
            rules: body.rules.map(|list| rules(list, "rules")).transpose()?,
            agents: body.agent_ids,
        };
        let id = app.write(move |tx, cx| skill::create(tx, cx, &caller.helpdesk, caller.user_id(), &new)).await?;
        Ok(CreateData { agent_skill_id: id.to_string() })
    }
}
