//! What a replay tells, for the admin API and for the command line.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use desk::Refusal;
use desk::answer::{AnsweredBy, Mode};
use desk::directory::Helpdesk;
use desk::faq;
use desk::replay::case::{Case, Fault, NOTHING, Wanted};
use desk::replay::{Compared, Difference, Verdict, View, Witness, word};
use schemars::JsonSchema;
use serde::Serialize;

use super::Tried;
use crate::app::App;

/// A FAQ that is shown, or that is known to be right or wrong.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "ReplayedFaq")]
pub struct FaqOut {
    /// Decimal id; of a FAQ that would be new, its place in the list that names it, such as `faqs[0]`.
    pub id: String,
    /// The question; left out if the FAQ is online no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// 0 to 1; left out where nothing was ranked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// What a guest sees of an answer.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "ReplayedAnswer")]
pub struct ViewOut {
    /// How it is shown.
    pub mode: Mode,
    /// Whether it is right, as far as that is known; left out for kept cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What is shown, best first.
    pub faqs: Vec<FaqOut>,
}

/// A past question with its answers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "ReplayedQuestion")]
pub struct QuestionOut {
    /// The body's id of the question's event.
    pub event_id: String,
    /// Decimal id of the ticket.
    pub ticket_id: String,
    /// The guest's words.
    pub text: String,
    /// Unix ms.
    pub asked_at: i64,
    /// Who answered; left out if nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<AnsweredBy>,
    /// Whether the ticket went to humans.
    pub handed_over: bool,
    /// The FAQ that is known to be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<FaqOut>,
    /// Who says that it is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right_by: Option<Witness>,
    /// The FAQ whose answer did not help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrong: Option<FaqOut>,
    /// What was shown then; left out if nobody answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<ViewOut>,
    /// What would be shown now.
    pub now: ViewOut,
    /// What would be shown after the change; left out without a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<ViewOut>,
}

/// The questions of FAQs by id.
type Names = HashMap<i64, String>;

fn faq_out(names: &Names, id: i64, score: Option<f64>) -> FaqOut {
    FaqOut { id: word(id), question: names.get(&id).cloned(), score }
}

fn view_out(names: &Names, view: &View, verdict: Option<Verdict>) -> ViewOut {
    let faqs = view.faqs.iter().map(|faq| faq_out(names, faq.faq_id, Some(faq.score))).collect();
    ViewOut { mode: view.mode, verdict, faqs }
}

/// The questions of these FAQs, as far as they are online or `difference` makes them.
async fn names(
    app: &App,
    desk: &Arc<Helpdesk>,
    ids: BTreeSet<i64>,
    difference: Option<&Difference>,
) -> Result<Names, Refusal> {
    let (ids, its): (Vec<i64>, _) = (ids.into_iter().filter(|id| *id > 0).collect(), Arc::clone(desk));
    let online = app.read(move |tx, _| Ok(faq::questions(tx, &its, &ids)?)).await?;
    let mut names: Names = online.into_iter().collect();
    let put = difference.into_iter().flat_map(|difference| &difference.put);
    names.extend(put.map(|put| (put.id, put.text.question.clone())));
    Ok(names)
}

fn ids_of(view: &View) -> impl Iterator<Item = i64> {
    view.faqs.iter().map(|faq| faq.faq_id)
}

impl QuestionOut {
    /// Some questions with their answers.
    pub async fn of(
        app: &App,
        desk: &Arc<Helpdesk>,
        questions: &[&Compared],
        difference: Option<&Difference>,
    ) -> Result<Vec<Self>, Refusal> {
        let mut ids = BTreeSet::new();
        for one in questions {
            let views = one.then.iter().chain([&one.now]).chain(&one.after);
            ids.extend(views.flat_map(ids_of));
            ids.extend(one.evidence.right.map(|(id, _)| id).into_iter().chain(one.evidence.wrong));
        }
        let names = names(app, desk, ids, difference).await?;
        Ok(questions.iter().map(|one| Self::one(&names, one)).collect())
    }

