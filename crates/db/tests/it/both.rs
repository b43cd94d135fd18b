//! What a transaction can do and how it fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use db::{DbError, Kind, Param, Tx, params};

use crate::support::{TestDb, ids, insert, on_both};

on_both![
    values_come_back,
    a_refusal_leaves_nothing,
    a_panic_leaves_nothing,
    hooks_run_after_the_commit,
    a_swallowed_error_cannot_commit,
    a_failed_map_is_no_failed_statement,
    reads_cannot_change,
    reads_see_one_state,
    nul_is_refused_before_it_is_sent,
    a_missing_row_is_an_error,
    other_types_are_refused,
    claims_skip_locked_rows,
    statements_count_their_rows,
    a_wrong_number_of_parameters_is_an_error,
    blocking_calls_work_inside_a_runtime,
    the_kind_is_known,
];

fn values_come_back(test: &TestDb) {
    let data = vec![0_u8, 1, 255];
    let sent = data.clone();
    let name = Some("Grüße, 世界".to_owned());
    let row = test
        .db
        .write_blocking::<_, DbError>(move |tx| {
            let sql = "INSERT INTO item (id, name, data) VALUES ($1, $2, $3)";
            tx.execute(sql, &params![i64::MIN, &name, &sent])?;
            tx.execute(sql, &params![i64::MAX, None::<&str>, None::<&[u8]>])?;
            tx.execute(sql, &params![true, "", &[] as &[u8]])?;
            tx.query("SELECT id, name, data FROM item ORDER BY id", &[], |row| {
                Ok((row.int(0)?, row.opt_string(1)?, row.opt_bytes(2)?.map(<[u8]>::to_vec)))
            })
        })
        .unwrap();
    assert_eq!(
        row,
        [
            (i64::MIN, Some("Grüße, 世界".to_owned()), Some(data)),
            (1, Some(String::new()), Some(Vec::new())),
            (i64::MAX, None, None),
        ]
    );
    let borrowed = test.db.read_blocking::<_, DbError>(|tx| {
        tx.query_one("SELECT name, data, id FROM item WHERE id = $1", &params![1_i64], |row| {
            assert_eq!(row.text(0)?, "");
            assert_eq!(row.opt_text(0)?, Some(""));
            assert_eq!(row.bytes(1)?, b"");
            assert_eq!(row.opt_int(2)?, Some(1));
            assert!(row.flag(2)?);
            row.string(0)
        })
    });
    assert_eq!(borrowed, Ok(String::new()));
}

fn a_refusal_leaves_nothing(test: &TestDb) {
    #[derive(Debug, PartialEq)]
    enum Refusal {
        Full,
        Db(DbError),
    }
    impl From<DbError> for Refusal {
        fn from(error: DbError) -> Self {
            Self::Db(error)
        }
    }
    let ran = Arc::new(AtomicBool::new(false));
    let hook = Arc::clone(&ran);
    let answer = test.db.write_blocking::<(), Refusal>(move |tx| {
        tx.execute("INSERT INTO item (id) VALUES ($1)", &params![1_i64])?;
        let hook = Arc::clone(&hook);
        tx.on_commit(move || hook.store(true, Ordering::SeqCst));
        Err(Refusal::Full)
    });
    assert_eq!(answer, Err(Refusal::Full));
    assert_eq!(ids(&test.db), [0_i64; 0]);
    assert!(!ran.load(Ordering::SeqCst));
    let twice = test.db.write_blocking::<(), Refusal>(|tx| {
        tx.execute("INSERT INTO item (id) VALUES ($1)", &params![1_i64])?;
        tx.execute("INSERT INTO item (id) VALUES ($1)", &params![1_i64])?;
        Ok(())
    });
    assert!(matches!(twice, Err(Refusal::Db(DbError::Constraint(_)))), "{twice:?}");
    assert_eq!(ids(&test.db), [0_i64; 0]);
}

fn a_panic_leaves_nothing(test: &TestDb) {
    let answer = test.db.write_blocking::<(), DbError>(|tx| {
        tx.execute("INSERT INTO item (id) VALUES ($1)", &params![1_i64])?;
        panic!("a defect");
    });
    let Err(DbError::Sql { statement, message }) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(statement, "INSERT INTO item (id) VALUES ($1)");
    assert!(message.contains("panicked: a defect"), "{message}");
    insert(&test.db, 2, "after").unwrap();
    assert_eq!(ids(&test.db), [2]);
    let read = test.db.read_blocking::<(), DbError>(|_| panic!("another defect"));
    assert!(read.unwrap_err().to_string().contains("another defect"));
    for _ in 0..4 {
        assert_eq!(ids(&test.db), [2]);
    }
}

