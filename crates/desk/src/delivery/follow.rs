//! What happens to deliveries, as it comes to light: events, attempts, and who had one sent again.
//!
//! Each of these has an id that grows with time, but ids come to light out of order: a transaction that took its id
//! earlier may commit later, and another server's clock may be behind. So every look reads once more what is younger than
//! [`OVERLAP_MS`], ids only, and leaves out what it remembers. What is remembered is bounded by count; under a load that
//! exceeds it, the overlap is shorter.

use std::collections::BTreeSet;

use db::{DbError, Row, Tx, params};

use super::{Attempt, Delivery, read, read_attempt};
use crate::ids;

/// How long an id may take to come to light, in ms: more than a transaction can take, and clocks of servers may differ.
const OVERLAP_MS: i64 = 120_000;
/// Ids of each sort that are remembered.
const REMEMBERED_MAX: usize = 100_000;
/// News of each sort in one look.
const NEWS_MAX: usize = 500;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum News {
    /// An event is owed to an app.
    Event(Delivery),
    /// An attempt was put on record. An acknowledgement that comes late puts its attempt on record again.
    Attempt(Delivery, Attempt),
    /// Somebody had a delivery sent again.
    Resend(Delivery, Resend),
}

/// By whom a delivery was sent again.
#[derive(Debug, Clone)]
pub struct Resend {
    /// When, Unix ms.
    pub at: i64,
    /// See [`crate::outbox::By::way`].
    pub way: String,
    /// The person's open id, if one is known.
    pub open_id: Option<String>,
    /// The person's name then.
    pub name: Option<String>,
}

impl Resend {
    /// Reads one whose columns begin at `from`.
    pub(crate) fn read(row: &Row<'_>, from: usize) -> Result<Self, DbError> {
        Ok(Self {
            at: row.int(from)?,
            way: row.string(from + 1)?,
            open_id: row.opt_string(from + 2)?,
            name: row.opt_string(from + 3)?,
        })
    }
}

/// Follows from a moment on.
#[derive(Debug, Clone)]
pub struct Follow {
    events: Seen,
    attempts: Seen,
    resends: Seen,
}

/// What a look found.
#[derive(Debug, Default)]
pub struct Looked {
    /// By the time of what happened.
    pub news: Vec<News>,
    /// There is more; look again at once.
    pub more: bool,
    events: Vec<i64>,
    attempts: Vec<i64>,
    resends: Vec<i64>,
}

impl Follow {
    /// Begins at `now` (Unix ms): what is there already is no news.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn start(tx: &mut Tx<'_>, now: i64) -> Result<Self, DbError> {
        let floor = ids::floor_at(now - OVERLAP_MS);
        let known = i64::try_from(REMEMBERED_MAX).unwrap_or(i64::MAX);
        let mut seen = |sql| Ok(Seen::new(floor, tx.query(sql, &params![floor, known], |row| row.int(0))?));
        Ok(Self {
            events: seen(
                "SELECT delivery_id FROM delivery WHERE delivery_id >= $1 ORDER BY delivery_id DESC LIMIT $2",
            )?,
            attempts: seen("SELECT recorded FROM attempt WHERE recorded >= $1 ORDER BY recorded DESC LIMIT $2")?,
            resends: seen("SELECT resend_id FROM resend WHERE resend_id >= $1 ORDER BY resend_id DESC LIMIT $2")?,
        })
    }

    /// What came to light since the last look that [`Follow::saw`] noted.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn look(&self, tx: &mut Tx<'_>) -> Result<Looked, DbError> {
        let mut looked = Looked::default();
        let mut found = Vec::new();
        for sort in [Sort::Event, Sort::Attempt, Sort::Resend] {
            let (fresh, more) = self.seen(sort).fresh(tx, sort)?;
            looked.more |= more;
            for (from, to) in ranges(&fresh, self.seen(sort).newest()) {
                found.extend(sort.read(tx, from, to)?);
            }
            *looked.ids(sort) = fresh;
        }
        found.sort_by_key(|(id, _)| *id);
        looked.news = found.into_iter().map(|(_, news)| news).collect();
        Ok(looked)
    }

    /// Notes that what a look found was seen, at `now` (Unix ms).
    pub fn saw(&mut self, looked: &Looked, now: i64) {
        self.events.saw(&looked.events, now);
        self.attempts.saw(&looked.attempts, now);
        self.resends.saw(&looked.resends, now);
    }

    fn seen(&self, sort: Sort) -> &Seen {
        match sort {
            Sort::Event => &self.events,
            Sort::Attempt => &self.attempts,
            Sort::Resend => &self.resends,
        }
    }
}

impl Looked {
    fn ids(&mut self, sort: Sort) -> &mut Vec<i64> {
        match sort {
            Sort::Event => &mut self.events,
            Sort::Attempt => &mut self.attempts,
            Sort::Resend => &mut self.resends,
        }
    }
}

