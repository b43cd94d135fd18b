//! One SQL text for SQLite and PostgreSQL, with group commit.
//!
//! The actors: callers hand a *body* to [`Db::write`] or [`Db::read`]; a body is a closure over a
//! [`Tx`] and runs on a database thread as one transaction. On SQLite one writer thread gathers
//! the bodies that wait into one commit, a few reader threads serve reads from snapshots, and one
//! thread copies the write-ahead log back into the database file. On PostgreSQL a set of worker
//! threads runs every body at SERIALIZABLE and runs it again when the server asks for that.
//!
//! What is guaranteed, on both:
//!
//! - `write` answers `Ok` only after the commit that covers the body is durable.
//! - A body that answers `Err`, panics, or had a statement fail (even if it swallowed the error)
//!   leaves nothing behind.
//! - Once a statement of a body failed, its later statements fail with the same error. PostgreSQL
//!   works like this anyway; doing the same on SQLite keeps the two from drifting apart.
//! - A body may run more than once, so it must not consume what it captured.
//! - Every queue is bounded: when one is full the caller gets [`DbError::Busy`] at once.
//! - Dropping the future of `write` does not cancel the body: it still runs, commits and fires
//!   its hooks.
//!
//! The portable subset: columns are `BIGINT`, `TEXT` or `BYTEA`; placeholders are `$1…` and first
//! appear in order; no `now()`, sequences, JSON or `LIKE`; sums are cast (`CAST(SUM(x) AS
//! BIGINT)`). The one PostgreSQL extra is [`Tx::SKIP_LOCKED`].
//!
//! Absent on purpose: asynchronous bodies, floating point, time stamps, an ORM.

mod db;
mod error;
mod job;
mod lite;
mod migrate;
mod news;
mod param;
mod pg;
mod queue;
mod row;
mod schema;
mod sql;
mod stats;
mod tx;
mod url;

pub use db::{Db, Kind, Options};
pub use error::DbError;
pub use migrate::Migration;
pub use news::News;
pub use param::Param;
pub use row::Row;
pub use schema::{Column, Table, tables};
pub use stats::Stats;
pub use tx::Tx;
pub use url::{DatabaseUrl, DatabaseUrlError};
