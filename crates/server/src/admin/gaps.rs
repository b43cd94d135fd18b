//! Gaps in the FAQs of a help desk, for those who run it: what guests ask in vain, and what to do about it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use desk::directory::Helpdesk;
use desk::gap::{self, Approval, Change, Decided, Ground, Miss, ProposalKind};
use desk::{Kind, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::faq::FaqInput;

use super::decisions::{DecisionData, DecisionOut};
use super::desks::of_path;
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::faq::content;
use crate::api::{optional_number, page_size, position};
use crate::app::App;
use crate::gaps::Gap;
use crate::guest::{Body, Segment};

/// A page of a list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskPage {
    /// How many at most; 20 if left out.
    #[schemars(range(min = 1, max = 100))]
    pub(super) page_size: Option<i64>,
    /// The `page_token` of the page before.
    pub(super) page_token: Option<String>,
}

/// What comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AdminGapOrder")]
enum Order {
    /// What the most guests asked about.
    #[default]
    Guests,
    /// What was asked last.
    Newest,
}

/// A page of gaps.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListGaps {
    /// What comes first: what the most guests asked about (`guests`, if left out), or what was asked last (`newest`).
    order: Order,
    /// How many at most; 20 if left out.
    #[schemars(range(min = 1, max = 100))]
    page_size: Option<i64>,
    /// The `page_token` of the page before, with the same order.
    page_token: Option<String>,
}

/// The part of a list in memory that a page is, and the token of the next one.
pub(super) fn page<'l, T>(all: &'l [T], ask: &AskPage) -> Result<(&'l [T], Option<String>), ApiError> {
    let size = page_size(ask.page_size)?;
    let from = usize::try_from(position(ask.page_token.as_deref())?).unwrap_or(usize::MAX).min(all.len());
    let until = from.saturating_add(size).min(all.len());
    Ok((&all[from..until], (until < all.len()).then(|| until.to_string())))
}

/// The path of a gap.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GapPath {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// The gap's id: 16 hexadecimal digits.
    gap_id: String,
}

