//! Subscriptions.

use serde_json::json;

use crate::contract::sample::{At, FIELD, INVALID, Sample};

pub fn samples() -> Vec<Sample> {
    let sample = |id: &'static str| {
        Sample::new(id)
            .body(json!({"events": [
                {"type": "helpdesk.ticket_message", "subtype": "ticket_message.created_v1"},
                {"type": "helpdesk.ticket", "subtype": "ticket.updated_v1"}]}))
            .wrong(At::Body("events[1]"), json!({"type": "helpdesk.ticket", "subtype": "nonsense"}), &[INVALID])
            .wrong(At::Body("events[0]"), json!({"type": "nonsense", "subtype": "ticket.updated_v1"}), &[INVALID])
            .wrong(At::Body("events"), json!([]), &[INVALID, FIELD])
    };
    vec![sample("event.subscribe"), sample("event.unsubscribe")]
}
