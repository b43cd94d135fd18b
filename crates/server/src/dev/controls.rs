//! What the developer controls keep in memory.

use std::sync::OnceLock;

use desk::snapshot::Snapshot;

use super::faults::Faults;
use super::requests::Calls;

/// See the module.
#[derive(Debug, Default)]
pub struct Controls {
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// The calls that came in.
    pub calls: Calls,
    /// How everything was after the start.
    pub start: OnceLock<Snapshot>,
    /// What the developer was told at the start, names and values.
    pub credentials: OnceLock<Vec<(String, String)>>,
}
