//! Who may take a ticket now, and whose turn it is.

use std::collections::HashMap;

use db::{DbError, Tx, params};

use super::state::status;
use crate::directory::Helpdesk;
use crate::{Cx, agent};

/// The agents on duty with their room for more tickets, at one moment of one transaction.
pub(super) struct Roster {
    agents: Vec<Entry>,
    /// User ids of those who are not on duty but have a ticket that waits for their word.
    pub absent: Vec<String>,
}

struct Entry {
    user_id: String,
    room: i64,
    /// Grows with every ticket given; the smallest is next.
    given: i64,
}

impl Roster {
    /// The roster at `now` (Unix ms). Every open ticket takes room, one on hold too.
    pub fn now(tx: &mut Tx<'_>, desk: &Helpdesk, now: i64) -> Result<Self, DbError> {
        let on_duty = agent::on_duty(tx, desk, now)?;
        let mut load: HashMap<String, i64> = HashMap::new();
        let mut absent = Vec::new();
        for (user_id, status, count) in loads(tx, desk)? {
            *load.entry(user_id.clone()).or_default() += count;
            let waits = matches!(status, status::CREATED | status::PROCESSING);
            if waits && !absent.contains(&user_id) && !on_duty.iter().any(|a| a.user_id == user_id) {
                absent.push(user_id);
            }
        }
        let turns = turns(tx, desk)?;
        let agents = on_duty.into_iter().map(|agent| Entry {
            room: agent.capacity - load.get(&agent.user_id).copied().unwrap_or(0),
            given: turns.get(&agent.user_id).copied().unwrap_or(0),
            user_id: agent.user_id,
        });
        Ok(Self { agents: agents.collect(), absent })
    }

    /// Whether anybody has room for a ticket.
    pub fn has_room(&self) -> bool {
        self.agents.iter().any(|agent| agent.room > 0)
    }

    /// Whose turn it is among those who fit (all, if `None`): who has room and got no ticket for the longest time; of
    /// equals the first by user id.
    pub fn next(&self, fitting: Option<&[String]>) -> Option<&str> {
        let fits = |user_id: &String| fitting.is_none_or(|ids| ids.contains(user_id));
        let free = self.agents.iter().filter(|agent| agent.room > 0 && fits(&agent.user_id));
        free.min_by(|a, b| (a.given, &a.user_id).cmp(&(b.given, &b.user_id))).map(|agent| agent.user_id.as_str())
    }

    /// Notes that this agent got a ticket.
    pub fn gave(&mut self, tx: &mut Tx<'_>, cx: &Cx, desk: &Helpdesk, user_id: &str) -> Result<(), DbError> {
        let given = took_turn(tx, cx, desk, user_id)?;
        for agent in self.agents.iter_mut().filter(|agent| agent.user_id == user_id) {
            agent.room -= 1;
            agent.given = given;
        }
        Ok(())
    }
}

/// Notes that an agent got a ticket, by routing or otherwise; others are next in turn.
pub(super) fn took_turn(tx: &mut Tx<'_>, cx: &Cx, desk: &Helpdesk, user_id: &str) -> Result<i64, DbError> {
    // An id grows even while the clock stands still, so tickets given within a millisecond go round as well.
    let given = cx.ids.decimal(cx.now);
    tx.execute(
        "INSERT INTO agent_turn (tenant, helpdesk_id, user_id, given) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant, helpdesk_id, user_id) DO UPDATE SET given = excluded.given",
        &params![&desk.tenant, desk.id, user_id, given],
    )?;
    Ok(given)
}

/// How many open tickets each agent has, by user id; who has none is left out.
pub fn open_by_agent(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<HashMap<String, i64>, DbError> {
    let mut open: HashMap<String, i64> = HashMap::new();
    for (user_id, _, count) in loads(tx, desk)? {
        *open.entry(user_id).or_default() += count;
    }
    Ok(open)
}

/// Open tickets by agent and status.
fn loads(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Vec<(String, i64, i64)>, DbError> {
    tx.query(
        "SELECT owner, status, COUNT(*) FROM ticket
         WHERE tenant = $1 AND helpdesk_id = $2 AND owner IS NOT NULL AND status < 50
         GROUP BY owner, status ORDER BY owner, status",
        &params![&desk.tenant, desk.id],
        |row| Ok((row.string(0)?, row.int(1)?, row.int(2)?)),
    )
}

fn turns(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<HashMap<String, i64>, DbError> {
    let turns = tx.query(
        "SELECT user_id, given FROM agent_turn WHERE tenant = $1 AND helpdesk_id = $2",
        &params![&desk.tenant, desk.id],
        |row| Ok((row.string(0)?, row.int(1)?)),
    )?;
    Ok(turns.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster(agents: &[(&str, i64, i64)]) -> Roster {
        let entry = |&(id, room, given): &(&str, i64, i64)| Entry { user_id: id.into(), room, given };
        Roster { agents: agents.iter().map(entry).collect(), absent: Vec::new() }
    }

    #[test]
    fn the_longest_idle_agent_with_room_who_fits_is_next() {
        let roster = roster(&[("a", 1, 30), ("b", 0, 0), ("c", 2, 10), ("d", 1, 10)]);
        assert_eq!(roster.next(None), Some("c"));
        assert_eq!(roster.next(Some(&["a".into(), "b".into()])), Some("a"));
        assert_eq!(roster.next(Some(&["b".into()])), None);
        assert!(roster.has_room());
    }
}
