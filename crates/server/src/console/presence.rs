//! Which agents have a ticket open, and who types. In memory alone: a heartbeat says it again every few seconds, so nothing
//! is lost that does not come back. Servers on one `PostgreSQL` database tell each other.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use desk::console::find;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Code;

use super::{Asking, ticket_id};
use crate::admin::Visitor;
use crate::api::error::ApiError;
use crate::app::App;
use crate::clock::{Moment, Timers};
use crate::guest::{Body, Segment};
use crate::hub::Hub;

/// How long somebody is there after a heartbeat.
const THERE: Duration = Duration::from_secs(25);
/// How long somebody types after a heartbeat that said so.
const TYPES: Duration = Duration::from_secs(8);
/// How long an empty room is kept, so that every feed has seen that it is empty.
const EMPTY: Duration = Duration::from_mins(1);
/// Most tickets that are open somewhere.
const ROOMS_MAX: usize = 10_000;
/// Most agents in one ticket.
const PEOPLE_MAX: usize = 50;

/// Who is where, on all servers as far as this one knows. Clones share it.
#[derive(Debug, Clone)]
pub struct Presence {
    timers: Timers,
    inner: Arc<Mutex<Rooms>>,
}

#[derive(Debug, Default)]
struct Rooms {
    /// Grows with every change that is seen.
    revision: u64,
    by_ticket: HashMap<i64, Room>,
    /// The ticket of a chat that was last open.
    by_chat: HashMap<String, i64>,
    /// Nothing ends before this; none if nothing will.
    next_end: Option<Moment>,
}

#[derive(Debug)]
struct Room {
    helpdesk_id: i64,
    revision: u64,
    people: BTreeMap<String, Person>,
    emptied: Option<Moment>,
}

#[derive(Debug)]
struct Person {
    name: String,
    until: Moment,
    types_until: Option<Moment>,
}

/// An agent who has a ticket open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ConsolePresent")]
pub struct PresentOut {
    /// `ou_…`
    open_id: String,
    /// Display name.
    name: String,
    /// Whether they type.
    typing: bool,
}

/// Somebody's heartbeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// The help desk of the ticket.
    pub helpdesk_id: i64,
    /// The ticket.
    pub ticket_id: i64,
    /// Its chat.
    pub chat_id: String,
    /// Who has it open.
    pub open_id: String,
    /// Their name.
    pub name: String,
    /// Whether they do so still.
    pub viewing: bool,
    /// Whether they write to the guest.
    pub typing: bool,
}

const NEWS: &str = "presence";

impl Beat {
    /// As other servers are told it, in one line.
    fn told(&self) -> String {
        let doing = match (self.viewing, self.typing) {
            (true, true) => "types",
            (true, false) => "views",
            (false, _) => "left",
        };
        let name: String = self.name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let Self { helpdesk_id, ticket_id, chat_id, open_id, .. } = self;
        format!("{NEWS} {helpdesk_id} {ticket_id} {chat_id} {open_id} {doing} {name}")
    }

    /// What another server told; `None` if it is other news.
    pub fn heard(text: &str) -> Option<Self> {
        let mut words = text.splitn(7, ' ');
        if words.next()? != NEWS {
            return None;
        }
        let (helpdesk_id, ticket_id) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let (chat_id, open_id) = (words.next()?.to_owned(), words.next()?.to_owned());
        let (viewing, typing) = match words.next()? {
            "types" => (true, true),
            "views" => (true, false),
            _ => (false, false),
        };
        let name = words.next()?.to_owned();
        Some(Self { helpdesk_id, ticket_id, chat_id, open_id, name, viewing, typing })
    }
}

/// Since which revision somebody types to a guest, and their name.
pub type Typing = (u64, String);

