//! Questions that a guest may mean, while they type.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::extract::{Extension, Query, State};
use axum::{Json, extract::rejection::QueryRejection};
use desk::faq;
use desk::message::TEXT_MAX;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Guest;
use crate::api::error::ApiError;
use crate::app::App;
use crate::limits::EndpointLimits;

/// How often each guest may ask.
#[derive(Debug, Clone)]
pub struct Pace(pub Arc<EndpointLimits>);

/// What is typed so far.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Typed {
    /// The text so far; at most 5000 characters.
    #[schemars(length(max = 5000))]
    text: String,
}

/// Questions that it may become.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Suggestions {
    /// At most 5, best first.
    suggestions: Vec<Suggestion>,
}

/// A question that was answered already.
#[derive(Debug, Serialize, JsonSchema)]
struct Suggestion {
    /// The FAQ's decimal id.
    id: String,
    /// The question.
    question: String,
    /// 0 to 1: how likely it is meant.
    score: f64,
}

/// `GET /guest/v1/suggestions`: at most 5 calls a second for each guest. Nothing of the text is stored.
pub async fn suggestions(
    State(app): State<App>,
    Extension(Pace(limits)): Extension<Pace>,
    who: Guest,
    query: Result<Query<Typed>, QueryRejection>,
) -> Result<Json<Suggestions>, ApiError> {
    let Query(typed) = query.map_err(|e| ApiError::invalid("query", e.body_text()))?;
    if typed.text.chars().count() > TEXT_MAX {
        return Err(ApiError::invalid("text", format!("at most {TEXT_MAX} characters are allowed")));
    }
    limits.check(number_of(&who.session.chat_id)).map_err(ApiError::rate_limited)?;
    let found = app.engines().suggestions(&app, &who.desk, &typed.text).await?;
    let ids: Vec<i64> = found.iter().map(|found| found.faq_id).collect();
    let questions = app.read(move |tx, _| Ok(faq::questions(tx, &who.desk, &ids)?)).await?;
    let suggestion = |(id, question): (i64, String)| {
        let score = found.iter().find(|found| found.faq_id == id)?.score;
        Some(Suggestion { id: id.to_string(), question, score })
    };
    Ok(Json(Suggestions { suggestions: questions.into_iter().filter_map(suggestion).collect() }))
}

/// The number under which a chat's calls are counted.
fn number_of(chat_id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    chat_id.hash(&mut hasher);
    hasher.finish()
}
