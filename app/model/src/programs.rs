//! What programs and the site say to each other, under `/api/v1`. Each shape is in the document that describes it.

use crate::ids::PhotoId;
use crate::photos::{DateSource, Photo, Put, Receipt, Size, State, Step};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// A photo, as a program sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PhotoEntry {
    /// Its identifier.
    pub id: PhotoId,
    /// Name of the file it came from.
    pub name: String,
    /// Size of the original in bytes.
    pub bytes: u64,
    /// SHA-256 of the original in base64, as it was announced.
    pub sha256: String,
    /// What it was found to be on arrival.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// Where it is on its way.
    pub state: State,
    /// Every state it was in, oldest first.
    pub history: Vec<Step>,
    /// Known once it was inspected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// When it was taken, in milliseconds since 1970, as far as is known: `date_source` says from where.
    pub taken_at: Time,
    /// Where `taken_at` is from.
    pub date_source: DateSource,
    /// Since when it is in the trash, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed_at: Option<Time>,
}

impl From<Photo> for PhotoEntry {
    fn from(photo: Photo) -> Self {
        Self {
            id: photo.id,
            name: photo.name,
            bytes: photo.bytes,
            sha256: photo.sha256,
            receipt: photo.receipt,
            state: photo.state,
            history: photo.history,
            size: photo.size,
            taken_at: photo.taken_at,
            date_source: photo.date_source,
            trashed_at: photo.trashed_at,
        }
    }
}

/// A page of the library, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PhotoPage {
    /// The photos.
    pub photos: Vec<PhotoEntry>,
    /// What to ask for as `before` to see older ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<String>,
}

/// What becomes of a photo that a program wants to upload: PUT its bytes to `upload.url` with all of `upload.headers`, then say
/// that it has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UploadGrant {
    /// The photo that is expected, or that has the same bytes.
    pub photo: PhotoEntry,
    /// Where the bytes go; none where the library has them already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<Put>,
}

/// A no, as RFC 9457 has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// Tells problems apart: `urn:shoebox:` and a refusal's name.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is wrong, and what to do about it.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
}
