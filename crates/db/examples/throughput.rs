//! Measures durable transactions per second: `throughput [URL] [SECONDS] [CALLERS…]`.
//!
//! Without a URL it uses a SQLite file in a temporary folder of the working directory, since the
//! system's own may be in memory. A transaction inserts a ticket, a message and an event, and
//! updates one of 10,000 tickets.
#![expect(clippy::print_stdout, reason = "the figures are this program's output")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use db::{DatabaseUrl, Db, DbError, Migration, Options, Tx, params};

const SCHEMA: &[Migration] = &[Migration {
    name: "0001_bench",
    sql: "CREATE TABLE ticket (tenant BIGINT NOT NULL, id BIGINT NOT NULL, state BIGINT NOT NULL,
            guest TEXT NOT NULL, agent TEXT, created BIGINT NOT NULL, updated BIGINT NOT NULL,
            score BIGINT, channel BIGINT NOT NULL, summary TEXT NOT NULL, PRIMARY KEY (id));
          CREATE INDEX ticket_guest ON ticket (tenant, guest, id);
          CREATE TABLE message (id BIGINT PRIMARY KEY, ticket BIGINT NOT NULL, body TEXT NOT NULL);
          CREATE TABLE outbox (id BIGINT PRIMARY KEY, due BIGINT NOT NULL, body TEXT NOT NULL);
          CREATE INDEX outbox_due ON outbox (due, id);",
}];
const SEEDED: i64 = 10_000;

fn insert_ticket(tx: &mut Tx<'_>, id: i64) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO ticket (tenant, id, state, guest, agent, created, updated, score, channel, \
         summary) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &params![
            1_i64,
            id,
            1_i64,
            "ou_7d8a6e6df7621556ce0d21922b676706ccs",
            None::<&str>,
            1_700_000_000_000_i64 + id,
            1_700_000_000_000_i64,
            None::<i64>,
            2_i64,
            "The printer on the third floor prints blank pages"
        ],
    )?;
    Ok(())
}

fn transaction(tx: &mut Tx<'_>, id: i64, message: &str, event: &str) -> Result<(), DbError> {
    insert_ticket(tx, id)?;
    tx.execute("INSERT INTO message (id, ticket, body) VALUES ($1, $2, $3)", &params![id, id, message])?;
    tx.execute(
        "INSERT INTO outbox (id, due, body) VALUES ($1, $2, $3)",
        &params![id, 1_700_000_000_000_i64 + id, event],
    )?;
    tx.execute(
        "UPDATE ticket SET state = $1, updated = $2 WHERE id = $3",
        &params![2_i64, id, id.wrapping_mul(7_919) % SEEDED],
    )?;
    Ok(())
}

async fn measure(db: &Db, next: &Arc<AtomicI64>, callers: usize, time: Duration) {
    let stop = Arc::new(AtomicBool::new(false));
    let before = db.stats();
    let started = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (db, next, stop) = (db.clone(), Arc::clone(next), Arc::clone(&stop));
            tokio::spawn(async move {
                let (message, event): (Arc<str>, Arc<str>) = ("m".repeat(300).into(), "e".repeat(700).into());
                let mut times = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    let (message, event) = (Arc::clone(&message), Arc::clone(&event));
                    let asked = Instant::now();
                    db.write::<(), DbError>(move |tx| transaction(tx, id, &message, &event))
                        .await
                        .expect("the bench transaction is valid");
                    times.push(asked.elapsed());
                }
                times
            })
        })
        .collect();
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("the bench task does not panic"));
    }
    let seconds = started.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |permille: usize| times[(times.len() - 1) * permille / 1000];
    let after = db.stats();
    let groups = (after.groups - before.groups).max(1);
    let count = u32::try_from(times.len()).expect("fewer than four billion transactions");
    println!(
        "{callers:>4} callers: {:>7.0} tx/s  p50 {:>9.2?}  p99 {:>9.2?}  max {:>9.2?}  \
         jobs/commit {:>5}  retries {}  wal {} pages",
        f64::from(count) / seconds,
        at(500),
        at(990),
        at(1000),
        (after.jobs - before.jobs) / groups,
        after.retries - before.retries,
        after.wal_pages,
    );
}

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = tempfile::tempdir_in(".").expect("the working directory is writable");
    let url = match args.next() {
        Some(text) if text != "-" => text.parse().expect("the first argument is a database URL"),
        _ => DatabaseUrl::Sqlite(folder.path().join("bench.db")),
    };
    let time = args.next().map_or(3, |text| text.parse().expect("the second argument is seconds"));
    let mut callers: Vec<usize> = args.map(|text| text.parse().expect("the others are numbers of callers")).collect();
    if callers.is_empty() {
        callers = vec![1, 32, 64, 256];
    }
    let db = Db::open(&url, &Options::default()).expect("the database opens");
    db.migrate(SCHEMA).expect("the schema applies");
    let next = db
        .write_blocking::<i64, DbError>(|tx| {
            let max = tx.query_one("SELECT MAX(id) FROM ticket", &[], |row| row.opt_int(0))?;
            if let Some(max) = max {
                return Ok(max + 1);
            }
            for id in 0..SEEDED {
                insert_ticket(tx, id)?;
            }
            Ok(SEEDED)
        })
        .expect("the seed fits");
    let next = Arc::new(AtomicI64::new(next));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    for callers in callers {
        runtime.block_on(measure(&db, &next, callers, Duration::from_secs(time)));
    }
    db.close();
}
