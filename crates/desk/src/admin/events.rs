//! Events as those look at them who look after the help desks: the deliveries of a tenant, or of some of its desks.

use std::collections::{BTreeSet, HashMap};

use db::{DbError, Tx, params};

use super::{Rights, Staff};
use crate::delivery::{self, Delivery, Filter, Whole};
use crate::directory::Directory;
use crate::outbox::{self, By};
use crate::{Cx, Kind, Refusal};

/// How many deliveries a page looks at for those that pass its filter. What it has found until then is the page.
const LOOKED_AT_MAX: usize = 4_000;
/// Deliveries of one app that are read at once, when the newest ones were not enough.
const READ_AT_ONCE: usize = 200;

/// Whose events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The tenant.
    pub tenant: String,
    /// Only of these help desks.
    pub desks: Option<BTreeSet<i64>>,
}

impl Scope {
    fn holds(&self, helpdesk_id: i64) -> bool {
        self.desks.as_ref().is_none_or(|desks| desks.contains(&helpdesk_id))
    }
}

impl Staff {
    /// Whose events they may see: an administrator those of the tenant, an owner those of their desks; with `only`, of
    /// that help desk.
    pub fn scope(&self, directory: &Directory, only: Option<i64>) -> Result<Scope, Refusal> {
        let places = self.places(directory);
        let desks: BTreeSet<i64> = places.iter().filter(|p| p.rights > Rights::Agent).map(|p| p.desk.id).collect();
        if desks.is_empty() && !self.is_admin {
            let why = "owners of a help desk and administrators of the tenant may do this, agents may not";
            return Err(Refusal::Forbidden(why.to_owned()));
        }
        let desks = match only {
            Some(id) if desks.contains(&id) => Some(BTreeSet::from([id])),
            Some(id) => return Err(Refusal::not_found(Kind::Helpdesk, id)),
            None => Some(desks).filter(|_| !self.is_admin),
        };
        Ok(Scope { tenant: self.tenant.clone(), desks })
    }
}

/// A delivery with its help desk.
#[derive(Debug, Clone)]
pub struct Event {
    /// The delivery.
    pub delivery: Delivery,
    /// The help desk where it happened.
    pub helpdesk_id: i64,
}

/// Some events, newest first.
#[derive(Debug, Clone)]
pub struct Page {
    /// The events. There may be fewer than were asked for, and still more on the next page.
    pub events: Vec<Event>,
    /// What `before` is for the next page; `None` after the last.
    pub next: Option<i64>,
}

/// Up to `size` events before the delivery `before`.
///
/// # Errors
/// The filter names an app that the tenant does not have.
pub fn page(
    tx: &mut Tx<'_>,
    directory: &Directory,
    (scope, filter): (&Scope, &Filter),
    mut before: i64,
    size: usize,
) -> Result<Page, Refusal> {
    let of_tenant = |app_id: &str| directory.apps.get(app_id).is_some_and(|app| app.tenant == scope.tenant);
    if let Some(unknown) = filter.app_id.as_ref().filter(|app_id| !of_tenant(app_id)) {
        return Err(Refusal::not_found(Kind::App, unknown));
    }
    let filter = Filter { tenant: Some(scope.tenant.clone()), ..filter.clone() };
    // Enough, if all of them are of desks that count.
    let mut share = size.saturating_add(1);
    let (mut events, mut looked_at) = (Vec::new(), 0);
    loop {
        let read = delivery::list(tx, &filter, before, i64::try_from(share).unwrap_or(i64::MAX))?;
        looked_at += read.len();
        let last = read.last().map(|last| last.delivery_id).filter(|_| read.len() == share);
        share = READ_AT_ONCE;
        for event in with_desks(tx, &scope.tenant, read)? {
            if !scope.holds(event.helpdesk_id) {
                continue;
            }
            if events.len() == size {
                let next = events.last().map(|last: &Event| last.delivery.delivery_id);
                return Ok(Page { events, next });
            }
            events.push(event);
        }
        match last {
            Some(last) if looked_at < LOOKED_AT_MAX => before = last,
            next => return Ok(Page { events, next }),
        }
    }
}

/// Delivery ids that one statement looks up.
const LOOKED_UP: usize = 20;

/// The same with their help desks, in the same order.
fn with_desks(tx: &mut Tx<'_>, tenant: &str, deliveries: Vec<Delivery>) -> Result<Vec<Event>, DbError> {
    let mut desks: HashMap<i64, i64> = HashMap::new();
    for some in deliveries.chunks(LOOKED_UP) {
        // A short rest is filled up with its last id.
        let mut params = vec![db::Param::from(tenant)];
        params.extend((0..LOOKED_UP).map(|i| db::Param::from(some[i.min(some.len() - 1)].delivery_id)));
        desks.extend(tx.query(
            "SELECT delivery_id, helpdesk_id FROM delivery WHERE tenant = $1 AND delivery_id IN
             ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
            &params,
            |row| Ok((row.int(0)?, row.int(1)?)),
        )?);
    }
    let with_desk = |delivery: Delivery| {
        let helpdesk_id = *desks.get(&delivery.delivery_id)?;
        Some(Event { delivery, helpdesk_id })
    };
    Ok(deliveries.into_iter().filter_map(with_desk).collect())
}

/// An event with all there is to know of it.
#[derive(Debug, Clone)]
pub struct Found {
    /// The delivery with its attempts and with what is sent.
    pub whole: Whole,
    /// The help desk where it happened.
    pub helpdesk_id: i64,
}

/// The event with this delivery id. What is another's is not there.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, delivery_id: i64) -> Result<Found, Refusal> {
    let none = || Refusal::not_found(Kind::Delivery, delivery_id);
    let helpdesk_id = tx.query_opt(
        "SELECT helpdesk_id FROM delivery WHERE delivery_id = $1 AND tenant = $2",
        &params![delivery_id, &scope.tenant],
        |row| row.int(0),
    )?;
    let helpdesk_id = helpdesk_id.filter(|id| scope.holds(*id)).ok_or_else(none)?;
    let whole = delivery::get(tx, delivery_id)?.ok_or_else(none)?;
    Ok(Found { whole, helpdesk_id })
}

/// Has an event sent again, now, and puts on record who wanted that.
pub fn resend(tx: &mut Tx<'_>, cx: &mut Cx, by: &Staff, scope: &Scope, delivery_id: i64) -> Result<(), Refusal> {
    find(tx, scope, delivery_id)?;
    let by = By::Administrator { open_id: by.open_id.clone(), name: by.name.clone() };
    outbox::resend(tx, cx, delivery_id, &by)
}

/// Events after the delivery `after` and before the id `before`, oldest first, and up to which delivery was looked: at
/// `limit` deliveries of all tenants at most.
pub fn between(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (after, before): (i64, i64),
    limit: i64,
) -> Result<(Vec<Event>, i64), DbError> {
    let mut deliveries = delivery::after(tx, after, limit)?;
    deliveries.retain(|delivery| delivery.delivery_id < before);
    let looked = deliveries.last().map_or(after, |last| last.delivery_id);
    deliveries.retain(|delivery| delivery.tenant == scope.tenant);
    let mut events = with_desks(tx, &scope.tenant, deliveries)?;
    events.retain(|event| scope.holds(event.helpdesk_id));
    Ok((events, looked))
}
