//! Customized fields of a help desk.

use std::collections::BTreeMap;

use db::{DbError, params};

use super::desks::Place;
use super::{Diff, Work};
use crate::deskfile::check::definition;
use crate::deskfile::report::Action;
use crate::deskfile::types::Field;
use crate::directory::json;
use crate::field::{self, Definition, Family, FieldType};
use crate::{Refusal, ids};

struct Row {
    is: Definition,
    family: String,
    managed: bool,
}

impl Work<'_, '_> {
    pub(super) fn fields(&mut self, place: &Place<'_>) -> Result<(), Refusal> {
        let desk = place.desk;
        if desk.ticket_fields.is_none() && desk.user_fields.is_none() {
            return Ok(());
        }
        let mut rows = self.stored_fields(place)?;
        let lists = [(Family::Ticket, &desk.ticket_fields), (Family::User, &desk.user_fields)];
        for (family, list) in lists {
            let Some(list) = list else { continue };
            let own: BTreeMap<i64, Row>;
            (own, rows) = rows.into_iter().partition(|(_, row)| row.family == family.as_str());
            self.family(place, family, list, own)?;
        }
        Ok(())
    }

    fn family(
        &mut self,
        place: &Place<'_>,
        family: Family,
        list: &[Field],
        mut rows: BTreeMap<i64, Row>,
    ) -> Result<(), Refusal> {
        let named = |id: i64, row: &Row| {
            list.iter().any(|field| match field.id.as_deref().and_then(ids::parse) {
                Some(named) => named == id,
                None => field.key_name.trim() == row.is.key_name,
            })
        };
        let leaving: BTreeMap<i64, Row>;
        (leaving, rows) = rows.into_iter().partition(|(id, row)| row.managed && !named(*id, row));
        // First, so that their keys are free.
        for (id, row) in leaving {
            field::remove(self.tx, (place.tenant, place.id), id)?;
            let what = format!("{} field {} of {}", family.as_str(), row.is.key_name, place.label);
            self.report.changed(Action::Removed, what);
        }
        for (i, wanted) in list.iter().enumerate() {
            let key = wanted.key_name.trim();
            let holder = rows.iter().find(|(_, row)| row.is.key_name == key).map(|(id, _)| *id);
            let id = wanted.id.as_deref().and_then(ids::parse).or(holder);
            if let Some(holder) = holder.filter(|holder| Some(*holder) != id) {
                let why = format!("{key} is the key of field {holder} in the database already");
                return Err(Refusal::invalid(format!("{}_fields[{i}].key_name", family.as_str()), why));
            }
            let id = id.unwrap_or_else(|| self.cx.ids.decimal(self.cx.now));
            match rows.remove(&id) {
                None => self.insert_field(place, (family, id), &definition(wanted, i))?,
                Some(row) => {
                    self.update_field(place, (family, id), row.is.clone(), wanted)?;
                    rows.insert(id, Row { is: Definition { key_name: key.to_owned(), ..row.is }, ..row });
                }
            }
        }
        Ok(())
    }

    fn stored_fields(&mut self, place: &Place<'_>) -> Result<BTreeMap<i64, Row>, DbError> {
        let rows = self.tx.query(
            "SELECT field_id, family, key_name, display_name, place, field_type, description, visible, editable,
                    required, multiple, choices, managed
             FROM field WHERE tenant = $1 AND helpdesk_id = $2",
            &params![place.tenant, place.id],
            |row| {
                let is = Definition {
                    key_name: row.string(2)?,
                    display_name: row.string(3)?,
                    position: row.int(4)?,
                    field_type: FieldType::stored(row.text(5)?)?,
                    description: row.string(6)?,
                    visible: row.flag(7)?,
                    editable: row.flag(8)?,
                    required: row.flag(9)?,
                    multiple: row.flag(10)?,
                    choices: json(row.text(11)?)?,
                };
                Ok((row.int(0)?, Row { is, family: row.string(1)?, managed: row.flag(12)? }))
            },
        )?;
        Ok(rows.into_iter().collect())
    }

    fn insert_field(&mut self, place: &Place<'_>, (family, id): (Family, i64), is: &Definition) -> Result<(), DbError> {
        field::insert(self.tx, self.cx, (place.tenant, place.id, family), id, is, None)?;
        self.report.changed(Action::Created, format!("{} field {} of {}", family.as_str(), is.key_name, place.label));
        Ok(())
    }

    fn update_field(
        &mut self,
        place: &Place<'_>,
        (family, id): (Family, i64),
        mut is: Definition,
        wanted: &Field,
    ) -> Result<(), Refusal> {
        let new = definition(wanted, 0);
        let mut diff = Diff::default();
        diff.set("key_name", &mut is.key_name, new.key_name);
        diff.set("display_name", &mut is.display_name, new.display_name);
        diff.set_if("position", &mut is.position, wanted.position);
        diff.set_if("field_type", &mut is.field_type, wanted.field_type);
        diff.set_if("description", &mut is.description, wanted.description.clone());
        diff.set_if("visible", &mut is.visible, wanted.visible);
        diff.set_if("editable", &mut is.editable, wanted.editable);
        diff.set_if("required", &mut is.required, wanted.required);
        diff.set_if("dropdown_allow_multiple", &mut is.multiple, wanted.dropdown_allow_multiple);
        let choices = wanted.dropdown_options.as_ref().map(|_| new.choices);
        diff.set_if("dropdown_options", &mut is.choices, choices);
        if diff.is_empty() {
            return Ok(());
        }
        // The file alone was checked; what it leaves out comes from the database.
        if let Some((member, why)) = is.fault() {
            let field = format!("{}_fields: field {}: {member}", family.as_str(), is.key_name);
            return Err(Refusal::invalid(field, why));
        }
        field::update(self.tx, self.cx, (place.tenant, place.id), id, &is, None)?;
        let what = format!("{} field {} of {}: {}", family.as_str(), is.key_name, place.label, diff.columns());
        self.report.changed(Action::Updated, what);
        Ok(())
    }
}
