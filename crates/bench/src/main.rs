//! Measures a built `deskwire` and prints one table of figures, each with its target.
//!
//! It needs `wrk` and a release build of `deskwire` beside its own file. What is measured runs in processes of its own;
//! the load generator and the receiver of events share the machine with it, so the figures are those of a whole
//! machine, not of the server alone. Missed targets are figures; the exit status is non-zero only if something went
//! wrong.

mod answer;
mod baseline;
mod connection;
mod embedder;
mod events;
mod footprint;
mod growth;
mod pages;
mod place;
mod process;
mod report;
mod sink;
mod streams;
mod tickets;
mod webhook;
mod wrk;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};

use crate::report::{Row, line, progress};

/// Measures a built deskwire.
#[derive(Debug, Parser)]
struct Args {
    /// Only these groups of figures; `bare` comes along with what is compared with it
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Group>,
    /// Short runs and few rows, to see whether everything works; the figures mean little
    #[arg(long)]
    quick: bool,
    /// Length of each run of the load generator
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u32>,
    /// Only these numbers of callers
    #[arg(long, value_delimiter = ',')]
    callers: Vec<u32>,
    /// The program [default: deskwire beside this program]
    #[arg(long, value_name = "FILE")]
    deskwire: Option<PathBuf>,
    /// Leave `PostgreSQL` out
    #[arg(long)]
    no_postgres: bool,
    /// Runs the bare server and nothing else
    #[arg(long, hide = true)]
    baseline: bool,
}

/// A group of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Group {
    /// A bare server
    Bare,
    /// `answer_user_query`
    Answer,
    /// Messages of guests
    Guest,
    /// From a question to its webhook
    Webhook,
    /// Long connections, idle servers, failing receivers
    Events,
    /// Resident memory
    Memory,
    /// Start-up
    Start,
    /// A thousand against a million tickets
    Growth,
    /// Sentence vectors
    Embedder,
    /// The pages in a browser, and the console's list with 100,000 tickets
    Pages,
    /// Guests who have a chat open
    Streams,
}

/// What all groups need.
#[derive(Debug)]
pub struct Bench {
    deskwire: PathBuf,
    quick: bool,
    seconds: u32,
    callers: Vec<u32>,
}

impl Bench {
    /// A number, or a smaller one for a quick run.
    fn size<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }
}

/// A count as a floating-point number.
pub fn number(count: u64) -> f64 {
    // Counts of a benchmark are far below the numbers that a double cannot hold.
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            progress(&format!("failed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> Result<()> {
    if args.baseline {
        return baseline::run().await;
    }
    wrk::check()?;
    let own = std::env::current_exe()?;
    let deskwire = args.deskwire.clone().unwrap_or_else(|| own.with_file_name("deskwire"));
    ensure!(deskwire.is_file(), "{} is missing; build it: cargo build --release -p deskwire", deskwire.display());
    // The client of this program speaks HTTP only, but is built to know TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let seconds = args.seconds.unwrap_or(if args.quick { 1 } else { 5 });
    let callers = if args.callers.is_empty() { vec![1, 64, 256] } else { args.callers.clone() };
    let bench = Bench { deskwire, quick: args.quick, seconds, callers };
    let before = machine();
    let rows = measure(&bench, args).await?;
    line(&format!("Machine before: {before}\nMachine after: {}\n", machine()));
    report::print(&rows);
    Ok(())
}

async fn measure(bench: &Bench, args: &Args) -> Result<Vec<Row>> {
    let wants = |group: Group| args.only.is_empty() || args.only.contains(&group);
    let compares = wants(Group::Bare) || wants(Group::Answer);
    let mut rows = vec![disk()?];
    let mut bare = answer::Bare::default();
    if compares {
        bare.measure(bench)?;
    }
    let mut answers = Vec::new();
    if wants(Group::Answer) {
        answers.extend(answer::sqlite(bench).await?);
        if !args.no_postgres {
            answers.extend(answer::postgres(bench, repository()?).await?);
        }
    }
    let mut others = Vec::new();
    if wants(Group::Guest) {
        others.extend(answer::guests(bench).await?);
    }
    if compares {
        bare.measure(bench)?;
        rows.extend(bare.rows());
        rows.extend(answers.into_iter().map(|point| bare.compare(point)));
    }
    rows.extend(others);
    if wants(Group::Webhook) {
        rows.extend(webhook::measure(bench).await?);
    }
    if wants(Group::Events) {
        rows.extend(events::measure(bench).await?);
    }
    if wants(Group::Memory) {
        rows.extend(footprint::memory(bench).await?);
    }
    if wants(Group::Start) {
        rows.extend(footprint::start(bench).await?);
    }
    if wants(Group::Growth) {
        rows.extend(growth::measure(bench).await?);
    }
    if wants(Group::Embedder) {
        rows.extend(embedder::measure(bench)?);
    }
    if wants(Group::Pages) {
        rows.extend(pages::measure(bench).await?);
    }
    if wants(Group::Streams) {
        rows.extend(streams::measure(bench).await?);
    }
    Ok(rows)
}

fn repository() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).context("this crate lies in crates/bench")
}

/// What durable writes cost here: figures of different machines compare only with this beside them.
fn disk() -> Result<Row> {
    use std::io::Write as _;
    let folder = tempfile::tempdir()?;
    let mut file = std::fs::File::create(folder.path().join("probe"))?;
    let mut times = Vec::new();
    for _ in 0..200 {
        file.write_all(&[7; 4096])?;
        let began = std::time::Instant::now();
        file.sync_data()?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let mut row = Row::value("disk: 4 KiB appended and synced", "");
    (row.p50, row.p99) = (report::percentile(&times, 0.5), report::percentile(&times, 0.99));
    Ok(row)
}

fn machine() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let text = format!("{cores} processors, load {load}");
    progress(&text);
    text
}
