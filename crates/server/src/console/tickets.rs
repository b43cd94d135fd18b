//! A ticket with everything beside its conversation: reading it, changing its data, its timeline.

use axum::Json;
use axum::extract::State;
use desk::console::find;
use desk::field::NewValue;
use desk::ticket::{self, Update};
use desk::timeline::{self, Step};
use desk::{Refusal, image};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::WholeOut;
use super::{Asking, ticket_id, whole};
use crate::admin::Visitor;
use crate::api::error::ApiError;
use crate::api::{Shown, shown};
use crate::app::App;
use crate::guest::{Body, Segment};

/// `GET /console/v1/tickets/:ticket_id`
pub async fn show(State(app): State<App>, who: Visitor, Segment(id): Segment) -> Result<Json<WholeOut>, ApiError> {
    let id = ticket_id(&id)?;
    Ok(Json(whole(&app, Asking::of(&app, who), id).await?))
}

/// What is to change of a ticket's data; what is left out stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsoleChangeTicket")]
pub struct ChangeTicket {
    /// All its tags from then on; at most 50, each of 1 to 50 characters.
    tag_names: Option<Vec<String>>,
    /// Values of customized fields; at most 100.
    fields: Option<Vec<FieldChange>>,
    /// The remark, at most 5000 characters; an empty one removes it.
    remark: Option<String>,
    /// Whether the question is solved.
    solved: Option<bool>,
}

/// A customized field's new value. The field is named by its id or its key.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsoleFieldChange")]
struct FieldChange {
    /// Decimal id of the field.
    id: Option<String>,
    /// The field's key.
    key_name: Option<String>,
    /// The value; an empty one removes it.
    value: Option<String>,
}

/// `PATCH /console/v1/tickets/:ticket_id`
pub async fn change(
    State(app): State<App>,
    who: Visitor,
    Segment(id): Segment,
    Body(ask): Body<ChangeTicket>,
) -> Result<Json<WholeOut>, ApiError> {
    let id = ticket_id(&id)?;
    let value = |f: FieldChange| NewValue { id: f.id, key_name: f.key_name, value: f.value };
    let update = Update {
        tag_names: ask.tag_names,
        comment: ask.remark,
        fields: ask.fields.map(|fields| fields.into_iter().map(value).collect()),
        solve: ask.solved.map(|solved| if solved { 2 } else { 1 }),
        ..Update::default()
    };
    if update == Update::default() {
        let why = "at least one of tag_names, fields, remark and solved has to be given";
        return Err(ApiError::invalid("body", why));
    }
    let at = Asking::of(&app, who);
    let by = at.clone();
    app.write(move |tx, cx| {
        let (seat, _) = find(tx, &by.staff, &by.directory, id)?;
        ticket::update(tx, cx, &seat.desk, &by.staff.user_id, id, &update).map_err(renamed)
    })
    .await?;
    Ok(Json(whole(&app, at, id).await?))
}

/// The console's names of what `ticket.update` calls otherwise.
fn renamed(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Invalid { field, why } => {
            let field = match field.strip_prefix("customized_fields") {
                Some(rest) => format!("fields{rest}"),
                None if field == "comment" => "remark".to_owned(),
                None => field,
            };
            Refusal::Invalid { field, why }
        }
        other => other,
    }
}

/// Who did what when.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleTimeline")]
pub struct Timeline {
    /// Oldest first.
    steps: Vec<StepOut>,
}

/// A step.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleStep")]
struct StepOut {
    /// Unix ms.
    at: i64,
    /// Such as `handed_over`, `assigned`, `taken`, `replied`, `held`, `resumed`, `transferred`, `collaborator_added`,
    /// `faq_sent`, `app_answered`, `builtin_answered`, `updated`, `closed`, `rated`.
    kind: String,
    /// What there is to know of it.
    detail: serde_json::Value,
}

/// `GET /console/v1/tickets/:ticket_id/timeline`
pub async fn timeline(State(app): State<App>, who: Visitor, Segment(id): Segment) -> Result<Json<Timeline>, ApiError> {
    let id = ticket_id(&id)?;
    let at = Asking::of(&app, who);
    let steps = app
        .read(move |tx, _| {
            let (seat, _) = find(tx, &at.staff, &at.directory, id)?;
            timeline::work(tx, &seat.desk, id)
        })
        .await?;
    let out = |step: Step| StepOut { at: step.at, kind: step.kind, detail: step.detail };
    Ok(Json(Timeline { steps: steps.into_iter().map(out).collect() }))
}

/// The path of a picture of a ticket.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleImagePath")]
pub struct ImagePath {
    /// Decimal id of the ticket.
    ticket_id: String,
    /// `img_…`
    image_key: String,
}

/// `GET /console/v1/tickets/:ticket_id/images/:image_key`
pub async fn picture(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<ImagePath>,
) -> Result<Shown, ApiError> {
    let id = ticket_id(&path.ticket_id)?;
    let at = Asking::of(&app, who);
    let image = app
        .read(move |tx, _| {
            let (seat, ticket) = find(tx, &at.staff, &at.directory, id)?;
            image::get(tx, &seat.desk, &ticket.chat_id, &path.image_key)
        })
        .await?;
    Ok(shown(image))
}
