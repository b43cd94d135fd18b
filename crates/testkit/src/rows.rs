//! A look at every row, to see that a refusal wrote nothing.

use std::collections::BTreeMap;

use db::Db;

/// Every table's rows as text, in the order of their text. Leases of server numbers renew by themselves and are left
/// out.
pub fn all(db: &Db) -> BTreeMap<String, Vec<String>> {
    let mut tables = BTreeMap::new();
    for (table, columns) in columns() {
        if table == "node_lease" {
            continue;
        }
        let list: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let sql: &'static str = Box::leak(format!("SELECT {} FROM {table}", list.join(", ")).into_boxed_str());
        let kinds: Vec<char> = columns.iter().map(|(_, kind)| *kind).collect();
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
        tables.insert(table, rows);
    }
    tables
}

/// Asserts that nothing changed between two looks, naming the table that did.
pub fn assert_unchanged(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>) {
    for (table, rows) in before {
        assert_eq!(Some(rows), after.get(table), "rows of {table} changed");
    }
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
