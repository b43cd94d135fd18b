//! How a command ends when it cannot go on: lines on standard error and an exit status.

use std::path::Path;
use std::process::ExitCode;

use desk::deskfile::{Fault, Stop};
use server::StartError;
use server::settings::SettingsError;

use crate::out;

/// Why a command ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// 2 for mistakes in the configuration or a desk file, 3 for a time-out, 1 for everything else.
    pub status: u8,
    /// One line for each mistake.
    pub lines: Vec<String>,
}

impl Failure {
    /// A mistake in the configuration.
    pub fn config(line: String) -> Self {
        Self { status: 2, lines: vec![line] }
    }

    /// Anything but a mistake in the configuration.
    pub fn other(line: String) -> Self {
        Self { status: 1, lines: vec![line] }
    }

    /// The mistakes of a desk file.
    pub fn faults(file: &Path, faults: &[Fault]) -> Self {
        Self { status: 2, lines: faults.iter().map(|fault| format!("{}: {fault}", file.display())).collect() }
    }

    /// Why a desk file was not applied.
    pub fn stop(file: &Path, stop: &Stop) -> Self {
        match stop {
            Stop::Faults(faults) => Self::faults(file, faults),
            other => Self::other(format!("{}: {other}", file.display())),
        }
    }

    /// Writes the lines and answers the exit status.
    pub fn report(&self) -> ExitCode {
        for line in &self.lines {
            let line = line.split(char::is_control).collect::<Vec<_>>().join(" ");
            out::error_line(&format!("deskwire: {line}"));
        }
        ExitCode::from(self.status)
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self::other(error.to_string())
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::config(error.to_string())
    }
}

impl From<desk::Refusal> for Failure {
    fn from(refusal: desk::Refusal) -> Self {
        Self::other(refusal.to_string())
    }
}

impl From<db::DbError> for Failure {
    fn from(error: db::DbError) -> Self {
        Self::other(error.to_string())
    }
}

/// A reader that went away has read enough; every other failure is told.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self { status: 0, lines: Vec::new() };
        }
        Self::other(format!("the output cannot be written: {error}"))
    }
}
