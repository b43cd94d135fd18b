//! A database of a test's own.

use std::sync::atomic::{AtomicU32, Ordering};

use db::{Db, Options};
use tempfile::TempDir;

/// Where a test's data lies. SQLite data goes with it; PostgreSQL databases go with their throw-away server.
pub struct Database {
    /// For `--database`.
    pub url: String,
    /// For `--data-dir`.
    pub folder: TempDir,
}

static MADE: AtomicU32 = AtomicU32::new(0);

impl Database {
    /// A fresh SQLite file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { url: format!("sqlite:{}", folder.path().join("deskwire.db").display()), folder }
    }

    /// A fresh database on the PostgreSQL server that `make test` starts.
    pub fn postgres() -> Self {
        let admin = std::env::var("DESKWIRE_TEST_POSTGRES").expect("set DESKWIRE_TEST_POSTGRES or run `make test`");
        let name = format!("it_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let (server, _) = admin.rsplit_once('/').expect("a URL that ends in /database");
        let url = format!("{server}/{name}");
        let sql: &'static str = Box::leak(format!("CREATE DATABASE {name}").into_boxed_str());
        create(&admin, sql);
        Self { url, folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// Both kinds' common name in messages.
    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// A second connection to the same data, to look at rows.
    pub fn open(&self) -> Db {
        let url = self.url.parse().expect("a database URL of our own");
        Db::open(&url, &Options { readers: 1, postgres_workers: 2, ..Options::default() }).expect("the test's database")
    }
}

/// `CREATE DATABASE` runs outside of transactions, which our own layer never does.
fn create(admin: &str, sql: &'static str) {
    let admin = admin.to_owned();
    let made = std::thread::spawn(move || {
        postgres::Client::connect(&admin, postgres::NoTls).and_then(|mut client| client.batch_execute(sql))
    });
    made.join().expect("the thread that makes the database").expect("CREATE DATABASE");
}
