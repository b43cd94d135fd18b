//! The task of one connection: writes events, reads pings and answers, notices when the other side is gone.
//!
//! Its times are network time: a desk's clock that is moved must not end connections.

use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message as Packet, WebSocket, close_code};
use bytes::Bytes;
use desk::outbox::{self, Late};
use prost::Message;
use tokio::sync::mpsc;
use wire::frame::{CONTROL, DATA, Frame, key};
use wire::long_connection::EventAnswer;

use super::deliver::ACKNOWLEDGED;
use super::live::{Connection, Entry};
use super::parts::{self, MessageId, Push};
use crate::app::App;
use crate::clock::Moment;

/// Node loses an event that comes with the handshake's answer, so the first waits for the first ping, or this long.
const READY_AFTER: Duration = Duration::from_millis(200);
/// How often a WebSocket ping is sent: openlark leaves after 120 s without one.
const PING_EVERY: Duration = Duration::from_secs(30);
/// Who has not sent anything for so long, not even an answer to a ping, is gone.
const SILENT_MAX: Duration = Duration::from_secs(75);
/// How long the other side may take to accept one message.
const WRITE_MAX: Duration = Duration::from_secs(30);
/// How long shutdown waits for the answers to what was sent; as long as they may take.
const DRAIN_MAX: Duration = Duration::from_secs(3);
/// How often that is looked at.
const DRAIN_LOOK: Duration = Duration::from_millis(20);
/// How long a closing connection waits for the other side's part.
const GOODBYE_MAX: Duration = Duration::from_millis(300);

/// Why a connection ends.
#[derive(Debug)]
enum End {
    /// The other side broke off.
    Gone,
    /// The other side closes it.
    Left,
    /// We close it.
    Close(u16, &'static str),
}

struct Task {
    app: App,
    entry: Entry,
    socket: WebSocket,
    /// Events written so far.
    count: u64,
    heard: Moment,
    /// Deliveries that wait for a connection were let go a second time.
    settled: bool,
}

/// Keeps a connection until either side ends it.
pub(crate) async fn run(app: App, entry: Entry, socket: WebSocket, outgoing: mpsc::Receiver<Box<Push>>) {
    let (app_id, peer) = (entry.connection.app_id.clone(), entry.connection.peer.clone());
    tracing::debug!(app_id, peer, "a long connection is open");
    let heard = app.clock().network().now();
    let mut task = Task { app, entry, socket, count: 0, heard, settled: false };
    let end = task.keep(outgoing).await;
    tracing::debug!(app_id, peer, ?end, "a long connection ends");
    match end {
        End::Gone => {}
        End::Left => task.close(None).await,
        End::Close(code, why) => task.close(Some(CloseFrame { code, reason: why.into() })).await,
    }
}

impl Task {
    async fn keep(&mut self, mut outgoing: mpsc::Receiver<Box<Push>>) -> End {
        let mut stop = self.app.workers().stop();
        let connection = Arc::clone(&self.entry.connection);
        let timers = self.app.clock().network().clone();
        let mut ping = pin!(timers.sleep(PING_EVERY));
        let mut silent = pin!(timers.sleep_until(self.heard + SILENT_MAX));
        let (mut unready, mut ready) = (pin!(timers.sleep(READY_AFTER)), false);
        // The directory may have changed since the handshake.
        if !connection.allowed(&self.app.directory()) {
            connection.dismissed.notify_one();
        }
        loop {
            let after = tokio::select! {
                packet = self.socket.recv() => match self.take(packet).await {
                    ControlFlow::Continue(true) if !ready => {
                        ready = true;
                        self.entry.ready();
                        ControlFlow::Continue(())
                    }
                    after => after.map_continue(|_| ()),
                },
                Some(push) = outgoing.recv() => self.write_event(&push).await,
                () = &mut unready, if !ready => {
                    ready = true;
                    self.entry.ready();
                    ControlFlow::Continue(())
                }
                () = &mut ping => {
                    ping.set(timers.sleep(PING_EVERY));
                    self.ping().await
                }
                () = &mut silent => match self.heard + SILENT_MAX {
                    over if over <= timers.now() => ControlFlow::Break(End::Gone),
                    // Something was heard meanwhile.
                    over => {
                        silent.set(timers.sleep_until(over));
                        ControlFlow::Continue(())
                    }
                },
                () = connection.dismissed.notified() => {
                    ControlFlow::Break(End::Close(close_code::POLICY, "the app may not be connected any more"))
                }
                () = stop.requested() => return self.drain(outgoing).await,
            };
            if let ControlFlow::Break(end) = after {
                return end;
            }
        }
    }

