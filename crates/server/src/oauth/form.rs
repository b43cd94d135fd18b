//! What an app sends to a token endpoint, as JSON or as a form, and which app it is.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::directory;
use desk::secret::token_hash;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;
use wire::Code;

use super::fault::OAuthError;
use crate::api::body;
use crate::app::App;

/// The fields of a body.
#[derive(Debug)]
pub(super) struct Form(Map<String, Value>);

impl Form {
    /// Reads a request's body.
    pub async fn read(request: Request) -> Result<(Self, HeaderMap), OAuthError> {
        let (parts, stream) = request.into_parts();
        let bytes = body::read(&parts.headers, stream).await;
        let bytes = bytes.map_err(|_| malformed("the body is larger than 1 MiB or did not arrive whole"))?;
        Ok((Self::decode(&parts.headers, &bytes)?, parts.headers))
    }

    fn decode(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, OAuthError> {
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_form = kind.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded");
        // A JSON body is known by its brace: not every client names its type.
        if !is_form || bytes.trim_ascii_start().first() == Some(&b'{') {
            return match serde_json::from_slice(bytes) {
                Ok(Value::Object(fields)) => Ok(Self(fields)),
                _ => Err(malformed("the body is neither a JSON object nor application/x-www-form-urlencoded")),
            };
        }
        let mut fields = Map::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            if fields.insert(name.to_string(), Value::String(value.into_owned())).is_some() {
                return Err(malformed(format!("{name} is sent twice")));
            }
        }
        Ok(Self(fields))
    }

    /// A field that may be left out; an empty one is left out.
    pub fn optional(&self, name: &str) -> Result<Option<&str>, OAuthError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(malformed(format!("{name} must be a string"))),
        }
    }

    /// A field that has to be there.
    pub fn required(&self, name: &str) -> Result<&str, OAuthError> {
        let missing = || OAuthError::new(Code::OAUTH_PARAM_MISSING, format!("{name} is required"));
        self.optional(name)?.ok_or_else(missing)
    }

    /// The app that calls, by its secret: from a Basic header or from the body.
    pub fn client(&self, app: &App, headers: &HeaderMap) -> Result<Arc<directory::App>, OAuthError> {
        let (in_body, secret_in_body) = (self.optional("client_id")?, self.optional("client_secret")?);
        let asserted = self.optional("client_assertion")?.is_some();
        let basic = basic(headers)?;
        if usize::from(basic.is_some()) + usize::from(secret_in_body.is_some()) + usize::from(asserted) > 1 {
            let why = "send the app's secret either in the Authorization header or as client_secret, and nothing else";
            return Err(OAuthError::new(Code::OAUTH_TWO_CREDENTIALS, why));
        }
        if asserted {
            let why = "client assertions are not supported here; send client_secret";
            return Err(OAuthError::new(Code::OAUTH_SECRET, why));
        }
        let (id, secret) = match &basic {
            Some((id, secret)) => {
                if in_body.is_some_and(|in_body| in_body != id) {
                    return Err(malformed("client_id is not the one in the Authorization header"));
                }
                (id.as_str(), secret.as_str())
            }
            None => (self.required("client_id")?, self.required("client_secret")?),
        };
        let found = app.directory().apps.get(id).map(Arc::clone);
        let found = found.ok_or_else(|| OAuthError::new(Code::OAUTH_APP_UNKNOWN, "client_id names no app here"))?;
        if bool::from(token_hash(secret).as_bytes().ct_eq(found.secret_hash.as_bytes())) {
            Ok(found)
        } else {
            Err(OAuthError::new(Code::OAUTH_SECRET, "the app's secret is wrong"))
        }
    }
}

/// Id and secret of a Basic header, each form-encoded before they are joined (RFC 6749, 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, OAuthError> {
    let Some(header) = headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok()) else { return Ok(None) };
    let Some((scheme, text)) = header.split_once(' ') else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let fault = || malformed("the Authorization header must be Basic and base64 of <client_id>:<client_secret>");
    let pair = STANDARD.decode(text.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(fault)?;
    let (id, secret) = pair.split_once(':').ok_or_else(fault)?;
    Ok(Some((decoded(id), decoded(secret))))
}

fn decoded(text: &str) -> String {
    // A form with one name and no value. An `&` in it was not encoded, so nothing was.
    match form_urlencoded::parse(text.as_bytes()).collect::<Vec<_>>().as_slice() {
        [(name, value)] if value.is_empty() && !text.contains(['=', '&']) => name.to_string(),
        _ => text.to_owned(),
    }
}

fn malformed(why: impl Into<String>) -> OAuthError {
    OAuthError::new(Code::OAUTH_MALFORMED, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn json_and_forms_are_read_alike() {
        let form = with("content-type", "Application/X-WWW-Form-Urlencoded; charset=utf-8");
        for (headers, body) in [
            (HeaderMap::new(), r#"{"code":"a b","empty":"","none":null,"more":[1]}"#),
            (form.clone(), "code=a+b&empty=&more=x"),
            (with("content-type", "text/plain"), r#" {"code":"a b"}"#),
            (form.clone(), r#"{"code":"a b"}"#),
        ] {
            let form = Form::decode(&headers, body.as_bytes()).unwrap();
            assert_eq!(form.required("code").unwrap(), "a b", "{body}");
            assert_eq!(form.required("empty").unwrap_err().code(), Code::OAUTH_PARAM_MISSING);
            assert_eq!(form.optional("none").unwrap(), None);
        }
        for (headers, body) in
            [(HeaderMap::new(), ""), (HeaderMap::new(), "code=a"), (HeaderMap::new(), "[]"), (form, "code=a&code=b")]
        {
            assert_eq!(Form::decode(&headers, body.as_bytes()).unwrap_err().code(), Code::OAUTH_MALFORMED, "{body}");
        }
        let number = Form::decode(&HeaderMap::new(), br#"{"code":5}"#).unwrap();
        assert_eq!(number.optional("code").unwrap_err().code(), Code::OAUTH_MALFORMED);
    }

    #[test]
    fn a_basic_header_is_decoded_twice() {
        let header = |pair: &str| with("authorization", &format!("bAsIc {}", STANDARD.encode(pair)));
        let read = |pair: &str| basic(&header(pair)).unwrap().unwrap();
        assert_eq!(read("cli_1:s%3Ac+r%26t"), ("cli_1".into(), "s:c r&t".into()));
        assert_eq!(read("cli_1:a=b&c"), ("cli_1".into(), "a=b&c".into()));
        assert_eq!(basic(&with("authorization", "Bearer t-1")).unwrap(), None);
        assert_eq!(basic(&HeaderMap::new()).unwrap(), None);
        for bad in ["Basic %%%", "Basic bm9jb2xvbg=="] {
            assert_eq!(basic(&with("authorization", bad)).unwrap_err().code(), Code::OAUTH_MALFORMED, "{bad}");
        }
    }
}
