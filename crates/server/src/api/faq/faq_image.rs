//! `faq.faq_image`: a picture of a FAQ's rich answer.

use axum::http::Method;
use desk::faq;
use wire::faq::FaqImagePath;
use wire::{Code, Nothing};

use crate::api::{ApiError, Binary, Caller, Endpoint, Token, number, picture};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct FaqImage;

impl Endpoint for FaqImage {
    const ID: &'static str = "faq.faq_image";
    const SUMMARY: &'static str = "Download a picture of a FAQ, also of one in the recycle bin.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/faqs/{id}/image/{image_key}";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::FORBIDDEN, Code::NOT_FOUND];

    type Path = FaqImagePath;
    type Query = Nothing;
    type Body = Nothing;
    type Data = Binary;

    async fn call(app: &App, caller: Caller, path: FaqImagePath, _: Nothing, _: Nothing) -> Result<Binary, ApiError> {
        let id = number("id", &path.id)?;
        let key = path.image_key.clone();
        let image = app.read(move |tx, _| faq::picture(tx, &caller.helpdesk, id, &path.image_key)).await?;
        Ok(picture(&key, image))
    }
}
