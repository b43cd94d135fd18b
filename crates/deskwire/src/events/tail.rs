//! `deskwire events tail`: what happens, as it happens.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::Duration;

use desk::delivery::{self, Attempt, Delivery};
use desk::ids;
use server::App;

use super::filter;
use crate::cli::{Color, EventsTailArgs};
use crate::fail::Failure;
use crate::out;

/// How often the database is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Deliveries that are followed until they end; the oldest are let go beyond that.
const FOLLOWED_MAX: usize = 1_000;
const PAGE: i64 = 500;

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// A followed delivery and how many of its attempts were printed.
type Followed = BTreeMap<i64, (Delivery, i64)>;

/// Runs until it is interrupted.
pub async fn run(app: &App, args: &EventsTailArgs) -> Result<(), Failure> {
    let wanted = filter(app, &args.filter, None)?;
    let coloured = match args.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    };
    let mut last = ids::floor_at(app.now_ms());
    let mut followed = Followed::new();
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(interrupted);
    loop {
        let known: Vec<(i64, String, i64)> =
            followed.iter().map(|(id, (delivery, printed))| (*id, delivery.tenant.clone(), *printed)).collect();
        let (fresh, attempts) = app
            .read(move |tx, _| {
                let fresh = delivery::after(tx, last, PAGE)?;
                let mut attempts = Vec::new();
                for (id, tenant, printed) in &known {
                    let made = delivery::attempts(tx, tenant, *id, *printed)?;
                    attempts.extend(made.into_iter().map(|attempt| (*id, attempt)));
                }
                Ok((fresh, attempts))
            })
            .await?;
        for (id, attempt) in attempts {
            let Some((delivery, printed)) = followed.get_mut(&id) else { continue };
            *printed = attempt.attempt;
            out::line(&attempted(delivery, &attempt, coloured))?;
            if attempt.http_status == Some(200) {
                followed.remove(&id);
            }
        }
        for delivery in fresh {
            last = delivery.delivery_id;
            if wanted.passes(&delivery) {
                out::line(&happened(&delivery, coloured))?;
                followed.insert(delivery.delivery_id, (delivery, 0));
            }
        }
        while followed.len() > FOLLOWED_MAX {
            followed.pop_first();
        }
        tokio::select! {
            _ = &mut interrupted => return Ok(()),
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

fn happened(delivery: &Delivery, coloured: bool) -> String {
    let text = format!(
        "{}  event    {:<34}  ticket {}  to {}  delivery {}",
        time(delivery.created_at),
        delivery.event_type,
        delivery.ticket_id,
        delivery.app_id,
        delivery.delivery_id
    );
    paint(&text, DIM, coloured)
}

fn attempted(delivery: &Delivery, attempt: &Attempt, coloured: bool) -> String {
    let colour = match attempt.http_status {
        Some(200) => GREEN,
        Some(_) => YELLOW,
        None => RED,
    };
    let text = format!(
        "{}  attempt  {:<34}  ticket {}  to {}  #{}  {} ms  {}",
        time(attempt.at),
        delivery.event_type,
        delivery.ticket_id,
        delivery.app_id,
        attempt.attempt,
        attempt.duration_ms,
        attempt.outcome
    );
    paint(&text, colour, coloured)
}

fn paint(text: &str, colour: &str, coloured: bool) -> String {
    if coloured { format!("{colour}{text}{RESET}") } else { text.to_owned() }
}

/// UTC, with milliseconds.
pub(super) fn time(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |time| format!("{time:.3}"))
}
