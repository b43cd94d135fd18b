//! `notification.cancel_approve`: gives an approval up.

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
pub struct CancelApprove;

impl Endpoint for CancelApprove {
    const ID: &'static str = "notification.cancel_approve";
    const SUMMARY: &'static str =
        "Give an approval up that was asked for or granted; the notification is a draft again.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/notifications/{notification_id}/cancel_approve";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Tier1;
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
        app.write(move |tx, cx| notification::withdraw(tx, cx, &caller.helpdesk, caller.user_id(), id)).await?;
        Ok(Nothing {})
    }
}
