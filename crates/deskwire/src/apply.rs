//! `deskwire apply`

use std::path::PathBuf;

use db::DatabaseUrl;
use desk::deskfile::{self, Report};
use server::Server;
use server::clock::Clock;
use server::settings::Settings;

use crate::cli::ApplyArgs;
use crate::fail::Failure;
use crate::files::{self, Source};
use crate::{config, out};

/// Runs it.
pub async fn run(args: ApplyArgs) -> Result<(), Failure> {
    if args.schema {
        return Ok(out::line(&format!("{:#}", deskfile::schema()))?);
    }
    let mut settings = config::store(args.store)?;
    let sources = files::read(&args.files)?;
    files::check_early(&sources, &settings)?;
    let scratch = if args.dry_run && files::is_missing(&settings) { Some(Scratch::make(&mut settings)?) } else { None };
    let outcome = apply(settings, sources, args.dry_run).await;
    drop(scratch);
    outcome
}

async fn apply(settings: Settings, sources: Vec<Source>, dry_run: bool) -> Result<(), Failure> {
    let server = Server::open(settings, Clock::system()).await?;
    let mut outcome = Ok(());
    for source in sources {
        let name = source.path.display().to_string();
        outcome = match files::put(server.app(), source, dry_run).await {
            Ok(report) => print(&name, &report, dry_run),
            Err(failure) => Err(failure),
        };
        if outcome.is_err() {
            break;
        }
    }
    server.close().await;
    outcome
}

fn print(name: &str, report: &Report, dry_run: bool) -> Result<(), Failure> {
    for change in &report.changes {
        out::line(&change.to_string())?;
    }
    for made in &report.made {
        // A rehearsal's ids and secrets are not those that an apply will make.
        out::line(&if dry_run { format!("would make {}", made.name) } else { made.to_string() })?;
    }
    for kept in &report.kept {
        out::line(&format!("kept {kept}"))?;
    }
    let rehearsal = if dry_run { " (dry run: nothing was written)" } else { "" };
    Ok(out::line(&format!("{name}: {}{rehearsal}", report.summary()))?)
}

/// A rehearsal against a database that is not there needs one for the moment; it leaves nothing behind.
struct Scratch {
    folder: PathBuf,
    data_dir_is_new: bool,
    data_dir: PathBuf,
}

impl Scratch {
    /// Moves the settings to a folder of their own.
    fn make(settings: &mut Settings) -> Result<Self, Failure> {
        let data_dir = settings.data_dir.clone();
        let data_dir_is_new = !data_dir.exists();
        let folder = data_dir.join(format!(".dry-run-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| Failure::other(format!("data_dir: {} cannot be made: {error}", folder.display())))?;
        settings.database = DatabaseUrl::Sqlite(folder.join("deskwire.db"));
        settings.data_dir.clone_from(&folder);
        Ok(Self { folder, data_dir_is_new, data_dir })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is only a folder of rehearsals.
        let _ = std::fs::remove_dir_all(&self.folder);
        if self.data_dir_is_new {
            let _ = std::fs::remove_dir(&self.data_dir);
        }
    }
}
