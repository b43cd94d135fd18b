//! `agent_skill.delete`

use axum::http::Method;
use desk::skill;
use wire::skill::SkillPath;
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token, number};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Delete;

impl Endpoint for Delete {
    const ID: &'static str = "agent_skill.delete";
    const SUMMARY: &'static str = "Delete a skill. The operator must be an admin of the help desk or higher; the \
         default skill cannot be deleted.";
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/open-apis/helpdesk/v1/agent_skills/{agent_skill_id}";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN];

    type Path = SkillPath;
    type Query = Nothing;
    type Body = Nothing;
    type Data = Nothing;

    async fn call(app: &App, caller: Caller, path: SkillPath, _: Nothing, _: Nothing) -> Result<Nothing, ApiError> {
        let id = number("agent_skill_id", &path.agent_skill_id)?;
        app.write(move |tx, cx| skill::delete(tx, cx, &caller.helpdesk, caller.user_id(), id)).await?;
        Ok(Nothing {})
    }
}
