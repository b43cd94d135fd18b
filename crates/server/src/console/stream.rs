//! What changes in somebody's help desks, as server-sent events, resumable by `Last-Event-ID`.
//!
//! A change is told as soon as it is committed. Ids are made before commits, so one with a smaller id may come to light
//! later; every look therefore goes back for as long as transactions take and leaves out what it has told already.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use db::{DbError, Tx};
use desk::admin::session;
use desk::console::news::{self, Change};
use desk::console::{Seat, entry, seats};
use desk::directory::Directory;
use desk::{Refusal, ids};
use futures_util::Stream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Code;

use super::presence::PresentOut;
use super::shape::EntryOut;
use super::{Asking, me};
use crate::admin::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::optional_number;
use crate::app::App;
use crate::hub::DeskWatch;
use crate::sse::{self, Ended, Source};

/// How many streams a person has at a time.
const OF_PERSON_MAX: usize = 10;
/// How many streams a server has at a time.
const STREAMS_MAX: usize = 256;
/// How many tickets are told in one go.
const AT_ONCE: usize = 100;
/// How often a stream looks by itself, for what it was not woken for.
const FLOOR: Duration = Duration::from_secs(5);
/// The shortest time between two looks, so that a busy desk is not read for every message of it.
const PAUSE: Duration = Duration::from_millis(100);

/// Who has how many streams on this server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Streams(Arc<Mutex<HashMap<(String, String), usize>>>);

/// A stream's place; dropping it makes room.
struct Place {
    streams: Streams,
    person: (String, String),
}

impl Streams {
    fn take(&self, person: (String, String)) -> Result<Place, ApiError> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = taken.values().sum();
        let own = taken.get(&person).copied().unwrap_or(0);
        if own >= OF_PERSON_MAX {
            let why = format!("you have {OF_PERSON_MAX} streams open already; close one");
            return Err(ApiError::new(Code::BUSY, why));
        }
        if all >= STREAMS_MAX {
            let why = format!("{STREAMS_MAX} streams are open on this server already; try later");
            return Err(ApiError::new(Code::BUSY, why));
        }
        taken.insert(person.clone(), own + 1);
        drop(taken);
        Ok(Place { streams: self.clone(), person })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.person) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                taken.remove(&self.person);
            }
        }
    }
}

/// What a stream is about.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsoleAskStream")]
pub struct AskStream {
    /// Only this help desk: decimal id. Who has more than 50 help desks has to name one.
    helpdesk_id: Option<String>,
}

struct Changes {
    app: App,
    token: String,
    helpdesk_id: Option<i64>,
    watch: DeskWatch,
    place_in: PlaceIn,
    /// The presence that was told.
    present: u64,
    /// What the person was told of themselves, and in which directory.
    me: Option<(u64, String)>,
    _place: Place,
}

/// `GET /console/v1/stream`. A client that reads too slowly gets its events later, from the database; nothing is queued for
/// it in memory but one page.
pub async fn stream(
    State(app): State<App>,
    who: Visitor,
    headers: HeaderMap,
    Asked(ask): Asked<AskStream>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let helpdesk_id = optional_number("helpdesk_id", ask.helpdesk_id.as_deref())?;
    let known = match headers.get("last-event-id") {
        None => ids::floor_at(app.now_ms()),
        Some(id) => {
            let id = id.to_str().ok().and_then(|id| ids::parse(id.trim()));
            id.ok_or_else(|| ApiError::invalid("Last-Event-ID", "must be the id of the last event received"))?
        }
    };
    let token = who.token.clone();
    let at = Asking::of(&app, who);
    let desks = seats(&at.staff, &at.directory, helpdesk_id)?;
    let place = app.streams().take((at.staff.tenant.clone(), at.staff.user_id.clone()))?;
    let watch = app.hub().watch_desks(ids_of(&desks));
    let place_in = PlaceIn::after(known);
    let source = Changes { app: app.clone(), token, helpdesk_id, watch, place_in, present: 0, me: None, _place: place };
    Ok(sse::feed(app, source))
}

fn ids_of(seats: &[Seat]) -> Vec<i64> {
    seats.iter().map(|seat| seat.desk.id).collect()
}

/// What a look found.
struct Found {
    desks: Vec<i64>,
    look: Look,
    tickets: Vec<(i64, EntryOut)>,
    me: Option<me::Me>,
}