impl Presence {
    /// Nobody is anywhere.
    pub fn new(timers: Timers) -> Self {
        Self { timers, inner: Arc::default() }
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        // A panic while the lock is held leaves whole rooms behind.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a heartbeat in; answers whether it found room. Wakes whoever is to see a change.
    pub fn beat(&self, hub: &Hub, beat: &Beat) -> bool {
        let now = self.timers.now();
        let mut rooms = self.rooms();
        rooms.expire(now);
        let full = rooms.by_ticket.len() >= ROOMS_MAX;
        let Some(room) = rooms.room(beat, full) else { return !beat.viewing };
        let typed_before = room.people.get(&beat.open_id).is_some_and(|person| person.types_until > Some(now));
        let was_there = room.people.contains_key(&beat.open_id);
        if beat.viewing {
            if !was_there && room.people.len() >= PEOPLE_MAX {
                return false;
            }
            let types_until = beat.typing.then_some(now + TYPES);
            let person = Person { name: beat.name.clone(), until: now + THERE, types_until };
            room.people.insert(beat.open_id.clone(), person);
        } else {
            room.people.remove(&beat.open_id);
        }
        room.emptied = room.people.is_empty().then_some(now);
        let end = room.next_end();
        let changed = was_there != beat.viewing || typed_before != beat.typing;
        // A guest is told again with each heartbeat, because what they see ends by itself.
        if changed || beat.typing {
            rooms.note(beat.ticket_id);
        }
        rooms.next_end = [rooms.next_end, end].into_iter().flatten().min();
        drop(rooms);
        if changed {
            hub.wake_desk(beat.helpdesk_id);
        }
        if beat.typing {
            hub.wake(&[desk::Effect::Chat { chat_id: beat.chat_id.clone() }]);
        }
        true
    }

    /// Who else has a ticket open, by open id.
    pub fn others(&self, ticket_id: i64, open_id: &str) -> Vec<PresentOut> {
        let now = self.timers.now();
        let mut rooms = self.rooms();
        rooms.expire(now);
        let room = rooms.by_ticket.get(&ticket_id);
        room.map(|room| room.shown(now, Some(open_id))).unwrap_or_default()
    }

    /// The tickets of these help desks in which something changed since a revision, with who is there, and the revision
    /// that this is.
    pub(super) fn since(&self, revision: u64, helpdesk_ids: &[i64]) -> (Vec<(i64, i64, Vec<PresentOut>)>, u64) {
        let now = self.timers.now();
        let mut rooms = self.rooms();
        rooms.expire(now);
        let new = rooms.by_ticket.iter().filter(|(_, room)| room.revision > revision);
        let theirs = new.filter(|(_, room)| helpdesk_ids.contains(&room.helpdesk_id));
        let mut found: Vec<_> =
            theirs.map(|(ticket_id, room)| (*ticket_id, room.helpdesk_id, room.shown(now, None))).collect();
        found.sort_unstable_by_key(|(ticket_id, ..)| *ticket_id);
        (found, rooms.revision)
    }

    /// Whether an agent types to the guest of a ticket, and since which change.
    pub fn typing(&self, chat_id: &str) -> Option<Typing> {
        let now = self.timers.now();
        let rooms = self.rooms();
        let room = rooms.by_ticket.get(rooms.by_chat.get(chat_id)?)?;
        let person = room.people.values().find(|person| person.types_until > Some(now))?;
        Some((room.revision, person.name.clone()))
    }
}

impl Rooms {
    /// The room of a ticket; none for who leaves one that is not there, and none if there is no place.
    fn room(&mut self, beat: &Beat, full: bool) -> Option<&mut Room> {
        if !self.by_ticket.contains_key(&beat.ticket_id) && (full || !beat.viewing) {
            return None;
        }
        self.by_chat.insert(beat.chat_id.clone(), beat.ticket_id);
        Some(self.by_ticket.entry(beat.ticket_id).or_insert_with(|| Room {
            helpdesk_id: beat.helpdesk_id,
            revision: 0,
            people: BTreeMap::new(),
            emptied: None,
        }))
    }

