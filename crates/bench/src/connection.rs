//! A client of the long connection that acknowledges whatever comes.

use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use wire::frame::{DATA, Frame};

use crate::place::APP_SECRET;
use crate::sink::{self, Sink};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// An open connection; it closes with its value.
pub struct Connection(JoinHandle<()>);

impl Connection {
    /// Connects the app to the server at `url`; its events are noted at `to`.
    pub async fn open(client: &Client, url: &str, app_id: &str, to: &Arc<Sink>) -> Result<Self> {
        let ask = json!({"AppID": app_id, "AppSecret": APP_SECRET});
        let answer = client.post(format!("{url}/callback/ws/endpoint")).json(&ask).send().await?;
        let answer: Value = answer.json().await?;
        ensure!(answer["code"] == 0, "discovery refused {app_id}: {answer}");
        Self::at(answer["data"]["URL"].as_str().context("a URL")?, to).await
    }

    /// Connects to this address, which stands for an app already.
    pub async fn at(address: &str, to: &Arc<Sink>) -> Result<Self> {
        let (socket, _) = tokio_tungstenite::connect_async(address).await?;
        let to = Arc::clone(to);
        Ok(Self(tokio::spawn(async move {
            // It ends with the server or with this value.
            let _ = answer_all(socket, &to).await;
        })))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn answer_all(mut socket: Socket, to: &Sink) -> Result<()> {
    while let Some(message) = socket.next().await {
        let Message::Binary(bytes) = message? else { continue };
        let mut frame = Frame::decode(bytes)?;
        if frame.method != DATA {
            continue;
        }
        let Some(payload) = &frame.payload else { bail!("an event without payload") };
        sink::note(to, std::str::from_utf8(payload)?);
        frame.payload = Some(Bytes::from_static(br#"{"code":200}"#));
        socket.send(Message::Binary(frame.encode_to_vec().into())).await?;
    }
    Ok(())
}
