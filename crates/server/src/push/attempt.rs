//! One attempt at a delivery, by whichever way its app gets events, and what is on record about it.

use std::time::Duration;

use desk::directory::{self, Delivery};
use desk::outbox::{self, Attempt, Claim};
use prometheus_client::metrics::gauge::Gauge;

use super::render;
use super::webhook::Addressee;
use super::worker::Pushing;
use crate::app::App;
use crate::dev::faults::{self, Lost};
use crate::dev::layer;
use crate::long_connection::deliver;

/// How long an app may take to acknowledge an event (reference: platform-protocol 5.5, 6.6). Network time.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// How a call of an app ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The app answered as it should.
    pub acknowledged: bool,
    /// The answer's status, if there was one; by long connection its code.
    pub http_status: Option<i64>,
    /// For people, without control characters: `200 in 12 ms`.
    pub text: String,
}

impl Outcome {
    /// There was no answer, because of `text`.
    pub fn failed(text: String) -> Self {
        Self { acknowledged: false, http_status: None, text }
    }
}

/// Makes an attempt.
pub(super) async fn attempt(pushing: &Pushing, to: &directory::App, claim: &Claim) -> Attempt {
    let (at, timers) = (pushing.app.now_ms(), pushing.app.clock().network());
    let began = timers.now();
    let in_flight = InFlight::new(pushing.app.metrics().deliveries_in_flight());
    let outcome = send(pushing, to, claim).await;
    drop(in_flight);
    let unconnected = outcome.is_none();
    let outcome = outcome.unwrap_or_else(|| Outcome::failed(outbox::NOT_CONNECTED.to_owned()));
    meter(&pushing.app, to.delivery, claim, outcome.acknowledged);
    let took = timers.since(began);
    pushing.app.metrics().attempt_took(to.delivery.as_str(), took);
    let duration_ms = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
    let Outcome { acknowledged, http_status, text } = outcome;
    Attempt { acknowledged, http_status, outcome: text, at, duration_ms, unconnected }
}

/// Sends it, with the developer's faults; `None` if the app is not connected.
async fn send(pushing: &Pushing, to: &directory::App, claim: &Claim) -> Option<Outcome> {
    let app = &pushing.app;
    let faults = app.controls().map(|controls| &controls.faults);
    let Some(trouble) = faults.and_then(|faults| faults.trouble("", faults::EVENTS, || layer::dice(app))) else {
        return send_once(pushing, to, claim).await;
    };
    app.clock().network().sleep(trouble.delay).await;
    if trouble.lost == Some(Lost::Request) {
        return Some(Outcome::failed("lost on the way, by a fault".to_owned()));
    }
    if let Some((status, _)) = trouble.answer {
        let text = format!("{status}, by a fault");
        return Some(Outcome { acknowledged: false, http_status: Some(status.into()), text });
    }
    if trouble.twice {
        send_once(pushing, to, claim).await?;
    }
    let outcome = send_once(pushing, to, claim).await;
    match trouble.lost {
        Some(Lost::Answer) => outcome.map(|_| Outcome::failed("the answer was lost, by a fault".to_owned())),
        _ => outcome,
    }
}

async fn send_once(pushing: &Pushing, to: &directory::App, claim: &Claim) -> Option<Outcome> {
    match to.delivery {
        Delivery::Webhook => Some(by_webhook(pushing, to, claim).await),
        Delivery::LongConnection => deliver::deliver(&pushing.app, to, claim).await,
    }
}

/// Counts an attempt as under way, also if it is cut off.
struct InFlight(Gauge);

impl InFlight {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

async fn by_webhook(pushing: &Pushing, to: &directory::App, claim: &Claim) -> Outcome {
    let Some(url) = to.url.clone() else { return Outcome::failed("the app has no request URL".to_owned()) };
    let addressee = addressee(to, url.clone());
    // Looked up anew: another delivery may have passed the check since this one was claimed.
    let proved =
        pushing.app.directory().apps.get(&to.app_id).is_some_and(|now| now.url_verified.as_ref() == Some(&url));
    if !proved {
        let checked = pushing.webhooks.check_url(&addressee, pushing.app.ids()).await;
        if !checked.acknowledged {
            return checked;
        }
        verified(&pushing.app, to, url).await;
    }
    match render::push(to, claim, pushing.app.ids(), pushing.app.now_ms()) {
        Ok(push) => pushing.webhooks.deliver(&addressee.url, push).await,
        Err(error) => Outcome::failed(format!("the stored event cannot be read: {error}")),
    }
}

fn addressee(to: &directory::App, url: String) -> Addressee {
    let verification_token = to.verification_token.clone().unwrap_or_default();
    Addressee { url, verification_token, encrypt_key: to.encrypt_key.clone() }
}

/// Makes the URL check of an app now, as before its first event, and notes it if it is passed. `None` while the server
/// starts.
pub(crate) async fn check_url(app: &App, to: &directory::App, url: String) -> Option<Outcome> {
    let outcome = app.webhooks()?.check_url(&addressee(to, url.clone()), app.ids()).await;
    if outcome.acknowledged {
        verified(app, to, url).await;
    }
    Some(outcome)
}

/// Notes a passed check. If that fails the next delivery just checks again.
async fn verified(app: &App, to: &directory::App, url: String) {
    let (tenant, app_id) = (to.tenant.clone(), to.app_id.clone());
    let noted = app.write(move |tx, cx| Ok(outbox::url_verified(tx, cx, &tenant, &app_id, &url)?));
    if let Err(refusal) = noted.await {
        tracing::warn!(app_id = to.app_id, %refusal, "a passed URL check could not be noted");
    }
}

/// Counts an attempt.
pub(super) fn meter(app: &App, delivery: Delivery, claim: &Claim, acknowledged: bool) {
    let metrics = app.metrics();
    let retries = i64::try_from(outbox::RETRY_AFTER_MS.len()).unwrap_or(i64::MAX);
    let outcome = match acknowledged {
        true => "acknowledged",
        false if claim.attempts - claim.resent_after < retries => "failed",
        false => "given_up",
    };
    metrics.delivered(delivery.as_str(), outcome);
    if acknowledged {
        let took_ms = app.now_ms().saturating_sub(claim.created_at);
        metrics.delivery_took(Duration::from_millis(u64::try_from(took_ms).unwrap_or(0)));
    }
}
