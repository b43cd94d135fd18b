//! Inboxes: which tickets somebody looks at, and in which order. A page is merged from ordered lists, one or a few of each
//! help desk, each of which an index holds in its order.

use std::collections::{HashMap, HashSet};

use db::{DbError, Tx, params};

use super::Seat;
use super::entry::{self, Entry};
use super::saved::Filter;
use crate::admin::Staff;
use crate::ticket::state::status::{CREATED, PENDING, PROCESSING, QUEUED, WAITING_FOR_GUEST};
use crate::ticket::{NOBODY_WAITS, tag};
use crate::{Refusal, person};

/// Up to how many tickets of an inbox of one help desk are counted.
pub const COUNT_MAX: i64 = 1_000;

/// How many of the tickets that somebody was last added to are looked through for open ones.
const SHARED_MAX: i64 = 2_000;

/// How many tickets of a status are looked through for one page of a saved view.
const WINDOW: i64 = 2_000;

/// Statuses of open tickets at the human stage.
const OPEN: [i64; 5] = [CREATED, PROCESSING, QUEUED, PENDING, WAITING_FOR_GUEST];

/// A list of tickets that everybody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inbox {
    /// Open ones that they have.
    Mine,
    /// Open ones that they were added to.
    Shared,
    /// Open ones at the human stage that nobody has.
    Unassigned,
    /// Those in the queue.
    Queue,
    /// Those on hold.
    OnHold,
    /// All open ones at the human stage.
    Open,
    /// Closed ones.
    Closed,
}

impl Inbox {
    /// All of them; the last one is not counted.
    pub const ALL: [Self; 7] =
        [Self::Mine, Self::Shared, Self::Unassigned, Self::Queue, Self::OnHold, Self::Open, Self::Closed];

    /// Those that are counted.
    pub const COUNTED: [Self; 6] = [Self::Mine, Self::Shared, Self::Unassigned, Self::Queue, Self::OnHold, Self::Open];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Shared => "shared",
            Self::Unassigned => "unassigned",
            Self::Queue => "queue",
            Self::OnHold => "on_hold",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }

    /// The inbox of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|inbox| inbox.word() == word)
    }

    fn lists(self) -> Vec<List> {
        match self {
            Self::Mine => vec![List::Owned],
            // These are one list over all help desks.
            Self::Shared => Vec::new(),
            Self::Unassigned => vec![List::Nobodys],
            Self::Queue => vec![List::Status(QUEUED)],
            Self::OnHold => vec![List::Status(PENDING)],
            Self::Open => OPEN.map(List::Status).to_vec(),
            Self::Closed => vec![List::Closed],
        }
    }
}

/// Where a ticket stands in a list, and its id; lists go up. What goes down has negative numbers.
pub type Key = (i64, i64);

/// Before every ticket.
pub const START: Key = (i64::MIN, i64::MIN);

/// An ordered list of tickets of one help desk.
#[derive(Debug, Clone, Copy)]
enum List {
    Owned,
    Nobodys,
    Status(i64),
    Closed,
}

impl List {
    /// At most `limit` keys after one.
    fn keys(
        self,
        tx: &mut Tx<'_>,
        (staff, seat): (&Staff, &Seat),
        after: Key,
        limit: i64,
    ) -> Result<Vec<Key>, DbError> {
        let (tenant, desk, user_id) = (&seat.desk.tenant, seat.desk.id, &staff.user_id);
        let read = |row: &db::Row<'_>| Ok((row.int(0)?, row.int(1)?));
        match self {
            Self::Owned => tx.query(
                "SELECT waits_from, ticket_id FROM ticket
                 WHERE tenant = $1 AND helpdesk_id = $2 AND owner = $3 AND owner IS NOT NULL AND stage = 2
                   AND status < 50
                   AND (waits_from, ticket_id) > ($4, $5)
                 ORDER BY waits_from, ticket_id LIMIT $6",
                &params![tenant, desk, user_id, after.0, after.1, limit],
                read,
            ),
            Self::Nobodys => tx.query(
                "SELECT waits_from, ticket_id FROM ticket
                 WHERE tenant = $1 AND helpdesk_id = $2 AND owner IS NULL AND stage = 2 AND status < 50
                   AND (waits_from, ticket_id) > ($3, $4)
                 ORDER BY waits_from, ticket_id LIMIT $5",
                &params![tenant, desk, after.0, after.1, limit],
                read,
            ),
            Self::Status(status) => tx.query(
                "SELECT waits_from, ticket_id FROM ticket
                 WHERE tenant = $1 AND helpdesk_id = $2 AND status = $3 AND stage = 2 AND status < 50
                   AND (waits_from, ticket_id) > ($4, $5)
                 ORDER BY waits_from, ticket_id LIMIT $6",
                &params![tenant, desk, status, after.0, after.1, limit],
                read,
            ),
            Self::Closed => tx.query(
                "SELECT -closed_at, -ticket_id FROM ticket
                 WHERE tenant = $1 AND helpdesk_id = $2 AND status >= 50 AND (closed_at, ticket_id) < ($3, $4)
                 ORDER BY closed_at DESC, ticket_id DESC LIMIT $5",
                &params![tenant, desk, after.0.saturating_neg(), after.1.saturating_neg(), limit],
                read,
            ),
        }
    }

