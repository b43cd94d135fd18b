//! Pictures of rich answers. They stay as they are until their FAQ is gone for good: messages that showed them stay too.

use db::{DbError, Tx, params};
use sha2::{Digest as _, Sha256};

use crate::directory::Helpdesk;
use crate::image::Image;
use crate::{Cx, Kind, Refusal};

/// Most pictures that may come with one answer.
pub const PICTURES_MAX: usize = 20;

/// A picture with the key that `img` items name it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub key: String,
    pub image: Image,
}

/// SHA-256 of a picture in hexadecimal.
pub(crate) fn digest(image: &Image) -> String {
    hex::encode(Sha256::digest(&image.bytes))
}

/// The key of a picture, made from it, so that the same one sent again is no second one.
pub(crate) fn picture_key(image: &Image) -> String {
    format!("img_{}", &digest(image)[..32])
}

/// Stores pictures of a FAQ; what is there under the same key is replaced.
pub(crate) fn keep(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (tenant, helpdesk_id, faq_id): (&str, i64, i64),
    pictures: &[Picture],
) -> Result<(), DbError> {
    for Picture { key, image } in pictures {
        tx.execute(
            "INSERT INTO faq_image (tenant, helpdesk_id, faq_id, image_key, mime, digest, bytes, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (tenant, helpdesk_id, faq_id, image_key)
             DO UPDATE SET mime = excluded.mime, digest = excluded.digest, bytes = excluded.bytes",
            &params![tenant, helpdesk_id, faq_id, key, image.mime, &digest(image), &image.bytes, cx.now],
        )?;
    }
    Ok(())
}

/// A picture of this FAQ.
pub fn picture(tx: &mut Tx<'_>, desk: &Helpdesk, faq_id: i64, image_key: &str) -> Result<Image, Refusal> {
    super::get(tx, desk, faq_id)?;
    tx.query_opt(
        "SELECT mime, bytes FROM faq_image
         WHERE tenant = $1 AND helpdesk_id = $2 AND faq_id = $3 AND image_key = $4",
        &params![&desk.tenant, desk.id, faq_id, image_key],
        |row| Image::read(row, 0),
    )?
    .ok_or_else(|| Refusal::not_found(Kind::Image, image_key))
}

/// A picture of any FAQ of the help desk.
pub(crate) fn picture_of_desk(tx: &mut Tx<'_>, desk: &Helpdesk, image_key: &str) -> Result<Option<Image>, DbError> {
    tx.query_opt(
        "SELECT mime, bytes FROM faq_image WHERE tenant = $1 AND helpdesk_id = $2 AND image_key = $3 LIMIT 1",
        &params![&desk.tenant, desk.id, image_key],
        |row| Image::read(row, 0),
    )
}

/// Whether some FAQ of the help desk has this picture.
pub(crate) fn desk_has_picture(tx: &mut Tx<'_>, desk: &Helpdesk, image_key: &str) -> Result<bool, DbError> {
    let found = tx.query_opt(
        "SELECT faq_id FROM faq_image WHERE tenant = $1 AND helpdesk_id = $2 AND image_key = $3 LIMIT 1",
        &params![&desk.tenant, desk.id, image_key],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}
