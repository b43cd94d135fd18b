//! The mistakes of customized fields and of FAQs' pictures.

use std::collections::HashSet;

use super::Checker;
use crate::Refusal;
use crate::deskfile::pictures::pictures;
use crate::deskfile::types::{Faq, Field, Helpdesk};
use crate::faq::PICTURES_MAX;
use crate::field::{self, Definition, FIELDS_MAX};

impl Checker<'_> {
    pub(super) fn fields(&mut self, desk: &Helpdesk, at: &str) {
        let mut ids = HashSet::new();
        for (list, name) in [(&desk.ticket_fields, "ticket_fields"), (&desk.user_fields, "user_fields")] {
            let list = list.as_deref().unwrap_or_default();
            if list.len() > FIELDS_MAX {
                self.fault(&format!("{at}.{name}"), format!("at most {FIELDS_MAX} are allowed"));
            }
            let mut keys = HashSet::new();
            for (i, field) in list.iter().enumerate() {
                let at = format!("{at}.{name}[{i}]");
                if let Some(id) = &field.id
                    && let Some(id) = self.long_id(&format!("{at}.id"), id)
                    && !ids.insert(id)
                {
                    self.fault(&format!("{at}.id"), format!("{id} is another field of this help desk already"));
                }
                if !keys.insert(field.key_name.trim()) {
                    self.fault(&format!("{at}.key_name"), format!("{:?} is another field already", field.key_name));
                }
                if let Some((member, why)) = definition(field, i).fault() {
                    self.fault(&format!("{at}.{member}"), why);
                }
            }
        }
    }

    /// `keys` holds the keys of the help desk's pictures so far.
    pub(super) fn images<'f>(&mut self, faq: &'f Faq, at: &str, keys: &mut HashSet<&'f str>) {
        let images = faq.images.as_deref().unwrap_or_default();
        if images.len() > PICTURES_MAX {
            self.fault(&format!("{at}.images"), format!("at most {PICTURES_MAX} pictures are allowed"));
        }
        for (i, image) in images.iter().enumerate() {
            let path = format!("{at}.images[{i}].key");
            let rest = image.key.strip_prefix("img_").unwrap_or_default();
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            if rest.is_empty() || rest.len() > 64 || !rest.chars().all(allowed) {
                let why = format!("{:?} is not allowed; img_ and 1 to 64 letters, digits, _ and - are", image.key);
                self.fault(&path, why);
            } else if !keys.insert(&image.key) {
                self.fault(&path, format!("{} is another picture of this help desk already", image.key));
            }
        }
        match pictures(faq, at) {
            Err(Refusal::Invalid { field, why }) => self.fault(&field, why),
            Err(other) => self.fault(at, other),
            Ok(_) => {}
        }
    }
}

/// What a new field at this place of its list is to be.
pub(in crate::deskfile) fn definition(field: &Field, place: usize) -> Definition {
    field::tidy(&Definition {
        key_name: field.key_name.clone(),
        display_name: field.display_name.clone(),
        position: field.position.unwrap_or_else(|| i64::try_from(place + 1).unwrap_or(i64::MAX)),
        field_type: field.field_type.unwrap_or_default(),
        description: field.description.clone().unwrap_or_default(),
        visible: field.visible.unwrap_or(true),
        editable: field.editable.unwrap_or(true),
        required: field.required.unwrap_or(false),
        multiple: field.dropdown_allow_multiple.unwrap_or(false),
        choices: field.dropdown_options.as_ref().map(|options| options.children.clone()).unwrap_or_default(),
    })
}
