//! `deskwire events`: what apps get, straight from the database.

mod show;
mod tail;

use desk::delivery::{self, Delivery, Of};
use desk::{ids, outbox};
use serde_json::{Value, json};
use server::clock::Clock;
use server::{App, Server};

use crate::cli::{EventState, EventsArgs, EventsCommand, EventsFilter, EventsResendArgs};
use crate::fail::Failure;
use crate::{config, files, out};

/// Deliveries sent again in one transaction.
const RESENT_AT_ONCE: i64 = 200;

/// Runs it.
pub async fn run(args: EventsArgs) -> Result<(), Failure> {
    let store = match &args.command {
        EventsCommand::Tail(args) => &args.store,
        EventsCommand::List(args) => &args.store,
        EventsCommand::Show(args) => &args.store,
        EventsCommand::Resend(args) => &args.store,
        EventsCommand::Dead(args) => &args.store,
    };
    let settings = config::store(store.clone())?;
    files::require_database(&settings)?;
    let server = Server::open(settings, Clock::system()).await?;
    let app = server.app();
    let outcome = match &args.command {
        EventsCommand::Tail(args) => tail::run(app, args).await,
        EventsCommand::List(args) => {
            let before = args.before.as_deref().map(id).transpose();
            match before {
                Ok(before) => print(app, &args.filter, args.state, (before, args.limit), args.json).await,
                Err(failure) => Err(failure),
            }
        }
        EventsCommand::Dead(args) => {
            print(app, &args.filter, Some(EventState::Dead), (None, args.limit), args.json).await
        }
        EventsCommand::Show(args) => show::run(app, args).await,
        EventsCommand::Resend(args) => resend(app, args).await,
    };
    server.close().await;
    outcome
}

/// A delivery's id.
fn id(text: &str) -> Result<i64, Failure> {
    ids::parse(text).ok_or_else(|| Failure::other(format!("delivery_id: {text:?} is no id; ids have 19 digits")))
}

/// The app's tenant.
fn tenant_of(app: &App, app_id: &str) -> Result<String, Failure> {
    let directory = app.directory();
    let known = directory.apps.get(app_id).map(|app| app.tenant.clone());
    known.ok_or_else(|| {
        let mut ids: Vec<&str> = directory.apps.keys().map(String::as_str).collect();
        ids.sort_unstable();
        Failure::other(format!("app: no app {app_id:?}; known are {}", ids.join(", ")))
    })
}

/// What a filter passes, beyond what the database is asked for.
#[derive(Debug, Clone)]
struct Wanted {
    app: Option<String>,
    ticket: Option<i64>,
}

impl Wanted {
    fn of(app: &App, filter: &EventsFilter) -> Result<Self, Failure> {
        if let Some(app_id) = &filter.app {
            tenant_of(app, app_id)?;
        }
        let ticket = filter
            .ticket
            .as_deref()
            .map(|text| ids::parse(text).ok_or_else(|| Failure::other(format!("ticket: {text:?} is no ticket id"))));
        Ok(Self { app: filter.app.clone(), ticket: ticket.transpose()? })
    }

    fn passes(&self, delivery: &Delivery) -> bool {
        self.app.as_ref().is_none_or(|app| *app == delivery.app_id)
            && self.ticket.is_none_or(|ticket| ticket == delivery.ticket_id)
    }
}

async fn print(
    app: &App,
    filter: &EventsFilter,
    state: Option<EventState>,
    (before, limit): (Option<i64>, u16),
    json: bool,
) -> Result<(), Failure> {
    for delivery in find(app, filter, state, (before, limit)).await? {
        let line = if json { to_json(&delivery).to_string() } else { line(&delivery) };
        out::line(&line)?;
    }
    Ok(())
}

