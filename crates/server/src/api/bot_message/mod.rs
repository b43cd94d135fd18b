//! Messages of the help desk's bot outside of tickets.

pub mod create;
