//! `faq.list`: FAQs by cursor, oldest first. The last page has no `page_token`.

use axum::http::Method;
use desk::faq::{self, Filter};
use wire::faq::{ListQuery, PageData};
use wire::{Code, Nothing};

use super::shapes;
use crate::api::{ApiError, Caller, Endpoint, Token, optional_number, page_size, position};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct List;

impl Endpoint for List {
    const ID: &'static str = "faq.list";
    const SUMMARY: &'static str = "List FAQs by cursor, oldest first.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/faqs";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::NOT_FOUND];

    type Path = Nothing;
    type Query = ListQuery;
    type Body = Nothing;
    type Data = PageData;

    async fn call(app: &App, caller: Caller, _: Nothing, query: ListQuery, _: Nothing) -> Result<PageData, ApiError> {
        let limit = page_size(query.page_size)?;
        let after = position(query.page_token.as_deref())?;
        let status = match query.status.as_deref() {
            None | Some("") => None,
            Some(text @ ("0" | "1" | "2")) => text.parse().ok(),
            Some(other) => return Err(ApiError::field(Code::FIELD_INVALID, "status", other, "options: [0,1,2]")),
        };
        let category_id = query.category_id.as_deref().filter(|id| !id.is_empty());
        let category_id = optional_number("category_id", category_id)?;
        let search = query.search.filter(|text| !text.trim().is_empty());
        let filter = Filter { category_id, status, search };
        let data = app
            .read(move |tx, _| {
                let page = faq::list(tx, &caller.helpdesk, &filter, after, limit)?;
                let items = shapes(tx, &caller.helpdesk, &page.items)?;
                let next = page.items.last().filter(|_| page.has_more).map(|last| last.id.to_string());
                Ok(PageData {
                    has_more: page.has_more,
                    page_token: next,
                    page_size: i64::try_from(items.len()).unwrap_or(i64::MAX),
                    total: page.total,
                    items,
                })
            })
            .await?;
        Ok(data)
    }
}
