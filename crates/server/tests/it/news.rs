//! What a server learns of others without asking, and how little it asks while nothing happens.

use std::time::Duration;

use desk::directory;
use reqwest::Method;
use serde_json::Value;
use testkit::{Database, Options, TestServer, on_both};

/// Well below the 5 s after which everybody looks by itself.
const SOON: Duration = Duration::from_secs(3);

on_both! {
    async fn an_idle_server_asks_the_database_for_hardly_anything(database) {
        let server = TestServer::with(database, &Options { by: "app", ..Options::default() }).await;
        let guest = server.guest().await;
        guest.say("hello").await;
        let stream = server.call(Method::GET, "/guest/v1/messages?after=999&wait_ms=20000").bearer(&guest.token);
        let waiting = tokio::spawn(async move { stream.send().await });
        // What follows the start and the message has its time.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let app = server.running.app();
        let asked = || {
            let stats = app.db().stats();
            stats.reads + stats.jobs
        };
        let before = asked();
        tokio::time::sleep(Duration::from_secs(6)).await;
        // Directory, deliveries, questions, pushes and the waiting guest, each every 5 s with up to two reads.
        let count = asked() - before;
        assert!((1..=16).contains(&count), "{count} in 6 s");
        waiting.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_server_writes_the_other_knows_at_once() {
    let server = TestServer::with(Database::postgres(), &Options { by: "app", ..Options::default() }).await;
    let second = server.second().await;
    let guest = server.guest().await;
    let said = guest.say("hello").await;
    // Both have settled.
    tokio::time::sleep(Duration::from_millis(500)).await;

    let after = said["message"]["position"].clone();
    let url = format!("http://{}/guest/v1/messages?after={after}&wait_ms=20000", second.address());
    let token = guest.token.clone();
    let there = tokio::spawn(async move {
        let answer = reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    guest.say("are you there?").await;
    let heard = tokio::time::timeout(SOON, there).await.expect("a wait of a look, not of news").unwrap();
    assert_eq!(heard["messages"][0]["text"], "are you there?");

    let version = second.app().directory().version;
    let app = server.running.app();
    app.write(|tx, cx| Ok(directory::touch(tx, cx)?)).await.unwrap();
    let learnt = async {
        while second.app().directory().version == version {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, learnt).await.expect("the directory is told of");
    second.shutdown().await;
}

on_both! {
    async fn a_desk_file_applied_by_another_process_is_noticed(database) {
        let server = TestServer::start(database).await;
        let other = server.database.open();
        tokio::time::sleep(Duration::from_millis(500)).await;
        let version = server.running.app().directory().version;
        let changed = other.write(|tx| tx.execute("UPDATE directory SET version = version + 1 WHERE one = $1", &db::params![1]));
        changed.await.unwrap();
        other.tell([directory::NEWS.to_owned()]);
        let learnt = async {
            while server.running.app().directory().version == version {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(SOON, learnt).await.expect("the change is noticed");
    }
}
