//! Listing tickets with every filter of the reference, newest first.
//!
//! Each filter is a condition that is off while its parameter is NULL. Such a condition cannot use an index, so the
//! most selective filter that is given ([`Driver`]) stands there once more in a form that can.

use std::sync::PoisonError;

use db::{DbError, Param, Tx, params};

use super::{Ticket, read, select};
use crate::directory::Helpdesk;
use crate::{Cx, Refusal, ids};

/// The most tickets a list counts, and the most rows that can be reached over its pages (reference).
pub const TOTAL_MAX: i64 = 10_000;

/// The most tags a list can be filtered by.
pub const TAGS_MAX: usize = 20;

/// Tickets with a tag are looked up by their tags up to this many; with more of them, the other filters and the order of
/// the list find a page sooner.
const TAGGED_MAX: i64 = 50_000;

/// Which tickets to list; a filter that is not given filters nothing. Times are Unix ms, both ends included; people
/// are user ids.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this ticket.
    pub ticket_id: Option<i64>,
    /// Only tickets of this guest.
    pub guest: Option<String>,
    /// Only tickets whose guest has exactly this name.
    pub guest_name: Option<String>,
    /// Only tickets in the charge of this agent.
    pub owner: Option<String>,
    /// Only tickets closed by this person.
    pub closed_by: Option<String>,
    /// Only this stage.
    pub stage: Option<i64>,
    /// Only this channel.
    pub channel: Option<i64>,
    /// 1 not solved, 2 solved.
    pub solve: Option<i64>,
    /// Only this rating.
    pub score: Option<i64>,
    /// Only these statuses; none is all.
    pub statuses: Vec<i64>,
    /// Only tickets made in this range.
    pub created: Option<(i64, i64)>,
    /// Only tickets changed in this range.
    pub updated: Option<(i64, i64)>,
    /// Only tickets with any of these tags, at most [`TAGS_MAX`]; none is all.
    pub tags: Vec<String>,
}

/// A page of tickets.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The page.
    pub tickets: Vec<Ticket>,
    /// How many match, counted up to [`TOTAL_MAX`].
    pub total: i64,
}

#[derive(Clone, Copy)]
enum Driver {
    Ticket,
    Guest,
    Owner,
    Tags,
    Status,
    Updated,
    Created,
    None,
}

macro_rules! matching {
    ($driver:expr) => {
        concat!(
            "FROM ticket t WHERE t.tenant = $1 AND t.helpdesk_id = $2
               AND (CAST($3 AS BIGINT) IS NULL OR t.ticket_id = $3)
               AND (CAST($4 AS TEXT) IS NULL OR t.guest = $4)
               AND (CAST($5 AS TEXT) IS NULL OR t.owner = $5)
               AND (CAST($6 AS TEXT) IS NULL OR t.closed_by = $6)
               AND (CAST($7 AS TEXT) IS NULL OR t.guest_name = $7)
               AND (CAST($8 AS BIGINT) IS NULL OR t.stage = $8)
               AND (CAST($9 AS BIGINT) IS NULL OR t.channel = $9)
               AND (CAST($10 AS BIGINT) IS NULL OR t.solve = $10)
               AND (CAST($11 AS BIGINT) IS NULL OR t.score = $11)
               AND (CAST($12 AS BIGINT) IS NULL OR t.status IN ($12, $13, $14, $15, $16, $17, $18, $19))
               AND (CAST($20 AS BIGINT) IS NULL OR t.created_at >= $20)
               AND (CAST($21 AS BIGINT) IS NULL OR t.created_at <= $21)
               AND (CAST($22 AS BIGINT) IS NULL OR t.updated_at >= $22)
               AND (CAST($23 AS BIGINT) IS NULL OR t.updated_at <= $23)
               AND t.ticket_id >= $24 AND t.ticket_id < $25
               AND (CAST($26 AS BIGINT) IS NULL OR EXISTS (
                 SELECT 1 FROM ticket_tag k WHERE k.tenant = $1 AND k.ticket_id = t.ticket_id
                   AND k.tag_id IN ($26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42,
                                    $43, $44, $45))) ",
            $driver
        )
    };
}

