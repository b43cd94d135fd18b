//! A database for unit tests.

use db::{Db, Options};
use tempfile::TempDir;

/// An empty SQLite database with all tables, gone with its folder.
pub(crate) fn open() -> (Db, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = db::DatabaseUrl::Sqlite(folder.path().join("t.db"));
    let db = Db::open(&url, &Options::default()).unwrap();
    db.migrate(crate::MIGRATIONS).unwrap();
    (db, folder)
}
