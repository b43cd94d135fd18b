//! Which deliveries somebody wants to see, and a page of them.

use std::cmp::Reverse;

use db::{DbError, Tx, params};

use super::{Delivery, STATES, read, state_named};
use crate::directory::Directory;
use crate::{Refusal, event, ids};

/// Deliveries of a ticket that are looked at together.
const AT_ONCE: i64 = 500;
/// Apps that a refusal names.
const NAMED_MAX: usize = 20;

/// What is asked for, in words. What is `None` is not asked for.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// One of [`STATES`].
    pub state: Option<String>,
    /// An app's id.
    pub app: Option<String>,
    /// One of [`event::TYPES`].
    pub event_type: Option<String>,
    /// A ticket's id.
    pub ticket: Option<String>,
    /// An event's id as in its body (a UUID) or in its header (32 hex digits).
    pub event: Option<String>,
}

/// Which deliveries; what is `None` lets all through.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this tenant's.
    pub tenant: Option<String>,
    /// Only this app's.
    pub app_id: Option<String>,
    /// Only those in this state, see [`crate::outbox::state`].
    pub state: Option<i64>,
    /// Only events of this type.
    pub event_type: Option<String>,
    /// Only events of this ticket.
    pub ticket_id: Option<i64>,
    /// Only this event, by its body's id.
    pub event_id: Option<String>,
}

impl Filter {
    /// What the words ask for.
    ///
    /// # Errors
    /// A refusal that names the word and says what is allowed.
    pub fn of(ask: &Ask, directory: &Directory) -> Result<Self, Refusal> {
        let mut filter = Self::default();
        if let Some(word) = &ask.state {
            let why = || format!("{word:?} is no state of a delivery; known are {}", STATES.join(", "));
            filter.state = Some(state_named(word).ok_or_else(|| Refusal::invalid("state", why()))?);
        }
        if let Some(app_id) = &ask.app {
            let app = directory.apps.get(app_id).ok_or_else(|| no_app(app_id, directory))?;
            filter.tenant = Some(app.tenant.clone());
            filter.app_id = Some(app_id.clone());
        }
        if let Some(name) = &ask.event_type {
            let why = || format!("{name:?} is no event type; known are {}", event::TYPES.join(", "));
            let known = event::TYPES.iter().find(|known| *known == name);
            filter.event_type =
                Some(known.map(|known| (*known).to_owned()).ok_or_else(|| Refusal::invalid("type", why()))?);
        }
        if let Some(text) = &ask.ticket {
            let why = || format!("{text:?} is no ticket id; ids have 19 digits");
            filter.ticket_id = Some(ids::parse(text).ok_or_else(|| Refusal::invalid("ticket", why()))?);
        }
        if let Some(text) = &ask.event {
            let why =
                || format!("{text:?} is no event id; it is a UUID in an event's body, and 32 hex digits in its header");
            filter.event_id = Some(ids::body_event_id(text).ok_or_else(|| Refusal::invalid("event", why()))?);
        }
        Ok(filter)
    }

    /// Whether the delivery is among them.
    pub fn passes(&self, delivery: &Delivery) -> bool {
        self.passes_kind(&Kind {
            tenant: &delivery.tenant,
            app_id: &delivery.app_id,
            event_type: &delivery.event_type,
            state: delivery.state,
        }) && self.ticket_id.is_none_or(|ticket_id| ticket_id == delivery.ticket_id)
            && self.event_id.as_ref().is_none_or(|event_id| *event_id == delivery.event_id)
    }

    fn passes_kind(&self, kind: &Kind<&str>) -> bool {
        self.tenant.as_ref().is_none_or(|tenant| tenant == kind.tenant)
            && self.app_id.as_ref().is_none_or(|app_id| app_id == kind.app_id)
            && self.event_type.as_ref().is_none_or(|event_type| event_type == kind.event_type)
            && self.state.is_none_or(|state| state == kind.state)
    }

    fn is_open(&self) -> bool {
        self.tenant.is_none() && self.app_id.is_none() && self.event_type.is_none() && self.state.is_none()
    }
}