macro_rules! page_sql {
    ($driver:expr) => {
        select!(
            concat!(
                "WITH page AS MATERIALIZED (SELECT t.ticket_id AS id ",
                matching!($driver),
                " ORDER BY t.ticket_id DESC LIMIT $46 OFFSET $47) "
            ),
            "WHERE t.tenant = $1 AND t.ticket_id IN (SELECT id FROM page) ORDER BY t.ticket_id DESC"
        )
    };
}

macro_rules! count_sql {
    ($driver:expr) => {
        concat!("SELECT COUNT(*) FROM (SELECT 1 ", matching!($driver), " LIMIT $46) AS capped")
    };
}

macro_rules! tagged {
    () => {
        "AND t.ticket_id IN (
           SELECT k.ticket_id FROM ticket_tag k WHERE k.tenant = $1
             AND k.tag_id IN ($26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43,
                              $44, $45))"
    };
}

impl Driver {
    fn of(filter: &Filter, few_tagged: bool) -> Self {
        if filter.ticket_id.is_some() {
            Self::Ticket
        } else if filter.guest.is_some() {
            Self::Guest
        } else if filter.owner.is_some() {
            Self::Owner
        } else if few_tagged {
            Self::Tags
        } else if filter.statuses.len() == 1 {
            Self::Status
        } else if filter.updated.is_some() {
            Self::Updated
        } else if filter.created.is_some() {
            Self::Created
        } else {
            Self::None
        }
    }

    fn page(self) -> &'static str {
        match self {
            Self::Ticket => page_sql!("AND t.ticket_id = $3"),
            Self::Guest => page_sql!("AND t.guest = $4"),
            Self::Owner => page_sql!("AND t.owner = $5"),
            Self::Tags => page_sql!(tagged!()),
            Self::Status => page_sql!("AND t.status = $12"),
            Self::Updated => page_sql!("AND t.updated_at >= $22 AND t.updated_at <= $23"),
            Self::Created | Self::None => page_sql!(""),
        }
    }

    fn count(self) -> &'static str {
        match self {
            Self::Ticket => count_sql!("AND t.ticket_id = $3"),
            Self::Guest => count_sql!("AND t.guest = $4"),
            Self::Owner => count_sql!("AND t.owner = $5"),
            Self::Tags => count_sql!(tagged!()),
            Self::Status => count_sql!("AND t.status = $12"),
            Self::Updated => count_sql!("AND t.updated_at >= $22 AND t.updated_at <= $23"),
            Self::Created | Self::None => count_sql!(""),
        }
    }
}

/// A page of tickets, newest first. `page` counts from 1.
pub fn list(
    tx: &mut Tx<'_>,
    cx: &Cx,
    desk: &Helpdesk,
    filter: &Filter,
    page: i64,
    page_size: i64,
) -> Result<Listing, Refusal> {
    let Some(tags) = tag_ids(tx, desk, filter)? else { return Ok(Listing { tickets: Vec::new(), total: 0 }) };
    let driver = Driver::of(filter, !tags.is_empty() && few_tagged(tx, desk, &tags)?);
    let total = if matches!(driver, Driver::None) && is_empty(filter) {
        count_all(tx, cx, desk)?
    } else {
        let mut values = values(desk, filter, &tags);
        values.push(Param::Int(TOTAL_MAX));
        tx.query_one(driver.count(), &values, |row| row.int(0))?
    };
    let offset = (page - 1).saturating_mul(page_size);
    let limit = page_size.min(TOTAL_MAX - offset.min(TOTAL_MAX));
    let mut tickets = Vec::new();
    if offset < total && limit > 0 {
        let mut values = values(desk, filter, &tags);
        values.extend(params![limit, offset]);
        tickets = tx.query(driver.page(), &values, read)?;
    }
    Ok(Listing { tickets, total })
}

/// A ticket may still appear with an id from this long ago, in ms: its server made the id, then waited to commit.
const SETTLED_MS: i64 = 120_000;

/// Counts all tickets of a help desk up to [`TOTAL_MAX`]. Those that have settled are counted once.
fn count_all(tx: &mut Tx<'_>, cx: &Cx, desk: &Helpdesk) -> Result<i64, DbError> {
    let counted = || desk.counted.lock().unwrap_or_else(PoisonError::into_inner);
    let mut known = *counted();
    let settled = ids::floor_at((cx.now - SETTLED_MS).max(0));
    if known.count < TOTAL_MAX && known.below < settled {
        known.count += count_between(tx, desk, (known.below, settled), TOTAL_MAX - known.count)?;
        known.below = settled;
        *counted() = known;
    }
    if known.count >= TOTAL_MAX {
        return Ok(TOTAL_MAX);
    }
    Ok(known.count + count_between(tx, desk, (known.below, i64::MAX), TOTAL_MAX - known.count)?)
}

