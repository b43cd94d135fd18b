//! `ticket.start_service`: begins a conversation for a user.

use axum::http::Method;
use desk::ticket::{self, StartService as Ask};
use wire::ticket::{StartServiceBody, StartServiceData};
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct StartService;

impl Endpoint for StartService {
    const ID: &'static str = "ticket.start_service";
    const SUMMARY: &'static str = "Begin a conversation for a user, at the bot or straight at a human.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/start_service";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:helpdesk:access"];
    const STORE_APPS: bool = true;
    const RATE: Rate = Rate::Tier4;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::NOT_VISIBLE, Code::NOT_FOUND];

    type Path = Nothing;
    type Query = Nothing;
    type Body = StartServiceBody;
    type Data = StartServiceData;

    async fn call(
        app: &App,
        caller: Caller,
        _: Nothing,
        _: Nothing,
        body: StartServiceBody,
    ) -> Result<StartServiceData, ApiError> {
        let ask = Ask {
            open_id: body.open_id,
            human_service: body.human_service.unwrap_or(false),
            appointed_agents: body.appointed_agents.unwrap_or_default(),
            customized_info: body.customized_info,
        };
        let started = app.write(move |tx, cx| ticket::start_service(tx, cx, &caller.helpdesk, &ask)).await?;
        Ok(StartServiceData { chat_id: started.chat_id, ticket_id: started.ticket_id.map(|id| id.to_string()) })
    }
}
