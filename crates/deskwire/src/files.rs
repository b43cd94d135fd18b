//! Desk files from the disk.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use db::DatabaseUrl;
use desk::deskfile::{self, DeskFile, Format, Known, Report};
use server::App;
use server::settings::Settings;

use crate::config;
use crate::fail::Failure;

/// A desk file and where it came from.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path, for messages.
    pub path: PathBuf,
    /// What it says.
    pub file: DeskFile,
}

/// Reads desk files (`-` is standard input) and finds what can be found without a database.
///
/// # Errors
/// A file that cannot be read, or every mistake of all files.
pub fn read(paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    let mut mistakes = Vec::new();
    for path in paths {
        match parse(path, &text(path)?) {
            Ok(source) => sources.push(source),
            Err(failure) => mistakes.extend(failure.lines),
        }
    }
    if mistakes.is_empty() { Ok(sources) } else { Err(Failure { status: 2, lines: mistakes }) }
}

/// Reads the text of a desk file, and the pictures that it names.
pub fn parse(path: &Path, text: &str) -> Result<Source, Failure> {
    let env = |name: &str| std::env::var(name).ok();
    let told = |faults: Vec<deskfile::Fault>| Failure::faults(path, &faults);
    let mut file = deskfile::parse(text, Format::of(path), &env).map_err(told)?;
    // The folder of standard input is the one that the command runs in.
    let folder = path.parent().unwrap_or(Path::new(""));
    deskfile::load_pictures(&mut file, &|name| std::fs::read(folder.join(name))).map_err(told)?;
    Ok(Source { path: path.to_owned(), file })
}

fn text(path: &Path) -> Result<String, Failure> {
    let read = if path.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    read.map_err(|error| Failure::config(format!("{}: the desk file cannot be read: {error}", path.display())))
}

/// Checks the first file against an empty database, if that is what it is going to meet: so that a mistake is told
/// before a database is made. The others may refer to what files before them make, and are checked in their turn.
pub fn check_early(sources: &[Source], settings: &Settings) -> Result<(), Failure> {
    let Some(first) = sources.first().filter(|_| is_missing(settings)) else { return Ok(()) };
    let faults = deskfile::check(&first.file, &Known::default());
    if faults.is_empty() { Ok(()) } else { Err(Failure::faults(&first.path, &faults)) }
}

/// Whether the database is a file that is not there yet.
pub fn is_missing(settings: &Settings) -> bool {
    matches!(&settings.database, DatabaseUrl::Sqlite(path) if !path.exists())
}

/// Refuses to make a database where one has to be.
pub fn require_database(settings: &Settings) -> Result<(), Failure> {
    if is_missing(settings) {
        let dev = settings.data_dir.join(config::DEV);
        let hint = if dev.exists() {
            format!("; the data of deskwire dev is in --data-dir {}", dev.display())
        } else {
            String::new()
        };
        let line = format!(
            "database: {} is not there; make one with deskwire serve or deskwire apply{hint}",
            settings.database
        );
        return Err(Failure::other(line));
    }
    Ok(())
}

/// Applies a file to a server's database.
pub async fn put(app: &App, source: Source, dry_run: bool) -> Result<Report, Failure> {
    let app = app.clone();
    let path = source.path.clone();
    let applying = tokio::task::spawn_blocking(move || {
        deskfile::put(app.db(), (app.vault(), &Arc::clone(app.ids())), app.now_ms(), source.file, dry_run)
    });
    match applying.await {
        Ok(outcome) => outcome.map_err(|stop| Failure::stop(&path, &stop)),
        Err(error) => Err(Failure::other(format!("{}: applying it failed: {error}", path.display()))),
    }
}
