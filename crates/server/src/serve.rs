//! Takes connections and serves HTTP/1.1 on them. Like `axum::serve`, which can neither spell header names nor give up on
//! a client that never finishes its headers.

use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::serve::Listener;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::clock::Timers;
use crate::dev::layer::Sever;
use crate::front::Front;
use crate::peer::Peer;
use crate::workers::Stop;

/// How long a client may take to send its headers, idle time before them included.
const HEADERS_WITHIN: Duration = Duration::from_secs(75);

/// Takes connections until told to stop, then lets the requests in flight end.
pub async fn serve(mut listener: TcpListener, service: Front<Router>, timers: Timers, mut stop: Stop) {
    let mut http = http1::Builder::new();
    // `X-Tt-Logid`, not `x-tt-logid`: the Python SDK finds the log id by this spelling alone.
    http.title_case_headers(true).timer(timers).header_read_timeout(HEADERS_WITHIN);
    let mut connections = JoinSet::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            Some(_) = connections.join_next() => continue,
            () = stop.requested() => break,
        };
        // Answers are small and whole; waiting to fill a packet would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection could not be set to send at once");
        }
        let sever = service.is_dev().then(Sever::default);
        let at_once = sever.clone();
        let service = service.clone().map_request(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            if let Some(sever) = &sever {
                request.extensions_mut().insert(sever.clone());
            }
            request
        });
        let service = TowerToHyperService::new(service);
        let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
        let mut stop = stop.clone();
        connections.spawn(async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = severed(at_once) => return,
                () = stop.requested() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::trace!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Waits until a developer's fault closes the connection; for ever where there are no faults.
async fn severed(sever: Option<Sever>) {
    match sever {
        Some(sever) => sever.severed().await,
        None => std::future::pending().await,
    }
}
