//! `ticket_customized_field.list`: a GET whose filter travels in a JSON body. The next page's token is called
//! `next_page_token` in the answer and `page_token` in the query.

use axum::http::Method;
use desk::field;
use wire::field::{ListBody, ListData, ListQuery};
use wire::{Code, Nothing};

use super::shape;
use crate::api::{ApiError, Caller, Endpoint, Token, page_size, position};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct List;

impl Endpoint for List {
    const ID: &'static str = "ticket_customized_field.list";
    const SUMMARY: &'static str =
        "List the customized fields of tickets by cursor, oldest first. The filter travels in the body of the GET.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/ticket_customized_fields";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const BODY_OF_GET: bool = true;
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::FORBIDDEN];

    type Path = Nothing;
    type Query = ListQuery;
    type Body = ListBody;
    type Data = ListData;

    async fn call(
        app: &App,
        caller: Caller,
        _: Nothing,
        query: ListQuery,
        body: ListBody,
    ) -> Result<ListData, ApiError> {
        let limit = page_size(query.page_size)?;
        let after = position(query.page_token.as_deref())?;
        let data = app
            .read(move |tx, _| {
                let (fields, has_more) = field::list(tx, &caller.helpdesk, body.visible, after, limit)?;
                let next = fields.last().filter(|_| has_more).map(|last| last.id.to_string());
                let items = fields.iter().map(|field| shape(&caller.helpdesk, field)).collect();
                Ok(ListData { has_more, next_page_token: next, items })
            })
            .await?;
        Ok(data)
    }
}
