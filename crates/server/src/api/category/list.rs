//! `category.list`: the whole tree.

use axum::http::Method;
use desk::category::{self, Category};
use desk::directory::Helpdesk;
use wire::category::{CategoryTree, ListData, ListQuery};
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token, one_of};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct List;

impl Endpoint for List {
    const ID: &'static str = "category.list";
    const SUMMARY: &'static str = "List all FAQ categories as a tree, unpaged.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/categories";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::UNAUTHORIZED];

    type Path = Nothing;
    type Query = ListQuery;
    type Body = Nothing;
    type Data = ListData;

    async fn call(app: &App, caller: Caller, _: Nothing, query: ListQuery, _: Nothing) -> Result<ListData, ApiError> {
        if let Some(order_by) = query.order_by {
            one_of("order_by", order_by, &[1])?;
        }
        let data = app
            .read(move |tx, _| {
                let mut all = category::list(tx, &caller.helpdesk)?;
                if query.order_by.is_some() {
                    all.sort_by_key(|c| c.updated_at);
                }
                if query.asc == Some(false) {
                    all.reverse();
                }
                let in_language = |c: &Category| match (&query.lang, &c.language) {
                    (Some(wanted), Some(language)) => wanted == language,
                    // A category without a language belongs to all.
                    _ => true,
                };
                all.retain(in_language);
                Ok(ListData { categories: below(&caller.helpdesk, &all, category::TOP) })
            })
            .await?;
        Ok(data)
    }
}

fn below(desk: &Helpdesk, all: &[Category], parent: i64) -> Vec<CategoryTree> {
    let branch = |c: &Category| CategoryTree {
        category_id: c.id.to_string(),
        id: c.id.to_string(),
        name: c.name.clone(),
        parent_id: c.parent_id.to_string(),
        helpdesk_id: desk.id.to_string(),
        language: c.language.clone(),
        children: below(desk, all, c.id),
    };
    all.iter().filter(|c| c.parent_id == parent).map(branch).collect()
}
