//! `agent_skill_rule.list`: the rules that a skill may have.

use axum::http::Method;
use desk::skill::rule::Kind;
use wire::skill::RuleListData;
use wire::{Code, Nothing};

use super::shape;
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct List;

impl Endpoint for List {
    const ID: &'static str = "agent_skill_rule.list";
    const SUMMARY: &'static str =
        "List the rules that a skill may have, with their operators and an example of the operand.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/agent_skill_rules";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN];

    type Path = Nothing;
    type Query = Nothing;
    type Body = Nothing;
    type Data = RuleListData;

    async fn call(_: &App, _: Caller, _: Nothing, _: Nothing, _: Nothing) -> Result<RuleListData, ApiError> {
        Ok(RuleListData { rules: Kind::ALL.map(shape).into() })
    }
}
