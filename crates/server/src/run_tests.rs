use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::clock::HeldNetwork;
use crate::settings::{Mode, PartialSettings};

fn settings(dir: &TempDir, listen: &str) -> Settings {
    let settings = PartialSettings {
        data_dir: Some(dir.path().join("data")),
        listen: Some(listen.to_owned()),
        ..PartialSettings::default()
    };
    settings.finish(Mode::Serve).unwrap()
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_server_starts_in_an_empty_folder_answers_stops_and_starts_again() {
    let dir = TempDir::new().unwrap();
    for _ in 0..2 {
        // Time stands, so nothing here ends by a limit.
        let clock = Clock::system().with_network(HeldNetwork::default().timers());
        let running = Server::start(settings(&dir, "127.0.0.1:0"), clock).await.unwrap();
        for path in ["/healthz", "/readyz", "/metrics", "/", "/assets/index.css"] {
            let answer = get(running.address(), path).await;
            assert!(answer.starts_with("HTTP/1.1 200 OK"), "{path} {answer}");
            assert!(answer.contains("X-Tt-Logid: 20"), "{answer}");
        }
        assert!(get(running.address(), "/dev/v1/requests").await.starts_with("HTTP/1.1 404"));
        // An idle connection does not hold up the end.
        let _idle = TcpStream::connect(running.address()).await.unwrap();
        running.shutdown().await;
    }
}

#[tokio::test]
async fn each_reason_not_to_start_is_one_line_that_names_the_key() {
    let dir = TempDir::new().unwrap();
    let running = Server::start(settings(&dir, "127.0.0.1:0"), Clock::system()).await.unwrap();
    let taken = settings(&dir, &running.address().to_string());
    let elsewhere = settings(&dir, "192.0.2.1:80");
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let no_folder = Settings { data_dir: file.join("data"), ..settings(&dir, "127.0.0.1:0") };
    let unreachable = "postgres://desk:s3cret@127.0.0.1:1/desk".parse().unwrap();
    let no_database = Settings { database: unreachable, ..settings(&dir, "127.0.0.1:0") };
    for (settings, key, part) in [
        (taken, "listen: ", "in use"),
        (elsewhere, "listen: ", "not an address of this machine"),
        (no_folder, "data_dir: ", "writable folder"),
        (no_database, "database: ", "postgres://desk:***@127.0.0.1:1/desk"),
    ] {
        let text = Server::start(settings, Clock::system()).await.unwrap_err().to_string();
        assert!(text.starts_with(key) && text.contains(part), "{text}");
        assert!(!text.contains('\n') && !text.contains("s3cret"), "{text}");
    }
    running.shutdown().await;
}

#[tokio::test]
async fn a_server_that_lost_its_number_writes_nothing_and_is_not_ready() {
    let dir = TempDir::new().unwrap();
    let clock = Clock::frozen(1_763_800_000_000);
    let running = Server::start(settings(&dir, "127.0.0.1:0"), clock.clone()).await.unwrap();
    let app = running.app().clone();
    let thief = |tx: &mut db::Tx<'_>| tx.execute("UPDATE node_lease SET holder = 'thief'", &[]);
    app.db().write(thief).await.unwrap();
    clock.advance(desk::node::LEASE_MS / 10);
    let mut waited = 0;
    while !app.fenced() && waited < 500 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        waited += 1;
    }
    let refused = app.write(|_, _| Ok(())).await.unwrap_err();
    assert!(refused.to_string().contains("lost its number"), "{refused}");
    assert!(get(running.address(), "/readyz").await.starts_with("HTTP/1.1 503"));
    running.shutdown().await;
}

#[test]
fn commands_that_look_at_a_data_folder_at_once_all_find_it_writable() {
    let dir = TempDir::new().unwrap();
    let look = || (0..300).try_for_each(|_| make_data_dir(dir.path()));
    std::thread::scope(|scope| {
        let looks: Vec<_> = (0..4).map(|_| scope.spawn(look)).collect();
        for done in looks {
            done.join().unwrap().unwrap();
        }
    });
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
