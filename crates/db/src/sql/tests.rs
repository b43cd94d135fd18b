use proptest::prelude::*;

use super::*;

#[test]
fn words_are_told_from_literals_and_comments() {
    let sql = "SELECT 'it''s $9' -- $8\n, \"a$7\" /* $6 */ FROM t WHERE a = $1";
    let placeholders: Vec<_> = pieces(sql).into_iter().filter(|piece| matches!(piece, Piece::Placeholder(_))).collect();
    assert_eq!(placeholders, [Piece::Placeholder("$1")]);
}

#[test]
fn placeholders_must_first_appear_in_order() {
    for (sql, count, fits) in [
        ("SELECT 1", 0, true),
        ("SELECT $1, $2, $1", 2, true),
        ("SELECT $1", 0, false),
        ("SELECT $1", 2, false),
        ("SELECT $2, $1", 2, false),
        ("SELECT $1, $3", 3, false),
        ("SELECT $0", 0, false),
        ("SELECT '$1', $1 /* $2 */", 1, true),
        ("SELECT $1::text, $2-$1 -- $4", 2, true),
    ] {
        assert_eq!(placeholders_in_order(sql, count), fits, "{sql}");
    }
}

#[test]
fn migrations_are_respelled() {
    for (plain, sqlite) in [
        ("CREATE TABLE t (id BIGINT)", "CREATE TABLE t (id INTEGER) STRICT"),
        (
            "create table if not exists t (a bytea, b TEXT CHECK (b <> '('));",
            "create table if not exists t (a BLOB, b TEXT CHECK (b <> '(')) STRICT;",
        ),
        (
            "CREATE TABLE t (a BIGINT PRIMARY KEY) /*without rowid*/;CREATE INDEX i ON t (a);",
            "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT, WITHOUT ROWID /*without rowid*/;\
             CREATE INDEX i ON t (a);",
        ),
        ("-- BIGINT (\nDROP TABLE t;", "-- BIGINT (\nDROP TABLE t;"),
        ("ALTER TABLE t ADD COLUMN big_BIGINT BIGINT", "ALTER TABLE t ADD COLUMN big_BIGINT INTEGER"),
        ("INSERT INTO t VALUES ('BIGINT', (1))", "INSERT INTO t VALUES ('BIGINT', (1))"),
    ] {
        assert_eq!(for_sqlite(plain), sqlite);
    }
}

proptest! {
    #[test]
    fn pieces_give_the_text_back(sql in "[a-z0-9$'\"()/*; \n-]{0,60}|\\PC{0,40}") {
        let joined: String = pieces(&sql).into_iter().map(Piece::text).collect();
        prop_assert_eq!(joined, sql);
    }

    #[test]
    fn any_text_can_be_checked_and_respelled(sql in "\\PC{0,60}") {
        let _ = placeholders_in_order(&sql, 1);
        let _ = for_sqlite(&sql);
    }
}
