//! The open API: one endpoint, one file.

pub mod agent;
pub mod agent_schedule;
pub mod agent_schedules;
pub mod agent_skill;
pub mod agent_skill_rule;
pub mod answer;
pub mod auth;
pub mod body;
pub mod bot_message;
pub mod category;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod faq;
pub mod gateway;
pub mod notification;
pub mod query;
pub mod ticket;
pub mod ticket_customized_field;
pub mod ticket_message;
mod user_id_type;

pub use answer::{Answer, Binary};
pub use endpoint::{Caller, Endpoint, Token};
pub use error::ApiError;
pub(crate) use user_id_type::user_id_type;

use axum::http::HeaderName;
use axum::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use wire::Code;

/// A decimal id in a parameter; a malformed one is 400/154000.
pub(crate) fn number(field: &str, text: &str) -> Result<i64, ApiError> {
    desk::ids::parse(text).ok_or_else(|| ApiError::invalid(field, format!("{text:?} is no id; ids are decimal digits")))
}

/// The same of a parameter that may be left out.
pub(crate) fn optional_number(field: &str, text: Option<&str>) -> Result<Option<i64>, ApiError> {
    text.map(|text| number(field, text)).transpose()
}

/// A decimal id on a page without a 400 row: a malformed one names nothing.
pub(crate) fn known(kind: desk::Kind, text: &str) -> Result<i64, ApiError> {
    desk::ids::parse(text).ok_or_else(|| desk::Refusal::not_found(kind, text).into())
}

/// A number that has to lie in a range.
pub(crate) fn ranged(field: &str, value: i64, min: i64, max: i64) -> Result<i64, ApiError> {
    if value < min {
        return Err(ApiError::field(Code::FIELD_INVALID, field, &value.to_string(), format!("the min value is {min}")));
    }
    if value > max {
        return Err(ApiError::field(Code::FIELD_INVALID, field, &value.to_string(), format!("the max value is {max}")));
    }
    Ok(value)
}

/// How many are asked for: 1 to `max`, or `usual` if that is left out.
pub(crate) fn sized(field: &str, size: Option<i64>, usual: i64, max: i64) -> Result<usize, ApiError> {
    Ok(usize::try_from(ranged(field, size.unwrap_or(usual), 1, max)?).unwrap_or(1))
}

/// The size of a cursor page: 1 to 100, 20 by default (reference: helpdesk-v1 9).
pub(crate) fn page_size(size: Option<i64>) -> Result<usize, ApiError> {
    sized("page_size", size, 20, 100)
}

/// The position that a cursor page's token stands for: the id of the last row of the page before, 0 for the first page.
pub(crate) fn position(token: Option<&str>) -> Result<i64, ApiError> {
    match token.filter(|t| !t.is_empty()) {
        None => Ok(0),
        Some(token) => desk::ids::parse(token)
            .ok_or_else(|| ApiError::invalid("page_token", "must be the token of the page before, or be left out")),
    }
}

/// The same of a list with the newest first: a page is of what comes before this id.
pub(crate) fn before(token: Option<&str>) -> Result<i64, ApiError> {
    Ok(match position(token)? {
        0 => i64::MAX,
        id => id,
    })
}

/// A picture with what tells browsers to take it for nothing else.
pub(crate) type Shown = ([(HeaderName, &'static str); 2], Vec<u8>);

/// A picture that a browser shows.
pub(crate) fn shown(image: desk::image::Image) -> Shown {
    ([(CONTENT_TYPE, image.mime), (X_CONTENT_TYPE_OPTIONS, "nosniff")], image.bytes)
}

/// A picture as a file.
pub(crate) fn picture(image_key: &str, image: desk::image::Image) -> Binary {
    let file_name = image.file_name(image_key);
    Binary { content_type: image.mime, file_name, bytes: image.bytes.into() }
}

/// A number that has to be one of a few.
pub(crate) fn one_of(field: &str, value: i64, allowed: &[i64]) -> Result<(), ApiError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let options: Vec<String> = allowed.iter().map(i64::to_string).collect();
    let description = format!("options: [{}]", options.join(","));
    Err(ApiError::field(Code::FIELD_INVALID, field, &value.to_string(), description))
}
