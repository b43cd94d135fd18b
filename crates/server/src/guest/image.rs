//! Pictures in the chat.

use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderName, StatusCode};
use desk::image::{self, BYTES_MAX, Image};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Guest, Segment};
use crate::api::error::ApiError;
use crate::api::{Shown, shown};
use crate::app::App;

/// A stored picture.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Uploaded {
    /// `img_…`, for a message.
    image_key: String,
}

/// The form of [`upload`].
pub fn form() -> Value {
    let what = format!("PNG, JPEG, GIF or WebP; at most {BYTES_MAX} bytes.");
    let image = json!({"type": "string", "format": "binary", "description": what});
    json!({"type": "object", "required": ["image"], "properties": {"image": image}})
}

/// What came in a form with a picture.
pub(crate) struct PictureForm {
    pub(crate) image: Image,
    /// The multipart field `client_id`, if it came.
    pub(crate) client_id: Option<String>,
}

/// Reads a form with the multipart field `image`.
pub(crate) async fn read_form(form: Result<Multipart, MultipartRejection>) -> Result<PictureForm, ApiError> {
    let mut form = form.map_err(|e| ApiError::invalid("image", e.body_text()))?;
    let unreadable = |e: axum::extract::multipart::MultipartError| ApiError::invalid("image", e.body_text());
    let (mut bytes, mut client_id) = (None, None);
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        match field.name() {
            Some("image") => bytes = Some(field.bytes().await.map_err(unreadable)?),
            Some("client_id") => client_id = Some(field.text().await.map_err(unreadable)?),
            _ => {}
        }
    }
    let bytes = bytes.ok_or_else(|| ApiError::invalid("image", "the form has no field image"))?;
    Ok(PictureForm { image: Image::new("image", bytes.to_vec())?, client_id })
}

/// `POST /guest/v1/images`, multipart field `image`.
pub async fn upload(
    State(app): State<App>,
    who: Guest,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Uploaded>), ApiError> {
    let image = read_form(form).await?.image;
    let key = app.write(move |tx, cx| image::store(tx, cx, &who.desk.tenant, &who.session.chat_id, &image)).await?;
    Ok((StatusCode::CREATED, Json(Uploaded { image_key: key })))
}

/// `GET /guest/v1/images/:image_key`: a picture of the guest's chat or of the help desk's FAQs.
pub async fn get(
    State(app): State<App>,
    who: Guest,
    Segment(image_key): Segment,
) -> Result<([(HeaderName, &'static str); 1], Shown), ApiError> {
    let image = app.read(move |tx, _| image::get(tx, &who.desk, &who.session.chat_id, &image_key)).await?;
    Ok(([(CACHE_CONTROL, "private, max-age=86400, immutable")], shown(image)))
}
