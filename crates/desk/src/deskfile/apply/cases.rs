//! Kept cases of a help desk.

use std::collections::HashMap;

use db::{DbError, params};

use super::desks::Place;
use super::{Diff, Work};
use crate::deskfile::report::Action;
use crate::deskfile::types::Case;
use crate::faq::vector::text_hash;
use crate::replay::case::NOTHING;
use crate::{Refusal, ids};

/// A stored case.
struct Row {
    id: i64,
    text: String,
    faq_id: Option<i64>,
    note: String,
    managed: bool,
}

impl Work<'_, '_> {
    /// Makes the kept cases match, after the FAQs that they name.
    pub(super) fn cases(&mut self, place: &Place<'_>) -> Result<(), Refusal> {
        let Some(cases) = &place.desk.cases else { return Ok(()) };
        let mut rows: HashMap<String, Row> =
            self.stored_cases(place)?.into_iter().map(|row| (row.text.clone(), row)).collect();
        for case in cases {
            let faq_id = self.wanted(place, case)?;
            let text = case.text.trim();
            match rows.remove(text) {
                None => self.insert_case(place, (text, faq_id), case)?,
                Some(row) => self.update_case(place, row, faq_id, case)?,
            }
        }
        let mut leaving: Vec<Row> = rows.into_values().filter(|row| row.managed).collect();
        leaving.sort_by_key(|row| row.id);
        for row in leaving {
            self.tx.execute(
                "DELETE FROM kept_case WHERE tenant = $1 AND helpdesk_id = $2 AND case_id = $3",
                &params![place.tenant, place.id, row.id],
            )?;
            self.report.changed(Action::Removed, format!("case {:?} of {}", row.text, place.label));
        }
        Ok(())
    }

    fn stored_cases(&mut self, place: &Place<'_>) -> Result<Vec<Row>, DbError> {
        self.tx.query(
            "SELECT case_id, text, faq_id, note, managed FROM kept_case WHERE tenant = $1 AND helpdesk_id = $2",
            &params![place.tenant, place.id],
            |row| {
                Ok(Row {
                    id: row.int(0)?,
                    text: row.string(1)?,
                    faq_id: row.opt_int(2)?,
                    note: row.string(3)?,
                    managed: row.flag(4)?,
                })
            },
        )
    }

    /// The FAQ that a case wants: the one with this id, or the online one with this question. None for [`NOTHING`]. An
    /// id is taken as it is, as a case may outlive its FAQ; it fails then.
    fn wanted(&mut self, place: &Place<'_>, case: &Case) -> Result<Option<i64>, Refusal> {
        let word = case.wanted.trim();
        if word == NOTHING {
            return Ok(None);
        }
        if let Some(id) = ids::parse(word) {
            return Ok(Some(id));
        }
        let gone = || {
            let why = format!("no FAQ online in {} has the question {word:?}", place.label);
            Refusal::invalid(format!("case {:?}", case.text), why)
        };
        self.faq_asking(place, word)?.map(Some).ok_or_else(gone)
    }

    /// The oldest FAQ online with this question.
    fn faq_asking(&mut self, place: &Place<'_>, question: &str) -> Result<Option<i64>, DbError> {
        self.tx.query_opt(
            "SELECT faq_id FROM faq WHERE tenant = $1 AND helpdesk_id = $2 AND status = 1 AND question = $3
             ORDER BY faq_id LIMIT 1",
            &params![place.tenant, place.id, question],
            |row| row.int(0),
        )
    }

    fn insert_case(
        &mut self,
        place: &Place<'_>,
        (text, faq_id): (&str, Option<i64>),
        case: &Case,
    ) -> Result<(), DbError> {
        let id = self.cx.ids.decimal(self.cx.now);
        self.tx.execute(
            "INSERT INTO kept_case (tenant, helpdesk_id, case_id, text_hash, text, faq_id, note, managed, created_at,
                                    updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)",
            &params![
                place.tenant,
                place.id,
                id,
                text_hash(text),
                text,
                faq_id,
                case.note.as_deref().unwrap_or_default().trim(),
                self.cx.now,
                self.cx.now
            ],
        )?;
        self.report.changed(Action::Created, format!("case {text:?} of {}", place.label));
        Ok(())
    }

    fn update_case(
        &mut self,
        place: &Place<'_>,
        mut row: Row,
        faq_id: Option<i64>,
        case: &Case,
    ) -> Result<(), DbError> {
        let mut diff = Diff::default();
        diff.set("wanted", &mut row.faq_id, faq_id);
        diff.set_if("note", &mut row.note, case.note.as_deref().map(|note| note.trim().to_owned()));
        if diff.is_empty() {
            return Ok(());
        }
        self.tx.execute(
            "UPDATE kept_case SET faq_id = $1, note = $2, updated_by = NULL, updated_at = $3
             WHERE tenant = $4 AND helpdesk_id = $5 AND case_id = $6",
            &params![row.faq_id, &row.note, self.cx.now, place.tenant, place.id, row.id],
        )?;
        let what = format!("case {:?} of {}: {}", row.text, place.label, diff.columns());
        self.report.changed(Action::Updated, what);
        Ok(())
    }
}
