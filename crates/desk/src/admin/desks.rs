//! Help desks at a glance, and the settings that people change while they run.

use std::collections::HashMap;
use std::sync::Arc;

use db::{DbError, Tx, params};

use super::categories::contradiction;
use super::{Place, Rights, Staff};
use crate::answering::{Answering, By};
use crate::audit::Told;
use crate::directory::{self, Directory, Helpdesk, Role, json};
use crate::faq::to_json;
use crate::threshold::Thresholds;
use crate::{Cx, Kind, Refusal, category};

/// What there is in a help desk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tickets that are not closed.
    pub open_tickets: i64,
    /// FAQs that are online.
    pub faqs: i64,
}

/// The counts of a tenant's help desks; one without any is left out.
pub fn counts(tx: &mut Tx<'_>, tenant: &str) -> Result<HashMap<i64, Counts>, DbError> {
    let mut counts: HashMap<i64, Counts> = HashMap::new();
    // Help desk by help desk, so that closed tickets are not read.
    let tickets = tx.query(
        "SELECT helpdesk_id, COUNT(*) FROM ticket
         WHERE tenant = $1 AND helpdesk_id IN (SELECT h.helpdesk_id FROM helpdesk h WHERE h.tenant = $1) AND status < 50
         GROUP BY helpdesk_id",
        &params![tenant],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )?;
    for (helpdesk_id, count) in tickets {
        counts.entry(helpdesk_id).or_default().open_tickets = count;
    }
    let faqs = tx.query(
        "SELECT helpdesk_id, COUNT(*) FROM faq WHERE tenant = $1 AND status = 1 GROUP BY helpdesk_id",
        &params![tenant],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )?;
    for (helpdesk_id, count) in faqs {
        counts.entry(helpdesk_id).or_default().faqs = count;
    }
    Ok(counts)
}

impl Staff {
    /// A help desk that they run: their own, or any of an administrator's tenant. It is as it is for them: there an
    /// administrator may do what its owner may.
    pub fn runs(&self, directory: &Directory, helpdesk_id: i64) -> Result<Arc<Helpdesk>, Refusal> {
        let place =
            self.place(directory, helpdesk_id).ok_or_else(|| Refusal::not_found(Kind::Helpdesk, helpdesk_id))?;
        if place.rights == Rights::Agent {
            let why = "the owner of the help desk and administrators of the tenant may do this, agents may not";
            return Err(Refusal::Forbidden(why.to_owned()));
        }
        Ok(self.as_it_is_for_them(&place))
    }

    /// A help desk with an administrator of the tenant as one owner more.
    pub(crate) fn as_it_is_for_them(&self, place: &Place) -> Arc<Helpdesk> {
        let mut desk = Arc::clone(&place.desk);
        if place.rights == Rights::Admin && desk.role(&self.user_id) < Some(Role::Owner) {
            // What grows with a help desk is shared with the copy.
            Arc::make_mut(&mut desk).acting_owner = Some(self.user_id.clone());
        }
        desk
    }
}

/// What is to change of a help desk's answering; `None` leaves a value as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Who answers.
    pub by: Option<By>,
    /// How long an app has, in ms.
    pub app_timeout_ms: Option<i64>,
    /// From this score on an answer is shown.
    pub direct_score: Option<f64>,
    /// From this score on a list is shown.
    pub list_score: Option<f64>,
    /// How many questions a list holds.
    pub list_size: Option<usize>,
    /// Minutes until a ticket without a word of the guest is closed; 0 for never.
    pub idle_close_min: Option<i64>,
}

/// Changes how a help desk answers, and answers how it does then. The checks are those of a desk file.
pub fn change_answering(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, change: &Change) -> Result<Answering, Refusal> {
    let old: Answering = tx.query_one(
        "SELECT answering FROM helpdesk WHERE tenant = $1 AND helpdesk_id = $2",
        &params![&desk.tenant, desk.id],
        |row| json(row.text(0)?),
    )?;
    let idle_close_min = change.idle_close_min.map(|min| Some(min).filter(|min| *min != 0));
    let new = Answering {
        by: change.by.unwrap_or(old.by),
        app_timeout_ms: change.app_timeout_ms.unwrap_or(old.app_timeout_ms),
        direct_score: change.direct_score.unwrap_or(old.direct_score),
        list_score: change.list_score.unwrap_or(old.list_score),
        list_size: change.list_size.unwrap_or(old.list_size),
        idle_close_min: idle_close_min.unwrap_or(old.idle_close_min),
    };
    if let Some((key, why)) = new.fault() {
        return Err(Refusal::invalid(key, why));
    }
    let of = Thresholds::of;
    if of(&new) != of(&old)
        && let Some((key, why)) = contradiction(&new, &category::list(tx, desk)?, None)
    {
        return Err(Refusal::invalid(key, why));
    }
    if new != old {
        tx.execute(
            "UPDATE helpdesk SET answering = $1 WHERE tenant = $2 AND helpdesk_id = $3",
            &params![&to_json(&new), &desk.tenant, desk.id],
        )?;
        directory::touch(tx, cx)?;
    }
    cx.told = Some(Told::change(desk.id, Some(to_json(&old)), Some(to_json(&new))));
    Ok(new)
}
