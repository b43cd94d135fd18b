//! Guests who have a chat open: memory and processor time of their event streams, and how fast a message is at all of them.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::place::{DESK, Desk, Place};
use crate::process::Process;
use crate::report::{Row, micros, percentile, progress};
use crate::{Bench, number};

const KB_EACH_MAX: f64 = 40.0;
const ALL_MS_MAX: f64 = 250.0;
const IDLE_PERCENT_MAX: f64 = 2.0;
const PATIENCE: Duration = Duration::from_secs(30);

/// All of it.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let count = bench.size(500_usize, 50);
    let place = Place::sqlite()?;
    let open = place.open().await?;
    open.apply(&Desk { by: "app", url: None, faqs: 60, ..Desk::default() }).await?;
    open.close().await;
    let server = place.serve(&bench.deskwire)?;
    let client = Client::builder().no_proxy().build()?;
    let mut guests = Vec::with_capacity(count);
    for _ in 0..count {
        guests.push(arrive(&client, &server.url).await?);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = (server.resident()?, idle(bench, &server).await?);
    let mut streams = Vec::with_capacity(count);
    for guest in &guests {
        streams.push(follow(&client, &server.url, guest).await?);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let each = number(server.resident()?.saturating_sub(before.0)) / 1e3 / number(u64::try_from(count)?);
    let busy = idle(bench, &server).await?;
    drop(streams);
    let (alone, all) = (heard(&client, &server.url, 1, 20).await?, heard(&client, &server.url, count, 20).await?);
    server.stop()?;
    progress(&format!("{count} guests' streams: {each:.1} kB each, {busy:.2} % of a processor"));
    let mut together = Row::value(format!("from sending a message to all {count} streams of its chat"), "");
    (together.p50, together.p99) = (percentile(&all, 0.5), percentile(&all, 0.99));
    let mut single = Row::value("from sending a message to the only stream of its chat", "");
    (single.p50, single.p99) = (percentile(&alone, 0.5), percentile(&alone, 0.99));
    let p99 = together.p99.unwrap_or(f64::INFINITY) / 1e3;
    let ratio = together.p50.unwrap_or(f64::INFINITY) / single.p50.unwrap_or(f64::INFINITY);
    together.value = format!("{} messages, {ratio:.1}x of one stream", all.len());
    Ok(vec![
        Row::value(format!("memory of a guest's open stream, {count} at once"), format!("{each:.1} kB each"))
            .target(format!("< {KB_EACH_MAX:.0} kB"), each < KB_EACH_MAX),
        Row::value(
            format!("processor while {count} guests' streams are idle"),
            format!("{busy:.2} % of one ({:.2} % without them)", before.1),
        )
        .target(format!("< {IDLE_PERCENT_MAX:.0} %"), busy < IDLE_PERCENT_MAX),
        single,
        together.target(format!("p99 < {ALL_MS_MAX:.0} ms"), p99 < ALL_MS_MAX),
    ])
}

/// A guest of their own; answers the session token.
async fn arrive(client: &Client, url: &str) -> Result<String> {
    let asked = client.post(format!("{url}/guest/v1/desks/{DESK}/sessions")).json(&json!({"name": "Gina"}));
    let session: Value = asked.send().await?.json().await?;
    Ok(session["session_token"].as_str().with_context(|| format!("no session: {session}"))?.to_owned())
}

async fn follow(client: &Client, url: &str, token: &str) -> Result<Response> {
    let stream = client.get(format!("{url}/guest/v1/stream")).bearer_auth(token).send().await?;
    ensure!(stream.status() == 200, "a stream was answered with {}", stream.status());
    Ok(stream)
}

/// How much of one processor the server uses while nothing happens, in percent.
async fn idle(bench: &Bench, server: &Process) -> Result<f64> {
    let (began, used) = (Instant::now(), server.processor_time()?);
    tokio::time::sleep(Duration::from_secs(bench.size(20, 3))).await;
    let used = server.processor_time()?.saturating_sub(used);
    Ok(100.0 * used.as_secs_f64() / began.elapsed().as_secs_f64())
}

/// From before a message is sent until `count` streams of its chat have it, for so many messages one after the other.
async fn heard(client: &Client, url: &str, count: usize, messages: usize) -> Result<Vec<Duration>> {
    let token = arrive(client, url).await?;
    let mut streams = Vec::with_capacity(count);
    for _ in 0..count {
        streams.push(follow(client, url, &token).await?);
    }
    let mut times = Vec::with_capacity(messages);
    for at in 0..messages {
        let mark = format!("message {at} of {messages}");
        let began = Instant::now();
        let mut waiting = JoinSet::new();
        for stream in streams.drain(..) {
            let mark = mark.clone();
            waiting.spawn(async move { tokio::time::timeout(PATIENCE, until(stream, &mark)).await? });
        }
        let sent = client.post(format!("{url}/guest/v1/messages")).bearer_auth(&token).json(&json!({"text": mark}));
        ensure!(sent.send().await?.status() == 201, "a message was refused");
        while let Some(stream) = waiting.join_next().await {
            streams.push(stream??);
        }
        times.push(began.elapsed());
    }
    times.sort_unstable();
    progress(&format!(
        "{count} streams of a chat heard {messages} messages; the slowest took {:.1} ms",
        times.last().map_or(0.0, |t| micros(*t) / 1e3)
    ));
    Ok(times)
}

/// Reads until the stream told of the text.
async fn until(mut stream: Response, mark: &str) -> Result<Response> {
    let mut read = String::new();
    while !read.contains(mark) {
        let bytes = stream.chunk().await?.context("the stream ended")?;
        read.push_str(&String::from_utf8_lossy(&bytes));
    }
    Ok(stream)
}
