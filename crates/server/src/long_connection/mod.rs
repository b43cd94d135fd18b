//! The long connection: apps get their events over a WebSocket that they open themselves, with no public address
//! (reference: platform-protocol 6).
//!
//! *Who is who.* A client asks [`discovery`] with its app's secret and gets a URL with a [`ticket`] that is good once
//! and for a minute. The [`handshake`] checks it and puts the connection on the list of [`live`] ones; from then on a
//! [`connection`] task of its own keeps it. The deliverer ([`crate::push`]) claims an app's events only while a
//! connection is live here, and [`deliver`] sends each on one of them, chosen at random, in [`parts`] if it is large.
//!
//! *What is guaranteed.* What is not acknowledged is sent again, as with webhooks. An answer counts on whatever
//! connection of the app it comes, and also after its time is over.
//!
//! *What is absent.* Encryption and signatures, which this transport does not have. A view of other servers'
//! connections: limits, tickets used up and the list are this server's alone.

pub(crate) mod connection;
pub(crate) mod deliver;
pub(crate) mod discovery;
pub(crate) mod handshake;
pub mod live;
pub(crate) mod parts;
pub(crate) mod ticket;

use axum::Router;
use axum::routing::{get, post};
use desk::directory::{self, AppType, Delivery};
use desk::vault::Vault;
use wire::long_connection::ClientConfig;

use crate::app::App;
use live::Live;
use ticket::Tickets;

/// Connections that an app may have at the same time (reference: platform-protocol 6).
pub const CONNECTIONS_MAX: usize = 50;

/// What clients are told. Their pings are only a sign of life, so they may be rare; coming back is quick, so that
/// restarts are hardly felt.
pub const CLIENT_CONFIG: ClientConfig =
    ClientConfig { reconnect_count: -1, reconnect_interval: 3, reconnect_nonce: 1, ping_interval: 90 };

/// `service_id` of URLs and frames; the platform's.
pub(crate) const SERVICE: i32 = 33_554_678;

/// What a server remembers of long connections.
#[derive(Debug)]
pub struct LongConnections {
    pub(crate) tickets: Tickets,
    /// The connections that are open.
    pub live: Live,
}

impl LongConnections {
    /// No connections, and tickets under a key of `vault`.
    pub fn new(vault: &Vault) -> Self {
        Self { tickets: Tickets::new(vault), live: Live::default() }
    }
}

/// Whether an app gets its events by long connection.
pub fn connects(app: &directory::App) -> bool {
    app.app_type == AppType::Custom && app.delivery == Delivery::LongConnection
}

/// Discovery and the WebSocket.
pub fn routes() -> Router<App> {
    Router::new().route("/callback/ws/endpoint", post(discovery::discover)).route("/ws/v2", get(handshake::connect))
}
