//! `category.get`: the fields stand directly in `data`.

use axum::http::Method;
use desk::{Kind, category};
use wire::category::{CategoryPath, GetData};
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token, known};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const ID: &'static str = "category.get";
    const SUMMARY: &'static str = "Read a FAQ category.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/categories/{id}";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::UNAUTHORIZED, Code::NOT_FOUND];

    type Path = CategoryPath;
    type Query = Nothing;
    type Body = Nothing;
    type Data = GetData;

    async fn call(app: &App, caller: Caller, path: CategoryPath, _: Nothing, _: Nothing) -> Result<GetData, ApiError> {
        let id = known(Kind::Category, &path.id)?;
        let data = app
            .read(move |tx, _| {
                let found = category::get(tx, &caller.helpdesk, id)?;
                Ok(GetData {
                    category_id: found.id.to_string(),
                    id: found.id.to_string(),
                    name: found.name,
                    helpdesk_id: caller.helpdesk.id.to_string(),
                    language: found.language,
                })
            })
            .await?;
        Ok(data)
    }
}
