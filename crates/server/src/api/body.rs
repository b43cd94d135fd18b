//! Reads and decodes JSON bodies. The Content-Type does not matter: the Python SDK sends none (reference:
//! platform-protocol 2.2).

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use bytes::Bytes;
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};
use wire::Code;

use super::error::ApiError;

/// The largest body, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// Reads a body.
///
/// # Errors
/// It is larger than [`MAX_BYTES`], or the connection broke.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, ApiError> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BYTES) {
        return Err(too_large());
    }
    axum::body::to_bytes(body, MAX_BYTES).await.map_err(|error| {
        let cause = std::error::Error::source(&error);
        if cause.is_some_and(<dyn std::error::Error>::is::<LengthLimitError>) {
            too_large()
        } else {
            ApiError::new(Code::NOT_JSON, "the connection broke before the whole body had arrived")
        }
    })
}

fn too_large() -> ApiError {
    ApiError::new(Code::NOT_JSON, format!("the body is larger than {MAX_BYTES} bytes; send less at once"))
}

/// Decodes a body; an empty one is `{}`.
///
/// # Errors
/// 9499 for what is not JSON or has a value of the wrong type, 99992402 for a missing field, 154000 for a text with a
/// NUL character; each names the field.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let bytes = if bytes.trim_ascii().is_empty() { b"{}" } else { bytes };
    // Serde takes an array for a struct; the platform does not.
    let object = bytes.trim_ascii_start().first() == Some(&b'{');
    if object && let Ok(value) = serde_json::from_slice(bytes) {
        return nul(bytes).map_or(Ok(value), Err);
    }
    if object && let Some(quoted) = quoted_numbers(bytes) {
        return serde_json::from_slice(&quoted).map_err(|_| explain::<T>(&quoted));
    }
    // Once more with the path, which only errors need.
    Err(explain::<T>(bytes))
}

/// The error about the first text with a NUL character, which PostgreSQL cannot store.
fn nul(bytes: &[u8]) -> Option<ApiError> {
    const ESCAPED: &[u8] = b"\\u0000";
    if !bytes.windows(ESCAPED.len()).any(|window| window == ESCAPED) {
        return None;
    }
    let field = nul_below(&serde_json::from_slice(bytes).ok()?)?;
    Some(ApiError::invalid(field.trim_start_matches('.'), "must not hold a NUL character"))
}

/// The path of the first text with a NUL character, names with a dot in front.
fn nul_below(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(i, item)| nul_below(item).map(|rest| format!("[{i}]{rest}")))
        }
        Value::Object(members) => {
            members.iter().find_map(|(name, member)| nul_below(member).map(|rest| format!(".{name}{rest}")))
        }
        _ => None,
    }
}

/// Numbers that JSON does not have but clients write (Python's `json.dumps` writes `NaN`), and numbers beyond every
/// range, put into strings: so their field can be named, and an endpoint can have its own say about it. `None` if there
/// are none.
fn quoted_numbers(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() + 16);
    let (mut at, mut changed) = (0, false);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let length = match rest[0] {
            b'"' => string_length(rest),
            b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                let bare = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
                rest.iter().position(|b| !bare(b)).unwrap_or(rest.len())
            }
            _ => 1,
        };
        let token = &rest[..length];
        let number = std::str::from_utf8(token).ok().and_then(|text| text.parse::<f64>().ok());
        if number.is_some_and(|n| !n.is_finite()) && token[0] != b'"' {
            out.push(b'"');
            out.extend_from_slice(token);
            out.push(b'"');
            changed = true;
        } else {
            out.extend_from_slice(token);
        }
        at += length;
    }
    changed.then_some(out)
}

/// The length of the string that `rest` begins with, quotes included.
fn string_length(rest: &[u8]) -> usize {
    let mut escaped = false;
    let end = rest.iter().skip(1).position(|&b| {
        let ends = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        ends
    });
    end.map_or(rest.len(), |end| end + 2)
}

fn explain<T: DeserializeOwned>(bytes: &[u8]) -> ApiError {
    let document = match serde_json::from_slice::<Value>(bytes) {
        Ok(document @ Value::Object(_)) => document,
        Ok(other) => {
            return ApiError::new(Code::NOT_JSON, format!("the body must be a JSON object, not {}", kind(&other)));
        }
        Err(error) => return ApiError::new(Code::NOT_JSON, format!("the body is not JSON: {error}")),
    };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => ApiError::new(Code::NOT_JSON, "the body must be one JSON object with nothing after it"),
        Err(error) if error.inner().classify() == Category::Data => field_error(&document, &error),
        Err(error) => ApiError::new(Code::NOT_JSON, format!("the body is not JSON: {}", error.inner())),
    }
}

fn field_error(document: &Value, error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let path = path_text(error.path());
    let text = error.inner().to_string();
    // Serde's errors carry no fields, only this wording; `decode_names_the_field` watches over it.
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let missing = text.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    if let Some(name) = missing {
        let field = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        return required(field);
    }
    let given = value_at(document, error.path());
    if given.is_some_and(Value::is_null) {
        return required(path);
    }
    let value = given.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).unwrap_or_default();
    let expected = text.split_once(", expected ").map(|(_, expected)| plain(expected));
    let description = match (expected, given) {
        (Some(expected), Some(given)) => format!("must be {expected}, not {}", kind(given)),
        _ => text.to_owned(),
    };
    ApiError::field(Code::NOT_JSON, path, &value, description)
}

fn required(field: String) -> ApiError {
    let description = format!("{field} is required");
    ApiError::field(Code::FIELD_INVALID, field, "", description)
}

/// `faqs[0].score`; empty for the document itself.
fn path_text(path: &Path) -> String {
    let text = path.to_string();
    if text == "." { String::new() } else { text }
}

fn value_at<'v>(document: &'v Value, path: &Path) -> Option<&'v Value> {
    path.iter().try_fold(document, |value, segment| match segment {
        Segment::Map { key } => value.get(key),
        Segment::Seq { index } => value.get(index),
        Segment::Enum { .. } | Segment::Unknown => Some(value),
    })
}

/// Serde's word for a type in plain ones.
fn plain(expected: &str) -> &str {
    match expected {
        "f64" | "f32" => "a number",
        "i64" | "i32" | "u64" | "u32" | "usize" | "u8" => "a whole number",
        "a sequence" => "an array",
        "a map" => "an object",
        "a boolean" => "true or false",
        struct_name if struct_name.starts_with("struct ") => "an object",
        other => other,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
