//! What a request tells of the browser that sends it.

use model::accounts::Device;
use woothee::parser::Parser;

/// The browser at the other end.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Its network address, as those say who passed the request on.
    pub address: String,
    /// Who spoke to the HTTP API: the distribution, or somebody who went past it and may have invented the address.
    pub peer: String,
    /// What it says it is.
    pub device: Device,
}

impl Client {
    /// Reads a request's headers. `peer` is who spoke to the HTTP API.
    pub fn read(user_agent: Option<&str>, forwarded_for: Option<&str>, peer: &str) -> Self {
        Self {
            address: address(forwarded_for.unwrap_or_default(), peer),
            peer: peer.to_owned(),
            device: device(user_agent.unwrap_or_default()),
        }
    }
}

/// Each that passes a request on adds whom it had it from: last the HTTP API adds the distribution, before it stands whom
/// the distribution saw. What stands further to the front anybody may have written.
fn address(forwarded_for: &str, peer: &str) -> String {
    let mut hops = forwarded_for
        .split(',')
        .map(str::trim)
        .filter(|hop| !hop.is_empty())
        .rev()
        .peekable();
    let _ = hops.next_if(|last| *last == peer);
    hops.next().unwrap_or(peer).to_owned()
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
    fn the_address_is_whom_the_distribution_saw() {
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
    fn knows_browsers_and_systems_by_name() {
        let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36";
        let chrome = device(agent);
        assert_eq!(
            (chrome.browser.as_deref(), chrome.system.as_deref()),
            (Some("Chrome"), Some("Windows 10"))
        );
        assert_eq!(device("curl"), Device::default());
    }
}
