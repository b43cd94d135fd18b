//! `agent_skill.patch`

use axum::http::Method;
use desk::skill::{self, Content};
use wire::skill::{PatchBody, SkillPath};
use wire::{Code, Nothing};

use super::rules;
use crate::api::{ApiError, Caller, Endpoint, Token, number};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Patch;

impl Endpoint for Patch {
    const ID: &'static str = "agent_skill.patch";
    const SUMMARY: &'static str = "Change a skill's name, rules and agents; what is left out stays. The operator must \
         be an admin of the help desk or higher.";
    const METHOD: Method = Method::PATCH;
    const PATH: &'static str = "/open-apis/helpdesk/v1/agent_skills/{agent_skill_id}";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN];

    type Path = SkillPath;
    type Query = Nothing;
    type Body = PatchBody;
    type Data = Nothing;

    async fn call(
        app: &App,
        caller: Caller,
        path: SkillPath,
        _: Nothing,
        body: PatchBody,
    ) -> Result<Nothing, ApiError> {
        let id = number("agent_skill_id", &path.agent_skill_id)?;
        let update = body.agent_skill;
        let change = Content {
            name: update.name,
            rules: update.rules.map(|list| rules(list, "agent_skill.rules")).transpose()?,
            agents: update.agent_ids,
        };
        app.write(move |tx, cx| {
            let patched = skill::patch(tx, cx, &caller.helpdesk, caller.user_id(), id, &change);
            patched.map_err(|refusal| refusal.within("agent_skill"))
        })
        .await?;
        Ok(Nothing {})
    }
}
