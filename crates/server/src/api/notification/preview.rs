//! `notification.preview`: shows the card of a draft to the operator.

use axum::http::Method;
use desk::notification;
use wire::notification::NotificationPath;
use wire::{Code, Nothing};

use super::{ERRORS, notification_id};
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Preview;

impl Endpoint for Preview {
    const ID: &'static str = "notification.preview";
    const SUMMARY: &'static str = "Show the card of a draft to the caller, in their own chat with the help desk.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/notifications/{notification_id}/preview";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Tier2;
    const ERRORS: &'static [Code] = ERRORS;

    type Path = NotificationPath;
    type Query = Nothing;
    type Body = Nothing;
    type Data = Nothing;

    async fn call(
        app: &App,
        caller: Caller,
        path: NotificationPath,
        _: Nothing,
        _: Nothing,
    ) -> Result<Nothing, ApiError> {
        let id = notification_id(&path.notification_id)?;
        app.write(move |tx, cx| notification::preview(tx, cx, &caller.helpdesk, caller.user_id(), id)).await?;
        Ok(Nothing {})
    }
}