/// Of `fresh` ids, those after `newest` lie side by side; those before it are among others.
fn ranges(fresh: &[i64], newest: i64) -> Vec<(i64, i64)> {
    let (late, next) = fresh.split_at(fresh.partition_point(|id| *id < newest));
    let mut ranges: Vec<_> = late.iter().map(|id| (*id, *id)).collect();
    if let (Some(first), Some(last)) = (next.first(), next.last()) {
        ranges.push((*first, *last));
    }
    ranges
}

/// The ids of one sort that were seen.
#[derive(Debug, Clone)]
struct Seen {
    /// Nothing before it is looked at any more.
    floor: i64,
    /// All that were seen from there on.
    ids: BTreeSet<i64>,
}

impl Seen {
    fn new(floor: i64, known: Vec<i64>) -> Self {
        let mut seen = Self { floor, ids: known.into_iter().collect() };
        seen.forget();
        seen
    }

    fn newest(&self) -> i64 {
        self.ids.last().copied().unwrap_or(self.floor)
    }

    /// The oldest ids that were not seen, and whether there are more.
    fn fresh(&self, tx: &mut Tx<'_>, sort: Sort) -> Result<(Vec<i64>, bool), DbError> {
        let limit = i64::try_from(self.ids.len() + NEWS_MAX + 1).unwrap_or(i64::MAX);
        let mut fresh = tx.query(sort.ids(), &params![self.floor, limit], |row| row.int(0))?;
        fresh.retain(|id| !self.ids.contains(id));
        let more = fresh.len() > NEWS_MAX;
        fresh.truncate(NEWS_MAX);
        Ok((fresh, more))
    }

    fn saw(&mut self, fresh: &[i64], now: i64) {
        self.ids.extend(fresh);
        // By the older of both clocks: this one may be ahead of the servers', and one of theirs may be of the others'.
        let floor = ids::floor_at(now - OVERLAP_MS).min(ids::before(self.newest(), OVERLAP_MS));
        if floor > self.floor {
            self.floor = floor;
            self.ids = self.ids.split_off(&floor);
        }
        self.forget();
    }

    fn forget(&mut self) {
        while self.ids.len() > REMEMBERED_MAX {
            self.ids.pop_first();
        }
        if self.ids.len() == REMEMBERED_MAX {
            self.floor = self.ids.first().copied().unwrap_or(self.floor);
        }
    }
}

/// What is followed.
#[derive(Debug, Clone, Copy)]
enum Sort {
    Event,
    Attempt,
    Resend,
}

impl Sort {
    /// The ids from `$1` on, `$2` at most.
    fn ids(self) -> &'static str {
        match self {
            Self::Event => "SELECT delivery_id FROM delivery WHERE delivery_id >= $1 ORDER BY delivery_id LIMIT $2",
            Self::Attempt => "SELECT recorded FROM attempt WHERE recorded >= $1 ORDER BY recorded LIMIT $2",
            Self::Resend => "SELECT resend_id FROM resend WHERE resend_id >= $1 ORDER BY resend_id LIMIT $2",
        }
    }

    /// What has ids from `from` to `to`.
    fn read(self, tx: &mut Tx<'_>, from: i64, to: i64) -> Result<Vec<(i64, News)>, DbError> {
        let range = params![from, to];
        match self {
            Self::Event => tx.query(
                "SELECT d.delivery_id, d.tenant, d.app_id, d.event_id, d.event_type, d.helpdesk_id, d.ticket_id, d.state,
                        d.attempts, d.next_at, d.created_at, NULL
                 FROM delivery d WHERE d.delivery_id >= $1 AND d.delivery_id <= $2",
                &range,
                |row| Ok((row.int(0)?, News::Event(read(row)?))),
            ),
            Self::Attempt => tx.query(
                "SELECT d.delivery_id, d.tenant, d.app_id, d.event_id, d.event_type, d.helpdesk_id, d.ticket_id, d.state,
                        d.attempts, d.next_at, d.created_at, NULL,
                        a.attempt, a.at, a.duration_ms, a.http_status, a.outcome, a.ended, a.recorded
                 FROM attempt a JOIN delivery d ON d.delivery_id = a.delivery_id
                 WHERE a.recorded >= $1 AND a.recorded <= $2",
                &range,
                |row| Ok((row.int(18)?, News::Attempt(read(row)?, read_attempt(row, 12)?))),
            ),
            Self::Resend => tx.query(
                "SELECT d.delivery_id, d.tenant, d.app_id, d.event_id, d.event_type, d.helpdesk_id, d.ticket_id, d.state,
                        d.attempts, d.next_at, d.created_at, NULL, r.at, r.by_way, r.open_id, r.name, r.resend_id
                 FROM resend r JOIN delivery d ON d.delivery_id = r.delivery_id
                 WHERE r.resend_id >= $1 AND r.resend_id <= $2",
                &range,
                |row| Ok((row.int(16)?, News::Resend(read(row)?, Resend::read(row, 12)?))),
            ),
        }
    }
}
