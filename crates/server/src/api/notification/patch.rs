//! `notification.patch`: changes a draft.

use axum::http::Method;
use desk::notification;
use wire::notification::{IdTypeQuery, NotificationInput, NotificationPath};
use wire::{Code, Nothing};

use super::{ERRORS, draft, notification_id};
use crate::api::{ApiError, Caller, Endpoint, Token, user_id_type};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Patch;

impl Endpoint for Patch {
    const ID: &'static str = "notification.patch";
    const SUMMARY: &'static str = "Change a draft. Everything is given anew but `ext` and lists that are left out.";
    const METHOD: Method = Method::PATCH;
    const PATH: &'static str = "/open-apis/helpdesk/v1/notifications/{notification_id}";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Tier2;
    const ERRORS: &'static [Code] = ERRORS;

    type Path = NotificationPath;
    type Query = IdTypeQuery;
    type Body = NotificationInput;
    type Data = Nothing;

    async fn call(
        app: &App,
        caller: Caller,
        path: NotificationPath,
        query: IdTypeQuery,
        body: NotificationInput,
    ) -> Result<Nothing, ApiError> {
        let id = notification_id(&path.notification_id)?;
        let draft = draft(body, user_id_type(&caller, query.user_id_type.as_deref())?)?;
        app.write(move |tx, cx| notification::patch(tx, cx, &caller.helpdesk, caller.user_id(), id, &draft)).await?;
        Ok(Nothing {})
    }
}
