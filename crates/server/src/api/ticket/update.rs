//! `ticket.update`: changes a ticket's data, partially in spite of PUT. The rules are in `desk::ticket::update`.

use axum::http::Method;
use desk::field::NewValue;
use desk::ticket::{self, Update as Change};
use wire::ticket::{TicketPath, UpdateBody, UpdateField};
use wire::{Code, Nothing};

use super::ticket_id;
use crate::api::{ApiError, Caller, Endpoint, Token, one_of, ranged};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Update;

impl Endpoint for Update {
    const ID: &'static str = "ticket.update";
    const SUMMARY: &'static str = "Change a ticket's data: stage, status, tags, remark, fields. At least one member is \
                                   needed; nobody is told in the chat and nothing is routed.";
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/open-apis/helpdesk/v1/tickets/{ticket_id}";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN, Code::NOT_FOUND];

    type Path = TicketPath;
    type Query = Nothing;
    type Body = UpdateBody;
    type Data = Nothing;

    async fn call(
        app: &App,
        caller: Caller,
        path: TicketPath,
        _: Nothing,
        body: UpdateBody,
    ) -> Result<Nothing, ApiError> {
        let id = ticket_id(&path.ticket_id)?;
        let change = change(body)?;
        app.write(move |tx, cx| ticket::update(tx, cx, &caller.helpdesk, caller.user_id(), id, &change)).await?;
        Ok(Nothing {})
    }
}

fn change(body: UpdateBody) -> Result<Change, ApiError> {
    for (name, value, allowed) in [
        ("status", body.status, &[1, 2, 3, 4, 5, 50, 51][..]),
        ("ticket_type", body.ticket_type, &[1, 2]),
        ("solved", body.solved, &[1, 2]),
    ] {
        if let Some(value) = value {
            one_of(name, value, allowed)?;
        }
    }
    let channel = body.channel.map(|channel| ranged("channel", channel, 0, i64::from(i32::MAX))).transpose()?;
    Ok(Change {
        status: body.status,
        stage: body.ticket_type,
        tag_names: body.tag_names,
        comment: body.comment,
        fields: body.customized_fields.map(|fields| fields.into_iter().map(new_value).collect()),
        solve: body.solved,
        channel,
    })
}

fn new_value(field: UpdateField) -> NewValue {
    NewValue { id: field.id, key_name: field.key_name, value: field.value }
}
