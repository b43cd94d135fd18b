//! How many questions an app can answer in a second, beside a bare server's rate.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::baseline;
use crate::place::{Cluster, Desk, FAQ, Place, Question};
use crate::report::{Row, progress};
use crate::sink::Sink;
use crate::wrk::{Counted, Line, Load};
use crate::{Bench, number, wrk};

/// Questions asked before the first answer tells how many are needed.
const FIRST: usize = 4_000;
/// Questions for each answer that the last run lets expect.
const RESERVE: f64 = 1.6;

/// Runs against the bare server.
#[derive(Debug, Default)]
pub struct Bare {
    runs: Vec<(u32, Counted)>,
}

/// A measured number of callers.
#[derive(Debug)]
pub struct Point {
    row: Row,
    /// Whether at least half of the bare rate is wanted.
    judged: bool,
}

impl Bare {
    /// Measures once more.
    pub fn measure(&mut self, bench: &Bench) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let server = baseline::start(folder.path())?;
        // Requests of the same form and size as those that the product gets.
        let headers = [
            format!("Authorization: Bearer t-{}", "A".repeat(75)),
            format!("X-Lark-Helpdesk-Authorization: {}", "A".repeat(40)),
        ];
        let lines: Vec<Line> = (0..20_000_i64)
            .map(|n| answer_line(6_900_000_000_000_000_000 + n, "118a6492-122d-04ad-4370-010a3bb384d3"))
            .collect();
        for &callers in &bench.callers {
            let load = Load {
                url: &server.url,
                method: "POST",
                lines: &lines,
                repeat: true,
                headers: &headers,
                callers,
                seconds: bench.seconds,
            };
            let counted = wrk::run(folder.path(), &load)?;
            progress(&format!("bare, {callers} callers: {:.0}/s", counted.rate()));
            self.runs.push((callers, counted));
        }
        server.stop()
    }

    fn mean(&self, callers: u32, what: impl Fn(&Counted) -> f64) -> f64 {
        let runs: Vec<f64> = self.runs.iter().filter(|run| run.0 == callers).map(|run| what(&run.1)).collect();
        let count = u32::try_from(runs.len()).unwrap_or(u32::MAX);
        runs.iter().sum::<f64>() / f64::from(count.max(1))
    }

    /// The bare figures, means of all runs.
    pub fn rows(&self) -> Vec<Row> {
        let mut callers: Vec<u32> = self.runs.iter().map(|run| run.0).collect();
        callers.sort_unstable();
        callers.dedup();
        callers
            .into_iter()
            .map(|callers| {
                let rates: Vec<String> =
                    self.runs.iter().filter(|run| run.0 == callers).map(|run| format!("{:.0}", run.1.rate())).collect();
                Row {
                    figure: "bare axum, JSON POST".into(),
                    callers: Some(callers),
                    rate: Some(self.mean(callers, Counted::rate)),
                    p50: Some(self.mean(callers, |run| number(run.p50))),
                    p99: Some(self.mean(callers, |run| number(run.p99))),
                    value: format!("runs: {}", rates.join(", ")),
                    target: None,
                }
            })
            .collect()
    }

    /// Puts the bare rate beside a point.
    pub fn compare(&self, point: Point) -> Row {
        let mut row = point.row;
        let (Some(callers), Some(rate)) = (row.callers, row.rate) else { return row };
        let ratio = rate / self.mean(callers, Counted::rate);
        row.value = [format!("{ratio:.2} of bare"), row.value]
            .into_iter()
            .filter(|s| !s.is_empty())
            .collect::<Vec<_>>()
            .join("; ");
        if point.judged { row.target(">= 0.5 of bare", ratio >= 0.5) } else { row }
    }
}

/// All points on SQLite.
pub async fn sqlite(bench: &Bench) -> Result<Vec<Point>> {
    let mut points = with_deliveries(bench, &Place::sqlite()?, "SQLite").await?;
    points.extend(without_url(bench, &Place::sqlite()?, "SQLite").await?);
    Ok(points)
}

/// All points on PostgreSQL.
pub async fn postgres(bench: &Bench, repository: &Path) -> Result<Vec<Point>> {
    let cluster = Cluster::start(repository)?;
    let mut points = with_deliveries(bench, &Place::postgres(&cluster)?, "PostgreSQL").await?;
    points.extend(without_url(bench, &Place::postgres(&cluster)?, "PostgreSQL").await?);
    Ok(points)
}

async fn with_deliveries(bench: &Bench, place: &Place, database: &'static str) -> Result<Vec<Point>> {
    let sink = Sink::start().await?;
    let run = Run { bench, place, database, sink: Some(&sink) };
    run.points().await
}

async fn without_url(bench: &Bench, place: &Place, database: &'static str) -> Result<Vec<Point>> {
    Run { bench, place, database, sink: None }.points().await
}

struct Run<'a> {
    bench: &'a Bench,
    place: &'a Place,
    database: &'static str,
    sink: Option<&'a Sink>,
}

/// What a run was and what it left in the database.
struct Measured {
    counted: Counted,
    /// Events that the receiver got while the load ran.
    events: u64,
}

