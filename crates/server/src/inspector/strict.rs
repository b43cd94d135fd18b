//! What administrators of a production server see of a call: its shape, and of its texts only those that name things. What
//! people wrote and what opens doors is hidden, whatever its name: a text is shown only if its name is known to be
//! harmless.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::mask;

/// Names of texts that say nothing about people.
const HARMLESS: &[&str] = &[
    "id",
    "msg",
    "type",
    "msg_type",
    "event_type",
    "subtype",
    "status",
    "stage",
    "field",
    "log_id",
    "operator_id_type",
    "user_id_type",
    "receive_type",
    "field_type",
    "position",
    "language",
    "lang",
    "page_token",
    "grant_type",
    "token_type",
    "response_type",
    "key_name",
    "ticket_type",
];
/// Names that end so name ids and times.
const ENDS: &[&str] = &["_id", "_ids", "_at", "_time"];
/// Names of numbers in queries. Anything else may be digits that people wrote, or a password of digits.
const NUMBERS: &[&str] = &[
    "channel",
    "create_time_end",
    "create_time_start",
    "index",
    "order_by",
    "page",
    "page_size",
    "score",
    "solved",
    "status_list",
    "time_end",
    "time_start",
    "update_time_end",
    "update_time_start",
];
/// Headers that are shown.
const HEADERS: &[&str] = &[
    "accept",
    "content-length",
    "content-type",
    "host",
    "retry-after",
    "user-agent",
    "x-ogw-ratelimit-limit",
    "x-ogw-ratelimit-reset",
    "x-request-id",
    "x-tt-logid",
];
/// The longest name of a parameter; what is longer is none.
const NAME_MAX: usize = 64;
/// Stands for what is hidden.
const HIDDEN: &str = "…";

fn is_harmless(name: &str) -> bool {
    HARMLESS.contains(&name) || ENDS.iter().any(|end| name.ends_with(end))
}

/// Headers as pairs; a hidden one keeps its scheme, so that one sees which kind of token was sent.
pub fn headers(headers: &HeaderMap) -> Vec<[String; 2]> {
    let one = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        let shown = match text.split_once(' ') {
            _ if HEADERS.contains(&name.as_str()) => text.into_owned(),
            Some((scheme @ ("Bearer" | "Basic"), _)) => format!("{scheme} {HIDDEN}"),
            _ => HIDDEN.to_owned(),
        };
        [name.as_str().to_owned(), shown]
    };
    headers.iter().map(one).collect()
}

/// A query or form.
pub fn form(text: &str) -> String {
    let shows = |name: &str, value: &str| {
        is_harmless(name) || (NUMBERS.contains(&name) && value.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let one = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if shows(name, value) => pair.to_owned(),
        Some((name, _)) if is_name(name) => format!("{name}={HIDDEN}"),
        // What has no name is no form.
        _ => HIDDEN.to_owned(),
    };
    text.split('&').map(one).collect::<Vec<_>>().join("&")
}

fn is_name(text: &str) -> bool {
    text.len() <= NAME_MAX && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte))
}

/// What a caller sent as a body of this content type; `None` if it is nothing that can be looked through, so that all of it
/// is hidden.
pub fn body(content_type: &str, text: &str) -> Option<String> {
    // As the token endpoints read it: an object is known by its brace, whatever it is said to be.
    let Some(mut json) = document(text) else {
        return content_type.starts_with("application/x-www-form-urlencoded").then(|| form(text));
    };
    value(&mut json);
    Some(json.to_string())
}

/// What was answered. Unlike what was sent, an error there is in the server's own words.
pub fn answer(text: &str) -> Option<String> {
    let mut json = document(text)?;
    let own = json.get_mut("error").filter(|error| error.is_object()).map(Value::take);
    value(&mut json);
    if let Some(mut own) = own {
        if let Some(message) = own["message"].as_str().map(said) {
            own["message"] = json!(message);
        }
        own.get_mut("field_violations").into_iter().for_each(violated);
        json["error"] = own;
    }
    Some(json.to_string())
}

fn document(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(|json: &Value| json.is_object() || json.is_array())
}

/// Hides the texts of a document.
pub fn value(json: &mut Value) {
    hide("", json);
}

/// Hides the texts within a value of this name.
fn hide(name: &str, json: &mut Value) {
    match json {
        // Content of messages is JSON within a text, so it is hidden as a whole.
        Value::String(text) if !is_harmless(name) => {
            *text = if text.is_empty() { String::new() } else { HIDDEN.to_owned() };
        }
        Value::Number(_) if mask::is_secret(name) => *json = json!(HIDDEN),
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| hide(name, value)),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(name, item)),
        _ => {}
    }
}

/// Which fields are wrong: the value goes, what is said about it stays without what it quotes.
fn violated(violations: &mut Value) {
    for violation in violations.as_array_mut().into_iter().flatten() {
        let told = violation["description"].as_str().map(said);
        hide("", violation);
        if let Some(told) = told {
            violation["description"] = Value::String(told);
        }
    }
}

/// An error's own words: what it quotes is hidden, also where that holds quotes itself, and so are e-mail addresses.
fn said(text: &str) -> String {
    let mut shown = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => {
                shown.push_str(if quoted { "\"" } else { "\"…" });
                quoted = !quoted;
            }
            _ if quoted => {}
            _ => shown.push(c),
        }
    }
    let word = |word: &str| if word.contains('@') { HIDDEN.to_owned() } else { word.to_owned() };
    shown.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// What went wrong, as [`super::calls::error`] tells it, with what it quotes hidden.
