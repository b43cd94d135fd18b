//! `faq.patch`: question and answer are always given anew, the rest only if named.

use axum::http::Method;
use desk::faq;
use wire::faq::{FaqBody, FaqPath};
use wire::{Code, Nothing};

use super::content;
use crate::api::{ApiError, Caller, Endpoint, Token, number};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Patch;

impl Endpoint for Patch {
    const ID: &'static str = "faq.patch";
    const SUMMARY: &'static str = "Change a FAQ that is online; the question and an answer are always given anew.";
    const METHOD: Method = Method::PATCH;
    const PATH: &'static str = "/open-apis/helpdesk/v1/faqs/{id}";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN, Code::NOT_FOUND];

    type Path = FaqPath;
    type Query = Nothing;
    type Body = FaqBody;
    type Data = Nothing;

    async fn call(app: &App, caller: Caller, path: FaqPath, _: Nothing, body: FaqBody) -> Result<Nothing, ApiError> {
        let id = number("id", &path.id)?;
        let content = content(body.faq)?;
        app.write(move |tx, cx| faq::patch(tx, cx, &caller.helpdesk, caller.user_id(), id, &content)).await?;
        Ok(Nothing {})
    }
}