fn count_between(tx: &mut Tx<'_>, desk: &Helpdesk, (from, to): (i64, i64), max: i64) -> Result<i64, DbError> {
    tx.query_one(
        "SELECT COUNT(*) FROM (
           SELECT 1 FROM ticket WHERE tenant = $1 AND helpdesk_id = $2 AND ticket_id >= $3 AND ticket_id < $4 LIMIT $5
         ) AS capped",
        &params![&desk.tenant, desk.id, from, to, max],
        |row| row.int(0),
    )
}

fn is_empty(filter: &Filter) -> bool {
    let Filter { guest_name, closed_by, stage, channel, solve, score, statuses, tags, .. } = filter;
    guest_name.is_none()
        && closed_by.is_none()
        && stage.is_none()
        && channel.is_none()
        && solve.is_none()
        && score.is_none()
        && statuses.is_empty()
        && tags.is_empty()
}

/// Ids of the tags asked for, none if none were; `None` if no ticket can have any of them.
fn tag_ids(tx: &mut Tx<'_>, desk: &Helpdesk, filter: &Filter) -> Result<Option<Vec<i64>>, DbError> {
    let mut found = Vec::new();
    for name in filter.tags.iter().take(TAGS_MAX) {
        found.extend(super::tag::id_of(tx, desk, name.trim())?);
    }
    Ok(if found.is_empty() && !filter.tags.is_empty() { None } else { Some(found) })
}

/// Whether so few tickets have these tags that they are best found by them.
fn few_tagged(tx: &mut Tx<'_>, desk: &Helpdesk, tags: &[i64]) -> Result<bool, DbError> {
    let mut left = TAGGED_MAX;
    for tag_id in tags {
        left -= tx.query_one(
            "SELECT COUNT(*) FROM (SELECT 1 FROM ticket_tag WHERE tenant = $1 AND tag_id = $2 LIMIT $3) AS capped",
            &params![&desk.tenant, *tag_id, TAGGED_MAX],
            |row| row.int(0),
        )?;
    }
    Ok(left > 0)
}

fn values<'a>(desk: &'a Helpdesk, filter: &'a Filter, tags: &[i64]) -> Vec<Param<'a>> {
    let mut values: Vec<Param<'a>> = Vec::with_capacity(47);
    values.extend(params![
        &desk.tenant,
        desk.id,
        filter.ticket_id,
        &filter.guest,
        &filter.owner,
        &filter.closed_by,
        &filter.guest_name,
        filter.stage,
        filter.channel,
        filter.solve,
        filter.score
    ]);
    // Eight statuses exist; a list of fewer repeats its last one.
    let last = filter.statuses.last().copied();
    values.extend((0..8).map(|i| Param::from(filter.statuses.get(i).copied().or(last))));
    values.extend(params![
        filter.created.map(|r| r.0),
        filter.created.map(|r| r.1),
        filter.updated.map(|r| r.0),
        filter.updated.map(|r| r.1)
    ]);
    // Ids begin with the time of making, so a range of times is a range of ids. An id may run ahead of the clock when
    // many are made in one millisecond; a minute is far more than that.
    let (from, to) = filter.created.unwrap_or((0, i64::MAX));
    values.extend(params![
        ids::floor_at(from.clamp(0, 2_147_483_647_000)),
        ids::floor_at(to.saturating_add(60_000).clamp(0, 2_147_483_647_000))
    ]);
    let last = tags.last().copied();
    values.extend((0..TAGS_MAX).map(|i| Param::from(tags.get(i).copied().or(last))));
    values
}

/// The user id behind an open id, for filters; an unknown one matches nothing.
pub fn user_of(tx: &mut Tx<'_>, desk: &Helpdesk, open_id: &str) -> Result<String, DbError> {
    let person = crate::person::by_open_id(tx, &desk.tenant, open_id)?;
    Ok(person.map_or_else(|| format!("\u{1}{open_id}"), |p| p.user_id))
}
