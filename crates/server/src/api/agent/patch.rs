//! `agent.patch`: an agent goes online or offline.

use axum::http::Method;
use desk::agent;
use desk::agent::status::{OFFLINE, ONLINE};
use wire::agent::{AgentPath, PatchBody};
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Patch;

impl Endpoint for Patch {
    const ID: &'static str = "agent.patch";
    const SUMMARY: &'static str = "Set an agent online (1) or offline (2). The operator must be that agent, or an admin \
         of the help desk or higher.";
    const METHOD: Method = Method::PATCH;
    const PATH: &'static str = "/open-apis/helpdesk/v1/agents/{agent_id}";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Tier3;
    const ERRORS: &'static [Code] = &[Code::AGENT_STATUS, Code::BAD_REQUEST, Code::FORBIDDEN];

    type Path = AgentPath;
    type Query = Nothing;
    type Body = PatchBody;
    type Data = Nothing;

    async fn call(
        app: &App,
        caller: Caller,
        path: AgentPath,
        _: Nothing,
        body: PatchBody,
    ) -> Result<Nothing, ApiError> {
        // A code of its own, also for a missing status (reference: helpdesk-v1 5).
        let status = body.status.filter(|status| [ONLINE, OFFLINE].contains(status)).ok_or_else(|| {
            let given = body.status.map(|status| status.to_string()).unwrap_or_default();
            ApiError::field(Code::AGENT_STATUS, "status", &given, "options: [1,2]; 1 is online, 2 offline")
        })?;
        app.write(move |tx, cx| agent::set_status(tx, cx, &caller.helpdesk, caller.user_id(), &path.agent_id, status))
            .await?;
        Ok(Nothing {})
    }
}
