//! `notification.execute_send`: gives an approved notification its time.

use axum::http::Method;
use desk::notification;
use wire::notification::{ExecuteBody, NotificationPath};
use wire::{Code, Nothing};

use super::{ERRORS, notification_id};
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct ExecuteSend;

impl Endpoint for ExecuteSend {
    const ID: &'static str = "notification.execute_send";
    const SUMMARY: &'static str = "Give an approved notification its time. A time that has passed is now.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/notifications/{notification_id}/execute_send";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Tier1;
    const ERRORS: &'static [Code] = ERRORS;

    type Path = NotificationPath;
    type Query = Nothing;
    type Body = ExecuteBody;
    type Data = Nothing;

    async fn call(
        app: &App,
        caller: Caller,
        path: NotificationPath,
        _: Nothing,
        body: ExecuteBody,
    ) -> Result<Nothing, ApiError> {
        let id = notification_id(&path.notification_id)?;
        app.write(move |tx, cx| notification::execute(tx, cx, &caller.helpdesk, caller.user_id(), id, &body.send_at))
            .await?;
        Ok(Nothing {})
    }
}
