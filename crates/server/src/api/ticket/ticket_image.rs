//! `ticket.ticket_image`: the picture of an image message, or one of a post's.

use axum::http::Method;
use desk::message;
use wire::message::ImageQuery;
use wire::{Code, Nothing};

use super::ticket_id;
use crate::api::{ApiError, Binary, Caller, Endpoint, Token, picture, ranged};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct TicketImage;

impl Endpoint for TicketImage {
    const ID: &'static str = "ticket.ticket_image";
    const SUMMARY: &'static str =
        "Download a picture of a ticket's message. `index` picks one of a post's, from 0; an image message needs none.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/ticket_images";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Tier4;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::IMAGE_DELETED, Code::FORBIDDEN, Code::NOT_FOUND];

    type Path = Nothing;
    type Query = ImageQuery;
    type Body = Nothing;
    type Data = Binary;

    async fn call(app: &App, caller: Caller, _: Nothing, query: ImageQuery, _: Nothing) -> Result<Binary, ApiError> {
        let id = ticket_id(&query.ticket_id)?;
        let index = query.index.map(|index| ranged("index", index, 0, i64::MAX)).transpose()?;
        let found = app.read(move |tx, _| message::picture(tx, &caller.helpdesk, id, &query.msg_id, index)).await?;
        Ok(picture(&found.0, found.1))
    }
}
