//! Events as those look at them who look after the help desks: the deliveries of a tenant, or of some of its desks.

use std::collections::BTreeSet;

use db::{DbError, Tx};

use super::{Rights, Staff};
use crate::audit::Told;
use crate::delivery::{self, Delivery, Filter, Whole};
use crate::directory::Directory;
use crate::outbox::{self, By};
use crate::{Cx, Kind, Refusal};

/// How many deliveries a page looks at for those that pass its filter. What it has found until then is the page.
const LOOKED_AT_MAX: usize = 4_000;
/// Deliveries that are read at once, when the newest ones were not enough.
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
    fn has(&self, event: &Delivery) -> bool {
        event.tenant == self.tenant && self.desks.as_ref().is_none_or(|desks| desks.contains(&event.helpdesk_id))
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

/// Some events, newest first.
#[derive(Debug, Clone)]
pub struct Page {
    /// The events. There may be fewer than were asked for, and still more on the next page.
    pub events: Vec<Delivery>,
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
        for event in read.into_iter().filter(|event| scope.has(event)) {
            if events.len() == size {
                let next = events.last().map(|last: &Delivery| last.delivery_id);
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

/// The event with this delivery id. What is another's is not there.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, delivery_id: i64) -> Result<Whole, Refusal> {
    let whole = delivery::get(tx, delivery_id)?.filter(|whole| scope.has(&whole.delivery));
    whole.ok_or_else(|| Refusal::not_found(Kind::Delivery, delivery_id))
}

/// Has an event sent again, now, and puts on record who wanted that.
pub fn resend(tx: &mut Tx<'_>, cx: &mut Cx, by: &Staff, scope: &Scope, delivery_id: i64) -> Result<(), Refusal> {
    let event = find(tx, scope, delivery_id)?.delivery;
    let helpdesk_id = Some(event.helpdesk_id).filter(|id| *id > 0);
    let told = Told::change(delivery_id, None, Some(format!("{} to {}", event.event_type, event.app_id)));
    cx.told = Some(Told { helpdesk_id, ..told });
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
) -> Result<(Vec<Delivery>, i64), DbError> {
    let mut events = delivery::after(tx, after, limit)?;
    events.retain(|event| event.delivery_id < before);
    let looked = events.last().map_or(after, |last| last.delivery_id);
    events.retain(|event| scope.has(event));
    Ok((events, looked))
}
