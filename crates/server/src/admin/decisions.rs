//! What was decided about gaps and duplicates, and what it was good for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use desk::Kind;
use desk::gap::{self, Decision, Effect, Tally};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::desks::of_path;
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::{before, known, ranged};
use crate::app::App;
use crate::guest::Segment;

/// A page of decisions.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListDecisions {
    /// How many at most; 20 if left out.
    #[schemars(range(min = 1, max = 20))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
}

/// Decisions, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminDecisionList")]
pub struct DecisionList {
    /// One page.
    decisions: Vec<DecisionOut>,
    /// Whether there are more.
    has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// A decision that was made.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminDecisionData")]
pub struct DecisionData {
    /// The decision.
    pub(super) decision: DecisionOut,
}

/// A decision.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminDecision")]
pub struct DecisionOut {
    /// Decimal id.
    id: String,
    /// `similar`: similar questions were added; `draft`: a FAQ was made; `rejected`: nothing is to be done; `apart`: two
    /// FAQs stay two.
    #[schemars(extend("enum" = ["similar", "draft", "rejected", "apart"]))]
    kind: &'static str,
    /// When, Unix milliseconds.
    decided_at: i64,
    /// Who; left out if they are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<Decider>,
    /// The text that stood for the gap; for two FAQs, a text that made them alike.
    question: String,
    /// The different texts, at most 100; for two FAQs, those that made them alike.
    texts: Vec<String>,
    /// How many guests had asked in vain.
    guests: usize,
    /// The FAQ that was changed or made, or the first of two.
    #[serde(skip_serializing_if = "Option::is_none")]
    faq_id: Option<String>,
    /// The second of two FAQs.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_faq_id: Option<String>,
    /// The similar questions that were added or that the new FAQ got.
    added: Vec<String>,
    /// Why it was rejected, in the words of who did.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What it was good for; only of `similar` and `draft`, and only in the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<EffectOut>,
}

/// Who decided.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminDecider")]
struct Decider {
    /// `ou_…`
    open_id: String,
    /// The display name.
    name: String,
}

/// The same questions in equal times before and after a decision.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminDecisionEffect")]
struct EffectOut {
    /// How long each time is, in milliseconds: since the decision, 30 days at most; less if 2,000 questions took less.
    span_ms: i64,
    /// What was asked before.
    before: TallyOut,
    /// What was asked since; with a FAQ that was made, also questions for which it was found first.
    after: TallyOut,
}

/// Questions, counted by what became of them. One may count in several ways.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminQuestionTally")]
struct TallyOut {
    /// All.
    asked: usize,
    /// Those whose answer was shown at once or picked from a list.
    answered: usize,
    /// Those that are solved, as the guest said.
    solved: usize,
    /// Those that are gaps: without an answer, with a list and no pick, or with an answer that did not help.
    missed: usize,
    /// Those whose ticket went to humans.
    handed_over: usize,
}

impl TallyOut {
    fn of(tally: &Tally) -> Self {
        let Tally { asked, answered, solved, missed, handed_over } = *tally;
        Self { asked, answered, solved, missed, handed_over }
    }
}

impl DecisionOut {
    pub(super) fn of(decision: &Decision, effect: Option<Effect>) -> Self {
        let told = |effect: Effect| EffectOut {
            span_ms: effect.span_ms,
            before: TallyOut::of(&effect.before),
            after: TallyOut::of(&effect.after),
        };
        Self {
            id: decision.id.to_string(),
            kind: decision.kind.as_str(),
            decided_at: decision.at,
            decided_by: decision.by.clone().map(|(open_id, name)| Decider { open_id, name }),
            question: decision.question.clone(),
            texts: decision.texts.clone(),
            guests: decision.guests,
            faq_id: decision.faq_id.map(|id| id.to_string()),
            other_faq_id: decision.other_faq.map(|id| id.to_string()),
            added: decision.added.clone(),
            reason: decision.reason.clone(),
            effect: effect.map(told),
        }
    }
}

/// `GET /admin/v1/desks/:helpdesk_id/gap-decisions`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<ListDecisions>,
) -> Result<Json<DecisionList>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let size = ranged("page_size", ask.page_size.unwrap_or(20), 1, 20)?;
    let before = before(ask.page_token.as_deref())?;
    let mut decisions = {
        let desk = Arc::clone(&desk);
        app.read(move |tx, _| Ok(gap::decisions(tx, &desk, before, size + 1)?)).await?
    };
    let wanted = usize::try_from(size).unwrap_or(usize::MAX);
    let has_more = decisions.len() > wanted;
    decisions.truncate(wanted);
    let effects = app.gaps().effects(&app, &desk, &decisions).await?;
    let page_token = decisions.last().filter(|_| has_more).map(|last| last.id.to_string());
    let told = decisions.iter().zip(effects).map(|(decision, effect)| DecisionOut::of(decision, effect)).collect();
    Ok(Json(DecisionList { decisions: told, has_more, page_token }))
}

/// The path of a decision.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DecisionPath {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// Decimal id of the decision.
    decision_id: String,
}

/// `DELETE /admin/v1/desks/:helpdesk_id/gap-decisions/:decision_id`
pub async fn withdraw(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<DecisionPath>,
) -> Result<Json<DecisionData>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(Kind::Decision, &path.decision_id)?;
    let (its, user_id) = (Arc::clone(&desk), who.session.staff.user_id);
    let decision = app.write(move |tx, _| gap::withdraw(tx, &its, &user_id, id)).await?;
    app.gaps().forget(&desk).await;
    Ok(Json(DecisionData { decision: DecisionOut::of(&decision, None) }))
}
