//! The schema's way forward, and what is refused on it.

use std::thread;

use db::{DbError, Migration, params};

use crate::support::{ITEMS, TestDb, ids, insert, on_both};

on_both![
    only_what_is_missing_is_applied,
    an_edited_migration_is_refused,
    a_newer_schema_is_refused,
    a_failing_migration_leaves_nothing,
    many_servers_migrate_at_once,
    the_spelling_fits_the_database,
];

const SECOND: Migration = Migration { name: "0002_note", sql: "CREATE TABLE note (id BIGINT PRIMARY KEY);" };

fn refused(answer: Result<usize, DbError>) -> String {
    match answer {
        Err(DbError::Migration(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn only_what_is_missing_is_applied(test: &TestDb) {
    let two = [ITEMS[0], SECOND];
    assert_eq!(test.db.pending_migrations(ITEMS), Ok(0));
    assert_eq!(test.db.pending_migrations(&two), Ok(1));
    assert_eq!(test.db.migrate(&two), Ok(1));
    assert_eq!(test.db.migrate(&two), Ok(0));
    assert_eq!(test.db.pending_migrations(&two), Ok(0));
    insert(&test.db, 1, "name").unwrap();
    assert_eq!(ids(&test.db), [1]);
}

fn an_edited_migration_is_refused(test: &TestDb) {
    let edited = [Migration { sql: "CREATE TABLE item (id BIGINT);", ..ITEMS[0] }];
    for answer in [test.db.migrate(&edited), test.db.pending_migrations(&edited)] {
        let said = refused(answer);
        assert!(said.contains("0001_items was edited"), "{said}");
    }
    let renamed = [Migration { name: "0001_other", ..ITEMS[0] }];
    assert!(refused(test.db.migrate(&renamed)).contains("0001_items"));
}

fn a_newer_schema_is_refused(test: &TestDb) {
    test.db.migrate(&[ITEMS[0], SECOND]).unwrap();
    for answer in [test.db.migrate(ITEMS), test.db.pending_migrations(ITEMS)] {
        let said = refused(answer);
        assert!(said.contains("0002_note, which this version does not know"), "{said}");
    }
}

fn a_failing_migration_leaves_nothing(test: &TestDb) {
    let broken = Migration {
        name: "0003_broken",
        sql: "CREATE TABLE half (id BIGINT PRIMARY KEY); CREATE TABLE item (id BIGINT);",
    };
    let said = refused(test.db.migrate(&[ITEMS[0], SECOND, broken]));
    assert!(said.contains("0003_broken failed"), "{said}");
    // The one before it is gone too: an old program still works with the schema.
    assert_eq!(test.db.pending_migrations(&[ITEMS[0], SECOND]), Ok(1));
    assert_eq!(test.db.migrate(&[ITEMS[0], SECOND]), Ok(1));
}

fn many_servers_migrate_at_once(test: &TestDb) {
    let servers: Vec<_> = (0..6)
        .map(|_| {
            let db = test.db.clone();
            thread::spawn(move || db.migrate(&[ITEMS[0], SECOND]))
        })
        .collect();
    let applied: usize = servers.into_iter().map(|server| server.join().unwrap().unwrap()).sum();
    assert_eq!(applied, 1);
}

fn the_spelling_fits_the_database(test: &TestDb) {
    let tables = Migration {
        name: "0002_tables",
        sql: "-- BIGINT in a comment; and a ) too
              CREATE TABLE keyed (tenant BIGINT NOT NULL, id BIGINT NOT NULL, data BYTEA,
                  name TEXT NOT NULL DEFAULT 'BYTEA); (', PRIMARY KEY (tenant, id))
                  /*without rowid*/;
              CREATE TABLE IF NOT EXISTS plain (id BIGINT PRIMARY KEY CHECK (id > (0)));
              CREATE INDEX keyed_name ON keyed (name);",
    };
    assert_eq!(test.db.migrate(&[ITEMS[0], tables]), Ok(1));
    test.db
        .write_blocking::<_, DbError>(|tx| {
            let sql = "INSERT INTO keyed (tenant, id, data) VALUES ($1, $2, $3)";
            tx.execute(sql, &params![1_i64, 2_i64, &[1_u8, 2]])?;
            let name = tx.query_one("SELECT name FROM keyed", &[], |row| row.string(0))?;
            assert_eq!(name, "BYTEA); (");
            Ok(())
        })
        .unwrap();
    if !test.is_postgres() {
        let schema = test
            .db
            .read_blocking::<_, DbError>(|tx| {
                tx.query(
                    "SELECT name, wr, strict FROM pragma_table_list WHERE name IN ($1, $2) \
                     ORDER BY name",
                    &params!["keyed", "plain"],
                    |row| Ok((row.string(0)?, row.flag(1)?, row.flag(2)?)),
                )
            })
            .unwrap();
        assert_eq!(schema, [("keyed".to_owned(), true, true), ("plain".to_owned(), false, true)]);
    }
    // A type the two databases would treat differently is refused by STRICT.
    let float = Migration { name: "0003_float", sql: "CREATE TABLE f (x FLOAT)" };
    if !test.is_postgres() {
        assert!(refused(test.db.migrate(&[ITEMS[0], tables, float])).contains("0003_float"));
    }
}
