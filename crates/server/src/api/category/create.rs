//! `category.create`

use axum::http::Method;
use desk::category::{self, Category};
use wire::Nothing;
use wire::category::{CreateBody, CreateData};

use super::{parent, shape};
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct Create;

impl Endpoint for Create {
    const ID: &'static str = "category.create";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/open-apis/helpdesk/v1/categories";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const RATE: Rate = Rate::Special;

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
