//! `category.delete`: deletes an empty category.

use axum::http::Method;
use desk::category;
use wire::category::CategoryPath;
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token, number};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Delete;

impl Endpoint for Delete {
    const ID: &'static str = "category.delete";
    const SUMMARY: &'static str = "Delete a FAQ category that holds neither categories nor FAQs.";
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/open-apis/helpdesk/v1/categories/{id}";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::FORBIDDEN];

    type Path = CategoryPath;
    type Query = Nothing;
    type Body = Nothing;
    type Data = Nothing;

    async fn call(app: &App, caller: Caller, path: CategoryPath, _: Nothing, _: Nothing) -> Result<Nothing, ApiError> {
        let id = number("id", &path.id)?;
        app.write(move |tx, cx| category::delete(tx, cx, &caller.helpdesk, caller.user_id(), id)).await?;
        Ok(Nothing {})
    }
}
