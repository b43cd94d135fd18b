//! Who takes tickets: an agent's own status, and the colleagues of a help desk.

use std::collections::HashMap;

use db::{DbError, Tx, params};

use super::{Seat, seat};
use crate::admin::{Rights, Staff};
use crate::directory::{Directory, Helpdesk, Role};
use crate::{Cx, Refusal, agent};

/// An agent of a help desk and their work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// `ou_…`
    pub open_id: String,
    /// Display name.
    pub name: String,
    /// What they may do.
    pub role: Role,
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
            status: member.status(desk, cx.now),
            open_tickets: loads.get(&member.user_id).copied().unwrap_or(0),
            capacity: *capacities.get(&member.user_id)?,
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
    pub work: Option<Colleague>,
}

/// All help desks of somebody.
pub fn desks(tx: &mut Tx<'_>, cx: &Cx, staff: &Staff, directory: &Directory) -> Result<Vec<Desk>, Refusal> {
    let mut desks = Vec::new();
    for place in staff.places(directory) {
        let seat = seat(staff, directory, place.desk.id)?;
        let colleagues = if seat.is_agent { colleagues(tx, cx, &seat.desk)? } else { Vec::new() };
        let work = colleagues.into_iter().find(|colleague| colleague.open_id == staff.open_id);
        desks.push(Desk { seat, rights: place.rights, work });
    }
    Ok(desks)
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
        let ids = staff.places(directory).into_iter().map(|place| place.desk.id);
        ids.map(|id| seat(staff, directory, id)).collect::<Result<Vec<_>, _>>()?
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
