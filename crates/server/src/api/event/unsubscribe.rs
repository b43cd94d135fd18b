//! `event.unsubscribe`: the app gets these events no more.

use axum::http::Method;
use desk::subscription;
use wire::event::SubscribeBody;
use wire::{Code, Nothing};

use super::types;
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Unsubscribe;

impl Endpoint for Unsubscribe {
    const ID: &'static str = "event.unsubscribe";
    const SUMMARY: &'static str = "End subscriptions of the calling app to events of the help desk.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/events/unsubscribe";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN];

    type Path = Nothing;
    type Query = Nothing;
    type Body = SubscribeBody;
    type Data = Nothing;

    async fn call(app: &App, caller: Caller, _: Nothing, _: Nothing, body: SubscribeBody) -> Result<Nothing, ApiError> {
        let types = types(&body.events)?;
        app.write(move |tx, cx| subscription::unsubscribe(tx, cx, &caller.helpdesk, &caller.app, &types)).await?;
        Ok(Nothing {})
    }
}
