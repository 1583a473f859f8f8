//! Addresses that a page hands to itself.

/// The longest path that is kept, in bytes.
const MAX_BYTES: usize = 500;

/// Path and query of a page of this site: where somebody goes on once they are signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPath(String);

impl OwnPath {
    /// The path, if it can lead nowhere but to a page of this site. Browsers take `//host`, `/\host` and either of them
    /// with tabs and line ends between for another site; and `/api/` is for forms, not for people.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let own = path.starts_with('/') && !path.contains("//") && !path.starts_with("/api/");
        (plain && own && text.len() <= MAX_BYTES).then(|| Self(text.to_owned()))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::OwnPath;

    #[test]
    fn leads_to_this_site_alone() {
        for own in ["/", "/photos/1", "/?before=a%23b", "/albums/1?to=//x", "/a/./b"] {
            assert_eq!(OwnPath::parse(own).as_ref().map(OwnPath::as_str), Some(own));
        }
        let long = format!("/{}", "a".repeat(500));
        for bad in [
            "",
            "photos",
            "//example.org",
            "///example.org",
            "/\\example.org",
            "\\\\example.org",
            "/\t/example.org",
            "/\n/example.org",
            " //example.org",
            "https://example.org",
            "javascript:alert(1)",
            "/.//example.org",
            "/a b",
            "/é",
            "/api/accounts/sign_out",
            &long,
        ] {
            assert_eq!(OwnPath::parse(bad), None, "{bad:?}");
        }
    }
}
