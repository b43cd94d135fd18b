//! `deskwire events`: what apps get, straight from the database.

mod show;
mod tail;

use clap::ValueEnum;
use desk::delivery::{self, Ask, Delivery, Filter};
use desk::ids;
use desk::outbox::{self, By};
use server::clock::Clock;
use server::dev::deliveries::delivery_json;
use server::{App, Server};

pub use tail::time;

use crate::cli::{
    EventState, EventsArgs, EventsCommand, EventsDeadArgs, EventsFilter, EventsListArgs, EventsResendArgs,
};
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
        EventsCommand::List(args) => list(app, args).await,
        EventsCommand::Dead(args) => dead(app, args).await,
        EventsCommand::Show(args) => show::run(app, args).await,
        EventsCommand::Resend(args) => resend(app, args).await,
    };
    server.close().await;
    outcome
}

async fn list(app: &App, args: &EventsListArgs) -> Result<(), Failure> {
    let before = args.before.as_deref().map_or(Ok(i64::MAX), id)?;
    print(app, filter(app, &args.filter, args.state)?, (before, args.limit), args.json).await
}

async fn dead(app: &App, args: &EventsDeadArgs) -> Result<(), Failure> {
    let dead = filter(app, &args.filter, Some(EventState::Dead))?;
    print(app, dead, (i64::MAX, args.limit), args.json).await
}

/// A delivery's id.
fn id(text: &str) -> Result<i64, Failure> {
    ids::parse(text).ok_or_else(|| Failure::other(format!("delivery_id: {text:?} is no id; ids have 19 digits")))
}

/// The deliveries that are asked for.
fn filter(app: &App, asked: &EventsFilter, state: Option<EventState>) -> Result<Filter, Failure> {
    let ask = Ask {
        state: state.and_then(|state| state.to_possible_value()).map(|word| word.get_name().to_owned()),
        app: asked.app.clone(),
        event_type: asked.event_type.clone(),
        ticket: asked.ticket.clone(),
        event: asked.event.clone(),
    };
    Ok(Filter::of(&ask, &app.directory())?)
}

/// Newest first.
async fn print(app: &App, filter: Filter, (before, limit): (i64, u16), json: bool) -> Result<(), Failure> {
    let found = app.read(move |tx, _| Ok(delivery::list(tx, &filter, before, limit.into())?)).await?;
    for delivery in found {
        let line = if json { delivery_json(&delivery).to_string() } else { line(&delivery) };
        out::line(&line)?;
    }
    Ok(())
}

fn line(delivery: &Delivery) -> String {
    let outcome = delivery.outcome.as_deref().unwrap_or("no attempt yet");
    format!(
        "{}  {}  {:<34}  {}  ticket {}  {:<9}  {} attempts  {outcome}",
        delivery.delivery_id,
        time(delivery.created_at),
        delivery.event_type,
        delivery.app_id,
        delivery.ticket_id,
        delivery::state_word(delivery.state),
        delivery.attempts
    )
}

async fn resend(app: &App, args: &EventsResendArgs) -> Result<(), Failure> {
    if args.dead {
        let of = EventsFilter { app: args.app.clone(), ..EventsFilter::default() };
        let dead = filter(app, &of, Some(EventState::Dead))?;
        let mut count = 0;
        loop {
            // Looked for outside of the writing transaction, so that it gets in nobody's way.
            let dead = dead.clone();
            let found = app.read(move |tx, _| Ok(delivery::list(tx, &dead, i64::MAX, RESENT_AT_ONCE)?)).await?;
            if found.is_empty() {
                return Ok(out::line(&format!("{count} deliveries will be sent again"))?);
            }
            count += found.len();
            app.write(move |tx, cx| {
                found.iter().try_for_each(|d| outbox::resend(tx, cx, d.delivery_id, &By::CommandLine))
            })
            .await?;
        }
    }
    let wanted = args.delivery_ids.iter().map(|text| id(text)).collect::<Result<Vec<_>, _>>()?;
    for delivery_id in wanted {
        app.write(move |tx, cx| outbox::resend(tx, cx, delivery_id, &By::CommandLine)).await?;
        out::line(&format!("{delivery_id} will be sent again"))?;
    }
    Ok(())
}
