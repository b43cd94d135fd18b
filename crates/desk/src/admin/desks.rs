//! Help desks at a glance, and the settings that people change while they run.

use std::collections::HashMap;
use std::sync::Arc;

use db::{DbError, Tx, params};

use super::categories::contradiction;
use super::{Place, Rights, Staff, settings};
use crate::answering::{Answering, By};
use crate::audit::Told;
use crate::deskfile::types::{self, Secret};
use crate::directory::{self, Directory, Helpdesk, Role, json};
use crate::faq::to_json;
use crate::threshold::Thresholds;
use crate::vault::Vault;
use crate::{Cx, Kind, Refusal, category, deskfile, person};

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

/// A help desk that is to be made.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Its name; no other help desk of the tenant has it.
    pub name: String,
    /// The IANA name of the time zone of agents' schedules; `UTC` if there is none.
    pub timezone: Option<String>,
    /// Open id of the owner, who is its first agent.
    pub owner: String,
}

/// A help desk that was just made, with the secrets that are told this once.
#[derive(Clone)]
pub struct Made {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The help desk token; only its hash is kept.
    pub token: String,
    /// The widget secret; it is kept sealed.
    pub widget_secret: String,
}

/// Makes a help desk as a desk file would, with what such a file leaves out as its default; no file takes it away.
///
/// # Errors
/// Another help desk has the name, the owner is no user or could not sign in, or the first key that a desk file could
/// not have so.
pub fn make(tx: &mut Tx<'_>, cx: &mut Cx, vault: &Vault, tenant: &str, draft: &Draft) -> Result<Made, Refusal> {
    let name = draft.name.trim();
    let namesake = tx.query_opt(
        "SELECT helpdesk_id FROM helpdesk WHERE tenant = $1 AND name = $2 ORDER BY helpdesk_id LIMIT 1",
        &params![tenant, name],
        |row| row.int(0),
    )?;
    if let Some(id) = namesake {
        return Err(Refusal::invalid(
            "name",
            format!("the help desk {id} is called {name} already; give another name"),
        ));
    }
    let unknown = || Refusal::invalid("owner", format!("{} is no user here", draft.owner));
    let owner = person::by_open_id(tx, tenant, &draft.owner)?.ok_or_else(unknown)?;
    settings::require_owner(tx, tenant, &owner.user_id, &owner.name)?;
    let id = cx.ids.decimal(cx.now);
    let (token, widget_secret) = (cx.ids.tagged("ht-"), cx.ids.tagged(""));
    let desk = types::Helpdesk {
        id: Some(id.to_string()),
        name: name.to_owned(),
        owner: owner.user_id.clone(),
        token: Some(Secret(token.clone())),
        widget_secret: Some(Secret(widget_secret.clone())),
        timezone: draft.timezone.as_deref().map(str::trim).filter(|zone| !zone.is_empty()).map(str::to_owned),
        ..types::Helpdesk::default()
    };
    let shown =
        format!("name: {name}\nowner: {}\ntimezone: {}", owner.user_id, desk.timezone.as_deref().unwrap_or("UTC"));
    deskfile::put_helpdesk(tx, cx, vault, tenant, (desk, &owner))?;
    cx.told = Some(Told { helpdesk_id: Some(id), ..Told::change(id, None, Some(shown)) });
    Ok(Made { id, name: name.to_owned(), token, widget_secret })
}

/// Closes a help desk and answers since when it is closed (Unix ms): it takes no new guests and tickets and calls of the open
/// API for it are refused; all it has stays, open tickets go on. `name` has to be its name, so that nobody closes another.
///
/// # Errors
/// `name` is another.
pub fn close(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, name: &str) -> Result<i64, Refusal> {
    let (is_called, closed_at) = standing(tx, desk)?;
    if name.trim() != is_called {
        return Err(Refusal::invalid(
            "name",
            format!("write {is_called}, the name of the help desk that is to be closed"),
        ));
    }
    if let Some(closed_at) = closed_at {
        return Ok(closed_at);
    }
    set_closed(tx, cx, desk, Some(cx.now))?;
    cx.told = Some(Told::change(desk.id, Some("open".to_owned()), Some("closed".to_owned())));
    Ok(cx.now)
}

/// Opens a help desk again that was closed; it is as it was.
pub fn reopen(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk) -> Result<(), Refusal> {
    if standing(tx, desk)?.1.is_some() {
        set_closed(tx, cx, desk, None)?;
        cx.told = Some(Told::change(desk.id, Some("closed".to_owned()), Some("open".to_owned())));
    }
    Ok(())
}

/// What a help desk is called, and since when it is closed.
fn standing(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<(String, Option<i64>), DbError> {
    tx.query_one(
        "SELECT name, closed_at FROM helpdesk WHERE tenant = $1 AND helpdesk_id = $2",
        &params![&desk.tenant, desk.id],
        |row| Ok((row.string(0)?, row.opt_int(1)?)),
    )
}

fn set_closed(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, closed_at: Option<i64>) -> Result<(), DbError> {
    tx.execute(
        "UPDATE helpdesk SET closed_at = $1 WHERE tenant = $2 AND helpdesk_id = $3",
        &params![closed_at, &desk.tenant, desk.id],
    )?;
    directory::touch(tx, cx)
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
