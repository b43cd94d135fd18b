//! What a FAQ said before.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::{get, post};
use desk::faq::{self, Piece, Side, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Nothing;
use wire::faq::{FaqData, Richtext};

use super::calls::{call, get_call};
use super::desks::of_path;
use super::faqs::FaqPath;
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::faq::shapes;
use crate::api::{before, known, optional_number, page_size};
use crate::app::App;
use crate::guest::Segment;
use crate::openapi::Calls;

/// The path of a version.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct VersionPath {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// Decimal id of the FAQ.
    faq_id: String,
    /// The version's number.
    version: String,
}

/// Which versions.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListVersions {
    /// How many at most; 20 if left out.
    #[schemars(range(min = 1, max = 100))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
}

/// With what a version is compared.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskDifference {
    /// The number of another version; the one before it if left out.
    against: Option<String>,
}

/// Versions of a FAQ, newest first. A FAQ that was never changed since it has a history has none.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VersionList {
    /// One page.
    versions: Vec<VersionLine>,
    /// Whether there are more.
    has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// A version of a FAQ at a glance.
#[derive(Debug, Serialize, JsonSchema)]
struct VersionLine {
    /// Its number within the FAQ, from 1.
    version: String,
    /// When it came about, Unix milliseconds.
    at: i64,
    /// How: `found` is what the FAQ said before its first change that is told here, `restored` came out of the recycle
    /// bin, `reverted` says again what an earlier version said.
    #[schemars(extend("enum" = ["found", "made", "edited", "deleted", "restored", "reverted"]))]
    kind: &'static str,
    /// By what: a page of the administration, a script with the admin API, an app with the open API, a desk file, a file
    /// of FAQs, a gap that was closed, or the command line. Left out for what was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["page", "api", "app", "desk_file", "import", "gap", "command_line"]))]
    way: Option<String>,
    /// By which app: its name, or its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    /// Whose change it is: user id. Left out for a desk file's.
    #[serde(skip_serializing_if = "Option::is_none")]
    author_id: Option<String>,
    /// Their name, as it was then.
    #[serde(skip_serializing_if = "Option::is_none")]
    author_name: Option<String>,
    /// The question.
    question: String,
    /// What differs from what the FAQ said before.
    #[schemars(extend("items" = {"type": "string", "enum": ["question", "similar", "answer", "category"]}))]
    changed: Vec<String>,
}

/// A version of a FAQ, and what differs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VersionOut {
    /// The version.
    version: VersionWhole,
    /// The version that it is compared with; left out for the first that is kept, of which all is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<String>,
    /// What differs.
    difference: DifferenceOut,
}

/// A version of a FAQ.
#[derive(Debug, Serialize, JsonSchema)]
struct VersionWhole {
    /// At a glance.
    #[serde(flatten)]
    line: VersionLine,
    /// Similar questions.
    similar: Vec<String>,
    /// The plain answer.
    answer: String,
    /// The rich answer.
    answer_richtext: Vec<Richtext>,
    /// The category's path, as it was then.
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
}

/// What differs between two versions, piece by piece.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VersionDifference")]
struct DifferenceOut {
    /// The question.
    question: Vec<PieceOut>,
    /// Similar questions, one a piece.
    similar: Vec<PieceOut>,
    /// The plain answer.
    answer: Vec<PieceOut>,
    /// The rich answer as text: links with their address, pictures with their key.
    answer_richtext: Vec<PieceOut>,
    /// The path of the category.
    category: Vec<PieceOut>,
}

/// A piece of text.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VersionPiece")]
struct PieceOut {
    /// Whether it is in both versions, or in one.
    #[schemars(extend("enum" = ["same", "added", "removed"]))]
    side: &'static str,
    /// The text, with its spaces.
    text: String,
}

impl From<Piece> for PieceOut {
    fn from(Piece { side, text }: Piece) -> Self {
        let side = match side {
            Side::Same => "same",
            Side::Added => "added",
            Side::Removed => "removed",
        };
        Self { side, text }
    }
}

fn pieces(of: Vec<Piece>) -> Vec<PieceOut> {
    of.into_iter().map(PieceOut::from).collect()
}

