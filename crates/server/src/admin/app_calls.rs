//! Which calls there are about apps.

use axum::http::Method;
use axum::routing::{delete, get, patch, post, put};
use wire::Nothing;

use super::apps::{
    self, AppBody, AppData, AppDetail, AppList, AppPath, AppSecret, NewApp, SubscriptionBody, SubscriptionPath,
    UrlCheck,
};
use super::calls::{body_call, call, get_call};
use crate::openapi::Calls;

/// Adds them.
pub(super) fn with(calls: Calls) -> Calls {
    with_ways(with_apps(calls))
}

fn with_apps(calls: Calls) -> Calls {
    let (all, one) = ("/admin/v1/apps", "/admin/v1/apps/{app_id}");
    let made = "Make an app. Its id and its secret are made, and the secret is told this once.";
    let changed =
        "Change an app; what is left out stays as it is. An empty text removes a name, a URL, a token or a key.";
    let removed =
        "Remove an app with its subscriptions. Its tokens are void, and events that wait for it are given up.";
    calls
        .with(
            get_call(
                "admin_app.list",
                all,
                "List the apps of the tenant. This and what follows is for administrators.",
            )
            .of::<Nothing, Nothing, Nothing, AppList>(),
            get(apps::list),
        )
        .with(
            body_call("admin_app.create", Method::POST, all, made).creates().of::<Nothing, Nothing, AppBody, NewApp>(),
            post(apps::create),
        )
        .with(
            get_call("admin_app.get", one, "Read an app, what it subscribed to, and how deliveries to it stand.")
                .of::<AppPath, Nothing, Nothing, AppDetail>(),
            get(apps::show),
        )
        .with(
            body_call("admin_app.patch", Method::PATCH, one, changed).of::<AppPath, Nothing, AppBody, AppData>(),
            patch(apps::update),
        )
        .with(
            call("admin_app.delete", Method::DELETE, one, removed).of::<AppPath, Nothing, Nothing, Nothing>(),
            delete(apps::delete),
        )
}

fn with_ways(calls: Calls) -> Calls {
    let renewed = "Give an app another secret, which is told this once. The old one and all tokens made with it stop at \
                   once.";
    let checked = "Make the URL check of an app's request URL now: it has to send a challenge back within a second. \
                   Events go only to a URL that passed it.";
    let subscribed = "Have an app subscribe to just these event types at a help desk.";
    let path = "/admin/v1/apps/{app_id}/subscriptions/{helpdesk_id}";
    calls
        .with(
            call("admin_app.renew_secret", Method::POST, "/admin/v1/apps/{app_id}/secret", renewed)
                .of::<AppPath, Nothing, Nothing, AppSecret>(),
            post(apps::renew_secret),
        )
        .with(
            call("admin_app.check", Method::POST, "/admin/v1/apps/{app_id}/check", checked)
                .of::<AppPath, Nothing, Nothing, UrlCheck>(),
            post(apps::check),
        )
        .with(
            body_call("admin_app.subscribe", Method::PUT, path, subscribed)
                .of::<SubscriptionPath, Nothing, SubscriptionBody, Nothing>(),
            put(apps::subscribe),
        )
}
