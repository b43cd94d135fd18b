//! Which calls there are that make, close and open help desks.

use axum::http::Method;
use axum::routing::post;
use wire::Nothing;

use super::calls::{body_call, call};
use super::desks::{self, CloseDesk, ClosedOut, MadeOut, NewDesk};
use crate::guest::DeskPath;
use crate::openapi::Calls;

/// Adds them.
pub(super) fn with(calls: Calls) -> Calls {
    let made = "Make a help desk. Its id and its secrets are made, and the secrets are told this once. This and what follows \
                is for administrators.";
    let closed = "Close a help desk: it takes no new guests and tickets, and the open API refuses calls for it with 154001. \
                  It keeps all it has; open tickets go on. The body names it, so that no other is closed by mistake.";
    let opened = "Open a help desk again that was closed. It is as it was.";
    calls
        .with(
            body_call("admin_desk.create", Method::POST, "/admin/v1/desks", made)
                .creates()
                .of::<Nothing, Nothing, NewDesk, MadeOut>(),
            post(desks::create),
        )
        .with(
            body_call("admin_desk.close", Method::POST, "/admin/v1/desks/{helpdesk_id}/close", closed)
                .of::<DeskPath, Nothing, CloseDesk, ClosedOut>(),
            post(desks::close),
        )
        .with(
            call("admin_desk.open", Method::POST, "/admin/v1/desks/{helpdesk_id}/open", opened)
                .of::<DeskPath, Nothing, Nothing, Nothing>(),
            post(desks::reopen),
        )
}
