//! `notification.cancel_send`: stops a notification or takes it back.

use axum::http::Method;
use desk::notification;
use wire::notification::{CancelBody, NotificationPath};
use wire::{Code, Nothing};

use super::{ERRORS, notification_id};
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct CancelSend;

impl Endpoint for CancelSend {
    const ID: &'static str = "notification.cancel_send";
    const SUMMARY: &'static str =
        "Cancel a notification before, while or after it goes out; with `is_recall` what went out is taken back.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/notifications/{notification_id}/cancel_send";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = ERRORS;

    type Path = NotificationPath;
    type Query = Nothing;
    type Body = CancelBody;
    type Data = Nothing;

    async fn call(
        app: &App,
        caller: Caller,
        path: NotificationPath,
        _: Nothing,
        body: CancelBody,
    ) -> Result<Nothing, ApiError> {
        let id = notification_id(&path.notification_id)?;
        app.write(move |tx, cx| notification::cancel(tx, cx, &caller.helpdesk, caller.user_id(), id, body.is_recall))
            .await?;
        Ok(Nothing {})
    }
}
