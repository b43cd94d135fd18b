//! Which calls there are about gaps and duplicates.

use axum::http::Method;
use axum::routing::{delete, get, post};
use wire::Nothing;

use super::calls::{body_call, call, get_call};
use super::decisions::{self, DecisionData, DecisionList, DecisionPath, ListDecisions};
use super::duplicates::{self, DuplicateList, RejectDuplicate};
use super::gaps::{self, ApproveGap, AskPage, GapList, GapPath, ListGaps, RejectGap};
use crate::guest::DeskPath;
use crate::openapi::Calls;

/// Adds them.
pub(super) fn with(calls: Calls) -> Calls {
    let approved =
        "Close a gap: add similar questions to a FAQ, or make a FAQ. An empty object takes what is proposed.";
    let rejected = "Reject a gap. It is not listed again until there is new evidence.";
    let apart = "Say that two FAQs stay two. They are not listed again until other texts make them alike.";
    calls
        .with(
            get_call(
                "admin_gap.list",
                "/admin/v1/desks/{helpdesk_id}/gaps",
                "List what guests asked in vain in the last 90 days, grouped, with what could close each gap.",
            )
            .of::<DeskPath, ListGaps, Nothing, GapList>(),
            get(gaps::list),
        )
        .with(
            body_call(
                "admin_gap.approve",
                Method::POST,
                "/admin/v1/desks/{helpdesk_id}/gaps/{gap_id}/approve",
                approved,
            )
            .of::<GapPath, Nothing, ApproveGap, DecisionData>(),
            post(gaps::approve),
        )
        .with(
            body_call("admin_gap.reject", Method::POST, "/admin/v1/desks/{helpdesk_id}/gaps/{gap_id}/reject", rejected)
                .of::<GapPath, Nothing, RejectGap, DecisionData>(),
            post(gaps::reject),
        )
        .with(
            get_call(
                "admin_gap_decision.list",
                "/admin/v1/desks/{helpdesk_id}/gap-decisions",
                "List what was decided about gaps and duplicates, newest first, with what it was good for.",
            )
            .of::<DeskPath, ListDecisions, Nothing, DecisionList>(),
            get(decisions::list),
        )
        .with(
            call(
                "admin_gap_decision.withdraw",
                Method::DELETE,
                "/admin/v1/desks/{helpdesk_id}/gap-decisions/{decision_id}",
                "Take back a rejection, or that two FAQs stay two. The gap or the pair is listed again.",
            )
            .of::<DecisionPath, Nothing, Nothing, DecisionData>(),
            delete(decisions::withdraw),
        )
        .with(
            get_call(
                "admin_duplicate.list",
                "/admin/v1/desks/{helpdesk_id}/duplicates",
                "List pairs of FAQs that ask nearly the same, the most alike first.",
            )
            .of::<DeskPath, AskPage, Nothing, DuplicateList>(),
            get(duplicates::list),
        )
        .with(
            body_call("admin_duplicate.reject", Method::POST, "/admin/v1/desks/{helpdesk_id}/duplicates/reject", apart)
                .of::<DeskPath, Nothing, RejectDuplicate, DecisionData>(),
            post(duplicates::reject),
        )
}
