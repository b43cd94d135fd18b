//! All data as one document, to come back to later. For development: everything is in memory at once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use db::{Column, DbError, Param, Row, Table, Tx};
use serde::{Deserialize, Serialize};

use crate::{Cx, Effect, MIGRATIONS, Refusal};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes, BASE64.
    Bytes {
        /// The bytes.
        base64: String,
    },
    /// Nothing.
    Null,
}

/// All rows of all tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The last migration of the schema; only a program with the same one can put it back.
    pub schema: String,
    /// Rows by table, the columns in the schema's order.
    pub tables: BTreeMap<String, Vec<Vec<Cell>>>,
}

/// The tables; the leases of server numbers are the running servers' own.
pub fn tables() -> &'static [Table] {
    static TABLES: OnceLock<Vec<Table>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables = db::tables(MIGRATIONS);
        tables.retain(|table| table.name != "node_lease");
        tables
    })
}

fn schema() -> &'static str {
    MIGRATIONS.last().map_or("", |migration| migration.name)
}

/// Reads everything.
pub fn take(tx: &mut Tx<'_>) -> Result<Snapshot, DbError> {
    let mut all = BTreeMap::new();
    for table in tables() {
        let read = |row: &Row<'_>| table.columns.iter().enumerate().map(|(at, kind)| cell(row, at, *kind)).collect();
        all.insert(table.name.clone(), tx.query(table.select, &[], read)?);
    }
    Ok(Snapshot { schema: schema().to_owned(), tables: all })
}

fn cell(row: &Row<'_>, at: usize, kind: Column) -> Result<Cell, DbError> {
    Ok(match kind {
        Column::Int => row.opt_int(at)?.map_or(Cell::Null, Cell::Int),
        Column::Text => row.opt_string(at)?.map_or(Cell::Null, Cell::Text),
        Column::Bytes => row.opt_bytes(at)?.map_or(Cell::Null, |b| Cell::Bytes { base64: STANDARD.encode(b) }),
    })
}

/// Replaces all data by the snapshot's.
///
/// # Errors
/// A refusal that names the table if the snapshot is of another schema or does not fit it; then nothing was changed.
pub fn put(tx: &mut Tx<'_>, cx: &mut Cx, snapshot: &Snapshot) -> Result<(), Refusal> {
    let rows = check(snapshot)?;
    for table in tables() {
        tx.execute(table.delete, &[])?;
    }
    for (table, rows) in tables().iter().zip(&rows) {
        for row in rows {
            let params: Vec<Param<'_>> = row.iter().map(Value::param).collect();
            tx.execute(table.insert, &params)?;
        }
    }
    cx.effects.push(Effect::Directory);
    Ok(())
}

/// A cell with its bytes decoded.
enum Value<'a> {
    Int(i64),
    Text(&'a str),
    Bytes(Vec<u8>),
    Null,
}

impl Value<'_> {
    fn param(&self) -> Param<'_> {
        match self {
            Self::Int(value) => Param::Int(*value),
            Self::Text(text) => Param::Text(text),
            Self::Bytes(bytes) => Param::Bytes(bytes),
            Self::Null => Param::Null,
        }
    }
}

type Rows<'a> = Vec<Vec<Value<'a>>>;

/// The rows of all tables, in the tables' order.
fn check(snapshot: &Snapshot) -> Result<Vec<Rows<'_>>, Refusal> {
    let wrong = |field: &str, why: String| Refusal::invalid(field, why);
    if snapshot.schema != schema() {
        let why = format!("is {}, but this program has {}; take a new snapshot", snapshot.schema, schema());
        return Err(wrong("schema", why));
    }
    if let Some(unknown) = snapshot.tables.keys().find(|name| !tables().iter().any(|table| table.name == **name)) {
        return Err(wrong("tables", format!("there is no table {unknown}")));
    }
    let mut all = Vec::new();
    for table in tables() {
        let rows = snapshot.tables.get(&table.name);
        let rows = rows.ok_or_else(|| wrong("tables", format!("table {} is missing", table.name)))?;
        let fitted = rows.iter().map(|row| fit(table, row)).collect::<Option<Rows<'_>>>();
        all.push(fitted.ok_or_else(|| wrong("tables", format!("a row of {} does not fit its columns", table.name)))?);
    }
    Ok(all)
}

fn fit<'a>(table: &Table, row: &'a [Cell]) -> Option<Vec<Value<'a>>> {
    if row.len() != table.columns.len() {
        return None;
    }
    let one = |(cell, kind): (&'a Cell, &Column)| match (cell, kind) {
        (Cell::Null, _) => Some(Value::Null),
        (Cell::Int(value), Column::Int) => Some(Value::Int(*value)),
        (Cell::Text(text), Column::Text) => Some(Value::Text(text)),
        (Cell::Bytes { base64 }, Column::Bytes) => STANDARD.decode(base64).ok().map(Value::Bytes),
        _ => None,
    };
    row.iter().zip(&table.columns).map(one).collect()
}
