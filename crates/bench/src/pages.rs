//! What people's pages cost: the widget, the first look at a chat, and a console with many tickets, in a real browser.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::growth::judge;
use crate::place::{DESK, Desk, EMAIL, PASSWORD, Place};
use crate::process::Process;
use crate::report::{Row, percentile, progress};
use crate::wrk::{Counted, Line, Load};
use crate::{Bench, repository, tickets, wrk};

const WIDGET_MAX: usize = 30_000;
const CHAT_BYTES_MAX: u64 = 40_000;
const CHAT_REQUESTS_MAX: u32 = 10;
const INTERACTIVE_MS_MAX: f64 = 500.0;
/// As many rows as a call may answer.
const PAGE_MAX: u32 = 200;
const DOM_MAX: u32 = 60;
const LIST_P99_MS_MAX: f64 = 50.0;
const FEW: u32 = 1_000;
const CALLERS: u32 = 8;

#[derive(Debug, Deserialize)]
struct Chat {
    requests: u32,
    bytes: u64,
    took_ms: Vec<f64>,
    bare_ms: Vec<f64>,
}

#[derive(Debug, Deserialize)]
struct Scrolled {
    requests: u32,
    rows_max: u32,
    tickets: u32,
    dom_max: u32,
}

/// All of it.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mut rows = vec![widget()?];
    rows.extend(chat(bench).await?);
    rows.extend(console(bench).await?);
    Ok(rows)
}

fn web() -> Result<PathBuf> {
    Ok(repository()?.join("web"))
}

/// Runs `web/scripts/measure.mjs`.
fn browse<T: DeserializeOwned>(args: &[&str]) -> Result<T> {
    let run = Command::new("node").arg("scripts/measure.mjs").args(args).current_dir(web()?).output();
    let run = run.context("Node cannot be started; the pages are measured with it")?;
    ensure!(run.status.success(), "the browser saw no page: {}", String::from_utf8_lossy(&run.stderr).trim());
    Ok(serde_json::from_slice(&run.stdout)?)
}

/// The widget as it travels.
fn widget() -> Result<Row> {
    let script = "import('./scripts/size.mjs').then(async (m) => console.log((await m.widgetSize()).gzip))";
    let run =
        Command::new("node").args(["-e", script]).current_dir(web()?).output().context("Node cannot be started")?;
    let told = String::from_utf8_lossy(&run.stdout);
    let bytes: usize = told.trim().parse().context("the pages are not built; run scripts/pages")?;
    Ok(Row::value("widget, gzip", format!("{bytes} bytes")).target(format!("<= {WIDGET_MAX}"), bytes <= WIDGET_MAX))
}

/// The first look at a chat.
async fn chat(bench: &Bench) -> Result<Vec<Row>> {
    let place = Place::sqlite()?;
    let open = place.open().await?;
    open.apply(&Desk { by: "builtin", url: None, faqs: 60, ..Desk::default() }).await?;
    open.close().await;
    let server = place.serve(&bench.deskwire)?;
    let runs = bench.size(9, 3).to_string();
    let seen: Chat = browse(&["chat", &format!("{}/desk/{DESK}", server.url), &runs])?;
    server.stop()?;
    let (bytes, requests) = (seen.bytes, seen.requests);
    let (chat, bare) = (sorted(&seen.took_ms), sorted(&seen.bare_ms));
    let mut row = Row::value("first look at a chat: the field takes text", format!("median of {runs}"));
    (row.p50, row.p99) = (percentile(&chat, 0.5), percentile(&chat, 1.0));
    let median = row.p50.unwrap_or(f64::INFINITY) / 1e3;
    let mut plain = Row::value("a page with nothing but a field, the same browser", "");
    (plain.p50, plain.p99) = (percentile(&bare, 0.5), percentile(&bare, 1.0));
    let ratio = median / (plain.p50.unwrap_or(f64::INFINITY) / 1e3);
    row.value = format!("{}, {ratio:.1}x of a bare page", row.value);
    progress(&format!("first look at a chat: {bytes} bytes, {requests} requests, {median:.0} ms"));
    Ok(vec![
        Row::value("first look at a chat: transferred", format!("{bytes} bytes"))
            .target(format!("<= {CHAT_BYTES_MAX}"), bytes <= CHAT_BYTES_MAX),
        Row::value("first look at a chat: requests", requests.to_string())
            .target(format!("<= {CHAT_REQUESTS_MAX}"), requests <= CHAT_REQUESTS_MAX),
        row.target(format!("p50 < {INTERACTIVE_MS_MAX:.0} ms"), median < INTERACTIVE_MS_MAX),
        plain,
    ])
}

