//! Pictures of a help desk's FAQs.

use std::collections::HashMap;

use db::{DbError, params};

use super::Work;
use super::desks::Place;
use crate::deskfile::types::Faq;
use crate::faq::{Picture, digest};

/// The digests of the stored pictures by FAQ and key.
pub(super) struct Kept(HashMap<(i64, String), String>);

impl Kept {
    /// Those of `pictures` that the FAQ does not have, or has otherwise.
    pub(super) fn missing(&self, faq_id: i64, pictures: Vec<Picture>) -> Vec<Picture> {
        let is_new = |p: &Picture| self.0.get(&(faq_id, p.key.clone())) != Some(&digest(&p.image));
        pictures.into_iter().filter(is_new).collect()
    }
}

impl Work<'_, '_> {
    /// What is stored; asked for only if the file has pictures at all.
    pub(super) fn stored_pictures(&mut self, place: &Place<'_>, faqs: &[Faq]) -> Result<Kept, DbError> {
        let is_img = |item: &serde_json::Map<String, serde_json::Value>| item.get("type").is_some_and(|t| t == "img");
        let has_pictures = |faq: &Faq| faq.images.is_some() || faq.answer_richtext.iter().flatten().any(is_img);
        if !faqs.iter().any(has_pictures) {
            return Ok(Kept(HashMap::new()));
        }
        let rows = self.tx.query(
            "SELECT faq_id, image_key, digest FROM faq_image WHERE tenant = $1 AND helpdesk_id = $2",
            &params![place.tenant, place.id],
            |row| Ok(((row.int(0)?, row.string(1)?), row.string(2)?)),
        )?;
        Ok(Kept(rows.into_iter().collect()))
    }
}
