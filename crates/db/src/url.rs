//! Where the database is: the text an operator writes, parsed once.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The address of a database.
///
/// `sqlite:PATH` names a file, which is created when missing. `postgres://…` (or
/// `postgresql://…`) names a server in the usual URL form. `sslmode=require`, `verify-ca` and
/// `verify-full` all encrypt and check the server's certificate against the system's trusted
/// certificates or, with `sslrootcert=FILE`, against that PEM file; `prefer` and `disable` (and
/// leaving it out) connect in clear text.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The path of a SQLite database file.
    Sqlite(PathBuf),
    /// The whole `postgres://…` URL, with the password in it.
    Postgres(String),
}

/// Why a text is not a [`DatabaseUrl`]. It never repeats the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0}; a database is written as sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/NAME or \
     postgresql://…"
)]
pub struct DatabaseUrlError(&'static str);

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return match path {
                "" => Err(DatabaseUrlError("the path after sqlite: is empty")),
                path if path.starts_with(":memory:") => {
                    Err(DatabaseUrlError("a database in memory cannot be shared by the threads of the server"))
                }
                path => Ok(Self::Sqlite(PathBuf::from(path))),
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(DatabaseUrlError("this is not the address of a database"))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "sqlite:{}", path.display()),
            Self::Postgres(url) => out.write_str(&masked(url)),
        }
    }
}

/// The same text as `Display`: a debug print must not leak the password either.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

/// Replaces what may be a password: the part after the first `:` of the user information (which
/// ends at the last `@`, so that an unescaped `@`, `/` or `?` in a password cannot reveal its
/// tail), and the value of a `password` setting.
fn masked(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return "***".to_owned();
    };
    let (before, after) = match rest.rsplit_once('@') {
        Some((user, after)) => match user.split_once(':') {
            Some((name, _)) => (format!("{name}:***@"), after),
            None => (format!("{user}@"), after),
        },
        None => (String::new(), rest),
    };
    let Some((place, settings)) = after.split_once('?') else {
        return format!("{scheme}://{before}{after}");
    };
    let settings: Vec<String> = settings
        .split('&')
        .map(|setting| match setting.split_once('=') {
            Some((name, _)) if name.to_ascii_lowercase().contains("pass") => format!("{name}=***"),
            _ => setting.to_owned(),
        })
        .collect();
    format!("{scheme}://{before}{place}?{}", settings.join("&"))
}

#[cfg(test)]
mod tests;
