//! `bot_message.create`: the help desk's bot writes to a user.

use axum::http::Method;
use desk::message::{Direct, send_direct};
use wire::message::{BotMessageBody, CreateData};
use wire::notification::IdTypeQuery;
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token, user_id_type};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Create;

impl Endpoint for Create {
    const ID: &'static str = "bot_message.create";
    const SUMMARY: &'static str = "Write to a user as the help desk bot, outside of any ticket. With `receive_type` chat \
                                   (the default) not while a ticket of theirs is in progress.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/message";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Tier3;
    const ERRORS: &'static [Code] =
        &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::FORBIDDEN, Code::NOT_FOUND, Code::METHOD_FORBIDDEN];

    type Path = Nothing;
    type Query = IdTypeQuery;
    type Body = BotMessageBody;
    type Data = CreateData;

    async fn call(
        app: &App,
        caller: Caller,
        _: Nothing,
        query: IdTypeQuery,
        body: BotMessageBody,
    ) -> Result<CreateData, ApiError> {
        let id_kind = user_id_type(&caller, query.user_id_type.as_deref())?;
        let to_group = match body.receive_type.as_deref() {
            None | Some("" | "chat") => true,
            Some("user") => false,
            Some(_) => return Err(ApiError::invalid("receive_type", "options: [chat,user]")),
        };
        let ask =
            Direct { receiver_id: body.receiver_id, id_kind, msg_type: body.msg_type, content: body.content, to_group };
        let sent = app.write(move |tx, cx| send_direct(tx, cx, &caller.helpdesk, &ask)).await?;
        Ok(CreateData { message_id: sent.message_id })
    }
}
