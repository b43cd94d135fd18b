//! The long connection: ask where to connect, connect, take events in, acknowledge them, come back when it is lost
//! (reference: platform-protocol 6).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{self, Message};
use wire::frame::{CONTROL, DATA, Frame, Header, key};
use wire::long_connection::{
    APP_INVALID, ClientConfig, HANDSHAKE_AUTH_FAILED, HANDSHAKE_FORBIDDEN, NO_CREDENTIAL, TOO_MANY_CONNECTIONS,
};

use crate::client::Client;
use crate::intake::{Fault, Intake};
use crate::{Clock, StartError, random_below};

/// Before the first discovery tells others.
const FIRST_CONFIG: ClientConfig =
    ClientConfig { reconnect_count: -1, reconnect_interval: 5, reconnect_nonce: 3, ping_interval: 90 };
/// Events taken in at the same time; no more frames are read meanwhile.
const SIDE_BY_SIDE: usize = 256;
const CONNECT_MAX: Duration = Duration::from_secs(15);
/// A message beyond this is no frame of the platform's.
const MESSAGE_MAX: usize = 4 << 20;
/// How long the parts of an event are waited for.
const PARTS_KEPT: Duration = Duration::from_secs(10);
const PARTS_MAX: usize = 1_024;
const BUFFERS_MAX: usize = 64;
/// How long the last acknowledgements may take at the end.
const FAREWELL_MAX: Duration = Duration::from_secs(2);

/// Why a connection could not be had.
enum No {
    /// Trying again is of no use: credentials or settings have to change.
    Final(String),
    Retry(String),
}

