//! Each limit in network time: just before it nothing happens, then it does. Time is in the test's hands.

use std::net::SocketAddr;
use std::time::Duration;

use desk::directory::{self, Delivery};
use desk::{Cx, outbox};
use futures_util::{FutureExt, SinkExt};
use prost::Message as _;
use reqwest::Method;
use serde_json::json;
use server::App;
use server::clock::HeldNetwork;
use testkit::server::{APP, DESK};
use testkit::sink::Behaviour;
use testkit::{Database, Options, Sink, TestServer, on_both};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use wire::frame::{Frame, key};

use super::long_connection::{Client, PING, address, connections, delivered, deliveries, happen, said, ticket};

const PATIENCE: Duration = Duration::from_secs(30);
const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn options() -> Options {
    Options {
        by: "app",
        delivery: Delivery::LongConnection,
        network: Some(HeldNetwork::default()),
        ..Options::default()
    }
}

async fn start(database: Database) -> TestServer {
    TestServer::with(database, &options()).await
}

/// A server whose webhook apps all have this request URL.
async fn start_with(database: Database, url: String) -> TestServer {
    let options =
        Options { by: "app", events_url: Some(url), network: Some(HeldNetwork::default()), ..Options::default() };
    TestServer::with(database, &options).await
}

/// Waits until `count` or more wait for what is `ahead` from now.
async fn awaited(network: &HeldNetwork, ahead: Duration, count: usize) {
    let awaited = tokio::time::timeout(PATIENCE, network.awaited(ahead, count)).await;
    assert!(awaited.is_ok(), "nobody waits for {ahead:?} from now");
}

/// Moves time to 1 ms before the end of a limit that `count` count by, all of whom go on waiting.
async fn just_before(network: &HeldNetwork, limit: Duration, count: usize) {
    awaited(network, limit, count).await;
    network.advance(limit.checked_sub(MS).unwrap());
    awaited(network, MS, count).await;
}

/// A client whose first ping was answered, so that the server keeps its connection.
async fn connect(server: &TestServer) -> Client {
    let mut client = Client::to(server).await;
    assert_eq!(pong(&mut client).await, 0);
    client
}

/// The answer to a ping, and nothing else but so many WebSocket pings.
async fn pong(client: &mut Client) -> usize {
    let mut pings = 0;
    loop {
        match client.next().await {
            Message::Ping(_) => pings += 1,
            Message::Binary(bytes) => {
                assert_eq!(Frame::decode(bytes).unwrap().header(key::TYPE), Some("pong"));
                return pings;
            }
            other => panic!("{other:?}"),
        }
    }
}

/// A ping there and its answer back; how many WebSocket pings came with it.
async fn beat(client: &mut Client) -> usize {
    client.send(hex::decode(PING).unwrap()).await;
    pong(client).await
}

/// How much is left of the write that is under way; nothing once its connection is gone.
async fn limit_of_write(server: &TestServer) -> Option<Duration> {
    for _ in 0..1_000 {
        let open = server.call(Method::GET, "/dev/v1/connections").send().await.json;
        if open["connections"] == json!([]) {
            return None;
        }
        // It began after the last move of time, or the last but one.
        let mut limits = [30 * SECOND, 29_999 * MS].into_iter();
        let found = limits.find(|limit| server.network().awaited(*limit, 1).now_or_never().is_some());
        if found.is_some() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody waits for the client to read: {:?}", server.network());
}

/// The rows of all attempts, once there are `count` or more.
async fn attempts(app: &App, count: usize) -> Vec<String> {
    for _ in 0..200 {
        let made = testkit::rows::all(app.db())["attempt"].clone();
        if made.len() >= count {
            return made;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("there were never {count} attempts");
}

/// Opens connections to here and lets them wait for ever.
async fn silent_listener() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            kept.push(stream);
        }
    });
    address
}

/// What comes until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    // A connection that is cut off may be reset.
    let _ = read.expect("the connection ends");
    String::from_utf8(bytes).unwrap()
}

/// What comes, up to and with `end`.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let mut byte = [0];
        let read = tokio::time::timeout(PATIENCE, stream.read_exact(&mut byte)).await;
        read.unwrap_or_else(|_| panic!("waited for {end:?} after {text:?}")).unwrap();
        text.push(char::from(byte[0]));
    }
    text
}

