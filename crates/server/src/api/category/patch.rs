//! `category.patch`: renames or moves a category.

use axum::http::Method;
use desk::category;
use wire::category::{CategoryPath, PatchBody};
use wire::{Code, Nothing};

use super::parent;
use crate::api::{ApiError, Caller, Endpoint, Token, number};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Patch;

impl Endpoint for Patch {
    const ID: &'static str = "category.patch";
    const SUMMARY: &'static str = "Rename a FAQ category or move it below another one.";
    const METHOD: Method = Method::PATCH;
    const PATH: &'static str = "/open-apis/helpdesk/v1/categories/{id}";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::FORBIDDEN];

    type Path = CategoryPath;
    type Query = Nothing;
    type Body = PatchBody;
    type Data = Nothing;

    async fn call(
        app: &App,
        caller: Caller,
        path: CategoryPath,
        _: Nothing,
        body: PatchBody,
    ) -> Result<Nothing, ApiError> {
        let id = number("id", &path.id)?;
        let change = (body.name, body.parent_id.as_deref().map(parent).transpose()?);
        app.write(move |tx, cx| category::patch(tx, cx, &caller.helpdesk, caller.user_id(), id, change.clone()))
            .await?;
        Ok(Nothing {})
    }
}
