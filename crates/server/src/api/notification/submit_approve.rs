//! `notification.submit_approve`: asks for approval.

use axum::http::Method;
use desk::notification;
use wire::notification::{NotificationPath, SubmitBody, SubmitData};
use wire::{Code, Nothing};

use super::{ERRORS, notification_id};
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::approval;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct SubmitApprove;

impl Endpoint for SubmitApprove {
    const ID: &'static str = "notification.submit_approve";
    const SUMMARY: &'static str = "Ask the owner of the help desk for approval. It passes by itself if the owner asks, or \
                                   made the notification and nobody else has changed it.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/notifications/{notification_id}/submit_approve";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Tier1;
    const ERRORS: &'static [Code] = ERRORS;

    type Path = NotificationPath;
    type Query = Nothing;
    type Body = SubmitBody;
    type Data = SubmitData;

    async fn call(
        app: &App,
        caller: Caller,
        path: NotificationPath,
        _: Nothing,
        body: SubmitBody,
    ) -> Result<SubmitData, ApiError> {
        let id = notification_id(&path.notification_id)?;
        let link = approval::link(app, id);
        app.write(move |tx, cx| {
            let words = (body.reason.as_str(), link.as_str());
            notification::submit(tx, cx, &caller.helpdesk, caller.user_id(), id, words)
        })
        .await?;
        Ok(SubmitData { has_access: true })
    }
}
