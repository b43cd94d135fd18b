//! Where events may not go. Anybody who may set an app's request URL could otherwise make this server call machines
//! that only it can reach: its own host, the private network, a cloud's metadata service.
//!
//! *What is guaranteed.* A name is judged by the very addresses that are then connected to, because the HTTP client has
//! no other resolver; so a name cannot pass here and lead elsewhere a moment later. An address written in the URL never
//! reaches a resolver and is judged by [`Guard::check`]. Redirects are not followed, and no proxy is used.
//! *What is absent:* a choice between networks. The operator allows private addresses or doesn't.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A target that events may not go to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{target} is not a public address; set allow_private_webhooks = true (or --allow-private-webhooks) to let events \
     go to loopback and private networks"
)]
pub struct Refused {
    /// The address, or the name and its address.
    pub target: String,
}

/// Judges addresses, and is the HTTP client's resolver.
#[derive(Debug, Clone, Copy)]
pub struct Guard {
    /// Whether every address will do.
    pub allow_private: bool,
}

impl Guard {
    /// Refuses a URL whose host is a forbidden address. Names are judged when they are resolved.
    pub fn check(self, url: &Url) -> Result<(), Refused> {
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match literal {
            Ok(address) if !self.allows(address) => Err(Refused { target: address.to_string() }),
            _ => Ok(()),
        }
    }

    fn allows(self, address: IpAddr) -> bool {
        self.allow_private || is_public(address)
    }

    fn choose(self, name: &str, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, Refused> {
        let mut refused = None;
        let mut allowed = Vec::new();
        for socket in found {
            if self.allows(socket.ip()) {
                allowed.push(socket);
            } else {
                refused = Some(socket.ip());
            }
        }
        match refused {
            Some(address) if allowed.is_empty() => Err(Refused { target: format!("{name} ({address})") }),
            _ => Ok(allowed),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = *self;
        Box::pin(async move {
            // Port 0 stands for the URL's port.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed = guard.choose(name.as_str(), found)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address belongs to the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match a {
        // This network, private, loopback; multicast and everything above it is no single host's address.
        0 | 10 | 127 | 224..=255 => true,
        // Carrier-grade NAT; Alibaba Cloud's metadata service is in it.
        100 => (64..128).contains(&b),
        // Link-local, where most clouds have their metadata service.
        169 => b == 254,
        172 => (16..32).contains(&b),
        // Private, IETF protocol assignments (with Oracle Cloud's metadata service), documentation, 6to4 relays.
        192 => b == 168 || (b == 0 && (c == 0 || c == 2)) || (b == 88 && c == 99),
        // Benchmarks and documentation.
        198 => b == 18 || b == 19 || (b == 51 && c == 100),
        203 => b == 0 && c == 113,
        // Azure's metadata and wire server, a public address that is answered on the host.
        168 => address == Ipv4Addr::new(168, 63, 129, 16),
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Unspecified, loopback, IPv4-mapped, -translated and -compatible addresses, NAT64 and 6to4: the IPv4 address
        // inside decides (`::` and `::1` are 0.0.0.0 and 0.0.0.1, both special).
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => is_public_v4(inner_v4(high, low)),
        // Teredo, benchmarks, ORCHID and other protocol assignments; documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Only 2000::/3 is given out as global unicast; unique local, link-local, site-local and multicast are beyond.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

fn inner_v4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.9.9.9",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "5f00::1",
    ];
    const PUBLIC: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "168.63.129.17",
        "169.253.1.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "192.169.0.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a00:1450::1",
    ];

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_public_addresses_are_public() {
        for text in PRIVATE {
            assert!(!is_public(ip(text)), "{text}");
        }
        for text in PUBLIC {
            assert!(is_public(ip(text)), "{text}");
        }
    }

    #[test]
    fn an_address_in_the_url_is_judged_in_every_spelling() {
        let (strict, open) = (Guard { allow_private: false }, Guard { allow_private: true });
        for url in [
            "http://127.0.0.1/",
            "http://127.1:80/x",
            "http://0x7f.0.0.1",
            "http://2130706433/",
            "http://0/",
            "http://017700000001/",
            "https://[::1]:8443/",
            "https://[::ffff:169.254.169.254]/",
            "http://user@10.0.0.1/",
        ] {
            let url = Url::parse(url).unwrap();
            let refused = strict.check(&url).unwrap_err().to_string();
            assert!(refused.contains("allow_private_webhooks"), "{url}: {refused}");
            assert_eq!(open.check(&url), Ok(()));
        }
        assert_eq!(strict.check(&Url::parse("https://8.8.8.8/").unwrap()), Ok(()));
        assert_eq!(strict.check(&Url::parse("https://localhost/").unwrap()), Ok(()), "names are judged when resolved");
    }

    #[test]
    fn of_a_name_only_the_public_addresses_are_used() {
        let guard = Guard { allow_private: false };
        let socket = |text: &str| SocketAddr::new(ip(text), 0);
        let mixed = [socket("10.0.0.1"), socket("8.8.8.8")];
        assert_eq!(guard.choose("a.example", mixed.into_iter()).unwrap(), [socket("8.8.8.8")]);
        let refused = guard.choose("a.example", [socket("10.0.0.1")].into_iter()).unwrap_err();
        assert!(refused.to_string().starts_with("a.example (10.0.0.1) is not a public address"), "{refused}");
    }

    #[tokio::test]
    async fn localhost_is_refused_when_it_is_resolved() {
        let error = Guard { allow_private: false }.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert!(error.downcast_ref::<Refused>().is_some(), "{error}");
        assert!(Guard { allow_private: true }.resolve("localhost".parse().unwrap()).await.is_ok());
    }
}