impl Source for Changes {
    async fn look(&mut self) -> Result<Vec<Event>, Ended> {
        let directory = Arc::clone(&self.app.directory());
        let found = self.found(&directory).await.map_err(|refusal| {
            // Signed out, or no longer allowed: resuming tells the client.
            if let Refusal::Db(error) = refusal {
                tracing::warn!(%error, "a console's stream ended; the client resumes");
            }
            Ended
        })?;
        if found.desks != self.watch.ids() {
            self.watch = self.app.hub().watch_desks(found.desks);
        }
        let mut events = Vec::new();
        if let Some(me) = found.me {
            let data = json(&me);
            let is_news = self.me.as_ref().is_none_or(|(_, told)| *told != data);
            self.me = Some((revision(&directory), data.clone()));
            events.extend(is_news.then(|| Event::default().event("me").data(data)));
        }
        self.place_in.told(&found.look, ids::floor_at(self.app.now_ms()));
        for (changed, ticket) in found.tickets {
            let data = json(&TicketChange { ticket: &ticket });
            events.push(Event::default().id(changed.to_string()).event("ticket").data(data));
        }
        events.extend(self.presence());
        Ok(events)
    }

    async fn news(&mut self) {
        let timers = self.app.clock().network();
        if self.place_in.next.is_some() {
            return;
        }
        tokio::select! {
            () = self.watch.changed() => timers.sleep(PAUSE).await,
            () = timers.sleep(FLOOR) => {}
        }
    }
}

/// A directory's version, as a number that only compares.
fn revision(directory: &Directory) -> u64 {
    u64::try_from(directory.version).unwrap_or(0)
}

impl Changes {
    /// What changed since the last look, and is theirs.
    async fn found(&self, directory: &Arc<Directory>) -> Result<Found, Refusal> {
        let (directory, token, only) = (Arc::clone(directory), self.token.clone(), self.helpdesk_id);
        let (from, told) = (self.place_in.from(), self.place_in.told.clone());
        let tell_me = self.me.as_ref().is_none_or(|(version, _)| *version != revision(&directory));
        self.app
            .read(move |tx, cx| {
                let session = session::find(tx, cx, &token)?;
                let session = session.ok_or_else(|| Refusal::Forbidden("the session is over".to_owned()))?;
                let at = Asking { staff: session.staff, directory: Arc::clone(&directory) };
                let seats = seats(&at.staff, &directory, only)?;
                let read: Result<Vec<Read>, DbError> =
                    seats.iter().map(|seat| news::since(tx, &seat.desk, from)).collect();
                let look = look(read?, &told, AT_ONCE);
                let tickets = entries(tx, &at, &look.changes)?;
                let me = if tell_me { Some(me::of(tx, cx, &at)?) } else { None };
                Ok(Found { desks: ids_of(&seats), look, tickets, me })
            })
            .await
    }

    fn presence(&mut self) -> Vec<Event> {
        let (rooms, seen) = self.app.presence().since(self.present, self.watch.ids());
        self.present = seen;
        let event = |(ticket_id, helpdesk_id, present): (i64, i64, Vec<PresentOut>)| {
            let (ticket_id, helpdesk_id) = (ticket_id.to_string(), helpdesk_id.to_string());
            Event::default().event("presence").data(json(&PresenceChange { ticket_id, helpdesk_id, present }))
        };
        rooms.into_iter().map(event).collect()
    }
}

/// Where a stream is. A pass over the changes goes on where the look before it ended, until there are no more; the next one
/// goes back for as long as transactions take.
#[derive(Debug)]
struct PlaceIn {
    /// The newest change that was told, as an id.
    known: i64,
    /// What was told of late: the change of each ticket.
    told: HashMap<i64, i64>,
    /// Where this pass goes on; none before the first look of one.
    next: Option<i64>,
    /// Up to which id this pass may have missed what was committed behind its back.
    began: i64,
    /// The id from whose overlap on the next pass reads.
    base: i64,
}

impl PlaceIn {
    /// Behind a change.
    fn after(known: i64) -> Self {
        Self { known, told: HashMap::new(), next: None, began: known, base: known }
    }

    /// The id from which the next look reads.
    fn from(&self) -> i64 {
        self.next.unwrap_or_else(|| news::overlap(self.base))
    }

    /// Takes in what a look told; `now` is the time of the look, as an id.
    fn told(&mut self, look: &Look, now: i64) {
        self.known = look.changes.iter().map(|(changed, _)| *changed).fold(self.known, i64::max);
        if self.next.is_none() {
            self.began = self.known.max(now);
        }
        self.base = self.known.min(self.began);
        self.told.extend(look.changes.iter().map(|(changed, ticket_id)| (*ticket_id, *changed)));
        self.next = look.next;
        // What this pass still comes to, and what the next one begins with.
        let oldest = self.next.into_iter().fold(news::overlap(self.base), i64::min);
        self.told.retain(|_, changed| *changed >= oldest);
    }
}

/// What was read of a help desk: the changes, and the last one of them if there are more.
type Read = (Vec<Change>, Option<i64>);

/// The changes that one look tells.
#[derive(Debug)]
struct Look {
    /// Oldest first.
    changes: Vec<Change>,
    /// From which id on there are more.
    next: Option<i64>,
}