    fn note(&mut self, ticket_id: i64) {
        self.revision += 1;
        if let Some(room) = self.by_ticket.get_mut(&ticket_id) {
            room.revision = self.revision;
        }
    }

    /// Ends what nobody has said again. Looks through the rooms only when something may end.
    fn expire(&mut self, now: Moment) {
        if self.next_end.is_none_or(|end| end > now) {
            return;
        }
        let mut revision = self.revision;
        for room in self.by_ticket.values_mut() {
            let before = room.people.len();
            room.people.retain(|_, person| person.until > now);
            let mut changed = room.people.len() != before;
            for person in room.people.values_mut() {
                if person.types_until.is_some_and(|until| until <= now) {
                    person.types_until = None;
                    changed = true;
                }
            }
            if changed {
                revision += 1;
                room.revision = revision;
            }
            if room.people.is_empty() && room.emptied.is_none() {
                room.emptied = Some(now);
            }
        }
        self.revision = revision;
        let rooms = self.by_ticket.len();
        self.by_ticket.retain(|_, room| room.emptied.is_none_or(|at| at + EMPTY > now));
        if self.by_ticket.len() < rooms {
            let left = &self.by_ticket;
            self.by_chat.retain(|_, ticket_id| left.contains_key(ticket_id));
        }
        self.next_end = self.by_ticket.values().filter_map(Room::next_end).min();
    }
}

impl Room {
    /// When the next thing here ends.
    fn next_end(&self) -> Option<Moment> {
        let people = self.people.values().flat_map(|person| [Some(person.until), person.types_until]);
        people.chain([self.emptied.map(|at| at + EMPTY)]).flatten().min()
    }