on_both! {
    async fn a_websocket_ping_goes_out_every_30_s(database) {
        let server = start(database).await;
        let mut client = connect(&server).await;
        for _ in 0..2 {
            just_before(server.network(), 30 * SECOND, 1).await;
            assert_eq!(beat(&mut client).await, 0);
            server.network().advance(MS);
            assert!(matches!(client.next().await, Message::Ping(_)));
        }
    }

    async fn a_connection_ends_after_75_s_of_silence(database) {
        let server = start(database).await;
        // Nobody reads, so no ping is answered.
        let _silent = connect(&server).await;
        just_before(server.network(), 75 * SECOND, 1).await;
        connections(&server, 1).await;
        server.network().advance(MS);
        connections(&server, 0).await;
    }

    async fn answers_to_pings_keep_a_connection(database) {
        let server = start(database).await;
        let mut client = connect(&server).await;
        for _ in 0..6 {
            awaited(server.network(), 30 * SECOND, 1).await;
            server.network().advance(30 * SECOND);
            assert!(matches!(client.next().await, Message::Ping(_)));
            // The library has queued the answer.
            client.socket.flush().await.unwrap();
            connections(&server, 1).await;
        }
        assert_eq!(beat(&mut client).await, 0);
    }

    async fn moving_the_desks_clock_moves_no_limit_of_the_network(database) {
        let server = start(database).await;
        let mut client = connect(&server).await;
        happen(&server, "hello".into()).await;
        let event = client.event().await;
        awaited(server.network(), 3 * SECOND, 1).await;
        let move_desk = async |ms: i64| {
            let moved = server.call(Method::POST, "/dev/v1/clock").json(&json!({"advance_ms": ms})).send().await;
            assert_eq!(moved.status, 200, "{}", moved.json);
        };
        move_desk(6_000).await;
        awaited(server.network(), 3 * SECOND, 1).await;
        assert_eq!(beat(&mut client).await, 0);
        client.acknowledge(&[event]).await;
        assert_eq!(delivered(&server, 1).await[0]["attempts"], 1);
        move_desk(6 * 3_600_000).await;
        assert_eq!(beat(&mut client).await, 0);
        connections(&server, 1).await;
    }

    async fn an_answer_counts_for_its_attempt_for_3_s_and_later_for_its_event(database) {
        let server = start(database).await;
        let mut client = connect(&server).await;
        happen(&server, "in time".into()).await;
        let event = client.event().await;
        just_before(server.network(), 3 * SECOND, 1).await;
        assert_eq!(connections(&server, 1).await[0]["in_flight"], 1);
        client.acknowledge(&[event]).await;
        let list = delivered(&server, 1).await;
        assert!(list[0]["outcome"].as_str().unwrap().starts_with("200 in 2999 ms"), "{list:?}");

        happen(&server, "too late".into()).await;
        let event = client.event().await;
        just_before(server.network(), 3 * SECOND, 1).await;
        assert_eq!(beat(&mut client).await, 0);
        assert_eq!(deliveries(&server, |list| list.len() == 2).await[1]["attempts"], 0);
        server.network().advance(MS);
        let list = deliveries(&server, |list| list[1]["attempts"] == 1).await;
        assert!(list[1]["outcome"].as_str().unwrap().starts_with("no answer within 3 s"), "{list:?}");
        assert_eq!(connections(&server, 1).await[0]["in_flight"], 0);
        client.acknowledge(&[event]).await;
        let list = delivered(&server, 2).await;
        assert_eq!(list[1]["attempts"], 1);
        assert!(list[1]["outcome"].as_str().unwrap().contains("too late for its attempt"), "{list:?}");
        server.clock.advance(86_400_000);
        assert_eq!(beat(&mut client).await, 0);
    }

    async fn what_waits_for_a_connection_is_released_a_second_time_after_30_s(database) {
        let server = start(database).await;
        let mut client = connect(&server).await;
        // Once something has arrived, the release that came with the connection is over.
        happen(&server, "first".into()).await;
        let event = client.event().await;
        client.acknowledge(&[event]).await;
        delivered(&server, 1).await;
        // Just then another server, which has no connection, marks an event as waiting for one.
        let app = server.running.app();
        let desk = std::sync::Arc::clone(&app.directory().helpdesks[&DESK.parse().unwrap()]);
        let second = said("second".into());
        let marked = app.write(move |tx, cx| {
            let mut before = Cx::new(cx.now - outbox::CONNECT_GRACE_MS, std::sync::Arc::clone(&cx.ids));
            let event_id = cx.ids.uuid();
            outbox::append(tx, &mut before, &desk, &event_id, &second)?;
            Ok(outbox::not_connected(tx, cx, "demo", APP, "elsewhere", 10)?)
        });
        assert_eq!(marked.await.unwrap().len(), 1);
        just_before(server.network(), 30 * SECOND, 1).await;
        assert_eq!(beat(&mut client).await, 0);
        server.network().advance(MS);
        let event = client.event().await;
        assert_eq!(event.json["event"]["text"], "second");
        client.acknowledge(&[event]).await;
        delivered(&server, 2).await;
    }

    async fn a_client_that_stops_reading_is_let_go_after_30_s(database) {
        let server = start(database).await;
        // The kernel takes little of what nobody reads, much less than an event of 10 MB.
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let stream = socket.connect(server.running.address()).await.unwrap();
        let mut client = Client::over(stream, &ticket(&address(&server)).await).await;
        assert_eq!(pong(&mut client).await, 0);
        // So that the next ping is at another moment.
        server.network().advance(500 * MS);
        happen(&server, "x".repeat(5_000_000)).await;
        let mut limits = 0;
        // What the kernel still takes is followed by a write with a limit of its own.
        while let Some(limit) = limit_of_write(&server).await {
            server.network().advance(limit.checked_sub(MS).unwrap());
            connections(&server, 1).await;
            server.network().advance(MS);
            limits += 1;
        }
        assert!(limits > 0);
        drop(client);
    }

    async fn a_webhook_may_take_3_s(database) {
        let sink = Sink::start().await;
        sink.behave(Behaviour::Hang(PATIENCE * 100));
        let server = start_with(database, sink.url()).await;
        server.guest().await.say("hello").await;
        // Two apps.
        sink.wait(2).await;
        just_before(server.network(), 3 * SECOND, 2).await;
        assert!(server.rows()["attempt"].is_empty());
        server.network().advance(MS);
        let made = attempts(server.running.app(), 2).await;
        assert!(made.iter().all(|row| row.contains("no answer within 3 s")), "{made:?}");
    }

    async fn a_url_check_may_take_1_s(database) {
        let server = start_with(database, format!("http://{}/events", silent_listener().await)).await;
        server.guest().await.say("hello").await;
        just_before(server.network(), SECOND, 2).await;
        assert!(server.rows()["attempt"].is_empty());
        server.network().advance(MS);
        let made = attempts(server.running.app(), 2).await;
        assert!(made.iter().all(|row| row.contains("URL check failed: no answer within 1 s")), "{made:?}");
    }

    async fn connecting_to_a_webhook_may_take_2_s(database) {
        // The TLS handshake is part of it, and there is nobody to shake hands with.
        let server = start_with(database, format!("https://{}/events", silent_listener().await)).await;
        let proved = server.running.app().write(|tx, cx| {
            tx.execute("UPDATE app SET url_verified = url", &[])?;
            Ok(directory::touch(tx, cx)?)
        });
        proved.await.unwrap();
        server.guest().await.say("hello").await;
        just_before(server.network(), 2 * SECOND, 2).await;
        assert!(server.rows()["attempt"].is_empty());
        server.network().advance(MS);
        let made = attempts(server.running.app(), 2).await;
        assert!(made.iter().all(|row| row.contains("no connection within 2 s")), "{made:?}");
    }

    async fn an_open_breaker_lets_a_probe_go_after_5_s_of_the_desks_clock(database) {
        // Nobody listens at this port.
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let server = start_with(database, format!("http://{gone}/events")).await;
        for _ in 0..17 {
            server.guest().await.say("hello").await;
        }
        // Sixteen for each of two apps, then both are open.
        attempts(server.running.app(), 32).await;
        server.network().advance(70 * SECOND);
        server.clock.advance(4_999);
        for _ in 0..5 {
            server.guest().await;
            assert_eq!(attempts(server.running.app(), 32).await.len(), 32);
        }
        server.clock.advance(1);
        attempts(server.running.app(), 34).await;
        for _ in 0..5 {
            server.guest().await;
            assert_eq!(attempts(server.running.app(), 34).await.len(), 34, "one probe each, which fails");
        }
    }

    async fn a_discovery_url_is_good_once_for_a_minute_of_the_desks_clock(database) {
        let server = start(database).await;
        let [first, second] = [ticket(&address(&server)).await, ticket(&address(&server)).await];
        server.network().advance(70 * SECOND);
        server.clock.advance(59_999);
        let _client = Client::by(&first).await.unwrap();
        assert_eq!(Client::by(&first).await.err().unwrap()[0], "514");
        server.clock.advance(1);
        assert_eq!(Client::by(&second).await.err().unwrap()[0], "514");
        connections(&server, 1).await;
    }

    async fn headers_may_take_75_s(database) {
        let server = start(database).await;
        let mut slow = TcpStream::connect(server.running.address()).await.unwrap();
        slow.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
        just_before(server.network(), 75 * SECOND, 1).await;
        slow.write_all(b"Host: desk\r\n\r\n").await.unwrap();
        assert!(read_until(&mut slow, "ok\n").await.starts_with("HTTP/1.1 200 OK"));
        // The next headers have their own time, which begins when the last answer is done.
        just_before(server.network(), 75 * SECOND, 1).await;
        server.network().advance(MS);
        assert_eq!(rest(&mut slow).await, "");
    }

    async fn a_guest_waits_as_long_as_it_asked_for(database) {
        let server = start(database).await;
        let guest = server.guest().await;
        let waiting = guest.call(Method::GET, "/messages?wait_ms=7000").send();
        let mut waiting = std::pin::pin!(waiting);
        let early = async {
            just_before(server.network(), 7 * SECOND, 1).await;
            server.guest().await;
        };
        tokio::select! {
            answer = &mut waiting => panic!("too early: {}", answer.json),
            () = early => {}
        }
        server.network().advance(MS);
        assert_eq!(waiting.await.json["messages"], json!([]));
    }

    async fn a_quiet_stream_gets_a_comment_every_20_s(database) {
        let server = start(database).await;
        let guest = server.guest().await;
        let mut stream = TcpStream::connect(server.running.address()).await.unwrap();
        let request = format!("GET /guest/v1/stream HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer {}\r\n\r\n", guest.token);
        stream.write_all(request.as_bytes()).await.unwrap();
        read_until(&mut stream, "\r\n\r\n").await;
        for _ in 0..2 {
            just_before(server.network(), 20 * SECOND, 1).await;
            assert_eq!(stream.try_read(&mut [0]).map_err(|e| e.kind()), Err(std::io::ErrorKind::WouldBlock));
            server.network().advance(MS);
            // A chunk of three bytes.
            assert_eq!(read_until(&mut stream, ":\n\n\r\n").await, "3\r\n:\n\n\r\n");
        }
    }
}