/// Gaps, in the order that was asked for.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminGapList")]
pub struct GapList {
    /// One page.
    gaps: Vec<GapOut>,
    /// How many there are on all pages; at most 200 are told.
    total: usize,
    /// How many questions were looked at: gaps and those that show which FAQ a text looks for. At most 5,000, the newest.
    questions: usize,
    /// The oldest time that was looked at, Unix milliseconds: 90 days ago.
    from: i64,
    /// Whether there are more.
    has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// Questions that ask the same and that no FAQ answered.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminGap")]
pub struct GapOut {
    /// 16 hexadecimal digits. It goes on meaning the gap with the same text when other texts come to it.
    id: String,
    /// The text that stands for it: the most frequent one.
    question: String,
    /// How many questions.
    questions: usize,
    /// How many guests asked them.
    guests: usize,
    /// In how many tickets.
    tickets: usize,
    /// Questions for which nothing was shown.
    unanswered: usize,
    /// Questions for which a list was shown and nothing picked.
    not_chosen: usize,
    /// Questions whose answer did not help, as the guest said.
    not_solved: usize,
    /// When the first was asked, Unix milliseconds.
    first_asked_at: i64,
    /// When the last was asked, Unix milliseconds.
    last_asked_at: i64,
    /// When something was done about it last; only questions since then are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_at: Option<i64>,
    /// When it was rejected; it is here again because there is new evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_at: Option<i64>,
    /// Up to five of the questions, each in other words if possible, the newest first.
    examples: Vec<ExampleOut>,
    /// What could close it.
    proposal: ProposalOut,
}

/// A question of a gap.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminGapExample")]
struct ExampleOut {
    /// The guest's words.
    text: String,
    /// When, Unix milliseconds.
    asked_at: i64,
    /// Its ticket.
    ticket_id: String,
    /// Why it is a gap: `unanswered`, `not_chosen` or `not_solved`.
    #[schemars(extend("enum" = ["unanswered", "not_chosen", "not_solved"]))]
    why: &'static str,
}

/// What could close a gap.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminGapProposal")]
struct ProposalOut {
    /// `similar`: similar questions of a FAQ; `draft`: a new FAQ; `answer_needed`: nothing yet, no agent has answered.
    #[schemars(extend("enum" = ["similar", "draft", "answer_needed"]))]
    kind: &'static str,
    /// For `similar`, of which FAQ.
    #[serde(skip_serializing_if = "Option::is_none")]
    faq: Option<ProposedFaq>,
    /// The similar questions to add, or the new FAQ's question and its similar questions.
    texts: Vec<String>,
    /// What agents answered in their own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<AnswerOut>,
}

/// A FAQ that is proposed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminGapFaq")]
struct ProposedFaq {
    /// Decimal id.
    id: String,
    /// Its question.
    question: String,
    /// What speaks for it: `agent` (agents answered with it), `said` (agents wrote its answer), `chosen` (guests picked it
    /// from a list), `ahead` (the engine has it clearly ahead of all others).
    #[schemars(extend("enum" = ["agent", "said", "chosen", "ahead"]))]
    because: &'static str,
    /// In how many tickets.
    tickets: usize,
    /// The engine's score, 0 to 1, for `ahead`.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
}

/// What agents answered.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminGapAnswer")]
struct AnswerOut {
    /// The text.
    text: String,
    /// In how many tickets something like it was written.
    tickets: usize,
    /// When last, Unix milliseconds.
    at: i64,
}

fn shape(gap: &Gap, questions: &HashMap<i64, String>) -> GapOut {
    let (group, proposal) = (&gap.group, &gap.proposal);
    let count = |miss: Miss| group.misses.get(&miss).copied().unwrap_or(0);
    let example = |example: &gap::Example| ExampleOut {
        text: example.text.clone(),
        asked_at: example.asked_at,
        ticket_id: example.ticket_id.to_string(),
        why: match example.miss {
            Miss::Unanswered => "unanswered",
            Miss::NotChosen => "not_chosen",
            Miss::NotSolved => "not_solved",
        },
    };
    let faq = |(faq_id, because): &(i64, gap::Because)| ProposedFaq {
        id: faq_id.to_string(),
        question: questions.get(faq_id).cloned().unwrap_or_default(),
        because: match because.ground {
            Ground::Agent => "agent",
            Ground::Said => "said",
            Ground::Chosen => "chosen",
            Ground::Ahead => "ahead",
        },
        tickets: because.tickets,
        score: because.score,
    };
    let answer = proposal.answer.as_ref();
    GapOut {
        id: format!("{:016x}", group.id),
        question: group.texts.first().cloned().unwrap_or_default(),
        questions: group.questions,
        guests: group.guests,
        tickets: group.tickets,
        unanswered: count(Miss::Unanswered),
        not_chosen: count(Miss::NotChosen),
        not_solved: count(Miss::NotSolved),
        first_asked_at: group.first_asked_at,
        last_asked_at: group.last_asked_at,
        approved_at: group.since,
        rejected_at: group.rejected.as_ref().map(|(decision, _)| decision.at),
        examples: group.examples.iter().map(example).collect(),
        proposal: ProposalOut {
            kind: match proposal.kind {
                ProposalKind::Similar => "similar",
                ProposalKind::Draft => "draft",
                ProposalKind::AnswerNeeded => "answer_needed",
            },
            faq: proposal.faq.as_ref().map(faq),
            texts: proposal.texts.clone(),
            answer: answer.map(|said| AnswerOut { text: said.text.clone(), tickets: said.tickets, at: said.at }),
        },
    }
}

/// The questions of these FAQs.
pub(super) async fn questions(app: &App, desk: &Arc<Helpdesk>, ids: Vec<i64>) -> Result<HashMap<i64, String>, Refusal> {
    let desk = Arc::clone(desk);
    let found = app.read(move |tx, _| Ok(desk::faq::questions(tx, &desk, &ids)?)).await?;
    Ok(found.into_iter().collect())
}

/// `GET /admin/v1/desks/:helpdesk_id/gaps`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<ListGaps>,
) -> Result<Json<GapList>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let survey = app.gaps().survey(&app, &desk).await?;
    let mut all: Vec<&Gap> = survey.gaps.iter().collect();
    if ask.order == Order::Newest {
        all.sort_by_key(|gap| std::cmp::Reverse(gap.group.last_asked_at));
    }
    let (gaps, page_token) = page(&all, &AskPage { page_size: ask.page_size, page_token: ask.page_token })?;
    let ids = gaps.iter().filter_map(|gap| gap.proposal.faq.as_ref().map(|(faq_id, _)| *faq_id)).collect();
    let questions = questions(&app, &desk, ids).await?;
    Ok(Json(GapList {
        gaps: gaps.iter().map(|gap| shape(gap, &questions)).collect(),
        total: survey.gaps.len(),
        questions: survey.questions,
        from: survey.from,
        has_more: page_token.is_some(),
        page_token,
    }))
}

