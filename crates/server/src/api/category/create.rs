//! `category.create`

use axum::http::Method;
use desk::category::{self, Category};
use desk::threshold::Own;
use wire::category::{CreateBody, CreateData};
use wire::{Code, Nothing};

use super::{parent, shape};
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Create;

impl Endpoint for Create {
    const ID: &'static str = "category.create";
    const SUMMARY: &'static str = "Make a FAQ category. The operator must be an agent of the help desk or higher.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/categories";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::FORBIDDEN, Code::NOT_FOUND];

    type Path = Nothing;
    type Query = Nothing;
    type Body = CreateBody;
    type Data = CreateData;

    async fn call(app: &App, caller: Caller, _: Nothing, _: Nothing, body: CreateBody) -> Result<CreateData, ApiError> {
        let new = Category {
            id: 0,
            parent_id: parent(&body.parent_id)?,
            name: body.name,
            language: body.language,
            updated_at: 0,
            own: Own::default(),
        };
        let data = app
            .write(move |tx, cx| {
                let made = category::create(tx, cx, &caller.helpdesk, caller.user_id(), &new)?;
                Ok(CreateData { category: shape(&caller.helpdesk, &made) })
            })
            .await?;
        Ok(data)
    }
}