/// The first changes in these help desks that were not told, at most `at_once`.
fn look(read: Vec<Read>, told: &HashMap<i64, i64>, at_once: usize) -> Look {
    // Behind the end of a help desk that was not read whole, its own would be left out.
    let end = read.iter().filter_map(|(_, last)| *last).min();
    let mut changes: Vec<Change> = read.into_iter().flat_map(|(changes, _)| changes).collect();
    changes.retain(|(changed, id)| end.is_none_or(|end| *changed <= end) && told.get(id) != Some(changed));
    changes.sort_unstable();
    let next = if changes.len() > at_once { Some(changes[at_once].0) } else { end };
    changes.truncate(at_once);
    Look { changes, next }
}

fn entries(tx: &mut Tx<'_>, at: &Asking, changes: &[Change]) -> Result<Vec<(i64, EntryOut)>, Refusal> {
    let by_ticket: BTreeMap<i64, i64> = changes.iter().map(|(changed, id)| (*id, *changed)).collect();
    let ids: Vec<i64> = changes.iter().map(|(_, id)| *id).collect();
    let entries = entry::of(tx, &at.staff.tenant, &ids)?;
    let at_of = |entry: &entry::Entry| by_ticket.get(&entry.ticket.id).copied().unwrap_or_default();
    Ok(entries.iter().map(|entry| (at_of(entry), EntryOut::from(entry))).collect())
}

/// A ticket that changed.
#[derive(Serialize)]
struct TicketChange<'t> {
    ticket: &'t EntryOut,
}

/// Who has a ticket open.
#[derive(Serialize)]
struct PresenceChange {
    ticket_id: String,
    helpdesk_id: String,
    present: Vec<PresentOut>,
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("shapes have string keys and finite numbers only")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `news::since` reads, but only so many at once.
    fn since(rows: &[Change], from: i64, at_once: usize) -> Read {
        let mut found: Vec<Change> = rows.iter().copied().filter(|(changed, _)| *changed >= from).collect();
        let more = found.len() > at_once;
        found.truncate(at_once);
        let last = found.last().map(|(changed, _)| *changed).filter(|_| more);
        (found, last)
    }

    /// Looks until nothing is left; answers the tickets that were told, in order.
    fn pass(place: &mut PlaceIn, desks: &[&[Change]], now: i64) -> Vec<i64> {
        let mut tickets = Vec::new();
        for _ in 0..100 {
            let read = desks.iter().map(|rows| since(rows, place.from(), 5)).collect();
            let look = look(read, &place.told, 3);
            place.told(&look, now);
            tickets.extend(look.changes.iter().map(|(_, ticket_id)| *ticket_id));
            if place.next.is_none() {
                return tickets;
            }
        }
        panic!("the looks come to no end: {place:?}");
    }

    #[test]
    fn more_changes_than_are_read_at_once_come_to_an_end() {
        let now = ids::floor_at(1_700_000_000_000);
        let id = |i: i64| ids::floor_at(1_700_000_000_000 - 1_000) + i;
        // All within the time that transactions take, so that each pass begins with them again.
        let mut busy: Vec<Change> = (0..40).map(|i| (id(2 * i), 100 + i)).collect();
        let calm: Vec<Change> = (0..3).map(|i| (id(20 * i + 1), 500 + i)).collect();
        let mut place = PlaceIn::after(ids::floor_at(1_600_000_000_000));
        let mut all: Vec<Change> = busy.iter().chain(&calm).copied().collect();
        all.sort_unstable();
        let of = |changes: &[Change]| changes.iter().map(|(_, ticket_id)| *ticket_id).collect::<Vec<_>>();
        assert_eq!(pass(&mut place, &[&busy, &calm], now), of(&all));
        assert_eq!(pass(&mut place, &[&busy, &calm], now), Vec::<i64>::new());
        // Behind them all, and one in between that was committed late.
        busy.push((id(1_000), 900));
        busy.insert(7, (id(13), 800));
        assert_eq!(pass(&mut place, &[&busy, &calm], now), [800, 900]);
        // The same ticket again.
        busy.retain(|(_, ticket_id)| *ticket_id != 105);
        busy.push((id(1_001), 105));
        assert_eq!(pass(&mut place, &[&busy, &calm], now), [105]);
    }

    #[test]
    fn what_is_committed_during_a_long_pass_is_told_by_the_next() {
        let at = |ms: i64| ids::floor_at(1_700_000_000_000 + ms);
        let rows = |late: bool| -> Vec<Change> {
            let mut rows: Vec<Change> = (0..20).map(|i| (at(i * 500), i)).collect();
            if late {
                rows.insert(1, (at(250), 99));
            }
            rows
        };
        let mut place = PlaceIn::after(at(-60_000));
        // The first look is at the beginning; the pass takes ten seconds.
        for (i, late) in [(0, false), (5_000, true)] {
            let look = look(vec![since(&rows(late), place.from(), 5)], &place.told, 10);
            place.told(&look, at(i));
            assert!(place.next.is_some());
        }
        pass(&mut place, &[&rows(true)], at(10_000));
        assert_eq!(pass(&mut place, &[&rows(true)], at(10_000)), [99]);
    }
}
