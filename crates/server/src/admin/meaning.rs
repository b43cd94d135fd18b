//! What a delivery's record means, in a sentence or two for people.

use desk::delivery::Whole;
use desk::directory::{App, Delivery};
use desk::outbox::state;

/// Where a delivery stands, why, and what to do. `connections` is how many long connections the app has here.
pub(super) fn of(found: &Whole, to: Option<&App>, connections: usize) -> String {
    let delivery = &found.delivery;
    let last = found.attempts.last().map_or("", |attempt| attempt.outcome.as_str());
    match (delivery.state, to) {
        (state::DELIVERED, _) => "The app acknowledged this event; it has it.".to_owned(),
        (state::DEAD, _) => format!(
            "Given up after {} attempts; the last ended so: {last}. Mend the app, then have the event sent again.",
            delivery.attempts
        ),
        (_, None) => format!("The app {} is gone, so the event is sent to nobody.", delivery.app_id),
        (_, Some(to)) => waiting(found, to, connections, last),
    }
}

fn waiting(found: &Whole, to: &App, connections: usize, last: &str) -> String {
    let delivery = &found.delivery;
    let made = if delivery.attempts == 0 {
        "No attempt was made yet.".to_owned()
    } else {
        format!("Attempt {} failed: {last}. It is tried again.", delivery.attempts)
    };
    let missing = match to.delivery {
        Delivery::Webhook if to.url.is_none() => " The app has no request URL; give it one in the desk file.",
        Delivery::Webhook if to.url != to.url_verified => {
            " The app's request URL has not passed the URL check yet, which comes before the first event."
        }
        Delivery::LongConnection if connections == 0 => {
            " The app has no long connection to this server; what waits goes as soon as it connects."
        }
        Delivery::Webhook | Delivery::LongConnection => "",
    };
    format!("{made}{missing}")
}
