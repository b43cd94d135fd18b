//! `notification.get`: one notification.

use axum::http::Method;
use desk::notification;
use wire::notification::{GetData, IdTypeQuery, NotificationPath};
use wire::{Code, Nothing};

use super::{ERRORS, notification_id, shape};
use crate::api::{ApiError, Caller, Endpoint, Token, user_id_type};
use crate::app::App;
use crate::approval;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const ID: &'static str = "notification.get";
    const SUMMARY: &'static str = "Read a notification with its lists and counters.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/notifications/{notification_id}";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Tier3;
    const ERRORS: &'static [Code] = ERRORS;

    type Path = NotificationPath;
    type Query = IdTypeQuery;
    type Body = Nothing;
    type Data = GetData;

    async fn call(
        app: &App,
        caller: Caller,
        path: NotificationPath,
        query: IdTypeQuery,
        _: Nothing,
    ) -> Result<GetData, ApiError> {
        let id = notification_id(&path.notification_id)?;
        let id_kind = user_id_type(&caller, query.user_id_type.as_deref())?;
        let shown = app.read(move |tx, _| notification::get(tx, &caller.helpdesk, caller.user_id(), id)).await?;
        Ok(GetData { notification: shape(shown, id_kind), approval_app_link: approval::link(app, id) })
    }
}
