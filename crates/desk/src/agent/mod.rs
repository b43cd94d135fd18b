//! Agents of a help desk: who takes tickets when.

mod change;
mod roster;
pub mod schedule;

use db::{DbError, Tx, params};

pub(crate) use change::leave;
pub use change::{Entry, Patch, add, appoint, patch, remove, set_status};
pub(crate) use roster::status_at;
pub use roster::{Member, get, list};

use crate::directory::{Helpdesk, json};
use schedule::Schedule;

/// Tickets an agent works on at a time unless the desk file says otherwise.
pub const CAPACITY_DEFAULT: i64 = 10;
/// Most tickets an agent can be made to work on at a time.
pub const CAPACITY_MAX: i64 = 1_000;
/// Most agents of a help desk.
pub const AGENTS_MAX: usize = 1_000;

/// States of an agent (reference: `agent_status`).
pub mod status {
    /// Takes tickets, within the schedule if there is one.
    pub const ONLINE: i64 = 1;
    /// Takes none, set by hand.
    pub const OFFLINE: i64 = 2;
    /// Online, but outside the schedule.
    pub const OFF_DUTY: i64 = 3;
    /// No agent any more.
    pub const REMOVED: i64 = 4;
}

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
pub fn on_duty(tx: &mut Tx<'_>, desk: &Helpdesk, now: i64) -> Result<Vec<OnDuty>, DbError> {
    let online = online(tx, desk)?;
    let mut found: Vec<OnDuty> = online
        .into_iter()
        .filter(|(_, schedule)| schedule.on_duty(&desk.timezone, now))
        .map(|(agent, _)| agent)
        .collect();
    // Here, because the databases order texts differently.
    found.sort_unstable_by(|a, b| a.user_id.cmp(&b.user_id));
    Ok(found)
}

/// Whether somebody is there for guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// Whether any agent is on duty.
    pub on_duty: bool,
    /// When that changes, Unix ms; none if it does not, or cannot be told.
    pub until: Option<i64>,
}

/// Whether any agent takes tickets at `now` (Unix ms), and until when that holds as agents and schedules are.
pub fn hours(tx: &mut Tx<'_>, desk: &Helpdesk, now: i64) -> Result<Hours, DbError> {
    let mut schedules: Vec<Schedule> = Vec::new();
    for (_, schedule) in online(tx, desk)? {
        // Agents mostly share a few schedules.
        if !schedules.contains(&schedule) {
            schedules.push(schedule);
        }
    }
    let (on_duty, until) = schedule::hours(&schedules, &desk.timezone, now);
    Ok(Hours { on_duty, until })
}

/// When a schedule next begins or ends after `now` (Unix ms) for any agent of this help desk who is online; `None`
/// without schedules.
pub fn next_change(tx: &mut Tx<'_>, desk: &Helpdesk, now: i64) -> Result<Option<i64>, DbError> {
    let online = online(tx, desk)?;
    Ok(online.iter().filter_map(|(_, schedule)| schedule.next_change(&desk.timezone, now)).min())
}

/// The agents who are online by hand, with their schedules: the transaction's own rows, not those of the directory.
fn online(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Vec<(OnDuty, Schedule)>, DbError> {
    tx.query(
        "SELECT user_id, capacity, schedule FROM agent
         WHERE tenant = $1 AND helpdesk_id = $2 AND status = 1 AND removed_at IS NULL",
        &params![&desk.tenant, desk.id],
        |row| Ok((OnDuty { user_id: row.string(0)?, capacity: row.int(1)? }, json(row.text(2)?)?)),
    )
}
