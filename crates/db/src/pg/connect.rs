//! Connecting to PostgreSQL, in clear text or with TLS.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use postgres::config::SslMode;
use postgres::{Client, Config, NoTls};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{DbError, chain};
use crate::url::DatabaseUrl;

/// How long to wait for the connection itself.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to wait for everything, including a server that accepts and then says nothing.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);
/// What the driver takes when the URL says nothing: far too long to notice a dead server.
const KEEPALIVES_IDLE_UNSET: Duration = Duration::from_hours(2);

/// What every connection gets.
///
/// - `enable_seqscan = off`: a sequential scan of a small table, which the planner likes, locks
///   the whole table against concurrent writers at SERIALIZABLE; an index scan locks the rows.
/// - `jit = off`: the prices that the setting above puts on a scan would set off compilation.
/// - The timeouts bound what one stuck statement can hold up.
const SESSION: &str = "SET enable_seqscan = off; SET jit = off; SET synchronous_commit = on; \
     SET statement_timeout = '30s'; SET lock_timeout = '5s'; \
     SET idle_in_transaction_session_timeout = '60s'";

/// A server to connect to.
pub(super) struct Target {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    /// The URL without its password.
    shown: String,
}

impl Target {
    pub(super) fn parse(url: &str) -> Result<Self, DbError> {
        let shown = DatabaseUrl::Postgres(url.to_owned()).to_string();
        let (url, roots) = take_tls_settings(url);
        let mut config: Config = url
            .parse()
            .map_err(|error| DbError::Unavailable(format!("{shown} is not a database URL: {}", chain(&error))))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("deskwire");
        }
        if config.get_keepalives_idle() == KEEPALIVES_IDLE_UNSET {
            config.keepalives_idle(Duration::from_secs(30));
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_interval(Duration::from_secs(10)).keepalives_retries(3);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(Duration::from_secs(30));
        }
        // The driver's default is to try TLS and go on without. Checking certificates and falling
        // back would contradict each other, so only an explicit wish encrypts.
        let tls = match config.get_ssl_mode() {
            SslMode::Require => Some(tls(roots.as_deref())?),
            _ => None,
        };
        Ok(Self { config, tls, shown })
    }

    /// Connects, on a thread of its own so that a silent server cannot hold the caller for ever
    /// and the caller may be a thread of an asynchronous runtime.
    pub(super) fn connect(&self) -> Result<Client, DbError> {
        let (config, tls) = (self.config.clone(), self.tls.clone());
        let (send, receive) = sync_channel(1);
        thread::Builder::new()
            .name("db-connect".to_owned())
            .spawn(move || {
                let client = match tls {
                    Some(tls) => config.connect(tls),
                    None => config.connect(NoTls),
                };
                let _ = send.send(client.and_then(|mut client| {
                    client.batch_execute(SESSION)?;
                    Ok(client)
                }));
            })
            .map_err(|error| DbError::Unavailable(format!("no thread could start: {error}")))?;
        let reason = match receive.recv_timeout(OPEN_TIMEOUT) {
            Ok(Ok(client)) => return Ok(client),
            Ok(Err(error)) => chain(&error),
            Err(RecvTimeoutError::Timeout) => "the server does not answer".to_owned(),
            Err(RecvTimeoutError::Disconnected) => "the connecting thread panicked".to_owned(),
        };
        Err(DbError::Unavailable(format!(
            "cannot connect to {}: {reason}; check the address, the password and the server",
            self.shown
        )))
    }
}

/// Takes from the URL the settings the driver does not know: `sslrootcert`, and the modes that
/// ask for what `require` does here anyway.
fn take_tls_settings(url: &str) -> (String, Option<String>) {
    let Some((place, settings)) = url.rsplit_once('?') else {
        return (url.to_owned(), None);
    };
    let mut roots = None;
    let mut kept = Vec::new();
    for setting in settings.split('&') {
        match setting.split_once('=') {
            Some(("sslrootcert", file)) => roots = Some(file.to_owned()),
            Some(("sslmode", "verify-ca" | "verify-full")) => kept.push("sslmode=require"),
            _ => kept.push(setting),
        }
    }
    (format!("{place}?{}", kept.join("&")), roots)
}

/// A TLS client that trusts the given PEM file, or what the system trusts.
fn tls(roots_file: Option<&str>) -> Result<MakeRustlsConnect, DbError> {
    let refused = |reason: String| DbError::Unavailable(format!("TLS cannot be used: {reason}"));
    let mut roots = RootCertStore::empty();
    if let Some(file) = roots_file {
        let read = CertificateDer::pem_file_iter(file)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| refused(format!("cannot read sslrootcert {file}: {error}")))?;
        roots.add_parsable_certificates(read);
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if roots.is_empty() {
        return Err(refused("no trusted certificates were found; name a PEM file with sslrootcert".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
