//! Full-text search over what guests and agents wrote. The words of a text come from outside ([`Term`]s), so that they are
//! those of the FAQ engine; here they are kept and found.
//!
//! A worker reads new messages and notes in the order of their ids, some at a time, and notes for each term the tickets
//! that hold it. Who writes a message does not wait for that.

use std::cmp::Reverse;
use std::collections::HashMap;

use db::{DbError, Param, Row, Tx, params};

use super::Seat;
use super::entry::{self, Entry};
use crate::admin::Staff;
use crate::faq::vector::text_hash;
use crate::message::Sender;
use crate::{Cx, Refusal, ids};

/// Most words of one search.
pub const TERMS_MAX: usize = 8;
/// Most words of one text that are kept.
pub const TERMS_OF_TEXT_MAX: usize = 500;
/// How many tickets with a word are looked through for one page.
const WINDOW: i64 = 2_000;
/// Up to how many tickets with a word are counted, to begin with the rarest.
const COUNTED: i64 = 500;
/// How old a message has to be before it is read, in ms: what was written before it is committed by then.
const SETTLED_MS: i64 = 5_000;
/// How long a server keeps the work of indexing, in ms.
const HELD_MS: i64 = 15_000;
/// Messages, and notes, that are read at once.
const BATCH: i64 = 16;
/// Bytes of text that are taken apart at once, at most; a longer text goes alone.
const BATCH_BYTES: usize = 32 * 1024;
/// Terms that are kept in one transaction, at most; few, because others wait for it on `SQLite`.
const BATCH_TERMS: usize = 2 * TERMS_OF_TEXT_MAX;

/// A word as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term(i64);

impl Term {
    /// The term of a word.
    pub fn of(word: &str) -> Self {
        Self(text_hash(word))
    }
}

/// A text that waits for its terms.
#[derive(Debug, Clone)]
pub struct Text {
    tenant: String,
    helpdesk_id: i64,
    ticket_id: i64,
    position: i64,
    note_id: i64,
    /// What was written.
    pub text: String,
}

/// How far the texts are indexed: the last message's decimal id and the last note's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reached {
    message: i64,
    note: i64,
}

/// What is to be indexed next.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The texts, messages first and then notes, each oldest first.
    pub texts: Vec<Text>,
    /// How far it goes once each text is indexed.
    after_each: Vec<Reached>,
    /// How far it goes with all that was read, of which some may be no text to be found.
    to: Reached,
    /// Whether there is likely more.
    pub more: bool,
}

impl Batch {
    /// The first texts whose sizes together are at most `max`; one at least.
    fn cut(&mut self, sizes: impl Iterator<Item = usize>, max: usize) {
        let sums = sizes.scan(0, |sum: &mut usize, size| {
            *sum = sum.saturating_add(size);
            Some(*sum)
        });
        let fitting = sums.take_while(|sum| *sum <= max).count().max(1);
        if fitting < self.texts.len() {
            self.texts.truncate(fitting);
            self.to = self.after_each[fitting - 1];
            self.more = true;
        }
    }
}

