//! Which tables there are, read off the migrations, for what has to look at all of them.

use crate::migrate::Migration;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// `BIGINT`.
    Int,
    /// `TEXT`.
    Text,
    /// `BYTEA`.
    Bytes,
}

/// A table and the statements for all of its rows.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// What its columns hold, in the order of the statements.
    pub columns: Vec<Column>,
    /// Reads all rows.
    pub select: &'static str,
    /// Deletes all rows.
    pub delete: &'static str,
    /// Inserts one row; a parameter for each column.
    pub insert: &'static str,
}

/// The tables that these migrations make, in their order. Statements live as long as the program, so call it once.
pub fn tables(migrations: &[Migration]) -> Vec<Table> {
    let mut tables: Vec<(&str, Vec<(&str, Column)>)> = Vec::new();
    for line in migrations.iter().flat_map(|migration| migration.sql.lines()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["CREATE", "TABLE", name, ..] => tables.push((name, Vec::new())),
            ["ALTER", "TABLE", table, "ADD", "COLUMN", name, kind, ..] => {
                let altered = tables.iter_mut().find(|(known, _)| known == table);
                if let (Some((_, columns)), Some(kind)) = (altered, kind_of(kind)) {
                    columns.push((name, kind));
                }
            }
            [name, kind, ..] if line.starts_with("  ") => {
                if let (Some((_, columns)), Some(kind)) = (tables.last_mut(), kind_of(kind)) {
                    columns.push((name, kind));
                }
            }
            _ => {}
        }
    }
    tables.into_iter().map(|(name, columns)| table(name, &columns)).collect()
}

fn table(name: &str, columns: &[(&str, Column)]) -> Table {
    let list = columns.iter().map(|(column, _)| *column).collect::<Vec<_>>().join(", ");
    let places = (1..=columns.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    Table {
        name: name.to_owned(),
        columns: columns.iter().map(|(_, kind)| *kind).collect(),
        select: format!("SELECT {list} FROM {name}").leak(),
        delete: format!("DELETE FROM {name}").leak(),
        insert: format!("INSERT INTO {name} ({list}) VALUES ({places})").leak(),
    }
}

fn kind_of(word: &str) -> Option<Column> {
    match word.trim_end_matches([',', ';']) {
        "BIGINT" => Some(Column::Int),
        "TEXT" => Some(Column::Text),
        "BYTEA" => Some(Column::Bytes),
        _ => None,
    }
}
