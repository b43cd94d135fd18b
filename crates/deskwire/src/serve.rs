//! `deskwire serve` and `deskwire dev`: start, say that the server is ready, wait for a signal, stop.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

use desk::deskfile::Report;
use server::clock::Clock;
use server::{App, Server};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::ServerFlags;
use crate::dev::{self, Folder};
use crate::fail::Failure;
use crate::files::{self, Source};
use crate::{config, out};

/// Runs the production server until a signal.
pub async fn serve(flags: ServerFlags) -> Result<(), Failure> {
    let settings = config::serve(flags)?;
    let sources = files::read(&settings.apply)?;
    probe(settings.listen)?;
    files::check_early(&sources, &settings)?;
    let stop = Stop::new()?;
    let server = Server::open(settings, Clock::system()).await?;
    for (_, report) in prepare(&server, sources).await? {
        // Standard output holds the ready line alone, and these are told only this once.
        for made in &report.made {
            out::error_line(&made.to_string());
        }
    }
    run(server, stop, |_| Vec::new()).await
}

/// Runs the developer server until a signal.
pub async fn dev(flags: ServerFlags) -> Result<(), Failure> {
    let (settings, keeps_data) = config::dev(flags)?;
    let sources = if settings.apply.is_empty() { vec![dev::demo()?] } else { files::read(&settings.apply)? };
    probe(settings.listen)?;
    // Held until the end, so that no other developer server wipes the folder under this one.
    let _folder = Folder::take(&settings, keeps_data, &sources)?;
    let stop = Stop::new()?;
    let server = Server::open(settings, Clock::system()).await?;
    let applied = prepare(&server, sources).await?;
    let app = server.app().clone();
    run(server, stop, |url| {
        let lines = dev::credentials(url, &applied);
        server::dev::told(&app, &lines);
        lines
    })
    .await
}

/// Applies the desk files before the first request.
async fn prepare(server: &Server, sources: Vec<Source>) -> Result<Vec<(Source, Report)>, Failure> {
    let mut applied = Vec::new();
    for source in sources {
        let report = files::put(server.app(), source.clone(), false).await?;
        applied.push((source, report));
    }
    reload(server.app()).await?;
    Ok(applied)
}

async fn reload(app: &App) -> Result<(), Failure> {
    Ok(app.reload_directory().await?)
}

async fn run(server: Server, mut stop: Stop, lines: impl FnOnce(&str) -> Vec<String>) -> Result<(), Failure> {
    let running = server.listen().await?;
    let url = format!("http://{}", running.address());
    let mut told = lines(&url).iter().try_for_each(|line| out::line(line));
    if told.is_ok() {
        told = out::line(&format!("ready {url}"));
    }
    if told.is_ok() {
        stop.requested().await;
    }
    running.shutdown().await;
    Ok(told?)
}

/// A busy port is told before anything is opened, made or wiped.
fn probe(address: SocketAddr) -> Result<(), Failure> {
    let Err(error) = TcpListener::bind(address) else { return Ok(()) };
    Err(Failure::other(match error.kind() {
        ErrorKind::AddrInUse => {
            format!("listen: {address} is in use by another program, allowed is a free port or 0 for any")
        }
        ErrorKind::AddrNotAvailable => {
            format!("listen: {address} is not an address of this machine, allowed is one that is, or 0.0.0.0")
        }
        ErrorKind::PermissionDenied => {
            format!("listen: {address} needs more rights than this program has, allowed is a port from 1024 on")
        }
        _ => format!("listen: {address}: {error}"),
    }))
}

/// SIGTERM and SIGINT, noticed from its making on.
pub struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    /// Starts to notice them.
    pub fn new() -> Result<Self, Failure> {
        let listen =
            |kind| signal(kind).map_err(|error| Failure::other(format!("signals cannot be received: {error}")));
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// Waits for the first.
    pub async fn requested(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
