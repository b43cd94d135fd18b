//! Kept cases: questions with the answer they have to get.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::directory::Helpdesk;
use desk::replay::case::{self, Change, New};
use desk::{Kind, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Nothing;

use super::desks::of_path;
use super::replay::{ChangeBody, turn};
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::{known, page_size, position};
use crate::app::App;
use crate::guest::{Body, Segment};
use crate::replay::{self, CaseOut, CaseReport};

/// The path of a kept case.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CasePath {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// Decimal id of the case.
    case_id: String,
}

/// Which cases.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListCases {
    /// How many at most; 20 if left out.
    #[schemars(range(min = 1, max = 100))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
}

/// Kept cases, oldest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CaseList {
    /// One page.
    cases: Vec<CaseOut>,
    /// How many there are on all pages.
    total: i64,
    /// Whether there are more.
    has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// `GET /admin/v1/desks/:helpdesk_id/cases`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<ListCases>,
) -> Result<Json<CaseList>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let size = page_size(ask.page_size)?;
    let after = position(ask.page_token.as_deref())?;
    // One more tells whether there is more.
    let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
    let its = Arc::clone(&desk);
    let (mut cases, total) =
        app.read(move |tx, _| Ok((case::list(tx, &its, after, limit)?, case::count(tx, &its)?))).await?;
    let has_more = cases.len() > size;
    cases.truncate(size);
    let page_token = cases.last().filter(|_| has_more).map(|last| last.id.to_string());
    let cases = CaseOut::of(&app, &desk, &cases).await?;
    Ok(Json(CaseList { cases, total, has_more, page_token }))
}

/// A case to be kept.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "NewCase")]
pub struct CaseBody {
    /// The question as a guest would ask it; that of `event_id` if left out.
    #[schemars(length(max = 1000))]
    text: Option<String>,
    /// The FAQ that has to be shown, directly or in the list: its decimal id. `nothing` if neither may be. With
    /// `event_id` it may be left out if the right FAQ became known.
    wanted: Option<String>,
    /// Why it is kept.
    #[schemars(length(max = 1000))]
    note: Option<String>,
    /// The event of a guest's question: the body's id, or the header's.
    event_id: Option<String>,
}

/// What is to change of a kept case; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ChangeCase {
    /// The question as a guest would ask it.
    #[schemars(length(max = 1000))]
    text: Option<String>,
    /// The FAQ that has to be shown, directly or in the list: its decimal id. `nothing` if neither may be.
    wanted: Option<String>,
    /// Why it is kept.
    #[schemars(length(max = 1000))]
    note: Option<String>,
}

/// One case.
async fn told(app: &App, desk: &Arc<Helpdesk>, case: case::Case) -> Result<CaseOut, Refusal> {
    let id = case.id;
    let told = CaseOut::of(app, desk, &[case]).await?.pop();
    told.ok_or_else(|| Refusal::not_found(Kind::Case, id))
}

/// `POST /admin/v1/desks/:helpdesk_id/cases`
pub async fn create(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<CaseBody>,
) -> Result<(StatusCode, Json<CaseOut>), ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let new = New { text: ask.text, wanted: ask.wanted, note: ask.note, event_id: ask.event_id };
    let user_id = who.session.staff.user_id;
    let its = Arc::clone(&desk);
    let made = app.write(move |tx, cx| case::create(tx, cx, &its, &user_id, &new)).await?;
    Ok((StatusCode::CREATED, Json(told(&app, &desk, made).await?)))
}

/// `PATCH /admin/v1/desks/:helpdesk_id/cases/:case_id`
pub async fn update(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<CasePath>,
    Body(ask): Body<ChangeCase>,
) -> Result<Json<CaseOut>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(Kind::Case, &path.case_id)?;
    let change = Change { text: ask.text, wanted: ask.wanted, note: ask.note };
    let user_id = who.session.staff.user_id;
    let its = Arc::clone(&desk);
    let changed = app.write(move |tx, cx| case::patch(tx, cx, &its, (&user_id, id), &change)).await?;
    Ok(Json(told(&app, &desk, changed).await?))
}

/// `DELETE /admin/v1/desks/:helpdesk_id/cases/:case_id`
pub async fn delete(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<CasePath>,
) -> Result<Json<Nothing>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(Kind::Case, &path.case_id)?;
    app.write(move |tx, cx| case::delete(tx, cx, &desk, id)).await?;
    Ok(Json(Nothing {}))
}

/// `POST /admin/v1/desks/:helpdesk_id/cases/run`
pub async fn run(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<ChangeBody>,
) -> Result<Json<CaseReport>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let trial = ask.trial(&app, &desk).await?;
    let turn = turn(&app)?;
    let cases = replay::kept_cases(&app, &desk).await?;
    let asked = cases.iter().map(|case| (case.text.clone(), case.wanted)).collect();
    let tried = replay::cases(&app, &desk, turn, asked, trial.clone()).await?;
    let difference = trial.as_ref().map(|trial| &trial.difference);
    Ok(Json(CaseReport::of(&app, &desk, (&cases, &tried), difference).await?))
}
