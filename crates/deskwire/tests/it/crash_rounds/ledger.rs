//! What was acknowledged, what is there, and where the two differ.

use std::collections::{BTreeMap, BTreeSet};

use db::{Db, DbError};
use desk::ids::header_event_id;
use desk::ticket::state::{State, stage, status};

/// What the server acknowledged.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Message id by client id.
    pub messages: BTreeMap<String, String>,
    /// The app's answers: ticket by the question's event id.
    pub answers: BTreeMap<String, i64>,
    /// Tickets for which a human was asked.
    pub humans: BTreeSet<i64>,
    /// Tickets that the guest closed.
    pub closed: BTreeSet<i64>,
}

impl Ledger {
    /// Adds what another one holds.
    pub fn add(&mut self, other: Self) {
        self.messages.extend(other.messages);
        self.answers.extend(other.answers);
        self.humans.extend(other.humans);
        self.closed.extend(other.closed);
    }
}

/// A row of `message`.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "as the columns are named")]
pub struct Message {
    pub chat_id: String,
    pub position: i64,
    pub message_id: String,
    pub event_id: String,
    pub client_id: Option<String>,
    /// Whether apps are told of it: it has a ticket and is no notice of the system.
    pub told: bool,
}

/// A row of `ticket`.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "as the columns are named")]
pub struct Ticket {
    pub ticket_id: i64,
    pub chat_id: String,
    pub state: State,
}

/// A row of `delivery`.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub event_id: String,
    pub event_type: String,
    pub state: i64,
}

/// What is there.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub messages: Vec<Message>,
    pub tickets: Vec<Ticket>,
    pub deliveries: Vec<Delivery>,
    /// Open ticket and last position by chat.
    pub chats: BTreeMap<String, (Option<i64>, i64)>,
    /// Questions that an app's answer is stored for, and whether it was shown.
    pub answers: BTreeMap<String, bool>,
    /// Ids of messages that the guests see, in the order they came.
    pub seen: Vec<String>,
    /// Questions' event ids of answers that the guests see.
    pub seen_answers: Vec<String>,
    /// Event ids in the headers of what the app received.
    pub received: Vec<String>,
}

impl Found {
    /// Reads what the database holds; what came over HTTP is left empty.
    pub fn read(db: &Db) -> Result<Self, DbError> {
        db.read_blocking(|tx| {
            let messages = tx.query(
                "SELECT chat_id, position, message_id, event_id, client_id, sender, ticket_id FROM message",
                &[],
                |row| {
                    Ok(Message {
                        chat_id: row.string(0)?,
                        position: row.int(1)?,
                        message_id: row.string(2)?,
                        event_id: row.string(3)?,
                        client_id: row.opt_string(4)?,
                        told: row.int(5)? != 4 && row.int(6)? != 0,
                    })
                },
            )?;
            let tickets = tx.query("SELECT ticket_id, chat_id, stage, status FROM ticket", &[], |row| {
                let state = State { stage: row.int(2)?, status: row.int(3)? };
                Ok(Ticket { ticket_id: row.int(0)?, chat_id: row.string(1)?, state })
            })?;
            let deliveries = tx.query("SELECT event_id, event_type, state FROM delivery", &[], |row| {
                Ok(Delivery { event_id: row.string(0)?, event_type: row.string(1)?, state: row.int(2)? })
            })?;
            let chats = tx.query("SELECT chat_id, open_ticket_id, position FROM chat", &[], |row| {
                Ok((row.string(0)?, (row.opt_int(1)?, row.int(2)?)))
            })?;
            let sql = "SELECT event_id, app_shown FROM question WHERE app_answer IS NOT NULL";
            let answers = tx.query(sql, &[], |row| Ok((row.string(0)?, row.flag(1)?)))?;
            let (chats, answers) = (chats.into_iter().collect(), answers.into_iter().collect());
            Ok(Self { messages, tickets, deliveries, chats, answers, ..Self::default() })
        })
    }

    /// Every way in which this is not what the ledger promises; empty if all is well.
    pub fn faults(&self, ledger: &Ledger) -> Vec<String> {
        let mut faults = Vec::new();
        self.messages_of(ledger, &mut faults);
        self.answers_of(ledger, &mut faults);
        self.tickets_of(ledger, &mut faults);
        self.positions(&mut faults);
        self.events(&mut faults);
        faults
    }

