//! What an endpoint answers with: JSON in the envelope, or a file.

use axum::body::Body;
use axum::http::Response;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue};
use bytes::Bytes;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use wire::envelope::SuccessRef;

use super::error::json;

/// A successful answer.
pub trait Answer: Send {
    /// The HTTP answer.
    fn into_answer(self) -> Response<Body>;
    /// The shape of `data`; `None` for a file.
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema>;
}

impl<T: Serialize + JsonSchema + Send> Answer for T {
    fn into_answer(self) -> Response<Body> {
        json(200, &SuccessRef::new(&self))
    }

    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<T>())
    }
}

/// A file: HTTP 200 with its bytes (reference: helpdesk-v1.json `faq.faq_image`, `ticket.ticket_image`).
#[derive(Debug, Clone)]
pub struct Binary {
    /// The sniffed type, such as `image/png`.
    pub content_type: &'static str,
    /// A file name of ASCII letters, digits, `_`, `-` and `.`.
    pub file_name: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl Answer for Binary {
    fn into_answer(self) -> Response<Body> {
        const NOSNIFF: HeaderName = HeaderName::from_static("x-content-type-options");
        let safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let name: String = self.file_name.chars().filter(safe).collect();
        let mut response = Response::new(Body::from(self.bytes));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(NOSNIFF, HeaderValue::from_static("nosniff"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
        if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
            headers.insert(CONTENT_DISPOSITION, value);
        }
        response
    }

    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
}
