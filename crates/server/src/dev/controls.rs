//! What the developer controls keep in memory.

use std::sync::OnceLock;

use desk::snapshot::Snapshot;

use super::faults::Faults;
use crate::inspector::calls::Calls;

/// See the module.
#[derive(Debug)]
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

impl Default for Controls {
    fn default() -> Self {
        let (start, credentials) = (OnceLock::new(), OnceLock::new());
        Self { faults: Faults::default(), calls: Calls::roomy(), start, credentials }
    }
}
