//! Inboxes with their counts, and pages of tickets.

use axum::Json;
use axum::extract::State;
use desk::console::inbox::{self, Count, Inbox, Key, START};
use desk::console::saved::{self, View};
use desk::console::seats;
use desk::ids;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Asking;
use super::shape::EntryOut;
use crate::admin::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::{number, optional_number, sized};
use crate::app::App;

const PAGE_SIZE: i64 = 50;
const PAGE_SIZE_MAX: i64 = 200;

/// Which inboxes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsoleAskInboxes")]
pub struct AskInboxes {
    /// Only those of this help desk: decimal id. Who has more than 50 help desks has to name one.
    helpdesk_id: Option<String>,
}

/// Inboxes with their counts.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleInboxes")]
pub struct Counted {
    /// The server's clock, Unix ms.
    now: i64,
    /// In sum.
    inboxes: Vec<InboxOut>,
    /// By help desk, in the order of ids.
    desks: Vec<DeskInboxes>,
}

/// The inboxes of a help desk.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleDeskInboxes")]
struct DeskInboxes {
    /// Decimal id.
    helpdesk_id: String,
    /// Its name.
    name: String,
    /// Its inboxes.
    inboxes: Vec<InboxOut>,
}

/// An inbox.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleInbox")]
struct InboxOut {
    /// `mine`, `shared`, `unassigned`, `queue`, `on_hold` or `open`.
    #[schemars(extend("enum" = ["mine", "shared", "unassigned", "queue", "on_hold", "open"]))]
    inbox: &'static str,
    /// How many tickets are in it, counted up to 1000.
    count: i64,
    /// Whether there are more.
    more: bool,
    /// Since when the guest waits who has waited longest, Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_since: Option<i64>,
}

fn shown(counts: &[Count]) -> Vec<InboxOut> {
    let out = |(inbox, count): (Inbox, &Count)| InboxOut {
        inbox: inbox.word(),
        count: count.count,
        more: count.more,
        waiting_since: count.waits_from,
    };
    Inbox::COUNTED.into_iter().zip(counts).map(out).collect()
}

/// `GET /console/v1/inboxes`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Asked(ask): Asked<AskInboxes>,
) -> Result<Json<Counted>, ApiError> {
    let only = optional_number("helpdesk_id", ask.helpdesk_id.as_deref())?;
    let at = Asking::of(&app, who);
    let seats = seats(&at.staff, &at.directory, only)?;
    let inboxes = app
        .read(move |tx, cx| {
            let mut sum = [Count::default(); Inbox::COUNTED.len()];
            let mut desks = Vec::with_capacity(seats.len());
            for (seat, counts) in seats.iter().zip(inbox::counts(tx, &at.staff, &seats)?) {
                for (sum, count) in sum.iter_mut().zip(&counts) {
                    *sum = sum.and(*count);
                }
                let (helpdesk_id, name) = (seat.desk.id.to_string(), seat.desk.name.clone());
                desks.push(DeskInboxes { helpdesk_id, name, inboxes: shown(&counts) });
            }
            Ok(Counted { now: cx.now, inboxes: shown(&sum), desks })
        })
        .await?;
    Ok(Json(inboxes))
}

/// Which tickets.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsoleListTickets")]
pub struct ListTickets {
    /// The inbox.
    #[schemars(extend("enum" = ["mine", "shared", "unassigned", "queue", "on_hold", "open", "closed"]))]
    inbox: Option<String>,
    /// A saved view instead of an inbox: decimal id.
    view: Option<String>,
    /// Only those of this help desk: decimal id. Who has more than 50 help desks has to name one.
    helpdesk_id: Option<String>,
    /// How many at most; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
}

/// Tickets in the order of their inbox.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleTicketList")]
pub struct TicketList {
    /// The server's clock, Unix ms.
    now: i64,
    /// One page.
    tickets: Vec<EntryOut>,
    /// Whether there are more.
    has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// `GET /console/v1/tickets`
pub async fn tickets(
    State(app): State<App>,
    who: Visitor,
    Asked(ask): Asked<ListTickets>,
) -> Result<Json<TicketList>, ApiError> {
    let which = which(&ask)?;
    let limit = sized("page_size", ask.page_size, PAGE_SIZE, PAGE_SIZE_MAX)?;
    let after = key(ask.page_token.as_deref())?;
    let only = optional_number("helpdesk_id", ask.helpdesk_id.as_deref())?;
    let at = Asking::of(&app, who);
    let list = app
        .read(move |tx, cx| {
            let page = match which {
                Which::Inbox(inbox) => {
                    let seats = seats(&at.staff, &at.directory, only)?;
                    inbox::page(tx, &at.staff, &seats, inbox, after, limit)?
                }
                Which::View(id) => {
                    let View { filter, .. } = saved::get(tx, &at.staff, id)?;
                    let only = only.or(filter.helpdesk_id.as_deref().and_then(ids::parse));
                    let seats = seats(&at.staff, &at.directory, only)?;
                    inbox::view(tx, &at.staff, &seats, &filter, after, limit)?
                }
            };
            Ok(TicketList {
                now: cx.now,
                tickets: page.entries.iter().map(Into::into).collect(),
                has_more: page.next.is_some(),
                page_token: page.next.map(|(first, id)| format!("{first}.{id}")),
            })
        })
        .await?;
    Ok(Json(list))
}

/// What a list is of.
#[derive(Clone, Copy)]
enum Which {
    Inbox(Inbox),
    View(i64),
}

fn which(ask: &ListTickets) -> Result<Which, ApiError> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    match (given(&ask.inbox), given(&ask.view)) {
        (Some(_), Some(_)) => Err(ApiError::invalid("view", "give inbox or view, not both")),
        (None, Some(view)) => Ok(Which::View(number("view", &view)?)),
        (word, None) => word.as_deref().and_then(Inbox::of).map(Which::Inbox).ok_or_else(|| {
            let why = word.map_or("must be given".to_owned(), |word| format!("{word:?} is no inbox"));
            let words = Inbox::ALL.map(Inbox::word).join(", ");
            ApiError::invalid("inbox", format!("{why}; there are {words}"))
        }),
    }
}

/// Where a page begins.
fn key(token: Option<&str>) -> Result<Key, ApiError> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(START) };
    let parts = token.split_once('.').and_then(|(first, id)| Some((first.parse().ok()?, id.parse().ok()?)));
    parts.ok_or_else(|| ApiError::invalid("page_token", "must be the token of the page before, or be left out"))
}
