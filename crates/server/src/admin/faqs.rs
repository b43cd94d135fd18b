//! The FAQs of a help desk, for those who run it. The rules are those of the open API's endpoints.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::faq::usage::{self, Usage};
use desk::faq::{self, Filter, status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Nothing;
use wire::faq::{Faq, FaqBody, FaqData};

use super::desks::of_path;
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::faq::{content, shapes};
use crate::api::{Shown, known, optional_number, page_size, position, shown};
use crate::app::App;
use crate::guest::{Body, Segment};

/// The path of a FAQ.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct FaqPath {
    /// Decimal id of the help desk.
    pub(super) helpdesk_id: String,
    /// Decimal id of the FAQ.
    pub(super) faq_id: String,
}

/// Which FAQs.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListFaqs {
    /// Only those with this text in the question, a similar question or the last editor's name.
    search: Option<String>,
    /// Only those of this category: decimal id.
    category_id: Option<String>,
    /// `true`: those in the recycle bin instead.
    deleted: Option<bool>,
    /// How many at most; 20 if left out.
    #[schemars(range(min = 1, max = 100))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
}

/// FAQs, oldest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FaqList {
    /// One page.
    faqs: Vec<Faq>,
    /// How many there are on all pages.
    total: i64,
    /// Whether there are more.
    has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// `GET /admin/v1/desks/:helpdesk_id/faqs`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<ListFaqs>,
) -> Result<Json<FaqList>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let limit = page_size(ask.page_size)?;
    let after = position(ask.page_token.as_deref())?;
    let category_id = optional_number("category_id", ask.category_id.as_deref())?;
    let search = ask.search.filter(|text| !text.trim().is_empty());
    let filter = Filter { category_id, status: (ask.deleted == Some(true)).then_some(status::DELETED), search };
    let list = app
        .read(move |tx, _| {
            let page = faq::list(tx, &desk, &filter, after, limit)?;
            let page_token = page.items.last().filter(|_| page.has_more).map(|last| last.id.to_string());
            let faqs = shapes(tx, &desk, &page.items)?;
            Ok(FaqList { faqs, total: page.total, has_more: page.has_more, page_token })
        })
        .await?;
    Ok(Json(list))
}

/// What became of FAQs' answers.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FaqUsages")]
pub struct UsageOut {
    /// How many days are looked at.
    days: i64,
    /// How many questions of these days were looked at: the 5,000 newest.
    questions: u64,
    /// If there were more: when the oldest of them was asked, Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_at: Option<i64>,
    /// Each FAQ that answered any of them, also those that are gone; the most answered first.
    faqs: Vec<FaqUsage>,
}

/// What became of a FAQ's answer.
#[derive(Debug, Serialize, JsonSchema)]
struct FaqUsage {
    /// Decimal id.
    faq_id: String,
    /// Questions whose guest saw this answer last: it was given directly, or picked from a list.
    answered: u64,
    /// How many of them picked it from a list.
    chosen: u64,
    /// After how many of them the guest said that it helped.
    solved: u64,
    /// After how many of them the guest said that it did not help.
    not_solved: u64,
    /// Questions that an agent answered with it.
    by_agents: u64,
}

/// `GET /admin/v1/desks/:helpdesk_id/faq-usage`
pub async fn usage(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
) -> Result<Json<UsageOut>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let found = app.read(move |tx, cx| Ok(usage::usages(tx, &desk, cx.now)?)).await?;
    let one = |(id, of): (i64, Usage)| FaqUsage {
        faq_id: id.to_string(),
        answered: of.answered,
        chosen: of.chosen,
        solved: of.solved,
        not_solved: of.not_solved,
        by_agents: of.by_agents,
    };
    let mut faqs: Vec<(i64, Usage)> = found.faqs.into_iter().collect();
    faqs.sort_unstable_by_key(|(id, of)| (std::cmp::Reverse(of.answered), *id));
    Ok(Json(UsageOut {
        days: usage::DAYS,
        questions: found.questions,
        cut_at: found.cut_at,
        faqs: faqs.into_iter().map(one).collect(),
    }))
}

/// `POST /admin/v1/desks/:helpdesk_id/faqs`
pub async fn create(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<FaqBody>,
) -> Result<(StatusCode, Json<FaqData>), ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let content = content(ask.faq)?;
    let data = app
        .write(move |tx, cx| {
            let made = faq::create(tx, cx, &desk, &who.session.staff.user_id, &content)?;
            Ok(FaqData { faq: shapes(tx, &desk, &[made])?.remove(0) })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(data)))
}

/// `GET /admin/v1/desks/:helpdesk_id/faqs/:faq_id`
pub async fn show(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<FaqPath>,
) -> Result<Json<FaqData>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(desk::Kind::Faq, &path.faq_id)?;
    let data = app
        .read(move |tx, _| {
            let found = faq::get(tx, &desk, id)?;
            Ok(FaqData { faq: shapes(tx, &desk, &[found])?.remove(0) })
        })
        .await?;
    Ok(Json(data))
}

/// `PATCH /admin/v1/desks/:helpdesk_id/faqs/:faq_id`
pub async fn update(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<FaqPath>,
    Body(ask): Body<FaqBody>,
) -> Result<Json<FaqData>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(desk::Kind::Faq, &path.faq_id)?;
    let content = content(ask.faq)?;
    let data = app
        .write(move |tx, cx| {
            faq::patch(tx, cx, &desk, &who.session.staff.user_id, id, &content)?;
            let found = faq::get(tx, &desk, id)?;
            Ok(FaqData { faq: shapes(tx, &desk, &[found])?.remove(0) })
        })
        .await?;
    Ok(Json(data))
}

/// `POST /admin/v1/desks/:helpdesk_id/faqs/:faq_id/restore`: out of the recycle bin.
pub async fn restore(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<FaqPath>,
) -> Result<Json<FaqData>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(desk::Kind::Faq, &path.faq_id)?;
    let data = app
        .write(move |tx, cx| {
            faq::restore(tx, cx, &desk, &who.session.staff.user_id, id)?;
            let found = faq::get(tx, &desk, id)?;
            Ok(FaqData { faq: shapes(tx, &desk, &[found])?.remove(0) })
        })
        .await?;
    Ok(Json(data))
}

/// The path of a FAQ's picture.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct FaqPicturePath {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// Decimal id of the FAQ.
    faq_id: String,
    /// `img_…`
    image_key: String,
}

/// `GET /admin/v1/desks/:helpdesk_id/faqs/:faq_id/images/:image_key`
pub async fn picture(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<FaqPicturePath>,
) -> Result<Shown, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(desk::Kind::Faq, &path.faq_id)?;
    let image = app.read(move |tx, _| faq::picture(tx, &desk, id, &path.image_key)).await?;
    Ok(shown(image))
}

/// `DELETE /admin/v1/desks/:helpdesk_id/faqs/:faq_id`: to the recycle bin.
pub async fn delete(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<FaqPath>,
) -> Result<Json<Nothing>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(desk::Kind::Faq, &path.faq_id)?;
    app.write(move |tx, cx| faq::delete(tx, cx, &desk, &who.session.staff.user_id, id)).await?;
    Ok(Json(Nothing {}))
}
