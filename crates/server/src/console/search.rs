//! Full-text search, and saved views.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::console::saved::{self, Filter, View};
use desk::console::search::{self, Found, Hit};
use desk::console::{entry, find, seats};
use desk::{Kind, Refusal, ids};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Nothing;

use super::Asking;
use super::shape::EntryOut;
use crate::admin::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::{before, known, optional_number, sized};
use crate::app::App;
use crate::guest::{Body, Segment};
use crate::indexing;

/// Longest search, in characters.
const QUERY_MAX: usize = 200;

/// What is looked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleSearch")]
pub struct AskSearch {
    /// Words that messages or notes of a ticket have to hold, or a ticket's id; 1 to 200 characters. The first 8 words count.
    #[schemars(length(min = 1, max = 200))]
    q: String,
    /// Only in this help desk: decimal id. Who has more than 50 help desks has to name one.
    helpdesk_id: Option<String>,
    /// How many at most; 20 if left out.
    #[schemars(range(min = 1, max = 50))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
}

/// Tickets that were found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleHits")]
pub struct SearchPage {
    /// Newest tickets first. A page may be shorter than was asked for, even empty, while there is more.
    hits: Vec<HitOut>,
    /// Whether there may be more.
    has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// A ticket that was found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleHit")]
struct HitOut {
    /// The ticket.
    ticket: EntryOut,
    /// The last text in it with one of the words; left out for a ticket that was found by its id.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    found: Option<MatchOut>,
}

/// A text with one of the words.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleMatch")]
struct MatchOut {
    /// Its place in the chat; a note has that of the message it stands behind.
    position: i64,
    /// `guest`, `bot` or `agent`, or `note` for a private note.
    from: &'static str,
    /// The first 2000 characters.
    text: String,
    /// Unix ms.
    created_at: i64,
}

impl From<&Hit> for HitOut {
    fn from(hit: &Hit) -> Self {
        let found = |found: &Found| MatchOut {
            position: found.position,
            from: found.sender.map_or("note", desk::message::Sender::word),
            text: found.text.clone(),
            created_at: found.created_at,
        };
        Self { ticket: (&hit.entry).into(), found: hit.found.as_ref().map(found) }
    }
}

/// `GET /console/v1/search`
pub async fn search(
    State(app): State<App>,
    who: Visitor,
    Asked(ask): Asked<AskSearch>,
) -> Result<Json<SearchPage>, ApiError> {
    if ask.q.chars().count() > QUERY_MAX {
        return Err(ApiError::invalid("q", format!("at most {QUERY_MAX} characters are allowed")));
    }
    let terms = indexing::asked(&ask.q);
    if terms.is_empty() {
        return Err(ApiError::invalid("q", "holds no word or number to look for"));
    }
    let limit = sized("page_size", ask.page_size, 20, 50)?;
    let before = before(ask.page_token.as_deref())?;
    let only = optional_number("helpdesk_id", ask.helpdesk_id.as_deref())?;
    let by_id = ids::parse(ask.q.trim()).filter(|_| before == i64::MAX);
    let at = Asking::of(&app, who);
    let seats = seats(&at.staff, &at.directory, only)?;
    let hits = app
        .read(move |tx, _| {
            let page = search::find(tx, &at.staff, &seats, &terms, before, limit)?;
            let mut hits: Vec<HitOut> = page.hits.iter().map(Into::into).collect();
            let named = by_id.map(|id| find(tx, &at.staff, &at.directory, id));
            match named {
                Some(Ok((_, ticket))) if page.hits.iter().all(|hit| hit.entry.ticket.id != ticket.id) => {
                    let entries = entry::of(tx, &at.staff.tenant, &[ticket.id])?;
                    let named = entries.iter().map(|entry| HitOut { ticket: entry.into(), found: None });
                    hits.splice(0..0, named);
                }
                None | Some(Ok(_) | Err(Refusal::NotFound { .. })) => {}
                Some(Err(other)) => return Err(other),
            }
            let page_token = page.next.map(|next| next.to_string());
            Ok(SearchPage { hits, has_more: page_token.is_some(), page_token })
        })
        .await?;
    Ok(Json(hits))
}

/// Saved views.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleViewList")]
pub struct ViewList {
    /// The reader's own, oldest first.
    views: Vec<ViewOut>,
}

/// A saved view.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleView")]
struct ViewOut {
    /// Decimal id.
    id: String,
    /// Its name.
    name: String,
    /// Which open tickets it is of.
    filter: Filter,
}

impl From<View> for ViewOut {
    fn from(view: View) -> Self {
        Self { id: view.id.to_string(), name: view.name, filter: view.filter }
    }
}

/// `GET /console/v1/views`
pub async fn views(State(app): State<App>, who: Visitor) -> Result<Json<ViewList>, ApiError> {
    let at = Asking::of(&app, who);
    let views = app.read(move |tx, _| Ok(saved::list(tx, &at.staff)?)).await?;
    Ok(Json(ViewList { views: views.into_iter().map(Into::into).collect() }))
}

/// A view to be saved.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleSaveView")]
pub struct SaveView {
    /// Its name; 1 to 50 characters.
    #[schemars(length(min = 1, max = 50))]
    name: String,
    /// Which open tickets.
    filter: Filter,
}

/// A view that was saved.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleViewData")]
pub struct ViewData {
    /// The view.
    view: ViewOut,
}

/// `POST /console/v1/views`
pub async fn save_view(
    State(app): State<App>,
    who: Visitor,
    Body(ask): Body<SaveView>,
) -> Result<(StatusCode, Json<ViewData>), ApiError> {
    let at = Asking::of(&app, who);
    let view = app.write(move |tx, cx| saved::create(tx, cx, &at.staff, &ask.name, &ask.filter)).await?;
    Ok((StatusCode::CREATED, Json(ViewData { view: view.into() })))
}

/// The path of a saved view.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleViewPath")]
#[expect(dead_code, reason = "the document reads its schema, the handler its one segment")]
pub struct ViewPath {
    /// Decimal id of the view.
    view_id: String,
}

/// `DELETE /console/v1/views/:view_id`
pub async fn drop_view(State(app): State<App>, who: Visitor, Segment(id): Segment) -> Result<Json<Nothing>, ApiError> {
    let id = known(Kind::View, &id)?;
    let at = Asking::of(&app, who);
    app.write(move |tx, _| saved::delete(tx, &at.staff, id)).await?;
    Ok(Json(Nothing {}))
}
