//! One of two servers on one database is killed while both deliver.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use db::{Db, DbError, params};
use desk::ids::{Ids, header_event_id};
use testkit::sink::{Behaviour, Received};
use testkit::{Database, Sink};

use super::desk;
use crate::bench::Bench;
use crate::chat::Chat;

const DELIVERIES: usize = 5_000;
const TICKETS: usize = 1_000;
/// Received when the second server comes, and when the first is killed.
const JOINED: usize = 300;
const KILLED: usize = 1_500;

/// Makes events for many tickets out of the one that is there; answers their event ids.
fn queue(db: &Db) -> Vec<String> {
    let made = db.read_blocking(|tx| {
        tx.query_one("SELECT MAX(delivery_id), MAX(created_at) FROM delivery", &[], |row| {
            Ok((row.int(0)?, row.int(1)?))
        })
    });
    let (last, now): (i64, i64) = made.expect("a delivery as the pattern");
    let now = now + 1;
    // The last server number: no server of the test has it.
    let ids = Ids::new(desk::ids::NODES - 1, [7; 32]);
    let tickets: Vec<i64> = (0..TICKETS).map(|_| ids.decimal(now)).collect();
    let rows: Vec<_> = (0..DELIVERIES).map(|i| (ids.decimal(now), ids.uuid(), tickets[i % TICKETS])).collect();
    let to_write = rows.clone();
    let written = db.write_blocking(move |tx| {
        for (delivery_id, event_id, ticket_id) in &to_write {
            tx.execute(
                "INSERT INTO delivery (tenant, app_id, delivery_id, event_id, event_type, helpdesk_id, ticket_id, body,
                                       state, attempts, resent_after, next_at, created_at)
                 SELECT tenant, app_id, $1, $2, event_type, helpdesk_id, $3, body, 0, 0, 0, $4, $4 FROM delivery
                 WHERE event_type = 'helpdesk.ticket_message.created_v1' AND delivery_id <= $5
                 ORDER BY delivery_id LIMIT 1",
                &params![*delivery_id, event_id, *ticket_id, now, last],
            )?;
        }
        Ok::<_, DbError>(())
    });
    written.expect("rows that can be written");
    rows.into_iter().map(|(_, event_id, _)| event_id).collect()
}

/// Event ids of deliveries that are on their way, by who sends them.
fn leased(db: &Db) -> BTreeMap<String, BTreeSet<String>> {
    let sql = "SELECT lease_holder, event_id FROM delivery WHERE state = 0 AND lease_holder IS NOT NULL";
    let rows = db.read_blocking(|tx| tx.query(sql, &[], |row| Ok((row.string(0)?, row.string(1)?))));
    let mut by_holder: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let rows: Vec<(String, String)> = rows.expect("readable deliveries");
    for (holder, event_id) in rows {
        by_holder.entry(holder).or_default().insert(event_id);
    }
    by_holder
}

fn header(received: &Received) -> String {
    received.json()["header"]["event_id"].as_str().expect("an event id").to_owned()
}

/// Waits for so many deliveries.
async fn reach(sink: &Sink, count: usize) {
    let deadline = tokio::time::Instant::now() + Duration::from_mins(2);
    while sink.count() < count {
        assert!(tokio::time::Instant::now() < deadline, "{} of {count} deliveries within 120 s", sink.count());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until nothing is pending.
async fn drained(db: &Db) {
    let deadline = tokio::time::Instant::now() + Duration::from_mins(2);
    loop {
        let count =
            db.read_blocking(|tx| tx.query_one("SELECT COUNT(*) FROM delivery WHERE state = 0", &[], |row| row.int(0)));
        let pending: i64 = count.expect("a number of deliveries");
        if pending == 0 {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "{pending} deliveries are still pending after 120 s");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_server_delivers_what_a_killed_one_leaves() {
    let (database, sink, bench) = (Database::postgres(), Sink::start().await, Bench::new());
    bench.write("desk.yaml", &desk(&sink.url()));
    let args = ["serve", "--listen", "127.0.0.1:0", "--apply", "desk.yaml", "--database", &database.url];
    let args = [&args[..], &["--allow-private-webhooks", "--log", "warn"]].concat();
    // One message as the pattern; its server is gone before the others come.
    let first = bench.start(&args);
    assert_eq!(Chat::open(&first.url).await.say(&first.url, "1", "hello").await.expect("an answer").0, 201);
    let db = database.open();
    drained(&db).await;
    assert_eq!(first.stop("-TERM").0, Some(0));
    let before = sink.count();
    let event_ids = queue(&db);

    sink.behave(Behaviour::Hang(Duration::from_millis(20)));
    let killed = bench.start(&args);
    reach(&sink, before + JOINED).await;
    let holder = leased(&db).into_keys().next().expect("a server that delivers");
    let survivor = bench.start(&args);
    reach(&sink, before + KILLED).await;
    // With SIGKILL.
    drop(killed);
    let mut by_holder = leased(&db);
    let at_the_kill = sink.count() - before;
    let left: BTreeSet<String> =
        by_holder.remove(&holder).unwrap_or_default().iter().map(|id| header_event_id(id)).collect();
    drained(&db).await;

    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for received in &sink.events()[before..] {
        *times.entry(header(received)).or_default() += 1;
    }
    let twice: BTreeSet<String> = times.iter().filter(|(_, n)| **n > 1).map(|(id, _)| id.clone()).collect();
    println!(
        "{DELIVERIES} deliveries, {at_the_kill} received at the kill, {} leased by the killed server and {} by the \
         other; {} received twice, {} in all",
        left.len(),
        by_holder.values().map(BTreeSet::len).sum::<usize>(),
        twice.len(),
        times.values().sum::<usize>(),
    );
    let wanted: BTreeSet<String> = event_ids.iter().map(|id| header_event_id(id)).collect();
    assert_eq!(times.into_keys().collect::<BTreeSet<_>>(), wanted, "none is lost and none invented");
    assert!(!left.is_empty() && at_the_kill < DELIVERIES, "the kill came in the middle");
    let others: Vec<_> = twice.difference(&left).collect();
    assert!(others.is_empty(), "twice without having been on their way at the killed server: {others:?}");
    assert_eq!(survivor.stop("-TERM").0, Some(0));
}
