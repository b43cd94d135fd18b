//! The server over real HTTP, on both databases.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod answer_rules;
mod concurrency;
mod events;
mod guest;
mod long_connection;
mod open_api;
mod plans;
mod tidy;
