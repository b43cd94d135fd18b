//! HTTP clients of this server, as far as they are made alike.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use reqwest::{Client, ClientBuilder};
use tower::{BoxError, Layer, Service};

use crate::clock::{TimedOut, Timers};

/// Builds a client. Reads the system's certificates, which takes a while. Without any, `https` addresses cannot be
/// reached, and the log names them as `what`.
///
/// # Errors
/// What keeps a client from being made at all.
pub fn build(builder: impl Fn() -> ClientBuilder, what: &str) -> Result<Client, reqwest::Error> {
    // Fails only if the process has a provider already, which will do as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    builder().build().or_else(|error| {
        tracing::warn!(error = %cause(&error), "no trusted certificates; {what} cannot be reached");
        builder().tls_certs_only([]).build()
    })
}

/// The innermost error; the outer ones repeat the URL, which may hold a secret.
pub fn cause(error: &reqwest::Error) -> String {
    sources(error).last().map_or_else(|| "the request could not be sent".to_owned(), ToString::to_string)
}

/// What led to an error, the innermost last.
pub fn sources<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |inner| (*inner).source())
}

/// A layer for [`ClientBuilder::connector_layer`]: connecting, from the name to the end of the TLS handshake, may take
/// `limit`. The client's own limit would not live by the injected clock.
#[derive(Debug, Clone)]
pub struct ConnectWithin {
    /// The longest time.
    pub limit: Duration,
    /// What it is measured by.
    pub timers: Timers,
}

/// Connecting took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no connection within {} s", .0.as_secs())]
pub struct NoConnection(pub Duration);

/// A connector with a limit.
#[derive(Debug, Clone)]
pub struct Limited<S> {
    connector: S,
    by: ConnectWithin,
}

impl<S> Layer<S> for ConnectWithin {
    type Service = Limited<S>;

    fn layer(&self, connector: S) -> Limited<S> {
        Limited { connector, by: self.clone() }
    }
}

impl<S, R> Service<R> for Limited<S>
where
    S: Service<R, Error = BoxError>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (connecting, ConnectWithin { limit, timers }) = (self.connector.call(request), self.by.clone());
        Box::pin(async move {
            let connected = timers.timeout(limit, connecting).await;
            connected.unwrap_or_else(|TimedOut| Err(NoConnection(limit).into()))
        })
    }
}
