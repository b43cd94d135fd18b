//! The one error of this crate, and how the two drivers' errors become it.

use postgres::error::SqlState;
use rusqlite::ErrorCode;

/// What can go wrong with the database. Each text is one line and says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// A queue is full, or a lock or a statement took too long. Nothing was changed.
    #[error("the database is busy; try again in a moment")]
    Busy,
    /// There is no room for the change.
    #[error("the database has no room: {0}; free some space and try again")]
    Full(String),
    /// The disk or the file system failed.
    #[error("the database file could not be read or written: {0}; check the disk")]
    Io(String),
    /// The server cannot be reached, or went away during the commit.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The transaction met other transactions on the same rows on every try.
    #[error("too many changes to the same rows at the same time; try again")]
    Conflict,
    /// A change where none is allowed.
    #[error("the database refused a change: {0}; use a write transaction and check the permissions")]
    ReadOnly(String),
    /// A key, a check or a type refused a value.
    #[error("the database refused a value: {0}; change the value and try again")]
    Constraint(String),
    /// A text holds a character that PostgreSQL cannot store.
    #[error("a text contains the NUL character; leave it out")]
    NulInText,
    /// The data is whole but was not written for this program or under its key; the text says what to do.
    #[error("{0}")]
    Foreign(String),
    /// [`crate::Tx::query_one`] found nothing.
    #[error("the row that must exist is missing; check that nothing else edits the database")]
    NoRow,
    /// A statement the database does not accept: a defect of the program, not of its input.
    #[error("the statement \"{statement}\" failed: {message}; please report this")]
    Sql {
        /// The statement's text.
        statement: String,
        /// What the database said.
        message: String,
    },
    /// The schema and this program do not fit together.
    #[error("the database schema does not fit this program: {0}")]
    Migration(String),
    /// A stored value or the file itself is damaged.
    #[error("the database is damaged: {0}; restore a backup")]
    Corrupt(String),
    /// [`crate::Db::close`] was called.
    #[error("the database is closed; the server is shutting down")]
    Closed,
}

impl DbError {
    /// What SQLite said, for a statement or (with a made-up name) another step.
    pub(crate) fn from_sqlite(statement: &str, error: &rusqlite::Error) -> Self {
        let text = one_line(&error.to_string());
        let extended = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OperationInterrupted) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full(text),
            // The only use of this code: the index of the write-ahead log cannot grow.
            Some(ErrorCode::SystemIoFailure) if extended == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) => {
                Self::Full(format!("{text} (the log's index cannot grow)"))
            }
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::NoLargeFileSupport,
            ) => Self::Io(text),
            Some(ErrorCode::OutOfMemory) => Self::Unavailable(format!("{text}; add memory")),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly(text),
            Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig) => {
                Self::Constraint(text)
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(text),
            _ => Self::Sql { statement: one_line(statement), message: text },
        }
    }

    /// What PostgreSQL or the connection to it said.
    pub(crate) fn from_postgres(statement: &str, error: &postgres::Error) -> Self {
        let Some(server) = error.as_db_error() else {
            return if connection_lost(error) {
                Self::Unavailable(format!("{}; check the server and the network", chain(error)))
            } else {
                Self::Sql { statement: one_line(statement), message: chain(error) }
            };
        };
        let text = one_line(server.message());
        match server.code() {
            code if is_conflict(code) => Self::Conflict,
            code if is_shutdown(code) => Self::Unavailable(text),
            &(SqlState::LOCK_NOT_AVAILABLE | SqlState::QUERY_CANCELED) => Self::Busy,
            &SqlState::DISK_FULL => Self::Full(text),
            &SqlState::READ_ONLY_SQL_TRANSACTION => Self::ReadOnly(text),
            &(SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED) => Self::Corrupt(text),
            code => match code.code().get(..2) {
                Some("22" | "23" | "54") => Self::Constraint(text),
                Some("53") => Self::Unavailable(text),
                Some("58") => Self::Io(text),
                _ => Self::Sql { statement: one_line(statement), message: text },
            },
        }
    }
}

/// Whether PostgreSQL asks for the whole transaction to run again.
pub(crate) fn is_conflict(code: &SqlState) -> bool {
    *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED
}

/// Whether the server is going away or not yet there.
fn is_shutdown(code: &SqlState) -> bool {
    matches!(*code, SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::CANNOT_CONNECT_NOW)
        || code.code().starts_with("08")
}

/// Whether the connection is of no more use.
pub(crate) fn connection_lost(error: &postgres::Error) -> bool {
    use std::error::Error;
    error.is_closed()
        || error.code().is_some_and(is_shutdown)
        || error.source().is_some_and(<dyn Error>::is::<std::io::Error>)
}

/// An error with its causes, since the driver's own text often leaves out the interesting part.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    one_line(&text)
}

/// Joins the lines of a text, so that an error stays one line in a log.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
