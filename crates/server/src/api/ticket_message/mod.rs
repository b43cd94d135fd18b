//! Messages of a ticket.

pub mod create;
pub mod list;
