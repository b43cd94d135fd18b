//! A database for each test, gone when the test ends.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use db::{DatabaseUrl, Db, DbError, Kind, Migration, Options, params};
use tempfile::TempDir;

/// One table, enough for most tests.
pub const ITEMS: &[Migration] = &[Migration {
    name: "0001_items",
    sql: "CREATE TABLE item (id BIGINT PRIMARY KEY, name TEXT, data BYTEA);
          CREATE UNIQUE INDEX item_name ON item (name);",
}];

/// A database of the test's own.
pub struct TestDb {
    pub db: Db,
    pub url: DatabaseUrl,
    pub options: Options,
    folder: Option<TempDir>,
    name: Option<String>,
}

impl TestDb {
    pub fn sqlite(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("test.db"));
        let db = Db::open(&url, &options).unwrap();
        db.migrate(ITEMS).unwrap();
        Self { db, url, options, folder: Some(folder), name: None }
    }

    pub fn postgres(options: Options) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("deskwire_test_{}_{number}", std::process::id());
        admin().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        let url = DatabaseUrl::Postgres(in_database(&name));
        let db = Db::open(&url, &options).unwrap();
        db.migrate(ITEMS).unwrap();
        Self { db, url, options, folder: None, name: Some(name) }
    }

    /// A second handle on the same database, with threads of its own, as another server has.
    pub fn again(&self) -> Db {
        Db::open(&self.url, &self.options).unwrap()
    }

    /// The folder of a SQLite database.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.as_ref().unwrap().path()
    }

    /// A connection to a PostgreSQL database that bypasses the crate.
    pub fn raw(&self) -> postgres::Client {
        connect(&in_database(self.name.as_ref().unwrap()))
    }

    pub fn is_postgres(&self) -> bool {
        self.db.kind() == Kind::Postgres
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        self.db.close();
        if let Some(name) = &self.name {
            let _ = admin().batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// The server for tests, or a failure that says how to get one.
pub fn admin_url() -> String {
    std::env::var("DESKWIRE_TEST_POSTGRES").expect("set DESKWIRE_TEST_POSTGRES or run `make test`")
}

fn admin() -> postgres::Client {
    connect(&admin_url())
}

fn connect(url: &str) -> postgres::Client {
    postgres::Client::connect(url, postgres::NoTls).unwrap()
}

pub fn in_database(name: &str) -> String {
    let url = admin_url();
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// Makes one test per database of each function.
macro_rules! on_both {
    ($($(#[$meta:meta])* $test:ident),+ $(,)?) => {
        $(
            $(#[$meta])*
            mod $test {
                #[test]
                fn sqlite() {
                    let options = db::Options { readers: 2, ..db::Options::default() };
                    super::$test(&$crate::support::TestDb::sqlite(options));
                }

                #[test]
                fn postgres() {
                    let options = db::Options { postgres_workers: 2, ..db::Options::default() };
                    super::$test(&$crate::support::TestDb::postgres(options));
                }
            }
        )+
    };
}
pub(crate) use on_both;

pub fn insert(db: &Db, id: i64, name: &str) -> Result<(), DbError> {
    let name = name.to_owned();
    db.write_blocking(move |tx| {
        tx.execute("INSERT INTO item (id, name) VALUES ($1, $2)", &params![id, &name])?;
        Ok(())
    })
}

pub fn ids(db: &Db) -> Vec<i64> {
    db.read_blocking::<_, DbError>(|tx| tx.query("SELECT id FROM item ORDER BY id", &[], |row| row.int(0))).unwrap()
}

/// Keeps every thread that writes busy until released, so that a test can fill the queue.
pub struct Blocked {
    release: Vec<Sender<()>>,
    bodies: Vec<JoinHandle<()>>,
}

impl Blocked {
    pub fn new(test: &TestDb) -> Self {
        let threads = if test.is_postgres() { test.options.postgres_workers } else { 1 };
        let mut blocked = Self { release: Vec::new(), bodies: Vec::new() };
        for _ in 0..threads {
            let (release, released) = channel();
            let (running, runs) = channel();
            let db = test.db.clone();
            blocked.bodies.push(thread::spawn(move || {
                let released = Gate(released);
                // A test may make the whole group fail.
                let _ = db.write_blocking::<_, DbError>(move |_| {
                    let _ = running.send(());
                    released.pass();
                    Ok(())
                });
            }));
            blocked.release.push(release);
            runs.recv().unwrap();
        }
        blocked
    }

    pub fn release(self) {
        drop(self.release);
        for body in self.bodies {
            body.join().unwrap();
        }
    }
}

/// Something to wait for that may be waited for again.
struct Gate(Receiver<()>);

impl Gate {
    fn pass(&self) {
        let _ = self.0.recv_timeout(Duration::from_mins(1));
    }
}

/// Waits until `done` holds.
pub fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what} did not happen");
        thread::sleep(Duration::from_millis(5));
    }
}
