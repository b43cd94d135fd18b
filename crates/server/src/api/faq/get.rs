//! `faq.get`

use axum::http::Method;
use desk::{Kind, faq};
use wire::faq::{FaqData, FaqPath};
use wire::{Code, Nothing};

use super::shapes;
use crate::api::{ApiError, Caller, Endpoint, Token, known};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const ID: &'static str = "faq.get";
    const SUMMARY: &'static str = "Read a FAQ, also one from the recycle bin.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/faqs/{id}";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::NOT_FOUND];

    type Path = FaqPath;
    type Query = Nothing;
    type Body = Nothing;
    type Data = FaqData;

    async fn call(app: &App, caller: Caller, path: FaqPath, _: Nothing, _: Nothing) -> Result<FaqData, ApiError> {
        let id = known(Kind::Faq, &path.id)?;
        let data = app
            .read(move |tx, _| {
                let found = faq::get(tx, &caller.helpdesk, id)?;
                let faq = shapes(tx, &caller.helpdesk, &[found])?.remove(0);
                Ok(FaqData { faq })
            })
            .await?;
        Ok(data)
    }
}