    /// How many there are, up to [`COUNT_MAX`], and since when the first guest waits.
    fn count(self, tx: &mut Tx<'_>, (staff, seat): (&Staff, &Seat)) -> Result<Count, DbError> {
        let (tenant, desk, user_id) = (&seat.desk.tenant, seat.desk.id, &staff.user_id);
        let read = |row: &db::Row<'_>| Ok(Count::of(row.int(0)?, row.opt_int(1)?));
        // That times are not negative leads SQLite to the index that has them in order.
        match self {
            Self::Owned => tx.query_one(
                "SELECT COUNT(*), MIN(waits_from) FROM (
                   SELECT waits_from FROM ticket
                   WHERE tenant = $1 AND helpdesk_id = $2 AND owner = $3 AND owner IS NOT NULL AND stage = 2
                     AND status < 50 AND waits_from >= 0
                   ORDER BY waits_from, ticket_id LIMIT $4) AS counted",
                &params![tenant, desk, user_id, COUNT_MAX + 1],
                read,
            ),
            Self::Nobodys => tx.query_one(
                "SELECT COUNT(*), MIN(waits_from) FROM (
                   SELECT waits_from FROM ticket
                   WHERE tenant = $1 AND helpdesk_id = $2 AND owner IS NULL AND stage = 2 AND status < 50
                     AND waits_from >= 0
                   ORDER BY waits_from, ticket_id LIMIT $3) AS counted",
                &params![tenant, desk, COUNT_MAX + 1],
                read,
            ),
            Self::Status(status) => tx.query_one(
                "SELECT COUNT(*), MIN(waits_from) FROM (
                   SELECT waits_from FROM ticket
                   WHERE tenant = $1 AND helpdesk_id = $2 AND status = $3 AND stage = 2 AND status < 50
                     AND waits_from >= 0
                   ORDER BY waits_from, ticket_id LIMIT $4) AS counted",
                &params![tenant, desk, status, COUNT_MAX + 1],
                read,
            ),
            Self::Closed => tx.query_one(
                "SELECT COUNT(*), CAST(NULL AS BIGINT) FROM (
                   SELECT ticket_id FROM ticket WHERE tenant = $1 AND helpdesk_id = $2 AND status >= 50
                   LIMIT $3) AS counted",
                &params![tenant, desk, COUNT_MAX + 1],
                read,
            ),
        }
    }
}

/// Open tickets that somebody was added to, with their help desks, by id; of whatever help desk.
fn shared(tx: &mut Tx<'_>, staff: &Staff) -> Result<Vec<(i64, i64)>, DbError> {
    tx.query(
        "SELECT t.ticket_id, t.helpdesk_id FROM (
           SELECT a.ticket_id AS id FROM ticket_agent a
           WHERE a.tenant = $1 AND a.user_id = $2 AND a.collaborates = 1
           ORDER BY a.ticket_id DESC LIMIT $3) AS added
         JOIN ticket t ON t.tenant = $1 AND t.ticket_id = added.id
         WHERE t.stage = 2 AND t.status < 50
         ORDER BY t.ticket_id",
        &params![&staff.tenant, &staff.user_id, SHARED_MAX],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )
}

