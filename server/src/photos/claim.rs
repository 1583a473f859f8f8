//! Deduplication: at most one photo of a library has the same bytes, whatever is granted concurrently.

use crate::aws::table::{Key, keys};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::ids::{AccountId, PhotoId};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The photo that has these bytes, or had them last. It may be refused, or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRecord {
    /// Schema version.
    pub version: u32,
    /// The photo.
    pub photo: PhotoId,
}

impl ClaimRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// The claim of a photo.
    pub fn of(photo: &PhotoId) -> Self {
        Self {
            version: Self::VERSION,
            photo: photo.clone(),
        }
    }

    /// Its key, by the SHA-256 in base64.
    pub fn key(library: &AccountId, sha256: &str) -> Key {
        keys::claim(library, &hex(sha256))
    }
}

/// Whether a text is a SHA-256 in base64.
pub fn is_sha256(text: &str) -> bool {
    STANDARD.decode(text).is_ok_and(|hash| hash.len() == 32)
}

/// Base64 as hex, as sort keys have it.
fn hex(base64: &str) -> String {
    let bytes = STANDARD.decode(base64).unwrap_or_default();
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
