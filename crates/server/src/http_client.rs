//! HTTP clients of this server, as far as they are made alike.

use std::error::Error;

use reqwest::{Client, ClientBuilder};

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