fn no_app(app_id: &str, directory: &Directory) -> Refusal {
    let mut known: Vec<&str> = directory.apps.keys().map(String::as_str).collect();
    known.sort_unstable();
    let more = if known.len() > NAMED_MAX { ", …" } else { "" };
    known.truncate(NAMED_MAX);
    Refusal::invalid("app", format!("no app {app_id:?}; known are {}{more}", known.join(", ")))
}

/// Deliveries that have these in common lie side by side in one index, by their ids.
struct Kind<T> {
    tenant: T,
    app_id: T,
    event_type: T,
    state: i64,
}

/// Up to `limit` deliveries before the delivery `before`, newest first.
///
/// What is read is bounded whatever there is: a ticket's events, or `limit` of each combination of app, event type and
/// state that is asked for.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, before: i64, limit: i64) -> Result<Vec<Delivery>, DbError> {
    let mut page = Page { filter, before, limit, found: Vec::new() };
    if let Some(event_id) = &filter.event_id {
        page.add(of_event(tx, event_id)?);
    } else if let Some(ticket_id) = filter.ticket_id {
        for tenant in tenants(tx)?.iter().filter(|tenant| filter.tenant.as_ref().is_none_or(|only| only == *tenant)) {
            page.ticket(tx, tenant, ticket_id)?;
        }
    } else if filter.is_open() {
        page.add(newest(tx, before, limit)?);
    } else {
        for kind in kinds(tx)? {
            page.kind(tx, &kind)?;
        }
    }
    Ok(page.found)
}

/// A page in the making.
struct Page<'a> {
    filter: &'a Filter,
    before: i64,
    limit: i64,
    /// Newest first, `limit` at most.
    found: Vec<Delivery>,
}

impl Page<'_> {
    fn add(&mut self, more: Vec<Delivery>) {
        self.found.extend(more.into_iter().filter(|d| d.delivery_id < self.before && self.filter.passes(d)));
        self.found.sort_unstable_by_key(|delivery| Reverse(delivery.delivery_id));
        self.found.truncate(usize::try_from(self.limit).unwrap_or(0));
    }

    fn is_full(&self) -> bool {
        i64::try_from(self.found.len()).is_ok_and(|found| found >= self.limit)
    }

    /// Only what is newer than this can still get onto the page.
    fn floor(&self) -> i64 {
        self.found.last().filter(|_| self.is_full()).map_or(0, |last| last.delivery_id)
    }

    fn kind(&mut self, tx: &mut Tx<'_>, kind: &Kind<String>) -> Result<(), DbError> {
        let Kind { tenant, app_id, event_type, state } = kind;
        if self.filter.passes_kind(&Kind { tenant, app_id, event_type, state: *state }) {
            let more = of_kind(tx, kind, (self.floor(), self.before), self.limit)?;
            self.add(more);
        }
        Ok(())
    }

    fn ticket(&mut self, tx: &mut Tx<'_>, tenant: &str, ticket_id: i64) -> Result<(), DbError> {
        let mut before = self.before;
        while !self.is_full() {
            let more = of_ticket(tx, tenant, ticket_id, before)?;
            let Some(last) = more.last() else { break };
            before = last.delivery_id;
            self.add(more);
        }
        Ok(())
    }
}

// The outcome is asked for row by row, because PostgreSQL would rather read all attempts once than join a page.

fn newest(tx: &mut Tx<'_>, before: i64, limit: i64) -> Result<Vec<Delivery>, DbError> {
    tx.query(
        "SELECT d.delivery_id, d.tenant, d.app_id, d.event_id, d.event_type, d.helpdesk_id, d.ticket_id, d.state,
                d.attempts, d.next_at, d.created_at,
                (SELECT a.outcome FROM attempt a
                 WHERE a.tenant = d.tenant AND a.delivery_id = d.delivery_id AND a.attempt = d.attempts)
         FROM delivery d
         WHERE d.delivery_id < $1 ORDER BY d.delivery_id DESC LIMIT $2",
        &params![before, limit],
        read,
    )
}

