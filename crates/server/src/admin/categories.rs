//! FAQ categories with their thresholds.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use db::Tx;
use desk::admin::categories::{self, Edit, Shown};
use desk::category::{self, Category, TOP};
use desk::directory::Helpdesk;
use desk::threshold::{Change, Own, stated};
use desk::{Kind, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Nothing;

use super::Visitor;
use super::desks::of_path;
use crate::api::category::parent;
use crate::api::error::ApiError;
use crate::api::known;
use crate::app::App;
use crate::guest::{Body, Segment};

/// The path of a category.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AdminCategoryPath")]
pub struct CategoryPath {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// Decimal id of the category.
    category_id: String,
}

/// The categories of a help desk.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminCategoryList")]
pub struct CategoryList {
    /// Those at the top, in the order in which they were made, each with those below it.
    categories: Vec<CategoryNode>,
}

/// A category.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminCategoryData")]
pub struct CategoryData {
    /// The category with those below it.
    category: CategoryNode,
}

/// A category with those below it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminCategory")]
struct CategoryNode {
    /// Decimal id.
    id: String,
    /// Its name.
    name: String,
    /// Such as `zh_cn`; left out if it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// What it says itself; left out if it is inherited.
    #[serde(skip_serializing_if = "Option::is_none")]
    direct_score: Option<f64>,
    /// What it says itself; left out if it is inherited.
    #[serde(skip_serializing_if = "Option::is_none")]
    list_score: Option<f64>,
    /// What holds for its FAQs.
    effective: Scores,
    /// Those below it.
    children: Vec<CategoryNode>,
}

/// From which scores on FAQs are shown.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminCategoryScores")]
struct Scores {
    /// From this score on the best FAQ's answer is shown.
    direct_score: f64,
    /// From this score on a list of questions is shown.
    list_score: f64,
}

/// A category to be made.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "AdminNewCategory")]
#[serde(default)]
pub struct NewCategory {
    /// Its name, unique under its parent.
    #[schemars(length(min = 1, max = 200))]
    name: String,
    /// Decimal id of the category above it; `0` is the top level, also if left out.
    parent_id: Option<String>,
    /// Such as `zh_cn`.
    #[schemars(length(max = 20))]
    language: Option<String>,
}

/// What is to change of a category; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[expect(clippy::option_option, reason = "leave alone, inherit and set are three things")]
pub struct ChangeCategory {
    /// Its name, unique under its parent.
    #[schemars(length(min = 1, max = 200))]
    name: Option<String>,
    /// Decimal id of the category above it; `0` is the top level.
    parent_id: Option<String>,
    /// From this score on the answer of one of its FAQs is shown; null inherits it again.
    #[serde(deserialize_with = "stated")]
    #[schemars(range(min = 0.0, max = 1.0))]
    direct_score: Option<Option<f64>>,
    /// From this score on a list of questions is shown, at most `direct_score`; null inherits it again.
    #[serde(deserialize_with = "stated")]
    #[schemars(range(min = 0.0, max = 1.0))]
    list_score: Option<Option<f64>>,
}

/// The rows below a parent, as a tree. Takes each level out of the map, so that even a damaged tree with a circle ends.
fn level(below: &mut HashMap<i64, Vec<Shown>>, parent: i64) -> Vec<CategoryNode> {
    let rows = below.remove(&parent).unwrap_or_default();
    rows.into_iter().map(|row| node(below, row)).collect()
}

fn node(below: &mut HashMap<i64, Vec<Shown>>, Shown { category, thresholds }: Shown) -> CategoryNode {
    CategoryNode {
        id: category.id.to_string(),
        name: category.name,
        language: category.language,
        direct_score: category.own.direct_score,
        list_score: category.own.list_score,
        effective: Scores { direct_score: thresholds.direct_score, list_score: thresholds.list_score },
        children: level(below, category.id),
    }
}

fn by_parent(shown: Vec<Shown>) -> HashMap<i64, Vec<Shown>> {
    let mut below: HashMap<i64, Vec<Shown>> = HashMap::new();
    for row in shown {
        below.entry(row.category.parent_id).or_default().push(row);
    }
    below
}

fn one(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64) -> Result<CategoryData, Refusal> {
    let shown = categories::all(tx, desk)?;
    let wanted = shown.iter().find(|row| row.category.id == id).cloned();
    let wanted = wanted.ok_or_else(|| Refusal::not_found(Kind::Category, id))?;
    Ok(CategoryData { category: node(&mut by_parent(shown), wanted) })
}

/// `GET /admin/v1/desks/:helpdesk_id/categories`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<CategoryList>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let shown = app.read(move |tx, _| categories::all(tx, &desk)).await?;
    Ok(Json(CategoryList { categories: level(&mut by_parent(shown), TOP) }))
}

/// `GET /admin/v1/desks/:helpdesk_id/categories/:category_id`
pub async fn show(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<CategoryPath>,
) -> Result<Json<CategoryData>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(Kind::Category, &path.category_id)?;
    Ok(Json(app.read(move |tx, _| one(tx, &desk, id)).await?))
}

/// `PATCH /admin/v1/desks/:helpdesk_id/categories/:category_id`
pub async fn change(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<CategoryPath>,
    Body(ask): Body<ChangeCategory>,
) -> Result<Json<CategoryData>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(Kind::Category, &path.category_id)?;
    let thresholds = Change { direct_score: ask.direct_score, list_score: ask.list_score };
    let edit = Edit { name: ask.name, parent_id: ask.parent_id.as_deref().map(parent).transpose()?, thresholds };
    let data = app
        .write(move |tx, cx| {
            categories::edit(tx, cx, &desk, &who.session.staff.user_id, id, &edit)?;
            one(tx, &desk, id)
        })
        .await?;
    Ok(Json(data))
}

/// `POST /admin/v1/desks/:helpdesk_id/categories`
pub async fn create(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<NewCategory>,
) -> Result<(StatusCode, Json<CategoryData>), ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let parent_id = ask.parent_id.as_deref().map_or(Ok(TOP), parent)?;
    let (name, language, own) = (ask.name, ask.language, Own::default());
    let new = Category { id: 0, parent_id, name, language, updated_at: 0, own };
    let data = app
        .write(move |tx, cx| {
            let made = category::create(tx, cx, &desk, &who.session.staff.user_id, &new)?;
            one(tx, &desk, made.id)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(data)))
}

/// `DELETE /admin/v1/desks/:helpdesk_id/categories/:category_id`
pub async fn delete(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<CategoryPath>,
) -> Result<Json<Nothing>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(Kind::Category, &path.category_id)?;
    app.write(move |tx, cx| category::delete(tx, cx, &desk, &who.session.staff.user_id, id)).await?;
    Ok(Json(Nothing {}))
}
