//! Pictures in chats.

use db::{Tx, params};

use crate::{Cx, Kind, Refusal};

/// The largest picture, in bytes.
pub const BYTES_MAX: usize = 5 << 20;

/// A stored picture.
#[derive(Debug, Clone)]
pub struct Image {
    /// Such as `image/png`, sniffed from the bytes.
    pub mime: String,
    /// The picture.
    pub bytes: Vec<u8>,
}

/// Stores a picture of a chat; answers its `img_…` key.
pub fn store(tx: &mut Tx<'_>, cx: &mut Cx, tenant: &str, chat_id: &str, image: &Image) -> Result<String, Refusal> {
    let key = cx.ids.tagged("img_");
    tx.execute(
        "INSERT INTO image (tenant, image_key, chat_id, mime, bytes, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &params![tenant, &key, chat_id, &image.mime, &image.bytes, cx.now],
    )?;
    Ok(key)
}

/// A picture of this chat.
pub fn get(tx: &mut Tx<'_>, tenant: &str, chat_id: &str, image_key: &str) -> Result<Image, Refusal> {
    tx.query_opt(
        "SELECT mime, bytes FROM image WHERE tenant = $1 AND image_key = $2 AND chat_id = $3",
        &params![tenant, image_key, chat_id],
        |row| Ok(Image { mime: row.string(0)?, bytes: row.bytes(1)?.to_vec() }),
    )?
    .ok_or_else(|| Refusal::not_found(Kind::Image, image_key))
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
