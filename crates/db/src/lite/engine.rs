//! Statements on one SQLite connection.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Connection, Statement};

use crate::db::Kind;
use crate::error::DbError;
use crate::param::Param;
use crate::row::Row;
use crate::tx::Engine;

/// Prepared statements one connection keeps. The program has fewer; the bound is for safety.
const STATEMENTS_MAX: usize = 256;

const SAVEPOINT: &str = "SAVEPOINT job";
const RELEASE: &str = "RELEASE job";
const ROLLBACK_TO: &str = "ROLLBACK TO job";

/// Whether the job that runs is protected by a savepoint of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// It is alone in its transaction, so a rollback of the whole is as good.
    Alone,
    /// It follows others and has not changed anything yet: no savepoint was needed so far.
    Lazy,
    /// Its savepoint is open.
    Open,
}

/// A connection with its prepared statements and the state of the job that runs on it.
pub(super) struct LiteEngine<'conn> {
    conn: &'conn Connection,
    statements: HashMap<Address, Prepared<'conn>>,
    guard: Guard,
    changed: bool,
    /// Set from outside to end a read that has taken too long.
    expired: Option<&'conn AtomicBool>,
}

/// Where a statement's text lies in memory. Static text never moves or changes, so this names it
/// as well as its content does and costs less to look up.
type Address = (usize, usize);

struct Prepared<'conn> {
    statement: Statement<'conn>,
    reads_only: bool,
}

impl<'conn> LiteEngine<'conn> {
    pub(super) fn new(conn: &'conn Connection, expired: Option<&'conn AtomicBool>) -> Self {
        let statements = HashMap::with_capacity(STATEMENTS_MAX);
        Self { conn, statements, guard: Guard::Alone, changed: false, expired }
    }

    /// Prepares for the next job.
    pub(super) fn start(&mut self, guard: Guard) {
        self.guard = guard;
        self.changed = false;
    }

    /// Keeps what the job did, as far as its transaction goes.
    pub(super) fn keep(&mut self) -> Result<(), DbError> {
        if self.guard == Guard::Open { self.control(RELEASE) } else { Ok(()) }
    }

    /// Undoes what the job did. Answers whether the transaction can go on; if not, the job was
    /// alone in it and the caller must roll it back.
    pub(super) fn undo(&mut self) -> Result<bool, DbError> {
        if self.guard == Guard::Open {
            self.control(ROLLBACK_TO)?;
            self.control(RELEASE)?;
            return Ok(true);
        }
        Ok(!self.changed)
    }

    /// Runs a statement without parameters or rows, such as `COMMIT`.
    pub(super) fn control(&mut self, sql: &'static str) -> Result<(), DbError> {
        let prepared = self.prepared(sql)?;
        prepared.statement.raw_execute().map_err(|error| DbError::from_sqlite(sql, &error))?;
        Ok(())
    }

    /// Whether no transaction is open, be it because SQLite rolled it back by itself.
    pub(super) fn is_autocommit(&self) -> bool {
        self.conn.is_autocommit()
    }

    fn prepared(&mut self, sql: &'static str) -> Result<&mut Prepared<'conn>, DbError> {
        use std::collections::hash_map::Entry;
        if self.statements.len() >= STATEMENTS_MAX && !self.statements.contains_key(&address(sql)) {
            self.statements.clear();
        }
        match self.statements.entry(address(sql)) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let statement = self
                    .conn
                    .prepare_with_flags(sql, rusqlite::PrepFlags::SQLITE_PREPARE_PERSISTENT)
                    .map_err(|error| DbError::from_sqlite(sql, &error))?;
                let reads_only = statement.readonly();
                Ok(entry.insert(Prepared { statement, reads_only }))
            }
        }
    }

    /// Finds the statement, makes sure a change can be undone, and binds the values.
    fn bound(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<&mut Statement<'conn>, DbError> {
        if self.expired.is_some_and(|expired| expired.load(Ordering::Relaxed)) {
            return Err(DbError::Busy);
        }
        if !self.prepared(sql)?.reads_only {
            if self.guard == Guard::Lazy {
                self.control(SAVEPOINT)?;
                self.guard = Guard::Open;
            }
            self.changed = true;
        }
        let statement = &mut self.prepared(sql)?.statement;
        let expected = statement.parameter_count();
        if expected != params.len() {
            return Err(DbError::Sql {
                statement: sql.to_owned(),
                message: format!("it takes {expected} parameters but got {}", params.len()),
            });
        }
        for (index, param) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, param).map_err(|error| DbError::from_sqlite(sql, &error))?;
        }
        Ok(statement)
    }
}

fn address(sql: &'static str) -> Address {
    (sql.as_ptr().addr(), sql.len())
}

impl Engine for LiteEngine<'_> {
    fn kind(&self) -> Kind {
        Kind::Sqlite
    }

    fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, DbError> {
        let statement = self.bound(sql, params)?;
        let answers_rows = statement.column_count() > 0;
        let mut rows = statement.raw_query();
        let mut count = 0;
        while rows.next().map_err(|error| DbError::from_sqlite(sql, &error))?.is_some() {
            count += 1;
        }
        drop(rows);
        // `changes` still tells of the statement before when this one only answered rows.
        Ok(if answers_rows { count } else { self.conn.changes() })
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        let mut rows = self.bound(sql, params)?.raw_query();
        while let Some(row) = rows.next().map_err(|error| DbError::from_sqlite(sql, &error))? {
            if each(&Row::Sqlite(row)).is_break() {
                break;
            }
        }
        Ok(())
    }
}