/// The next texts that are to be indexed; none if there are none now. What bots answer from FAQs is not indexed.
pub fn next(tx: &mut Tx<'_>, cx: &Cx) -> Result<Option<Batch>, DbError> {
    let (message_id, note_id) =
        tx.query_one("SELECT message_id, note_id FROM search_state WHERE one = $1", &params![1], |row| {
            Ok((row.int(0)?, row.int(1)?))
        })?;
    let settled = ids::floor_at((cx.now - SETTLED_MS).max(0));
    let messages = tx.query(
        "SELECT m.ticket_message_id, m.tenant, t.helpdesk_id, m.ticket_id, m.position, m.text, m.sender, m.kind
         FROM message m LEFT JOIN ticket t ON t.tenant = m.tenant AND t.ticket_id = m.ticket_id
         WHERE m.ticket_message_id > $1 AND m.ticket_message_id < $2 ORDER BY m.ticket_message_id LIMIT $3",
        &params![message_id, settled, BATCH],
        |row| {
            let wanted = Sender::of(row.int(6)?) != Sender::System && !matches!(row.text(7)?, "answer" | "card");
            let text = Text {
                tenant: row.string(1)?,
                helpdesk_id: row.opt_int(2)?.unwrap_or(0),
                ticket_id: row.int(3)?,
                position: row.int(4)?,
                note_id: 0,
                text: row.string(5)?,
            };
            Ok((row.int(0)?, Some(text).filter(|text| wanted && text.helpdesk_id != 0)))
        },
    )?;
    let notes = tx.query(
        "SELECT note_id, tenant, helpdesk_id, ticket_id, position, text FROM note
         WHERE note_id > $1 AND note_id < $2 ORDER BY note_id LIMIT $3",
        &params![note_id, settled, BATCH],
        |row| {
            let text = Text {
                tenant: row.string(1)?,
                helpdesk_id: row.int(2)?,
                ticket_id: row.int(3)?,
                position: row.int(4)?,
                note_id: row.int(0)?,
                text: row.string(5)?,
            };
            Ok((row.int(0)?, Some(text)))
        },
    )?;
    if messages.is_empty() && notes.is_empty() {
        return Ok(None);
    }
    let full = |found: usize| i64::try_from(found) == Ok(BATCH);
    let more = full(messages.len()) || full(notes.len());
    let mut to = Reached { message: message_id, note: note_id };
    let (mut texts, mut after_each) = (Vec::new(), Vec::new());
    let of_messages = messages.into_iter().map(|(id, text)| (id, text, true));
    for (id, text, is_message) in of_messages.chain(notes.into_iter().map(|(id, text)| (id, text, false))) {
        *(if is_message { &mut to.message } else { &mut to.note }) = id;
        if let Some(text) = text {
            texts.push(text);
            after_each.push(to);
        }
    }
    let mut batch = Batch { texts, after_each, to, more };
    let sizes: Vec<usize> = batch.texts.iter().map(|text| text.text.len()).collect();
    batch.cut(sizes.into_iter(), BATCH_BYTES);
    Ok(Some(batch))
}

/// Keeps the terms of a batch, each list in the order of its texts: of as many texts as are good for one transaction.
/// Answers whether there is likely more to do here; while another server is at it there is not, and nothing is done.
pub fn index(tx: &mut Tx<'_>, cx: &Cx, holder: &str, batch: &Batch, terms: &[Vec<Term>]) -> Result<bool, DbError> {
    let mut batch = batch.clone();
    batch.cut(terms.iter().map(|terms| terms.len().min(TERMS_OF_TEXT_MAX)), BATCH_TERMS);
    let mine = tx.execute(
        "UPDATE search_state SET message_id = $1, note_id = $2, holder = $3, held_until = $4
         WHERE one = 1 AND (holder = $5 OR held_until <= $6) AND message_id <= $7 AND note_id <= $8",
        &params![
            batch.to.message,
            batch.to.note,
            holder,
            cx.now + HELD_MS,
            holder,
            cx.now,
            batch.to.message,
            batch.to.note
        ],
    )?;
    if mine == 0 {
        return Ok(false);
    }
    for (text, terms) in batch.texts.iter().zip(terms) {
        for Term(term) in terms.iter().take(TERMS_OF_TEXT_MAX) {
            tx.execute(
                "INSERT INTO search_term (tenant, helpdesk_id, term, ticket_id, position, note_id)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (tenant, helpdesk_id, term, ticket_id)
                 DO UPDATE SET position = excluded.position, note_id = excluded.note_id",
                &params![&text.tenant, text.helpdesk_id, *term, text.ticket_id, text.position, text.note_id],
            )?;
        }
    }
    Ok(batch.more)
}

/// A ticket that holds all words of a search.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The ticket.
    pub entry: Entry,
    /// The last text with one of the words; none if it is gone.
    pub found: Option<Found>,
}

/// A text with a word of a search.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its position in the chat; of a note that of the message it stands behind.
    pub position: i64,
    /// Who wrote it; none for a private note.
    pub sender: Option<Sender>,
    /// The first 2,000 characters.
    pub text: String,
    /// Unix ms.
    pub created_at: i64,
}

/// A page of a search.
#[derive(Debug, Clone)]
pub struct Page {
    /// Newest tickets first.
    pub hits: Vec<Hit>,
    /// Where the next page goes on: tickets before this one. A page may be short while there is more.
    pub next: Option<i64>,
}

