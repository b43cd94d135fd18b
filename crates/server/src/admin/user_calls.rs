//! Which calls there are about accounts, those of others and one's own.

use axum::http::Method;
use axum::routing::{delete, get, patch, post, put};
use wire::Nothing;

use super::accounts::{self, ListUsers, NewUser, Password, UserBody, UserData, UserList, UserPath};
use super::calls::{SIGN_IN, body_call, call, get_call};
use super::me::{self, OwnPassword, SessionList, SessionPath};
use crate::openapi::Calls;

/// Adds them.
pub(super) fn with(calls: Calls) -> Calls {
    with_own(with_users(calls))
}

fn with_users(calls: Calls) -> Calls {
    let (all, one) = ("/admin/v1/users", "/admin/v1/users/{user_id}");
    let changed = "Change a user; what is left out stays as it is. The last administrator who can sign in stays one.";
    let password = "Give a user another password. Their sessions are over. It also brings back an account that was \
                    deactivated.";
    let removed = "Deactivate a user: they lose their password, their role and their place as an agent, whose tickets go \
                   back into the queue. What they did stays, under their name.";
    calls
        .with(
            get_call(
                "admin_user.list",
                all,
                "List the users of the tenant by name. This and what follows is for administrators.",
            )
            .of::<Nothing, ListUsers, Nothing, UserList>(),
            get(accounts::list),
        )
        .with(
            body_call("admin_user.create", Method::POST, all, "Make a user.")
                .creates()
                .of::<Nothing, Nothing, NewUser, UserData>(),
            post(accounts::create),
        )
        .with(
            get_call("admin_user.get", one, "Read a user.").of::<UserPath, Nothing, Nothing, UserData>(),
            get(accounts::show),
        )
        .with(
            body_call("admin_user.patch", Method::PATCH, one, changed).of::<UserPath, Nothing, UserBody, UserData>(),
            patch(accounts::update),
        )
        .with(
            body_call("admin_user.set_password", Method::PUT, "/admin/v1/users/{user_id}/password", password)
                .of::<UserPath, Nothing, Password, Nothing>(),
            put(accounts::set_password),
        )
        .with(
            call("admin_user.deactivate", Method::DELETE, one, removed).of::<UserPath, Nothing, Nothing, Nothing>(),
            delete(accounts::deactivate),
        )
}

fn with_own(calls: Calls) -> Calls {
    let password = "Change one's own password. All other sessions are over.";
    let sessions = "List one's own sessions that are not over, newest first.";
    calls
        .with(
            body_call("admin_me.set_password", Method::PUT, "/admin/v1/me/password", password)
                .fails(SIGN_IN)
                .of::<Nothing, Nothing, OwnPassword, Nothing>(),
            put(me::set_password),
        )
        .with(
            get_call("admin_me.sessions", "/admin/v1/me/sessions", sessions)
                .of::<Nothing, Nothing, Nothing, SessionList>(),
            get(me::sessions),
        )
        .with(
            call(
                "admin_me.end_session",
                Method::DELETE,
                "/admin/v1/me/sessions/{session_id}",
                "End one of one's own sessions.",
            )
            .of::<SessionPath, Nothing, Nothing, Nothing>(),
            delete(me::end_session),
        )
}
