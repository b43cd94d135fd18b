//! `deskwire events tail`: what happens, as it happens.

use std::io::{self, Stdout, Write};
use std::sync::Arc;
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use desk::delivery::{Attempt, Delivery, Follow, News, Resend};
use desk::outbox::state;
use server::App;

use super::filter;
use crate::cli::{Color, EventsTailArgs};
use crate::fail::Failure;

/// How often the database is looked at.
const LOOK: Duration = Duration::from_millis(500);

const BAD: Style = AnsiColor::Red.on_default();
const GOOD: Style = AnsiColor::Green.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
const NOTABLE: Style = AnsiColor::Cyan.on_default();
const PLAIN: Style = Style::new().dimmed();

/// Runs until it is interrupted.
pub async fn run(app: &App, args: &EventsTailArgs) -> Result<(), Failure> {
    let wanted = filter(app, &args.filter, None)?;
    let mut screen = screen(args.color);
    let mut follow = Arc::new(app.read(|tx, cx| Ok(Follow::start(tx, cx.now)?)).await?);
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(interrupted);
    loop {
        let looking = Arc::clone(&follow);
        let looked = app.read(move |tx, _| Ok(looking.look(tx)?)).await?;
        for news in looked.news.iter().filter(|news| wanted.passes(delivery(news))) {
            print(&mut screen, news)?;
        }
        Arc::make_mut(&mut follow).saw(&looked, app.now_ms());
        let pause = if looked.more { Duration::ZERO } else { LOOK };
        tokio::select! {
            _ = &mut interrupted => return Ok(()),
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Standard output that takes colours or drops them.
fn screen(color: Color) -> AutoStream<Stdout> {
    let choice = match color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    AutoStream::new(io::stdout(), choice)
}

fn delivery(news: &News) -> &Delivery {
    match news {
        News::Event(delivery) | News::Attempt(delivery, _) | News::Resend(delivery, _) => delivery,
    }
}

fn print(screen: &mut AutoStream<Stdout>, news: &News) -> io::Result<()> {
    let (style, text) = match news {
        News::Event(delivery) => (PLAIN, happened(delivery)),
        News::Attempt(delivery, attempt) => (colour(attempt), attempted(delivery, attempt)),
        News::Resend(delivery, resend) => (NOTABLE, resent(delivery, resend)),
    };
    writeln!(screen, "{style}{text}{style:#}")?;
    screen.flush()
}

fn colour(attempt: &Attempt) -> Style {
    match attempt.http_status {
        Some(200) => GOOD,
        Some(_) => DOUBTFUL,
        None => BAD,
    }
}

/// What all lines have.
fn line(at: i64, what: &str, delivery: &Delivery) -> String {
    let Delivery { event_type, ticket_id, app_id, .. } = delivery;
    format!("{}  {what:<7}  {event_type:<34}  ticket {ticket_id}  to {app_id}", time(at))
}

fn happened(delivery: &Delivery) -> String {
    format!("{}  delivery {}", line(delivery.created_at, "event", delivery), delivery.delivery_id)
}

fn attempted(delivery: &Delivery, attempt: &Attempt) -> String {
    let Attempt { attempt: number, at, duration_ms, outcome, ended, .. } = attempt;
    let end = if *ended == state::DEAD { ", given up" } else { "" };
    format!("{}  #{number}  {duration_ms} ms  {outcome}{end}", line(*at, "attempt", delivery))
}

fn resent(delivery: &Delivery, resend: &Resend) -> String {
    let who = match (&resend.name, &resend.open_id) {
        (Some(name), Some(open_id)) => format!("{} {name} ({open_id})", resend.way),
        _ => resend.way.clone(),
    };
    format!("{}  delivery {}  by {who}", line(resend.at, "resend", delivery), delivery.delivery_id)
}

/// UTC, with milliseconds.
pub fn time(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |time| format!("{time:.3}"))
}
