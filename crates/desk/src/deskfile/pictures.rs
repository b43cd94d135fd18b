//! From the pictures that a file names to their bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::parse::Fault;
use super::types::{DeskFile, Faq, FaqImage};
use crate::Refusal;
use crate::faq::Picture;
use crate::image::Image;

/// Puts the contents of picture files into the desk file, so that it no longer depends on the disk. `read` reads the file
/// behind a path as the desk file gives it.
///
/// # Errors
/// Every file that cannot be read.
pub fn load_pictures(file: &mut DeskFile, read: &dyn Fn(&str) -> std::io::Result<Vec<u8>>) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    for (t, tenant) in file.tenants.iter_mut().enumerate() {
        for (d, desk) in tenant.helpdesks.iter_mut().flatten().enumerate() {
            for (f, faq) in desk.faqs.iter_mut().flatten().enumerate() {
                for (i, image) in faq.images.iter_mut().flatten().enumerate() {
                    // What gives both is a mistake that the check tells.
                    let (Some(path), None) = (&image.file, &image.data) else { continue };
                    match read(path) {
                        Ok(bytes) => {
                            *image = FaqImage { key: image.key.clone(), file: None, data: Some(STANDARD.encode(bytes)) }
                        }
                        Err(error) => {
                            let at = format!("tenants[{t}].helpdesks[{d}].faqs[{f}].images[{i}].file");
                            faults.push(Fault::at(at, format!("{path} cannot be read: {error}")));
                        }
                    }
                }
            }
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The pictures of a FAQ. `at` is where the FAQ stands in the file.
pub(super) fn pictures(faq: &Faq, at: &str) -> Result<Vec<Picture>, Refusal> {
    let images = faq.images.as_deref().unwrap_or_default();
    images.iter().enumerate().map(|(i, image)| picture(image, &format!("{at}.images[{i}]"))).collect()
}

fn picture(image: &FaqImage, at: &str) -> Result<Picture, Refusal> {
    let (member, bytes) = match (&image.file, &image.data) {
        (None, Some(data)) => {
            // Long base64 is often folded into lines.
            let data: String = data.split_ascii_whitespace().collect();
            let why = |_| Refusal::invalid(format!("{at}.data"), "must be base64");
            ("data", STANDARD.decode(data).map_err(why)?)
        }
        (Some(_), None) => {
            return Err(Refusal::invalid(format!("{at}.file"), "cannot be read here; give data instead"));
        }
        _ => return Err(Refusal::invalid(at, "either file or data has to be given")),
    };
    let image_of = |bytes| Image::new(&format!("{at}.{member}"), bytes);
    Ok(Picture { key: image.key.clone(), image: image_of(bytes)? })
}

/// The picture as a desk file writes it.
pub(super) fn written(key: String, bytes: &[u8]) -> FaqImage {
    FaqImage { key, file: None, data: Some(STANDARD.encode(bytes)) }
}
