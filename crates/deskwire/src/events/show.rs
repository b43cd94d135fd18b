//! `deskwire events show`: one event as its app reads it.

use std::sync::Arc;

use desk::delivery::{self, Attempt, Whole};
use desk::directory;
use serde_json::Value;
use server::App;
use server::dev::deliveries::whole_json;
use server::push::curl;

use super::{id, tail};
use crate::cli::EventsShowArgs;
use crate::fail::Failure;
use crate::out;

/// Runs it.
pub async fn run(app: &App, args: &EventsShowArgs) -> Result<(), Failure> {
    let delivery_id = id(&args.delivery_id)?;
    let found = app.read(move |tx, _| Ok(delivery::get(tx, delivery_id)?));
    let none = || Failure::other(format!("no delivery {delivery_id}; `deskwire events list` prints their ids"));
    let whole = found.await?.ok_or_else(none)?;
    let to = app.directory().apps.get(&whole.delivery.app_id).map(Arc::clone);
    if args.json {
        return Ok(out::line(&rendered(whole_json(to.as_deref(), &whole, args.secrets))?.to_string())?);
    }
    let gone = || Failure::other(format!("app {} is gone, so nothing can be sent to it", whole.delivery.app_id));
    let to = to.ok_or_else(gone)?;
    if args.curl {
        let command = curl::command(&to, &whole.claim, args.secrets, app.ids(), app.now_ms());
        return Ok(out::line(&command.map_err(|error| Failure::other(error.to_string()))?)?);
    }
    let event = rendered(curl::event(&to, &whole.claim, args.secrets))?;
    print(&whole, &event, &to)
}

fn rendered<T>(made: Result<T, serde_json::Error>) -> Result<T, Failure> {
    made.map_err(|error| Failure::other(format!("the stored event cannot be read: {error}")))
}

fn print(whole: &Whole, event: &Value, to: &directory::App) -> Result<(), Failure> {
    let shown = &whole.delivery;
    out::line(&format!("delivery  {}", shown.delivery_id))?;
    out::line(&format!("event     {} of {}", shown.event_type, tail::time(shown.created_at)))?;
    let how = match (&to.url, to.encrypt_key.is_some()) {
        (Some(url), true) => format!("{url}, encrypted and signed"),
        (Some(url), false) => url.clone(),
        (None, _) => to.delivery.as_str().to_owned(),
    };
    out::line(&format!("to        {} ({how})", shown.app_id))?;
    let state = delivery::state_word(shown.state);
    let next = if state == "pending" { format!(", next attempt {}", tail::time(shown.next_at)) } else { String::new() };
    out::line(&format!("state     {state}{next}"))?;
    for attempt in &whole.attempts {
        let Attempt { attempt: number, at, duration_ms, outcome, .. } = attempt;
        out::line(&format!("attempt   {number}  {}  {duration_ms:>5} ms  {outcome}", tail::time(*at)))?;
    }
    let pretty = serde_json::to_string_pretty(event).map_err(|error| Failure::other(error.to_string()))?;
    Ok(out::line(&pretty)?)
}
