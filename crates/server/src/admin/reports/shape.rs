//! Reports as they are told.

use desk::report::{Categories, Fact, Figure, Figures, Names, Period, Sheet};
use schemars::JsonSchema;
use serde::Serialize;

/// The figures of some tickets. Each number of tickets lists them: `reports/tickets?figure=` with its name. Shares are 0
/// to 1, rounded to four places; times are whole seconds, exact up to 255 s and to half a percent beyond. What there is
/// nothing to work out from is left out.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminReportFigures")]
pub struct FiguresOut {
    /// Tickets that were opened.
    pub(super) opened: u64,
    /// Not closed.
    pub(super) open: u64,
    /// Closed.
    pub(super) closed: u64,
    /// Closed, and never handed over to people.
    pub(super) intercepted: u64,
    /// `intercepted` of `closed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) intercepted_share: Option<f64>,
    /// Handed over to people.
    pub(super) handed_over: u64,
    /// Handed over, and an agent has replied.
    pub(super) answered: u64,
    /// Handed over, and no agent has replied.
    pub(super) unanswered: u64,
    /// From the hand-over to an agent's first reply, of `answered`: half were as fast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_response_median_s: Option<u64>,
    /// The same: nine of ten were as fast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_response_p90_s: Option<u64>,
    /// Handed over and closed.
    pub(super) resolved: u64,
    /// From opening to closing, of `resolved`: half were as fast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resolution_median_s: Option<u64>,
    /// The same: nine of ten were as fast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resolution_p90_s: Option<u64>,
    /// Waited in the queue, or wait: `taken`, `abandoned` and `waiting`.
    pub(super) queued: u64,
    /// Waited in the queue until an agent got them.
    pub(super) taken: u64,
    /// Closed before an agent got them.
    pub(super) abandoned: u64,
    /// Wait in the queue now.
    pub(super) waiting: u64,
    /// In the queue, of `taken`: half waited no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) queue_median_s: Option<u64>,
    /// The same: nine of ten waited no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) queue_p90_s: Option<u64>,
    /// The guest's last word on an answer of the bot was that it helped.
    pub(super) solved: u64,
    /// The guest's last word on an answer of the bot was that it did not help.
    pub(super) not_solved: u64,
    /// `solved` of both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) solved_share: Option<f64>,
    /// Rated by the guest.
    pub(super) rated: u64,
    /// `rated` of `closed`; more than 1 if guests rate open tickets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rated_share: Option<f64>,
    /// The mean rating, 1 to 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) satisfaction: Option<f64>,
    /// Rated 1.
    pub(super) dissatisfied: u64,
    /// Rated 2.
    pub(super) neutral: u64,
    /// Rated 3.
    pub(super) satisfied: u64,
}

fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

impl From<&Figures> for FiguresOut {
    fn from(figures: &Figures) -> Self {
        let count = |figure| figures.count(figure);
        let share = |part, whole: &[Figure]| figures.share(part, whole).map(rounded);
        Self {
            opened: count(Figure::Opened),
            open: count(Figure::Open),
            closed: count(Figure::Closed),
            intercepted: count(Figure::Intercepted),
            intercepted_share: share(Figure::Intercepted, &[Figure::Closed]),
            handed_over: count(Figure::HandedOver),
            answered: count(Figure::Answered),
            unanswered: count(Figure::Unanswered),
            first_response_median_s: figures.first_response.percentile_s(50),
            first_response_p90_s: figures.first_response.percentile_s(90),
            resolved: count(Figure::Resolved),
            resolution_median_s: figures.resolution.percentile_s(50),
            resolution_p90_s: figures.resolution.percentile_s(90),
            queued: count(Figure::Queued),
            taken: count(Figure::Taken),
            abandoned: count(Figure::Abandoned),
            waiting: count(Figure::Waiting),
            queue_median_s: figures.queue.percentile_s(50),
            queue_p90_s: figures.queue.percentile_s(90),
            solved: count(Figure::Solved),
            not_solved: count(Figure::NotSolved),
            solved_share: share(Figure::Solved, &[Figure::Solved, Figure::NotSolved]),
            rated: count(Figure::Rated),
            rated_share: share(Figure::Rated, &[Figure::Closed]),
            satisfaction: figures.satisfaction().map(rounded),
            dissatisfied: count(Figure::Dissatisfied),
            neutral: count(Figure::Neutral),
            satisfied: count(Figure::Satisfied),
        }
    }
}

/// The days that a report is about.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminReportPeriod")]
pub struct PeriodOut {
    /// The first day, `YYYY-MM-DD`.
    from: String,
    /// The last day, `YYYY-MM-DD`.
    to: String,
    /// When the first day begins, Unix milliseconds.
    starts_at: i64,
    /// When the last day is over, Unix milliseconds.
    ends_at: i64,
    /// The clock that days and hours are read on: an IANA time zone, or an offset from UTC.
    clock: String,
}

impl From<&Period> for PeriodOut {
    fn from(period: &Period) -> Self {
        let ((from, to), (starts_at, ends_at)) = (period.ends(), period.bounds());
        Self { from, to, starts_at, ends_at, clock: period.clock() }
    }
}

/// The same number of days before, for comparison.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminReportBefore")]
struct Before {
    /// The days.
    period: PeriodOut,
    /// Their figures.
    figures: FiguresOut,
}

/// A row of a table.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminReportRow")]
pub struct RowOut {
    /// What the row is of, as `reports/tickets` takes it: a day (`YYYY-MM-DD`), the user id of an agent, the decimal id of
    /// a category, or weekday (1 Monday to 7 Sunday) and hour such as `1-09`. `none` for tickets without one.
    pub(super) key: String,
    /// A name for people: of an agent or a category; left out for `none`, days and hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// Its figures.
    pub(super) figures: FiguresOut,
}

