//! Where a request comes from: the address of the connection, or what a proxy in front tells of the client.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;

use crate::app::App;
use crate::settings::Settings;

const FORWARDED: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// The other end of the connection; an extension of every request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub SocketAddr);

/// The client's address.
pub(crate) fn address(app: &App, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
    let peer = extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip().to_canonical());
    client(peer, headers, &app.settings().trusted_proxies)
}

/// Whether the client's own connection is encrypted: the public URL says so, or a trusted proxy that the request came
/// through.
pub(crate) fn is_https(app: &App, headers: &HeaderMap, extensions: &Extensions) -> bool {
    let Settings { public_url, trusted_proxies, .. } = app.settings();
    let by_proxy = || {
        let peer = extensions.get::<Peer>()?.0.ip().to_canonical();
        let told = headers.get(FORWARDED_PROTO)?.to_str().ok()?;
        // As with the addresses, the last one is the nearest proxy's.
        let https = told.rsplit(',').next()?.trim().eq_ignore_ascii_case("https");
        Some(https && trusted_proxies.iter().any(|network| network.contains(&peer)))
    };
    match public_url {
        Some(url) => url.starts_with("https://"),
        None => by_proxy().unwrap_or(false),
    }
}

/// The nearest address that is not a trusted proxy's. Each proxy appends whom it was called by, so the list is read from
/// its end, and only as far as its writers are trusted.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let trusted = |address: IpAddr| proxies.iter().any(|network| network.contains(&address));
    let mut nearest = peer;
    let told = headers.get_all(FORWARDED).iter().rev().filter_map(|value| value.to_str().ok());
    for told in told.flat_map(|list| list.rsplit(',')) {
        if !trusted(nearest) {
            break;
        }
        let Ok(address) = told.trim().parse::<IpAddr>() else { break };
        nearest = address.to_canonical();
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_tells_who_the_client_is() {
        let proxies: Vec<IpNet> = ["127.0.0.0/8", "10.0.0.0/24"].map(|n| n.parse().unwrap()).into();
        let find = |peer: &str, told: &[&str]| {
            let mut headers = HeaderMap::new();
            for list in told {
                headers.append(FORWARDED, list.parse().unwrap());
            }
            client(peer.parse().unwrap(), &headers, &proxies).to_string()
        };
        assert_eq!(find("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(find("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(find("127.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(find("127.0.0.1", &["203.0.113.9, 198.51.100.7, 10.0.0.3"]), "198.51.100.7");
        assert_eq!(find("127.0.0.1", &["203.0.113.9", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(find("127.0.0.1", &["junk"]), "127.0.0.1");
        assert_eq!(find("127.0.0.1", &["2001:db8::1"]), "2001:db8::1");
    }
}
