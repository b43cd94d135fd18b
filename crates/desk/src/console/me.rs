//! Who takes tickets: an agent's own status, and finding colleagues of a help desk.

use std::collections::HashMap;

use db::{DbError, Tx, params};

use super::{Seat, seat};
use crate::admin::{Place, Rights, Staff};
use crate::agent::schedule::Schedule;
use crate::agent::status;
use crate::directory::{Directory, Helpdesk, Role, json};
use crate::person::find::{Fit, Hit, Search};
use crate::{Cx, Refusal, agent, ticket};

/// An agent of a help desk, and how they work there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// `ou_…`
    pub open_id: String,
    /// Display name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
    /// The names of their skills, without the default one.
    pub skills: Vec<String>,
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

impl Work {
    /// Who is on duty comes first, then who is only outside of their hours.
    fn order(self) -> u8 {
        match self.status {
            status::ONLINE => 0,
            status::OFF_DUTY => 1,
            _ => 2,
        }
    }
}

/// Agents of a help desk who were found.
#[derive(Debug, Clone)]
pub struct Colleagues {
    /// Those to pick from: who is on duty first; of these who is called so, then who has most room.
    pub agents: Vec<Colleague>,
    /// Whether there are more than were asked for.
    pub has_more: bool,
}

/// Up to `size` agents of a help desk who have all words of `text` in their name, e-mail address or skills, by the rules by
/// which people are found anywhere ([`crate::person::find`]); without a word all are. A help desk has [`agent::AGENTS_MAX`] of them at most,
/// so they are looked through here, which their order needs.
pub fn colleagues(tx: &mut Tx<'_>, cx: &Cx, desk: &Helpdesk, text: &str, size: usize) -> Result<Colleagues, DbError> {
    let search = Search::of(text);
    let mut loads = ticket::open_by_agent(tx, desk)?;
    let members = agent::list(tx, desk)?;
    let colleague = |member: agent::Member| {
        let fit = search.as_ref().map_or(Some(Fit::Begins), |search| fit(search, &member))?;
        let work = Work {
            status: member.status(desk, cx.now),
            open_tickets: loads.remove(&member.user_id).unwrap_or(0),
            capacity: member.capacity,
        };
        let role = desk.role(&member.user_id).unwrap_or(Role::Agent);
        let skills = member.skills.into_iter().filter(|skill| !skill.is_default).map(|skill| skill.name).collect();
        Some((fit, Colleague { open_id: member.open_id, name: member.name, email: member.email, role, skills, work }))
    };
    let mut found: Vec<(Fit, Colleague)> = members.into_iter().filter(|m| !m.removed).filter_map(colleague).collect();
    found.sort_by(|(fit, a), (other_fit, b)| {
        let place = |fit: &Fit, c: &Colleague| (c.work.order(), *fit, c.work.open_tickets - c.work.capacity);
        place(fit, a).cmp(&place(other_fit, b)).then_with(|| (&a.name, &a.open_id).cmp(&(&b.name, &b.open_id)))
    });
    let has_more = found.len() > size;
    let agents = found.into_iter().take(size).map(|(_, colleague)| colleague).collect();
    Ok(Colleagues { agents, has_more })
}

fn fit(search: &Search, member: &agent::Member) -> Option<Fit> {
    let skills: Vec<&str> =
        member.skills.iter().filter(|skill| !skill.is_default).map(|skill| skill.name.as_str()).collect();
    let hit = Hit {
        user_id: member.user_id.clone(),
        open_id: member.open_id.clone(),
        name: member.name.clone(),
        email: member.email.clone(),
        has_password: false,
    };
    search.fit(&hit, &skills)
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