#[derive(Deserialize)]
struct Discovered {
    code: i64,
    #[serde(default)]
    msg: String,
    #[serde(default)]
    data: Endpoint,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Endpoint {
    #[serde(rename = "URL")]
    url: String,
    #[serde(rename = "ClientConfig")]
    client_config: Option<ClientConfig>,
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// Keeps a connection until it is told to stop. `live` says whether there is one.
pub(crate) async fn run(
    client: Arc<Client>,
    intake: Intake,
    live: watch::Sender<bool>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), StartError> {
    let mut config = FIRST_CONFIG;
    let mut ever = false;
    let mut failures: i64 = 0;
    while !*stop.borrow() {
        match open(&client, &mut config).await {
            Ok((socket, service)) => {
                tracing::info!("connected");
                (ever, failures) = (true, 0);
                live.send_replace(true);
                let why = Session { intake: intake.clone(), service, config }.run(socket, &mut stop).await;
                live.send_replace(false);
                if *stop.borrow() {
                    break;
                }
                tracing::warn!(why, "the connection is lost");
                let nonce = u64::try_from(config.reconnect_nonce).unwrap_or(0).clamp(1, 300);
                pause(client.clock(), Duration::from_millis(random_below(nonce * 1_000)), &mut stop).await;
            }
            // Once connected, the fault may be the platform's own and pass.
            Err(No::Final(why)) if !ever => return Err(StartError::Config(why)),
            Err(No::Final(why) | No::Retry(why)) => {
                failures += 1;
                if config.reconnect_count >= 0 && failures > config.reconnect_count {
                    return Err(StartError::Other(format!("no long connection after {failures} tries: {why}")));
                }
                tracing::warn!(why, failures, "no long connection; trying again");
                let seconds = u64::try_from(config.reconnect_interval).unwrap_or(0).clamp(1, 600);
                // Some jitter, so that many instances do not come back at the same moment.
                let wait = Duration::from_millis(seconds * 750 + random_below(seconds * 500));
                pause(client.clock(), wait, &mut stop).await;
            }
        }
    }
    Ok(())
}

async fn pause(clock: &Arc<dyn Clock>, time: Duration, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = clock.sleep(time) => {}
        _ = stop.changed() => {}
    }
}

async fn open(client: &Client, config: &mut ClientConfig) -> Result<(Socket, i32), No> {
    let credentials = client.credentials();
    let body = json!({"AppID": credentials.app_id, "AppSecret": credentials.app_secret});
    let asking = client.post("/callback/ws/endpoint").header("locale", "zh").json(&body).send();
    let response = asking.await.map_err(|error| No::Retry(format!("discovery: {}", error.without_url())))?;
    let status = response.status();
    let text = response.bytes().await.map_err(|error| No::Retry(format!("discovery: {}", error.without_url())))?;
    let found: Discovered = serde_json::from_slice(&text)
        .map_err(|_| No::Retry(format!("discovery answered HTTP {} without a code", status.as_u16())))?;
    if found.code != 0 {
        let why = format!("the long connection was refused: {} (code {})", found.msg, found.code);
        let last = [APP_INVALID.number, NO_CREDENTIAL.number, TOO_MANY_CONNECTIONS.number, 403, 514];
        return Err(if last.contains(&found.code) { No::Final(why) } else { No::Retry(why) });
    }
    if let Some(told) = found.data.client_config.filter(usable) {
        *config = told;
    }
    let limits = tungstenite::protocol::WebSocketConfig::default().max_message_size(Some(MESSAGE_MAX));
    let connecting = tokio_tungstenite::connect_async_with_config(&found.data.url, Some(limits), true);
    let connected = tokio::time::timeout(CONNECT_MAX, connecting).await;
    let (socket, _) = connected.map_err(|_| No::Retry("connecting took too long".into()))?.map_err(refused)?;
    Ok((socket, service(&found.data.url)))
}

/// A client without a ping interval would ping without pause.
fn usable(config: &ClientConfig) -> bool {
    config.ping_interval > 0
}

/// What a refused handshake means (reference: platform-protocol 6.2).
fn refused(error: tungstenite::Error) -> No {
    let tungstenite::Error::Http(response) = error else { return No::Retry(format!("connecting failed: {error}")) };
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let why = format!("the handshake was refused: {} {}", header("Handshake-Status"), header("Handshake-Msg"));
    let status = header("Handshake-Status").parse().unwrap_or(0);
    let code = header("Handshake-Autherrcode").parse().unwrap_or(0);
    let last =
        status == HANDSHAKE_FORBIDDEN || (status == HANDSHAKE_AUTH_FAILED && code == TOO_MANY_CONNECTIONS.number);
    if last { No::Final(why) } else { No::Retry(why) }
}

fn service(url: &str) -> i32 {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let value = query.split('&').find_map(|pair| pair.strip_prefix("service_id="));
    value.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

struct Session {
    intake: Intake,
    service: i32,
    config: ClientConfig,
}

impl Session {
    /// Runs until the connection is lost or the program stops; answers why.
    async fn run(mut self, socket: Socket, stop: &mut watch::Receiver<bool>) -> String {
        let (mut writer, mut reader) = socket.split();
        // Every sender holds a permit or is this loop, so there is always room.
        let (send, mut to_send) = mpsc::channel::<Frame>(SIDE_BY_SIDE + 8);
        let permits = Arc::new(Semaphore::new(SIDE_BY_SIDE));
        let mut parts = Parts::default();
        let mut ping_at = Instant::now();
        let mut heard_at = Instant::now();
        let why = loop {
            let interval = Duration::from_secs(u64::try_from(self.config.ping_interval).unwrap_or(1).clamp(1, 3_600));
            tokio::select! {
                _ = stop.changed() => break "stopping".to_owned(),
                () = tokio::time::sleep_until(ping_at) => {
                    if heard_at.elapsed() > 2 * interval + Duration::from_secs(5) {
                        break "nothing was heard for two pings".to_owned();
                    }
                    ping_at = Instant::now() + interval;
                    if let Err(error) = writer.send(binary(&ping(self.service))).await {
                        break error.to_string();
                    }
                }
                Some(frame) = to_send.recv() => {
                    if let Err(error) = writer.send(binary(&frame)).await {
                        break error.to_string();
                    }
                }
                next = reader.next(), if permits.available_permits() > 0 => {
                    heard_at = Instant::now();
                    match next {
                        None => break "closed by the other side".to_owned(),
                        Some(Err(error)) => break error.to_string(),
                        Some(Ok(Message::Binary(bytes))) => self.frame(bytes, &mut parts, &permits, &send),
                        Some(Ok(_)) => {}
                    }
                }
            }
        };
        // What was taken in is acknowledged before leaving; the rest comes again.
        drop(send);
        let farewell = async {
            while let Some(frame) = to_send.recv().await {
                if writer.send(binary(&frame)).await.is_err() {
                    return;
                }
            }
            let _ = writer.close().await;
        };
        let _ = tokio::time::timeout(FAREWELL_MAX, farewell).await;
        why
    }

    fn frame(&mut self, bytes: Bytes, parts: &mut Parts, permits: &Arc<Semaphore>, send: &mpsc::Sender<Frame>) {
        let frame = match Frame::decode(bytes) {
            Ok(frame) => frame,
            Err(error) => return tracing::warn!(%error, "a frame that cannot be read"),
        };
        match (frame.method, frame.header(key::TYPE)) {
            (CONTROL, Some(key::PONG)) => {
                let told = frame.payload.as_deref().and_then(|json| serde_json::from_slice(json).ok());
                if let Some(config) = told.filter(usable) {
                    self.config = config;
                }
            }
            (DATA, Some(key::EVENT)) => {
                let Some(event) = parts.add(&frame) else { return };
                // The loop reads only while there is one.
                let Ok(permit) = Arc::clone(permits).try_acquire_owned() else { return };
                let (intake, send) = (self.intake.clone(), send.clone());
                tokio::spawn(async move {
                    let began = Instant::now();
                    let code = match intake.take(&event).await {
                        Ok(()) => 200,
                        // It will not get better by coming again.
                        Err(error @ Fault::Malformed(_)) => {
                            tracing::warn!(%error, "an event that cannot be read");
                            200
                        }
                        Err(error) => {
                            tracing::error!(%error, "an event was not taken; it will come again");
                            500
                        }
                    };
                    // Without the connection it comes again, and is known then.
                    let _ = send.send(acknowledge(frame, code, began.elapsed())).await;
                    drop(permit);
                });
            }
            _ => {}
        }
    }
}

fn binary(frame: &Frame) -> Message {
    Message::Binary(frame.encode_to_vec().into())
}

fn ping(service: i32) -> Frame {
    Frame { service, method: CONTROL, headers: vec![Header::new(key::TYPE, key::PING)], ..Frame::default() }
}

fn acknowledge(mut frame: Frame, code: u16, took: Duration) -> Frame {
    frame.headers.push(Header::new(key::BIZ_RT, took.as_millis().to_string()));
    frame.payload = Some(format!("{{\"code\":{code}}}").into());
    frame
}

/// Events that have come in part.
#[derive(Default)]
struct Parts {
    buffers: HashMap<String, Buffer>,
}

struct Buffer {
    parts: Vec<Option<Bytes>>,
    touched: Instant,
}

impl Parts {
    /// The whole event, once this is the part that was missing.
    fn add(&mut self, frame: &Frame) -> Option<Bytes> {
        let payload = frame.payload.clone().unwrap_or_default();
        let number = |name: &str| frame.header(name).and_then(|digits| digits.parse::<usize>().ok());
        let sum = number(key::SUM).unwrap_or(1);
        if sum <= 1 {
            return Some(payload);
        }
        let (id, seq) = (frame.header(key::MESSAGE_ID)?, number(key::SEQ).unwrap_or(0));
        if sum > PARTS_MAX || seq >= sum {
            return None;
        }
        self.buffers.retain(|_, buffer| buffer.touched.elapsed() < PARTS_KEPT);
        if self.buffers.len() >= BUFFERS_MAX && !self.buffers.contains_key(id) {
            return None;
        }
        let fresh = || Buffer { parts: vec![None; sum], touched: Instant::now() };
        let buffer = self.buffers.entry(id.to_owned()).or_insert_with(fresh);
        if buffer.parts.len() != sum {
            return None;
        }
        buffer.parts[seq] = Some(payload);
        buffer.touched = Instant::now();
        if buffer.parts.iter().any(Option::is_none) {
            return None;
        }
        let whole = self.buffers.remove(id)?;
        Some(whole.parts.into_iter().flatten().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(id: &str, sum: &str, seq: &str, payload: &'static [u8]) -> Frame {
        let headers = [(key::MESSAGE_ID, id), (key::SUM, sum), (key::SEQ, seq)];
        let headers = headers.iter().map(|(key, value)| Header::new(key, *value)).collect();
        Frame { headers, payload: Some(payload.into()), method: DATA, ..Frame::default() }
    }

    #[tokio::test]
    async fn parts_are_joined_in_whatever_order_they_come() {
        let mut parts = Parts::default();
        assert_eq!(parts.add(&part("a", "1", "0", b"x")).unwrap(), "x");
        let text = "忘记".as_bytes();
        assert_eq!(parts.add(&part("b", "2", "1", &text[4..])), None);
        assert_eq!(parts.add(&part("b", "3", "0", b"x")), None);
        assert_eq!(parts.add(&part("b", "2", "7", b"x")), None);
        assert_eq!(parts.add(&part("b", "2", "0", &text[..4])).unwrap(), text);
        assert!(parts.buffers.is_empty());
    }

    #[test]
    fn a_ping_is_the_sdks_ping() {
        assert_eq!(hex::encode(ping(33_554_678).encode_to_vec()), "0800100018f681801020002a0c0a0474797065120470696e67");
        assert_eq!(service("wss://h/ws/v2?fpid=493&service_id=33554678&ticket=x"), 33_554_678);
    }
}
