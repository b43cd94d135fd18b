//! Bringing the schema up to date: one sequence of migrations for both databases.
//!
//! What was applied is kept in the table `applied_migration` with the SHA-256 of each text. There
//! is no way back; an edited or unknown migration is refused, because then nobody knows what the
//! schema is.

use std::fmt::Write as _;
use std::path::Path;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::error::DbError;
use crate::lite::{self, Purpose};
use crate::pg;
use crate::sql::for_sqlite;
use crate::url::DatabaseUrl;

/// One step of the schema, in PostgreSQL's spelling with only `BIGINT`, `TEXT` and `BYTEA`.
///
/// For SQLite `BIGINT` becomes `INTEGER` and `BYTEA` becomes `BLOB`, and each created table
/// becomes `STRICT`; with the comment `/*without rowid*/` right after the closing parenthesis of
/// `CREATE TABLE` it becomes `STRICT, WITHOUT ROWID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// A name such as `0001_tickets`. Never changed once released.
    pub name: &'static str,
    /// The statements. Never changed once released.
    pub sql: &'static str,
}

pub(crate) const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS applied_migration \
     (position BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";
pub(crate) const LIST: &str = "SELECT name, checksum FROM applied_migration ORDER BY position";
pub(crate) const RECORD: &str = "INSERT INTO applied_migration (position, name, checksum) VALUES ($1, $2, $3)";

/// A migration that was applied: its name and its checksum.
pub(crate) type Applied = (String, String);

/// Applies what is missing and answers how many that were.
pub(crate) fn apply(url: &DatabaseUrl, migrations: &[Migration]) -> Result<usize, DbError> {
    match url {
        DatabaseUrl::Sqlite(path) => apply_sqlite(path, migrations),
        DatabaseUrl::Postgres(text) => pg::apply_migrations(text, migrations),
    }
}

/// Answers how many are missing.
pub(crate) fn pending(url: &DatabaseUrl, migrations: &[Migration]) -> Result<usize, DbError> {
    let applied = match url {
        DatabaseUrl::Sqlite(path) => {
            let conn = lite::connect(path, Purpose::Read)?;
            let exists: bool = conn
                .query_row("SELECT COUNT(*) FROM sqlite_master WHERE name = 'applied_migration'", [], |row| row.get(0))
                .map_err(|error| DbError::from_sqlite("sqlite_master", &error))?;
            if exists { applied_sqlite(&conn)? } else { Vec::new() }
        }
        DatabaseUrl::Postgres(text) => pg::applied_migrations(text)?,
    };
    missing(migrations, &applied).map(<[Migration]>::len)
}

/// The migrations that come after those applied.
///
/// # Errors
/// [`DbError::Migration`] when the applied ones are not the beginning of `migrations`.
pub(crate) fn missing<'m>(migrations: &'m [Migration], applied: &[Applied]) -> Result<&'m [Migration], DbError> {
    for (position, (name, sum)) in applied.iter().enumerate() {
        let Some(known) = migrations.get(position) else {
            return Err(DbError::Migration(format!(
                "it has the migration {name}, which this version does not know; run the version \
                 that applied it, or a later one"
            )));
        };
        if known.name != name {
            return Err(DbError::Migration(format!(
                "it has the migration {name} where this version has {}; run the version that \
                 applied it, or restore a backup",
                known.name
            )));
        }
        if checksum(known.sql) != *sum {
            return Err(DbError::Migration(format!(
                "the migration {name} was edited after it had been applied; undo the edit and add \
                 a new migration instead"
            )));
        }
    }
    Ok(&migrations[applied.len()..])
}

/// The SHA-256 of a migration's text, in hexadecimal.
pub(crate) fn checksum(sql: &str) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(sql.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Says which migration failed and why.
pub(crate) fn failed(name: &str, error: &DbError) -> DbError {
    match error {
        DbError::Sql { message, .. } => {
            DbError::Migration(format!("the migration {name} failed: {message}; please report this"))
        }
        DbError::Constraint(message) => {
            DbError::Migration(format!("the migration {name} does not fit the data: {message}; please report this"))
        }
        other => other.clone(),
    }
}

fn apply_sqlite(path: &Path, migrations: &[Migration]) -> Result<usize, DbError> {
    let conn = lite::connect(path, Purpose::Write)?;
    let run = |sql: &str| conn.execute_batch(sql).map_err(|error| DbError::from_sqlite("migration", &error));
    run("BEGIN IMMEDIATE")?;
    // An error drops the connection, which rolls everything back.
    run(&for_sqlite(CREATE_TABLE))?;
    let applied = applied_sqlite(&conn)?;
    let missing = missing(migrations, &applied)?;
    for (offset, migration) in missing.iter().enumerate() {
        run(&for_sqlite(migration.sql)).map_err(|error| failed(migration.name, &error))?;
        if conn.is_autocommit() {
            return Err(DbError::Migration(format!(
                "the migration {} ends the transaction; please report this",
                migration.name
            )));
        }
        let position = i64::try_from(applied.len() + offset + 1).unwrap_or(i64::MAX);
        conn.execute(RECORD, (position, migration.name, checksum(migration.sql)))
            .map_err(|error| DbError::from_sqlite(RECORD, &error))?;
    }
    run("COMMIT")?;
    Ok(missing.len())
}

fn applied_sqlite(conn: &Connection) -> Result<Vec<Applied>, DbError> {
    let rows = |conn: &Connection| -> rusqlite::Result<Vec<Applied>> {
        let mut statement = conn.prepare(LIST)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    };
    rows(conn).map_err(|error| DbError::from_sqlite(LIST, &error))
}
