//! Why a question is answered as it is, for a box in which people try questions out.

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Visitor;
use super::desks::of_path;
use crate::api::error::ApiError;
use crate::api::{optional_number, ranged};
use crate::app::App;
use crate::explain::{self, Ask, ExplainedQuestion, LIMIT_DEFAULT, LIMIT_MAX};
use crate::guest::{Body, Segment};

/// What is to be explained.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskExplanation {
    /// The question.
    #[schemars(length(min = 1, max = 2000))]
    text: String,
    /// A FAQ to explain in any case: decimal id.
    faq_id: Option<String>,
    /// How many FAQs to explain, the best first; 5 if left out.
    #[schemars(range(min = 1, max = 20))]
    limit: Option<i64>,
}

/// `POST /admin/v1/desks/:helpdesk_id/explain`
pub async fn explain(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<AskExplanation>,
) -> Result<Json<ExplainedQuestion>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let faq_id = optional_number("faq_id", ask.faq_id.as_deref())?;
    let limit = ask.limit.map(|limit| ranged("limit", limit, 1, i64::try_from(LIMIT_MAX).unwrap_or(i64::MAX)));
    let limit = limit.transpose()?.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LIMIT_DEFAULT);
    let ask = Ask { text: ask.text, faq_id, limit }.checked()?;
    Ok(Json(explain::explain(&app, &desk, ask).await?))
}
