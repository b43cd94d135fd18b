//! From text to [`DeskFile`]: YAML or JSON, mistakes with key path, line and column, secrets from the environment.

use std::cell::RefCell;
use std::fmt;

use serde_saphyr::{DefaultMessageFormatter, Error, MessageFormatter};

use super::types::{DeskFile, Secret};

/// Largest number of YAML nodes in a file; a guard against a file that is none.
const NODES_MAX: usize = 50_000_000;
/// Largest text in a file, in bytes.
const BYTES_MAX: usize = 2 << 30;

/// How a desk file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// YAML, of which JSON is a part.
    Yaml,
    /// JSON.
    Json,
}

impl Format {
    /// The format of a file of this name: JSON if it ends with `.json`, otherwise YAML.
    pub fn of(path: &std::path::Path) -> Self {
        if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json")) { Self::Json } else { Self::Yaml }
    }
}

/// A mistake in a desk file: one line that names the key and says what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub(super) String);

impl Fault {
    pub(super) fn at(path: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self(one_line(&format!("{path}: {why}")))
    }

    /// The key path, and what is wrong there.
    pub(super) fn parts(&self) -> (&str, &str) {
        self.0.split_once(": ").unwrap_or(("", &self.0))
    }
}

/// Reads a desk file. `env` looks up the environment variables behind `${NAME}` in secrets.
///
/// # Errors
/// What is wrong with the text, or every variable that is missing.
pub fn parse(text: &str, format: Format, env: &dyn Fn(&str) -> Option<String>) -> Result<DeskFile, Vec<Fault>> {
    let mut file = match format {
        Format::Yaml => yaml(text),
        Format::Json => json(text),
    }
    .map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    for (path, secret) in secrets(&mut file) {
        let Some(name) = env_name(secret.text()) else { continue };
        match env(name) {
            Some(value) => *secret = Secret(value),
            None => faults.push(Fault::at(path, format!("the environment variable {name} is not set"))),
        }
    }
    if faults.is_empty() { Ok(file) } else { Err(faults) }
}

fn yaml(text: &str) -> Result<DeskFile, Fault> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        strict_booleans: true,
        budget: serde_saphyr::budget! {
            max_events: 2 * NODES_MAX,
            max_nodes: NODES_MAX,
            max_total_scalar_bytes: BYTES_MAX,
            max_total_comment_bytes: BYTES_MAX,
        },
    };
    let path = RefCell::new(String::new());
    let read = serde_saphyr::with_deserializer_from_str_with_options(text, options, |deserializer| {
        serde_path_to_error::deserialize(deserializer).map_err(|error| {
            *path.borrow_mut() = error.path().to_string();
            error.into_inner()
        })
    });
    read.map_err(|error| yaml_fault(error.without_snippet(), &path.borrow()))
}

fn yaml_fault(error: &Error, path: &str) -> Fault {
    let (path, why) = match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            (join(path, field), format!("unknown key; known here are {}", expected.join(", ")))
        }
        Error::SerdeMissingField { field, .. } => (join(path, field), "is missing".to_owned()),
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            (path.to_owned(), format!("found {unexpected}, expected {expected}"))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            (path.to_owned(), format!("{variant} is not known; allowed are {}", expected.join(", ")))
        }
        Error::DuplicateMappingKey { key, .. } => {
            (path.to_owned(), format!("the key {} is given twice", key.as_deref().unwrap_or("here")))
        }
        Error::MultipleDocuments { .. } => (path.to_owned(), "holds several documents, expected one".to_owned()),
        Error::NullIntoString { .. } => (path.to_owned(), "is empty, expected a text".to_owned()),
        other => (path.to_owned(), DefaultMessageFormatter.format_message(other).into_owned()),
    };
    let place = error.location().map(|l| (l.line(), l.column()));
    located(&path, &why, place)
}

