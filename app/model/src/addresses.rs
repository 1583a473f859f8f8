//! Paths to redirect to.

/// The maximum length of a path in bytes.
const MAX_BYTES: usize = 500;

/// Path and query of a page of this site, to redirect to after signing in. Prevents open redirects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPath(String);

impl OwnPath {
    /// The path, if it is a page of this site. Browsers resolve `//host`, `/\host` and either of them with tabs or line breaks to
    /// another host; and `/api/` has no pages.
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
    fn only_pages_of_this_site_are_accepted() {
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