fn hooks_run_after_the_commit(test: &TestDb) {
    let seen = Arc::new(AtomicU32::new(0));
    let (db, hook) = (test.db.clone(), Arc::clone(&seen));
    test.db
        .write_blocking::<_, DbError>(move |tx| {
            tx.execute("INSERT INTO item (id) VALUES ($1)", &params![1_i64])?;
            let (db, hook) = (db.clone(), Arc::clone(&hook));
            tx.on_commit(move || {
                // Another connection sees the row, so the commit is over.
                let count = u32::try_from(ids(&db).len()).unwrap();
                hook.store(count, Ordering::SeqCst);
            });
            tx.on_commit(|| panic!("a hook must not take the thread along"));
            Ok(())
        })
        .unwrap();
    // The hook ran before the caller was answered.
    assert_eq!(seen.load(Ordering::SeqCst), 1);
    insert(&test.db, 2, "after").unwrap();
}

fn a_swallowed_error_cannot_commit(test: &TestDb) {
    insert(&test.db, 1, "first").unwrap();
    let answer = test.db.write_blocking::<_, DbError>(|tx| {
        tx.execute("INSERT INTO item (id) VALUES ($1)", &params![2_i64])?;
        let first = tx.execute("INSERT INTO item (id) VALUES ($1)", &params![1_i64]);
        let second = tx.execute("INSERT INTO item (id) VALUES ($1)", &params![3_i64]);
        assert_eq!(first, second, "later statements repeat the error");
        Ok(())
    });
    assert!(matches!(answer, Err(DbError::Constraint(_))), "{answer:?}");
    assert_eq!(ids(&test.db), [1]);
    let unknown = test.db.read_blocking::<_, DbError>(|tx| {
        let _ = tx.query("SELECT nothing FROM nowhere", &[], |row| row.int(0));
        Ok(())
    });
    let Err(DbError::Sql { statement, message }) = unknown else {
        panic!("{unknown:?}");
    };
    assert_eq!(statement, "SELECT nothing FROM nowhere");
    assert!(message.contains("nowhere"), "{message}");
}

fn a_failed_map_is_no_failed_statement(test: &TestDb) {
    insert(&test.db, 1, "first").unwrap();
    test.db
        .write_blocking::<_, DbError>(|tx| {
            let refused = tx.query("SELECT name FROM item", &[], |row| row.int(0));
            assert!(matches!(refused, Err(DbError::Corrupt(_))), "{refused:?}");
            tx.execute("INSERT INTO item (id) VALUES ($1)", &params![2_i64])?;
            Ok(())
        })
        .unwrap();
    assert_eq!(ids(&test.db), [1, 2]);
}

fn reads_cannot_change(test: &TestDb) {
    let answer =
        test.db.read_blocking::<_, DbError>(|tx| tx.execute("INSERT INTO item (id) VALUES ($1)", &params![1_i64]));
    assert!(matches!(answer, Err(DbError::ReadOnly(_))), "{answer:?}");
    assert_eq!(ids(&test.db), [0_i64; 0]);
}

fn reads_see_one_state(test: &TestDb) {
    fn count(tx: &mut Tx<'_>) -> Result<i64, DbError> {
        tx.query_one("SELECT COUNT(*) FROM item", &[], |row| row.int(0))
    }
    let db = test.db.clone();
    let counts = test
        .db
        .read_blocking::<_, DbError>(move |tx| {
            let before = count(tx)?;
            insert(&db, 1, "meanwhile").unwrap();
            Ok((before, count(tx)?))
        })
        .unwrap();
    assert_eq!(counts, (0, 0));
    assert_eq!(ids(&test.db), [1]);
}

fn nul_is_refused_before_it_is_sent(test: &TestDb) {
    test.db
        .write_blocking::<_, DbError>(|tx| {
            let sql = "INSERT INTO item (id, name) VALUES ($1, $2)";
            let refused = tx.execute(sql, &params![1_i64, "a\0b"]);
            assert!(matches!(refused, Err(DbError::NulInText)), "{refused:?}");
            // Nothing was sent, so the transaction is as good as before.
            tx.execute(sql, &params![2_i64, "ab"])?;
            Ok(())
        })
        .unwrap();
    assert_eq!(ids(&test.db), [2]);
}

fn a_missing_row_is_an_error(test: &TestDb) {
    let sql = "SELECT id FROM item WHERE id = $1";
    let one = test.db.read_blocking(move |tx| tx.query_one(sql, &params![9_i64], |row| row.int(0)));
    assert_eq!(one, Err(DbError::NoRow));
    let opt = test.db.read_blocking(move |tx| tx.query_opt(sql, &params![9_i64], |row| row.int(0)));
    assert_eq!(opt, Ok(None));
}