/// Tickets of these help desks before one (`i64::MAX` for the first page) that hold all terms, the newest first.
pub fn find(
    tx: &mut Tx<'_>,
    staff: &Staff,
    seats: &[Seat],
    terms: &[Term],
    before: i64,
    limit: usize,
) -> Result<Page, Refusal> {
    let mut found: Vec<(i64, Option<Found>)> = Vec::new();
    // Tickets before this one were not looked at in some help desk.
    let mut looked_to = i64::MIN;
    for seat in seats {
        let Some(terms) = rarest_first(tx, seat, terms)? else { continue };
        found.extend(in_desk(tx, seat, &terms, before, limit)?);
        looked_to = looked_to.max(end_of_window(tx, seat, terms[0], before)?.unwrap_or(i64::MIN));
    }
    found.retain(|(ticket_id, _)| *ticket_id >= looked_to);
    found.sort_unstable_by_key(|(ticket_id, _)| Reverse(*ticket_id));
    let more = found.len() > limit;
    found.truncate(limit);
    let next = match found.last() {
        Some((last, _)) if more => Some(*last),
        _ => Some(looked_to).filter(|to| *to != i64::MIN),
    };
    let ids: Vec<i64> = found.iter().map(|(id, _)| *id).collect();
    let mut texts: HashMap<i64, Option<Found>> = found.into_iter().collect();
    let hit = |entry: Entry| Hit { found: texts.remove(&entry.ticket.id).flatten(), entry };
    Ok(Page { hits: entry::of(tx, &staff.tenant, &ids)?.into_iter().map(hit).collect(), next })
}

/// The terms with the rarest of this help desk in front; `None` if no ticket holds one of them.
fn rarest_first(tx: &mut Tx<'_>, seat: &Seat, terms: &[Term]) -> Result<Option<Vec<Term>>, DbError> {
    let mut counted = Vec::with_capacity(terms.len());
    for term in terms.iter().take(TERMS_MAX) {
        let count = tx.query_one(
            "SELECT COUNT(*) FROM (
               SELECT ticket_id FROM search_term WHERE tenant = $1 AND helpdesk_id = $2 AND term = $3 LIMIT $4
             ) AS counted",
            &params![&seat.desk.tenant, seat.desk.id, term.0, COUNTED],
            |row| row.int(0),
        )?;
        if count == 0 {
            return Ok(None);
        }
        counted.push((count, *term));
    }
    counted.sort_unstable();
    Ok(Some(counted.into_iter().map(|(_, term)| term).collect()).filter(|terms: &Vec<Term>| !terms.is_empty()))
}

/// The last ticket that [`in_desk`] looks at, if it does not look at all.
fn end_of_window(tx: &mut Tx<'_>, seat: &Seat, term: Term, before: i64) -> Result<Option<i64>, DbError> {
    tx.query_opt(
        "SELECT ticket_id FROM search_term
         WHERE tenant = $1 AND helpdesk_id = $2 AND term = $3 AND ticket_id < $4
         ORDER BY ticket_id DESC LIMIT 1 OFFSET $5",
        &params![&seat.desk.tenant, seat.desk.id, term.0, before, WINDOW - 1],
        |row| row.int(0),
    )
}