    fn shown(&self, now: Moment, but: Option<&str>) -> Vec<PresentOut> {
        let others = self.people.iter().filter(|(open_id, _)| but != Some(open_id.as_str()));
        let out = |(open_id, person): (&String, &Person)| PresentOut {
            open_id: open_id.clone(),
            name: person.name.clone(),
            typing: person.types_until > Some(now),
        };
        others.map(out).collect()
    }
}

/// What somebody does with a ticket that is open on their screen.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsolePresence")]
pub struct Doing {
    /// Whether it is open; `false` when it is closed or left.
    viewing: Option<bool>,
    /// Whether they write to the guest, who is told. Not for private notes.
    typing: Option<bool>,
}

/// Who else is there.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsolePresentList")]
pub struct PresentList {
    /// Other agents who have the ticket open.
    present: Vec<PresentOut>,
}

/// `POST /console/v1/tickets/:ticket_id/presence`
pub async fn beat(
    State(app): State<App>,
    who: Visitor,
    Segment(id): Segment,
    Body(ask): Body<Doing>,
) -> Result<Json<PresentList>, ApiError> {
    let id = ticket_id(&id)?;
    let at = Asking::of(&app, who);
    let (open_id, name) = (at.staff.open_id.clone(), at.staff.name.clone());
    let (helpdesk_id, chat_id) = app
        .read(move |tx, _| {
            let (seat, ticket) = find(tx, &at.staff, &at.directory, id)?;
            Ok((seat.desk.id, ticket.chat_id))
        })
        .await?;
    let viewing = ask.viewing.unwrap_or(true);
    let typing = viewing && ask.typing.unwrap_or(false);
    let beat = Beat { helpdesk_id, ticket_id: id, chat_id, open_id, name, viewing, typing };
    if !app.presence().beat(app.hub(), &beat) {
        return Err(ApiError::new(Code::BUSY, "too many tickets are open on screens at once; try again later"));
    }
    app.db().tell([beat.told()]);
    Ok(Json(PresentList { present: app.presence().others(id, &beat.open_id) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::HeldNetwork;

    fn beat(open_id: &str, viewing: bool, typing: bool) -> Beat {
        let (chat_id, name) = ("oc_1".to_owned(), "Ada Lovelace".to_owned());
        Beat { helpdesk_id: 1, ticket_id: 7, chat_id, open_id: open_id.to_owned(), name, viewing, typing }
    }

    #[test]
    fn what_is_told_is_heard() {
        for (viewing, typing) in [(true, true), (true, false), (false, false)] {
            let told = beat("ou_a", viewing, typing);
            assert_eq!(Beat::heard(&told.told()), Some(told));
        }
        for other in ["chat oc_1", "presence", "presence x y z", ""] {
            assert_eq!(Beat::heard(other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn who_says_nothing_more_is_gone_after_a_while() {
        let held = HeldNetwork::default();
        let (presence, hub) = (Presence::new(held.timers()), Hub::default());
        assert!(presence.beat(&hub, &beat("ou_a", true, true)));
        assert!(presence.beat(&hub, &beat("ou_b", true, false)));
        let there = presence.others(7, "ou_b");
        assert_eq!((there.len(), there[0].typing), (1, true));
        let (changes, seen) = presence.since(0, &[1]);
        assert_eq!((changes.len(), changes[0].2.len()), (1, 2));
        assert!(presence.since(seen, &[1]).0.is_empty() && presence.since(0, &[2]).0.is_empty());
        assert!(presence.typing("oc_1").is_some());
        held.advance(TYPES);
        assert_eq!(presence.typing("oc_1"), None);
        let (changes, seen) = presence.since(seen, &[1]);
        assert!(changes[0].2.iter().all(|present| !present.typing));
        held.advance(THERE);
        let (changes, seen) = presence.since(seen, &[1]);
        assert_eq!((changes.len(), changes[0].2.len()), (1, 0));
        held.advance(EMPTY);
        assert!(presence.since(seen, &[1]).0.is_empty());
        assert!(presence.rooms().by_ticket.is_empty());
    }

    #[tokio::test]
    async fn rooms_are_looked_through_only_when_something_ends() {
        let held = HeldNetwork::default();
        let (presence, hub) = (Presence::new(held.timers()), Hub::default());
        let start = held.timers().now();
        let next = || presence.rooms().next_end;
        assert_eq!(next(), None);
        presence.beat(&hub, &beat("ou_a", true, true));
        presence.beat(&hub, &beat("ou_b", true, false));
        assert_eq!(next(), Some(start + TYPES));
        held.advance(TYPES);
        presence.others(7, "ou_b");
        assert_eq!(next(), Some(start + THERE));
        // Who is there still does not end then.
        presence.beat(&hub, &beat("ou_a", true, false));
        presence.beat(&hub, &beat("ou_b", true, false));
        held.advance(Duration::from_secs(17));
        presence.others(7, "ou_b");
        assert_eq!(next(), Some(start + TYPES + THERE));
        presence.beat(&hub, &beat("ou_a", false, false));
        presence.beat(&hub, &beat("ou_b", false, false));
        held.advance(TYPES);
        presence.others(7, "ou_b");
        assert_eq!(next(), Some(start + THERE + EMPTY));
        held.advance(EMPTY);
        presence.others(7, "ou_b");
        assert!(next().is_none() && presence.rooms().by_ticket.is_empty());
    }

    #[tokio::test]
    async fn there_is_an_end_to_how_many_are_kept() {
        let (presence, hub) = (Presence::new(Timers::real()), Hub::default());
        for i in 0..PEOPLE_MAX {
            assert!(presence.beat(&hub, &beat(&format!("ou_{i}"), true, false)));
        }
        assert!(!presence.beat(&hub, &beat("ou_more", true, false)));
        assert!(presence.beat(&hub, &beat("ou_0", true, true)), "who is there already may go on");
        assert!(presence.beat(&hub, &beat("ou_1", false, false)) && presence.beat(&hub, &beat("ou_more", true, false)));
        assert!(presence.beat(&hub, &beat("ou_unknown", false, false)), "leaving always works");
    }
}
