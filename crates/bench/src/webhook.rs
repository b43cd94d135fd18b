//! From a guest's question to the app's webhook.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use serde_json::json;
use tokio::task::JoinSet;

use crate::Bench;
use crate::place::{Desk, Place, Question};
use crate::report::{Row, micros, percentile, progress};
use crate::sink::{MARK, Sink};

const CHATS: u16 = 200;
/// A person's pace in a lively chat.
const PACE: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(20);

/// The times of one question.
pub struct Way {
    /// From the sending of the question to the arrival of its event.
    from_send: Duration,
    /// From the answer 201; nothing if the event was faster.
    pub from_stored: Duration,
}

/// The questions of one reading and how long it took.
struct Reading {
    ways: Vec<Way>,
    took: Duration,
}

/// Asks and waits for the event.
#[derive(Clone)]
pub struct Asker {
    /// For requests.
    pub client: Client,
    /// Where messages are posted.
    pub url: String,
    /// Where their events come.
    pub sink: Arc<Sink>,
}

impl Asker {
    /// Asks the question with this number, which nobody asked before.
    pub async fn ask(&self, session: &str, number: u64) -> Result<Way> {
        let arrived = self.sink.expect(number);
        let body = json!({"text": format!("{MARK}{number}: how do I reset my password?")});
        let sent = Instant::now();
        let answer = self.client.post(&self.url).bearer_auth(session).json(&body).send().await?;
        let stored = Instant::now();
        ensure!(answer.status() == 201, "a question was answered with {}", answer.status());
        answer.bytes().await?;
        let arrived = tokio::time::timeout(PATIENCE, arrived).await;
        let arrived = arrived.with_context(|| format!("the event of question {number} never came"))??;
        Ok(Way { from_send: arrived - sent, from_stored: arrived.saturating_duration_since(stored) })
    }
}

/// One at a time, and 200 chats side by side: at a pace that people keep, and as fast as it goes.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let (place, sink) = (Place::sqlite()?, Arc::new(Sink::start().await?));
    let open = place.open().await?;
    open.apply(&Desk { by: "app", url: Some(sink.url()), faqs: 60, ..Desk::default() }).await?;
    let chats = open.ask(usize::from(CHATS)).await?;
    open.settle().await?;
    open.close().await;
    let server = place.serve(&bench.deskwire)?;
    let client = Client::builder().no_proxy().pool_max_idle_per_host(usize::from(CHATS)).build()?;
    let asker = Asker { client, url: format!("{}/guest/v1/messages", server.url), sink };
    // The first event waits for the URL check.
    let first = chats.first().context("chats were made")?;
    for number in 0..20 {
        asker.ask(&first.session, number).await?;
    }
    let mut rows = Vec::new();
    let began = Instant::now();
    let mut ways = Vec::new();
    for number in 0..bench.size(500, 100) {
        ways.push(asker.ask(&first.session, 1_000 + number).await?);
    }
    let one_by_one = Reading { ways, took: began.elapsed() };
    rows.extend(judge("one at a time", 1, &one_by_one, Some("p50 < 3 ms, p99 < 15 ms")));
    let paced = side_by_side(&asker, &chats, (10_000, bench.size(10, 2)), Some(PACE)).await?;
    let wanted = "200 chats, each every 0.5 s: p50 < 3 ms, p99 < 15 ms";
    rows.extend(judge("200 chats, each every 0.5 s", 200, &paced, Some(wanted)));
    let saturated = side_by_side(&asker, &chats, (100_000, bench.size(5, 2)), None).await?;
    rows.extend(judge("200 chats, each at once again (saturated)", 200, &saturated, None));
    server.stop()?;
    Ok(rows)
}

/// Every chat asks `rounds` questions, numbered from `first` on, each after the event of the one before.
async fn side_by_side(
    asker: &Asker,
    chats: &[Question],
    (first, rounds): (u64, u64),
    pace: Option<Duration>,
) -> Result<Reading> {
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for (at, chat) in (0..).zip(chats) {
        let (asker, session) = (asker.clone(), chat.session.clone());
        tasks.spawn(async move {
            let mut ways = Vec::new();
            for round in 0..rounds {
                if let Some(pace) = pace {
                    // Chats are spread over the pause, as people are.
                    let due = crate::number(round) + crate::number(at) / f64::from(CHATS);
                    tokio::time::sleep_until((began + pace.mul_f64(due)).into()).await;
                }
                ways.push(asker.ask(&session, first + at * rounds + round).await?);
            }
            anyhow::Ok(ways)
        });
    }
    let mut ways = Vec::new();
    while let Some(done) = tasks.join_next().await {
        ways.extend(done??);
    }
    Ok(Reading { ways, took: began.elapsed() })
}

fn judge(how: &str, callers: u32, reading: &Reading, target: Option<&str>) -> [Row; 2] {
    let ways = &reading.ways;
    let times = |what: fn(&Way) -> Duration| {
        let mut times: Vec<Duration> = ways.iter().map(what).collect();
        times.sort_unstable();
        let p50 = percentile(&times, 0.5).unwrap_or(f64::INFINITY);
        (p50, percentile(&times, 0.99).unwrap_or(f64::INFINITY))
    };
    let (sent, stored) = (times(|way| way.from_send), times(|way| way.from_stored));
    let rate = f64::from(u32::try_from(ways.len()).unwrap_or(u32::MAX)) / reading.took.as_secs_f64();
    progress(&format!(
        "question to webhook, {how}: {rate:.0}/s, p50 {:.0} us, p99 {:.0} us from 201",
        stored.0, stored.1
    ));
    let row = |from: &str, (p50, p99): (f64, f64)| Row {
        figure: format!("question to webhook, {how}, from {from}"),
        callers: Some(callers),
        rate: Some(rate),
        p50: Some(p50),
        p99: Some(p99),
        value: format!("{} questions", ways.len()),
        target: None,
    };
    let met = stored.0 < micros(Duration::from_millis(3)) && stored.1 < micros(Duration::from_millis(15));
    let from_stored = row("201", stored);
    [row("send", sent), if let Some(text) = target { from_stored.target(text, met) } else { from_stored }]
}
