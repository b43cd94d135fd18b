//! `deskwire export`

use desk::deskfile;
use server::clock::Clock;
use server::{App, Server};

use crate::cli::{ExportArgs, FileFormat};
use crate::fail::Failure;
use crate::{config, files, out, tickets};

/// Runs it.
pub async fn run(args: ExportArgs) -> Result<(), Failure> {
    let settings = config::store(args.store.clone())?;
    files::require_database(&settings)?;
    let server = Server::open(settings, Clock::system()).await?;
    let outcome = match args.tickets {
        Some(format) => tickets::write(server.app(), format).await,
        None => desk_file(server.app(), &args).await,
    };
    server.close().await;
    outcome
}

async fn desk_file(app: &App, args: &ExportArgs) -> Result<(), Failure> {
    let (vault, with_secrets) = (app.vault().clone(), args.with_secrets);
    let file = app.read(move |tx, _| Ok(deskfile::export(tx, &vault, with_secrets)?)).await?;
    let unwritable =
        |error: &dyn std::fmt::Display| Failure::other(format!("the desk file cannot be written: {error}"));
    let text = match args.format {
        FileFormat::Yaml => serde_saphyr::to_string(&file).map_err(|error| unwritable(&error))?,
        FileFormat::Json => serde_json::to_string_pretty(&file).map_err(|error| unwritable(&error))?,
    };
    Ok(out::line(text.trim_end())?)
}