impl Run<'_> {
    async fn points(&self) -> Result<Vec<Point>> {
        let open = self.place.open().await?;
        open.apply(&Desk { by: "app", url: self.sink.map(Sink::url), faqs: 60, ..Desk::default() }).await?;
        open.close().await;
        // Warms nothing up but tells how many questions the others need.
        let probe = self.point(64, 1, self.bench.size(FIRST * 5, FIRST)).await?.counted;
        progress(&format!("{}, probe: {:.0}/s", self.database, probe.rate()));
        let mut points = Vec::new();
        for &callers in &self.bench.callers {
            let expected = probe.rate() * if callers < 8 { 0.5 } else { 1.0 };
            let needed = expected * f64::from(self.bench.seconds) * RESERVE;
            let measured = self.point(callers, self.bench.seconds, FIRST + whole(needed)).await?;
            points.push(self.judge(callers, &measured));
        }
        Ok(points)
    }

    fn judge(&self, callers: u32, measured: &Measured) -> Point {
        let Measured { counted, events } = measured;
        let events_rate = number(*events) * 1e6 / number(counted.micros.max(1));
        let (how, value) = match self.sink {
            Some(_) => ("events delivered beside", format!("{events_rate:.0} events/s delivered")),
            None => ("events kept in the outbox", String::new()),
        };
        let figure = format!("answer_user_query, {}, {how}", self.database);
        progress(&format!("{figure}, {callers} callers: {:.0}/s {value}", counted.rate()));
        let value = if counted.ran_out { format!("{value} (questions ran out early)") } else { value };
        Point { row: row(figure, callers, counted, value), judged: callers == 64 && self.database == "SQLite" }
    }

    /// Stores questions, starts the server, answers each of them once, and counts what the database holds then.
    async fn point(&self, callers: u32, seconds: u32, questions: usize) -> Result<Measured> {
        let open = self.place.open().await?;
        let asked = open.ask(questions).await?;
        open.settle().await?;
        let (before, headers) = (open.rows().await?, open.app_headers()?);
        open.close().await;
        let lines: Vec<Line> = asked.iter().map(|q| answer_line(q.ticket_id, &q.event_id)).collect();
        let server = self.place.serve(&self.bench.deskwire)?;
        let load = Load {
            url: &server.url,
            method: "POST",
            lines: &lines,
            repeat: false,
            headers: &headers,
            callers,
            seconds,
        };
        let events_before = self.sink.map_or(0, Sink::events);
        let counted = wrk::run(self.place.folder(), &load)?;
        let events = self.sink.map_or(0, Sink::events) - events_before;
        server.stop()?;
        let open = self.place.open().await?;
        let after = open.rows().await?;
        open.close().await;
        let received = self.sink.map_or(0, Sink::events) - events_before;
        self.check(callers, counted, (before.answered, after.answered))?;
        let (answered, delivered) = (after.answered - before.answered, after.delivered - before.delivered);
        let owed = after.pending - before.pending + delivered;
        ensure!(owed == answered, "{answered} answers caused {owed} events");
        ensure!(
            i64::try_from(received)? >= delivered,
            "{delivered} events count as delivered, but the receiver got {received}"
        );
        Ok(Measured { counted, events })
    }

    /// A 200 that stored nothing shows here: there are as many answered questions as answers that were acknowledged,
    /// but for those on their way when the load generator stopped, and for its last requests when it ran out.
    fn check(&self, callers: u32, counted: Counted, (before, after): (i64, i64)) -> Result<()> {
        let (stored, acknowledged) = (after - before, i64::try_from(counted.requests)?);
        let slack = i64::from(callers);
        let least = if counted.ran_out { acknowledged - 2 * slack } else { acknowledged };
        ensure!(
            (least..=acknowledged + slack).contains(&stored),
            "{}: {acknowledged} answers were acknowledged, {stored} are stored",
            self.database
        );
        Ok(())
    }
}

/// `POST /guest/v1/messages` on SQLite.
pub async fn guests(bench: &Bench) -> Result<Vec<Row>> {
    let place = Place::sqlite()?;
    let open = place.open().await?;
    open.apply(&Desk { by: "app", url: None, faqs: 60, ..Desk::default() }).await?;
    let lines = message_lines(&open.ask(1_000).await?);
    open.settle().await?;
    let before = open.rows().await?;
    open.close().await;
    let server = place.serve(&bench.deskwire)?;
    let (mut rows, mut acknowledged) = (Vec::new(), 0);
    for callers in [1, 64] {
        let load = Load {
            url: &server.url,
            method: "POST",
            lines: &lines,
            repeat: true,
            headers: &[],
            callers,
            seconds: bench.seconds,
        };
        let counted = wrk::run(place.folder(), &load)?;
        progress(&format!("guest messages, {callers} callers: {:.0}/s", counted.rate()));
        acknowledged += i64::try_from(counted.requests)?;
        rows.push(row("guest message, SQLite".into(), callers, &counted, String::new()));
    }
    server.stop()?;
    let open = place.open().await?;
    let stored = open.rows().await?.asked - before.asked;
    open.close().await;
    ensure!(
        (acknowledged..=acknowledged + 65).contains(&stored),
        "{acknowledged} messages were acknowledged, {stored} are stored"
    );
    Ok(rows)
}

fn message_lines(chats: &[Question]) -> Vec<Line> {
    let line = |chat: &Question| Line {
        path: "/guest/v1/messages".into(),
        body: r#"{"text":"My laptop does not connect to the office network any more. What can I do?"}"#.into(),
        authorization: Some(format!("Bearer {}", chat.session)),
    };
    chats.iter().map(line).collect()
}

/// An app's answer to a question.
pub fn answer_line(ticket_id: i64, event_id: &str) -> Line {
    Line {
        path: format!("/open-apis/helpdesk/v1/tickets/{ticket_id}/answer_user_query"),
        body: format!(r#"{{"event_id":"{event_id}","faqs":[{{"id":"{FAQ}","score":0.9}}]}}"#),
        authorization: None,
    }
}

fn row(figure: String, callers: u32, counted: &Counted, value: String) -> Row {
    Row {
        figure,
        callers: Some(callers),
        rate: Some(counted.rate()),
        p50: Some(number(counted.p50)),
        p99: Some(number(counted.p99)),
        value,
        target: None,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number far below the limit")]
fn whole(number: f64) -> usize {
    number as usize
}