fn sorted(millis: &[f64]) -> Vec<Duration> {
    let mut times: Vec<Duration> = millis.iter().map(|ms| Duration::from_secs_f64(ms / 1e3)).collect();
    times.sort_unstable();
    times
}

/// A server whose help desk has so many open tickets.
struct Side {
    place: Place,
    server: Process,
    headers: Vec<String>,
}

impl Side {
    async fn with(bench: &Bench, count: u32) -> Result<Self> {
        let place = Place::sqlite()?;
        let open = place.open().await?;
        open.apply(&Desk { by: "builtin", url: None, faqs: 60, ..Desk::default() }).await?;
        open.close().await;
        tickets::fill(&place.file(), count)?;
        tickets::hand_over(&place.file())?;
        let server = place.serve(&bench.deskwire)?;
        let body = json!({"email": EMAIL, "password": PASSWORD, "cookie": false});
        let client = Client::builder().no_proxy().build()?;
        let session: Value =
            client.post(format!("{}/admin/v1/session", server.url)).json(&body).send().await?.json().await?;
        let token = session["token"].as_str().with_context(|| format!("no session: {session}"))?;
        Ok(Self { place, headers: vec![format!("Authorization: Bearer {token}")], server })
    }

    fn list(&self, seconds: u32) -> Result<Counted> {
        let path = "/console/v1/tickets?inbox=open&page_size=100".to_owned();
        let load = Load {
            url: &self.server.url,
            method: "GET",
            lines: &vec![Line { path, ..Line::default() }; 2],
            repeat: true,
            headers: &self.headers,
            callers: CALLERS,
            seconds,
        };
        wrk::run(self.place.folder(), &load)
    }
}

/// The console's list with few and with many open tickets, by call and on screen.
async fn console(bench: &Bench) -> Result<Vec<Row>> {
    let many = bench.size(100_000, 5_000);
    let (small, large) = (Side::with(bench, FEW).await?, Side::with(bench, many).await?);
    let seconds = bench.seconds.div_ceil(2);
    // The first turn warms the caches of both and does not count.
    small.list(1)?;
    large.list(1)?;
    let turns = (0..2).map(|_| Ok((small.list(seconds)?, large.list(seconds)?))).collect::<Result<Vec<_>>>()?;
    let mut rows = Vec::from(judge("console's list, first 100", CALLERS, (FEW, many), &turns));
    let p99 = rows[1].p99.unwrap_or(f64::INFINITY) / 1e3;
    rows.push(
        Row::value(format!("console's list, p99 with {many} tickets"), format!("{p99:.1} ms"))
            .target(format!("< {LIST_P99_MS_MAX:.0} ms"), p99 < LIST_P99_MS_MAX),
    );
    let seen: Scrolled = browse(&["list", &large.server.url, EMAIL, PASSWORD])?;
    small.server.stop()?;
    large.server.stop()?;
    let Scrolled { requests, rows_max, tickets, dom_max } = seen;
    progress(&format!("console scrolled through {tickets} tickets in {requests} requests, {dom_max} rows on the page"));
    rows.push(
        Row::value(
            format!("console scrolled through {tickets} of {many} tickets: most rows of a request"),
            format!("{rows_max}, {requests} requests"),
        )
        .target(format!("<= {PAGE_MAX}"), rows_max <= PAGE_MAX),
    );
    rows.push(
        Row::value("the same: most rows on the page", dom_max.to_string())
            .target(format!("<= {DOM_MAX}"), dom_max <= DOM_MAX),
    );
    Ok(rows)
}
