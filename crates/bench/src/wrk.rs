//! Runs `wrk`, the load generator, with prepared requests.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

const SCRIPT: &str = include_str!("../lua/requests.lua");

/// A request that a line of the prepared file stands for.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Path and query.
    pub path: String,
    /// The body; empty with GET.
    pub body: String,
    /// Where requests differ in it, the `Authorization` header.
    pub authorization: Option<String>,
}

/// One run.
#[derive(Debug)]
pub struct Load<'a> {
    /// Scheme, host, port.
    pub url: &'a str,
    /// `GET` or `POST`.
    pub method: &'a str,
    /// What to send.
    pub lines: &'a [Line],
    /// Whether lines may be sent more than once.
    pub repeat: bool,
    /// Headers of every request, `Name: value`.
    pub headers: &'a [String],
    /// Connections, each with one request at a time.
    pub callers: u32,
    /// How long.
    pub seconds: u32,
}

/// What `wrk` counted. Times are in microseconds.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Counted {
    /// Completed requests.
    pub requests: u64,
    /// The time they took together.
    pub micros: u64,
    /// Median.
    pub p50: u64,
    /// 99 of 100 were faster.
    pub p99: u64,
    /// Answers with a status above 399.
    pub refused: u64,
    /// Connections that failed.
    pub broken: u64,
    /// Answers that took more than 10 s.
    pub late: u64,
    /// Whether the lines ran out before the time was over.
    pub ran_out: bool,
}

impl Counted {
    /// Requests per second.
    pub fn rate(&self) -> f64 {
        crate::number(self.requests) * 1e6 / crate::number(self.micros.max(1))
    }
}

/// Whether `wrk` is there.
pub fn check() -> Result<()> {
    match Command::new("wrk").arg("--version").output() {
        Ok(_) => Ok(()),
        Err(_) => bail!("wrk is missing; install it: apt-get install wrk"),
    }
}

/// Runs it in `folder`, which gets the prepared files. Any answer above 399, broken connection or time-out is an error.
pub fn run(folder: &Path, load: &Load<'_>) -> Result<Counted> {
    let (script, file) = prepare(folder, load)?;
    let threads = load.callers.min(2);
    let output = Command::new("wrk")
        .env("BENCH_THREADS", threads.to_string())
        .args(["--timeout", "10s", "--latency"])
        .arg(format!("-t{threads}"))
        .arg(format!("-c{}", load.callers))
        .arg(format!("-d{}s", load.seconds))
        .arg("-s")
        .arg(script)
        .arg(load.url)
        .args(["--", load.method])
        .arg(file)
        .arg(if load.repeat { "again" } else { "once" })
        .args(load.headers)
        .output()
        .context("wrk cannot be run")?;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let line = out.lines().find_map(|line| line.strip_prefix("bench "));
    let line = line.with_context(|| format!("wrk told nothing:\n{out}{err}"))?;
    let counted: Counted = serde_json::from_str(line).with_context(|| format!("wrk said {line}"))?;
    ensure!(err.trim().is_empty(), "wrk complained: {err}");
    ensure!(counted.requests > 0, "no request was answered");
    ensure!(
        counted.refused == 0 && counted.broken == 0 && counted.late == 0,
        "{} answers above 399, {} broken connections and {} time-outs among {} requests",
        counted.refused,
        counted.broken,
        counted.late,
        counted.requests
    );
    Ok(counted)
}

fn prepare(folder: &Path, load: &Load<'_>) -> Result<(PathBuf, PathBuf)> {
    let (script, file) = (folder.join("requests.lua"), folder.join("requests.tsv"));
    let mut text = String::with_capacity(load.lines.len() * 200);
    for line in load.lines {
        write!(text, "{}\t{}", line.path, line.body)?;
        if let Some(authorization) = &line.authorization {
            write!(text, "\t{authorization}")?;
        }
        text.push('\n');
    }
    std::fs::write(&script, SCRIPT)?;
    std::fs::write(&file, text)?;
    Ok((script, file))
}
