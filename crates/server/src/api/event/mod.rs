//! Subscriptions to events of a help desk.

pub mod subscribe;
pub mod unsubscribe;

use desk::event::{TYPES, subscribed_type};
use wire::event::Subscription;

use crate::api::ApiError;

/// The event types that the items name; each is named once.
fn types(items: &[Subscription]) -> Result<Vec<&'static str>, ApiError> {
    let mut types = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let known = subscribed_type(&item.r#type, &item.subtype).ok_or_else(|| {
            let why = format!(
                "type {:?} with subtype {:?} is no event; events are {TYPES:?}, such as type helpdesk.ticket_message \
                 with subtype ticket_message.created_v1",
                item.r#type, item.subtype
            );
            ApiError::invalid(format!("events[{i}]"), why)
        })?;
        if !types.contains(&known) {
            types.push(known);
        }
    }
    if types.is_empty() {
        return Err(ApiError::invalid("events", "must name at least one event"));
    }
    Ok(types)
}
