//! Past questions answered again, with other FAQs or scores, before guests get to see them.

use axum::Json;
use axum::extract::State;
use desk::Refusal;
use desk::answering::Answering;
use desk::directory::Helpdesk;
use desk::question::{Asked as PastQuestion, Position};
use desk::replay::{Band, Compared, EDITS_MAX, Edit, OfCategories, Step, Summary, Verdict, edited};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Code;

use super::desks::of_path;
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::{ranged, sized};
use crate::app::App;
use crate::guest::{Body, Segment};
use crate::replay::{self, BACK_MS, QUESTIONS_MAX, QUESTIONS_USUAL, QuestionOut, Range, Swept, Trial, Turn};

const PAGE_SIZE: i64 = 50;
const PAGE_SIZE_MAX: i64 = 200;

/// A FAQ that would be changed or made.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "TriedFaq")]
struct FaqEdit {
    /// Decimal id of the FAQ that would be changed; without it the FAQ would be new.
    id: Option<String>,
    /// The question; needed for a new FAQ.
    #[schemars(length(max = 1000))]
    question: Option<String>,
    /// Other ways to ask it.
    #[schemars(length(max = 200))]
    similar: Option<Vec<String>>,
    /// The answer in plain text.
    #[schemars(length(max = 20000))]
    answer: Option<String>,
}

/// What would be other than it is; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "TriedChange")]
pub struct ChangeBody {
    /// From this score on, the best FAQ's answer is shown.
    #[schemars(range(min = 0.0, max = 1.0))]
    direct_score: Option<f64>,
    /// From this score on, a list of questions is shown; at most `direct_score`.
    #[schemars(range(min = 0.0, max = 1.0))]
    list_score: Option<f64>,
    /// How many questions a list may hold.
    #[schemars(range(min = 1, max = 10))]
    list_size: Option<usize>,
    /// FAQs that would be changed or made.
    #[schemars(length(max = 1000))]
    faqs: Option<Vec<FaqEdit>>,
    /// Decimal ids of FAQs that would be deleted.
    #[schemars(length(max = 1000))]
    deleted: Option<Vec<String>>,
}

impl ChangeBody {
    /// The help desk with the change; none without one.
    pub(super) async fn trial(self, app: &App, desk: &std::sync::Arc<Helpdesk>) -> Result<Option<Trial>, ApiError> {
        let Self { direct_score, list_score, list_size, faqs, deleted } = self;
        let (faqs, deleted) = (faqs.unwrap_or_default(), deleted.unwrap_or_default());
        let scores = direct_score.is_some() || list_score.is_some() || list_size.is_some();
        if !scores && faqs.is_empty() && deleted.is_empty() {
            return Ok(None);
        }
        let old = &desk.answering;
        let answering = Answering {
            direct_score: direct_score.unwrap_or(old.direct_score),
            list_score: list_score.unwrap_or(old.list_score),
            list_size: list_size.unwrap_or(old.list_size),
            ..old.clone()
        };
        if let Some((key, why)) = answering.fault() {
            return Err(Refusal::invalid(key, why).into());
        }
        let edit = |faq: FaqEdit| Edit { id: faq.id, question: faq.question, similar: faq.similar, answer: faq.answer };
        // A list that is too long is refused before it is copied.
        let edits: Vec<Edit> = faqs.into_iter().take(EDITS_MAX + 1).map(edit).collect();
        let its = std::sync::Arc::clone(desk);
        let difference = app.read(move |tx, _| edited(tx, &its, &edits, &deleted)).await?;
        Ok(Some(Trial { answering, difference }))
    }
}

/// Which of the questions are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ListedQuestions")]
enum Listed {
    /// Those that the change answers otherwise; without a change, those answered otherwise than then.
    #[default]
    Changed,
    /// Of them, those that became right, or not wrong any more.
    Better,
    /// Of them, those that became wrong, or not right any more.
    Worse,
    /// Those whose right FAQ would be shown.
    Solved,
    /// Those to which nothing would be shown, or a list without the right FAQ.
    Missed,
    /// Those whose direct answer would be wrong.
    Wrong,
    /// Those to which something would be shown, of which nothing is known.
    Unknown,
    /// All.
    All,
}