/// The gap of a path with what a decision about it says.
async fn of_id(app: &App, desk: &Arc<Helpdesk>, gap_id: &str) -> Result<(Gap, Decided), ApiError> {
    let survey = app.gaps().survey(app, desk).await?;
    let is_id = gap_id.len() == 16 && gap_id.bytes().all(|b| b.is_ascii_hexdigit());
    let id = u64::from_str_radix(gap_id, 16).ok().filter(|_| is_id);
    let gap = id.and_then(|id| survey.find(id)).ok_or_else(|| Refusal::not_found(Kind::Gap, gap_id))?;
    let decided = Decided {
        question: gap.group.texts.first().cloned().unwrap_or_default(),
        texts: gap.group.texts.clone(),
        guests: gap.group.guests,
        proposed: gap.proposal.word(),
        seen: survey.seen,
    };
    Ok((gap.clone(), decided))
}

/// What is to be done about a gap. What is left out is as proposed; an empty object takes the whole proposal.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ApproveGap {
    /// `similar` or `draft`; as proposed if left out.
    #[serde(rename = "as")]
    as_what: Option<ApproveAs>,
    /// For `similar`: the FAQ, by its decimal id.
    faq_id: Option<String>,
    /// For `similar`: the similar questions to add.
    #[schemars(length(min = 1, max = 200), inner(length(min = 1, max = 1000)))]
    add: Option<Vec<String>>,
    /// For `draft`: the whole FAQ.
    faq: Option<FaqInput>,
}

/// What an approval makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ApproveAs {
    /// Similar questions of a FAQ.
    Similar,
    /// A new FAQ.
    Draft,
}

/// What an approval does, from what was asked and what was proposed.
fn change(ask: ApproveGap, gap: &Gap) -> Result<Change, ApiError> {
    let proposal = &gap.proposal;
    let asked = match (&ask.faq, &ask.faq_id) {
        (Some(_), None) => Some(ApproveAs::Draft),
        (None, Some(_)) => Some(ApproveAs::Similar),
        _ => None,
    };
    let proposed = match proposal.kind {
        ProposalKind::Similar => Some(ApproveAs::Similar),
        ProposalKind::Draft => Some(ApproveAs::Draft),
        ProposalKind::AnswerNeeded => None,
    };
    match ask.as_what.or(asked).or(proposed) {
        Some(ApproveAs::Similar) => {
            let given = optional_number("faq_id", ask.faq_id.as_deref())?;
            let faq_id = given.or_else(|| proposal.faq.as_ref().map(|(faq_id, _)| *faq_id));
            let faq_id = faq_id.ok_or_else(|| ApiError::invalid("faq_id", "no FAQ is proposed; name one"))?;
            Ok(Change::Similar { faq_id, add: ask.add.unwrap_or_else(|| proposal.texts.clone()) })
        }
        Some(ApproveAs::Draft) => {
            let input = match (ask.faq, &proposal.answer) {
                (Some(input), _) => input,
                (None, Some(answer)) => {
                    let mut texts = proposal.texts.iter().cloned();
                    let question = texts.next().unwrap_or_default();
                    let (answer, tags) = (Some(answer.text.clone()), Some(texts.collect()));
                    FaqInput { category_id: None, question, answer, answer_richtext: None, tags }
                }
                (None, None) => return Err(ApiError::invalid("faq", "no agent has answered yet; write the FAQ")),
            };
            Ok(Change::Draft(Box::new(content(Some(input))?)))
        }
        None => {
            let why = "nothing is proposed; write the FAQ, or name in faq_id the one that gets similar questions";
            Err(ApiError::invalid("faq", why))
        }
    }
}

/// `POST /admin/v1/desks/:helpdesk_id/gaps/:gap_id/approve`
pub async fn approve(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<GapPath>,
    Body(ask): Body<ApproveGap>,
) -> Result<Json<DecisionData>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let (gap, decided) = of_id(&app, &desk, &path.gap_id).await?;
    let approval = Approval { decided, change: change(ask, &gap)? };
    let user_id = who.session.staff.user_id;
    let decision = app.write(move |tx, cx| gap::approve(tx, cx, &desk, &user_id, &approval)).await?;
    Ok(Json(DecisionData { decision: DecisionOut::of(&decision, None) }))
}

/// Why something is rejected.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RejectGap {
    /// In a few words, for others.
    #[schemars(length(max = 500))]
    reason: Option<String>,
}

/// `POST /admin/v1/desks/:helpdesk_id/gaps/:gap_id/reject`
pub async fn reject(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<GapPath>,
    Body(ask): Body<RejectGap>,
) -> Result<Json<DecisionData>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let (_, decided) = of_id(&app, &desk, &path.gap_id).await?;
    let user_id = who.session.staff.user_id;
    let decision = app.write(move |tx, cx| gap::reject(tx, cx, &desk, &user_id, &decided, ask.reason.clone())).await?;
    Ok(Json(DecisionData { decision: DecisionOut::of(&decision, None) }))
}
