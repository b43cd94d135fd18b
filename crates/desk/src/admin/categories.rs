//! The FAQ categories of a help desk with their thresholds.

use db::{Tx, params};

use crate::answering::Answering;
use crate::audit::Told;
use crate::category::{self, Category};
use crate::directory::{self, Helpdesk, json};
use crate::threshold::{self, Change, Thresholds};
use crate::{Cx, Kind, Refusal};

/// A category, and from which scores on its FAQs are shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The category with what it says itself.
    pub category: Category,
    /// What holds for it.
    pub thresholds: Thresholds,
}

/// All categories of the help desk, in the order in which they were made.
pub fn all(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Vec<Shown>, Refusal> {
    let categories = category::list(tx, desk)?;
    let thresholds = threshold::all(Thresholds::of(&desk.answering), &categories);
    let shown = |(category, thresholds)| Shown { category, thresholds };
    Ok(categories.into_iter().zip(thresholds).map(shown).collect())
}

/// What is to change of a category; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// Its name.
    pub name: Option<String>,
    /// Below which category it is; [`category::TOP`] for none.
    pub parent_id: Option<i64>,
    /// From which scores on its FAQs are shown.
    pub thresholds: Change,
}

/// Changes a category, all of it or nothing. A move below one whose thresholds its own contradict is refused, too.
pub fn edit(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, id: i64, edit: &Edit) -> Result<(), Refusal> {
    let before = category::get(tx, desk, id)?.told();
    if edit.name.is_some() || edit.parent_id.is_some() {
        category::patch(tx, cx, desk, user_id, id, (edit.name.clone(), edit.parent_id))?;
    }
    change(tx, cx, desk, id, edit.thresholds)?;
    cx.told = Some(Told::change(id, Some(before), Some(category::get(tx, desk, id)?.told())));
    Ok(())
}

/// Changes the thresholds of a category; they count from the next question on. What they would contradict, also below the
/// category, is refused.
pub fn change(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, id: i64, change: Change) -> Result<(), Refusal> {
    // As they are now: the directory may be a moment behind, and thresholds of the help desk that change at the same
    // time have to meet these.
    let answering: Answering = tx.query_one(
        "SELECT answering FROM helpdesk WHERE tenant = $1 AND helpdesk_id = $2",
        &params![&desk.tenant, desk.id],
        |row| json(row.text(0)?),
    )?;
    let mut categories = category::list(tx, desk)?;
    let unknown = || Refusal::not_found(Kind::Category, id);
    let place = categories.iter().position(|category| category.id == id).ok_or_else(unknown)?;
    let old = categories[place].own;
    categories[place].own = old.changed(change);
    if let Some((key, why)) = contradiction(&answering, &categories, Some(place)) {
        return Err(Refusal::invalid(key, why));
    }
    let new = categories[place].own;
    if new != old {
        tx.execute(
            "UPDATE category SET scores = $1, updated_at = $2
             WHERE tenant = $3 AND helpdesk_id = $4 AND category_id = $5",
            &params![&new.column(), cx.now, &desk.tenant, desk.id, id],
        )?;
        directory::touch(tx, cx)?;
    }
    let name = &categories[place].name;
    let told = |own: &threshold::Own| Some(format!("{name}: {}", own.column().as_deref().unwrap_or("inherited")));
    cx.told = Some(Told::change(id, told(&old), told(&new)));
    Ok(())
}

/// The first contradiction among the thresholds of a help desk's categories: the key and what is allowed; for another
/// category than the one at hand with its name.
pub(super) fn contradiction(
    answering: &Answering,
    categories: &[Category],
    at_hand: Option<usize>,
) -> Option<(&'static str, String)> {
    let base = Thresholds::of(answering);
    if let Some(fault) = at_hand.and_then(|place| threshold::all(base, categories)[place].fault()) {
        return Some(fault);
    }
    let (place, key, why) = threshold::fault(base, categories)?;
    let Category { id, name, .. } = &categories[place];
    Some((key, format!("for category {id} ({name}) {why}")))
}
