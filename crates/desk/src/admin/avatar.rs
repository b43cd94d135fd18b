//! The picture of a help desk. It comes as pictures of FAQs do, as a `data:` address, and is read by a key that is made from it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use db::{DbError, Tx, params};

use crate::directory::Helpdesk;
use crate::faq::{Picture, encoded_picture, picture_key};
use crate::image::Image;
use crate::{Kind, Refusal};

/// The largest picture of a help desk, in bytes: every guest loads it.
pub const BYTES_MAX: usize = 512 * 1024;

/// Reads what is to be the picture; the empty text is none. Says what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Option<Picture>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let data =
        encoded_picture(text).ok_or("a picture as data:image/…;base64,… is allowed, or an empty text for none")?;
    let bytes = STANDARD.decode(data.trim()).map_err(|_| "holds no base64 after the comma")?;
    if bytes.len() > BYTES_MAX {
        return Err(format!("{} bytes, at most {BYTES_MAX} are allowed", bytes.len()));
    }
    let image = Image::judged(bytes).map_err(|no| no.to_string())?;
    Ok(Some(Picture { key: picture_key(&image), image }))
}

/// Stores the picture of a help desk, or takes it away. The key in the help desk's row is the caller's to write.
pub(crate) fn keep(tx: &mut Tx<'_>, tenant: &str, helpdesk_id: i64, picture: Option<&Picture>) -> Result<(), DbError> {
    tx.execute("DELETE FROM helpdesk_avatar WHERE tenant = $1 AND helpdesk_id = $2", &params![tenant, helpdesk_id])?;
    if let Some(Picture { key, image }) = picture {
        tx.execute(
            "INSERT INTO helpdesk_avatar (tenant, helpdesk_id, image_key, mime, bytes) VALUES ($1, $2, $3, $4, $5)",
            &params![tenant, helpdesk_id, key, image.mime, &image.bytes],
        )?;
    }
    Ok(())
}

/// The picture of the help desk, if it has this key.
pub(crate) fn find(tx: &mut Tx<'_>, desk: &Helpdesk, image_key: &str) -> Result<Option<Image>, DbError> {
    tx.query_opt(
        "SELECT mime, bytes FROM helpdesk_avatar WHERE tenant = $1 AND helpdesk_id = $2 AND image_key = $3",
        &params![&desk.tenant, desk.id, image_key],
        |row| Image::read(row, 0),
    )
}

/// The picture of the help desk by its key.
///
/// # Errors
/// It has none, or another by now.
pub fn get(tx: &mut Tx<'_>, desk: &Helpdesk, image_key: &str) -> Result<Image, Refusal> {
    find(tx, desk, image_key)?.ok_or_else(|| Refusal::not_found(Kind::Image, image_key))
}

/// The picture as a desk file has it.
pub(crate) fn written(tx: &mut Tx<'_>, tenant: &str, helpdesk_id: i64) -> Result<Option<String>, DbError> {
    tx.query_opt(
        "SELECT mime, bytes FROM helpdesk_avatar WHERE tenant = $1 AND helpdesk_id = $2",
        &params![tenant, helpdesk_id],
        |row| {
            let Image { mime, bytes } = Image::read(row, 0)?;
            Ok(format!("data:{mime};base64,{}", STANDARD.encode(bytes)))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::tests::PNG;

    fn url(bytes: &[u8]) -> String {
        format!("data:image/png;base64,{}", STANDARD.encode(bytes))
    }

    #[test]
    fn a_picture_is_a_data_address_of_a_picture_or_nothing() {
        assert_eq!(parse(" "), Ok(None));
        let picture = parse(&url(PNG)).unwrap().unwrap();
        assert_eq!((picture.image.mime, picture.image.bytes.as_slice()), ("image/png", PNG));
        assert_eq!(parse(&url(PNG)).unwrap().unwrap().key, picture.key);
        let mut large = PNG.to_vec();
        large.resize(BYTES_MAX + 1, 0);
        for (wrong, why) in [
            ("https://demo.test/a.png".to_owned(), "data:image"),
            ("data:text/html;base64,AAAA".to_owned(), "data:image"),
            ("data:image/png;base64,%".to_owned(), "no base64"),
            (url(b"<svg/>"), "only PNG"),
            (url(&large), "at most 524288"),
        ] {
            let told = parse(&wrong).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
