//! `ticket.customized_fields`: the fields of users and of tickets, unpaged.

use axum::http::Method;
use desk::directory::Helpdesk;
use desk::field::{self, Family, Field};
use wire::field::{AllData, AllQuery, UserField};
use wire::{Code, Nothing};

use crate::api::ticket_customized_field::shape;
use crate::api::{ApiError, Caller, Endpoint, Token};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct CustomizedFields;

impl Endpoint for CustomizedFields {
    const ID: &'static str = "ticket.customized_fields";
    const SUMMARY: &'static str = "List the customized fields of users and of tickets by position, unpaged.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/customized_fields";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[Code::UNAUTHORIZED, Code::NOT_FOUND];

    type Path = Nothing;
    type Query = AllQuery;
    type Body = Nothing;
    type Data = AllData;

    async fn call(app: &App, caller: Caller, _: Nothing, query: AllQuery, _: Nothing) -> Result<AllData, ApiError> {
        let visible_only = query.visible_only.unwrap_or(false);
        let data = app
            .read(move |tx, _| {
                let desk = &caller.helpdesk;
                let shown = |field: &Field| !visible_only || field.is.visible;
                let users = field::all(tx, desk, Family::User)?;
                let tickets = field::all(tx, desk, Family::Ticket)?;
                Ok(AllData {
                    user_customized_fields: users.iter().filter(|f| shown(f)).map(|f| user_field(desk, f)).collect(),
                    ticket_customized_fields: tickets.iter().filter(|f| shown(f)).map(|f| shape(desk, f)).collect(),
                })
            })
            .await?;
        Ok(data)
    }
}

fn user_field(desk: &Helpdesk, field: &Field) -> UserField {
    let is = &field.is;
    UserField {
        user_customized_field_id: field.id.to_string(),
        id: field.id.to_string(),
        helpdesk_id: desk.id.to_string(),
        key_name: is.key_name.clone(),
        display_name: is.display_name.clone(),
        position: is.position.to_string(),
        field_type: is.field_type.as_str().to_owned(),
        description: is.description.clone(),
        visible: is.visible,
        editable: is.editable,
        required: is.required,
        created_at: field.created_at.to_string(),
        updated_at: field.updated_at.to_string(),
    }
}
