//! Which calls there are about a help desk itself.

use axum::http::Method;
use axum::routing::{get, patch, post};
use wire::Nothing;

use super::calls::{body_call, call, get_call};
use super::settings::{self, ChangeSettings, FindPeople, PeopleOut, SettingsOut, TokenOut, WidgetSecretOut};
use crate::guest::DeskPath;
use crate::openapi::Calls;

/// Adds them.
pub(super) fn with(calls: Calls) -> Calls {
    let path = "/admin/v1/desks/{helpdesk_id}/settings";
    let changed = "Change a help desk's name, texts, look, time zone, owner, or who may ask; what is left out stays as \
                   it is.";
    let found = "Find users of the tenant by a part of the name, or by the beginning of the e-mail address or an id.";
    let token = "Make a new help desk token, which is shown once. The old one is void at once: apps have to send the new \
                 one with their next call.";
    let secret =
        "Make a new widget secret, which is shown once. Identity tokens that the old one signed are void at once.";
    calls
        .with(
            get_call("admin_settings.get", path, "Read what is set of a help desk, without its secrets.")
                .of::<DeskPath, Nothing, Nothing, SettingsOut>(),
            get(settings::show),
        )
        .with(
            body_call("admin_settings.patch", Method::PATCH, path, changed)
                .of::<DeskPath, Nothing, ChangeSettings, SettingsOut>(),
            patch(settings::change),
        )
        .with(
            call("admin_settings.renew_token", Method::POST, "/admin/v1/desks/{helpdesk_id}/token", token)
                .of::<DeskPath, Nothing, Nothing, TokenOut>(),
            post(settings::renew_token),
        )
        .with(
            call(
                "admin_settings.renew_widget_secret",
                Method::POST,
                "/admin/v1/desks/{helpdesk_id}/widget-secret",
                secret,
            )
            .of::<DeskPath, Nothing, Nothing, WidgetSecretOut>(),
            post(settings::renew_widget_secret),
        )
        .with(
            get_call("admin_person.find", "/admin/v1/desks/{helpdesk_id}/people", found)
                .of::<DeskPath, FindPeople, Nothing, PeopleOut>(),
            get(settings::people),
        )
}