fn json(text: &str) -> Result<DeskFile, Fault> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut deserializer);
    let file = read.map_err(|error| json_fault(error.inner(), &error.path().to_string()))?;
    deserializer.end().map_err(|error| json_fault(&error, "."))?;
    Ok(file)
}

fn json_fault(error: &serde_json::Error, path: &str) -> Fault {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = error.to_string();
    let why = text.strip_suffix(&place).unwrap_or(&text);
    let named = |prefix: &str| why.strip_prefix(prefix)?.split_once('`');
    let (path, why) = if let Some((field, known)) = named("unknown field `") {
        let known = known.trim_start_matches(", expected ").trim_start_matches("one of ").replace('`', "");
        (join(path, field), format!("unknown key; known here are {known}"))
    } else if let Some((field, _)) = named("missing field `") {
        (join(path, field), "is missing".to_owned())
    } else {
        (path.to_owned(), why.to_owned())
    };
    located(&path, &why, Some((error.line() as u64, error.column() as u64)))
}

/// `path` with `key` behind it, which the tracker may have noted already.
fn join(path: &str, key: &str) -> String {
    let path = path.trim_end_matches(['?', '.']);
    if path.is_empty() {
        key.to_owned()
    } else if path == key || path.ends_with(&format!(".{key}")) {
        path.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

fn located(path: &str, why: &str, place: Option<(u64, u64)>) -> Fault {
    // The tracker writes `?` for a key that it has not read yet.
    let path = path.trim_end_matches(['?', '.']);
    let path = if path.is_empty() { "the file" } else { path };
    match place {
        Some((line, column)) if line > 0 => Fault::at(path, format!("{why} (line {line}, column {column})")),
        _ => Fault::at(path, why),
    }
}

fn one_line(text: &str) -> String {
    if text.contains(char::is_control) {
        text.split(char::is_control).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    } else {
        text.to_owned()
    }
}

/// The name in `${NAME}`, if the text is that and nothing else.
fn env_name(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    let well_formed = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (well_formed && name.starts_with(|c: char| !c.is_ascii_digit())).then_some(name)
}

/// Every secret of the file with its path.
fn secrets(file: &mut DeskFile) -> Vec<(String, &mut Secret)> {
    let mut found = Vec::new();
    for (t, tenant) in file.tenants.iter_mut().enumerate() {
        for (i, user) in tenant.users.iter_mut().flatten().enumerate() {
            found.push((format!("tenants[{t}].users[{i}].password"), user.password.as_mut()));
        }
        for (i, app) in tenant.apps.iter_mut().flatten().enumerate() {
            let at = format!("tenants[{t}].apps[{i}]");
            found.push((format!("{at}.app_secret"), app.app_secret.as_mut()));
            if let Some(events) = &mut app.events {
                found.push((format!("{at}.events.verification_token"), events.verification_token.as_mut()));
                found.push((format!("{at}.events.encrypt_key"), events.encrypt_key.as_mut()));
            }
        }
        for (i, desk) in tenant.helpdesks.iter_mut().flatten().enumerate() {
            let at = format!("tenants[{t}].helpdesks[{i}]");
            found.push((format!("{at}.token"), desk.token.as_mut()));
            found.push((format!("{at}.widget_secret"), desk.widget_secret.as_mut()));
        }
    }
    found.into_iter().filter_map(|(path, secret)| Some((path, secret?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, format: Format) -> Result<DeskFile, Vec<String>> {
        let env = |name: &str| (name == "HT").then(|| "ht-from-env".to_owned());
        parse(text, format, &env).map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    fn fault(text: &str, format: Format) -> String {
        let mut faults = read(text, format).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults.remove(0)
    }

    #[test]
    fn an_unknown_key_is_named_with_its_path_and_place() {
        let yaml = "version: 1\ntenants:\n  - key: demo\n    name: Demo\n    users:\n      - {id: u_a, nmae: Ada}\n";
        let text = fault(yaml, Format::Yaml);
        assert!(text.starts_with("tenants[0].users[0].nmae: unknown key; known here are id, name, email"), "{text}");
        assert!(text.ends_with("(line 6, column 19)"), "{text}");
        let json =
            r#"{"version": 1, "tenants": [{"key": "demo", "name": "Demo", "users": [{"id": "u", "nmae": "Ada"}]}]}"#;
        let text = fault(json, Format::Json);
        assert!(text.starts_with("tenants[0].users[0].nmae: unknown key; known here are id, name, email"), "{text}");
        assert!(text.contains("(line 1, column "), "{text}");
        assert!(!text.contains('`'), "{text}");
    }

    #[test]
    fn a_wrong_type_a_missing_key_and_a_wrong_word_are_one_line_each() {
        let cases = [
            ("version: one\ntenants: []\n", "version: "),
            ("version: 1\n", "tenants: is missing"),
            ("version: 1\ntenants: nothing\n", "tenants: "),
            ("version: 1\ntenants: [{key: a, name: A, users: [{id: u}]}]\n", "tenants[0].users[0].name: is missing"),
            ("version: 1\ntenants: [{key: a, name: }]\n", "tenants[0].name: is empty, expected a text"),
            (
                "version: 1\ntenants: [{key: a, name: A, apps: [{app_id: x, type: shop}]}]\n",
                "tenants[0].apps[0].type: shop is not known; allowed are custom, store",
            ),
            (
                "version: 1\ntenants: [{key: a, name: A, helpdesks: [{name: H, owner: u, visibility: some}]}]\n",
                "tenants[0].helpdesks[0].visibility: found string \"some\", expected `all` or {users: […], departments: […]}",
            ),
            ("version: 1\nversion: 1\ntenants: []\n", "the file: the key version is given twice"),
            ("version: 1\ntenants: [\n", "tenants: unclosed bracket"),
            ("", "the file: "),
        ];
        for (yaml, expected) in cases {
            let text = fault(yaml, Format::Yaml);
            assert!(text.starts_with(expected), "{text}");
            assert!(!text.contains('\n'), "{text}");
        }
        assert!(fault(r#"{"version": 1, "tenants": []} x"#, Format::Json).contains("line 1, column 31"));
        assert!(fault(r#"{"version": "1", "tenants": []}"#, Format::Json).starts_with("version: invalid type"));
    }

    #[test]
    fn secrets_come_from_the_environment_and_a_missing_one_is_named() {
        let yaml = "version: 1\ntenants:\n- key: a\n  name: A\n  helpdesks:\n  - {name: H, owner: u, token: \"${HT}\", widget_secret: \"plain-${X}\"}\n";
        let file = read(yaml, Format::Yaml).unwrap();
        let desk = &file.tenants[0].helpdesks.as_ref().unwrap()[0];
        assert_eq!(desk.token.as_ref().unwrap().text(), "ht-from-env");
        assert_eq!(desk.widget_secret.as_ref().unwrap().text(), "plain-${X}");
        assert!(!format!("{file:?}").contains("ht-from-env"));
        let missing = fault(&yaml.replace("${HT}", "${NONE}"), Format::Yaml);
        assert_eq!(missing, "tenants[0].helpdesks[0].token: the environment variable NONE is not set");
    }

    #[test]
    fn ids_may_be_written_without_quotes_and_words_stay_words() {
        let yaml =
            "version: 1\ntenants: [{key: no, name: 12, helpdesks: [{id: 6900000000000000001, name: on, owner: u}]}]\n";
        let file = read(yaml, Format::Yaml).unwrap();
        assert_eq!((file.tenants[0].key.as_str(), file.tenants[0].name.as_str()), ("no", "12"));
        assert_eq!(file.tenants[0].helpdesks.as_ref().unwrap()[0].id.as_deref(), Some("6900000000000000001"));
    }
}
