//! Imports a file of FAQs: all of it in one transaction.

use std::collections::HashMap;

use db::Tx;

use super::plan::{Options, Outcome, Plan, plan};
use super::{Fault, FaultCode, Sheet};
use crate::audit::Told;
use crate::category::{self, Category, TOP};
use crate::directory::{Helpdesk, Role};
use crate::faq::{VersionKind, Way, at, insert, require_role, update};
use crate::threshold::Own;
use crate::{Cx, Refusal};

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// FAQs that were made.
    pub made: usize,
    /// FAQs that were changed.
    pub changed: usize,
    /// Rows whose FAQs said all of it already.
    pub same: usize,
    /// Rows that could not be imported and were left out.
    pub skipped: usize,
    /// Categories that were made.
    pub categories: usize,
}

/// Imports a file. `user_id` has to be an agent of the help desk. `seen`: the version of the help desk's FAQs that somebody
/// saw a plan of; if it is another by now, nothing is written.
pub fn import(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    (sheet, options): (&Sheet, Options),
    (seen, skip_faulty): (Option<i64>, bool),
) -> Result<Counts, Refusal> {
    require_role(desk, user_id, Role::Agent)?;
    // Keeps other changes of FAQs and categories away from what the plan rests on.
    category::lock(tx, desk)?;
    let plan = plan(tx, desk, sheet, options)?;
    if seen.is_some_and(|seen| seen != plan.version) {
        return Err(Fault::new(None, FaultCode::FileOutdated).into());
    }
    let faulty = plan.faulty();
    if faulty > 0 && !skip_faulty {
        let first = plan.rows.iter().find(|row| matches!(row.outcome, Outcome::Faulty(_))).map_or(0, |row| row.row);
        return Err(Fault::new(None, FaultCode::FileRowsFaulty).found(faulty).row(first).into());
    }
    cx.by.way = Way::Import;
    let made = categories(tx, cx, desk, user_id, &plan)?;
    let mut counts = Counts { skipped: faulty, categories: made.1, ..Counts::default() };
    for row in &plan.rows {
        let Some((said, pictures)) = &row.said else { continue };
        let mut said = said.clone();
        if let Some(path) = &row.category {
            said.category_id = made.0.get(path).copied();
        }
        match (row.faq_id, &row.outcome) {
            (None, _) => {
                let id = cx.ids.decimal(cx.now);
                insert(tx, cx, &at(desk, user_id, id), (&said, pictures), false)?;
                counts.made += 1;
            }
            (Some(id), Outcome::Changed(_)) => {
                update(tx, cx, &at(desk, user_id, id), (&said, pictures), VersionKind::Edited)?;
                counts.changed += 1;
            }
            (Some(_), _) => counts.same += 1,
        }
    }
    let Counts { made, changed, same, skipped, categories } = counts;
    let told =
        format!("{made} made, {changed} changed, {same} the same, {skipped} left out, {categories} categories made");
    cx.told = Some(Told { after: Some(told), ..Told::default() });
    Ok(counts)
}

/// Makes the categories of a plan; answers the id behind each of its paths, and how many were made.
fn categories(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    plan: &Plan,
) -> Result<(HashMap<String, i64>, usize), Refusal> {
    let (mut by_path, mut count) = (plan.by_path.clone(), 0);
    for path in &plan.categories {
        let (mut parent_id, mut above) = (TOP, String::new());
        for name in path.split('/') {
            let here = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
            parent_id = if let Some(id) = by_path.get(&here) {
                *id
            } else {
                let own = Own::default();
                let new = Category { id: 0, parent_id, name: name.to_owned(), language: None, updated_at: cx.now, own };
                count += 1;
                let id = category::create(tx, cx, desk, user_id, &new)?.id;
                by_path.insert(here.clone(), id);
                id
            };
            above = here;
        }
    }
    Ok((by_path, count))
}
