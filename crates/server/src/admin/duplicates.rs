//! FAQs of a help desk that ask nearly the same, for those who run it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use desk::directory::Helpdesk;
use desk::gap;
use desk::{Kind, Refusal};
use retrieval::Duplicate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decisions::{DecisionData, DecisionOut};
use super::desks::of_path;
use super::gaps::{AskPage, page, questions};
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::number;
use crate::app::App;
use crate::guest::{Body, Segment};

/// Decisions that are read in one transaction.
const DECISIONS_AT_ONCE: i64 = 500;

/// Pairs of FAQs that ask nearly the same, the most alike first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminDuplicateList")]
pub struct DuplicateList {
    /// One page.
    duplicates: Vec<DuplicateOut>,
    /// How many there are on all pages; at most 500 are told.
    total: usize,
    /// Whether there are more.
    has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// Two FAQs that ask nearly the same.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminDuplicate")]
struct DuplicateOut {
    /// The FAQ with the smaller id.
    one: DuplicateFaq,
    /// The other one.
    other: DuplicateFaq,
    /// The likeness of the two texts that are most alike, 0 to 1.
    similarity: f64,
    /// Up to three pairs of texts that make it so, the most alike first.
    texts: Vec<DuplicateTexts>,
}

/// A FAQ of a pair.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminDuplicateFaq")]
struct DuplicateFaq {
    /// Decimal id.
    id: String,
    /// Its question.
    question: String,
}

/// Two texts that are nearly the same.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminDuplicateTexts")]
struct DuplicateTexts {
    /// Of the first FAQ: its question or a similar question.
    one: String,
    /// Of the other one.
    other: String,
}

/// The pairs that nobody wanted to stay two.
async fn open(app: &App, desk: &Arc<Helpdesk>) -> Result<Vec<Duplicate>, Refusal> {
    let pairs = app.gaps().duplicates(app, desk).await?;
    let by_ids: HashMap<(i64, i64), &Duplicate> = pairs.iter().map(|pair| ((pair.one, pair.other), pair)).collect();
    let mut apart: HashSet<(i64, i64)> = HashSet::new();
    // All of them, however old: nobody is asked again about what they have decided.
    let mut before = i64::MAX;
    while apart.len() < pairs.len() {
        let desk = Arc::clone(desk);
        let page = app.read(move |tx, _| Ok(gap::apart(tx, &desk, before, DECISIONS_AT_ONCE)?)).await?;
        let Some(last) = page.last() else { break };
        before = last.id;
        for decision in &page {
            let Some(ids) = decision.faq_id.zip(decision.other_faq) else { continue };
            if by_ids.get(&ids).is_some_and(|pair| decision.keeps_apart(ids, &pair.texts)) {
                apart.insert(ids);
            }
        }
    }
    Ok(pairs.iter().filter(|pair| !apart.contains(&(pair.one, pair.other))).cloned().collect())
}

/// `GET /admin/v1/desks/:helpdesk_id/duplicates`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<AskPage>,
) -> Result<Json<DuplicateList>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let pairs = open(&app, &desk).await?;
    let (shown, page_token) = page(&pairs, &ask)?;
    let questions = questions(&app, &desk, shown.iter().flat_map(|pair| [pair.one, pair.other]).collect()).await?;
    let faq = |id: i64| DuplicateFaq { id: id.to_string(), question: questions.get(&id).cloned().unwrap_or_default() };
    let told = |pair: &Duplicate| DuplicateOut {
        one: faq(pair.one),
        other: faq(pair.other),
        similarity: pair.similarity,
        texts: pair.texts.iter().cloned().map(|(one, other)| DuplicateTexts { one, other }).collect(),
    };
    let duplicates = shown.iter().map(told).collect();
    Ok(Json(DuplicateList { duplicates, total: pairs.len(), has_more: page_token.is_some(), page_token }))
}

/// Which pair stays two.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RejectDuplicate {
    /// Decimal id of one FAQ.
    one: String,
    /// Decimal id of the other one.
    other: String,
    /// In a few words, for others.
    #[serde(default)]
    #[schemars(length(max = 500))]
    reason: Option<String>,
}

/// `POST /admin/v1/desks/:helpdesk_id/duplicates/reject`
pub async fn reject(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<RejectDuplicate>,
) -> Result<Json<DecisionData>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let (one, other) = (number("one", &ask.one)?, number("other", &ask.other)?);
    let ids = (one.min(other), one.max(other));
    let pair = open(&app, &desk).await?.into_iter().find(|pair| (pair.one, pair.other) == ids);
    let pair = pair.ok_or_else(|| Refusal::not_found(Kind::Duplicate, format!("{one} and {other}")))?;
    let user_id = who.session.staff.user_id;
    let decision = app
        .write(move |tx, cx| gap::keep_apart(tx, cx, &desk, &user_id, (ids, &pair.texts), ask.reason.clone()))
        .await?;
    Ok(Json(DecisionData { decision: DecisionOut::of(&decision, None) }))
}
