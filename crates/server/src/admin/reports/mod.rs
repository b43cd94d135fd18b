//! Reports on a help desk, for those who run it. What counts what is in [`desk::report`].

mod columns;
mod shape;
mod tickets;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Response};
use desk::Refusal;
use desk::directory::Helpdesk;
use desk::report::{self, Fact, Figures, PAGE, Period, Position, Sheet, Wanted};
use schemars::JsonSchema;
use serde::Deserialize;

use self::columns::FIGURES;
pub use self::shape::{Overview, TableOut, TicketsOut};
use self::shape::{Report, RowOut};
pub use self::tickets::{AskTickets, list};
use super::desks::of_path;
use super::table::Table;
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::app::App;
use crate::guest::Segment;

/// Which days a report is about.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskReport {
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
}

impl AskReport {
    fn wanted(self) -> Wanted {
        Wanted { from: self.from, to: self.to, days: self.days, utc_offset_min: self.utc_offset_min }
    }
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JSON.
    Json,
    /// CSV: UTF-8 with a byte order mark, the first row names the columns.
    Csv,
}

/// Whether CSV is wanted: `format` says so, or else `Accept`.
fn is_csv(format: Option<Format>, headers: &HeaderMap) -> bool {
    let accepted = || headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    format.map_or_else(|| accepted().trim_start().starts_with("text/csv"), |format| format == Format::Csv)
}

/// A table of a report, and which days it is about.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskTable {
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
    /// `csv` for a file; `Accept: text/csv` asks for the same.
    format: Option<Format>,
}

/// The path of a table.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TablePath {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// `day`, `agent` (in charge), `category` (of the FAQ that answered) or `hour` (of a weekday).
    #[schemars(extend("enum" = ["day", "agent", "category", "hour"]))]
    dimension: String,
}

/// Reads the tickets of a period from `before` on, until `each` has enough of them or they are all read; answers where
/// that was, and whether there may be more.
async fn walk(
    app: &App,
    desk: &Arc<Helpdesk>,
    period: &Period,
    mut before: Position,
    mut each: impl FnMut(&Fact) -> bool,
) -> Result<(Position, bool), Refusal> {
    let (from, _) = period.bounds();
    loop {
        let desk = Arc::clone(desk);
        let facts = app.read(move |tx, _| Ok(report::page(tx, &desk, from, before, PAGE)?)).await?;
        for fact in &facts {
            before = (fact.created_at, fact.ticket_id);
            if !each(fact) {
                return Ok((before, true));
            }
        }
        if i64::try_from(facts.len()).unwrap_or(PAGE) < PAGE {
            return Ok((before, false));
        }
    }
}

/// Before which all tickets of a period stand.
fn end(period: &Period) -> Position {
    (period.bounds().1, 0)
}

async fn read(app: &App, desk: &Arc<Helpdesk>, period: Period) -> Result<Report, ApiError> {
    let of = Arc::clone(desk);
    let categories = app.read(move |tx, _| Ok(report::categories(tx, &of)?)).await?;
    let mut sheet = Sheet::new(&period);
    walk(app, desk, &period, end(&period), |fact| {
        sheet.add(&period, &categories, fact);
        true
    })
    .await?;
    let (of, people) = (Arc::clone(desk), sheet.agents.keys().flatten().cloned().collect::<Vec<_>>());
    let names = app.read(move |tx, _| Ok(report::names(tx, &of, people.iter().map(String::as_str))?)).await?;
    Ok(Report { period, sheet, categories, names })
}

/// `GET /admin/v1/desks/:helpdesk_id/reports/overview`
pub async fn overview(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<AskReport>,
) -> Result<Json<Overview>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let period = Period::new(&desk, app.now_ms(), &ask.wanted())?;
    let before = period.before();
    let mut figures = Figures::default();
    walk(&app, &desk, &before, end(&before), |fact| {
        figures.add(fact);
        true
    })
    .await?;
    Ok(Json(read(&app, &desk, period).await?.overview(&before, &figures)))
}

/// `GET /admin/v1/desks/:helpdesk_id/reports/by/:dimension`
pub async fn table(
    State(app): State<App>,
    who: Visitor,
    headers: HeaderMap,
    Segment(path): Segment<TablePath>,
    Asked(ask): Asked<AskTable>,
) -> Result<Response, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let AskTable { from, to, days, utc_offset_min, format } = ask;
    let period = Period::new(&desk, app.now_ms(), &Wanted { from, to, days, utc_offset_min })?;
    let rows: fn(&Report) -> Vec<RowOut> = match path.dimension.as_str() {
        "day" => Report::days,
        "agent" => Report::agents,
        "category" => Report::by_category,
        "hour" => Report::hours,
        other => {
            let why = format!("{other:?} is no table; day, agent, category and hour are");
            return Err(ApiError::invalid("dimension", why));
        }
    };
    let report = read(&app, &desk, period).await?;
    let (name, rows) = (path.dimension.as_str(), rows(&report));
    if !is_csv(format, &headers) {
        return Ok(Json(TableOut { period: (&report.period).into(), rows }).into_response());
    }
    let (from, to) = report.period.ends();
    let columns = [name, "name"].into_iter().chain(FIGURES.iter().map(|(column, _)| *column));
    let mut table = Table::new(format!("{name}-{from}-{to}"), columns)?;
    for row in rows {
        let cells = FIGURES.iter().map(|(_, cell)| cell(&row.figures)).collect::<Vec<_>>();
        table.row([row.key, row.name.unwrap_or_default()].into_iter().chain(cells))?;
    }
    table.file()
}
