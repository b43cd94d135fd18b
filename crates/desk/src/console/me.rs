//! Who takes tickets: an agent's own status, and the colleagues of a help desk.

use std::collections::HashMap;

use db::{DbError, Tx, params};

use super::{Seat, seat};
use crate::admin::{Place, Rights, Staff};
use crate::agent::schedule::Schedule;
use crate::directory::{Directory, Helpdesk, Role, json};
use crate::{Cx, Refusal, agent};

/// An agent of a help desk, and how they work there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// `ou_…`
    pub open_id: String,
    /// Display name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their work.
    pub work: Work,
}

/// How an agent works at a help desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// 1 online, 2 offline, 3 online but outside of the schedule.
    pub status: i64,
    /// Open tickets that they have.
    pub open_tickets: i64,
    /// How many they work on at a time.
    pub capacity: i64,
}

/// The agents of a help desk, in the order in which they came.
pub fn colleagues(tx: &mut Tx<'_>, cx: &Cx, desk: &Helpdesk) -> Result<Vec<Colleague>, DbError> {
    let capacities: HashMap<String, i64> = tx
        .query(
            "SELECT user_id, capacity FROM agent WHERE tenant = $1 AND helpdesk_id = $2 AND removed_at IS NULL",
            &params![&desk.tenant, desk.id],
            |row| Ok((row.string(0)?, row.int(1)?)),
        )?
        .into_iter()
        .collect();
    let loads: HashMap<String, i64> = tx
        .query(
            "SELECT owner, COUNT(*) FROM ticket
             WHERE tenant = $1 AND helpdesk_id = $2 AND owner IS NOT NULL AND status < 50 GROUP BY owner",
            &params![&desk.tenant, desk.id],
            |row| Ok((row.string(0)?, row.int(1)?)),
        )?
        .into_iter()
        .collect();
    let members = agent::list(tx, desk)?;
    let colleague = |member: &agent::Member| {
        Some(Colleague {
            open_id: member.open_id.clone(),
            name: member.name.clone(),
            role: desk.role(&member.user_id).unwrap_or(Role::Agent),
            work: Work {
                status: member.status(desk, cx.now),
                open_tickets: loads.get(&member.user_id).copied().unwrap_or(0),
                capacity: *capacities.get(&member.user_id)?,
            },
        })
    };
    Ok(members.iter().filter(|member| !member.removed).filter_map(colleague).collect())
}

/// A help desk of somebody, and how they work there; none where they are no agent.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The help desk.
    pub seat: Seat,
    /// What they may see of it.
    pub rights: Rights,
    /// Their work.
    pub work: Option<Work>,
}

/// All help desks of somebody.
pub fn desks(tx: &mut Tx<'_>, cx: &Cx, staff: &Staff, directory: &Directory) -> Result<Vec<Desk>, DbError> {
    let mut own = own_rows(tx, staff)?;
    let desk = |place: Place| {
        let work = own.remove(&place.desk.id).map(|row| Work {
            status: agent::status_at(row.status, &row.schedule, &place.desk, cx.now),
            open_tickets: row.open_tickets,
            capacity: row.capacity,
        });
        let seat = Seat::at(staff, &place);
        Desk { work: work.filter(|_| seat.is_agent), rights: place.rights, seat }
    };
    Ok(staff.places(directory).into_iter().map(desk).collect())
}

/// Somebody as an agent of a help desk.
struct OwnRow {
    status: i64,
    schedule: Schedule,
    capacity: i64,
    open_tickets: i64,
}

/// Somebody's rows as an agent, by help desk.
fn own_rows(tx: &mut Tx<'_>, staff: &Staff) -> Result<HashMap<i64, OwnRow>, DbError> {
    let rows = tx.query(
        "SELECT a.helpdesk_id, a.status, a.schedule, a.capacity,
                (SELECT COUNT(*) FROM ticket t
                 WHERE t.tenant = a.tenant AND t.helpdesk_id = a.helpdesk_id AND t.owner = a.user_id
                   AND t.owner IS NOT NULL AND t.status < 50)
         FROM agent a WHERE a.tenant = $1 AND a.user_id = $2 AND a.removed_at IS NULL",
        &params![&staff.tenant, &staff.user_id],
        |row| {
            let schedule = json(row.text(2)?)?;
            let (status, capacity, open_tickets) = (row.int(1)?, row.int(3)?, row.int(4)?);
            Ok((row.int(0)?, OwnRow { status, schedule, capacity, open_tickets }))
        },
    )?;
    Ok(rows.into_iter().collect())
}

/// Sets somebody online or offline, where they are an agent: everywhere, or in the help desk they name.
pub fn set_status(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    staff: &Staff,
    directory: &Directory,
    helpdesk_id: Option<i64>,
    status: i64,
) -> Result<(), Refusal> {
    let mut seats = if let Some(id) = helpdesk_id {
        vec![seat(staff, directory, id)?]
    } else {
        staff.places(directory).iter().map(|place| Seat::at(staff, place)).collect()
    };
    seats.retain(|seat| seat.is_agent);
    if seats.is_empty() {
        return Err(Refusal::Forbidden("you are no agent here, so you take no tickets".to_owned()));
    }
    for seat in seats {
        agent::set_status(tx, cx, &seat.desk, &staff.user_id, &staff.open_id, status)?;
    }
    Ok(())
}