/// Newest first.
async fn find(
    app: &App,
    filter: &EventsFilter,
    state: Option<EventState>,
    (before, limit): (Option<i64>, u16),
) -> Result<Vec<Delivery>, Failure> {
    let wanted = Wanted::of(app, filter)?;
    let mut apps: Vec<(String, String)> =
        app.directory().apps.values().map(|app| (app.tenant.clone(), app.app_id.clone())).collect();
    apps.retain(|(_, app_id)| wanted.app.as_ref().is_none_or(|only| only == app_id));
    let mut tenants: Vec<String> = apps.iter().map(|(tenant, _)| tenant.clone()).collect();
    tenants.sort_unstable();
    tenants.dedup();
    let (before, limit) = (before.unwrap_or(i64::MAX), usize::from(limit));
    let found = app.read(move |tx, _| {
        let mut found = Vec::new();
        if let Some(ticket) = wanted.ticket {
            for tenant in &tenants {
                collect(tx, Of::Ticket(tenant, ticket), before, limit, &mut found, |d| fits(d, &wanted, state))?;
            }
        } else {
            for (tenant, app_id) in &apps {
                let of = match state {
                    Some(EventState::Dead) => Of::Dead(tenant, app_id),
                    Some(EventState::Pending) => Of::Pending(tenant, app_id),
                    Some(EventState::Delivered) | None => Of::App(tenant, app_id),
                };
                collect(tx, of, before, limit, &mut found, |d| fits(d, &wanted, state))?;
            }
        }
        found.sort_unstable_by_key(|delivery: &Delivery| std::cmp::Reverse(delivery.delivery_id));
        found.truncate(limit);
        Ok(found)
    });
    Ok(found.await?)
}

fn fits(delivery: &Delivery, wanted: &Wanted, state: Option<EventState>) -> bool {
    let in_state = match state {
        None => true,
        Some(EventState::Pending) => delivery.state == outbox::state::PENDING,
        Some(EventState::Delivered) => delivery.state == outbox::state::DELIVERED,
        Some(EventState::Dead) => delivery.state == outbox::state::DEAD,
    };
    in_state && wanted.passes(delivery)
}

/// Adds up to `limit` that fit, page by page.
fn collect(
    tx: &mut db::Tx<'_>,
    of: Of<'_>,
    mut before: i64,
    limit: usize,
    found: &mut Vec<Delivery>,
    fits: impl Fn(&Delivery) -> bool,
) -> Result<(), db::DbError> {
    let enough = found.len() + limit;
    loop {
        let page = delivery::list(tx, of, before, 500)?;
        let Some(last) = page.last() else { return Ok(()) };
        before = last.delivery_id;
        found.extend(page.into_iter().filter(|delivery| fits(delivery)));
        if found.len() >= enough {
            return Ok(());
        }
    }
}

fn line(delivery: &Delivery) -> String {
    let outcome = delivery.outcome.as_deref().unwrap_or("no attempt yet");
    format!(
        "{}  {}  {:<34}  {}  ticket {}  {:<9}  {} attempts  {outcome}",
        delivery.delivery_id,
        tail::time(delivery.created_at),
        delivery.event_type,
        delivery.app_id,
        delivery.ticket_id,
        delivery::state_word(delivery.state),
        delivery.attempts
    )
}

fn to_json(delivery: &Delivery) -> Value {
    server::dev::delivery_json(delivery)
}

async fn resend(app: &App, args: &EventsResendArgs) -> Result<(), Failure> {
    if let Some(app_id) = args.app.as_ref().filter(|_| args.dead) {
        let (tenant, app_id) = (tenant_of(app, app_id)?, app_id.clone());
        let mut count = 0;
        loop {
            let (tenant, app_id) = (tenant.clone(), app_id.clone());
            let sent = app.write(move |tx, cx| {
                let dead = delivery::list(tx, Of::Dead(&tenant, &app_id), i64::MAX, RESENT_AT_ONCE)?;
                for delivery in &dead {
                    outbox::resend(tx, cx, delivery.delivery_id)?;
                }
                Ok(dead.len())
            });
            match sent.await? {
                0 => return Ok(out::line(&format!("{count} deliveries will be sent again"))?),
                sent => count += sent,
            }
        }
    }
    let wanted = args.delivery_ids.iter().map(|text| id(text)).collect::<Result<Vec<_>, _>>()?;
    for delivery_id in wanted {
        app.write(move |tx, cx| outbox::resend(tx, cx, delivery_id)).await?;
        out::line(&format!("{delivery_id} will be sent again"))?;
    }
    Ok(())
}

/// Attempts, oldest first.
fn attempts_json(attempts: &[delivery::Attempt]) -> Value {
    let one = |a: &delivery::Attempt| json!({"attempt": a.attempt, "at": a.at, "duration_ms": a.duration_ms, "http_status": a.http_status, "outcome": a.outcome});
    Value::Array(attempts.iter().map(one).collect())
}
