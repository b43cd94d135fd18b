//! Which calls there are about notifications.

use axum::http::Method;
use axum::routing::{get, patch, post};
use wire::Nothing;
use wire::notification::{CancelBody, NotificationInput, SubmitBody};

use super::calls::{body_call, call, get_call};
use super::notifications::{
    self, DecisionBody, ListNotifications, NotificationData, NotificationList, NotificationPath, SendBody,
};
use crate::guest::DeskPath;
use crate::openapi::Calls;

const PREVIEW: &str = "/admin/v1/desks/{helpdesk_id}/notifications/{notification_id}/preview";
const SUBMIT: &str = "/admin/v1/desks/{helpdesk_id}/notifications/{notification_id}/submit";
const DECIDE: &str = "/admin/v1/desks/{helpdesk_id}/notifications/{notification_id}/decide";
const WITHDRAW: &str = "/admin/v1/desks/{helpdesk_id}/notifications/{notification_id}/withdraw";
const SEND: &str = "/admin/v1/desks/{helpdesk_id}/notifications/{notification_id}/send";
const CANCEL: &str = "/admin/v1/desks/{helpdesk_id}/notifications/{notification_id}/cancel";

/// Adds them.
pub(super) fn with(calls: Calls) -> Calls {
    on_their_way(drafts(calls))
}

fn drafts(calls: Calls) -> Calls {
    let (all, one) = (
        "/admin/v1/desks/{helpdesk_id}/notifications",
        "/admin/v1/desks/{helpdesk_id}/notifications/{notification_id}",
    );
    let shown = "Show the card of a draft to whoever calls, in their own chat with the help desk.";
    calls
        .with(
            get_call("admin_notification.list", all, "List the notifications of a help desk, newest first.")
                .of::<DeskPath, ListNotifications, Nothing, NotificationList>(),
            get(notifications::list),
        )
        .with(
            body_call("admin_notification.create", Method::POST, all, "Make a draft, as `notification.create` does.")
                .creates()
                .of::<DeskPath, Nothing, NotificationInput, NotificationData>(),
            post(notifications::create),
        )
        .with(
            get_call("admin_notification.get", one, "Read a notification, and what may be done with it now.")
                .of::<NotificationPath, Nothing, Nothing, NotificationData>(),
            get(notifications::show),
        )
        .with(
            body_call(
                "admin_notification.patch",
                Method::PATCH,
                one,
                "Change a draft, as `notification.patch` does: all is given anew but `ext` and lists that are left out.",
            )
            .of::<NotificationPath, Nothing, NotificationInput, NotificationData>(),
            patch(notifications::update),
        )
        .with(
            call("admin_notification.preview", Method::POST, PREVIEW, shown)
                .of::<NotificationPath, Nothing, Nothing, NotificationData>(),
            post(notifications::preview),
        )
}

fn on_their_way(calls: Calls) -> Calls {
    let submit = "Ask for approval. It passes by itself if the owner or an administrator asks, or the owner made the \
                  notification and nobody else has changed it.";
    let decide = "Approve or reject a notification under review: the owner of the help desk, or an administrator.";
    let withdraw = "Give an approval up, asked for or granted; it is a draft again.";
    let send = "Give an approved notification its time; without one it goes out now.";
    let cancel =
        "Cancel a notification before, while or after it goes out; with `is_recall` what went out is taken back.";
    calls
        .with(
            body_call("admin_notification.submit", Method::POST, SUBMIT, submit)
                .of::<NotificationPath, Nothing, SubmitBody, NotificationData>(),
            post(notifications::submit),
        )
        .with(
            body_call("admin_notification.decide", Method::POST, DECIDE, decide)
                .of::<NotificationPath, Nothing, DecisionBody, NotificationData>(),
            post(notifications::decide),
        )
        .with(
            call("admin_notification.withdraw", Method::POST, WITHDRAW, withdraw)
                .of::<NotificationPath, Nothing, Nothing, NotificationData>(),
            post(notifications::withdraw),
        )
        .with(
            body_call("admin_notification.send", Method::POST, SEND, send)
                .of::<NotificationPath, Nothing, SendBody, NotificationData>(),
            post(notifications::send),
        )
        .with(
            body_call("admin_notification.cancel", Method::POST, CANCEL, cancel)
                .of::<NotificationPath, Nothing, CancelBody, NotificationData>(),
            post(notifications::cancel),
        )
}
