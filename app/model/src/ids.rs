//! Identifiers: lower-case hyphenated UUIDs. They are validated when they are parsed, so they are safe in keys and paths.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The text was not a lower-case hyphenated UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an identifier")
    }
}

impl std::error::Error for NotAnId {}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct $name(String);

        impl $name {
            /// The text of the identifier.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                if is_uuid(&text) { Ok(Self(text)) } else { Err(NotAnId) }
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// Identifies a photo. UUID version 7, so that identifiers sort by the time of the grant.
    PhotoId
}
id! {
    /// Identifies an album.
    AlbumId
}
id! {
    /// Identifies an account and its library. The `sub` of the user in Cognito.
    AccountId
}

#[cfg(test)]
mod tests {
    use super::PhotoId;

    #[test]
    fn only_uuids_are_accepted() {
        assert!("0190c9f0-5b1e-7c3a-8d2f-000000000001".parse::<PhotoId>().is_ok());
        for bad in [
            "",
            "x",
            "../../etc/passwd",
            "0190C9F0-5B1E-7C3A-8D2F-000000000001",
            "0190c9f05b1e7c3a8d2f000000000001aaaa",
        ] {
            assert!(bad.parse::<PhotoId>().is_err(), "{bad}");
        }
    }
}
