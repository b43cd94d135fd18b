//! The connections that are open here, and the answers that are awaited on them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use desk::directory::{self, Directory};
use tokio::sync::{Notify, mpsc, oneshot};

use super::connects;
use super::parts::{MessageId, Push};
use crate::app::App;

/// Events that wait to be written to one connection; more wait in their senders.
const OUTGOING_MAX: usize = 16;

/// Somebody who was let in.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) app: Arc<directory::App>,
    pub(crate) device_id: i64,
    pub(crate) peer: String,
    pub(crate) user_agent: String,
}

/// An open connection.
#[derive(Debug)]
pub struct Connection {
    /// Its id, as its client knows it.
    pub device_id: i64,
    /// Whose it is.
    pub app_id: String,
    /// Address and port of the other side; a proxy's, if there is one.
    pub peer: String,
    /// The client's own words.
    pub user_agent: String,
    /// Since when, Unix ms.
    pub since: i64,
    secret_version: i64,
    outgoing: mpsc::Sender<Box<Push>>,
    state: Mutex<State>,
    /// Tells its task that the app may not be connected any more.
    pub(crate) dismissed: Notify,
}

#[derive(Debug, Default)]
struct State {
    ready: bool,
    last_ping: Option<i64>,
    last_failure: Option<Failure>,
}

/// What went wrong on a connection.
#[derive(Debug, Clone)]
pub struct Failure {
    /// When, Unix ms.
    pub at: i64,
    /// For people.
    pub text: String,
}

/// A connection as people look at it.
#[derive(Debug)]
pub struct Shown {
    /// The connection.
    pub connection: Arc<Connection>,
    /// When its client last pinged, Unix ms.
    pub last_ping: Option<i64>,
    /// Events sent and not answered yet.
    pub in_flight: usize,
    /// What last went wrong.
    pub last_failure: Option<Failure>,
}

impl Connection {
    /// Hands it an event; fails if it is gone.
    pub(crate) async fn send(&self, push: Push) -> Result<(), Push> {
        self.outgoing.send(Box::new(push)).await.map_err(|unsent| *unsent.0)
    }

    /// Whether its app may still be connected, with the secret it had then.
    pub(crate) fn allowed(&self, directory: &Directory) -> bool {
        let app = directory.apps.get(&self.app_id).filter(|app| connects(app));
        app.is_some_and(|app| app.secret_version == self.secret_version)
    }

    pub(crate) fn pinged(&self, now_ms: i64) {
        locked(&self.state).last_ping = Some(now_ms);
    }

    pub(crate) fn failed(&self, now_ms: i64, text: &str) {
        locked(&self.state).last_failure = Some(Failure { at: now_ms, text: text.to_owned() });
    }
}

/// The open connections of one server.
#[derive(Debug, Default)]
pub struct Live {
    lines: Mutex<HashMap<String, Line>>,
}

/// What there is about one app. Gone with its last connection.
#[derive(Debug, Default)]
struct Line {
    connections: Vec<Arc<Connection>>,
    awaited: HashMap<MessageId, Awaited>,
    /// A connection came, so deliveries that wait for one may go.
    came: bool,
}

#[derive(Debug)]
struct Awaited {
    device_id: i64,
    answer: oneshot::Sender<Option<i64>>,
}

impl Live {
    /// Puts a visitor's connection on the list, unless the app has `max` already. It gets no events until it is
    /// [ready](Entry::ready). It leaves with the entry.
    pub(crate) fn enter(&self, app: &App, visitor: Visitor, max: usize) -> Option<(Entry, mpsc::Receiver<Box<Push>>)> {
        let Visitor { app: whose, device_id, peer, user_agent } = visitor;
        let (outgoing, receiver) = mpsc::channel(OUTGOING_MAX);
        let connection = Arc::new(Connection {
            device_id,
            app_id: whose.app_id.clone(),
            peer,
            user_agent,
            since: app.now_ms(),
            secret_version: whose.secret_version,
            outgoing,
            state: Mutex::default(),
            dismissed: Notify::new(),
        });
        let mut lines = locked(&self.lines);
        if lines.get(&whose.app_id).is_some_and(|line| line.connections.len() >= max) {
            return None;
        }
        lines.entry(whose.app_id.clone()).or_default().connections.push(Arc::clone(&connection));
        drop(lines);
        app.metrics().long_connections(&whose.app_id).inc();
        Some((Entry { app: app.clone(), connection }, receiver))
    }

    fn leave(&self, connection: &Connection) {
        let mut lines = locked(&self.lines);
        let Some(line) = lines.get_mut(&connection.app_id) else { return };
        line.connections.retain(|other| other.device_id != connection.device_id);
        // Who waits for an answer on it hears that it is gone.
        line.awaited.retain(|_, awaited| awaited.device_id != connection.device_id);
        if line.connections.is_empty() {
            lines.remove(&connection.app_id);
        }
    }

    /// How many connections an app has here.
    pub fn count(&self, app_id: &str) -> usize {
        locked(&self.lines).get(app_id).map_or(0, |line| line.connections.len())
    }

