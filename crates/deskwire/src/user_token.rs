//! `deskwire user-token`

use desk::person;
use server::auth::granted;
use server::clock::Clock;
use server::{App, Server};

use crate::cli::UserTokenArgs;
use crate::fail::Failure;
use crate::{config, files, out};

/// Runs it.
pub async fn run(args: UserTokenArgs) -> Result<(), Failure> {
    let settings = config::store(args.store.clone())?;
    files::require_database(&settings)?;
    let server = Server::open(settings, Clock::system()).await?;
    let token = make(server.app(), &args).await;
    server.close().await;
    Ok(out::line(&token?)?)
}

async fn make(app: &App, args: &UserTokenArgs) -> Result<String, Failure> {
    let directory = app.directory().clone();
    let mut known: Vec<&str> = directory.apps.keys().map(String::as_str).collect();
    known.sort_unstable();
    let unknown = || Failure::other(format!("app-id: no app {:?}; known are {}", args.app_id, known.join(", ")));
    let desk_app = directory.apps.get(&args.app_id).ok_or_else(unknown)?;
    let (tenant, open_id) = (desk_app.tenant.clone(), args.open_id.clone());
    let found = app.read(move |tx, _| Ok(person::by_open_id(tx, &tenant, &open_id)?)).await?;
    let nobody = || Failure::other(format!("open-id: no user {:?} in tenant {}", args.open_id, desk_app.tenant));
    let person = found.ok_or_else(nobody)?;
    let granted = granted(desk_app, args.scope.as_deref()).map_err(|why| Failure::other(format!("scope: {why}")))?;
    let made = app.tokens().user(desk_app, &person.user_id, granted, app.ids(), app.now_ms());
    let (token, _) = made.ok_or_else(|| Failure::other(format!("app-id: {} is not an app id", args.app_id)))?;
    Ok(token)
}
