//! The customized fields of tickets, for those who run a help desk. Bodies are those of the open API.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use db::Tx;
use desk::Kind;
use desk::directory::Helpdesk;
use desk::field::{self, Family};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Nothing;
use wire::field::{CreateBody, PatchBody, TicketField};

use super::Visitor;
use super::desks::of_path;
use crate::api::error::ApiError;
use crate::api::ticket_customized_field::{change, definition, shape};
use crate::api::{known, number};
use crate::app::App;
use crate::guest::{Body, Segment};

/// The path of a field.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AdminFieldPath")]
pub struct FieldPath {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// Decimal id of the field.
    field_id: String,
}

/// The customized fields of tickets.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminFieldList")]
pub struct FieldList {
    /// In their order.
    fields: Vec<TicketField>,
}

/// A customized field of tickets.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminFieldData")]
pub struct FieldData {
    /// As it is now.
    field: TicketField,
}

/// An order of fields.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AdminFieldOrder")]
pub struct FieldOrder {
    /// Decimal ids of all fields, each once.
    ids: Vec<String>,
}

fn all(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<FieldList, desk::Refusal> {
    let fields = field::all(tx, desk, Family::Ticket)?;
    Ok(FieldList { fields: fields.iter().map(|field| shape(desk, field)).collect() })
}

/// `GET /admin/v1/desks/:helpdesk_id/fields`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<FieldList>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    Ok(Json(app.read(move |tx, _| all(tx, &desk)).await?))
}

/// `POST /admin/v1/desks/:helpdesk_id/fields`
pub async fn create(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<CreateBody>,
) -> Result<(StatusCode, Json<FieldData>), ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let new = definition(&desk, ask)?;
    let data = app
        .write(move |tx, cx| {
            let id = field::create(tx, cx, &desk, &who.session.staff.user_id, &new)?;
            Ok(FieldData { field: shape(&desk, &field::get(tx, &desk, id)?) })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(data)))
}

/// `PUT /admin/v1/desks/:helpdesk_id/field-order`
pub async fn arrange(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<FieldOrder>,
) -> Result<Json<FieldList>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let id = |(i, text): (usize, &String)| number(&format!("ids[{i}]"), text);
    let ids = ask.ids.iter().enumerate().map(id).collect::<Result<Vec<i64>, ApiError>>()?;
    let list = app
        .write(move |tx, cx| {
            field::arrange(tx, cx, &desk, &who.session.staff.user_id, &ids)?;
            all(tx, &desk)
        })
        .await?;
    Ok(Json(list))
}

/// `PATCH /admin/v1/desks/:helpdesk_id/fields/:field_id`
pub async fn update(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<FieldPath>,
    Body(ask): Body<PatchBody>,
) -> Result<Json<FieldData>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(Kind::Field, &path.field_id)?;
    let change = change(ask)?;
    let data = app
        .write(move |tx, cx| {
            field::patch(tx, cx, &desk, &who.session.staff.user_id, id, &change)?;
            Ok(FieldData { field: shape(&desk, &field::get(tx, &desk, id)?) })
        })
        .await?;
    Ok(Json(data))
}

/// `DELETE /admin/v1/desks/:helpdesk_id/fields/:field_id`
pub async fn delete(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<FieldPath>,
) -> Result<Json<Nothing>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(Kind::Field, &path.field_id)?;
    app.write(move |tx, cx| field::delete(tx, cx, &desk, &who.session.staff.user_id, id)).await?;
    Ok(Json(Nothing {}))
}
