//! From which score on a FAQ is shown: a help desk's thresholds, and those of its FAQ categories.
//!
//! A category has thresholds of its own or none; each value it lacks is that of the nearest category above it that has
//! one, and of the help desk if none has. Most help desks have no such category, and then nothing is read.

use std::collections::HashMap;
use std::convert::Infallible;

use db::{DbError, Tx, params};
use serde::{Deserialize, Deserializer, Serialize};

use crate::answering::Answering;
use crate::category::{self, Category, DEPTH_MAX, TOP};
use crate::directory::Helpdesk;
use crate::faq::to_json;

/// From which score on, 0 to 1, what is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// From this score on, the best FAQ's answer is shown.
    pub direct_score: f64,
    /// From this score on, a list of questions is shown.
    pub list_score: f64,
}

/// What a category says itself; what it leaves out it has from above.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Own {
    /// See [`Thresholds::direct_score`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub direct_score: Option<f64>,
    /// See [`Thresholds::list_score`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub list_score: Option<f64>,
}

/// What is to become of a category's own thresholds: `None` leaves a value as it is, `Some(None)` has it inherited.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Change {
    /// See [`Thresholds::direct_score`].
    pub direct_score: Option<Option<f64>>,
    /// See [`Thresholds::list_score`].
    pub list_score: Option<Option<f64>>,
}

impl Thresholds {
    /// Those of a help desk.
    pub fn of(answering: &Answering) -> Self {
        Self { direct_score: answering.direct_score, list_score: answering.list_score }
    }

    /// Those of a category below what has these.
    #[must_use]
    pub fn under(self, own: Own) -> Self {
        Self {
            direct_score: own.direct_score.unwrap_or(self.direct_score),
            list_score: own.list_score.unwrap_or(self.list_score),
        }
    }

    /// The first value that is out of range: its key and what is allowed.
    pub fn fault(&self) -> Option<(&'static str, String)> {
        if !(0.0..=1.0).contains(&self.direct_score) {
            return Some(("direct_score", format!("{} is not in 0..=1", self.direct_score)));
        }
        if !(0.0..=1.0).contains(&self.list_score) || self.list_score > self.direct_score {
            let why = format!("{} is not in 0..=direct_score ({})", self.list_score, self.direct_score);
            return Some(("list_score", why));
        }
        None
    }
}

impl Own {
    /// Whether all is inherited.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These, and what they leave out as `above` has it.
    #[must_use]
    pub fn or(self, above: Self) -> Self {
        Self {
            direct_score: self.direct_score.or(above.direct_score),
            list_score: self.list_score.or(above.list_score),
        }
    }

    /// These after a change.
    #[must_use]
    pub fn changed(self, change: Change) -> Self {
        Self {
            direct_score: change.direct_score.unwrap_or(self.direct_score),
            list_score: change.list_score.unwrap_or(self.list_score),
        }
    }

    /// As a row keeps them.
    pub(crate) fn column(&self) -> Option<String> {
        (!self.is_empty()).then(|| to_json(self))
    }

    /// What a row keeps.
    pub(crate) fn stored(column: Option<&str>) -> Result<Self, DbError> {
        column.map_or(Ok(Self::default()), crate::directory::json)
    }
}

/// Thresholds, and where they come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inherited {
    /// The thresholds.
    pub thresholds: Thresholds,
    /// The nearest category that says something about them; none if they are the help desk's.
    pub category_id: Option<i64>,
}

/// The thresholds for a FAQ of this category, or of none.
pub fn of_category(tx: &mut Tx<'_>, desk: &Helpdesk, category_id: Option<i64>) -> Result<Inherited, DbError> {
    let start = category_id.filter(|_| desk.category_scores).unwrap_or(TOP);
    let find = |id| Ok(category::find(tx, desk, id)?.map(|category| (category.own, category.parent_id)));
    let (own, from) = on_the_way_up(start, find)?;
    Ok(Inherited { thresholds: Thresholds::of(&desk.answering).under(own), category_id: from })
}

/// What a category and those above it say together, the nearest first, and the nearest that says anything. `find` reads a
/// category: what it says, and its parent.
fn on_the_way_up<E>(
    mut id: i64,
    mut find: impl FnMut(i64) -> Result<Option<(Own, i64)>, E>,
) -> Result<(Own, Option<i64>), E> {
    let (mut own, mut from) = (Own::default(), None);
    for _ in 0..DEPTH_MAX {
        if id == TOP {
            break;
        }
        let Some((said, parent)) = find(id)? else { break };
        from = from.or(Some(id).filter(|_| !said.is_empty()));
        own = own.or(said);
        id = parent;
    }
    Ok((own, from))
}

/// FAQs read in one go.
const PAGE: i64 = 2_000;

