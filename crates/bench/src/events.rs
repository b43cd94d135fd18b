//! Events: to long connections, through many of them, beside receivers that fail, and what waiting costs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use reqwest::Client;

use crate::baseline;
use crate::connection::Connection;
use crate::place::{Desk, Place, Question, other_app};
use crate::process::Process;
use crate::report::{Row, percentile, progress};
use crate::sink::Sink;
use crate::webhook::Asker;
use crate::{Bench, number};

const CONNECTIONS: usize = 1_000;
/// As many as one app may have (reference: platform-protocol 6).
const CONNECTIONS_PER_APP: usize = 50;
const PATIENCE: Duration = Duration::from_mins(2);

fn client() -> Result<Client> {
    Ok(Client::builder().no_proxy().build()?)
}

/// A place with these apps beside the first, which has no URL, and with stored questions.
async fn place(others: Vec<Option<String>>, questions: usize) -> Result<(Place, Vec<Question>)> {
    let place = Place::sqlite()?;
    let open = place.open().await?;
    open.apply(&Desk { by: "app", faqs: 60, others, ..Desk::default() }).await?;
    let asked = open.ask(questions).await?;
    open.close().await;
    Ok((place, asked))
}

fn asker(server: &Process, sink: &Arc<Sink>) -> Result<Asker> {
    Ok(Asker { client: client()?, url: format!("{}/guest/v1/messages", server.url), sink: Arc::clone(sink) })
}

/// Questions one at a time; the times from 201 to the event, sorted.
async fn one_by_one(asker: &Asker, session: &str, (first, count): (u64, u64)) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for at in first..first + count {
        times.push(asker.ask(session, at).await?.from_stored);
    }
    times.sort_unstable();
    Ok(times)
}

fn latency(figure: &str, times: &[Duration]) -> Row {
    let mut row = Row::value(figure, format!("{} questions, from 201", times.len()));
    (row.p50, row.p99) = (percentile(times, 0.5), percentile(times, 0.99));
    progress(&format!("{figure}: p50 {:.0} us, p99 {:.0} us", row.p50.unwrap_or(0.0), row.p99.unwrap_or(0.0)));
    row
}

/// All rows of this group.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mut rows = vec![to_connection(bench).await?];
    let bare = bare(bench).await?;
    let per_second = bare.rate;
    rows.push(bare);
    rows.push(through(bench, 1, per_second).await?);
    rows.push(through(bench, CONNECTIONS, per_second).await?);
    rows.push(memory(bench).await?);
    rows.push(idle(bench).await?);
    rows.extend(beside_failing(bench).await?);
    Ok(rows)
}

async fn to_connection(bench: &Bench) -> Result<Row> {
    let (place, questions) = place(vec![None], 1).await?;
    let (server, sink) = (place.serve(&bench.deskwire)?, Arc::new(Sink::start().await?));
    let _connection = Connection::open(&client()?, &server.url, &other_app(0), &sink).await?;
    let asker = asker(&server, &sink)?;
    let session = &questions.first().context("a question was stored")?.session;
    one_by_one(&asker, session, (0, 20)).await?;
    let times = one_by_one(&asker, session, (1_000, bench.size(500, 50))).await?;
    server.stop()?;
    Ok(latency("question to long-connection frame, one at a time", &times))
}

/// As many frames through one connection of a server that stores nothing.
async fn bare(bench: &Bench) -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let server = baseline::start(folder.path())?;
    let (sink, wanted) = (Arc::new(Sink::start().await?), bench.size(10_000, 1_000));
    let address = format!("{}/ws/{wanted}", server.url.replacen("http", "ws", 1));
    let began = Instant::now();
    let open = Connection::at(&address, &sink).await?;
    came(&sink, wanted).await?;
    let rate = number(wanted) / began.elapsed().as_secs_f64();
    drop(open);
    server.stop()?;
    progress(&format!("bare WebSocket: {rate:.0}/s"));
    let mut row = Row::value("bare axum WebSocket: frames sent and answered", "16 at a time, nothing stored");
    row.rate = Some(rate);
    Ok(row)
}

