//! Starts and stops a server.
//!
//! [`Server::open`] does everything up to the point where a desk file may be applied; [`Server::listen`] takes requests.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use db::{Db, DbError, Options};
use desk::Refusal;
use desk::ids::Ids;
use desk::vault::Vault;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::app::{App, Parts};
use crate::clock::Clock;
use crate::embedding::{self, Embedder};
use crate::front::Front;
use crate::serve::serve;
use crate::settings::{Mode, Settings};
use crate::{
    answering, calibrating, dev, indexing, learning, lease, master_key, notifications, oauth, push, recycle_bin,
    router, routing, synonyms,
};

/// How long requests in flight, tasks, and the database each may take to end.
const REQUESTS_PATIENCE: Duration = Duration::from_secs(5);
const TASKS_PATIENCE: Duration = Duration::from_millis(3_500);
const CLOSING_PATIENCE: Duration = Duration::from_secs(1);
/// How often idle apps' rate meters are forgotten, in ms.
const FORGET_IDLE_MS: i64 = 60_000;

/// Why a server did not start: one line with the key or file and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

/// A server with its database open that does not listen yet.
#[derive(Debug)]
pub struct Server {
    app: App,
    lease: lease::Lease,
}

/// A server that takes requests.
#[derive(Debug)]
pub struct Running {
    app: App,
    lease: lease::Lease,
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Server {
    /// Opens the data directory and the database, migrates, leases a server number, loads the directory.
    ///
    /// # Errors
    /// What keeps the server from working.
    pub async fn open(settings: Settings, clock: Clock) -> Result<Self, StartError> {
        make_data_dir(&settings.data_dir)?;
        let from_environment = std::env::var(master_key::VARIABLE).ok();
        let master = master_key::load(&settings.data_dir, from_environment.as_deref()).map_err(StartError)?;
        let db = open_database(&settings).await?;
        let lease = lease::Lease::take(&db, clock.now_ms()).await?;
        let seed = master_key::random().map_err(StartError)?;
        let ids = Arc::new(Ids::new(lease.node(), seed));
        let parts = Parts { db, clock, vault: Vault::new(master), ids, settings };
        let app = App::new(parts).await.map_err(|refusal| StartError(format!("database: {refusal}")))?;
        Ok(Self { app, lease })
    }

    /// [`Self::open`], then [`Self::listen`].
    ///
    /// # Errors
    /// What keeps the server from working.
    pub async fn start(settings: Settings, clock: Clock) -> Result<Running, StartError> {
        Self::open(settings, clock).await?.listen().await
    }

    /// The state, for what has to happen before the first request.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Gives the server number back and closes the database, for commands that do not listen.
    pub async fn close(self) {
        self.lease.give_back(self.app.db()).await;
        let db = self.app.db().clone();
        if tokio::task::spawn_blocking(move || db.close()).await.is_err() {
            tracing::warn!("the database did not close");
        }
    }

    /// Makes ready what makes sentence vectors, if the settings name it, for commands that do not listen.
    ///
    /// # Errors
    /// The model cannot be used, or there is no HTTP client.
    pub async fn with_embedder(&self) -> Result<(), StartError> {
        open_embedder(&self.app).await
    }

    /// Takes requests and starts the workers.
    ///
    /// # Errors
    /// The address is taken or not this machine's.
    pub async fn listen(self) -> Result<Running, StartError> {
        let Self { app, lease } = self;
        let listener = bind(app.settings().listen).await?;
        let address = listener.local_addr().map_err(|error| StartError(format!("listen: {error}")))?;
        app.bound_to(address);
        open_embedder(&app).await?;
        if app.settings().mode == Mode::Dev {
            let remembered = dev::snapshot::remember(&app).await;
            remembered.map_err(|refusal| StartError(format!("database: {refusal}")))?;
        }
        spawn_workers(&app, &lease);
        let service = Front::new(app.clone(), router::build(&app));
        let serving = tokio::spawn(serve(listener, service, app.clock().network().clone(), app.workers().stop()));
        Ok(Running { app, lease, address, serving })
    }
}

async fn open_embedder(app: &App) -> Result<(), StartError> {
    if let Some(settings) = &app.settings().embeddings {
        let opened = Embedder::open(settings, app.metrics().clone(), app.clock().network().clone()).await?;
        app.embeds_with(Arc::new(opened));
    }
    Ok(())
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The state.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Stops accepting, finishes what is in flight, ends the workers, gives the server number back and closes the
    /// database; at most 10 s.
    pub async fn shutdown(mut self) {
        self.app.workers().request_stop();
        let timers = self.app.clock().network().clone();
        if timers.timeout(REQUESTS_PATIENCE, &mut self.serving).await.is_err() {
            tracing::warn!("some requests did not end in time and were cut off");
            self.serving.abort();
        }
        self.app.workers().shut_down(&timers, TASKS_PATIENCE).await;
        self.lease.give_back(self.app.db()).await;
        let db = self.app.db().clone();
        let closing = tokio::task::spawn_blocking(move || db.close());
        if timers.timeout(CLOSING_PATIENCE, closing).await.is_err() {
            tracing::warn!("the database did not close in time");
        }
    }
}

/// The workers, one line each.
fn spawn_workers(app: &App, lease: &lease::Lease) {
    let workers = app.workers();
    workers.spawn("directory", app.clone().follow_directory());
    workers.spawn("server number", lease.clone().keep(app.clone()));
    workers.spawn("delivery", push::run(app.clone()));
    workers.spawn("answering", answering::run(app.clone()));
    workers.spawn("learning", learning::run(app.clone()));
    workers.spawn("calibrating", calibrating::run(app.clone()));
    workers.spawn("search", indexing::run(app.clone()));
    workers.spawn("synonyms", synonyms::run(app.clone()));
    workers.spawn("notifications", notifications::run(app.clone()));
    workers.spawn("routing", routing::run(app.clone()));
    workers.spawn("recycle bin", recycle_bin::run(app.clone()));
    if let Some(embedder) = app.embedder() {
        workers.spawn("embeddings", embedding::run(app.clone(), Arc::clone(embedder)));
    }
    workers.spawn_job("warm-up", warm(app.clone()));
    workers.spawn("index memory", forget_idle_desks(app.clone()));
    workers.spawn("rate limits", forget_idle(app.clone()));
    workers.spawn("log-ins", oauth::forget(app.clone()));
}

/// Builds FAQ indexes, as many as there is memory for, before the first question needs them. A question that comes earlier builds its own.
async fn warm(app: App) {
    if let Err(refusal) = app.engines().warm(&app).await {
        tracing::warn!(%refusal, "the FAQ indexes could not be built ahead; they are built when they are needed");
    }
}

async fn forget_idle_desks(app: App) {
    app.engines().forget_idle().await;
}

async fn forget_idle(app: App) {
    loop {
        app.clock().sleep(FORGET_IDLE_MS).await;
        app.limits().forget_idle();
    }
}

fn make_data_dir(path: &Path) -> Result<(), StartError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let shown = path.display();
    builder.create(path).map_err(|error| {
        StartError(format!("data_dir: {shown} cannot be made: {error}; allowed is a writable folder"))
    })?;
    // Permissions do not tell everything (read-only mounts, root), trying does.
    let probe = path.join(".write-probe");
    let tried = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe));
    match tried {
        // A command beside has tried at the same time, and taken the file away for both.
        Err(error) if error.kind() == ErrorKind::NotFound && path.is_dir() => Ok(()),
        tried => tried.map_err(|error| {
            StartError(format!("data_dir: {shown} cannot be written to: {error}; allowed is a writable folder"))
        }),
    }
}

async fn open_database(settings: &Settings) -> Result<Db, StartError> {
    let url = settings.database.clone();
    let opening = tokio::task::spawn_blocking(move || {
        let db = Db::open(&url, &Options::default())?;
        let applied = db.migrate(desk::MIGRATIONS)?;
        Ok::<_, DbError>((db, applied))
    });
    let shown = &settings.database;
    match opening.await {
        Ok(Ok((db, applied))) => {
            tracing::info!(database = %shown, migrations = applied, "database open");
            Ok(db)
        }
        Ok(Err(error)) => Err(StartError(format!("database: {shown}: {error}"))),
        Err(error) => Err(StartError(format!("database: {shown}: opening it failed: {error}"))),
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| {
        StartError(match error.kind() {
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
        })
    })
}

impl From<Refusal> for StartError {
    fn from(refusal: Refusal) -> Self {
        Self(format!("database: {refusal}"))
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests wait for tasks in real time")]
#[path = "run_tests.rs"]
mod tests;
