//! Which calls there are about reports.

use axum::routing::get;
use wire::Nothing;

use super::calls::get_call;
use super::reports::{self, AskReport, AskTable, AskTickets, Overview, TableOut, TablePath, TicketsOut};
use crate::guest::DeskPath;
use crate::openapi::Calls;

/// Adds them.
pub(super) fn with(calls: Calls) -> Calls {
    calls
        .with(
            get_call(
                "admin_report.get",
                "/admin/v1/desks/{helpdesk_id}/reports/overview",
                "Read a report on the tickets that were opened on some days: all its tables, and the figures of as many \
                 days before.",
            )
            .of::<DeskPath, AskReport, Nothing, Overview>(),
            get(reports::overview),
        )
        .with(
            get_call(
                "admin_report.table",
                "/admin/v1/desks/{helpdesk_id}/reports/by/{dimension}",
                "Read one table of a report, with `format=csv` as a file.",
            )
            .of::<TablePath, AskTable, Nothing, TableOut>()
            .or_answers("text/csv"),
            get(reports::table),
        )
        .with(
            get_call(
                "admin_report.tickets",
                "/admin/v1/desks/{helpdesk_id}/reports/tickets",
                "List the tickets that a number of a report counts, newest first, with `format=csv` as a file.",
            )
            .of::<DeskPath, AskTickets, Nothing, TicketsOut>()
            .or_answers("text/csv"),
            get(reports::list),
        )
}
