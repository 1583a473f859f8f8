//! Photos: their states, and what is said when one is uploaded.

use crate::ids::{AccountId, PhotoId};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The largest original that a grant allows, in bytes. One PUT carries it.
pub const MAX_ORIGINAL_BYTES: u64 = 64 * 1024 * 1024;

/// The longest file name that is kept, in characters.
pub const MAX_NAME_CHARS: usize = 200;

/// The media types that a grant allows. What the bytes really are is found out on arrival.
pub const KINDS: [&str; 4] = ["image/jpeg", "image/png", "image/webp", "image/gif"];

/// Where a photo is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum State {
    /// A grant was given; the bytes are not there yet.
    Expected,
    /// The original is there.
    Received,
    /// Renditions are being made.
    Developing {
        /// Formats that are done.
        done: u32,
        /// Formats that will be.
        of: u32,
    },
    /// It can be looked at.
    Ready,
    /// It will not become a photo.
    Refused {
        /// Why.
        reason: Reason,
    },
}

/// Why a photo was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Reason {
    /// The file has no bytes.
    Empty,
    /// The bytes are of no format that is developed.
    NotAPhoto,
    /// The file breaks off or contradicts itself.
    Damaged,
    /// More pixels than are developed.
    TooManyPixels {
        /// As the file's header claims.
        width: u32,
        /// As the file's header claims.
        height: u32,
    },
    /// The bytes that arrived are not those that were announced.
    WrongChecksum,
    /// The bytes never arrived.
    NotDelivered,
    /// Developing failed on our side.
    OurFault,
}

/// A state, and when the photo came into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// The state.
    pub state: State,
    /// Since when.
    pub at: Time,
}

/// Size of the picture as it is looked at, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Size {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// Where a photo's renditions are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Media {
    /// `<photo>/<random>/<generation>`.
    pub folder: String,
    /// Nominal widths that exist, smallest first, in pixels of the long edge.
    pub widths: Vec<u32>,
    /// Formats that exist, by name.
    pub formats: Vec<String>,
    /// The query that proves the link; empty until somebody who may look at the photo asks.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub proof: String,
}

impl Media {
    /// Path and query of the smallest rendition that is at least `width` wide, or of the largest.
    pub fn link(&self, width: u32) -> Option<String> {
        let nominal = self.widths.iter().find(|w| **w >= width).or(self.widths.last())?;
        Some(format!("/media/{}/{nominal}?{}", self.folder, self.proof))
    }
}

/// A photo as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Photo {
    /// Its identifier.
    pub id: PhotoId,
    /// Whose library it belongs to.
    pub library: AccountId,
    /// Name of the file it came from.
    pub name: String,
    /// Size of the original in bytes.
    pub bytes: u64,
    /// Where it is on its way.
    pub state: State,
    /// Every state it was in, oldest first.
    pub history: Vec<Step>,
    /// Known once it was inspected.
    pub size: Option<Size>,
    /// ThumbHash in base64, known once it was inspected.
    pub thumbhash: Option<String>,
    /// When it was taken, or when its grant was given as long as that is unknown.
    pub taken_at: Time,
    /// Since when it is in the trash, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed_at: Option<Time>,
    /// Its renditions, once it is ready.
    pub media: Option<Media>,
}

/// What a browser wants to upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Wanted {
    /// Name of the file.
    pub name: String,
    /// Media type as the browser believes it.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = KINDS)))]
    pub kind: String,
    /// Size in bytes.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_ORIGINAL_BYTES)))]
    pub bytes: u64,
    /// SHA-256 of the bytes in base64.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$")))]
    pub sha256: String,
}

/// Permission to upload one original.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The photo that is now expected.
    pub photo: Photo,
    /// Where to PUT the bytes.
    pub url: String,
    /// Headers that the signature covers, beside `host` and `content-length`.
    pub headers: Vec<(String, String)>,
    /// When the permission ends.
    pub expires: Time,
}

/// A page of the timeline, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The photos.
    pub photos: Vec<Photo>,
    /// What to ask for to see older ones.
    pub older: Option<String>,
    /// A number up to which this page shows all that was told.
    pub number: u64,
}

#[cfg(test)]
mod tests {
    use super::Media;

    #[test]
    fn links_the_smallest_rendition_that_is_large_enough() {
        let media = Media {
            folder: "p/r/1".into(),
            widths: vec![320, 960],
            formats: vec!["jpeg".into()],
            proof: "k=1".into(),
        };
        assert_eq!(media.link(300).as_deref(), Some("/media/p/r/1/320?k=1"));
        assert_eq!(media.link(321).as_deref(), Some("/media/p/r/1/960?k=1"));
        assert_eq!(media.link(4000).as_deref(), Some("/media/p/r/1/960?k=1"));
    }
}
