//! Where a delivery stands, why, and what to do: as words that pages say in their reader's language, and as a sentence.

use desk::delivery::Whole;
use desk::directory::{App, Delivery};
use desk::outbox::state;
use schemars::JsonSchema;
use serde::Serialize;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "EventStanding")]
pub(crate) enum Standing {
    /// The app has acknowledged the event.
    Delivered,
    /// No further attempt is made.
    GivenUp,
    /// The app is gone, so the event is sent to nobody.
    AppGone,
    /// An attempt is yet to be made.
    Waiting,
}

/// What an app lacks to get an event that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "EventLack")]
pub(crate) enum Lack {
    /// A request URL.
    Url,
    /// The check of its request URL, which comes before the first event.
    UrlCheck,
    /// A long connection to this server.
    Connection,
}

/// Where the delivery stands, and what the app lacks. `connections` is how many long connections the app has here.
pub(crate) fn of(found: &Whole, to: Option<&App>, connections: usize) -> (Standing, Option<Lack>) {
    match (found.delivery.state, to) {
        (state::DELIVERED, _) => (Standing::Delivered, None),
        (state::DEAD, _) => (Standing::GivenUp, None),
        (_, None) => (Standing::AppGone, None),
        (_, Some(to)) => (Standing::Waiting, lack(to, connections)),
    }
}

fn lack(to: &App, connections: usize) -> Option<Lack> {
    match to.delivery {
        Delivery::Webhook if to.url.is_none() => Some(Lack::Url),
        Delivery::Webhook if to.url != to.url_verified => Some(Lack::UrlCheck),
        Delivery::LongConnection if connections == 0 => Some(Lack::Connection),
        Delivery::Webhook | Delivery::LongConnection => None,
    }
}

/// The same in a sentence or two.
pub(crate) fn sentence(found: &Whole, (standing, lack): (Standing, Option<Lack>)) -> String {
    let delivery = &found.delivery;
    let last = found.attempts.last().map_or("", |attempt| attempt.outcome.as_str());
    let told = match standing {
        Standing::Delivered => "The app acknowledged this event; it has it.".to_owned(),
        Standing::GivenUp => format!(
            "Given up after {} attempts; the last ended so: {last}. Mend the app, then have the event sent again.",
            delivery.attempts
        ),
        Standing::AppGone => format!("The app {} is gone, so the event is sent to nobody.", delivery.app_id),
        Standing::Waiting if delivery.attempts == 0 => "No attempt was made yet.".to_owned(),
        Standing::Waiting => format!("Attempt {} failed: {last}. It is tried again.", delivery.attempts),
    };
    let missing = match lack {
        None => "",
        Some(Lack::Url) => " The app has no request URL; give it one in the desk file.",
        Some(Lack::UrlCheck) => {
            " The app's request URL has not passed the URL check yet, which comes before the first event."
        }
        Some(Lack::Connection) => {
            " The app has no long connection to this server; what waits goes as soon as it connects."
        }
    };
    format!("{told}{missing}")
}