pub fn error(mut told: Value) -> Value {
    if let Some(fix) = told["fix"].as_str().map(said) {
        told["fix"] = json!(fix);
    }
    violated(&mut told["fields"]);
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_texts_are_shown() {
        let sent = r#"{"app_id":"cli_1","app_secret":"s3cret","msg_type":"text","content":"{\"text\":\"my IBAN\"}","n":[1,true],
                       "agent_ids":["ou_1"],"faq":{"question":"Who is Eve?","answer":""}}"#;
        let shown: Value = serde_json::from_str(&body("application/json", sent).unwrap()).unwrap();
        let expected = json!({"app_id": "cli_1", "app_secret": "…", "msg_type": "text", "content": "…", "n": [1, true],
                              "agent_ids": ["ou_1"], "faq": {"question": "…", "answer": ""}});
        assert_eq!(shown, expected);
        assert_eq!(body("image/png", "no json"), None);
        assert_eq!(form("page_size=20&query=my+IBAN&ticket_id=69&flag"), "page_size=20&query=…&ticket_id=69&…");
    }

    #[test]
    fn digits_are_shown_only_where_a_number_is_meant() {
        let log_in = "email=eve%40demo.test&password=12345678&client_id=cli_1&page_size=my+IBAN";
        let shown = "email=…&password=…&client_id=cli_1&page_size=…";
        assert_eq!(body("application/x-www-form-urlencoded", log_in).as_deref(), Some(shown));
        assert_eq!(form("query=4915112345678"), "query=…");
        let shown = body("application/json", r#"{"password":12345678,"score":0.5,"deep":[{"app_secret":1}]}"#).unwrap();
        assert_eq!(shown, r#"{"deep":[{"app_secret":"…"}],"password":"…","score":0.5}"#);
        assert_eq!(body("application/json", "12345678"), None);
    }

    #[test]
    fn what_is_no_name_is_hidden_with_its_value() {
        // The token endpoints take an object that is said to be a form.
        let json = r#"{"client_id":"cli_1","client_secret":"s3cret=="}"#;
        let shown = body("application/x-www-form-urlencoded", json).unwrap();
        assert_eq!(shown, r#"{"client_id":"cli_1","client_secret":"…"}"#);
        let cut = r#"{"client_secret":"s3cret==","#;
        assert_eq!(body("application/x-www-form-urlencoded", cut).as_deref(), Some("…"));
        assert_eq!(form("my+IBAN+is=DE12"), "…");
    }

    #[test]
    fn only_an_answer_has_an_error_in_own_words() {
        let sent = r#"{"error":{"message":"my IBAN","hint":"my IBAN"}}"#;
        assert_eq!(body("application/json", sent).unwrap(), r#"{"error":{"hint":"…","message":"…"}}"#);
        let told = r#"{"code":1,"error":{"message":"\"my IBAN\" is no scope","log_id":"20","field_violations":
                       [{"field":"scopes[0]","value":"my IBAN","description":"\"my IBAN\" is no scope"}]}}"#;
        let shown: Value = serde_json::from_str(&answer(told).unwrap()).unwrap();
        let said = "\"…\" is no scope";
        let expected = json!({"code": 1, "error": {"message": said, "log_id": "20", "field_violations":
                              [{"field": "scopes[0]", "value": "…", "description": said}]}});
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_quote_within_what_an_error_quotes_does_not_end_it() {
        let quoted = format!("{:?} is no scope, {:?} neither", "my \"IBAN\" is", "\\");
        assert_eq!(said(&quoted), "\"…\" is no scope, \"…\" neither");
    }

    #[test]
    fn an_error_keeps_its_words_and_loses_what_it_quotes() {
        let told = json!({"cause": "a parameter is wrong", "fix": "\"my IBAN\" is no scope; write to eve@demo.test",
                          "fields": [{"field": "scopes[0]", "value": "my IBAN", "description": "\"my IBAN\" is no scope"}]});
        let shown = error(told);
        assert!(!shown.to_string().contains("IBAN") && !shown.to_string().contains("eve@"), "{shown}");
        assert_eq!(shown["fix"], "\"…\" is no scope; write to …");
        assert_eq!(shown["fields"][0]["field"], "scopes[0]");
        assert_eq!(error(Value::Null)["fix"], Value::Null);
    }

    #[test]
    fn a_token_in_a_header_is_hidden_and_its_kind_is_not() {
        let mut sent = HeaderMap::new();
        sent.insert("authorization", "Bearer t-123456789".parse().unwrap());
        sent.insert("x-lark-helpdesk-authorization", "Njk6aHQ=".parse().unwrap());
        sent.insert("x-secret", "Eve".parse().unwrap());
        sent.insert("content-type", "application/json".parse().unwrap());
        let shown = headers(&sent).into_iter().map(|[name, value]| format!("{name}: {value}")).collect::<Vec<_>>();
        let expected = [
            "authorization: Bearer …",
            "x-lark-helpdesk-authorization: …",
            "x-secret: …",
            "content-type: application/json",
        ];
        assert_eq!(shown, expected);
    }
}
