//! The server over real HTTP, on both databases.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod answer_rules;
mod concurrency;
mod events;
mod guest;
mod open_api;
mod openapi;
mod plans;
mod raw_http;
mod tidy;