    fn one(names: &Names, one: &Compared) -> Self {
        let view = |view: &View| view_out(names, view, Some(view.verdict(one.evidence)));
        Self {
            event_id: one.asked.event_id.clone(),
            ticket_id: one.asked.ticket_id.to_string(),
            text: one.asked.text.clone(),
            asked_at: one.asked.asked_at,
            answered_by: one.asked.answered_by,
            handed_over: one.asked.handed_over,
            right: one.evidence.right.map(|(id, _)| faq_out(names, id, None)),
            right_by: one.evidence.right.map(|(_, by)| by),
            wrong: one.evidence.wrong.map(|id| faq_out(names, id, None)),
            then: one.then.as_ref().map(view),
            now: view(&one.now),
            after: one.after.as_ref().map(view),
        }
    }
}

/// Who keeps a case.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "CaseKeeper")]
struct Keeper {
    /// `ou_…`
    open_id: String,
    /// The display name.
    name: String,
}

/// A kept case: a question with the answer it has to get.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "KeptCase")]
pub struct CaseOut {
    /// Decimal id.
    pub case_id: String,
    /// The question as a guest would ask it.
    pub text: String,
    /// The FAQ that has to be shown, directly or in the list: its id. `nothing` if neither may be.
    pub wanted: String,
    /// The question of the FAQ that has to be shown; left out if it is online no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted_question: Option<String>,
    /// Why it is kept.
    pub note: String,
    /// The body's event id of the guest's question that it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<String>,
    /// Who made it; left out if a desk file did.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<Keeper>,
    /// Unix ms.
    created_at: i64,
    /// Unix ms.
    updated_at: i64,
}

fn wanted_id(case: &Case) -> Option<i64> {
    match case.wanted {
        Wanted::Faq(id) => Some(id),
        Wanted::Nothing => None,
    }
}

/// The word for what is wanted.
pub(crate) fn wanted_word(wanted: Wanted) -> String {
    match wanted {
        Wanted::Faq(id) => word(id),
        Wanted::Nothing => NOTHING.to_owned(),
    }
}

impl CaseOut {
    /// Some cases.
    pub async fn of(app: &App, desk: &Arc<Helpdesk>, cases: &[Case]) -> Result<Vec<Self>, Refusal> {
        let names = names(app, desk, cases.iter().filter_map(wanted_id).collect(), None).await?;
        Ok(cases.iter().map(|case| Self::one(&names, case)).collect())
    }

    fn one(names: &Names, case: &Case) -> Self {
        let keeper = |(open_id, name): &(String, String)| Keeper { open_id: open_id.clone(), name: name.clone() };
        Self {
            case_id: case.id.to_string(),
            text: case.text.clone(),
            wanted: wanted_word(case.wanted),
            wanted_question: wanted_id(case).and_then(|id| names.get(&id).cloned()),
            note: case.note.clone(),
            event_id: case.event_id.clone(),
            created_by: case.created_by.as_ref().map(keeper),
            created_at: case.created_at,
            updated_at: case.updated_at,
        }
    }
}

/// A kept case that fails.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CaseFailure {
    /// The case.
    pub case: CaseOut,
    /// Why.
    pub fault: Fault,
    /// Why, for people.
    pub why: &'static str,
    /// What it got.
    pub shown: ViewOut,
}

/// How kept cases fare.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CaseReport {
    /// How many were tried.
    pub cases: usize,
    /// How many got what they have to get.
    pub passed: usize,
    /// Those that did not, oldest first.
    pub failed: Vec<CaseFailure>,
}

impl CaseReport {
    /// Of cases and what each of them got.
    pub async fn of(
        app: &App,
        desk: &Arc<Helpdesk>,
        (cases, tried): (&[Case], &[Tried]),
        difference: Option<&Difference>,
    ) -> Result<Self, Refusal> {
        let failed: Vec<(&Case, &Tried)> = cases.iter().zip(tried).filter(|(_, tried)| tried.fault.is_some()).collect();
        let shown = failed.iter().flat_map(|(_, tried)| ids_of(&tried.view));
        let ids = shown.chain(failed.iter().filter_map(|(case, _)| wanted_id(case))).collect();
        let names = names(app, desk, ids, difference).await?;
        let failure = |(case, tried): &(&Case, &Tried)| {
            let (case, fault) = (CaseOut::one(&names, case), tried.fault?);
            Some(CaseFailure { case, fault, why: fault.why(), shown: view_out(&names, &tried.view, None) })
        };
        let failed: Vec<CaseFailure> = failed.iter().filter_map(failure).collect();
        Ok(Self { cases: cases.len(), passed: cases.len() - failed.len(), failed })
    }
}
