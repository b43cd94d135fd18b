//! Statements on one PostgreSQL connection.

use std::collections::HashMap;
use std::ops::ControlFlow;

use postgres::error::SqlState;
use postgres::types::ToSql;
use postgres::{Client, Statement};

use crate::db::Kind;
use crate::error::{DbError, connection_lost, is_conflict};
use crate::param::Param;
use crate::row::Row;
use crate::sql::SKIP_LOCKED;
use crate::tx::Engine;

/// Prepared statements one connection keeps. The program has fewer; the bound is for safety.
const STATEMENTS_MAX: usize = 512;

/// What went wrong in a transaction, as far as the worker must act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing, or nothing that running again could help with.
    None,
    /// The server asks to run the transaction again.
    Conflict,
    /// A key was taken, perhaps by a transaction this one could not see.
    Duplicate,
    /// The connection is gone.
    Broken(DbError),
}

/// A connection with its prepared statements and the state of the transaction on it.
pub(super) struct PgEngine {
    client: Client,
    statements: HashMap<&'static str, Statement>,
    fault: Fault,
}

impl PgEngine {
    pub(super) fn new(client: Client) -> Self {
        Self { client, statements: HashMap::new(), fault: Fault::None }
    }

    /// Prepares for the next transaction.
    pub(super) fn start(&mut self) {
        self.fault = Fault::None;
    }

    /// What went wrong since [`PgEngine::start`].
    pub(super) fn fault(&self) -> &Fault {
        &self.fault
    }

    /// Marks the connection as of no more use.
    pub(super) fn give_up(&mut self, error: DbError) {
        self.fault = Fault::Broken(error);
    }

    /// Runs a statement without parameters or rows, such as `COMMIT`.
    pub(super) fn control(&mut self, sql: &'static str) -> Result<(), DbError> {
        let outcome = self.client.batch_execute(sql);
        outcome.map_err(|error| self.note(sql, &error))
    }

    /// Makes an error of this crate and remembers what the worker must know of it.
    fn note(&mut self, sql: &str, error: &postgres::Error) -> DbError {
        let known = DbError::from_postgres(sql, error);
        // A migration changed a table under a prepared statement: prepare it anew and run again.
        let outdated = error.as_db_error().is_some_and(|server| server.routine() == Some("RevalidateCachedQuery"));
        if outdated {
            self.statements.clear();
        }
        if connection_lost(error) || self.client.is_closed() {
            self.fault = Fault::Broken(known.clone());
        } else if outdated || error.code().is_some_and(is_conflict) {
            self.fault = Fault::Conflict;
        } else if error.code() == Some(&SqlState::UNIQUE_VIOLATION) {
            self.fault = Fault::Duplicate;
        }
        known
    }

    fn prepared(&mut self, sql: &'static str) -> Result<Statement, DbError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let outcome = if sql.contains(SKIP_LOCKED) {
            self.client.prepare(&sql.replace(SKIP_LOCKED, "FOR UPDATE SKIP LOCKED"))
        } else {
            self.client.prepare(sql)
        };
        let statement = outcome.map_err(|error| self.note(sql, &error))?;
        if self.statements.len() >= STATEMENTS_MAX {
            self.statements.clear();
        }
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

/// The parameters as the driver takes them. It panics on a wrong number, hence the check.
fn values<'p>(
    sql: &str,
    statement: &Statement,
    params: &'p [Param<'p>],
) -> Result<Vec<&'p (dyn ToSql + Sync)>, DbError> {
    let expected = statement.params().len();
    if expected != params.len() {
        return Err(DbError::Sql {
            statement: sql.to_owned(),
            message: format!("it takes {expected} parameters but got {}", params.len()),
        });
    }
    Ok(params.iter().map(|param| param as &(dyn ToSql + Sync)).collect())
}

impl Engine for PgEngine {
    fn kind(&self) -> Kind {
        Kind::Postgres
    }

    fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, DbError> {
        let statement = self.prepared(sql)?;
        let values = values(sql, &statement, params)?;
        let outcome = self.client.execute(&statement, &values);
        outcome.map_err(|error| self.note(sql, &error))
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        let statement = self.prepared(sql)?;
        let values = values(sql, &statement, params)?;
        let outcome = self.client.query(&statement, &values);
        for row in &outcome.map_err(|error| self.note(sql, &error))? {
            if each(&Row::Postgres(row)).is_break() {
                break;
            }
        }
        Ok(())
    }
}
