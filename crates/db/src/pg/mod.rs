//! PostgreSQL: worker threads, each with a connection, at SERIALIZABLE.

mod connect;
mod engine;
pub(crate) mod news;
mod worker;

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use postgres::Client;

use crate::db::{Channels, Options};
use crate::error::DbError;
use crate::lite::WalGauge;
use crate::migrate::{self, Applied, Migration};
use crate::queue::Queue;
use crate::stats::Counters;
use connect::Target;
use worker::{Lane, Outage, Worker};

/// Guards the migrations of all servers on one database; any number nobody else uses will do.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7310597163482904421)";

/// Connects once, so that an unreachable server is one clear error, and starts the workers; the
/// others connect when they get work.
pub(crate) fn open(url: &str, options: &Options) -> Result<(Channels, Vec<JoinHandle<()>>), DbError> {
    let target = Arc::new(Target::parse(url)?);
    let mut first = Some(target.connect()?);
    let queue = Arc::new(Queue::new(options.queue_max.max(1)));
    let counters = Arc::new(Counters::default());
    let (outage, lane) = (Arc::new(Outage::default()), Arc::new(Lane::default()));
    let mut threads = Vec::new();
    for number in 0..options.postgres_workers.max(1) {
        let worker = Worker::new(
            Arc::clone(&target),
            (Arc::clone(&outage), Arc::clone(&lane)),
            first.take(),
            Arc::clone(&queue),
            Arc::clone(&counters),
        );
        let spawned = thread::Builder::new()
            .name(format!("db-worker-{number}"))
            .spawn(move || worker.run())
            .map_err(|error| DbError::Unavailable(format!("no thread could be started: {error}")));
        match spawned {
            Ok(thread) => threads.push(thread),
            Err(error) => {
                queue.close();
                return Err(error);
            }
        }
    }
    let reads = Arc::clone(&queue);
    let wal = Arc::new(WalGauge::new(options));
    Ok((Channels { writes: queue, reads, counters, wal }, threads))
}

/// Applies what is missing, under a lock all servers share, and answers how many that were.
pub(crate) fn apply_migrations(url: &str, migrations: &[Migration]) -> Result<usize, DbError> {
    with_client(url, |client| {
        // READ COMMITTED, so that what another server applied while this one waited for the lock
        // is seen. A migration may take longer than a request may.
        run(client, "SET statement_timeout = 0; SET lock_timeout = 0; BEGIN ISOLATION LEVEL READ COMMITTED")?;
        run(client, MIGRATION_LOCK)?;
        run(client, migrate::CREATE_TABLE)?;
        let applied = list(client)?;
        let missing = migrate::missing(migrations, &applied)?;
        for (offset, migration) in missing.iter().enumerate() {
            run(client, migration.sql).map_err(|error| migrate::failed(migration.name, &error))?;
            let position = i64::try_from(applied.len() + offset + 1).unwrap_or(i64::MAX);
            let sum = migrate::checksum(migration.sql);
            client
                .execute(migrate::RECORD, &[&position, &migration.name, &sum])
                .map_err(|error| DbError::from_postgres(migrate::RECORD, &error))?;
        }
        run(client, "COMMIT")?;
        Ok(missing.len())
    })
}

/// The migrations that were applied, in order.
pub(crate) fn applied_migrations(url: &str) -> Result<Vec<Applied>, DbError> {
    with_client(url, |client| {
        let exists = "SELECT to_regclass('applied_migration') IS NOT NULL";
        let row = client.query_one(exists, &[]).map_err(|error| DbError::from_postgres(exists, &error))?;
        if row.get(0) { list(client) } else { Ok(Vec::new()) }
    })
}

/// Runs `work` with a connection of its own, on a thread of its own: the blocking driver must not
/// be used on a thread of an asynchronous runtime, and the caller's thread may be one.
fn with_client<T: Send>(url: &str, work: impl FnOnce(&mut Client) -> Result<T, DbError> + Send) -> Result<T, DbError> {
    let target = Target::parse(url)?;
    let mut client = target.connect()?;
    thread::scope(|scope| {
        let worker = scope.spawn(move || work(&mut client));
        worker
            .join()
            .unwrap_or_else(|_| Err(DbError::Migration("the migration panicked; please report this".to_owned())))
    })
}

fn run(client: &mut Client, sql: &str) -> Result<(), DbError> {
    client.batch_execute(sql).map_err(|error| DbError::from_postgres(sql, &error))
}

fn list(client: &mut Client) -> Result<Vec<Applied>, DbError> {
    let rows = client.query(migrate::LIST, &[]).map_err(|error| DbError::from_postgres(migrate::LIST, &error))?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
