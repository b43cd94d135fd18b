//! Secrets in what developers look at: all but the last four characters are hidden.

use serde_json::Value;

/// Members and parameters that are secrets.
const SECRETS: [&str; 14] = [
    "app_secret",
    "client_secret",
    "password",
    "tenant_access_token",
    "app_access_token",
    "user_access_token",
    "access_token",
    "refresh_token",
    "session_token",
    "identity_token",
    "code_verifier",
    "encrypt_key",
    "app_ticket",
    "id_token",
];
const HEADERS: [&str; 4] = ["authorization", "x-lark-helpdesk-authorization", "cookie", "set-cookie"];
/// Characters at the end that stay.
const SHOWN: usize = 4;

/// Whether a member or parameter of this name is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    SECRETS.contains(&name)
}

/// `…` and the last four characters; a short text vanishes.
pub fn secret(text: &str) -> String {
    let count = text.chars().count();
    if count <= 2 * SHOWN {
        return "…".to_owned();
    }
    format!("…{}", text.chars().skip(count - SHOWN).collect::<String>())
}

/// The value of a header; of a secret one the scheme stays.
pub fn header(name: &str, value: &str) -> String {
    if !HEADERS.contains(&name) {
        return value.to_owned();
    }
    match value.split_once(' ') {
        Some((scheme, rest)) => format!("{scheme} {}", secret(rest)),
        None => secret(value),
    }
}

/// A body of this content type.
pub fn body(content_type: &str, text: &str) -> String {
    if content_type.starts_with("application/x-www-form-urlencoded") {
        return form(text);
    }
    // What holds no secret is shown byte for byte.
    let mut json = serde_json::from_str(text).unwrap_or(Value::Null);
    if hide(&mut json) { json.to_string() } else { text.to_owned() }
}

/// A query or form.
pub fn form(text: &str) -> String {
    let one = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if is_secret(name) => format!("{name}={}", secret(value)),
        _ => pair.to_owned(),
    };
    text.split('&').map(one).collect::<Vec<_>>().join("&")
}

/// Hides all secrets; whether there were any.
fn hide(json: &mut Value) -> bool {
    let one = |(name, value): (&String, &mut Value)| match value {
        Value::String(text) if is_secret(name) => {
            *text = secret(text);
            true
        }
        _ => hide(value),
    };
    let any = match json {
        Value::Object(members) => members.iter_mut().map(one).max(),
        Value::Array(items) => items.iter_mut().map(hide).max(),
        _ => None,
    };
    any == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        assert_eq!(header("authorization", "Bearer t-g1044ghJRUIJJ5"), "Bearer …IJJ5");
        assert_eq!(header("accept", "*/*"), "*/*");
        assert_eq!(secret("short"), "…");
        let shown = body(
            "application/json",
            r#"{"app_id":"cli_1","data":[{"app_secret":"0123456789"},{"password":"correct-horse"}]}"#,
        );
        assert_eq!(shown, r#"{"app_id":"cli_1","data":[{"app_secret":"…6789"},{"password":"…orse"}]}"#);
        assert_eq!(body("application/json", r#"{"z": 1, "a": [2]}"#), r#"{"z": 1, "a": [2]}"#, "nothing to hide");
        assert_eq!(form("email=a%40b&password=correct-horse"), "email=a%40b&password=…orse");
        assert_eq!(body("text/plain", "no json"), "no json");
    }
}
