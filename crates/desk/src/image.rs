//! Pictures: those of chats, and how every picture is judged. Pictures of FAQs are kept by [`crate::faq`].

use db::{DbError, Row, Tx, params};
use serde_json::Value;

use crate::admin::avatar;
use crate::directory::Helpdesk;
use crate::{Cx, Kind, Refusal, faq};

/// The largest picture, in bytes.
pub const BYTES_MAX: usize = 5 << 20;

/// What a picture may be, with the ending of its file name; told by its first bytes, never by its name.
const TYPES: [(&str, &str); 4] =
    [("image/png", "png"), ("image/jpeg", "jpg"), ("image/gif", "gif"), ("image/webp", "webp")];

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Such as `image/png`, sniffed from the bytes.
    pub mime: &'static str,
    /// The picture.
    pub bytes: Vec<u8>,
}

/// Why something is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoImage {
    /// Larger than [`BYTES_MAX`].
    #[error("{bytes} bytes, at most {most} are allowed")]
    TooLarge {
        /// How large it is.
        bytes: usize,
        /// How large it may be.
        most: usize,
    },
    /// None of the kinds that are taken.
    #[error("only PNG, JPEG, GIF and WebP pictures are allowed")]
    Kind,
}

impl Image {
    /// Judges what somebody says is a picture. `field` names it in the refusal.
    ///
    /// # Errors
    /// Larger than [`BYTES_MAX`], or none of PNG, JPEG, GIF and WebP.
    pub fn new(field: &str, bytes: Vec<u8>) -> Result<Self, Refusal> {
        Self::judged(bytes).map_err(|no| Refusal::invalid(field, no.to_string()))
    }

    /// The same, for callers that tell more than a sentence.
    pub(crate) fn judged(bytes: Vec<u8>) -> Result<Self, NoImage> {
        if bytes.len() > BYTES_MAX {
            return Err(NoImage::TooLarge { bytes: bytes.len(), most: BYTES_MAX });
        }
        let found = infer::get(&bytes).and_then(|kind| TYPES.iter().find(|(mime, _)| *mime == kind.mime_type()));
        found.map(|(mime, _)| Self { mime, bytes }).ok_or(NoImage::Kind)
    }

    /// A name for a file with this picture, such as `img_….png`.
    pub fn file_name(&self, image_key: &str) -> String {
        let ending = TYPES.iter().find(|(mime, _)| *mime == self.mime).map_or("bin", |(_, ending)| *ending);
        format!("{image_key}.{ending}")
    }

    /// The picture in the columns `mime` and `bytes` at `at`.
    pub(crate) fn read(row: &Row<'_>, at: usize) -> Result<Self, DbError> {
        let mime = row.text(at)?;
        let known = TYPES.iter().find(|(known, _)| *known == mime);
        let (mime, _) = known.ok_or_else(|| DbError::Corrupt(format!("a picture has the type {mime}")))?;
        Ok(Self { mime, bytes: row.bytes(at + 1)?.to_vec() })
    }
}

/// Stores a picture of a chat; answers its `img_…` key.
pub fn store(tx: &mut Tx<'_>, cx: &mut Cx, tenant: &str, chat_id: &str, image: &Image) -> Result<String, Refusal> {
    let key = cx.ids.tagged("img_");
    tx.execute(
        "INSERT INTO image (tenant, image_key, chat_id, mime, bytes, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &params![tenant, &key, chat_id, image.mime, &image.bytes, cx.now],
    )?;
    Ok(key)
}

/// A picture that this chat may show: one of its own, the help desk's, or one of its FAQs.
pub fn get(tx: &mut Tx<'_>, desk: &Helpdesk, chat_id: &str, image_key: &str) -> Result<Image, Refusal> {
    find(tx, desk, chat_id, image_key)?.ok_or_else(|| Refusal::not_found(Kind::Image, image_key))
}

pub(crate) fn find(tx: &mut Tx<'_>, desk: &Helpdesk, chat_id: &str, image_key: &str) -> Result<Option<Image>, DbError> {
    let own = tx.query_opt(
        "SELECT mime, bytes FROM image WHERE tenant = $1 AND image_key = $2 AND chat_id = $3",
        &params![&desk.tenant, image_key, chat_id],
        |row| Image::read(row, 0),
    )?;
    if own.is_some() {
        return Ok(own);
    }
    if let Some(avatar) = avatar::find(tx, desk, image_key)? {
        return Ok(Some(avatar));
    }
    faq::picture_of_desk(tx, desk, image_key)
}

/// Whether a chat has this picture.
pub fn exists(tx: &mut Tx<'_>, tenant: &str, chat_id: &str, image_key: &str) -> Result<bool, Refusal> {
    let found = tx.query_opt(
        "SELECT 1 FROM image WHERE tenant = $1 AND image_key = $2 AND chat_id = $3",
        &params![tenant, image_key, chat_id],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}

/// Whether a chat may show this picture: one of its own, or one of the help desk's FAQs. A chat that is yet to be made has
/// none of its own.
pub(crate) fn may_show(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    chat_id: Option<&str>,
    image_key: &str,
) -> Result<bool, Refusal> {
    if let Some(chat_id) = chat_id
        && exists(tx, &desk.tenant, chat_id, image_key)?
    {
        return Ok(true);
    }
    Ok(faq::desk_has_picture(tx, desk, image_key)?)
}

/// Most pictures of a post.
pub const OF_POST_MAX: usize = 20;

/// Refuses a post's content that names a picture which this chat may not show, or too many.
pub(crate) fn check_post(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    chat_id: Option<&str>,
    content: &Value,
) -> Result<(), Refusal> {
    let keys = keys_of_post(content);
    if keys.len() > OF_POST_MAX {
        return Err(Refusal::invalid("content.post", format!("at most {OF_POST_MAX} pictures are allowed")));
    }
    for key in keys {
        if !may_show(tx, desk, chat_id, key)? {
            let why = format!("no picture {key} in this chat or in this help desk's FAQs");
            return Err(Refusal::invalid("content.post", why));
        }
    }
    Ok(())
}

/// The keys of a post's pictures in order.
pub(crate) fn keys_of_post(content: &Value) -> Vec<&str> {
    let keys = content.get("image_keys").and_then(Value::as_array);
    keys.into_iter().flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The beginning of a PNG file, which is all that is looked at.
    pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn a_picture_is_told_by_its_bytes() {
        let png = Image::new("image", PNG.to_vec()).unwrap();
        assert_eq!((png.mime, png.file_name("img_1").as_str()), ("image/png", "img_1.png"));
        assert_eq!(Image::new("image", b"\xff\xd8\xff\xe0".to_vec()).unwrap().file_name("a"), "a.jpg");
        for bad in [&b""[..], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"hello", b"%PDF-1.7"] {
            assert!(Image::new("image", bad.to_vec()).unwrap_err().to_string().contains("only PNG"), "{bad:?}");
        }
        let mut large = PNG.to_vec();
        large.resize(BYTES_MAX + 1, 0);
        assert!(Image::new("image", large).unwrap_err().to_string().contains("at most"));
    }
}
