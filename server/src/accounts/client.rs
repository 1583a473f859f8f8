//! The client of a request: network address, browser, device cookie.

use super::device_cookie::DeviceCookie;
use model::accounts::Device;
use std::net::{IpAddr, Ipv6Addr};
use woothee::parser::Parser;

/// The client of a request.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Network address, as the distribution saw it; of IPv6 the /64 prefix.
    pub address: String,
    /// Browser and system, from `User-Agent`.
    pub device: Device,
    /// The addresses that it signed in with before.
    pub device_cookie: DeviceCookie,
}

impl Client {
    /// Reads the headers of a request from the distribution. `peer` is the client of the HTTP API: one of the distribution's servers.
    pub fn read(user_agent: Option<&str>, forwarded_for: Option<&str>, peer: &str, device_cookie: DeviceCookie) -> Self {
        Self {
            address: network(address(forwarded_for.unwrap_or_default(), peer)),
            device: device(user_agent.unwrap_or_default()),
            device_cookie,
        }
    }
}

/// Each proxy appends its peer to `X-Forwarded-For`: last the HTTP API appends the distribution, and before it the distribution the
/// client. Earlier entries come from the client and are not trusted.
fn address<'a>(forwarded_for: &'a str, peer: &'a str) -> &'a str {
    let mut hops = forwarded_for
        .split(',')
        .map(str::trim)
        .filter(|hop| !hop.is_empty())
        .rev()
        .peekable();
    let _ = hops.next_if(|last| *last == peer);
    hops.next().unwrap_or(peer)
}

/// The network that attempts are counted by: an IPv4 address, also if mapped to IPv6; of IPv6 the /64 prefix, the least that providers
/// assign to a customer (RFC 6177). Anything else stays as it is.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Err(_) => address.to_owned(),
    }
}

fn device(user_agent: &str) -> Device {
    let known = |name: &str| (name != "UNKNOWN").then(|| name.to_owned());
    Parser::new().parse(user_agent).map_or_else(Device::default, |found| Device {
        browser: known(found.name),
        system: known(found.os),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_one_the_distribution_saw() {
        for (forwarded, address) in [
            ("198.51.100.7, 203.0.113.1", "198.51.100.7"),
            ("10.0.0.1, 198.51.100.7, 203.0.113.1", "198.51.100.7"),
            ("203.0.113.1", "203.0.113.1"),
            ("198.51.100.7", "198.51.100.7"),
            ("", "203.0.113.1"),
        ] {
            assert_eq!(super::address(forwarded, "203.0.113.1"), address, "{forwarded}");
        }
    }

    #[test]
    fn addresses_are_counted_by_their_network() {
        for (address, network) in [
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("2001:0DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("::ffff:c633:6407", "198.51.100.7"),
            ("198.51.100.7", "198.51.100.7"),
            ("", ""),
            ("nowhere", "nowhere"),
        ] {
            assert_eq!(super::network(address), network, "{address}");
        }
        let forwarded = Some("2001:db8:1:2::1, 2001:db8:9:9::1");
        let client = Client::read(None, forwarded, "2001:db8:9:9::1", DeviceCookie::default());
        assert_eq!(client.address, "2001:db8:1:2::/64");
    }

    #[test]
    fn parses_browser_and_system() {
        let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36";
        let chrome = device(agent);
        assert_eq!(
            (chrome.browser.as_deref(), chrome.system.as_deref()),
            (Some("Chrome"), Some("Windows 10"))
        );
        assert_eq!(device("curl"), Device::default());
    }
}