    /// Deals with what came; whether it was a client's ping.
    async fn take(&mut self, packet: Option<Result<Packet, axum::Error>>) -> ControlFlow<End, bool> {
        let bytes = match packet {
            Some(Ok(Packet::Binary(bytes))) => bytes,
            // The library answers pings by itself.
            Some(Ok(Packet::Ping(_) | Packet::Pong(_))) => {
                self.heard = self.app.clock().network().now();
                return ControlFlow::Continue(false);
            }
            Some(Ok(Packet::Text(_))) => {
                return ControlFlow::Break(End::Close(close_code::UNSUPPORTED, "only binary messages are taken"));
            }
            Some(Ok(Packet::Close(_))) => return ControlFlow::Break(End::Left),
            Some(Err(_)) | None => return ControlFlow::Break(End::Gone),
        };
        self.heard = self.app.clock().network().now();
        let Ok(frame) = Frame::decode(bytes) else {
            return ControlFlow::Break(End::Close(close_code::PROTOCOL, "not a frame"));
        };
        match (frame.method, frame.header(key::TYPE)) {
            (CONTROL, Some(key::PING)) => {
                self.entry.connection.pinged(self.app.now_ms());
                self.write(parts::pong(&frame)).await.map_continue(|()| true)
            }
            (DATA, _) => {
                answered(&self.app, &self.entry.connection, &frame).await;
                ControlFlow::Continue(false)
            }
            // Whatever newer clients may send.
            _ => ControlFlow::Continue(false),
        }
    }

    async fn write_event(&mut self, push: &Push) -> ControlFlow<End> {
        self.count += 1;
        for message in parts::messages(push, self.count, self.app.now_ms()) {
            self.write(message).await?;
        }
        ControlFlow::Continue(())
    }

    async fn write(&mut self, message: Bytes) -> ControlFlow<End> {
        self.put(Packet::Binary(message)).await
    }

    async fn put(&mut self, packet: Packet) -> ControlFlow<End> {
        match self.app.clock().network().timeout(WRITE_MAX, self.socket.send(packet)).await {
            Ok(Ok(())) => ControlFlow::Continue(()),
            Ok(Err(_)) | Err(_) => ControlFlow::Break(End::Gone),
        }
    }

    async fn ping(&mut self) -> ControlFlow<End> {
        // Another server may have had an event wait for a connection just as this one came.
        if !std::mem::replace(&mut self.settled, true) {
            self.entry.ready();
        }
        self.put(Packet::Ping(Bytes::new())).await
    }

    /// Shutdown: nothing new is sent, but what was sent may still be answered.
    async fn drain(&mut self, mut outgoing: mpsc::Receiver<Box<Push>>) -> End {
        self.entry.closing();
        let connection = Arc::clone(&self.entry.connection);
        let app = self.app.clone();
        let timers = app.clock().network();
        let mut too_long = pin!(timers.sleep(DRAIN_MAX));
        while app.long_connections().live.in_flight(&connection) > 0 {
            let after = tokio::select! {
                packet = self.socket.recv() => self.take(packet).await.map_continue(|_| ()),
                Some(push) = outgoing.recv() => self.write_event(&push).await,
                () = timers.sleep(DRAIN_LOOK) => ControlFlow::Continue(()),
                () = &mut too_long => break,
            };
            if let ControlFlow::Break(end) = after {
                return end;
            }
        }
        End::Close(close_code::AWAY, "the server is stopping")
    }

    /// Says goodbye, or lets the library answer one, and waits a moment, so that the other side reads it before the
    /// connection breaks. No event is sent on it any more.
    async fn close(self, goodbye: Option<CloseFrame>) {
        let Self { app, entry, mut socket, .. } = self;
        drop(entry);
        let parting = async {
            if let Some(frame) = goodbye {
                socket.send(Packet::Close(Some(frame))).await?;
            }
            while let Some(Ok(_)) = socket.recv().await {}
            Ok::<_, axum::Error>(())
        };
        // Nothing depends on it.
        let _ = app.clock().network().timeout(GOODBYE_MAX, parting).await;
    }
}

/// An answer counts by its message id alone: Node changes the frame's numbers.
async fn answered(app: &App, connection: &Connection, frame: &Frame) {
    let Some(id) = frame.header(key::MESSAGE_ID).and_then(MessageId::parse) else { return };
    let payload = frame.payload.as_deref().unwrap_or_default();
    let code = serde_json::from_slice::<EventAnswer>(payload).ok().map(|answer| answer.code);
    let awaited = app.long_connections().live.answered(&connection.app_id, id, code);
    if !awaited && code == Some(ACKNOWLEDGED) {
        acknowledged_late(app, connection, id).await;
    }
}

/// The attempt was given up, but the app has the event. If that cannot be noted the event is only sent again.
async fn acknowledged_late(app: &App, connection: &Connection, id: MessageId) {
    let app_id = connection.app_id.clone();
    let Some(tenant) = app.directory().apps.get(&app_id).map(|app| app.tenant.clone()) else { return };
    let outcome = format!("{ACKNOWLEDGED} from {}, too late for its attempt", connection.peer);
    let late = Late { delivery_id: id.delivery_id(), attempt: id.attempt(), outcome };
    let noted = app.write(move |tx, cx| Ok(outbox::acknowledged_late(tx, cx, &tenant, &app_id, &late)?));
    match noted.await {
        Ok(true) => app.metrics().delivered("long_connection", "late"),
        Ok(false) => {}
        Err(refusal) => tracing::warn!(%refusal, "a late acknowledgement could not be noted"),
    }
}
