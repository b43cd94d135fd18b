//! A server that is killed again and again under load: what it acknowledged is there once, and every event arrives.

// The counts are what `make crash-test` is run for.
#![allow(clippy::print_stdout)]

mod checker;
mod ledger;
mod load;
mod pair;

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::TcpListener;
use std::time::Duration;

use db::{Db, Options};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use testkit::Sink;

use self::ledger::{Found, Ledger};
use self::load::{Answerer, Guest};
use crate::apply::{APP_ID, DESK};
use crate::bench::Bench;
use crate::chat::Chat;

/// How often the server is killed, if not three times.
const ROUNDS: &str = "DESKWIRE_CRASH_ROUNDS";
/// Where all that is random comes from, if not from a new seed. Two runs with one seed differ only in their timing.
const SEED: &str = "DESKWIRE_CRASH_SEED";
const GUESTS: usize = 6;

/// A number from the environment.
fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} has to be a whole number, not {text:?}")))
}

/// [`DESK`] with its app answering and told of everything.
fn desk(events_url: &str) -> String {
    let types = "helpdesk.ticket.created_v1, helpdesk.ticket.updated_v1, helpdesk.ticket_message.created_v1";
    let events = format!("events: {{url: {events_url}, types: [{types}], ");
    let kinds = [
        ("helpdesk.ticket", "ticket.created_v1"),
        ("helpdesk.ticket", "ticket.updated_v1"),
        ("helpdesk.ticket_message", "ticket_message.created_v1"),
    ];
    let subscriptions = kinds.map(|(kind, subtype)| format!("{{app: {APP_ID}, type: {kind}, subtype: {subtype}}}"));
    let listed = format!("        subscriptions: [{}]\n        categories:", subscriptions.join(", "));
    DESK.replace("{by: builtin}", "{by: app}").replace("events: {", &events).replace("        categories:", &listed)
}

/// A free address below the ports that systems give to outgoing connections: while the server is down nothing else
/// gets its port.
fn address(random: &mut StdRng) -> String {
    for _ in 0..100 {
        let address = format!("127.0.0.1:{}", random.random_range(20_000..30_000));
        if TcpListener::bind(&address).is_ok() {
            return address;
        }
    }
    panic!("no free port");
}

/// Waits until the app has answered all and nothing is to be delivered.
async fn settle(db: &Db, url: &str, app: &mut Answerer, sink: &Sink) {
    let deadline = tokio::time::Instant::now() + Duration::from_mins(2);
    loop {
        let idle = app.turn(url, sink).await.expect("a server that stays");
        let pending =
            db.read_blocking(|tx| tx.query_one("SELECT COUNT(*) FROM delivery WHERE state = 0", &[], |row| row.int(0)));
        let pending: i64 = pending.expect("a number of deliveries");
        if idle && pending == 0 && app.turn(url, sink).await.expect("a server that stays") {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "{pending} deliveries are still pending after 120 s");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What is there, in the database, to the guests and at the app.
async fn found(db: &Db, url: &str, guests: &[Guest], sink: &Sink) -> Found {
    let mut found = Found::read(db).expect("a readable database");
    for guest in guests {
        for message in guest.chat.all(url).await {
            found.seen.push(message["message_id"].as_str().expect("a message id").to_owned());
            if message["kind"] == "answer" {
                found.seen_answers.push(message["event_id"].as_str().expect("an event id").to_owned());
            }
        }
    }
    let header = |json: serde_json::Value| json["header"]["event_id"].as_str().expect("an event id").to_owned();
    found.received = sink.events().iter().map(|received| header(received.json())).collect();
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_again_and_again_keeps_what_it_acknowledged() {
    let rounds = setting(ROUNDS).unwrap_or(3);
    let seed = setting(SEED).unwrap_or_else(|| RandomState::new().build_hasher().finish());
    println!("{SEED}={seed} {ROUNDS}={rounds}");
    let mut random = StdRng::seed_from_u64(seed);
    let sink = Sink::start().await;
    let bench = Bench::new();
    bench.write("desk.yaml", &desk(&sink.url()));
    let address = address(&mut random);
    let args = ["serve", "--listen", &address, "--apply", "desk.yaml"];
    let args = [&args[..], &["--allow-private-webhooks", "--rate-limits", "off", "--log", "warn"]].concat();
    let mut server = bench.start(&args);
    let url = server.url.clone();
    let mut app = Answerer::new(&url).await;
    let mut guests = Vec::new();
    for name in 0..GUESTS {
        guests.push(Guest::new(Chat::open(&url).await, name, random.random()));
    }
    for round in 1..=rounds {
        let life = Duration::from_millis(random.random_range(50..=800));
        let working: Vec<_> = guests.into_iter().map(|guest| tokio::spawn(guest.work(url.clone()))).collect();
        let crash = async {
            tokio::time::sleep(life).await;
            // With SIGKILL.
            drop(server);
            let mut guests = Vec::new();
            for guest in working {
                guests.push(guest.await.expect("a guest"));
            }
            guests
        };
        guests = tokio::select! {
            guests = crash => guests,
            () = app.work(&url, &sink) => unreachable!("the app works without end"),
        };
        server = bench.start(&args);
        let said: usize = guests.iter().map(|guest| guest.ledger.messages.len()).sum();
        println!("round {round}: killed after {life:?}; {said} messages, {} answers so far", app.ledger.answers.len());
    }
    for guest in &mut guests {
        guest.repeat_all(&url).await.expect("a server that stays");
    }
    let database = format!("sqlite:{}", bench.path("deskwire-data/deskwire.db").display());
    let database = database.parse().expect("a database URL");
    let db = Db::open(&database, &Options { readers: 1, ..Options::default() }).expect("the server's database");
    settle(&db, &url, &mut app, &sink).await;
    let found = found(&db, &url, &guests, &sink).await;
    report(rounds, &found, &guests, &app);
}

/// Holds what is there against what was acknowledged, and prints how much it was.
fn report(rounds: u64, found: &Found, guests: &[Guest], app: &Answerer) {
    let mut ledger = Ledger::default();
    ledger.add(app.ledger.clone());
    for guest in guests {
        ledger.add(guest.ledger.clone());
    }
    let repeated: usize = guests.iter().map(|guest| guest.repeated).sum();
    let received: BTreeSet<&String> = found.received.iter().collect();
    println!(
        "{rounds} rounds and kills; acknowledged: {} messages ({repeated} repeated after a kill), {} answers ({} \
         refused), {} asked for a human, {} closed; stored: {} messages, {} tickets, {} events; received: {} deliveries, \
         {} of them duplicates",
        ledger.messages.len(),
        ledger.answers.len(),
        app.refused.len(),
        ledger.humans.len(),
        ledger.closed.len(),
        found.messages.len(),
        found.tickets.len(),
        found.deliveries.len(),
        found.received.len(),
        found.received.len() - received.len(),
    );
    let faults = found.faults(&ledger);
    assert!(faults.is_empty(), "{} faults: {:#?}", faults.len(), &faults[..faults.len().min(20)]);
    assert!(!ledger.messages.is_empty() && !ledger.answers.is_empty(), "there was load");
    ledger.messages.insert("invented".to_owned(), "om_invented".to_owned());
    assert_eq!(found.faults(&ledger).len(), 2, "an invented message is neither stored nor shown");
}