/// One for each app that gets the event.
fn of_event(tx: &mut Tx<'_>, event_id: &str) -> Result<Vec<Delivery>, DbError> {
    tx.query(
        "SELECT d.delivery_id, d.tenant, d.app_id, d.event_id, d.event_type, d.helpdesk_id, d.ticket_id, d.state,
                d.attempts, d.next_at, d.created_at,
                (SELECT a.outcome FROM attempt a
                 WHERE a.tenant = d.tenant AND a.delivery_id = d.delivery_id AND a.attempt = d.attempts)
         FROM delivery d
         WHERE d.event_id = $1 ORDER BY d.delivery_id DESC",
        &params![event_id],
        read,
    )
}

fn of_ticket(tx: &mut Tx<'_>, tenant: &str, ticket_id: i64, before: i64) -> Result<Vec<Delivery>, DbError> {
    tx.query(
        "SELECT d.delivery_id, d.tenant, d.app_id, d.event_id, d.event_type, d.helpdesk_id, d.ticket_id, d.state,
                d.attempts, d.next_at, d.created_at,
                (SELECT a.outcome FROM attempt a
                 WHERE a.tenant = d.tenant AND a.delivery_id = d.delivery_id AND a.attempt = d.attempts)
         FROM delivery d
         WHERE d.tenant = $1 AND d.ticket_id = $2 AND d.delivery_id < $3 ORDER BY d.delivery_id DESC LIMIT $4",
        &params![tenant, ticket_id, before, AT_ONCE],
        read,
    )
}

fn of_kind(
    tx: &mut Tx<'_>,
    kind: &Kind<String>,
    (floor, before): (i64, i64),
    limit: i64,
) -> Result<Vec<Delivery>, DbError> {
    tx.query(
        "SELECT d.delivery_id, d.tenant, d.app_id, d.event_id, d.event_type, d.helpdesk_id, d.ticket_id, d.state,
                d.attempts, d.next_at, d.created_at,
                (SELECT a.outcome FROM attempt a
                 WHERE a.tenant = d.tenant AND a.delivery_id = d.delivery_id AND a.attempt = d.attempts)
         FROM delivery d
         WHERE d.tenant = $1 AND d.app_id = $2 AND d.event_type = $3 AND d.state = $4
           AND d.delivery_id > $5 AND d.delivery_id < $6
         ORDER BY d.delivery_id DESC LIMIT $7",
        &params![&kind.tenant, &kind.app_id, &kind.event_type, kind.state, floor, before, limit],
        read,
    )
}

/// The kinds there are, found by jumping from each to the next; apps that are gone have some, too.
fn kinds(tx: &mut Tx<'_>) -> Result<Vec<Kind<String>>, DbError> {
    // With the largest id, because SQLite would else step through all rows of the kind; and it takes only expressions as
    // the end of such a range, no columns.
    tx.query(
        "WITH RECURSIVE kind (tenant, app_id, event_type, state) AS (
           SELECT f.tenant, f.app_id, f.event_type, f.state FROM (
             SELECT tenant, app_id, event_type, state FROM delivery
             ORDER BY tenant, app_id, event_type, state, delivery_id LIMIT 1) f
           UNION ALL
           SELECT d.tenant, d.app_id, d.event_type, d.state FROM kind k JOIN delivery d ON d.delivery_id = (
             SELECT n.delivery_id FROM delivery n
             WHERE (n.tenant, n.app_id, n.event_type, n.state, n.delivery_id)
                 > (k.tenant || '', k.app_id || '', k.event_type || '', k.state + 0, 9223372036854775807)
             ORDER BY n.tenant, n.app_id, n.event_type, n.state, n.delivery_id LIMIT 1))
         SELECT tenant, app_id, event_type, state FROM kind",
        &[],
        |row| {
            Ok(Kind { tenant: row.string(0)?, app_id: row.string(1)?, event_type: row.string(2)?, state: row.int(3)? })
        },
    )
}

fn tenants(tx: &mut Tx<'_>) -> Result<Vec<String>, DbError> {
    tx.query("SELECT tenant FROM tenant ORDER BY tenant", &[], |row| row.string(0))
}
