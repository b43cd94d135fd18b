//! `agent_schedule.create`: makes users agents, with their schedules and skills.

use axum::http::Method;
use desk::agent::{self, Entry};
use wire::agent::CreateBody;
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token, agent_schedules};
use crate::app::App;
use crate::limits::Rate;

/// Most agents in one call.
const ENTRIES_MAX: usize = 100;

/// See the module.
#[derive(Debug)]
pub struct Create;

impl Endpoint for Create {
    const ID: &'static str = "agent_schedule.create";
    const SUMMARY: &'static str = "Make users agents with schedule and skills; give agents new ones. All entries or \
         none. The operator must be an admin of the help desk or higher.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/agent_schedules";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN];

    type Path = Nothing;
    type Query = Nothing;
    type Body = CreateBody;
    type Data = Nothing;

    async fn call(app: &App, caller: Caller, _: Nothing, _: Nothing, body: CreateBody) -> Result<Nothing, ApiError> {
        if body.agent_schedules.is_empty() || body.agent_schedules.len() > ENTRIES_MAX {
            let why = format!("must name 1 to {ENTRIES_MAX} agents");
            return Err(ApiError::invalid("agent_schedules", why));
        }
        let entry = |(i, new): (usize, wire::agent::NewSchedule)| {
            let at = format!("agent_schedules[{i}]");
            let patch = agent_schedules::change(new.schedule, new.agent_skill_ids, &at)?;
            Ok(Entry { open_id: new.agent_id, patch })
        };
        let entries: Vec<Entry> =
            body.agent_schedules.into_iter().enumerate().map(entry).collect::<Result<_, ApiError>>()?;
        app.write(move |tx, cx| agent::add(tx, cx, &caller.helpdesk, caller.user_id(), &entries)).await?;
        Ok(Nothing {})
    }
}
