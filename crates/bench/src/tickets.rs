//! Closed tickets by the million: the rows that a question, its answer and the guest's goodbye leave, written by plain
//! SQL. Indexes are made afterwards, which is what makes it fast; the rows and indexes are the same in the end.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use rusqlite::{CachedStatement, Connection, params};
use server::clock::Clock;

use crate::place::{DESK, Random};

const TICKETS_PER_GUEST: u32 = 10;
const MINUTE_MS: i64 = 60_000;
/// Ids whose tickets are asked for later.
const SAMPLE: usize = 5_000;
const KIND: &str = "helpdesk.ticket_message.created_v1";

/// Stores `count` closed tickets, one a minute up to now, and answers the ids of some.
pub fn fill(file: &Path, count: u32) -> Result<Vec<i64>> {
    let conn = Connection::open(file)?;
    conn.set_prepared_statement_cache_capacity(32);
    // The server brings back its own modes.
    conn.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1500000;
         PRAGMA locking_mode = EXCLUSIVE;",
    )?;
    let indexes = take_indexes(&conn)?;
    conn.execute_batch("BEGIN")?;
    let ids = Filler::new(&conn, count)?.fill()?;
    conn.execute_batch("COMMIT")?;
    for index in indexes {
        conn.execute_batch(&index)?;
    }
    conn.execute_batch("PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = DELETE;")?;
    let stored: u32 = conn.query_row("SELECT COUNT(*) FROM ticket", [], |row| row.get(0))?;
    ensure!(stored == count, "{stored} tickets were stored instead of {count}");
    Ok(ids)
}

/// Makes all tickets open ones at the human stage, as lists of the console read them: half of them nobody's in the queue, half
/// the owner's, a tenth of those on hold, each waiting since its own minute. That a guest has several open ones, which no
/// guest has, is all the same to a list.
pub fn hand_over(file: &Path) -> Result<()> {
    let conn = Connection::open(file)?;
    conn.execute(
        "UPDATE ticket SET stage = 2, closed_at = NULL, closed_by = NULL, waits_from = created_at,
           status = CASE WHEN created_at / 60000 % 2 = 0 THEN 3 WHEN created_at / 120000 % 10 = 0 THEN 4 ELSE 2 END,
           owner = CASE WHEN created_at / 60000 % 2 = 0 THEN NULL ELSE (SELECT owner FROM helpdesk) END",
        [],
    )?;
    Ok(())
}

/// Drops the indexes of the filled tables and answers how to make them again.
fn take_indexes(conn: &Connection) -> Result<Vec<String>> {
    let mut found = conn.prepare(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
         AND tbl_name IN ('ticket', 'message', 'question', 'delivery', 'chat', 'person')",
    )?;
    let indexes = found.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let indexes = indexes.collect::<Result<Vec<_>, _>>()?;
    for (name, _) in &indexes {
        conn.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    Ok(indexes.into_iter().map(|(_, sql)| sql).collect())
}

struct Filler<'c> {
    conn: &'c Connection,
    random: Random,
    count: u32,
    tenant: String,
    desk: i64,
    app: String,
    guests: Vec<Guest>,
}

struct Guest {
    user_id: String,
    open_id: String,
    chat_id: String,
    position: i64,
}

/// One ticket's ids and times.
struct Made {
    ticket: i64,
    at: i64,
}

/// One of a ticket's messages.
struct Said<'a> {
    position: i64,
    /// Also its delivery's.
    id: i64,
    message: &'a str,
    event: &'a str,
    by_bot: bool,
    at: i64,
}

