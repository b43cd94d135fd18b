//! Who takes which ticket: the queue of a help desk meets its agents.

use db::{DbError, Tx};

use crate::Cx;
use crate::directory::Helpdesk;

/// Brings the queue and the agents of a help desk together again after something changed: tickets of agents who are no
/// longer on duty go back into the queue, and queued ones go to agents who are free. Called in the transaction of the
/// change.
pub fn rebalance(_tx: &mut Tx<'_>, _cx: &mut Cx, _desk: &Helpdesk) -> Result<(), DbError> {
    Ok(())
}
