//! The desk file: what a help desk should look like, as text.
//!
//! [`parse()`] reads YAML or JSON into [`types::DeskFile`], [`prepare()`] finds every mistake before anything is written
//! and does the slow hashing, [`apply()`] makes the database match in one transaction, [`export()`] writes a file of what
//! is there.
//!
//! What a file names is created or changed. A key that is left out leaves what it would say as it is, whole lists
//! included. What an earlier file made (`managed = 1`) is removed once a file still has the list but no longer the
//! entry; what was made by hand or through the API is never removed, and tickets are never touched.

mod apply;
mod check;
mod export;
mod known;
mod parse;
mod pictures;
mod prepare;
mod report;
mod rules;
pub mod types;

#[cfg(test)]
mod tests;

pub use apply::{Stop, apply, put, put_app, put_helpdesk, put_user, rehearse, take_app, take_user};
pub use check::check;
pub use export::export;
pub use known::Known;
pub use parse::{Fault, Format, parse};
pub use pictures::load_pictures;
pub use prepare::{Prepared, prepare};
pub use report::{Action, Change, Made, Report};
pub use types::DeskFile;

/// The JSON Schema of a desk file, made from the types.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(DeskFile).to_value()
}