fn other_types_are_refused(test: &TestDb) {
    insert(&test.db, 1, "name").unwrap();
    let errors = test
        .db
        .read_blocking::<_, DbError>(|tx| {
            tx.query_one("SELECT id, name, data FROM item", &[], |row| {
                Ok(vec![
                    row.text(0).unwrap_err(),
                    row.int(1).unwrap_err(),
                    row.bytes(1).unwrap_err(),
                    row.bytes(2).unwrap_err(),
                    row.int(2).unwrap_err(),
                    row.int(3).unwrap_err(),
                ])
            })
        })
        .unwrap();
    for error in errors {
        assert!(matches!(error, DbError::Corrupt(_)), "{error:?}");
    }
    let write =
        test.db.write_blocking(|tx| tx.execute("INSERT INTO item (id, name) VALUES ($1, $2)", &params!["one", "two"]));
    assert!(matches!(write, Err(DbError::Constraint(_) | DbError::Sql { .. })), "{write:?}");
}

fn claims_skip_locked_rows(test: &TestDb) {
    assert_eq!(Tx::SKIP_LOCKED, "/*skip locked*/");
    for id in 1..=3 {
        insert(&test.db, id, &id.to_string()).unwrap();
    }
    let claim = |limit: i64| {
        test.db
            .write_blocking::<_, DbError>(move |tx| {
                let mut claimed = tx.query(
                    "UPDATE item SET name = $1 WHERE id IN (SELECT id FROM item WHERE name <> $1 \
                     ORDER BY id LIMIT $2 /*skip locked*/) RETURNING id",
                    &params![None::<&str>, limit],
                    |row| row.int(0),
                )?;
                claimed.sort_unstable();
                Ok(claimed)
            })
            .unwrap()
    };
    assert_eq!(claim(2), [0_i64; 0], "NULL is unequal to nothing");
    if test.is_postgres() {
        let mut raw = test.raw();
        let mut other = raw.transaction().unwrap();
        other.execute("SELECT 1 FROM item WHERE id = 1 FOR UPDATE", &[]).unwrap();
        let free = test.db.write_blocking::<_, DbError>(|tx| {
            tx.query("SELECT id FROM item ORDER BY id LIMIT $1 /*skip locked*/", &params![9_i64], |row| row.int(0))
        });
        assert_eq!(free, Ok(vec![2, 3]));
    }
}

fn statements_count_their_rows(test: &TestDb) {
    let counts = test
        .db
        .write_blocking::<_, DbError>(|tx| {
            let insert = "INSERT INTO item (id) VALUES ($1), ($2) RETURNING id";
            Ok([
                tx.execute(insert, &params![1_i64, 2_i64])?,
                tx.execute("UPDATE item SET name = NULL WHERE id > $1", &params![1_i64])?,
                tx.execute("SELECT id FROM item", &[])?,
                tx.execute("DELETE FROM item WHERE id = $1", &params![9_i64])?,
                tx.execute("DELETE FROM item", &[])?,
            ])
        })
        .unwrap();
    assert_eq!(counts, [2, 1, 2, 0, 2]);
}

fn a_wrong_number_of_parameters_is_an_error(test: &TestDb) {
    // Debug builds catch it as a broken assertion, release builds by asking the statement.
    for params in [&[][..], &[Param::Int(1), Param::Int(2)][..]] {
        let params = params.to_vec();
        let answer =
            test.db.write_blocking::<_, DbError>(move |tx| tx.execute("INSERT INTO item (id) VALUES ($1)", &params));
        let Err(DbError::Sql { message, .. }) = answer else {
            panic!("{answer:?}");
        };
        assert!(message.contains("parameters"), "{message}");
    }
    #[cfg(debug_assertions)]
    {
        let answer = test.db.write_blocking::<_, DbError>(|tx| {
            tx.execute("INSERT INTO item (id, name) VALUES ($2, $1)", &params!["name", 1_i64])
        });
        assert!(answer.unwrap_err().to_string().contains("appear in order"));
    }
}

fn blocking_calls_work_inside_a_runtime(test: &TestDb) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (url, options) = (test.url.clone(), test.options.clone());
    runtime.block_on(async move {
        let db = db::Db::open(&url, &options).unwrap();
        assert_eq!(db.migrate(crate::support::ITEMS), Ok(0));
        assert_eq!(db.pending_migrations(crate::support::ITEMS), Ok(0));
        insert(&db, 1, "name").unwrap();
        let id = db.read::<_, DbError>(|tx| tx.query_one("SELECT id FROM item", &[], |row| row.int(0))).await;
        assert_eq!(id, Ok(1));
        // More than a task's turn allows without a pause: the runtime must not keep these waiting for ever.
        for _ in 0..300 {
            db.read_blocking::<_, DbError>(|tx| tx.query_one("SELECT id FROM item", &[], |row| row.int(0))).unwrap();
        }
        db.close();
    });
}

fn the_kind_is_known(test: &TestDb) {
    let inside = test.db.read_blocking::<_, DbError>(|tx| Ok(tx.kind())).unwrap();
    assert_eq!(inside, test.db.kind());
    assert_eq!(inside == Kind::Postgres, test.is_postgres());
}
