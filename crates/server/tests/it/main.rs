//! The server over real HTTP, on both databases.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod answer_rules;
mod bot_message;
mod concurrency;
mod events;
mod guest;
mod notifications;
mod open_api;
mod plans;
mod tidy;
