//! What a server costs that nobody uses: memory and start-up.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use serde_json::json;

use crate::place::{DESK, Desk, Place};
use crate::report::{Row, percentile, progress};
use crate::{Bench, number};

const MANY: usize = 10_000;

async fn desk_with(faqs: usize) -> Result<(Place, Vec<String>)> {
    let place = Place::sqlite()?;
    let open = place.open().await?;
    open.apply(&Desk { by: "builtin", url: None, faqs, ..Desk::default() }).await?;
    let headers = open.app_headers()?;
    open.close().await;
    Ok((place, headers))
}

/// Resident memory with few and with many FAQs, after the engine has answered and then nothing happened.
pub async fn memory(bench: &Bench) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for faqs in [60, MANY] {
        let (place, headers) = desk_with(faqs).await?;
        let server = place.serve(&bench.deskwire)?;
        let started = server.resident()?;
        warm(&server.url, &headers).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let bytes = server.resident()?;
        server.stop()?;
        let mib = |bytes: u64| number(bytes / 1024) / 1024.0;
        let value = format!("{:.1} MiB ({:.1} at the ready line)", mib(bytes), mib(started));
        progress(&format!("memory with {faqs} FAQs: {value}"));
        let row = Row::value(format!("resident memory, idle, {faqs} FAQs"), value);
        rows.push(if faqs == MANY { row.target("< 60 MB", bytes < 60_000_000) } else { row });
    }
    Ok(rows)
}

/// Has the engine search and answer.
async fn warm(url: &str, headers: &[String]) -> Result<()> {
    let client = Client::builder().no_proxy().build()?;
    for _ in 0..20 {
        let mut search = client.get(format!("{url}/open-apis/helpdesk/v1/faqs/search?query=reset%20password"));
        for header in headers {
            let (name, value) = header.split_once(": ").context("a header with a colon")?;
            search = search.header(name, value);
        }
        let answer = search.send().await?;
        ensure!(answer.status() == 200, "a search was answered with {}", answer.text().await?);
        let session = client.post(format!("{url}/guest/v1/desks/{DESK}/sessions")).json(&json!({"name": "Gina"}));
        let session: serde_json::Value = session.send().await?.json().await?;
        let token = session["session_token"].as_str().context("a session")?;
        let question = json!({"text": "How do I reset my password?"});
        let asked = client.post(format!("{url}/guest/v1/messages")).bearer_auth(token).json(&question).send().await?;
        ensure!(asked.status() == 201, "a question was answered with {}", asked.status());
    }
    Ok(())
}

/// From the start of the process to its ready line.
pub async fn start(bench: &Bench) -> Result<Vec<Row>> {
    let runs = bench.size(7, 3);
    let mut empty = Vec::new();
    let mut demo = Vec::new();
    for _ in 0..runs {
        empty.push(ready_in(bench, &Place::sqlite()?, "serve")?);
        demo.push(ready_in(bench, &Place::sqlite()?, "dev")?);
    }
    let (place, _) = desk_with(MANY).await?;
    let many: Vec<Duration> = (0..runs).map(|_| ready_in(bench, &place, "serve")).collect::<Result<_>>()?;
    let row = |figure: &str, mut times: Vec<Duration>, target: Option<f64>| {
        times.sort_unstable();
        let median = percentile(&times, 0.5).unwrap_or(f64::INFINITY);
        let slowest = percentile(&times, 1.0).unwrap_or(f64::INFINITY);
        let value = format!("{:.0} ms (slowest of {}: {:.0} ms)", median / 1e3, times.len(), slowest / 1e3);
        progress(&format!("ready, {figure}: {value}"));
        let row = Row::value(format!("ready, {figure}"), value);
        match target {
            Some(most) => row.target(format!("< {most:.0} ms"), median < most * 1e3),
            None => row,
        }
    };
    Ok(vec![
        row("empty database", empty, Some(150.0)),
        row("demo desk (dev)", demo, None),
        row("10000 FAQs", many, None),
    ])
}

fn ready_in(bench: &Bench, place: &Place, command: &str) -> Result<Duration> {
    let server = place.start(&bench.deskwire, command)?;
    let time = server.ready_in;
    server.stop()?;
    Ok(time)
}
