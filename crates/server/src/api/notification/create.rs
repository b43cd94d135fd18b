//! `notification.create`: makes a draft.

use axum::http::Method;
use desk::notification::{self, Status};
use wire::notification::{CreateData, IdTypeQuery, NotificationInput};
use wire::{Code, Nothing};

use super::{ERRORS, draft};
use crate::api::{ApiError, Caller, Endpoint, Token, user_id_type};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Create;

impl Endpoint for Create {
    const ID: &'static str = "notification.create";
    const SUMMARY: &'static str =
        "Make a notification. It is a draft: nothing goes out before it is approved and executed.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/notifications";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Tier1;
    const ERRORS: &'static [Code] = ERRORS;

    type Path = Nothing;
    type Query = IdTypeQuery;
    type Body = NotificationInput;
    type Data = CreateData;

    async fn call(
        app: &App,
        caller: Caller,
        _: Nothing,
        query: IdTypeQuery,
        body: NotificationInput,
    ) -> Result<CreateData, ApiError> {
        let draft = draft(body, user_id_type(&caller, query.user_id_type.as_deref())?)?;
        let id =
            app.write(move |tx, cx| notification::create(tx, cx, &caller.helpdesk, caller.user_id(), &draft)).await?;
        Ok(CreateData { notification_id: id.to_string(), status: Status::Draft.number() })
    }
}
