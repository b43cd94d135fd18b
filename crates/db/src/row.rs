//! One row of an answer, read by column position.

use postgres::types::{FromSql, Type};
use rusqlite::types::ValueRef;

use crate::error::{DbError, chain};

/// A row of either database, valid while the closure that maps it runs.
///
/// Columns count from 0. Each reader refuses a value of another type (and NULL, unless its name
/// starts with `opt_`) with [`DbError::Corrupt`], which names the column.
pub enum Row<'a> {
    /// A row of SQLite.
    Sqlite(&'a rusqlite::Row<'a>),
    /// A row of PostgreSQL.
    Postgres(&'a postgres::Row),
}

impl Row<'_> {
    /// The number in column `index`.
    pub fn int(&self, index: usize) -> Result<i64, DbError> {
        self.opt_int(index)?.ok_or_else(|| missing(index, "a number"))
    }

    /// The number in column `index`, or `None` for NULL.
    pub fn opt_int(&self, index: usize) -> Result<Option<i64>, DbError> {
        match self {
            Self::Sqlite(row) => match value(row, index)? {
                ValueRef::Null => Ok(None),
                ValueRef::Integer(value) => Ok(Some(value)),
                other => Err(unexpected(index, "a number", other)),
            },
            Self::Postgres(row) => {
                let value: Option<Whole> = get(row, index)?;
                Ok(value.map(|whole| whole.0))
            }
        }
    }

    /// The text in column `index`.
    pub fn text(&self, index: usize) -> Result<&str, DbError> {
        self.opt_text(index)?.ok_or_else(|| missing(index, "a text"))
    }

    /// The text in column `index`, or `None` for NULL.
    pub fn opt_text(&self, index: usize) -> Result<Option<&str>, DbError> {
        match self {
            Self::Sqlite(row) => match value(row, index)? {
                ValueRef::Null => Ok(None),
                ValueRef::Text(bytes) => std::str::from_utf8(bytes)
                    .map(Some)
                    .map_err(|error| DbError::Corrupt(format!("column {index} holds no valid text: {error}"))),
                other => Err(unexpected(index, "a text", other)),
            },
            Self::Postgres(row) => get(row, index),
        }
    }

    /// The text in column `index` as its own string.
    pub fn string(&self, index: usize) -> Result<String, DbError> {
        self.text(index).map(str::to_owned)
    }

    /// The text in column `index` as its own string, or `None` for NULL.
    pub fn opt_string(&self, index: usize) -> Result<Option<String>, DbError> {
        self.opt_text(index).map(|text| text.map(str::to_owned))
    }

    /// The bytes in column `index`.
    pub fn bytes(&self, index: usize) -> Result<&[u8], DbError> {
        self.opt_bytes(index)?.ok_or_else(|| missing(index, "bytes"))
    }

    /// The bytes in column `index`, or `None` for NULL.
    pub fn opt_bytes(&self, index: usize) -> Result<Option<&[u8]>, DbError> {
        match self {
            Self::Sqlite(row) => match value(row, index)? {
                ValueRef::Null => Ok(None),
                ValueRef::Blob(bytes) => Ok(Some(bytes)),
                other => Err(unexpected(index, "bytes", other)),
            },
            Self::Postgres(row) => get(row, index),
        }
    }

    /// The flag in column `index`: a number, where everything but 0 is true.
    pub fn flag(&self, index: usize) -> Result<bool, DbError> {
        self.int(index).map(|value| value != 0)
    }
}

fn value<'a>(row: &'a rusqlite::Row<'_>, index: usize) -> Result<ValueRef<'a>, DbError> {
    row.get_ref(index).map_err(|error| DbError::Corrupt(format!("column {index} cannot be read: {error}")))
}

fn get<'a, T: FromSql<'a>>(row: &'a postgres::Row, index: usize) -> Result<Option<T>, DbError> {
    row.try_get(index).map_err(|error| DbError::Corrupt(format!("column {index} cannot be read: {}", chain(&error))))
}

fn missing(index: usize, wanted: &str) -> DbError {
    DbError::Corrupt(format!("column {index} is NULL where {wanted} is expected"))
}

fn unexpected(index: usize, wanted: &str, found: ValueRef<'_>) -> DbError {
    let found = found.data_type();
    DbError::Corrupt(format!("column {index} holds {found} where {wanted} is expected"))
}

/// Any whole number of PostgreSQL, and its booleans as 0 and 1: a literal is an `INTEGER` there
/// and a comparison a `BOOLEAN`, while SQLite has one type for all of them.
struct Whole(i64);

impl<'a> FromSql<'a> for Whole {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::BOOL => i64::from(bool::from_sql(ty, raw)?),
            Type::INT2 => i64::from(i16::from_sql(ty, raw)?),
            Type::INT4 => i64::from(i32::from_sql(ty, raw)?),
            _ => i64::from_sql(ty, raw)?,
        }))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::BOOL | Type::INT2 | Type::INT4 | Type::INT8)
    }
}
