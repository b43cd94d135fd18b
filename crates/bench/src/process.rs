//! A server in a process of its own.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

const START_MAX: Duration = Duration::from_mins(1);
const STOP_MAX: Duration = Duration::from_secs(12);

/// A running server; killed if it is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    // Kept open: a closed one would be an error to the server.
    _out: BufReader<ChildStdout>,
    /// `http://127.0.0.1:PORT`
    pub url: String,
    /// From its start to its ready line.
    pub ready_in: Duration,
}

impl Process {
    /// Starts `command` and waits for its line `ready URL`. Its log goes to `log`.
    pub fn start(mut command: Command, log: &Path) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        command.stdout(Stdio::piped()).stderr(File::create(log)?).stdin(Stdio::null());
        let began = Instant::now();
        let mut child = command.spawn().with_context(|| format!("{program} cannot be started"))?;
        let mut out = BufReader::new(child.stdout.take().context("a pipe was asked for")?);
        let mut line = String::new();
        loop {
            line.clear();
            if out.read_line(&mut line)? == 0 {
                let status = child.wait()?;
                bail!("{program} ended with {status} and no ready line: {}", std::fs::read_to_string(log)?.trim());
            }
            if let Some(url) = line.trim().strip_prefix("ready ") {
                let ready_in = began.elapsed();
                return Ok(Self { child, _out: out, url: url.to_owned(), ready_in });
            }
            ensure!(began.elapsed() < START_MAX, "{program} was not ready in {START_MAX:?}");
        }
    }

    /// Resident memory in bytes.
    pub fn resident(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS in /proc")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib * 1024)
    }

    /// Processor time it has used, user and system together.
    pub fn processor_time(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold spaces; user and system time are the 12th and 13th after it, in 1/100 s.
        let (_, rest) = stat.rsplit_once(')').context("a name in parentheses")?;
        let ticks: Vec<u64> = rest.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
        Ok(Duration::from_millis(ticks.iter().sum::<u64>() * 10))
    }

    /// Asks it to stop, and takes anything but a clean end as an error.
    pub fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        ensure!(asked.success(), "the server had ended by itself");
        let began = Instant::now();
        while began.elapsed() < STOP_MAX {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "the server ended with {status}");
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("the server did not stop in {STOP_MAX:?}")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // After a clean stop there is nothing left to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
