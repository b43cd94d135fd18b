//! The console: what agents see of tickets, and what they write that guests never see. What they do with tickets is in
//! [`crate::ticket::act`].

pub mod canned;
pub mod conversation;
pub mod deliveries;
pub mod draft;
pub mod entry;
pub mod inbox;
pub mod me;
pub mod news;
pub mod note;
pub mod saved;
pub mod search;
pub mod view;

use std::sync::Arc;

use db::Tx;

use crate::admin::{Place, Staff};
use crate::directory::{Directory, Helpdesk};
use crate::ticket::act::{self, Act, Acted};
use crate::ticket::{self, Ticket};
use crate::{Cx, Kind, Refusal, timeline};

/// Most help desks that are looked through at once.
pub const DESKS_MAX: usize = 50;

/// Where somebody works: a help desk as it is for them.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The help desk; an administrator of the tenant is among its agents here, as an owner.
    pub desk: Arc<Helpdesk>,
    /// Whether they are its agent, who takes tickets.
    pub is_agent: bool,
}

impl Seat {
    /// Somebody's seat at a help desk that they have to do with.
    pub(crate) fn at(staff: &Staff, place: &Place) -> Self {
        Self { is_agent: place.desk.role(&staff.user_id).is_some(), desk: staff.as_it_is_for_them(place) }
    }
}

/// A help desk that somebody has to do with.
pub fn seat(staff: &Staff, directory: &Directory, helpdesk_id: i64) -> Result<Seat, Refusal> {
    let place = staff.place(directory, helpdesk_id);
    let place = place.ok_or_else(|| Refusal::not_found(Kind::Helpdesk, helpdesk_id))?;
    Ok(Seat::at(staff, &place))
}

/// The help desks that are looked through: all that somebody has to do with, or the one they name. Who has more than
/// [`DESKS_MAX`] has to name one.
pub fn seats(staff: &Staff, directory: &Directory, helpdesk_id: Option<i64>) -> Result<Vec<Seat>, Refusal> {
    if let Some(id) = helpdesk_id {
        return Ok(vec![seat(staff, directory, id)?]);
    }
    let places = staff.places(directory);
    if places.len() > DESKS_MAX {
        let why = format!("must be given: you have to do with {} help desks, {DESKS_MAX} go at once", places.len());
        return Err(Refusal::invalid("helpdesk_id", why));
    }
    Ok(places.iter().map(|place| Seat::at(staff, place)).collect())
}

/// The ticket with this id where somebody has to do with its help desk; another's is not there for them.
pub fn find(tx: &mut Tx<'_>, staff: &Staff, directory: &Directory, ticket_id: i64) -> Result<(Seat, Ticket), Refusal> {
    let unknown = || Refusal::not_found(Kind::Ticket, ticket_id);
    let helpdesk_id = timeline::helpdesk_of(tx, &staff.tenant, ticket_id)?.ok_or_else(unknown)?;
    let seat = seat(staff, directory, helpdesk_id).map_err(|_| unknown())?;
    let ticket = ticket::get(tx, &seat.desk, ticket_id)?;
    Ok((seat, ticket))
}

/// What somebody may do with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct May {
    /// Reply and act.
    pub act: bool,
    /// Take it.
    pub take: bool,
}

/// What somebody may do with a ticket as it stands.
pub fn may(tx: &mut Tx<'_>, staff: &Staff, seat: &Seat, ticket: &Ticket) -> Result<May, Refusal> {
    let at_work = ticket.state.is_open() && ticket.state.stage == ticket::state::stage::HUMAN;
    let access = match ticket::require_access(tx, &seat.desk, ticket, &staff.user_id) {
        Ok(()) => true,
        Err(Refusal::Forbidden(_)) => false,
        Err(other) => return Err(other),
    };
    Ok(May { act: at_work && access, take: at_work && seat.is_agent && ticket.owner.is_none() })
}

/// Has somebody act on a ticket, by the rules of [`act::act`]. Only agents take tickets: what an administrator of the tenant
/// took would go back into the queue, because they are never on duty.
pub fn act(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    staff: &Staff,
    directory: &Directory,
    ticket_id: i64,
    act: &Act,
) -> Result<Acted, Refusal> {
    let (seat, _) = find(tx, staff, directory, ticket_id)?;
    if *act == Act::Take && !seat.is_agent {
        let why = "only agents of the help desk take tickets; transfer it to one, or become one";
        return Err(Refusal::Forbidden(why.to_owned()));
    }
    act::act(tx, cx, &seat.desk, &staff.user_id, ticket_id, act)
}
