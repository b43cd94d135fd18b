//! The server: HTTP, gateway, endpoints, guest API, event delivery, pages.
//!
//! A request passes [`front`] (log id, panics), the router, and for the open API [`api::gateway`] (token, scope, help
//! desk, limits, decoding) before it reaches its endpoint file. Everything shared is in [`app::App`].

mod admin;
mod answering;
pub mod api;
pub mod app;
mod approval;
pub mod audit;
pub mod auth;
mod calibrating;
pub mod clock;
mod console;
pub mod dev;
pub mod embedding;
pub mod engine;
pub mod explain;
mod faq_file;
pub mod front;
pub mod gaps;
mod guest;
pub mod health;
mod http_client;
pub mod hub;
mod indexing;
pub mod inspector;
mod learning;
mod lease;
pub mod limits;
pub mod log_id;
pub mod login;
pub mod long_connection;
pub mod master_key;
pub mod metrics;
mod notifications;
mod oauth;
pub mod openapi;
pub mod pages;
mod peer;
pub mod push;
mod recycle_bin;
pub mod replay;
pub mod router;
mod routing;
pub mod run;
mod serve;
pub mod settings;
mod sse;
pub mod synonyms;
mod unread;
mod web;
pub mod workers;

pub use app::App;
pub use run::{Running, Server, StartError};
