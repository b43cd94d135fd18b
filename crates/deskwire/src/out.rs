//! Lines on standard output and standard error.

use std::io::{self, Write};

/// Writes a line to standard output at once.
pub fn line(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// Writes a line to standard error. If nobody reads that, there is nobody left to tell.
pub fn error_line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