/// A report. All figures are of the tickets that were opened in the period, as they stand now.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminReport")]
pub struct Overview {
    /// The days.
    period: PeriodOut,
    /// Of all tickets.
    total: FiguresOut,
    /// The same number of days before.
    before: Before,
    /// Of each day.
    days: Vec<RowOut>,
    /// Of each agent who had a ticket last, the most tickets first; a ticket of nobody counts under `none`.
    agents: Vec<RowOut>,
    /// Of each category of the FAQ that answered, the most tickets first.
    categories: Vec<RowOut>,
    /// Of each hour of a weekday in which a ticket was opened.
    hours: Vec<RowOut>,
}

/// One table of a report.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminReportTable")]
pub struct TableOut {
    /// The days.
    pub(super) period: PeriodOut,
    /// The rows.
    pub(super) rows: Vec<RowOut>,
}

/// A report as it was read.
pub(super) struct Report {
    pub(super) period: Period,
    pub(super) sheet: Sheet,
    pub(super) categories: Categories,
    pub(super) names: Names,
}

impl Report {
    pub(super) fn overview(&self, before: &Period, figures: &Figures) -> Overview {
        Overview {
            period: (&self.period).into(),
            total: (&self.sheet.total).into(),
            before: Before { period: before.into(), figures: figures.into() },
            days: self.days(),
            agents: self.agents(),
            categories: self.by_category(),
            hours: self.hours(),
        }
    }

    pub(super) fn days(&self) -> Vec<RowOut> {
        let row = |(key, figures): (String, &Figures)| RowOut { key, name: None, figures: figures.into() };
        self.period.days().zip(&self.sheet.days).map(row).collect()
    }

    pub(super) fn agents(&self) -> Vec<RowOut> {
        let row = |(agent, figures): (&Option<String>, &Figures)| RowOut {
            key: agent.clone().unwrap_or_else(|| NONE.to_owned()),
            name: agent.as_ref().map(|id| self.names.get(id).unwrap_or(id).clone()),
            figures: figures.into(),
        };
        most_first(self.sheet.agents.iter().map(row).collect())
    }

    pub(super) fn by_category(&self) -> Vec<RowOut> {
        let row = |(category, figures): (&Option<i64>, &Figures)| RowOut {
            key: category.map_or_else(|| NONE.to_owned(), |id| id.to_string()),
            name: category.and_then(|id| self.categories.names.get(&id).cloned()),
            figures: figures.into(),
        };
        most_first(self.sheet.categories.iter().map(row).collect())
    }

    pub(super) fn hours(&self) -> Vec<RowOut> {
        let row = |((weekday, hour), figures): (&(i64, i64), &Figures)| RowOut {
            key: format!("{weekday}-{hour:02}"),
            name: None,
            figures: figures.into(),
        };
        self.sheet.hours.iter().map(row).collect()
    }
}

/// Stands for nobody and for no category.
pub(super) const NONE: &str = "none";

fn most_first(mut rows: Vec<RowOut>) -> Vec<RowOut> {
    rows.sort_by_key(|row| (row.key == NONE, std::cmp::Reverse(row.figures.opened)));
    rows
}

/// Tickets that a number counts, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminReportTicketList")]
pub struct TicketsOut {
    /// The days.
    pub(super) period: PeriodOut,
    /// One page. It may hold fewer than asked for, or none, although there are more.
    pub(super) tickets: Vec<TicketOut>,
    /// Whether there may be more.
    pub(super) has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page_token: Option<String>,
}

/// A ticket of a report.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminReportTicket")]
pub struct TicketOut {
    /// Decimal id.
    pub(super) ticket_id: String,
    /// The guest's name.
    pub(super) guest: String,
    /// The agent in charge, or who was last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent: Option<String>,
    /// The category of the FAQ that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) category: Option<String>,
    /// 1 bot, 2 human.
    pub(super) stage: i64,
    /// As in the open API.
    pub(super) status: i64,
    /// When it was opened, Unix milliseconds.
    pub(super) created_at: i64,
    /// When it was closed, Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) closed_at: Option<i64>,
    /// From the hand-over to an agent's first reply, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_response_s: Option<i64>,
    /// From opening to closing, in seconds, if people had it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resolution_s: Option<i64>,
    /// In the queue until an agent got it, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) queue_s: Option<i64>,
    /// The guest's last word on an answer of the bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) solved: Option<bool>,
    /// The guest's rating: 1 dissatisfied, 2 neutral, 3 satisfied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<i64>,
}

impl TicketOut {
    pub(super) fn new(fact: &Fact, names: &Names, categories: &Categories) -> Self {
        let seconds = |ms: i64| ms.max(0) / 1000;
        Self {
            ticket_id: fact.ticket_id.to_string(),
            guest: fact.guest_name.clone(),
            agent: fact.agent.as_ref().map(|id| names.get(id).unwrap_or(id).clone()),
            category: categories.of(fact).and_then(|id| categories.names.get(&id).cloned()),
            stage: fact.state.stage,
            status: fact.state.status,
            created_at: fact.created_at,
            closed_at: fact.closed_at,
            first_response_s: fact.first_response_ms().map(seconds),
            resolution_s: fact.resolution_ms().map(seconds),
            queue_s: fact.queue_ms().map(seconds),
            solved: fact.solved,
            score: fact.score,
        }
    }
}
