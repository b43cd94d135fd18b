//! A look at every row, to see that a refusal wrote nothing.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use db::Db;

/// Every table's rows as text, in the order of their text. Leases of server numbers renew by themselves and are left
/// out.
pub fn all(db: &Db) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for Table { name, sql, kinds } in tables() {
        let mut rows = db
            .read_blocking(move |tx| {
                tx.query(sql, &[], |row| {
                    let mut text = String::new();
                    for (i, kind) in kinds.iter().enumerate() {
                        let value = match kind {
                            'i' => row.opt_int(i)?.map(|v| v.to_string()),
                            'b' => row.opt_bytes(i)?.map(|v| format!("{v:?}")),
                            _ => row.opt_string(i)?,
                        };
                        text.push_str(&value.unwrap_or_else(|| "NULL".into()));
                        text.push('|');
                    }
                    Ok(text)
                })
            })
            .expect("a readable table");
        rows.sort();
        all.insert(name, rows);
    }
    all
}

/// Each table's number of rows and a sum over them, read in one transaction: a cheap look that still sees every change.
pub fn digest(db: &Db) -> BTreeMap<String, (usize, u64)> {
    static TABLES: OnceLock<Vec<Table>> = OnceLock::new();
    let tables = TABLES.get_or_init(tables);
    db.read_blocking(move |tx| {
        let mut digests = BTreeMap::new();
        for table in tables {
            let sums = tx.query(table.sql, &[], |row| {
                let mut hasher = DefaultHasher::new();
                for (i, kind) in table.kinds.iter().enumerate() {
                    match kind {
                        'i' => row.opt_int(i)?.hash(&mut hasher),
                        'b' => row.opt_bytes(i)?.hash(&mut hasher),
                        _ => row.opt_string(i)?.hash(&mut hasher),
                    }
                }
                Ok(hasher.finish())
            })?;
            let sum = sums.iter().fold(0_u64, |sum, hash| sum.wrapping_add(*hash));
            digests.insert(table.name.clone(), (sums.len(), sum));
        }
        Ok::<_, db::DbError>(digests)
    })
    .expect("readable tables")
}

/// Asserts that nothing changed between two looks, naming the table that did.
pub fn assert_unchanged(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>) {
    for (table, rows) in before {
        assert_eq!(Some(rows), after.get(table), "rows of {table} changed");
    }
}

/// A table to look at.
struct Table {
    name: String,
    /// Reads all its columns.
    sql: &'static str,
    /// The columns' kinds: i, t, b.
    kinds: Vec<char>,
}

fn tables() -> Vec<Table> {
    let tables = columns().into_iter().filter(|(name, _)| name != "node_lease").map(|(name, columns)| {
        let list: Vec<&str> = columns.iter().map(|(column, _)| column.as_str()).collect();
        let sql = Box::leak(format!("SELECT {} FROM {name}", list.join(", ")).into_boxed_str());
        Table { name, sql, kinds: columns.iter().map(|(_, kind)| *kind).collect() }
    });
    tables.collect()
}

/// Tables with their columns and kinds (i, t, b), read off the migrations.
fn columns() -> Vec<(String, Vec<(String, char)>)> {
    let mut tables: Vec<(String, Vec<(String, char)>)> = Vec::new();
    for line in desk::MIGRATIONS.iter().flat_map(|m| m.sql.lines()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["CREATE", "TABLE", name, ..] => tables.push(((*name).to_owned(), Vec::new())),
            ["ALTER", "TABLE", table, "ADD", "COLUMN", name, kind, ..] => {
                let altered = tables.iter_mut().find(|(name, _)| name == table);
                if let (Some((_, columns)), Some(kind)) = (altered, kind_of(kind)) {
                    columns.push(((*name).to_owned(), kind));
                }
            }
            [name, kind, ..] if line.starts_with("  ") => {
                if let (Some((_, columns)), Some(kind)) = (tables.last_mut(), kind_of(kind)) {
                    columns.push(((*name).to_owned(), kind));
                }
            }
            _ => {}
        }
    }
    tables
}

fn kind_of(word: &str) -> Option<char> {
    match word.trim_end_matches([',', ';']) {
        "BIGINT" => Some('i'),
        "TEXT" => Some('t'),
        "BYTEA" => Some('b'),
        _ => None,
    }
}
