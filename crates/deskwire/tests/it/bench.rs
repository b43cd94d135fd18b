//! Runs the binary in a folder of its own.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A folder to run in. Nothing of the surrounding environment reaches the binary.
pub struct Bench {
    folder: tempfile::TempDir,
}

/// How a run ended.
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// The lines on standard error of a run that had to fail with this status and say nothing else.
    #[track_caller]
    pub fn failed(&self, status: i32) -> Vec<&str> {
        assert_eq!(self.status, status, "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "");
        let lines: Vec<&str> = self.stderr.lines().collect();
        for line in &lines {
            assert!(line.starts_with("deskwire: "), "{lines:?}");
            assert!(!line.contains("panicked") && !line.contains("stack backtrace"), "{lines:?}");
        }
        lines
    }

    /// [`Self::failed`] with one line.
    #[track_caller]
    pub fn fault(&self, status: i32) -> &str {
        let lines = self.failed(status);
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines[0]
    }

    /// Standard output of a run that had to go well.
    #[track_caller]
    pub fn ok(&self) -> &str {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        &self.stdout
    }
}

impl Bench {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("the file can be written");
    }

    /// Names of what is in the folder.
    pub fn entries(&self) -> Vec<String> {
        entries(self.folder.path())
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskwire"));
        command.args(args).current_dir(self.folder.path()).env_clear().env("RUST_BACKTRACE", "1");
        command
    }

    pub fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, &[])
    }

    pub fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> Run {
        let output =
            self.command(args).envs(env.iter().copied()).stdin(Stdio::null()).output().expect("the binary runs");
        Run {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// Starts a server and waits until it is ready.
    pub fn start(&self, args: &[&str]) -> Server {
        let log = tempfile::tempfile().expect("a file for standard error");
        let stderr = log.try_clone().expect("a second handle");
        let mut child = self.command(args).stdout(Stdio::piped()).stderr(stderr).spawn().expect("the binary starts");
        let stdout = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let mut server = Server { child, stdout, log, lines: Vec::new(), url: String::new() };
        while server.url.is_empty() {
            let mut line = String::new();
            let read = server.stdout.read_line(&mut line).expect("standard output is text");
            assert_ne!(read, 0, "no ready line: {:?} {}", server.lines, server.log());
            let line = line.trim_end().to_owned();
            line.strip_prefix("ready ").unwrap_or_default().clone_into(&mut server.url);
            server.lines.push(line);
        }
        server
    }
}

/// Names of what is in a folder.
pub fn entries(folder: &Path) -> Vec<String> {
    let listed = std::fs::read_dir(folder).expect("the folder can be listed");
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("an entry").file_name().into_string().expect("a name in UTF-8")
    };
    let mut names: Vec<String> = listed.map(name).collect();
    names.sort();
    names
}

/// A running server; killed when it is dropped.
pub struct Server {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    log: File,
    pub lines: Vec<String>,
    pub url: String,
}

impl Server {
    /// The value of a `NAME=value` line.
    pub fn value(&self, name: &str) -> &str {
        let found = self.lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or_else(|| panic!("no {name} in {:?}", self.lines))
    }

    /// What stands on standard error so far.
    pub fn log(&self) -> String {
        // The server writes at the file's one position, which must not be moved.
        let mut bytes = vec![0; usize::try_from(self.log.metadata().expect("a length").len()).expect("a short log")];
        self.log.read_exact_at(&mut bytes, 0).expect("a readable log");
        String::from_utf8(bytes).expect("text")
    }

    /// Sends a signal, such as `-TERM`.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Sends a signal and answers the exit status and what else stood on standard output.
    pub fn stop(self, signal: &str) -> (Option<i32>, String) {
        self.signal(signal);
        self.end()
    }

    /// Waits for the end, which has to come within 10 s, and answers the exit status and what else stood on standard
    /// output.
    pub fn end(mut self) -> (Option<i32>, String) {
        let until = Instant::now() + Duration::from_secs(10);
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the server's status") {
                break status;
            }
            assert!(Instant::now() < until, "the server did not end within 10 s: {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        };
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("standard output is text");
        (status.code(), rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
