//! A ticket with everything beside its conversation: reading it, changing its data, its timeline.

use axum::Json;
use axum::extract::State;
use desk::console::find;
use desk::field::NewValue;
use desk::ticket::{self, Update};
use desk::timeline::{self, Place, Step};
use desk::{Refusal, image};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::{PersonOut, WholeOut};
use super::{Asking, ticket_id, whole};
use crate::admin::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::{Shown, shown, sized};
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

const PAGE_SIZE: i64 = 50;
const PAGE_SIZE_MAX: i64 = 200;

/// Which part of a timeline.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsoleAskTimeline")]
pub struct AskTimeline {
    /// How many steps at most; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
}

/// Who did what when, the last first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleTimeline")]
pub struct Timeline {
    /// One page.
    steps: Vec<StepOut>,
    /// Whom the steps of this page name by open id.
    people: Vec<PersonOut>,
    /// Whether there are earlier ones.
    has_more: bool,
    /// For the next page, the steps before these; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// A step.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleStep")]
struct StepOut {
    /// Tells it from the others of its ticket.
    step_id: String,
    /// Unix ms.
    at: i64,
    /// Such as `handed_over`, `assigned`, `taken`, `replied`, `held`, `resumed`, `transferred`, `collaborator_added`,
    /// `faq_sent`, `app_answered`, `builtin_answered`, `updated`, `closed`, `rated`.
    kind: String,
    /// What there is to know of it.
    detail: serde_json::Value,
}

/// `GET /console/v1/tickets/:ticket_id/timeline`
pub async fn timeline(
    State(app): State<App>,
    who: Visitor,
    Segment(id): Segment,
    Asked(ask): Asked<AskTimeline>,
) -> Result<Json<Timeline>, ApiError> {
    let id = ticket_id(&id)?;
    let size = sized("page_size", ask.page_size, PAGE_SIZE, PAGE_SIZE_MAX)?;
    let token = ask.page_token.filter(|token| !token.is_empty());
    let before = token.map_or(Some(Place::END), |token| Place::parse(&token));
    let before = before.ok_or_else(|| ApiError::invalid("page_token", "is none that this call gave"))?;
    let at = Asking::of(&app, who);
    let (steps, has_more, names) = app
        .read(move |tx, _| {
            let (seat, _) = find(tx, &at.staff, &at.directory, id)?;
            let (steps, has_more) = timeline::work(tx, &seat.desk, id, before, size)?;
            let names = timeline::people(tx, &seat.desk, steps.iter().map(|(_, step)| step))?;
            Ok((steps, has_more, names))
        })
        .await?;
    let mut people: Vec<PersonOut> = names.into_iter().map(|(open_id, name)| PersonOut { open_id, name }).collect();
    people.sort_unstable_by(|a, b| a.open_id.cmp(&b.open_id));
    let page_token = steps.last().filter(|_| has_more).map(|(place, _)| place.to_string());
    let out = |(place, step): (Place, Step)| StepOut {
        step_id: place.to_string(),
        at: step.at,
        kind: step.kind,
        detail: step.detail,
    };
    Ok(Json(Timeline { steps: steps.into_iter().map(out).collect(), people, has_more, page_token }))
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
