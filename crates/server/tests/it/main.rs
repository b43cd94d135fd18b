//! The server over real HTTP, on both databases.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests wait for a server, in real time")]

mod admin;
mod agents;
mod answer_rules;
mod audit;
mod bot_message;
mod calibration;
mod concurrency;
mod console;
mod contract;
mod deliveries;
mod developer_controls;
mod embeddings;
mod events;
mod faq_bin;
mod faq_files;
mod faq_history;
mod fields;
mod gaps;
mod gateway_order;
mod guest;
mod images;
mod index_memory;
mod learning;
mod long_connection;
mod network_times;
mod news;
mod notifications;
mod oauth;
mod open_api;
mod openapi;
mod outbox;
mod outcomes;
mod plans;
mod raw_http;
mod replay;
mod reports;
mod routing;
mod skills;
mod synonyms;
mod tickets;
mod tidy;