    fn messages_of(&self, ledger: &Ledger, faults: &mut Vec<String>) {
        let seen = counted(self.seen.iter());
        let mut stored: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for message in &self.messages {
            if let Some(client_id) = &message.client_id {
                stored.entry(client_id).or_default().push(&message.message_id);
            }
        }
        for (client_id, message_id) in &ledger.messages {
            let rows = stored.get(client_id.as_str()).cloned().unwrap_or_default();
            if rows != [message_id] {
                faults.push(format!("message {client_id} was acknowledged as {message_id} and is stored as {rows:?}"));
            }
            let times = seen.get(message_id).copied().unwrap_or_default();
            if times != 1 {
                faults.push(format!("message {client_id} is shown {times} times to its guest"));
            }
        }
        // Those that nobody acknowledged may be there or not, but not twice.
        for (client_id, rows) in stored.iter().filter(|(_, rows)| rows.len() > 1) {
            faults.push(format!("message {client_id} is stored as {rows:?}"));
        }
    }

    fn answers_of(&self, ledger: &Ledger, faults: &mut Vec<String>) {
        for event_id in ledger.answers.keys().filter(|id| !self.answers.contains_key(*id)) {
            faults.push(format!("the answer to {event_id} was acknowledged and is not stored"));
        }
        let seen = counted(self.seen_answers.iter());
        for (event_id, shown) in &self.answers {
            let times = seen.get(event_id).copied().unwrap_or_default();
            if times != usize::from(*shown) {
                faults.push(format!("the answer to {event_id} (shown: {shown}) is seen {times} times"));
            }
        }
    }

    fn tickets_of(&self, ledger: &Ledger, faults: &mut Vec<String>) {
        let states: BTreeMap<i64, State> = self.tickets.iter().map(|t| (t.ticket_id, t.state)).collect();
        for id in ledger.closed.iter().filter(|id| states.get(id).map(|s| s.status) != Some(status::CLOSED_BY_GUEST)) {
            faults.push(format!("ticket {id} was closed and is {:?}", states.get(id)));
        }
        for id in ledger.humans.iter().filter(|id| states.get(id).map(|s| s.stage) != Some(stage::HUMAN)) {
            faults.push(format!("ticket {id} was handed to a human and is {:?}", states.get(id)));
        }
        for ticket in self.tickets.iter().filter(|t| !t.state.is_legal()) {
            faults.push(format!("ticket {} cannot be {:?}", ticket.ticket_id, ticket.state));
        }
        for (chat_id, (open, _)) in &self.chats {
            let own = self.tickets.iter().filter(|t| t.chat_id == *chat_id && t.state.is_open());
            let own: Vec<i64> = own.map(|t| t.ticket_id).collect();
            if own != open.iter().copied().collect::<Vec<_>>() {
                faults.push(format!("chat {chat_id} has the open tickets {own:?} and says {open:?}"));
            }
        }
    }

    fn positions(&self, faults: &mut Vec<String>) {
        let mut taken: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for message in &self.messages {
            taken.entry(&message.chat_id).or_default().push(message.position);
        }
        for (chat_id, (_, last)) in &self.chats {
            let mut positions = taken.remove(chat_id.as_str()).unwrap_or_default();
            positions.sort_unstable();
            if positions != (1..=*last).collect::<Vec<_>>() {
                faults.push(format!("chat {chat_id} is at position {last} and has {positions:?}"));
            }
        }
        faults.extend(taken.keys().map(|chat_id| format!("messages of no chat: {chat_id}")));
    }

    fn events(&self, faults: &mut Vec<String>) {
        let sent = counted(self.deliveries.iter().map(|d| &d.event_id));
        for message in self.messages.iter().filter(|m| m.told) {
            let times = sent.get(&message.event_id).copied().unwrap_or_default();
            if times != 1 {
                faults.push(format!("message {} has {times} events", message.message_id));
            }
        }
        let told: BTreeSet<&str> = self.messages.iter().filter(|m| m.told).map(|m| m.event_id.as_str()).collect();
        let received: BTreeSet<&str> = self.received.iter().map(String::as_str).collect();
        let mut known = BTreeSet::new();
        for delivery in &self.deliveries {
            let Delivery { event_id, event_type, state } = delivery;
            if event_type == "helpdesk.ticket_message.created_v1" && !told.contains(event_id.as_str()) {
                faults.push(format!("event {event_id} has no message"));
            }
            if *state != 1 {
                faults.push(format!("event {event_id} is in state {state}"));
            }
            let header = header_event_id(event_id);
            if !received.contains(header.as_str()) {
                faults.push(format!("event {event_id} was not received"));
            }
            if !known.insert(header) {
                faults.push(format!("event {event_id} has more than one delivery"));
            }
        }
        faults.extend(received.iter().filter(|id| !known.contains(**id)).map(|id| format!("received unknown {id}")));
    }
}

fn counted<'a>(ids: impl Iterator<Item = &'a String>) -> BTreeMap<&'a String, usize> {
    let mut counts = BTreeMap::new();
    for id in ids {
        *counts.entry(id).or_default() += 1;
    }
    counts
}
