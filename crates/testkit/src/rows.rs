//! A look at every row, to see that a refusal wrote nothing.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use db::Db;
use desk::snapshot::tables;

/// Tables that only a worker fills, when it gets to it, so they do not tell what a call wrote.
const BY_ITSELF: [&str; 3] = ["calibration", "search_state", "search_term"];

/// Every table's rows as text, in the order of their text. Leases of server numbers renew by themselves and are left
/// out.
pub fn all(db: &Db) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for table in tables() {
        let rows = db.read_blocking(move |tx| {
            tx.query(table.select, &[], |row| {
                let mut line = String::new();
                for (i, column) in table.columns.iter().enumerate() {
                    line.push_str(&text(row, i, *column)?.unwrap_or_else(|| "NULL".into()));
                    line.push('|');
                }
                Ok(line)
            })
        });
        let mut rows = rows.expect("a readable table");
        rows.sort();
        all.insert(table.name.clone(), rows);
    }
    all
}

/// Each table's number of rows and a sum over them, read in one transaction: a cheap look that still sees every change.
pub fn digest(db: &Db) -> BTreeMap<String, (usize, u64)> {
    db.read_blocking(move |tx| {
        let mut digests = BTreeMap::new();
        for table in tables().iter().filter(|table| !BY_ITSELF.contains(&table.name.as_str())) {
            let sums = tx.query(table.select, &[], |row| {
                let mut hasher = DefaultHasher::new();
                for (i, column) in table.columns.iter().enumerate() {
                    match column {
                        db::Column::Int => row.opt_int(i)?.hash(&mut hasher),
                        db::Column::Bytes => row.opt_bytes(i)?.hash(&mut hasher),
                        db::Column::Text => row.opt_string(i)?.hash(&mut hasher),
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
    for (table, rows) in before.iter().filter(|(table, _)| !BY_ITSELF.contains(&table.as_str())) {
        assert_eq!(Some(rows), after.get(table), "rows of {table} changed");
    }
}

/// [`assert_unchanged`] where calls left nothing but their rows in the audit log.
pub fn assert_only_on_record(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>) {
    let mut before = before.clone();
    before.remove("audit");
    assert_unchanged(&before, after);
}

/// Asserts that a call with this name is in the audit log.
pub fn assert_on_record(db: &Db, action: &str) {
    let rows = &all(db)["audit"];
    assert!(rows.iter().any(|row| row.contains(&format!("|{action}|"))), "{action} is not in {rows:#?}");
}

/// The names of all tables looked at.
pub fn names() -> Vec<String> {
    tables().iter().map(|table| table.name.clone()).collect()
}

fn text(row: &db::Row<'_>, at: usize, column: db::Column) -> Result<Option<String>, db::DbError> {
    match column {
        db::Column::Int => Ok(row.opt_int(at)?.map(|v| v.to_string())),
        db::Column::Bytes => Ok(row.opt_bytes(at)?.map(|v| format!("{v:?}"))),
        db::Column::Text => row.opt_string(at),
    }
}
