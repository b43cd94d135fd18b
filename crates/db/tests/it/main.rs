//! Everything the crate promises, on SQLite and, where it applies, on PostgreSQL too.
//!
//! The PostgreSQL half needs a server: run the tests through `scripts/with-postgres`.

#[cfg(test)]
mod both;
#[cfg(test)]
mod closing;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod postgres_only;
#[cfg(test)]
mod process;
#[cfg(test)]
mod property;
#[cfg(test)]
mod sqlite_only;
#[cfg(test)]
mod support;
#[cfg(test)]
mod wal;