/// Waits until so many events came.
async fn came(sink: &Sink, wanted: u64) -> Result<()> {
    let began = Instant::now();
    while sink.events() < wanted {
        ensure!(began.elapsed() < PATIENCE, "{} of {wanted} events came", sink.events());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Events that waited, through this many connections, beside a bare server's rate.
async fn through(bench: &Bench, connections: usize, bare: Option<f64>) -> Result<Row> {
    let apps = connections.div_ceil(CONNECTIONS_PER_APP);
    let events = bench.size(10_000, 1_000);
    let (place, _) = place(vec![None; apps], events / apps).await?;
    let (server, sink) = (place.serve(&bench.deskwire)?, Arc::new(Sink::start().await?));
    let (client, wanted) = (client()?, u64::try_from(events / apps * apps)?);
    let mut open = Vec::new();
    let began = Instant::now();
    for at in 0..connections {
        open.push(Connection::open(&client, &server.url, &other_app(at % apps), &sink).await?);
    }
    let connected = began.elapsed();
    came(&sink, wanted).await?;
    let took = began.elapsed();
    drop(open);
    server.stop()?;
    let rate = number(wanted) / took.as_secs_f64();
    let (took, connected) = (took.as_secs_f64(), connected.as_secs_f64());
    let share = bare.map(|bare| format!("; {:.2} of bare", rate / bare)).unwrap_or_default();
    let mut row = Row::value(
        format!("events that waited, through {connections} long connections"),
        format!("{wanted} events in {took:.2} s, connecting ({connected:.2} s) included{share}"),
    );
    row.rate = Some(rate);
    progress(&format!("{}: {rate:.0}/s", row.figure));
    Ok(row)
}

async fn memory(bench: &Bench) -> Result<Row> {
    let apps = CONNECTIONS / CONNECTIONS_PER_APP;
    let (place, _) = place(vec![None; apps], 1).await?;
    let (server, sink, client) = (place.serve(&bench.deskwire)?, Arc::new(Sink::start().await?), client()?);
    // The first of each app brings what all share.
    let mut open = Vec::new();
    for at in 0..apps {
        open.push(Connection::open(&client, &server.url, &other_app(at), &sink).await?);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = server.resident()?;
    for at in apps..CONNECTIONS {
        open.push(Connection::open(&client, &server.url, &other_app(at % apps), &sink).await?);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let each = server.resident()?.saturating_sub(before) / u64::try_from(CONNECTIONS - apps)?;
    drop(open);
    server.stop()?;
    progress(&format!("memory of an idle long connection: {each} bytes"));
    let value = format!("{:.1} kB each, {CONNECTIONS} connections", number(each) / 1_000.0);
    Ok(Row::value("memory of an idle long connection", value).target("< 20 kB", each < 20_000))
}

/// What a server costs that has nothing to do.
async fn idle(bench: &Bench) -> Result<Row> {
    let (place, _) = place(vec![None], 1).await?;
    let (server, client) = (place.serve(&bench.deskwire)?, client()?);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let seconds = bench.size(20, 5);
    let (used, asked, began) = (server.processor_time()?, asked(&client, &server.url).await?, Instant::now());
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let (used, took) = (server.processor_time()?.saturating_sub(used), began.elapsed().as_secs_f64());
    let queries = number(asked_since(asked, &client, &server.url).await?) / took;
    server.stop()?;
    let share = used.as_secs_f64() / took * 100.0;
    let value = format!("{share:.2} % of one processor, {queries:.1} transactions a second");
    progress(&format!("idle: {value}"));
    Ok(Row::value("idle server", value))
}

async fn asked_since(before: u64, client: &Client, url: &str) -> Result<u64> {
    Ok(asked(client, url).await?.saturating_sub(before))
}

/// Transactions so far, by the server's own count.
async fn asked(client: &Client, url: &str) -> Result<u64> {
    let page = client.get(format!("{url}/metrics")).send().await?.text().await?;
    let count = |name: &str| -> Result<u64> {
        let line =
            page.lines().find(|line| line.starts_with(name)).with_context(|| format!("no {name} in /metrics"))?;
        Ok(line.rsplit(' ').next().context("a value")?.parse()?)
    };
    Ok(count("deskwire_db_reads_total")? + count("deskwire_db_writes_total")?)
}

/// A healthy receiver alone, and beside one that hangs and one that answers 500.
async fn beside_failing(bench: &Bench) -> Result<[Row; 2]> {
    let failing = Router::new()
        .route("/hangs", post(std::future::pending::<StatusCode>))
        .route("/fails", post(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move {
        // It ends only with the task.
        let _ = axum::serve(listener, failing).await;
    });
    let mut all = Vec::new();
    for others in [vec![], vec![Some(format!("http://{address}/hangs")), Some(format!("http://{address}/fails"))]] {
        let sink = Arc::new(Sink::start().await?);
        let healthy = std::iter::once(Some(sink.url()));
        let (place, questions) = place(healthy.chain(others).collect(), 1).await?;
        let server = place.serve(&bench.deskwire)?;
        let asker = asker(&server, &sink)?;
        let session = &questions.first().context("a question was stored")?.session;
        one_by_one(&asker, session, (0, 20)).await?;
        all.push(one_by_one(&asker, session, (1_000, bench.size(1_000, 100))).await?);
        server.stop()?;
    }
    task.abort();
    let [alone, beside] = all.as_slice() else { unreachable!("two runs were made") };
    let alone = latency("question to a healthy webhook, alone", alone);
    let beside = latency("question to a healthy webhook, beside one that hangs and one that answers 500", beside);
    let ratio = beside.p50.unwrap_or(f64::INFINITY) / alone.p50.unwrap_or(f64::NAN);
    let tail = beside.p99.unwrap_or(f64::INFINITY) / alone.p99.unwrap_or(f64::NAN);
    let beside = Row { value: format!("p50 {ratio:.2}x, p99 {tail:.2}x of alone"), ..beside };
    Ok([alone, beside.target("p50 <= 2x", ratio <= 2.0)])
}
