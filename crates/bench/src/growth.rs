//! The same requests with few and with many tickets. Of both numbers the same few tickets are open and hold many
//! questions each, which are answered here; all others are closed. Both servers run side by side and take turns, so
//! that a drifting machine slows both.

use anyhow::{Result, ensure};

use crate::answer::answer_line;
use crate::place::{Desk, Open, Place, Random};
use crate::process::Process;
use crate::report::{Row, progress};
use crate::wrk::{Counted, Line, Load};
use crate::{Bench, number, tickets, wrk};

const FEW: u32 = 1_000;
/// How many of all tickets are open, on both sides.
const OPEN: u16 = 200;
const TURNS: usize = 2;

struct Side {
    place: Place,
    server: Process,
    headers: Vec<String>,
    gets: Vec<Line>,
    lists: Vec<Line>,
    answers: Vec<Line>,
}

impl Side {
    /// A server with this many tickets in all.
    async fn with(bench: &Bench, count: u32) -> Result<Self> {
        let place = Place::sqlite()?;
        let open = place.open().await?;
        open.apply(&Desk { by: "app", url: None, faqs: 60, ..Desk::default() }).await?;
        open.close().await;
        let began = std::time::Instant::now();
        let ids = tickets::fill(&place.file(), count - u32::from(OPEN))?;
        let open = place.open().await?;
        let answers = open_tickets(&open, bench.size(500, 40)).await?;
        let stored = open.tickets().await?;
        ensure!(stored == i64::from(count), "{stored} tickets were stored instead of {count}");
        let (questions, seconds) = (answers.len(), began.elapsed().as_secs_f64());
        progress(&format!("{stored} tickets with {questions} open questions stored in {seconds:.1} s"));
        let headers = open.app_headers()?;
        open.close().await;
        let line = |path: String| Line { path, ..Line::default() };
        let gets = ids.iter().map(|id| line(format!("/open-apis/helpdesk/v1/tickets/{id}"))).collect();
        let lists = vec![line("/open-apis/helpdesk/v1/tickets".into()); 2];
        let server = place.serve(&bench.deskwire)?;
        Ok(Self { place, server, headers, gets, lists, answers })
    }

    fn run(&self, method: &str, lines: &[Line], (callers, seconds): (u32, u32)) -> Result<Counted> {
        let load = Load {
            url: &self.server.url,
            method,
            lines,
            repeat: method == "GET",
            headers: &self.headers,
            callers,
            seconds,
        };
        wrk::run(self.place.folder(), &load)
    }
}

/// Opens tickets with `each` questions and tells the answers, in no order of tickets.
async fn open_tickets(open: &Open, each: usize) -> Result<Vec<Line>> {
    let asked = open.ask_in(usize::from(OPEN), each).await?;
    open.settle().await?;
    let mut answers: Vec<Line> = asked.iter().map(|q| answer_line(q.ticket_id, &q.event_id)).collect();
    Random(1).shuffle(&mut answers)?;
    Ok(answers)
}

/// The ratios.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let many = bench.size(1_000_000, 50_000);
    let (small, large) = (Side::with(bench, FEW).await?, Side::with(bench, many).await?);
    let totals = (FEW, many);
    let seconds = bench.seconds.div_ceil(2);
    let mut rows = Vec::new();
    // The first turn warms the caches of both and does not count.
    let reading = |what: fn(&Side) -> &[Line]| {
        let turn = |side: &Side, seconds| side.run("GET", what(side), (8, seconds));
        turn(&small, 1)?;
        turn(&large, 1)?;
        let turns = (0..TURNS).map(|_| Ok((turn(&small, seconds)?, turn(&large, seconds)?)));
        turns.collect::<Result<Vec<_>>>()
    };
    rows.extend(judge("ticket.get", 8, totals, &reading(|side| &side.gets)?));
    rows.extend(judge("ticket.list, first page", 8, totals, &reading(|side| &side.lists)?));
    let mut turns = Vec::new();
    for turn in 0..=TURNS {
        let part = |side: &Side| {
            let share = side.answers.len() / (TURNS + 1);
            side.run("POST", &side.answers[turn * share..(turn + 1) * share], (64, seconds))
        };
        let pair = (part(&small)?, part(&large)?);
        if turn > 0 {
            turns.push(pair);
        }
    }
    rows.extend(judge("answer_user_query", 64, totals, &turns));
    small.server.stop()?;
    large.server.stop()?;
    Ok(rows)
}

/// Rows of a load on few and on many tickets, in turns, with the ratio of what it costs.
pub fn judge(what: &str, callers: u32, (fewer, more): (u32, u32), turns: &[(Counted, Counted)]) -> [Row; 2] {
    let count = f64::from(u32::try_from(turns.len()).unwrap_or(u32::MAX));
    let row = |tickets: u32, side: fn(&(Counted, Counted)) -> &Counted| {
        let mean = |of: fn(&Counted) -> f64| turns.iter().map(|turn| of(side(turn))).sum::<f64>() / count;
        Row {
            figure: format!("{what}, {tickets} tickets"),
            callers: Some(callers),
            rate: Some(mean(Counted::rate)),
            p50: Some(mean(|run| number(run.p50))),
            p99: Some(mean(|run| number(run.p99))),
            ..Row::default()
        }
    };
    let (few, mut lots) = (row(fewer, |turn| &turn.0), row(more, |turn| &turn.1));
    let ratio = few.rate.unwrap_or(0.0) / lots.rate.unwrap_or(0.0);
    lots.value = format!("{ratio:.2}x the cost");
    progress(&format!("{what}: {} with {more} tickets", lots.value));
    [few, lots.target("<= 1.3x", ratio <= 1.3)]
}