/// How many tickets there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How many were counted.
    pub count: i64,
    /// Whether there are more.
    pub more: bool,
    /// Since when the guest waits who has waited longest.
    pub waits_from: Option<i64>,
}

impl Count {
    /// Of so many that were counted, with the first time that a guest waits from.
    fn of(counted: i64, waits_from: Option<i64>) -> Self {
        Self {
            count: counted.min(COUNT_MAX),
            more: counted > COUNT_MAX,
            waits_from: waits_from.filter(|at| *at != NOBODY_WAITS),
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let waits_from = [self.waits_from, other.waits_from].into_iter().flatten().min();
        let count = self.count + other.count;
        Self { count: count.min(COUNT_MAX), more: self.more || other.more || count > COUNT_MAX, waits_from }
    }
}

/// The counts of the inboxes of these help desks, each in the order of [`Inbox::COUNTED`].
pub fn counts(tx: &mut Tx<'_>, staff: &Staff, seats: &[Seat]) -> Result<Vec<Vec<Count>>, DbError> {
    let mut shared_at: HashMap<i64, i64> = HashMap::new();
    for (_, helpdesk_id) in shared(tx, staff)? {
        *shared_at.entry(helpdesk_id).or_default() += 1;
    }
    let shared = |seat: &Seat| shared_at.get(&seat.desk.id).copied().unwrap_or(0);
    seats.iter().map(|seat| counts_at(tx, (staff, seat), shared(seat))).collect()
}

/// The counts of one help desk's inboxes.
fn counts_at(tx: &mut Tx<'_>, who: (&Staff, &Seat), shared: i64) -> Result<Vec<Count>, DbError> {
    let mut by_status = Vec::with_capacity(OPEN.len());
    for status in OPEN {
        by_status.push((status, List::Status(status).count(tx, who)?));
    }
    let of_status = |wanted: i64| by_status.iter().find(|(status, _)| *status == wanted).map(|(_, count)| *count);
    let mut counts = Vec::with_capacity(Inbox::COUNTED.len());
    for inbox in Inbox::COUNTED {
        counts.push(match inbox {
            Inbox::Mine => List::Owned.count(tx, who)?,
            Inbox::Shared => Count::of(shared, None),
            Inbox::Unassigned => List::Nobodys.count(tx, who)?,
            Inbox::Queue => of_status(QUEUED).unwrap_or_default(),
            Inbox::OnHold => of_status(PENDING).unwrap_or_default(),
            Inbox::Open | Inbox::Closed => by_status.iter().fold(Count::default(), |sum, (_, count)| sum.and(*count)),
        });
    }
    Ok(counts)
}

/// A page of an inbox.
#[derive(Debug, Clone)]
pub struct Page {
    /// The tickets in the inbox's order.
    pub entries: Vec<Entry>,
    /// Where the next page begins; none after the last.
    pub next: Option<Key>,
}

/// At most `limit` tickets of an inbox over these help desks, after a key.
pub fn page(
    tx: &mut Tx<'_>,
    staff: &Staff,
    seats: &[Seat],
    inbox: Inbox,
    after: Key,
    limit: usize,
) -> Result<Page, Refusal> {
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut keys = Vec::new();
    if inbox == Inbox::Shared {
        let theirs: HashSet<i64> = seats.iter().map(|seat| seat.desk.id).collect();
        let added = shared(tx, staff)?.into_iter().filter(|(_, helpdesk_id)| theirs.contains(helpdesk_id));
        keys.extend(added.map(|(ticket_id, _)| (0, ticket_id)).filter(|key| *key > after));
    }
    for seat in seats {
        for list in inbox.lists() {
            keys.extend(list.keys(tx, (staff, seat), after, one_more)?);
        }
    }
    keys.sort_unstable();
    let has_more = keys.len() > limit;
    keys.truncate(limit);
    let next = keys.last().copied().filter(|_| has_more);
    let ids: Vec<i64> = keys.iter().map(|(_, id)| id.abs()).collect();
    Ok(Page { entries: entry::of(tx, &staff.tenant, &ids)?, next })
}

/// Whose tickets a view is of.
enum Owner {
    Anybodys,
    Nobodys,
    Of(String),
}

/// At most `limit` tickets of a view over these help desks, after a key, those first whose guests have waited longest. A page
/// may be short while there is more.
pub fn view(
    tx: &mut Tx<'_>,
    staff: &Staff,
    seats: &[Seat],
    filter: &Filter,
    after: Key,
    limit: usize,
) -> Result<Page, Refusal> {
    let owner = match filter.owner.as_deref() {
        None | Some("") => Owner::Anybodys,
        Some("none") => Owner::Nobodys,
        Some("me") => Owner::Of(staff.user_id.clone()),
        Some(open_id) => match person::by_open_id(tx, &staff.tenant, open_id)? {
            Some(person) => Owner::Of(person.user_id),
            None => return Ok(Page { entries: Vec::new(), next: None }),
        },
    };
    let mut keys = Vec::new();
    let mut looked_to: Option<Key> = None;
    for seat in seats {
        let tag = match filter.tag.as_deref().map(str::trim).filter(|tag| !tag.is_empty()) {
            None => None,
            Some(name) => match tag::id_of(tx, &seat.desk, name)? {
                Some(id) => Some(id),
                None => continue,
            },
        };
        let statuses = if filter.statuses.is_empty() { &OPEN[..] } else { &filter.statuses };
        for status in statuses {
            keys.extend(matching(tx, seat, *status, (&owner, tag), after, limit)?);
            let end = end_of_window(tx, seat, *status, after)?;
            looked_to = [looked_to, end].into_iter().flatten().min();
        }
    }
    keys.retain(|key| looked_to.is_none_or(|end| *key <= end));
    keys.sort_unstable();
    let more = keys.len() > limit;
    keys.truncate(limit);
    let next = if more { keys.last().copied() } else { looked_to };
    let ids: Vec<i64> = keys.iter().map(|(_, id)| *id).collect();
    Ok(Page { entries: entry::of(tx, &staff.tenant, &ids)?, next })
}

/// Of the first [`WINDOW`] tickets of a status those that fit, one more than `limit` at most.
fn matching(
    tx: &mut Tx<'_>,
    seat: &Seat,
    status: i64,
    (owner, tag): (&Owner, Option<i64>),
    after: Key,
    limit: usize,
) -> Result<Vec<Key>, DbError> {
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let (nobodys, owner) = match owner {
        Owner::Anybodys => (None, None),
        Owner::Nobodys => (Some(1), None),
        Owner::Of(user_id) => (None, Some(user_id.as_str())),
    };
    tx.query(
        "SELECT a.waits_from, a.ticket_id FROM (
           SELECT t.waits_from, t.ticket_id, t.owner FROM ticket t
           WHERE t.tenant = $1 AND t.helpdesk_id = $2 AND t.status = $3 AND t.stage = 2 AND t.status < 50
             AND (t.waits_from, t.ticket_id) > ($4, $5)
           ORDER BY t.waits_from, t.ticket_id LIMIT $6
         ) AS a
         WHERE (CAST($7 AS TEXT) IS NULL OR a.owner = $7) AND (CAST($8 AS BIGINT) IS NULL OR a.owner IS NULL)
           AND (CAST($9 AS BIGINT) IS NULL OR EXISTS (
             SELECT 1 FROM ticket_tag k WHERE k.tenant = $1 AND k.ticket_id = a.ticket_id AND k.tag_id = $9))
         ORDER BY a.waits_from, a.ticket_id LIMIT $10",
        &params![&seat.desk.tenant, seat.desk.id, status, after.0, after.1, WINDOW, owner, nobodys, tag, one_more],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )
}

/// The last ticket that [`matching`] looks at, if it does not look at all.
fn end_of_window(tx: &mut Tx<'_>, seat: &Seat, status: i64, after: Key) -> Result<Option<Key>, DbError> {
    tx.query_opt(
        "SELECT waits_from, ticket_id FROM ticket
         WHERE tenant = $1 AND helpdesk_id = $2 AND status = $3 AND stage = 2 AND status < 50
           AND (waits_from, ticket_id) > ($4, $5)
         ORDER BY waits_from, ticket_id LIMIT 1 OFFSET $6",
        &params![&seat.desk.tenant, seat.desk.id, status, after.0, after.1, WINDOW - 1],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )
}
