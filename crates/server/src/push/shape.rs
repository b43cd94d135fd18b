//! Deliveries, attempts and connections as this server's own APIs show them.

use desk::delivery::{self, Attempt, Delivery};
use desk::ids;
use schemars::JsonSchema;
use serde::Serialize;

use crate::long_connection::live::{Failure, Shown};

/// An event on its way to an app.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventDelivery")]
pub struct DeliveryOut {
    /// Decimal id; grows with time.
    delivery_id: String,
    /// The addressee.
    app_id: String,
    /// Decimal id of the help desk where it happened.
    helpdesk_id: String,
    /// Such as `helpdesk.ticket.created_v1`.
    event_type: String,
    /// The id in the event's body, a UUID.
    event_id: String,
    /// The id in the event's header, 32 hex digits.
    header_event_id: String,
    /// Decimal id of the ticket it is about; `0` for none.
    ticket_id: String,
    /// `pending` waits for its next attempt, `delivered` was acknowledged, `dead` was given up.
    #[schemars(extend("enum" = ["pending", "delivered", "dead"]))]
    state: &'static str,
    /// Attempts made.
    attempts: i64,
    /// When the next attempt is due, or the one under way may be repeated, Unix ms.
    next_at: i64,
    /// When the event happened, Unix ms.
    created_at: i64,
    /// How the last attempt ended, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
}

impl From<&Delivery> for DeliveryOut {
    fn from(d: &Delivery) -> Self {
        Self {
            delivery_id: d.delivery_id.to_string(),
            app_id: d.app_id.clone(),
            helpdesk_id: d.helpdesk_id.to_string(),
            event_type: d.event_type.clone(),
            event_id: d.event_id.clone(),
            header_event_id: ids::header_event_id(&d.event_id),
            ticket_id: d.ticket_id.to_string(),
            state: delivery::state_word(d.state),
            attempts: d.attempts,
            next_at: d.next_at,
            created_at: d.created_at,
            outcome: d.outcome.clone(),
        }
    }
}

/// An attempt at a delivery.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventAttempt")]
pub struct AttemptOut {
    /// The first is 1.
    attempt: i64,
    /// When it began, Unix ms.
    at: i64,
    /// How long it took, in ms.
    duration_ms: i64,
    /// The answer's HTTP status, or its code by long connection, if there was an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<i64>,
    /// How it ended, for people: the answer or the error.
    outcome: String,
}

impl From<&Attempt> for AttemptOut {
    fn from(a: &Attempt) -> Self {
        Self {
            attempt: a.attempt,
            at: a.at,
            duration_ms: a.duration_ms,
            http_status: a.http_status,
            outcome: a.outcome.clone(),
        }
    }
}

/// A long connection that is open.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LongConnection")]
pub struct ConnectionOut {
    /// Its id, as its client knows it.
    device_id: String,
    /// Whose it is.
    app_id: String,
    /// Address and port of the other side; a proxy's, if there is one.
    peer: String,
    /// The client's own words, such as the name and version of an SDK.
    user_agent: String,
    /// Since when, Unix ms.
    since: i64,
    /// When its client last pinged, Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_ping: Option<i64>,
    /// Events sent and not answered yet.
    in_flight: usize,
    /// What last went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure: Option<FailureOut>,
}

/// What went wrong on a connection.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConnectionFailure")]
struct FailureOut {
    /// When, Unix ms.
    at: i64,
    /// For people.
    text: String,
}

impl From<&Shown> for ConnectionOut {
    fn from(shown: &Shown) -> Self {
        let connection = &shown.connection;
        let failure = |failure: &Failure| FailureOut { at: failure.at, text: failure.text.clone() };
        Self {
            device_id: connection.device_id.to_string(),
            app_id: connection.app_id.clone(),
            peer: connection.peer.clone(),
            user_agent: connection.user_agent.clone(),
            since: connection.since,
            last_ping: shown.last_ping,
            in_flight: shown.in_flight,
            last_failure: shown.last_failure.as_ref().map(failure),
        }
    }
}