impl Said<'_> {
    fn text(&self) -> &'static str {
        if self.by_bot { ANSWERED } else { ASKED }
    }

    fn content(&self) -> String {
        format!(r#"{{"content":"{}","msg_type":"text"}}"#, self.text())
    }

    /// What an answer showed.
    fn shown(&self) -> String {
        let answer = format!(r#""answer":"{ANSWERED}","answer_richtext":[],"score":0.9"#);
        let faq = format!(r#"{{"id":"6900000000000001001","question":"{ASKED}",{answer}}}"#);
        format!(r#"{{"mode":"direct","faqs":[{faq}],"answered_by":"app","event_id":"{}"}}"#, self.event)
    }

    /// The event's body.
    fn body(&self, guest: &Guest, made: &Made) -> String {
        let Self { position, id, message, by_bot, .. } = self;
        let Guest { user_id, open_id, chat_id, .. } = guest;
        let union_id = format!("on_{}", &open_id[3..]);
        let sender = format!(r#"{{"open_id":"{open_id}","union_id":"{union_id}","user_id":"{user_id}"}}"#);
        let ids = format!(r#""ticket_message_id":{id},"message_id":"{message}","msg_type":"text""#);
        let from = format!(r#""position":{position},"sender":{sender},"sender_type":{}"#, 2 - u8::from(*by_bot));
        let (text, ticket, content) = (self.text(), made.ticket, self.content());
        let place = format!(r#""ticket_id":{ticket},"ticket_status":1,"chat_id":"{chat_id}""#);
        let told = format!(r#"{{{ids},{from},"text":"{text}",{place},"content":{content}}}"#);
        format!(r#"{{"kind":"message_created","message":{told}}}"#)
    }
}

impl<'c> Filler<'c> {
    fn new(conn: &'c Connection, count: u32) -> Result<Self> {
        let (tenant, app) = conn
            .query_row("SELECT tenant, app_id FROM app", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .context("no desk file was applied")?;
        let random = Random(u64::from(count));
        let mut filler = Self { conn, random, count, tenant, desk: DESK.parse()?, app, guests: Vec::new() };
        for _ in 0..count.div_ceil(TICKETS_PER_GUEST) {
            let guest = Guest {
                user_id: filler.tagged("g_"),
                open_id: filler.tagged("ou_"),
                chat_id: filler.tagged("oc_"),
                position: 0,
            };
            filler.guests.push(guest);
        }
        Ok(filler)
    }

    fn fill(mut self) -> Result<Vec<i64>> {
        let now = Clock::system().now_ms();
        let every = (usize::try_from(self.count)? / SAMPLE).max(1);
        let mut ids = Vec::new();
        for number in 0..self.count {
            let at = now - i64::from(self.count - number) * MINUTE_MS;
            let made = Made { ticket: desk::ids::floor_at(at), at };
            let guest = usize::try_from(self.random.next())? % self.guests.len();
            self.ticket(guest, &made)?;
            if usize::try_from(number)? % every == 0 {
                ids.push(made.ticket);
            }
        }
        self.people(now)?;
        // In no order, as apps ask.
        self.random.shuffle(&mut ids)?;
        Ok(ids)
    }

    fn ticket(&mut self, guest: usize, made: &Made) -> Result<()> {
        let (question, answer) = (self.uuid(), self.uuid());
        let (first, second) = (self.tagged("om_"), self.tagged("om_"));
        self.guests[guest].position += 2;
        let (conn, guest) = (self.conn, &self.guests[guest]);
        let (tenant, desk) = (&self.tenant, self.desk);
        cached(
            conn,
            "INSERT INTO ticket (tenant, ticket_id, helpdesk_id, chat_id, guest, guest_name, stage, status, channel,
               closed_by, created_at, updated_at, closed_at) VALUES (?, ?, ?, ?, ?, 'Gina', 1, 52, 0, ?, ?, ?, ?)",
        )?
        .execute(params![
            tenant,
            made.ticket,
            desk,
            guest.chat_id,
            guest.user_id,
            guest.user_id,
            made.at,
            made.at + 9_000,
            made.at + 9_000
        ])?;
        cached(
            conn,
            "INSERT INTO question (tenant, ticket_id, event_id, chat_id, position, text, state, asked_at, app_id,
               app_answer, app_answered_at, app_shown, helpdesk_id)
             VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, 1, ?)",
        )?
        .execute(params![
            tenant,
            made.ticket,
            question,
            guest.chat_id,
            guest.position - 1,
            ASKED,
            made.at,
            self.app,
            r#"[{"id":"6900000000000001001","score":0.9}]"#,
            made.at + 500,
            desk
        ])?;
        for (number, message, event, by_bot) in [(0, &first, &question, false), (1, &second, &answer, true)] {
            let (position, id, at) = (guest.position - 1 + number, made.ticket + number + 1, made.at + number * 500);
            let said = Said { position, id, message, event, by_bot, at };
            self.message(guest, made, &said)?;
            self.delivery(guest, made, &said)?;
        }
        Ok(())
    }

    fn message(&self, guest: &Guest, made: &Made, said: &Said<'_>) -> Result<()> {
        let (sender, kind) = if said.by_bot { (1, "answer") } else { (2, "text") };
        cached(
            self.conn,
            "INSERT INTO message (tenant, chat_id, position, ticket_id, message_id, ticket_message_id, sender,
               sender_user, kind, text, content, answer, event_id, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            self.tenant,
            guest.chat_id,
            said.position,
            made.ticket,
            said.message,
            said.id,
            sender,
            (!said.by_bot).then_some(&guest.user_id),
            kind,
            said.text(),
            said.content(),
            said.by_bot.then(|| said.shown()),
            said.event,
            said.at
        ])?;
        Ok(())
    }

    /// A message's delivered event.
    fn delivery(&self, guest: &Guest, made: &Made, said: &Said<'_>) -> Result<()> {
        cached(
            self.conn,
            "INSERT INTO delivery (tenant, app_id, delivery_id, event_id, event_type, helpdesk_id, ticket_id, body,
               state, attempts, resent_after, next_at, created_at, finished_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, 1, 0, ?, ?, ?)",
        )?
        .execute(params![
            self.tenant,
            self.app,
            said.id,
            said.event,
            KIND,
            self.desk,
            made.ticket,
            said.body(guest, made),
            said.at + 3,
            said.at,
            said.at + 3
        ])?;
        Ok(())
    }

    fn people(&self, now: i64) -> Result<()> {
        for guest in &self.guests {
            cached(
                self.conn,
                "INSERT INTO person (tenant, user_id, union_id, open_id, name, language, departments, guest_only,
                   managed, created_at) VALUES (?, ?, ?, ?, 'Gina', 'en', '[]', 1, 0, ?)",
            )?
            .execute(params![
                self.tenant,
                guest.user_id,
                format!("on_{}", &guest.open_id[3..]),
                guest.open_id,
                now
            ])?;
            cached(
                self.conn,
                "INSERT INTO chat (tenant, chat_id, helpdesk_id, guest, position, created_at)
                 VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                self.tenant,
                guest.chat_id,
                self.desk,
                guest.user_id,
                guest.position,
                now
            ])?;
        }
        Ok(())
    }

    fn tagged(&mut self, prefix: &str) -> String {
        format!("{prefix}{:016x}{:016x}", self.random.next(), self.random.next())
    }

    fn uuid(&mut self) -> String {
        let (a, b) = (self.random.next(), self.random.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }
}

const ASKED: &str = "How do I reset my password? I have forgotten it over the holidays.";
const ANSWERED: &str = "Open Settings, then Security, and choose Reset password. You get a mail with a link that is \
                        good for one hour; follow it and choose a new password of at least twelve characters.";

fn cached<'c>(conn: &'c Connection, sql: &str) -> Result<CachedStatement<'c>> {
    Ok(conn.prepare_cached(sql)?)
}