/// What the categories of a help desk's online FAQs say, by FAQ, for answers that are worked out apart from the database.
/// FAQs whose categories say nothing are left out.
pub fn of_faqs(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<HashMap<i64, Own>, DbError> {
    let mut found = HashMap::new();
    if !desk.category_scores {
        return Ok(found);
    }
    let categories = category::list(tx, desk)?;
    let by_id: HashMap<i64, (Own, i64)> =
        categories.iter().map(|category| (category.id, (category.own, category.parent_id))).collect();
    let mut after = 0;
    loop {
        let page = tx.query(
            "SELECT faq_id, category_id FROM faq
             WHERE tenant = $1 AND helpdesk_id = $2 AND status = 1 AND faq_id > $3 ORDER BY faq_id LIMIT $4",
            &params![&desk.tenant, desk.id, after, PAGE],
            |row| Ok((row.int(0)?, row.opt_int(1)?)),
        )?;
        let Some((last, _)) = page.last() else { return Ok(found) };
        after = *last;
        for (faq_id, category_id) in page {
            let find = |id| Ok::<_, DbError>(by_id.get(&id).copied());
            let (own, _) = on_the_way_up(category_id.unwrap_or(TOP), find)?;
            if !own.is_empty() {
                found.insert(faq_id, own);
            }
        }
    }
}

/// The thresholds of each of a help desk's categories, in their order.
pub fn all(base: Thresholds, categories: &[Category]) -> Vec<Thresholds> {
    let by_id: HashMap<i64, (Own, i64)> =
        categories.iter().map(|category| (category.id, (category.own, category.parent_id))).collect();
    let of = |category: &Category| {
        let Ok((own, _)) = on_the_way_up(category.id, |id| Ok::<_, Infallible>(by_id.get(&id).copied()));
        base.under(own)
    };
    categories.iter().map(of).collect()
}

/// The first category whose thresholds contradict each other: its place, the key and what is allowed.
pub fn fault(base: Thresholds, categories: &[Category]) -> Option<(usize, &'static str, String)> {
    all(base, categories).iter().enumerate().find_map(|(place, thresholds)| {
        let (key, why) = thresholds.fault()?;
        Some((place, key, why))
    })
}

/// Reads a value that may be left out (`None`) or given as null (`Some(None)`).
///
/// # Errors
/// The value is of another type.
pub fn stated<'de, D: Deserializer<'de>, T: Deserialize<'de>>(source: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(source).map(Some)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn category(id: i64, parent_id: i64, own: Own) -> Category {
        Category { id, parent_id, name: id.to_string(), language: None, updated_at: 0, own }
    }

    fn own() -> impl Strategy<Value = Own> {
        (proptest::option::of(0.0..=1.0), proptest::option::of(0.0..=1.0))
            .prop_map(|(direct_score, list_score)| Own { direct_score, list_score })
    }

    #[test]
    fn faults_are_those_of_a_help_desk() {
        let base = Thresholds { direct_score: 0.8, list_score: 0.25 };
        let own = |direct_score, list_score| Own { direct_score, list_score };
        for (thresholds, key) in [
            (own(None, None), None),
            (own(Some(0.0), Some(0.0)), None),
            (own(Some(1.0), Some(1.0)), None),
            (own(Some(1.1), None), Some("direct_score")),
            (own(Some(-0.1), None), Some("direct_score")),
            (own(None, Some(0.9)), Some("list_score")),
            (own(Some(0.2), None), Some("list_score")),
            (own(Some(0.2), Some(0.2)), None),
            (own(None, Some(-0.1)), Some("list_score")),
            (own(Some(f64::NAN), None), Some("direct_score")),
            (own(None, Some(f64::NAN)), Some("list_score")),
        ] {
            assert_eq!(base.under(thresholds).fault().map(|fault| fault.0), key, "{thresholds:?}");
        }
        // What is wrong may be what is inherited.
        let tree = [category(1, TOP, own(None, Some(0.7))), category(2, 1, own(Some(0.6), None))];
        assert_eq!(fault(base, &tree).map(|(place, key, _)| (place, key)), Some((1, "list_score")));
        assert_eq!(fault(base, &tree[..1]), None);
    }

    #[test]
    fn a_row_keeps_what_is_not_inherited() {
        for (own, column) in [
            (Own::default(), None),
            (Own { direct_score: Some(0.9), list_score: None }, Some(r#"{"direct_score":0.9}"#)),
            (Own { direct_score: Some(0.9), list_score: Some(0.5) }, Some(r#"{"direct_score":0.9,"list_score":0.5}"#)),
        ] {
            assert_eq!(own.column().as_deref(), column);
            assert_eq!(Own::stored(column).unwrap(), own);
        }
    }

    proptest! {
        #[test]
        fn each_value_is_the_nearest_above(
            owns in proptest::collection::vec((own(), any::<prop::sample::Index>()), 1..9),
            base in (0.0..=1.0, 0.0..=1.0),
        ) {
            let base = Thresholds { direct_score: base.0, list_score: base.1 };
            let mut tree = Vec::new();
            for (place, (own, parent)) in owns.iter().enumerate() {
                // Category 1, 2, …; its parent is an earlier one or the top.
                let parent = i64::try_from(parent.index(place + 1)).unwrap();
                tree.push(category(i64::try_from(place).unwrap() + 1, parent, *own));
            }
            for (place, found) in all(base, &tree).iter().enumerate() {
                let category = &tree[place];
                let above = match category.parent_id {
                    TOP => base,
                    parent => all(base, &tree)[usize::try_from(parent - 1).unwrap()],
                };
                let near = |own: Option<f64>, above: f64| own.unwrap_or(above).to_bits();
                prop_assert_eq!(found.direct_score.to_bits(), near(category.own.direct_score, above.direct_score));
                prop_assert_eq!(found.list_score.to_bits(), near(category.own.list_score, above.list_score));
            }
        }

        #[test]
        fn a_change_touches_what_it_names(own in own(), value in 0.0..=1.0) {
            let set = Change { direct_score: Some(Some(value)), list_score: None };
            prop_assert_eq!(own.changed(set), Own { direct_score: Some(value), ..own });
            let cleared = Change { direct_score: None, list_score: Some(None) };
            prop_assert_eq!(own.changed(cleared), Own { list_score: None, ..own });
            prop_assert_eq!(own.changed(Change::default()), own);
        }
    }
}
