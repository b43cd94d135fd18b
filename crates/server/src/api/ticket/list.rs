//! `ticket.list`: tickets by filters, in numbered pages, newest first.

use axum::http::Method;
use desk::ticket::{Filter, TAGS_MAX, list, user_of};
use wire::ticket::{ListData, ListQuery};
use wire::{Code, Nothing};

use super::{shapes, ticket_id};
use crate::api::{ApiError, Caller, Endpoint, Token, one_of, ranged};
use crate::app::App;
use crate::limits::Rate;

/// See the module.
#[derive(Debug)]
pub struct List;

impl Endpoint for List {
    const ID: &'static str = "ticket.list";
    const SUMMARY: &'static str = "List tickets by numbered page, newest first; 10,000 rows can be reached.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/open-apis/helpdesk/v1/tickets";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all:readonly"];
    const RATE: Rate = Rate::Tier4;
    const ERRORS: &'static [Code] = &[Code::BAD_REQUEST, Code::UNAUTHORIZED];

    type Path = Nothing;
    type Query = ListQuery;
    type Body = Nothing;
    type Data = ListData;

    async fn call(app: &App, caller: Caller, _: Nothing, query: ListQuery, _: Nothing) -> Result<ListData, ApiError> {
        let page = ranged("page", query.page.unwrap_or(1), 1, i64::MAX)?;
        let page_size = ranged("page_size", query.page_size.unwrap_or(20), 1, 200)?;
        let filter = filter(&query)?;
        let data = app
            .read(move |tx, cx| {
                let desk = &caller.helpdesk;
                let mut filter = filter.clone();
                for open_id in [&mut filter.guest, &mut filter.owner, &mut filter.closed_by].into_iter().flatten() {
                    *open_id = user_of(tx, desk, open_id)?;
                }
                let found = list(tx, cx, desk, &filter, page, page_size)?;
                Ok(ListData { total: found.total, tickets: shapes(tx, desk, &found.tickets)? })
            })
            .await?;
        Ok(data)
    }
}

/// Reads the filters; people are still open ids.
fn filter(query: &ListQuery) -> Result<Filter, ApiError> {
    let statuses = query.status_list.clone().unwrap_or_default();
    for status in &statuses {
        one_of("status_list", *status, &[1, 2, 3, 4, 5, 50, 51, 52])?;
    }
    if statuses.len() > 8 {
        return Err(ApiError::invalid("status_list", "each status may be given once"));
    }
    let tags = query.tags.clone().unwrap_or_default();
    if tags.len() > TAGS_MAX {
        return Err(ApiError::invalid("tags", format!("at most {TAGS_MAX} are allowed")));
    }
    for (name, value, allowed) in
        [("type", query.r#type, &[1, 2][..]), ("solved", query.solved, &[1, 2]), ("score", query.score, &[1, 2, 3])]
    {
        if let Some(value) = value {
            one_of(name, value, allowed)?;
        }
    }
    Ok(Filter {
        ticket_id: query.ticket_id.as_deref().map(ticket_id).transpose()?,
        guest: query.guest_id.clone(),
        guest_name: query.guest_name.clone(),
        owner: query.agent_id.clone(),
        closed_by: query.closed_by_id.clone(),
        stage: query.r#type,
        channel: query.channel,
        solve: query.solved,
        score: query.score,
        statuses,
        tags,
        created: between("create_time", query.create_time_start, query.create_time_end)?,
        updated: between("update_time", query.update_time_start, query.update_time_end)?,
    })
}

/// A range of times, which has both ends or none.
fn between(name: &str, start: Option<i64>, end: Option<i64>) -> Result<Option<(i64, i64)>, ApiError> {
    match (start, end) {
        (None, None) => Ok(None),
        (Some(start), Some(end)) => Ok(Some((start, end))),
        (Some(_), None) => Err(ApiError::invalid(format!("{name}_end"), format!("is needed with {name}_start"))),
        (None, Some(_)) => Err(ApiError::invalid(format!("{name}_start"), format!("is needed with {name}_end"))),
    }
}