    /// How many of them take events.
    pub(crate) fn ready(&self, app_id: &str) -> usize {
        let lines = locked(&self.lines);
        let Some(line) = lines.get(app_id) else { return 0 };
        line.connections.iter().filter(|connection| locked(&connection.state).ready).count()
    }

    /// One of them, by a random number.
    pub(crate) fn pick(&self, app_id: &str, random: u64) -> Option<Arc<Connection>> {
        let lines = locked(&self.lines);
        let all = &lines.get(app_id)?.connections;
        let ready: Vec<_> = all.iter().filter(|connection| locked(&connection.state).ready).collect();
        let choice = random.checked_rem(ready.len() as u64)?;
        ready.get(usize::try_from(choice).ok()?).map(|connection| Arc::clone(connection))
    }

    /// Expects an answer. If the connection goes, so does the sender's end.
    pub(crate) fn expect(&self, connection: &Connection, id: MessageId) -> Expected<'_> {
        let (sender, receiver) = oneshot::channel();
        let app_id = connection.app_id.clone();
        if let Some(line) = locked(&self.lines).get_mut(&app_id) {
            line.awaited.insert(id, Awaited { device_id: connection.device_id, answer: sender });
        }
        Expected { live: self, app_id, id, answer: receiver }
    }

    /// An answer came on some connection of the app; false if nobody waits for it. No code means that it could not be
    /// read.
    pub(crate) fn answered(&self, app_id: &str, id: MessageId, code: Option<i64>) -> bool {
        let awaited = locked(&self.lines).get_mut(app_id).and_then(|line| line.awaited.remove(&id));
        awaited.is_some_and(|awaited| awaited.answer.send(code).is_ok())
    }

    /// How many answers are awaited on a connection.
    pub(crate) fn in_flight(&self, connection: &Connection) -> usize {
        locked(&self.lines).get(&connection.app_id).map_or(0, |line| line.in_flight(connection.device_id))
    }

    /// Notes that deliveries which wait for a connection may go.
    pub(crate) fn came(&self, app_id: &str) {
        if let Some(line) = locked(&self.lines).get_mut(app_id) {
            line.came = true;
        }
    }

    /// Whether that was noted since this was last asked.
    pub(crate) fn take_came(&self, app_id: &str) -> bool {
        locked(&self.lines).get_mut(app_id).is_some_and(|line| std::mem::take(&mut line.came))
    }

    /// Has connections end whose app is gone, has a new secret, or gets its events otherwise.
    pub(crate) fn follow(&self, directory: &Directory) {
        let lines = locked(&self.lines);
        let connections = lines.values().flat_map(|line| &line.connections);
        connections.filter(|connection| !connection.allowed(directory)).for_each(|c| c.dismissed.notify_one());
    }

    /// All connections, by app and age.
    pub fn list(&self) -> Vec<Shown> {
        let lines = locked(&self.lines);
        let mut shown: Vec<Shown> = lines
            .values()
            .flat_map(|line| line.connections.iter().map(move |connection| (line, connection)))
            .map(|(line, connection)| {
                let state = locked(&connection.state);
                Shown {
                    connection: Arc::clone(connection),
                    last_ping: state.last_ping,
                    in_flight: line.in_flight(connection.device_id),
                    last_failure: state.last_failure.clone(),
                }
            })
            .collect();
        drop(lines);
        shown.sort_unstable_by(|a, b| {
            let key = |shown: &Shown| (shown.connection.since, shown.connection.device_id);
            a.connection.app_id.cmp(&b.connection.app_id).then(key(a).cmp(&key(b)))
        });
        shown
    }
}

impl Line {
    fn in_flight(&self, device_id: i64) -> usize {
        self.awaited.values().filter(|awaited| awaited.device_id == device_id).count()
    }
}

/// A connection's place on the list; dropping it takes the connection off.
#[derive(Debug)]
pub(crate) struct Entry {
    app: App,
    pub(crate) connection: Arc<Connection>,
}

impl Entry {
    /// From now on it gets events, those first that waited for a connection.
    pub(crate) fn ready(&self) {
        locked(&self.connection.state).ready = true;
        let app_id = &self.connection.app_id;
        self.app.long_connections().live.came(app_id);
        self.app.hub().delivery(app_id).notify_one();
    }

    /// From now on it gets no more.
    pub(crate) fn closing(&self) {
        locked(&self.connection.state).ready = false;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.app.long_connections().live.leave(&self.connection);
        self.app.metrics().long_connections(&self.connection.app_id).dec();
    }
}

/// An answer that is awaited; dropping it ends that.
#[derive(Debug)]
pub(crate) struct Expected<'a> {
    live: &'a Live,
    app_id: String,
    id: MessageId,
    /// The answer's code; an error if the connection is gone.
    pub(crate) answer: oneshot::Receiver<Option<i64>>,
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        if let Some(line) = locked(&self.live.lines).get_mut(&self.app_id) {
            line.awaited.remove(&self.id);
        }
    }
}

// A panic while a lock is held leaves these lists whole, so going on is safe. The list's lock is taken before a
// connection's.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
