//! FAQ categories of a help desk.

use std::collections::{HashMap, HashSet};

use db::{DbError, params};

use super::desks::Place;
use super::{Diff, Work, given};
use crate::category::TOP;
use crate::deskfile::known::{CategoryRow, paths};
use crate::deskfile::report::Action;
use crate::deskfile::types::Category;
use crate::threshold::Own;

impl Work<'_, '_> {
    /// Makes the categories that the file names and answers the id behind each path.
    pub(super) fn categories(&mut self, place: &Place<'_>) -> Result<HashMap<String, i64>, DbError> {
        if let Some(categories) = &place.desk.categories {
            let rows = CategoryRow::of(self.tx, place.tenant, place.id)?;
            let rows: HashMap<(i64, String), CategoryRow> =
                rows.into_iter().map(|row| ((row.parent, row.name.clone()), row)).collect();
            self.category_level(place, categories, TOP, &rows)?;
        }
        let rows = CategoryRow::of(self.tx, place.tenant, place.id)?;
        Ok(paths(&rows).into_iter().map(|(id, path)| (path, id)).collect())
    }

    fn category_level(
        &mut self,
        place: &Place<'_>,
        categories: &[Category],
        parent: i64,
        rows: &HashMap<(i64, String), CategoryRow>,
    ) -> Result<(), DbError> {
        for category in categories {
            let name = category.name.trim();
            let id = match rows.get(&(parent, name.to_owned())) {
                Some(row) => self.category_update(place, category, row)?,
                None => self.category_insert(place, category, parent)?,
            };
            self.category_level(place, &category.children, id, rows)?;
        }
        Ok(())
    }

    fn category_insert(&mut self, place: &Place<'_>, category: &Category, parent: i64) -> Result<i64, DbError> {
        let id = self.cx.ids.decimal(self.cx.now);
        let language = given(category.language.as_deref()).flatten();
        let own = Own::default().changed(category.thresholds());
        self.tx.execute(
            "INSERT INTO category (tenant, helpdesk_id, category_id, parent_id, name, language, scores, managed,
                                   created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)",
            &params![
                place.tenant,
                place.id,
                id,
                parent,
                category.name.trim(),
                &language,
                &own.column(),
                self.cx.now,
                self.cx.now
            ],
        )?;
        self.directory_changed |= !own.is_empty();
        self.report.changed(Action::Created, format!("category {} of {}", category.name.trim(), place.label));
        Ok(id)
    }

    fn category_update(&mut self, place: &Place<'_>, category: &Category, row: &CategoryRow) -> Result<i64, DbError> {
        let (mut language, mut own) = (row.language.clone(), row.own);
        let mut diff = Diff::default();
        diff.set_if("language", &mut language, given(category.language.as_deref()));
        let wanted = own.changed(category.thresholds());
        let direct = diff.set("direct_score", &mut own.direct_score, wanted.direct_score);
        let list = diff.set("list_score", &mut own.list_score, wanted.list_score);
        if !diff.is_empty() {
            self.tx.execute(
                "UPDATE category SET language = $1, scores = $2, updated_at = $3
                 WHERE tenant = $4 AND helpdesk_id = $5 AND category_id = $6",
                &params![&language, &own.column(), self.cx.now, place.tenant, place.id, row.id],
            )?;
            self.directory_changed |= direct || list;
            let what = format!("category {} of {}: {}", row.name, place.label, diff.columns());
            self.report.changed(Action::Updated, what);
        }
        Ok(row.id)
    }

    /// Categories that an earlier file made and this one no longer names go, once nothing is in them.
    pub(super) fn leaving_categories(&mut self, place: &Place<'_>) -> Result<(), DbError> {
        let Some(categories) = &place.desk.categories else { return Ok(()) };
        let mut named = HashSet::new();
        name_all(categories, "", &mut named);
        let rows = CategoryRow::of(self.tx, place.tenant, place.id)?;
        let paths = paths(&rows);
        let mut leaving: Vec<(&CategoryRow, &String)> =
            rows.iter().filter_map(|row| Some((row, paths.get(&row.id)?))).collect();
        leaving.retain(|(row, path)| row.managed && !named.contains(*path));
        // The longest path first, so that a branch goes from its leaves on.
        leaving.sort_by_key(|(_, path)| std::cmp::Reverse(path.len()));
        for (row, path) in leaving {
            if self.category_in_use(place, row.id)? {
                self.report.kept.push(format!("category {path} of {}: it still holds categories or FAQs", place.label));
                continue;
            }
            self.tx.execute(
                "UPDATE faq SET category_id = NULL WHERE tenant = $1 AND helpdesk_id = $2 AND category_id = $3",
                &params![place.tenant, place.id, row.id],
            )?;
            self.tx.execute(
                "DELETE FROM category WHERE tenant = $1 AND helpdesk_id = $2 AND category_id = $3",
                &params![place.tenant, place.id, row.id],
            )?;
            self.report.changed(Action::Removed, format!("category {path} of {}", place.label));
        }
        Ok(())
    }

    fn category_in_use(&mut self, place: &Place<'_>, id: i64) -> Result<bool, DbError> {
        let child = self.tx.query_opt(
            "SELECT category_id FROM category WHERE tenant = $1 AND helpdesk_id = $2 AND parent_id = $3 LIMIT 1",
            &params![place.tenant, place.id, id],
            |row| row.int(0),
        )?;
        if child.is_some() {
            return Ok(true);
        }
        let faq = self.tx.query_opt(
            "SELECT faq_id FROM faq
             WHERE tenant = $1 AND helpdesk_id = $2 AND category_id = $3 AND status = 1 LIMIT 1",
            &params![place.tenant, place.id, id],
            |row| row.int(0),
        )?;
        Ok(faq.is_some())
    }
}

fn name_all(categories: &[Category], above: &str, named: &mut HashSet<String>) {
    for category in categories {
        let name = category.name.trim();
        let path = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
        name_all(&category.children, &path, named);
        named.insert(path);
    }
}
