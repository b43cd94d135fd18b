//! `faq.create`

use axum::http::Method;
use desk::faq;
use wire::faq::{FaqBody, FaqData};
use wire::{Code, Nothing};

use super::{content, shapes};
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Create;

impl Endpoint for Create {
    const ID: &'static str = "faq.create";
    const SUMMARY: &'static str = "Make a FAQ. At least one of `answer` and `answer_richtext` is needed.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/faqs";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST];

    type Path = Nothing;
    type Query = Nothing;
    type Body = FaqBody;
    type Data = FaqData;

    async fn call(app: &App, caller: Caller, _: Nothing, _: Nothing, body: FaqBody) -> Result<FaqData, ApiError> {
        let content = content(body.faq)?;
        let data = app
            .write(move |tx, cx| {
                let made = faq::create(tx, cx, &caller.helpdesk, caller.user_id(), &content)?;
                let faq = shapes(tx, &caller.helpdesk, &[made])?.remove(0);
                Ok(FaqData { faq })
            })
            .await?;
        Ok(data)
    }
}
