//! A ticket's conversation as agents read it: messages with the private notes between them.

use db::{DbError, Tx};

use super::note::{self, Note};
use crate::directory::Helpdesk;
use crate::message::{self, Message};
use crate::ticket::Ticket;

/// Which part of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The last messages before this position.
    Before(i64),
    /// The first messages after this position. Notes that stand at it come too, because they may be new.
    After(i64),
}

/// A message or a note, never both.
#[derive(Debug, Clone)]
pub enum Entry {
    /// What the guest and the desk said.
    Message(Box<Message>),
    /// What the guest never sees.
    Note(Note),
}

impl Entry {
    /// Its place: of the message itself, or of the one a note stands behind.
    pub fn position(&self) -> i64 {
        match self {
            Self::Message(message) => message.position,
            Self::Note(note) => note.position,
        }
    }
}

/// A part of a conversation.
#[derive(Debug, Clone)]
pub struct Page {
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// Whether there is more in the direction that was asked for.
    pub has_more: bool,
}

/// At most `limit` messages of a ticket's conversation, with the notes between them.
pub fn page(tx: &mut Tx<'_>, desk: &Helpdesk, ticket: &Ticket, part: Part, limit: usize) -> Result<Page, DbError> {
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut messages = match part {
        Part::Before(position) => message::before(tx, desk, ticket.id, position, one_more)?,
        Part::After(position) => message::after(tx, desk, ticket.id, position, one_more)?,
    };
    let has_more = messages.len() > limit;
    messages.truncate(limit);
    // Notes from the first position to the last, both included.
    let (from, to) = match part {
        Part::Before(before) => {
            let oldest = messages.last().map_or(0, |oldest| oldest.position);
            (if has_more { oldest } else { 0 }, before.saturating_sub(1))
        }
        Part::After(after) => {
            let newest = messages.last().map_or(i64::MAX, |newest| newest.position);
            (after, if has_more { newest } else { i64::MAX })
        }
    };
    let notes = note::between(tx, &desk.tenant, ticket.id, from..=to)?;
    let mut entries: Vec<Entry> = messages.into_iter().map(|message| Entry::Message(Box::new(message))).collect();
    entries.extend(notes.into_iter().map(Entry::Note));
    // Notes keep their order, behind their message.
    entries.sort_by_key(|entry| (entry.position(), matches!(entry, Entry::Note(_))));
    Ok(Page { entries, has_more })
}
