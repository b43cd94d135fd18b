//! Agents with their schedules, several at a time.

pub mod create;
pub mod list;