/// Of the tickets with the first term, the newest before one that hold all others too, one more than `limit` at most.
fn in_desk(
    tx: &mut Tx<'_>,
    seat: &Seat,
    terms: &[Term],
    before: i64,
    limit: usize,
) -> Result<Vec<(i64, Option<Found>)>, DbError> {
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    // A shorter search repeats its first term. The others are looked up for each ticket and not joined, which PostgreSQL
    // could take for a reason to read all tickets with a common one.
    let term = |i: usize| Param::Int(terms.get(i).unwrap_or(&terms[0]).0);
    let mut values: Vec<Param<'_>> = vec![Param::from(&seat.desk.tenant), Param::Int(seat.desk.id), term(0)];
    values.extend([Param::Int(before), Param::Int(WINDOW)]);
    values.extend((1..TERMS_MAX).map(term));
    values.push(Param::Int(one_more));
    let read = |row: &Row<'_>| {
        let note = row.opt_string(5)?.zip(row.opt_int(6)?).map(|(text, at)| (None, text, at));
        let message = match (row.opt_int(2)?, row.opt_string(3)?, row.opt_int(4)?) {
            (Some(sender), Some(text), Some(at)) => Some((Some(Sender::of(sender)), text, at)),
            _ => None,
        };
        let position = row.int(1)?;
        let found = note.or(message).map(|(sender, text, created_at)| Found { position, sender, text, created_at });
        Ok((row.int(0)?, found))
    };
    tx.query(
        "SELECT a.ticket_id, a.position, m.sender, substr(m.text, 1, 2000), m.created_at, substr(n.text, 1, 2000),
                n.created_at
         FROM (
           SELECT s.ticket_id, s.position, s.note_id FROM search_term s
           WHERE s.tenant = $1 AND s.helpdesk_id = $2 AND s.term = $3 AND s.ticket_id < $4
           ORDER BY s.ticket_id DESC LIMIT $5
         ) AS a
         LEFT JOIN message m ON m.tenant = $1 AND m.ticket_id = a.ticket_id AND m.position = a.position
         LEFT JOIN note n ON n.tenant = $1 AND n.ticket_id = a.ticket_id AND n.note_id = a.note_id
         WHERE (SELECT b.term FROM search_term b
                WHERE b.tenant = $1 AND b.helpdesk_id = $2 AND b.term = $6 AND b.ticket_id = a.ticket_id) IS NOT NULL
           AND (SELECT b.term FROM search_term b
                WHERE b.tenant = $1 AND b.helpdesk_id = $2 AND b.term = $7 AND b.ticket_id = a.ticket_id) IS NOT NULL
           AND (SELECT b.term FROM search_term b
                WHERE b.tenant = $1 AND b.helpdesk_id = $2 AND b.term = $8 AND b.ticket_id = a.ticket_id) IS NOT NULL
           AND (SELECT b.term FROM search_term b
                WHERE b.tenant = $1 AND b.helpdesk_id = $2 AND b.term = $9 AND b.ticket_id = a.ticket_id) IS NOT NULL
           AND (SELECT b.term FROM search_term b
                WHERE b.tenant = $1 AND b.helpdesk_id = $2 AND b.term = $10 AND b.ticket_id = a.ticket_id) IS NOT NULL
           AND (SELECT b.term FROM search_term b
                WHERE b.tenant = $1 AND b.helpdesk_id = $2 AND b.term = $11 AND b.ticket_id = a.ticket_id) IS NOT NULL
           AND (SELECT b.term FROM search_term b
                WHERE b.tenant = $1 AND b.helpdesk_id = $2 AND b.term = $12 AND b.ticket_id = a.ticket_id) IS NOT NULL
         ORDER BY a.ticket_id DESC LIMIT $13",
        &values,
        read,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three messages, the second of which is no text to be found, and a note.
    fn batch() -> Batch {
        let text = |position, note_id| Text {
            tenant: "demo".into(),
            helpdesk_id: 1,
            ticket_id: 7,
            position,
            note_id,
            text: "Hello".into(),
        };
        let reached = |message, note| Reached { message, note };
        Batch {
            texts: vec![text(1, 0), text(3, 0), text(3, 21)],
            after_each: vec![reached(11, 20), reached(13, 20), reached(13, 21)],
            to: reached(13, 21),
            more: false,
        }
    }

    #[test]
    fn a_batch_ends_where_it_gets_too_big_and_goes_on_there() {
        for (sizes, kept, to, more) in [
            ([4, 4, 2], 3, (13, 21), false),
            ([4, 6, 1], 2, (13, 20), true),
            ([4, 7, 0], 1, (11, 20), true),
            // What is too big goes alone.
            ([50, 1, 1], 1, (11, 20), true),
        ] {
            let mut batch = batch();
            batch.cut(sizes.into_iter(), 10);
            let reached = (batch.to.message, batch.to.note);
            assert_eq!((batch.texts.len(), reached, batch.more), (kept, to, more), "{sizes:?}");
        }
        let mut nothing = Batch { texts: Vec::new(), after_each: Vec::new(), ..batch() };
        nothing.cut(std::iter::empty(), 10);
        assert_eq!((nothing.to, nothing.more), (batch().to, false));
    }
}
