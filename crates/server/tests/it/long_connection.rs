//! The long connection, with a client of our own that speaks the SDKs' frames.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use desk::directory::Delivery;
use desk::event::{MessageSnapshot, Snapshot, Who};
use desk::outbox;
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{APP, APP_STORE, APP_TWO, DESK, FAQS};
use testkit::{Database, Options, TestServer, on_both};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use wire::frame::{DATA, Frame, Header, key};

const CREATED: &str = "helpdesk.ticket.created_v1";
const MESSAGE: &str = "helpdesk.ticket_message.created_v1";
pub(super) const PING: &str = "0800100018f681801020002a0c0a0474797065120470696e67";
const PATIENCE: Duration = Duration::from_secs(10);

fn options() -> Options {
    Options { by: "app", delivery: Delivery::LongConnection, ..Options::default() }
}

async fn start(database: Database) -> TestServer {
    TestServer::with(database, &options()).await
}

/// Asks discovery of the server at `address`.
async fn discover(address: &str, body: &Value) -> (u16, Value) {
    let url = format!("http://{address}/callback/ws/endpoint");
    let request = testkit::api::client().post(url).header("user-agent", "oapi-sdk-test/1").json(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

pub(super) async fn ticket(address: &str) -> String {
    let (status, answer) = discover(address, &json!({"AppID": APP, "AppSecret": "secret"})).await;
    assert_eq!((status, &answer["code"]), (200, &json!(0)), "{answer}");
    answer["data"]["URL"].as_str().unwrap().to_owned()
}

/// An event as it came.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// The frame of the part that came last.
    frame: Frame,
    parts: usize,
    pub(super) json: Value,
}

impl Event {
    fn id(&self) -> String {
        self.json["header"]["event_id"].as_str().unwrap().to_owned()
    }

    fn is(&self, event_type: &str) -> bool {
        self.json["header"]["event_type"] == event_type
    }
}

pub(super) struct Client {
    pub(super) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    parts: HashMap<String, Vec<Option<Vec<u8>>>>,
}

impl Client {
    async fn at(address: &str) -> Self {
        Self::by(&ticket(address).await).await.unwrap()
    }

    pub(super) async fn to(server: &TestServer) -> Self {
        Self::at(&address(server)).await
    }

    /// Connects by a URL and pings at once, as SDKs do. A refusal is the three headers.
    pub(super) async fn by(url: &str) -> Result<Self, [String; 3]> {
        let (socket, _) = match tokio_tungstenite::connect_async(url).await {
            Ok(connected) => connected,
            Err(tungstenite::Error::Http(refusal)) => {
                let names = ["handshake-status", "handshake-msg", "handshake-autherrcode"];
                return Err(names.map(|name| refusal.headers()[name].to_str().unwrap().to_owned()));
            }
            Err(error) => panic!("{error}"),
        };
        let mut client = Self { socket, parts: HashMap::new() };
        client.send(hex::decode(PING).unwrap()).await;
        Ok(client)
    }

    /// Connects by a URL over a connection of the test's own.
    pub(super) async fn over(stream: TcpStream, url: &str) -> Self {
        let (socket, _) = tokio_tungstenite::client_async(url, MaybeTlsStream::Plain(stream)).await.unwrap();
        let mut client = Self { socket, parts: HashMap::new() };
        client.send(hex::decode(PING).unwrap()).await;
        client
    }

    pub(super) async fn send(&mut self, bytes: impl Into<bytes::Bytes>) {
        self.socket.send(Message::Binary(bytes.into())).await.unwrap();
    }

    pub(super) async fn next(&mut self) -> Message {
        let next = tokio::time::timeout(PATIENCE, self.socket.next()).await;
        next.expect("something in time").expect("an open connection").expect("a whole message")
    }

    /// The next frame; WebSocket pings aside.
    async fn frame(&mut self) -> Frame {
        loop {
            match self.next().await {
                Message::Binary(bytes) => return Frame::decode(bytes).unwrap(),
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next whole event; pongs aside.
    pub(super) async fn event(&mut self) -> Event {
        loop {
            let frame = self.frame().await;
            if frame.method != DATA {
                assert_eq!(frame.header(key::TYPE), Some("pong"));
                continue;
            }
            let number = |name: &str| frame.header(name).unwrap().parse::<usize>().unwrap();
            let (sum, seq) = (number(key::SUM), number(key::SEQ));
            let id = frame.header(key::MESSAGE_ID).unwrap().to_owned();
            let parts = self.parts.entry(id.clone()).or_insert_with(|| vec![None; sum]);
            parts[seq] = frame.payload.as_ref().map(|part| part.to_vec());
            if parts.iter().all(Option::is_some) {
                let whole: Vec<u8> = self.parts.remove(&id).unwrap().into_iter().flatten().flatten().collect();
                return Event { frame, parts: sum, json: serde_json::from_slice(&whole).unwrap() };
            }
        }
    }

    async fn answer(&mut self, event: &Event, payload: &'static str) {
        let mut frame = event.frame.clone();
        frame.headers.push(Header::new(key::BIZ_RT, "-1"));
        frame.payload = Some(payload.into());
        self.send(frame.encode_to_vec()).await;
    }

    pub(super) async fn acknowledge(&mut self, events: &[Event]) {
        for event in events {
            self.answer(event, r#"{"code": 200}"#).await;
        }
    }

    /// No event comes for a while.
    async fn hears_nothing(&mut self) {
        let heard = tokio::time::timeout(Duration::from_millis(300), self.event()).await;
        assert!(heard.is_err(), "{heard:?}");
    }

    /// Waits for the server's close.
    pub(super) async fn closed(&mut self) -> CloseCode {
        loop {
            match self.next().await {
                Message::Close(frame) => return frame.unwrap().code,
                Message::Text(text) => panic!("{text}"),
                _ => {}
            }
        }
    }
}

pub(super) fn address(server: &TestServer) -> String {
    server.running.address().to_string()
}

/// Deliveries to [`APP`], oldest first, once they are as wanted.
pub(super) async fn deliveries(server: &TestServer, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    for _ in 0..200 {
        let answer = server.call(Method::GET, "/dev/v1/deliveries?limit=200").send().await.json;
        let mut list = answer["deliveries"].as_array().unwrap().clone();
        list.retain(|delivery| delivery["app_id"] == APP);
        list.reverse();
        if wanted(&list) {
            return list;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("deliveries never became so: {:?}", server.call(Method::GET, "/dev/v1/deliveries").send().await.json);
}

pub(super) async fn delivered(server: &TestServer, count: usize) -> Vec<Value> {
    deliveries(server, |list| list.iter().filter(|d| d["state"] == "delivered").count() == count).await
}

/// So many open connections, once there are.
pub(super) async fn connections(server: &TestServer, count: usize) -> Vec<Value> {
    for _ in 0..200 {
        let answer = server.call(Method::GET, "/dev/v1/connections").send().await.json;
        let list = answer["connections"].as_array().unwrap();
        if list.len() == count {
            return list.clone();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("there were never {count} connections");
}

/// Stores a message event with this text for the subscribed apps, larger than any message can be.
pub(super) async fn happen(server: &TestServer, text: String) {
    let app = server.running.app();
    let desk = std::sync::Arc::clone(&app.directory().helpdesks[&DESK.parse().unwrap()]);
    let event = said(text);
    let stored = app.write(move |tx, cx| {
        let event_id = cx.ids.uuid();
        Ok(outbox::append(tx, cx, &desk, &event_id, &event)?)
    });
    stored.await.unwrap();
}

/// A message with this text.
pub(super) fn said(text: String) -> Snapshot {
    let who = Who { open_id: "ou_1".into(), union_id: "on_1".into(), user_id: "ada".into() };
    let message = MessageSnapshot {
        ticket_message_id: 6_948_728_206_392_295_444,
        message_id: "om_1".into(),
        msg_type: "text".into(),
        position: 10,
        sender: Some(who),
        sender_type: 2,
        content: json!({"content": text, "msg_type": "text"}),
        text,
        ticket_id: 6_948_728_206_392_295_400,
        ticket_status: 1,
        chat_id: "oc_1".into(),
    };
    Snapshot::MessageCreated { message }
}

on_both! {
    async fn a_question_reaches_the_app_and_its_answer_the_guest(database) {
        let server = start(database).await;
        let mut client = Client::to(&server).await;
        let guest = server.guest().await;
        let text = "打印机 坏了 / printer \"broken\" <b>&\u{2028} 🖨";
        let said = guest.say(text).await;
        let opened = client.event().await;
        assert!(opened.is(CREATED));
        client.acknowledge(&[opened]).await;
        let asked = client.event().await;
        assert!(asked.is(MESSAGE));
        assert_eq!(asked.json["event"]["text"], text);
        assert_eq!(asked.json["header"]["token"], "v-token");
        assert_eq!(asked.json["header"]["app_id"], APP);
        assert_eq!((asked.parts, asked.frame.service), (1, 33_554_678));
        let bytes = asked.frame.payload.clone().unwrap();
        assert_eq!(serde_json::to_string(&serde_json::from_slice::<Value>(&bytes).unwrap()).unwrap().len(), bytes.len());
        for name in [key::TYPE, key::MESSAGE_ID, key::SUM, key::SEQ, key::TRACE_ID] {
            assert!(asked.frame.header(name).is_some_and(|value| !value.is_empty()), "{name}");
        }
        let body = json!({"event_id": asked.json["event"]["event_id"], "faqs": [{"id": FAQS[0], "score": 0.9}]});
        client.acknowledge(&[asked]).await;
        let ticket_id = said["ticket_id"].as_str().unwrap();
        server.answer_with(&server.tenant_token(APP), ticket_id, &body).await.ok();
        assert_eq!(guest.wait(1, |m| m["kind"] == "answer").await["text"], "Open Settings > Security.");
        // The answer is an event too.
        let bot = client.event().await;
        assert_eq!(bot.json["event"]["sender_type"], 1);
        client.acknowledge(&[bot]).await;
        let list = delivered(&server, 3).await;
        assert!(list.iter().all(|d| d["attempts"] == 1), "{list:?}");
        assert!(list[0]["outcome"].as_str().unwrap().starts_with("200 in "), "{list:?}");
        let steps = server.timeline(ticket_id).await;
        assert!(steps.iter().any(|s| s["kind"] == "delivery_attempt"), "{steps:?}");
        let page = server.running.app().metrics().text();
        let counted = r#"deskwire_deliveries_total{transport="long_connection",outcome="acknowledged"} 3"#;
        assert!(page.contains(counted), "{page}");
        assert!(page.contains(&format!(r#"deskwire_long_connections{{app_id="{APP}"}} 1"#)), "{page}");
    }

    async fn a_large_event_comes_in_parts(database) {
        let server = start(database).await;
        let mut client = Client::to(&server).await;
        // With its copy in `content` about 1.5 MB; parts end within characters.
        let text = "话🖨x".repeat(94_000);
        happen(&server, text.clone()).await;
        let event = client.event().await;
        assert_eq!(event.json["event"]["text"], text);
        let bytes = serde_json::to_vec(&event.json).unwrap().len();
        assert!(bytes > 1_500_000, "{bytes}");
        assert_eq!(event.parts, bytes.div_ceil(256 * 1024));
        client.acknowledge(&[event]).await;
        delivered(&server, 1).await;
    }

    async fn a_refused_event_is_sent_again_on_the_schedule(database) {
        let server = start(database).await;
        let mut client = Client::to(&server).await;
        happen(&server, "hello".into()).await;
        let first = client.event().await;
        client.answer(&first, r#"{"code":500,"headers":null,"data":null}"#).await;
        let list = deliveries(&server, |list| list[0]["attempts"] == 1).await;
        assert!(list[0]["outcome"].as_str().unwrap().contains("500 in "), "{list:?}");
        server.clock.advance(outbox::RETRY_AFTER_MS[0] - 1);
        client.hears_nothing().await;
        server.clock.advance(1);
        let second = client.event().await;
        assert_eq!(second.id(), first.id());
        assert_ne!(second.frame.header(key::MESSAGE_ID), first.frame.header(key::MESSAGE_ID));
        client.answer(&second, "not JSON").await;
        deliveries(&server, |list| list[0]["attempts"] == 2).await;
        assert!(connections(&server, 1).await[0]["last_failure"]["text"].as_str().unwrap().contains("without a code"));
        server.clock.advance(outbox::RETRY_AFTER_MS[1]);
        let third = client.event().await;
        client.acknowledge(&[third]).await;
        assert_eq!(delivered(&server, 1).await[0]["attempts"], 3);
    }

    async fn silence_is_a_failure_after_3_s_and_a_late_answer_still_counts(database) {
        let server = start(database).await;
        let mut client = Client::to(&server).await;
        happen(&server, "hello".into()).await;
        let event = client.event().await;
        assert_eq!(connections(&server, 1).await[0]["in_flight"], 1);
        let list = deliveries(&server, |list| list[0]["attempts"] == 1).await;
        assert!(list[0]["outcome"].as_str().unwrap().starts_with("no answer within 3 s"), "{list:?}");
        assert_eq!(connections(&server, 1).await[0]["in_flight"], 0);
        // On another connection, because the first may be gone by then.
        let mut other = Client::to(&server).await;
        other.acknowledge(&[event]).await;
        let list = delivered(&server, 1).await;
        assert!(list[0]["outcome"].as_str().unwrap().contains("too late for its attempt"), "{list:?}");
        server.clock.advance(86_400_000);
        client.hears_nothing().await;
        let page = server.running.app().metrics().text();
        assert!(page.contains(r#"transport="long_connection",outcome="late"} 1"#), "{page}");
    }

    async fn connections_share_the_events_and_any_may_answer(database) {
        let server = start(database).await;
        let mut clients = [Client::to(&server).await, Client::to(&server).await];
        connections(&server, 2).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        for i in 0..40 {
            happen(&server, format!("message {i}")).await;
        }
        let mut seen = HashSet::new();
        let mut shares = [0, 0];
        while seen.len() < 40 {
            for i in 0..2 {
                let next = tokio::time::timeout(Duration::from_millis(50), clients[i].event()).await;
                let Ok(event) = next else { continue };
                assert!(seen.insert(event.id()), "an event came twice");
                shares[i] += 1;
                // By the other one.
                clients[1 - i].acknowledge(&[event]).await;
            }
        }
        assert!(shares.iter().all(|share| *share > 3), "{shares:?}");
        delivered(&server, 40).await;
    }

    async fn events_wait_for_a_connection_and_then_come_at_once(database) {
        let server = start(database).await;
        happen(&server, "hello".into()).await;
        server.clock.advance(outbox::CONNECT_GRACE_MS);
        for (made, wait_ms) in outbox::RETRY_AFTER_MS.iter().take(2).enumerate() {
            let list = deliveries(&server, |list| list[0]["attempts"] == json!(made + 1)).await;
            assert_eq!((&list[0]["outcome"], &list[0]["state"]), (&json!("no live connection"), &json!("pending")));
            server.clock.advance(wait_ms + outbox::CONNECT_GRACE_MS);
        }
        deliveries(&server, |list| list[0]["attempts"] == 3).await;
        let mut client = Client::to(&server).await;
        let event = client.event().await;
        // Its schedule has started again, so that a failure now is the first.
        client.answer(&event, r#"{"code":500}"#).await;
        deliveries(&server, |list| list[0]["attempts"] == 4).await;
        server.clock.advance(outbox::RETRY_AFTER_MS[0]);
        let again = client.event().await;
        client.acknowledge(&[again]).await;
        delivered(&server, 1).await;
    }

    async fn an_app_that_never_connects_loses_its_events_to_the_schedule(database) {
        let server = start(database).await;
        happen(&server, "hello".into()).await;
        for made in 1..=5 {
            server.clock.advance(outbox::CONNECT_GRACE_MS);
            deliveries(&server, |list| list[0]["attempts"] == json!(made)).await;
            server.clock.advance(outbox::RETRY_AFTER_MS.get(made - 1).copied().unwrap_or(0));
        }
        let list = deliveries(&server, |list| list[0]["state"] == "dead").await;
        let page = server.running.app().metrics().text();
        assert!(page.contains(r#"transport="long_connection",outcome="given_up"} 1"#), "{page}");
        // Somebody has it sent again.
        let mut client = Client::to(&server).await;
        client.hears_nothing().await;
        let id = list[0]["delivery_id"].as_str().unwrap();
        server.call(Method::POST, &format!("/dev/v1/deliveries/{id}/resend")).send().await;
        let event = client.event().await;
        client.acknowledge(&[event]).await;
        delivered(&server, 1).await;
    }

    async fn a_connection_that_breaks_fails_what_was_on_its_way(database) {
        let server = start(database).await;
        let mut client = Client::to(&server).await;
        happen(&server, "hello".into()).await;
        let first = client.event().await;
        drop(client);
        let list = deliveries(&server, |list| list[0]["attempts"] == 1).await;
        assert!(list[0]["outcome"].as_str().unwrap().ends_with("was lost before the answer"), "{list:?}");
        connections(&server, 0).await;
        let mut client = Client::to(&server).await;
        client.hears_nothing().await;
        server.clock.advance(outbox::RETRY_AFTER_MS[0]);
        let again = client.event().await;
        assert_eq!(again.id(), first.id());
        client.acknowledge(&[again]).await;
        delivered(&server, 1).await;
    }

    async fn a_restart_closes_with_1001_and_the_client_finds_its_events_again(database) {
        let server = start(database).await;
        let mut client = Client::to(&server).await;
        happen(&server, "before".into()).await;
        let event = client.event().await;
        let restarting = tokio::spawn(async move { server.restart(&options()).await });
        tokio::time::sleep(Duration::from_millis(200)).await;
        // What was on its way may still be answered.
        client.acknowledge(&[event]).await;
        assert_eq!(client.closed().await, CloseCode::Away);
        drop(client);
        let server = restarting.await.unwrap();
        delivered(&server, 1).await;
        happen(&server, "while away".into()).await;
        let mut client = Client::to(&server).await;
        let event = client.event().await;
        assert_eq!(event.json["event"]["text"], "while away");
        client.acknowledge(&[event]).await;
        delivered(&server, 2).await;
    }

    async fn only_an_app_with_its_secret_and_a_long_connection_gets_a_url(database) {
        let server = start(database).await;
        let address = address(&server);
        let ask = |body: Value| {
            let address = address.clone();
            async move { discover(&address, &body).await }
        };
        let (status, answer) = ask(json!({"AppID": APP, "AppSecret": "secret", "ChannelTag": "x"})).await;
        assert_eq!(status, 200);
        let expected =
            json!({"ReconnectCount": -1, "ReconnectInterval": 3, "ReconnectNonce": 1, "PingInterval": 90});
        assert_eq!((&answer["code"], &answer["msg"], &answer["data"]["ClientConfig"]), (&json!(0), &json!("ok"), &expected));
        let url = answer["data"]["URL"].as_str().unwrap();
        assert!(url.starts_with(&format!("ws://{address}/ws/v2?fpid=493&aid=552564&device_id=")), "{url}");
        for (body, code, word) in [
            (json!({"AppID": APP, "AppSecret": "wrong"}), 1_000_040_345, "app_secret is invalid"),
            (json!({"AppID": "cli_ffffffffffffffff", "AppSecret": "secret"}), 1_000_040_345, "app_id"),
            (json!({"AppID": APP_TWO, "AppSecret": "secret"}), 1_000_040_345, "long_connection"),
            (json!({"AppID": APP_TWO, "AppSecret": "wrong"}), 1_000_040_345, "app_secret is invalid"),
            (json!({"AppID": APP_STORE, "AppSecret": "secret"}), 1_000_040_345, "custom app"),
            (json!({"AppID": APP, "AppSecret": "", "ClientAssertion": "x"}), 1_000_040_344, "required"),
        ] {
            let (status, answer) = ask(body.clone()).await;
            assert_eq!((status, &answer["code"], &answer["data"]), (200, &json!(code), &json!({"URL": ""})), "{body}");
            assert!(answer["msg"].as_str().unwrap().contains(word), "{answer}");
        }
        for body in [json!({"app_id": APP, "app_secret": "secret"}), json!({"AppID": APP}), json!([])] {
            let (status, answer) = ask(body).await;
            assert_eq!((status, &answer["code"]), (400, &json!(9_499)));
        }
    }

    async fn a_url_is_good_once_and_for_a_minute(database) {
        let server = start(database).await;
        let address = address(&server);
        let url = ticket(&address).await;
        let _client = Client::by(&url).await.unwrap();
        let [status, msg, code] = Client::by(&url).await.err().unwrap();
        assert_eq!((status.as_str(), code.as_str()), ("514", "1000040345"));
        assert!(msg.contains("used before"), "{msg}");
        let late = ticket(&address).await;
        server.clock.advance(60_000);
        assert_eq!(Client::by(&late).await.err().unwrap()[0], "514");
        let forged = ticket(&address).await.replace("device_id=", "device_id=1");
        assert_eq!(Client::by(&forged).await.err().unwrap()[0], "514");
        assert_eq!(Client::by(&format!("ws://{address}/ws/v2")).await.err().unwrap()[0], "514");
        let plain = server.call(Method::GET, "/ws/v2").send().await;
        assert_eq!((plain.status, plain.headers["handshake-status"].to_str().unwrap()), (400, "400"));
        connections(&server, 1).await;
    }

    async fn the_51st_connection_is_refused(database) {
        let server = start(database).await;
        let address = address(&server);
        let spare = ticket(&address).await;
        let mut clients = Vec::new();
        for _ in 0..50 {
            clients.push(Client::at(&address).await);
        }
        let (status, answer) = discover(&address, &json!({"AppID": APP, "AppSecret": "secret"})).await;
        assert_eq!((status, &answer["code"]), (200, &json!(1_000_040_350)));
        assert!(answer["msg"].as_str().unwrap().starts_with("the number of connections exceeded the limit"));
        let [status, _, code] = Client::by(&spare).await.err().unwrap();
        assert_eq!((status.as_str(), code.as_str()), ("514", "1000040350"));
        clients.pop();
        connections(&server, 49).await;
        let _client = Client::at(&address).await;
        connections(&server, 50).await;
    }

    async fn what_is_no_frame_ends_the_connection(database) {
        let server = start(database).await;
        let mut client = Client::to(&server).await;
        client.socket.send(Message::Text("hello".into())).await.unwrap();
        assert_eq!(client.closed().await, CloseCode::Unsupported);
        let mut client = Client::to(&server).await;
        client.send(vec![0xff; 9]).await;
        assert_eq!(client.closed().await, CloseCode::Protocol);
        // Frames of kinds that are not known, and answers to what nobody asked, are passed over.
        let mut client = Client::to(&server).await;
        let strange = Frame { method: 7, ..Frame::default() };
        let headers = vec![Header::new(key::MESSAGE_ID, "b2c1d0a9-0000-4000-8000-000000000001")];
        let unasked = Frame { method: DATA, headers, payload: Some(r#"{"code":200}"#.into()), ..Frame::default() };
        for frame in [strange, unasked, Frame { method: DATA, ..Frame::default() }] {
            client.send(frame.encode_to_vec()).await;
        }
        client.socket.send(Message::Ping("beat".into())).await.unwrap();
        client.send(hex::decode(PING).unwrap()).await;
        let (mut pongs, mut beats) = (0, 0);
        while pongs < 2 || beats < 1 {
            match client.next().await {
                Message::Binary(bytes) => {
                    let frame = Frame::decode(bytes).unwrap();
                    assert_eq!(frame.header(key::TYPE), Some("pong"));
                    let config: Value = serde_json::from_slice(&frame.payload.unwrap()).unwrap();
                    assert_eq!(config["PingInterval"], 90);
                    pongs += 1;
                }
                Message::Pong(echo) => {
                    assert_eq!(&echo[..], b"beat");
                    beats += 1;
                }
                other => panic!("{other:?}"),
            }
        }
    }

    async fn a_connection_ends_when_its_app_may_not_connect_any_more(database) {
        let server = start(database).await;
        let mut client = Client::to(&server).await;
        let list = connections(&server, 1).await;
        assert_eq!(list[0]["app_id"], APP);
        assert_eq!(list[0]["user_agent"], "oapi-sdk-test/1");
        assert!(list[0]["peer"].as_str().unwrap().starts_with("127.0.0.1:"), "{list:?}");
        assert_eq!(list[0]["since"], testkit::server::START_MS);
        let pending = ticket(&address(&server)).await;
        let app = server.running.app();
        let rotated = app.write(|tx, cx| {
            tx.execute(
                "UPDATE app SET secret_version = secret_version + 1 WHERE app_id = $1",
                &db::params![APP],
            )?;
            Ok(desk::directory::touch(tx, cx)?)
        });
        rotated.await.unwrap();
        assert_eq!(client.closed().await, CloseCode::Policy);
        assert_eq!(Client::by(&pending).await.err().unwrap()[0], "514");
        let pending = ticket(&address(&server)).await;
        let switched = app.write(|tx, cx| {
            tx.execute("UPDATE app SET delivery = 'webhook' WHERE app_id = $1", &db::params![APP])?;
            Ok(desk::directory::touch(tx, cx)?)
        });
        switched.await.unwrap();
        assert_eq!(Client::by(&pending).await.err().unwrap()[0], "403");
    }
}

on_both! {
    async fn nobody_is_called_unconnected_while_some_server_is_at_it(database) {
        // The app is none that this server would look after.
        let server = TestServer::with(database, &Options { by: "app", ..Options::default() }).await;
        happen(&server, "one".into()).await;
        happen(&server, "two".into()).await;
        server.clock.advance(outbox::CONNECT_GRACE_MS);
        let app = server.running.app();
        let claimed = app.write(|tx, cx| Ok(outbox::claim(tx, cx, "demo", APP, "elsewhere", 1)?)).await.unwrap();
        assert_eq!(claimed.len(), 1);
        let note = || app.write(|tx, cx| Ok(outbox::not_connected(tx, cx, "demo", APP, "here", 10)?));
        assert!(note().await.unwrap().is_empty());
        // The other server died.
        server.clock.advance(outbox::LEASE_MS);
        let noted = note().await.unwrap();
        assert_eq!(noted.len(), 1);
        assert_ne!(noted[0].delivery_id, claimed[0].delivery_id, "that one has been due for a moment only");
        server.clock.advance(outbox::CONNECT_GRACE_MS);
        assert_eq!(note().await.unwrap().len(), 1);
        let connect = || app.write(|tx, cx| Ok(outbox::connected(tx, cx, "demo", APP, 1)?));
        assert_eq!((connect().await.unwrap(), connect().await.unwrap(), connect().await.unwrap()), (1, 1, 0));
        let claimed = app.write(|tx, cx| Ok(outbox::claim(tx, cx, "demo", APP, "here", 10)?)).await.unwrap();
        // Their schedules start again, so the second waits for the first.
        assert_eq!(claimed.iter().map(|c| (c.attempts, c.resent_after)).collect::<Vec<_>>(), [(1, 1)]);
    }

    async fn a_late_acknowledgement_is_taken_from_the_addressee_alone(database) {
        let server = TestServer::with(database, &Options { by: "app", ..Options::default() }).await;
        happen(&server, "one".into()).await;
        let id = deliveries(&server, |list| list.len() == 1).await[0]["delivery_id"].clone();
        let late = outbox::Late { delivery_id: id.as_str().unwrap().parse().unwrap(), attempt: 1, outcome: "late".into() };
        let app = server.running.app();
        let acknowledge = |app_id: &'static str| {
            let late = late.clone();
            app.write(move |tx, cx| Ok(outbox::acknowledged_late(tx, cx, "demo", app_id, &late)?))
        };
        let before = server.rows();
        assert!(!acknowledge(APP_TWO).await.unwrap());
        testkit::rows::assert_unchanged(&before, &server.rows());
        assert!(acknowledge(APP).await.unwrap());
        let before = server.rows();
        assert!(!acknowledge(APP).await.unwrap(), "once is enough");
        testkit::rows::assert_unchanged(&before, &server.rows());
        delivered(&server, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_with_the_connection_takes_the_events_of_all() {
    let server = start(Database::postgres()).await;
    let second = server.second().await;
    let address = second.address().to_string();
    // A URL of one server is good at the other.
    let url = ticket(&server.running.address().to_string()).await;
    let mut client = Client::by(&url.replace(&server.running.address().to_string(), &address)).await.unwrap();
    for i in 0..20 {
        happen(&server, format!("message {i}")).await;
    }
    let mut seen = HashSet::new();
    while seen.len() < 20 {
        let event = client.event().await;
        seen.insert(event.id());
        client.acknowledge(&[event]).await;
    }
    let list = delivered(&server, 20).await;
    assert!(list.iter().all(|d| d["attempts"] == 1), "{list:?}");
    assert!(connections(&server, 0).await.is_empty());
    second.shutdown().await;
}
