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
use db::Tx;
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
use crate::api::number;
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
    /// The newest change that was told, as an id.
    known: i64,
    /// What was told of late: the change of each ticket.
    told: HashMap<i64, i64>,
    /// The presence that was told.
    present: u64,
    /// What the person was told of themselves, and in which directory.
    me: Option<(u64, String)>,
    /// Whether there is more to tell than the last look took.
    more: bool,
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
    let helpdesk_id = ask.helpdesk_id.as_deref().map(|id| number("helpdesk_id", id)).transpose()?;
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
    let (told, present) = (HashMap::new(), 0);
    let source = Changes {
        app: app.clone(),
        token,
        helpdesk_id,
        watch,
        known,
        told,
        present,
        me: None,
        more: false,
        _place: place,
    };
    Ok(sse::feed(app, source))
}

fn ids_of(seats: &[Seat]) -> Vec<i64> {
    seats.iter().map(|seat| seat.desk.id).collect()
}

/// What a look found.
struct Found {
    desks: Vec<i64>,
    tickets: Vec<(i64, EntryOut)>,
    more: bool,
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
        self.more = found.more;
        for (changed, ticket) in found.tickets {
            self.known = self.known.max(changed);
            self.told.insert(ticket.id(), changed);
            let data = json(&TicketChange { ticket: &ticket });
            events.push(Event::default().id(changed.to_string()).event("ticket").data(data));
        }
        let oldest = news::overlap(self.known);
        self.told.retain(|_, changed| *changed >= oldest);
        events.extend(self.presence());
        Ok(events)
    }

    async fn news(&mut self) {
        let timers = self.app.clock().network();
        if self.more {
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
        let from = news::overlap(self.known);
        let told = self.told.clone();
        let tell_me = self.me.as_ref().is_none_or(|(version, _)| *version != revision(&directory));
        self.app
            .read(move |tx, cx| {
                let session = session::find(tx, cx, &token)?;
                let session = session.ok_or_else(|| Refusal::Forbidden("the session is over".to_owned()))?;
                let at = Asking { staff: session.staff, directory: Arc::clone(&directory) };
                let seats = seats(&at.staff, &directory, only)?;
                let (changes, more) = changes(tx, &seats, from, &told)?;
                let tickets = entries(tx, &at, changes)?;
                let me = if tell_me { Some(me::of(tx, cx, &at)?) } else { None };
                Ok(Found { desks: ids_of(&seats), tickets, more, me })
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

/// The first changes in these help desks that were not told, oldest first, and whether there are more.
fn changes(
    tx: &mut Tx<'_>,
    seats: &[Seat],
    from: i64,
    told: &HashMap<i64, i64>,
) -> Result<(Vec<Change>, bool), Refusal> {
    let mut found: Vec<Change> = Vec::new();
    let mut end = i64::MAX;
    for seat in seats {
        let (changes, last) = news::since(tx, &seat.desk, from)?;
        end = end.min(last.unwrap_or(i64::MAX));
        found.extend(changes);
    }
    // Behind the end of a help desk that was not read whole, its own would be left out.
    found.retain(|(changed, ticket_id)| *changed <= end && told.get(ticket_id) != Some(changed));
    found.sort_unstable();
    let more = found.len() > AT_ONCE || end < i64::MAX;
    found.truncate(AT_ONCE);
    Ok((found, more))
}

fn entries(tx: &mut Tx<'_>, at: &Asking, changes: Vec<Change>) -> Result<Vec<(i64, EntryOut)>, Refusal> {
    let by_ticket: BTreeMap<i64, i64> = changes.iter().map(|(changed, id)| (*id, *changed)).collect();
    let ids: Vec<i64> = changes.into_iter().map(|(_, id)| id).collect();
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
