//! `faq.delete`: the FAQ goes to the recycle bin.

use axum::http::Method;
use desk::{Kind, faq};
use wire::faq::FaqPath;
use wire::{Code, Nothing};

use crate::api::{ApiError, Caller, Endpoint, Token, known};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Delete;

impl Endpoint for Delete {
    const ID: &'static str = "faq.delete";
    const SUMMARY: &'static str = "Put a FAQ into the recycle bin, from where it can be restored for 30 days.";
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/open-apis/helpdesk/v1/faqs/{id}";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::NOT_FOUND];

    type Path = FaqPath;
    type Query = Nothing;
    type Body = Nothing;
    type Data = Nothing;

    async fn call(app: &App, caller: Caller, path: FaqPath, _: Nothing, _: Nothing) -> Result<Nothing, ApiError> {
        let id = known(Kind::Faq, &path.id)?;
        app.write(move |tx, cx| faq::delete(tx, cx, &caller.helpdesk, caller.user_id(), id)).await?;
        Ok(Nothing {})
    }
}