impl From<&Version> for VersionLine {
    fn from(version: &Version) -> Self {
        Self {
            version: version.number.to_string(),
            at: version.at,
            kind: version.kind.word(),
            way: version.way.clone(),
            app: version.app.clone(),
            author_id: version.author.clone(),
            author_name: version.author_name.clone(),
            question: version.question.clone(),
            changed: version.changed.clone(),
        }
    }
}

impl From<Version> for VersionWhole {
    fn from(version: Version) -> Self {
        let items = version.richtext.iter().cloned().map(serde_json::Value::Object);
        Self {
            line: VersionLine::from(&version),
            answer_richtext: items.filter_map(|item| serde_json::from_value(item).ok()).collect(),
            similar: version.similar,
            answer: version.answer,
            category: version.category,
        }
    }
}

/// Adds the calls.
pub(super) fn with(calls: Calls) -> Calls {
    let one = "/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}/history/{version}";
    calls
        .with(
            get_call(
                "admin_faq_version.list",
                "/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}/history",
                "List what a FAQ said before, newest first: the last 50 versions.",
            )
            .of::<FaqPath, ListVersions, Nothing, VersionList>(),
            get(list),
        )
        .with(
            get_call(
                "admin_faq_version.get",
                one,
                "Read a version of a FAQ, and word by word how it differs from the one before or from another.",
            )
            .of::<VersionPath, AskDifference, Nothing, VersionOut>(),
            get(show),
        )
        .with(
            call(
                "admin_faq_version.restore",
                Method::POST,
                "/admin/v1/desks/{helpdesk_id}/faqs/{faq_id}/history/{version}/restore",
                "Let a FAQ say again what a version said. That is a new version.",
            )
            .of::<VersionPath, Nothing, Nothing, FaqData>(),
            post(restore),
        )
}

/// `GET /admin/v1/desks/:helpdesk_id/faqs/:faq_id/history`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<FaqPath>,
    Asked(ask): Asked<ListVersions>,
) -> Result<Json<VersionList>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(desk::Kind::Faq, &path.faq_id)?;
    let limit = page_size(ask.page_size)?;
    let before = before(ask.page_token.as_deref())?;
    let wanted = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut found = app.read(move |tx, _| faq::versions(tx, &desk, id, before, wanted)).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let page_token = found.last().filter(|_| has_more).map(|last| last.number.to_string());
    Ok(Json(VersionList { versions: found.iter().map(VersionLine::from).collect(), has_more, page_token }))
}

/// `GET /admin/v1/desks/:helpdesk_id/faqs/:faq_id/history/:version`
pub async fn show(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<VersionPath>,
    Asked(ask): Asked<AskDifference>,
) -> Result<Json<VersionOut>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(desk::Kind::Faq, &path.faq_id)?;
    let number = known(desk::Kind::FaqVersion, &path.version)?;
    let against = optional_number("against", ask.against.as_deref())?;
    let found = app.read(move |tx, _| {
        let version = faq::version_of(tx, &desk, id, number)?;
        let other = match against {
            Some(other) => Some(faq::version_of(tx, &desk, id, other)?),
            None => faq::versions(tx, &desk, id, number, 1)?.pop(),
        };
        Ok((version, other))
    });
    let (version, other) = found.await?;
    // The newer one is what words were added to, whichever of the two was asked for.
    let (older, newer) = match &other {
        Some(other) if other.number > version.number => (Some(&version), other),
        other => (other.as_ref(), &version),
    };
    let difference = faq::difference(older, newer);
    let difference = DifferenceOut {
        question: pieces(difference.question),
        similar: pieces(difference.similar),
        answer: pieces(difference.answer),
        answer_richtext: pieces(difference.richtext),
        category: pieces(difference.category),
    };
    let against = other.map(|other| other.number.to_string());
    Ok(Json(VersionOut { version: version.into(), against, difference }))
}

/// `POST /admin/v1/desks/:helpdesk_id/faqs/:faq_id/history/:version/restore`
pub async fn restore(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<VersionPath>,
) -> Result<Json<FaqData>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(desk::Kind::Faq, &path.faq_id)?;
    let number = known(desk::Kind::FaqVersion, &path.version)?;
    let data = app
        .write(move |tx, cx| {
            let found = faq::revert(tx, cx, &desk, &who.session.staff.user_id, (id, number))?;
            Ok(FaqData { faq: shapes(tx, &desk, &[found])?.remove(0) })
        })
        .await?;
    Ok(Json(data))
}
