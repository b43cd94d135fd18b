//! The tickets behind a number of a report.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use desk::directory::Helpdesk;
use desk::report::{self, Categories, Fact, Figure, Filter, LIST_MAX, Period, Position, Wanted};
use schemars::JsonSchema;
use serde::Deserialize;

use super::shape::{NONE, TicketOut, TicketsOut};
use super::{Format, end, is_csv, walk};
use crate::admin::desks::of_path;
use crate::admin::table::Table;
use crate::admin::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::{number, ranged};
use crate::app::App;
use crate::guest::Segment;

/// Tickets that one page looks at; what of them is listed depends on the filter.
const LOOKED_AT_MAX: usize = 20_000;
/// Most tickets of a file.
const FILE_MAX: usize = 10_000;

/// Which tickets to list, of which days. Filters come together.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskTickets {
    /// The first day, `YYYY-MM-DD`. At most 366 days lie from `from` to `to`.
    from: Option<String>,
    /// The last day, `YYYY-MM-DD`; today if left out.
    to: Option<String>,
    /// How many days until `to`, instead of `from`; 7 if both are left out.
    #[schemars(range(min = 1, max = 366))]
    days: Option<i64>,
    /// Minutes from UTC of the clock that days and hours are read on, instead of the help desk's time zone.
    #[schemars(range(min = -840, max = 840))]
    utc_offset_min: Option<i64>,
    /// Only tickets that this figure counts.
    figure: Option<Figure>,
    /// Only tickets of this agent, by user id; `none` for those of nobody.
    agent: Option<String>,
    /// Only tickets answered from this category, by decimal id; `none` for those answered from none.
    category: Option<String>,
    /// Only tickets opened on this day of the week: 1 Monday to 7 Sunday.
    #[schemars(range(min = 1, max = 7))]
    weekday: Option<i64>,
    /// Only tickets opened in this hour.
    #[schemars(range(min = 0, max = 23))]
    hour: Option<i64>,
    /// How many at most; 50 if left out. A file holds all of them, up to 10,000.
    #[schemars(range(min = 1, max = 200))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
    /// `csv` for a file; `Accept: text/csv` asks for the same.
    format: Option<Format>,
}

impl AskTickets {
    fn filter(&self) -> Result<Filter, ApiError> {
        let named = |text: &String| Some(text.clone()).filter(|text| text != NONE);
        let category = match self.category.as_deref() {
            None => None,
            Some(NONE) => Some(None),
            Some(id) => Some(Some(number("category", id)?)),
        };
        let agent = self.agent.as_ref().map(named);
        let filter = Filter { figure: self.figure, agent, category, weekday: self.weekday, hour: self.hour };
        filter.check()?;
        Ok(filter)
    }
}

/// Where a page begins.
fn place(token: Option<&str>, period: &Period) -> Result<Position, ApiError> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(end(period)) };
    let parts = token.split_once('-').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    let place =
        parts.ok_or_else(|| ApiError::invalid("page_token", "must be the token of the page before, or be left out"))?;
    Ok(end(period).min(place))
}

/// `GET /admin/v1/desks/:helpdesk_id/reports/tickets`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    headers: HeaderMap,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<AskTickets>,
) -> Result<Response, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let size = ranged("page_size", ask.page_size.unwrap_or(50), 1, LIST_MAX)?;
    let filter = ask.filter()?;
    let csv = is_csv(ask.format, &headers);
    let AskTickets { from, to, days, utc_offset_min, page_token, .. } = ask;
    let period = Period::new(&desk, app.now_ms(), &Wanted { from, to, days, utc_offset_min })?;
    let begin = place(page_token.as_deref(), &period)?;
    let of = Arc::clone(&desk);
    let categories = app.read(move |tx, _| Ok(report::categories(tx, &of)?)).await?;
    let (most, mut left) =
        if csv { (FILE_MAX, usize::MAX) } else { (usize::try_from(size).unwrap_or(1), LOOKED_AT_MAX) };
    let mut found: Vec<Fact> = Vec::new();
    let (place, has_more) = walk(&app, &desk, &period, begin, |fact| {
        if filter.takes(&period, &categories, fact) {
            found.push(fact.clone());
        }
        left -= 1;
        found.len() < most && left > 0
    })
    .await?;
    let tickets = shown(&app, &desk, &found, &categories).await?;
    if csv {
        return file(&period, &tickets);
    }
    let page_token = has_more.then(|| format!("{}-{}", place.0, place.1));
    Ok(Json(TicketsOut { period: (&period).into(), tickets, has_more, page_token }).into_response())
}

async fn shown(
    app: &App,
    desk: &Arc<Helpdesk>,
    facts: &[Fact],
    categories: &Categories,
) -> Result<Vec<TicketOut>, ApiError> {
    let people: Vec<String> = facts.iter().filter_map(|fact| fact.agent.clone()).collect();
    let desk = Arc::clone(desk);
    let names = app.read(move |tx, _| Ok(report::names(tx, &desk, people.iter().map(String::as_str))?)).await?;
    Ok(facts.iter().map(|fact| TicketOut::new(fact, &names, categories)).collect())
}

fn file(period: &Period, tickets: &[TicketOut]) -> Result<Response, ApiError> {
    const COLUMNS: [&str; 13] = [
        "ticket_id",
        "guest",
        "agent",
        "category",
        "stage",
        "status",
        "created_at",
        "closed_at",
        "first_response_s",
        "resolution_s",
        "queue_s",
        "solved",
        "score",
    ];
    let (from, to) = period.ends();
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let mut table = Table::new(format!("tickets-{from}-{to}"), COLUMNS)?;
    for ticket in tickets {
        table.row([
            ticket.ticket_id.clone(),
            ticket.guest.clone(),
            ticket.agent.clone().unwrap_or_default(),
            ticket.category.clone().unwrap_or_default(),
            ticket.stage.to_string(),
            ticket.status.to_string(),
            period.local(ticket.created_at),
            ticket.closed_at.map(|at| period.local(at)).unwrap_or_default(),
            number(ticket.first_response_s),
            number(ticket.resolution_s),
            number(ticket.queue_s),
            ticket.solved.map(|solved| u8::from(solved).to_string()).unwrap_or_default(),
            number(ticket.score),
        ])?;
    }
    table.file()
}
