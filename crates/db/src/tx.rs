//! The transaction a body works with.

use std::ops::ControlFlow;

use crate::db::Kind;
use crate::error::DbError;
use crate::job::Hook;
use crate::param::Param;
use crate::row::Row;
use crate::sql;

/// What a database does for a transaction; one implementation each for SQLite and PostgreSQL.
pub(crate) trait Engine {
    fn kind(&self) -> Kind;
    /// Runs a statement and tells how many rows it changed.
    fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, DbError>;
    /// Runs a statement and shows its rows one by one, until told to stop.
    fn query(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<(), DbError>;
}

/// One transaction, for as long as its body runs.
///
/// Statements are `&'static str`: the caches of prepared statements stay bounded, and nobody can
/// format a user's input into SQL.
pub struct Tx<'c> {
    engine: &'c mut dyn Engine,
    hooks: &'c mut Vec<Hook>,
    /// The first error of a statement; all later statements repeat it.
    failure: Option<DbError>,
    latest: &'static str,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(engine: &'c mut dyn Engine, hooks: &'c mut Vec<Hook>) -> Self {
        Self { engine, hooks, failure: None, latest: "no statement yet" }
    }

    pub(crate) fn failure(&self) -> Option<&DbError> {
        self.failure.as_ref()
    }

    pub(crate) fn latest(&self) -> &'static str {
        self.latest
    }
}

impl Tx<'_> {
    /// Stands in a statement for `FOR UPDATE SKIP LOCKED`: PostgreSQL gets that clause, SQLite
    /// sees a comment. It belongs at the end of a `SELECT`, for example of the subselect that
    /// picks the rows to claim.
    pub const SKIP_LOCKED: &'static str = sql::SKIP_LOCKED;

    /// Which database this is. For the rare place that must know; a statement should not differ.
    pub fn kind(&self) -> Kind {
        self.engine.kind()
    }

    /// Runs a statement and answers how many rows it inserted, updated or deleted.
    ///
    /// # Errors
    /// What the database refused, or the error of an earlier statement of this transaction.
    pub fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, DbError> {
        self.prepare(sql, params)?;
        let outcome = self.engine.execute(sql, params);
        self.remember(outcome)
    }

    /// Runs a statement and maps each of its rows.
    ///
    /// # Errors
    /// As for [`Tx::execute`], or the first error of `map`, which ends the query but not the
    /// transaction.
    pub fn query<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        mut map: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        let mut rows = Vec::new();
        let mut unmapped = None;
        self.each(sql, params, &mut |row| match map(row) {
            Ok(value) => {
                rows.push(value);
                ControlFlow::Continue(())
            }
            Err(error) => {
                unmapped = Some(error);
                ControlFlow::Break(())
            }
        })?;
        unmapped.map_or(Ok(rows), Err)
    }

    /// Runs a statement and maps its first row, if it has one; further rows are ignored.
    ///
    /// # Errors
    /// As for [`Tx::query`].
    pub fn query_opt<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        map: impl FnOnce(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Option<T>, DbError> {
        let mut map = Some(map);
        let mut found = None;
        self.each(sql, params, &mut |row| {
            found = map.take().map(|map| map(row));
            ControlFlow::Break(())
        })?;
        found.transpose()
    }

    /// Runs a statement and maps its first row.
    ///
    /// # Errors
    /// As for [`Tx::query`], and [`DbError::NoRow`] when there is no row.
    pub fn query_one<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        map: impl FnOnce(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        self.query_opt(sql, params, map)?.ok_or(DbError::NoRow)
    }

    /// Has `hook` run by the database thread right after the commit that covers this body and
    /// before the caller is answered. It is dropped when the body is rolled back. All writes wait
    /// meanwhile, so it must be cheap: wake someone, bump a counter.
    pub fn on_commit(&mut self, hook: impl FnOnce() + Send + 'static) {
        self.hooks.push(Box::new(hook));
    }

    fn each(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        self.prepare(sql, params)?;
        let outcome = self.engine.query(sql, params, each);
        self.remember(outcome)
    }

    fn prepare(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<(), DbError> {
        debug_assert!(
            sql::placeholders_in_order(sql, params.len()),
            "placeholders must first appear in order and match the {} parameters: {sql}",
            params.len()
        );
        if let Some(error) = &self.failure {
            return Err(error.clone());
        }
        self.latest = sql;
        for param in params {
            if let Param::Text(text) = param
                && text.as_bytes().contains(&0)
            {
                return Err(DbError::NulInText);
            }
        }
        Ok(())
    }

    fn remember<T>(&mut self, outcome: Result<T, DbError>) -> Result<T, DbError> {
        if let Err(error) = &outcome {
            self.failure = Some(error.clone());
        }
        outcome
    }
}