impl Listed {
    fn has(self, one: &Compared) -> bool {
        match self {
            Self::Changed => one.changed(),
            Self::Better => one.better(),
            Self::Worse => one.worse(),
            Self::Solved => one.verdict() == Verdict::Solved,
            Self::Missed => one.verdict() == Verdict::Missed,
            Self::Wrong => one.verdict() == Verdict::Wrong,
            Self::Unknown => one.verdict() == Verdict::Unknown,
            Self::All => true,
        }
    }
}

/// What to replay.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ReplayBody {
    /// Questions asked from then on, Unix ms; 30 days before `until` if left out.
    from: Option<i64>,
    /// Questions asked before then, Unix ms; now if left out.
    until: Option<i64>,
    /// How many at most, the newest; 1000 if left out.
    #[schemars(range(min = 1, max = 10000))]
    limit: Option<i64>,
    #[serde(flatten)]
    change: ChangeBody,
    /// Which of them to list: `changed` (if left out), `better`, `worse`, `solved`, `missed`, `wrong`, `unknown` or `all`.
    list: Listed,
    /// How many to list at most; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    page_size: Option<i64>,
    /// The `page_token` of the page before, with the same body otherwise.
    page_token: Option<String>,
}

/// What a replay found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Replay")]
pub struct ReplayOut {
    /// From when on, Unix ms.
    from: i64,
    /// Until when, Unix ms.
    until: i64,
    /// Whether these are all questions of that time; otherwise they are the newest.
    complete: bool,
    /// All questions in numbers; left out after the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Summary>,
    /// One page of the questions that were asked for, newest first.
    questions: Vec<QuestionOut>,
    /// Whether there are more.
    has_more: bool,
    /// For the next page, which is replayed anew; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// The turn to replay, or 503 while it is another's.
pub(super) fn turn(app: &App) -> Result<Turn, ApiError> {
    app.replays().take().ok_or_else(|| {
        ApiError::new(Code::BUSY, "this server replays something already, and does so one at a time; try again soon")
    })
}

/// The range that is asked for, until now if it does not say.
fn range(app: &App, from: Option<i64>, until: Option<i64>, limit: Option<i64>) -> Result<Range, ApiError> {
    let until = until.unwrap_or_else(|| app.now_ms() + 1);
    let from = from.unwrap_or_else(|| until.saturating_sub(BACK_MS));
    if from >= until {
        return Err(ApiError::invalid("from", format!("{from} is not before until ({until})")));
    }
    let most = i64::try_from(QUESTIONS_MAX).unwrap_or(i64::MAX);
    let limit = match limit {
        None => QUESTIONS_USUAL,
        Some(limit) => usize::try_from(ranged("limit", limit, 1, most)?).unwrap_or(QUESTIONS_MAX),
    };
    Ok(Range { from, until, before: None, limit })
}

/// Where the next page begins: after a question, with so many of the limit left.
fn token((at, event_id): &Position, left: usize) -> String {
    format!("{at}.{left}.{event_id}")
}

fn go_on(range: &mut Range, token: &str) -> Result<(), ApiError> {
    let read = || {
        let mut parts = token.splitn(3, '.');
        let (at, left, event_id) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
        Some(((at, event_id.to_owned()), left))
    };
    let (before, left): (Position, usize) = read()
        .filter(|(_, left)| (1..=QUESTIONS_MAX).contains(left))
        .ok_or_else(|| ApiError::invalid("page_token", "must be the token of the page before, or be left out"))?;
    range.before = Some(before);
    range.limit = range.limit.min(left);
    Ok(())
}

/// `POST /admin/v1/desks/:helpdesk_id/replay`
pub async fn run(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<ReplayBody>,
) -> Result<Json<ReplayOut>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let mut range = range(&app, ask.from, ask.until, ask.limit)?;
    let size = sized("page_size", ask.page_size, PAGE_SIZE, PAGE_SIZE_MAX)?;
    if let Some(token) = ask.page_token.as_deref().filter(|token| !token.is_empty()) {
        go_on(&mut range, token)?;
    }
    let trial = ask.change.trial(&app, &desk).await?;
    let turn = turn(&app)?;
    let past = replay::past(&app, &desk, &range).await?;
    let (places, asked): (Vec<usize>, Vec<PastQuestion>) = past.asked.into_iter().unzip();
    let all = replay::compare(&app, &desk, turn, asked, trial.clone()).await?;
    let mut listed = places.iter().zip(&all).filter(|(_, one)| ask.list.has(one));
    let page: Vec<(&usize, &Compared)> = listed.by_ref().take(size).collect();
    let has_more = listed.next().is_some();
    let last = page.last().filter(|_| has_more);
    let page_token = last.map(|(place, last)| {
        token(&(last.asked.asked_at, last.asked.event_id.clone()), range.limit.saturating_sub(**place))
    });
    let page: Vec<&Compared> = page.into_iter().map(|(_, one)| one).collect();
    let difference = trial.as_ref().map(|trial| &trial.difference);
    Ok(Json(ReplayOut {
        from: range.from,
        until: range.until,
        complete: past.complete,
        summary: range.before.is_none().then(|| Summary::of(&all)),
        questions: QuestionOut::of(&app, &desk, &page, difference).await?,
        has_more,
        page_token,
    }))
}