on_both! {
    async fn shutdown_waits_5_s_for_a_request_in_flight(database) {
        let server = start(database).await;
        let (network, body) = (server.network().clone(), json!({"AppID": APP, "AppSecret": "secret"}).to_string());
        let [mut timely, mut late] = [in_flight(&server, &body).await, in_flight(&server, &body).await];
        network.advance(MS);
        let shutdown = tokio::spawn(server.running.shutdown());
        just_before(&network, 5 * SECOND, 1).await;
        timely.write_all(body.as_bytes()).await.unwrap();
        assert!(rest(&mut timely).await.contains("HTTP/1.1 200 OK"));
        assert!(!shutdown.is_finished());
        network.advance(MS);
        assert_eq!(rest(&mut late).await, "");
        tokio::time::timeout(PATIENCE, shutdown).await.unwrap().unwrap();
    }

    async fn shutdown_waits_three_and_a_half_s_for_a_task(database) {
        let server = start(database).await;
        let network = server.network().clone();
        server.running.app().workers().spawn_job("stuck", std::future::pending());
        let shutdown = tokio::spawn(server.running.shutdown());
        just_before(&network, 3_500 * MS, 1).await;
        assert!(!shutdown.is_finished());
        network.advance(MS);
        tokio::time::timeout(PATIENCE, shutdown).await.unwrap().unwrap();
    }

    async fn shutdown_keeps_a_long_connection_for_3_s_and_records_what_was_on_its_way(database) {
        let server = start(database).await;
        let (network, app) = (server.network().clone(), server.running.app().clone());
        let mut client = connect(&server).await;
        happen(&server, "hello".into()).await;
        client.event().await;
        awaited(&network, 3 * SECOND, 1).await;
        network.advance(SECOND);
        let restarting = tokio::spawn(async move { server.restart(&options()).await });
        // The session and the connection.
        awaited(&network, 3 * SECOND, 2).await;
        just_before(&network, 2 * SECOND, 1).await;
        assert_eq!(beat(&mut client).await, 0);
        network.advance(MS);
        attempts(&app, 1).await;
        network.advance(SECOND);
        assert_eq!(client.closed().await, CloseCode::Away);
        drop(client);
        let server = tokio::time::timeout(PATIENCE, restarting).await.unwrap().unwrap();
        let list = deliveries(&server, |list| list[0]["attempts"] == 1).await;
        assert!(list[0]["outcome"].as_str().unwrap().starts_with("no answer within 3 s"), "{list:?}");
    }
}

/// A request whose body the server waits for.
async fn in_flight(server: &TestServer, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.running.address()).await.unwrap();
    let head = format!(
        "POST /callback/ws/endpoint HTTP/1.1\r\nHost: desk\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let asked = read_until(&mut stream, "\r\n\r\n").await;
    assert!(asked.starts_with("HTTP/1.1 100 Continue"), "{asked}");
    stream
}