/// Which questions a graph is made of.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskThresholds {
    /// Questions asked from then on, Unix ms; 30 days before `until` if left out.
    from: Option<i64>,
    /// Questions asked before then, Unix ms; now if left out.
    until: Option<i64>,
    /// How many at most, the newest; 1000 if left out.
    #[schemars(range(min = 1, max = 10000))]
    limit: Option<i64>,
}

/// Past questions under many scores.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Thresholds")]
pub struct ThresholdsOut {
    /// From when on, Unix ms.
    from: i64,
    /// Until when, Unix ms.
    until: i64,
    /// Whether these are all questions of that time; otherwise they are the newest.
    complete: bool,
    /// Questions in words.
    questions: usize,
    /// Those of which something is known: which FAQ is right, or that one is wrong.
    known: usize,
    /// The help desk's direct score of today.
    direct_score: f64,
    /// The help desk's list score of today; where a step's direct score is lower, lists begin there too.
    list_score: f64,
    /// Direct scores 0, 0.05 and so on to 1.
    steps: Vec<Step>,
    /// Questions by the score of their best FAQ, in bands from 0, 0.01 and so on to 1: what any direct score and any list
    /// score would do. Questions for which no FAQ was found are in none of them, nor those of categories with own scores.
    bands: Vec<Band>,
    /// Questions whose best FAQ is of a category with scores of its own, by the scores of today.
    of_categories: OfCategories,
}

/// `GET /admin/v1/desks/:helpdesk_id/replay/thresholds`
pub async fn thresholds(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<AskThresholds>,
) -> Result<Json<ThresholdsOut>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let range = range(&app, ask.from, ask.until, ask.limit)?;
    let turn = turn(&app)?;
    let past = replay::past(&app, &desk, &range).await?;
    let asked: Vec<PastQuestion> = past.asked.into_iter().map(|(_, asked)| asked).collect();
    let questions = asked.len();
    let Swept { steps, bands, of_categories, known } = replay::sweep(&app, &desk, turn, asked).await?;
    Ok(Json(ThresholdsOut {
        from: range.from,
        until: range.until,
        complete: past.complete,
        questions,
        known,
        direct_score: desk.answering.direct_score,
        list_score: desk.answering.list_score,
        steps,
        bands,
        of_categories,
    }))
}
